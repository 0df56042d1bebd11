//! A database, and the client of its own.
use obs_databases::lines::Dialect;
use obs_databases::{Product, Server};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A database that programs write to.
#[derive(Debug)]
pub struct Place {
    /// Its address, with name and password.
    pub url: String,
    database: String,
    file: Option<PathBuf>,
    server: Option<Server>,
}

impl Place {
    /// A file of SQLite's in `root`; `None` where its client is not installed.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn file(root: &Path) -> io::Result<Option<Self>> {
        std::fs::create_dir_all(root)?;
        let file = root.join("records.db");
        let place = Self {
            url: format!("sqlite://{}", file.display()),
            database: String::new(),
            file: Some(file),
            server: None,
        };
        let is_there = Command::new("sqlite3").arg("-version").output().is_ok();
        Ok(is_there.then_some(place))
    }

    /// A server of its own; `None` where it is not installed.
    ///
    /// # Errors
    ///
    /// What the system says, or the server.
    pub fn server(product: Product) -> io::Result<Option<Self>> {
        let Some(server) = Server::start(product)? else { return Ok(None) };
        let (url, database) = (String::new(), String::new());
        Ok(Some(Self { url, database, file: None, server: Some(server) }))
    }

    /// What it is.
    #[must_use]
    pub fn name(&self) -> String {
        self.server.as_ref().map_or("SQLite".to_owned(), |server| server.product().to_string())
    }

    /// Goes on with an empty database.
    ///
    /// # Errors
    ///
    /// What the system says, or the server.
    pub fn renew(&mut self, name: &str) -> io::Result<()> {
        if let Some(server) = &self.server {
            server.create(name)?;
            (self.url, self.database) = (server.url(name), name.to_owned());
        } else if let Some(file) = &mut self.file {
            file.set_file_name(format!("{name}.db"));
            self.url = format!("sqlite://{}", file.display());
        }
        Ok(())
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.server.as_ref().map_or(Dialect::Sqlite, |server| server.product().into())
    }

    pub(super) fn server_mut(&mut self) -> Option<&mut Server> {
        self.server.as_mut()
    }

    /// The client, with a statement.
    fn client(&self, statement: &str) -> Command {
        match (&self.server, &self.file) {
            (Some(server), _) => server.client(&self.database, statement),
            (None, file) => {
                let mut client = Command::new("sqlite3");
                client.args(["-batch", "-bail", "-cmd", ".timeout 60000"]);
                client.args(file).arg(statement);
                client
            }
        }
    }

    /// What the client prints of a statement, line by line.
    pub(super) fn lines(
        &self,
        statement: &str,
        take: &mut dyn FnMut(&str) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut client = self.client(statement);
        let mut child = client.stdout(Stdio::piped()).stdin(Stdio::null()).spawn()?;
        if let Some(stdout) = child.stdout.take() {
            for line in BufReader::new(stdout).lines() {
                take(&line?)?;
            }
        }
        let status = child.wait()?;
        match status.success() {
            true => Ok(()),
            false => Err(io::Error::other(format!("{}'s client: {status}", self.name()))),
        }
    }

    /// The number of rows of a table.
    pub(super) fn count(&self, table: &str) -> io::Result<u64> {
        let mut count = 0;
        self.lines(&format!("SELECT COUNT(*) FROM {table}"), &mut |line| {
            count = line.trim().parse().map_err(io::Error::other)?;
            Ok(())
        })?;
        Ok(count)
    }

    /// Locks the tables, until the client that is returned is let go.
    pub(super) fn lock(&self) -> io::Result<Locked> {
        let (mut client, lock) = match (&self.server, &self.file) {
            (Some(server), _) => {
                let mut client = server.console(&self.database);
                client.stdout(Stdio::null());
                let lock = match server.product() {
                    Product::Postgres => {
                        "BEGIN; LOCK TABLE obs_runs, obs_logs, obs_spans IN ACCESS EXCLUSIVE MODE;\n"
                    }
                    Product::MariaDb => "LOCK TABLES obs_runs WRITE, obs_logs WRITE;\n",
                };
                (client, lock)
            }
            (None, file) => {
                let mut client = Command::new("sqlite3");
                client.arg("-batch").args(file);
                (client, ".timeout 60000\nBEGIN EXCLUSIVE;\n")
            }
        };
        let mut child = client.stdin(Stdio::piped()).spawn()?;
        if let Some(stdin) = &mut child.stdin {
            stdin.write_all(lock.as_bytes())?;
            stdin.flush()?;
        }
        Ok(Locked(child))
    }
}

/// A client that holds a lock. It lets go when its input ends.
#[derive(Debug)]
pub(super) struct Locked(Child);

impl Drop for Locked {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // What it had to say about the lock nobody waits for.
        let _ended = self.0.wait().is_ok();
    }
}
