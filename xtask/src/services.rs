//! `cargo xtask services`: databases to try things with, thrown away afterwards.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use obs_databases::{Product, Server};
use serde::{Deserialize, Serialize};

use crate::command::{Command, Verdict};
use crate::workspace::Workspace;

pub(crate) const COMMAND: Command = Command {
    name: "services",
    line: "start and stop throw-away clusters of PostgreSQL and MariaDB",
    help: "\
usage: cargo xtask services start|stop|status

start   makes a cluster of each that is installed, with an empty database `obs`, on free ports of
        this machine, and prints their addresses; root's run as the user `nobody`
stop    ends them, and removes all that they wrote
status  prints the addresses of those that run; exit code 1 when none does",
    run,
};

/// The database that is there from the start.
const DATABASE: &str = "obs";
/// How often it is looked whether something has happened, and how many times.
const LOOK: (Duration, u32) = (Duration::from_millis(50), 2_400);

/// What runs, and who holds it.
#[derive(Debug, Serialize, Deserialize)]
struct State {
    pid: u32,
    services: Vec<Service>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Service {
    product: String,
    url: String,
}

fn run(args: &[String], out: &mut dyn Write) -> Result<Verdict> {
    let place = Workspace::load()?.target.join("services");
    match args {
        [word] if word == "start" => start(&place, out),
        [word] if word == "stop" => stop(&place, out),
        [word] if word == "status" => status(&place, out),
        [word] if word == "hold" => hold(&place),
        _ => bail!("one of start, stop and status; see --help"),
    }
}

fn start(place: &Path, out: &mut dyn Write) -> Result<Verdict> {
    if let Some(state) = running(place) {
        return print(&state, out);
    }
    fs::create_dir_all(place)?;
    remove(&state_file(place))?;
    let log = place.join("log");
    let to = fs::File::create(&log)?;
    let mut holder = Process::new(std::env::current_exe()?);
    holder.args(["services", "hold"]).stdin(Stdio::null());
    // It stays when the terminal or the shell that started it goes.
    std::os::unix::process::CommandExt::process_group(&mut holder, 0);
    let mut holder = holder.stdout(to.try_clone()?).stderr(to).spawn()?;
    for _ in 0..LOOK.1 {
        if let Some(state) = running(place) {
            return print(&state, out);
        }
        if let Some(status) = holder.try_wait()? {
            bail!("{status}: {}", fs::read_to_string(&log).unwrap_or_default().trim());
        }
        thread::sleep(LOOK.0);
    }
    holder.kill()?;
    bail!("they do not start; see {}", log.display())
}

/// Holds the servers until somebody kills this process: they go with it.
fn hold(place: &Path) -> Result<Verdict> {
    let (mut servers, mut services) = (Vec::new(), Vec::new());
    for product in Product::ALL {
        if let Some(server) = Server::start(product)? {
            server.create(DATABASE)?;
            services.push(Service { product: product.to_string(), url: server.url(DATABASE) });
            servers.push(server);
        }
    }
    if servers.is_empty() {
        bail!("neither PostgreSQL nor MariaDB is installed here");
    }
    let text = serde_json::to_string(&State { pid: std::process::id(), services })?;
    let new = place.join("state.new");
    fs::write(&new, text)?;
    fs::rename(new, state_file(place))?;
    loop {
        thread::park();
    }
}

fn stop(place: &Path, out: &mut dyn Write) -> Result<Verdict> {
    let Some(state) = running(place) else {
        writeln!(out, "none runs")?;
        return Ok(Verdict::Passed);
    };
    let pid = state.pid.to_string();
    let status = Process::new("kill").arg(&pid).status().context("cannot run `kill`")?;
    for _ in 0..LOOK.1 {
        if running(place).is_none() {
            remove(&state_file(place))?;
            writeln!(out, "stopped")?;
            return Ok(Verdict::Passed);
        }
        thread::sleep(LOOK.0);
    }
    bail!("process {pid} does not end (kill: {status})")
}

fn status(place: &Path, out: &mut dyn Write) -> Result<Verdict> {
    match running(place) {
        Some(state) => print(&state, out),
        None => {
            writeln!(out, "none runs")?;
            Ok(Verdict::Failed)
        }
    }
}

fn print(state: &State, out: &mut dyn Write) -> Result<Verdict> {
    for service in &state.services {
        writeln!(out, "{:<10}  {}", service.product, service.url)?;
    }
    Ok(Verdict::Passed)
}

/// What runs, if its holder does.
fn running(place: &Path) -> Option<State> {
    let text = fs::read_to_string(state_file(place)).ok()?;
    let state: State = serde_json::from_str(&text).ok()?;
    let command = fs::read(format!("/proc/{}/cmdline", state.pid)).ok()?;
    let is_ours = command.split(|byte| *byte == 0).any(|word| word == b"hold");
    is_ours.then_some(state)
}

fn state_file(place: &Path) -> PathBuf {
    place.join("state.json")
}

fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
