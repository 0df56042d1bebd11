//! A server with a directory of its own.
use crate::Product;
use crate::binaries::find;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{self, ErrorKind};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Who may do everything there.
pub const USER: &str = "obs";
/// The password of [`USER`]. Made up, and good for nothing else.
pub const PASSWORD: &str = "Z8w-kestrel-41";

const CERTIFICATE: &str = "server.crt";
const KEY: &str = "server.key";
/// The user that runs servers for root.
const NOBODY: u32 = 65_534;
/// How often it is asked whether a server is there, and how many times.
const ASK: (Duration, u32) = (Duration::from_millis(50), 1_200);

/// A server that runs, or has been stopped.
#[derive(Debug)]
pub struct Server {
    product: Product,
    programs: Programs,
    directory: TempDir,
    port: u16,
    /// A shell that starts the server, and kills it when its input ends: that of a process that was killed ends, too.
    guard: Option<Child>,
}

#[derive(Debug)]
struct Programs {
    server: PathBuf,
    install: PathBuf,
    client: PathBuf,
}

impl Programs {
    fn of(product: Product) -> Option<Self> {
        let names: [&[&str]; 3] = match product {
            Product::Postgres => [&["postgres"], &["initdb"], &["psql"]],
            Product::MariaDb => [
                &["mariadbd", "mysqld"],
                &["mariadb-install-db", "mysql_install_db"],
                &["mariadb", "mysql"],
            ],
        };
        let [server, install, client] = names.map(find);
        Some(Self { server: server?, install: install?, client: client? })
    }
}

impl Server {
    /// Makes a cluster and starts its server; `None` where none is installed.
    ///
    /// # Errors
    ///
    /// What the system says, or the server in its log.
    pub fn start(product: Product) -> io::Result<Option<Self>> {
        Self::start_with(product, None)
    }

