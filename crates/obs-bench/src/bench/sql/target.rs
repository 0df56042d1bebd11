//! Databases that are installed, each empty when it is asked for.
use obs_databases::{Product, Server};
use obs_sql_sink::SqlOptions;
use std::path::{Path, PathBuf};

pub(super) struct Target {
    directory: PathBuf,
    server: Option<Server>,
    count: u32,
}

impl Target {
    pub(super) fn all(directory: &Path) -> anyhow::Result<Vec<Self>> {
        let target = |server| Self { directory: directory.to_owned(), server, count: 0 };
        let mut all = vec![target(None)];
        for product in Product::ALL {
            if let Some(server) = Server::start(product)? {
                all.push(target(Some(server)));
            }
        }
        Ok(all)
    }

    pub(super) fn name(&self) -> String {
        let name = self.server.as_ref().map(|server| server.product().to_string());
        name.unwrap_or_else(|| "sqlite".to_owned()).to_lowercase()
    }

    /// An empty database.
    pub(super) fn fresh(&mut self) -> anyhow::Result<SqlOptions> {
        self.count += 1;
        let name = format!("bench{}", self.count);
        let url = match &self.server {
            Some(server) => {
                if self.count > 1 {
                    server.ask("", &format!("DROP DATABASE bench{}", self.count - 1))?;
                }
                server.create(&name)?;
                server.url(&name)
            }
            None => {
                format!("sqlite://{}", self.directory.join(name).with_extension("db").display())
            }
        };
        Ok(SqlOptions::new(url.parse()?))
    }
}
