//! Somebody else's collector, between the processes and the receiver.
use anyhow::Context;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// How long a collector may take to listen, and to send on what it has.
const PATIENCE: Duration = Duration::from_secs(20);
const AGAIN: Duration = Duration::from_millis(20);

/// A collector that runs.
#[derive(Debug)]
pub(crate) struct Collector {
    child: Child,
    pub(crate) endpoint: String,
}

impl Collector {
    /// Starts it by this command of the shell, and waits until it listens.
    pub(crate) async fn start(command: &str, out: &str) -> anyhow::Result<Self> {
        let address = free_address().await?;
        let command = command.replace("{in}", &address.to_string()).replace("{out}", out);
        let child = Command::new("sh")
            .args(["-c", &format!("exec {command}")])
            .kill_on_drop(true)
            .spawn()
            .with_context(|| command.clone())?;
        let mut collector = Self { child, endpoint: format!("http://{address}") };
        let listens = timeout(PATIENCE, collector.listens(address)).await;
        listens.with_context(|| format!("`{command}` does not listen on {address}"))??;
        Ok(collector)
    }

    async fn listens(&mut self, address: SocketAddr) -> anyhow::Result<()> {
        while TcpStream::connect(address).await.is_err() {
            if let Some(status) = self.child.try_wait()? {
                anyhow::bail!("the collector ended with {status}");
            }
            sleep(AGAIN).await;
        }
        Ok(())
    }

    /// Tells it to end, and waits until it has, and with that sent on what it has.
    pub(crate) async fn end(mut self) -> anyhow::Result<()> {
        let pid = self.child.id().context("the collector has ended by itself")?;
        let told = Command::new("kill").arg(pid.to_string()).status().await?;
        anyhow::ensure!(told.success(), "the collector cannot be told to end");
        let status = timeout(PATIENCE, self.child.wait()).await;
        let status = status.context("the collector does not end")??;
        anyhow::ensure!(status.success(), "the collector ended with {status}");
        Ok(())
    }
}

/// An address on which nobody listens, unless somebody begins to meanwhile.
async fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()
}