    /// The same, with a certificate and its key, in PEM: its clients may speak TLS.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_secured(product: Product, tls: (&str, &str)) -> io::Result<Option<Self>> {
        Self::start_with(product, Some(tls))
    }

    fn start_with(product: Product, tls: Option<(&str, &str)>) -> io::Result<Option<Self>> {
        let Some(programs) = Programs::of(product) else { return Ok(None) };
        let directory = tempfile::Builder::new().prefix("obs-db-").tempdir()?;
        let mut server = Self { product, programs, directory, port: free_port()?, guard: None };
        server.install()?;
        if let Some((certificate, key)) = tls {
            server.put(CERTIFICATE, certificate)?;
            server.put(KEY, key)?;
        }
        server.restart()?;
        server.found()?;
        Ok(Some(server))
    }

    /// What it is.
    #[must_use]
    pub fn product(&self) -> Product {
        self.product
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The file to which it writes what it has to say.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.directory.path().join("server.log")
    }

    /// The address of one of its databases, with name and password.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let scheme = self.product.scheme();
        format!("{scheme}://{USER}:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database.
    ///
    /// # Errors
    ///
    /// What the client says.
    pub fn create(&self, database: &str) -> io::Result<()> {
        let tail = match self.product {
            Product::Postgres => "",
            Product::MariaDb => " CHARACTER SET utf8mb4",
        };
        self.ask("", &format!("CREATE DATABASE {database}{tail}")).map(|_| ())
    }

    /// What the product's own client prints of a statement: a line a row, tabs between values.
    ///
    /// # Errors
    ///
    /// What the client says.
    pub fn ask(&self, database: &str, statement: &str) -> io::Result<String> {
        let output = self.client(database, statement).output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(io::Error::other(format!("{}: {said}", self.product)));
        }
        String::from_utf8(output.stdout).map_err(io::Error::other)
    }

    /// The product's own client with a statement.
    #[must_use]
    pub fn client(&self, database: &str, statement: &str) -> Command {
        let mut client = self.console(database);
        client.arg(if self.product == Product::Postgres { "-c" } else { "-e" }).arg(statement);
        client.stdin(Stdio::null());
        client
    }

    /// The product's own client, which reads statements from its standard input.
    #[must_use]
    pub fn console(&self, database: &str) -> Command {
        let mut client = Command::new(&self.programs.client);
        let port = self.port.to_string();
        match self.product {
            Product::Postgres => {
                let database = if database.is_empty() { "postgres" } else { database };
                client.env("PGPASSWORD", PASSWORD).args(["-X", "-q", "-A", "-t", "-v"]);
                client.args(["ON_ERROR_STOP=1", "-v", "FETCH_COUNT=10000", "-F", "\t"]);
                client.args(["-h", "127.0.0.1", "-p", &port, "-U", USER, "-d", database]);
            }
            Product::MariaDb => {
                client.env("MYSQL_PWD", PASSWORD).args(["--no-defaults", "-B", "-N", "-r", "-h"]);
                client.args(["127.0.0.1", "-P", &port, "-u", USER, "--protocol=tcp"]);
                client.args(["--default-character-set=utf8mb4", "--quick"]);
                if !database.is_empty() {
                    client.arg(database);
                }
            }
        }
        client
    }

    /// Ends it in an orderly way, though without waiting for its clients.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn stop(&mut self) -> io::Result<()> {
        let fast = match self.product {
            Product::Postgres => Signal::INT,
            Product::MariaDb => Signal::TERM,
        };
        self.end_by(fast)
    }

    /// Kills it as a crash would.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn kill(&mut self) -> io::Result<()> {
        // PostgreSQL's main process takes the others along when it is asked to end at once.
        let signal = match self.product {
            Product::Postgres => Signal::QUIT,
            Product::MariaDb => Signal::KILL,
        };
        self.end_by(signal)
    }

    /// Ends the connections of all others.
    ///
    /// # Errors
    ///
    /// What the client says.
    pub fn disconnect_all(&self) -> io::Result<()> {
        match self.product {
            Product::Postgres => {
                let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                           WHERE pid <> pg_backend_pid() AND application_name = 'obs'";
                self.ask("", all).map(|_| ())
            }
            Product::MariaDb => {
                let all = "SELECT id FROM information_schema.processlist \
                           WHERE id <> CONNECTION_ID() AND db IS NOT NULL";
                for id in self.ask("", all)?.lines() {
                    // One that has gone by itself meanwhile is gone all the same.
                    let _gone = self.ask("", &format!("KILL {id}")).is_err();
                }
                Ok(())
            }
        }
    }

    /// Starts it again where it was.
    ///
    /// # Errors
    ///
    /// What the system says, or the server in its log.
    pub fn restart(&mut self) -> io::Result<()> {
        match std::fs::remove_file(self.keep_file()) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log())?;
        let mut guard = self.unprivileged("/bin/sh");
        // The shell keeps the server's number in a file, so that it can be told to end in one way or another. What
        // statics hold is never dropped, so the shell removes the directory, too.
        guard.arg("-c").arg(
            "place=$1; shift; \"$@\" </dev/null & echo $! > \"$place/server.pid\"; \
             cat >/dev/null; kill -9 $! 2>/dev/null; wait $!; \
             [ -e \"$place/keep\" ] || rm -rf \"$place\"",
        );
        guard.arg("guard").arg(self.directory.path()).arg(&self.programs.server);
        guard.args(self.options());
        guard.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
        self.guard = Some(guard.spawn()?);
        for _ in 0..ASK.1 {
            if self.is_there() {
                return Ok(());
            }
            std::thread::sleep(ASK.0);
        }
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(10).collect();
        Err(io::Error::new(
            ErrorKind::TimedOut,
            format!("{} does not start: {}", self.product, tail.join("; ")),
        ))
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// While it is there, the end of the server is not that of its directory.
    fn keep_file(&self) -> PathBuf {
        self.directory.path().join("keep")
    }

    fn options(&self) -> Vec<String> {
        let (data, port) = (self.data(), self.port);
        let (data, place) = (data.display(), self.directory.path().display());
        let mut options = match self.product {
            Product::Postgres => vec![
                "-D".into(),
                data.to_string(),
                "-p".into(),
                port.to_string(),
                "-k".into(),
                place.to_string(),
                "-c".into(),
                "listen_addresses=127.0.0.1".into(),
                "-c".into(),
                "max_connections=60".into(),
            ],
            Product::MariaDb => vec![
                "--no-defaults".into(),
                format!("--datadir={data}"),
                format!("--port={port}"),
                "--bind-address=127.0.0.1".into(),
                format!("--socket={place}/server.sock"),
                format!("--pid-file={place}/mariadb.pid"),
                "--skip-name-resolve".into(),
            ],
        };
        if self.directory.path().join(KEY).exists() {
            options.extend(match self.product {
                Product::Postgres => vec![
                    "-c".to_owned(),
                    "ssl=on".to_owned(),
                    "-c".to_owned(),
                    format!("ssl_cert_file={place}/{CERTIFICATE}"),
                    "-c".to_owned(),
                    format!("ssl_key_file={place}/{KEY}"),
                ],
                Product::MariaDb => vec![
                    format!("--ssl-cert={place}/{CERTIFICATE}"),
                    format!("--ssl-key={place}/{KEY}"),
                ],
            });
        }
        options
    }

    /// Makes the directory of a cluster.
    fn install(&self) -> io::Result<()> {
        let (data, place) = (self.data(), self.directory.path());
        give(place)?;
        let password = self.put("password", PASSWORD)?;
        let mut install = self.unprivileged(&self.programs.install);
        match self.product {
            Product::Postgres => {
                install.arg("-D").arg(&data).args(["-U", USER, "-E", "UTF8", "--no-sync"]);
                install.args(["--locale=C", "--auth=scram-sha-256"]);
                install.arg("--pwfile").arg(&password);
            }
            Product::MariaDb => {
                std::fs::create_dir(&data)?;
                give(&data)?;
                install.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
                install.args(["--skip-test-db", "--auth-root-authentication-method=normal"]);
            }
        }
        let output = install.stdin(Stdio::null()).output()?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(io::Error::other(format!("{} cannot be set up: {said}", self.product)))
    }

    /// Writes a file that the server reads, and nobody else.
    fn put(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        use std::os::unix::fs::PermissionsExt;
        let path = self.directory.path().join(name);
        std::fs::write(&path, text)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        give(&path)?;
        Ok(path)
    }

    /// Makes the user of a new cluster.
    fn found(&self) -> io::Result<()> {
        if self.product == Product::Postgres {
            return Ok(());
        }
        let mut client = Command::new(&self.programs.client);
        client.args(["--no-defaults", "-u", "root", "-S"]);
        client.arg(self.directory.path().join("server.sock")).arg("-e");
        client.arg(format!(
            "CREATE USER {USER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'; \
             GRANT ALL ON *.* TO {USER}@'127.0.0.1' WITH GRANT OPTION"
        ));
        let output = client.output()?;
        match output.status.success() {
            true => Ok(()),
            false => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())),
        }
    }

    /// Whether it takes connections.
    fn is_there(&self) -> bool {
        let mut client = match self.product {
            Product::Postgres => self.client("", "SELECT 1"),
            Product::MariaDb => {
                let mut client = Command::new(&self.programs.client);
                client.args(["--no-defaults", "-u", "root", "-S"]);
                client.arg(self.directory.path().join("server.sock")).args(["-e", "SELECT 1"]);
                client
            }
        };
        client.output().is_ok_and(|output| output.status.success())
    }

    fn end_by(&mut self, signal: Signal) -> io::Result<()> {
        let Some(mut guard) = self.guard.take() else { return Ok(()) };
        std::fs::write(self.keep_file(), "")?;
        let pid = std::fs::read_to_string(self.directory.path().join("server.pid"))?;
        if let Some(pid) = pid.trim().parse().ok().and_then(Pid::from_raw) {
            match kill_process(pid, signal) {
                Ok(()) | Err(rustix::io::Errno::SRCH) => {}
                Err(error) => return Err(error.into()),
            }
            // The server is the shell's child: it is gone when nobody answers to its number.
            for _ in 0..ASK.1 {
                if rustix::process::test_kill_process(pid).is_err() || is_zombie(pid) {
                    break;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        drop(guard.stdin.take());
        guard.wait().map(|_| ())
    }

    /// A program that runs as nobody if this process is root's.
    fn unprivileged(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(self.directory.path());
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}

fn is_zombie(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    stat.is_ok_and(|stat| stat.rsplit_once(')').is_some_and(|(_, rest)| rest.starts_with(" Z")))
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Lets the user that runs servers have a file.
fn give(path: &Path) -> io::Result<()> {
    match is_root() {
        true => std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)),
        false => Ok(()),
    }
}

/// A port that was free a moment ago.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(mut guard) = self.guard.take() else { return };
        drop(guard.stdin.take());
        // Whether it could be waited for or not: nothing is left to do.
        let _ended = guard.wait().is_ok();
    }
}
