//! Throw-away clusters of PostgreSQL and MariaDB, for tests that stop, kill and lock them.
//!
//! A [`Server`] is made from the installed binaries in a directory of its own, listens on a free port of this machine,
//! and is killed when its value is dropped or the process that holds it dies. A process of root's runs it as the user
//! `nobody`, for servers refuse to be root's.
//!
//! ```no_run
//! use obs_databases::{Product, Server};
//!
//! let Some(mut server) = Server::start(Product::Postgres)? else {
//!     println!("PostgreSQL is not installed here");
//!     return Ok(());
//! };
//! server.create("logs")?;
//! println!("{}", server.url("logs"));
//! server.kill()?;
//! server.restart()?;
//! # Ok::<(), std::io::Error>(())
//! ```
#![forbid(unsafe_code)]

mod binaries;
mod cluster;
pub mod lines;
mod product;

pub use cluster::{PASSWORD, Server, USER};
pub use product::Product;
