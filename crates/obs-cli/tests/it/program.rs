//! The programs whose runs are looked at: this test program itself, run again with its orders in the environment.
use crate::kinds::{PASSWORDS, PREFIXED, shaped, token};
use obs::{Context, Filter, Settings};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tracing::{debug, error, info, info_span, trace, warn};

const ORDERS: &str = "CLI_TEST_PROGRAM";
const READY: &str = "@ready ";

/// A program that has done its work and waits to be told how to end.
pub(crate) struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    pub(crate) run: PathBuf,
}

impl Program {
    /// Starts a program and waits until it says that it has done its work.
    pub(crate) fn start(root: &Path, service: &str, how: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "program::child_of_the_other_tests", "--test-threads=1"])
            .env(KNOWN.0, KNOWN.1)
            .env(ORDERS, format!("{how}|{service}|{}", root.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let run = loop {
            line.clear();
            assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "the program ended early");
            if let Some((_, run)) = line.trim_end().split_once(READY) {
                break PathBuf::from(run);
            }
        };
        Self { child, stdin, stdout, run }
    }

    /// Lets the program end as it wants to.
    pub(crate) fn end(mut self) -> PathBuf {
        self.stdin = None;
        self.stdout.read_to_end(&mut Vec::new()).unwrap();
        self.child.wait().unwrap();
        self.run.clone()
    }

    /// Kills the program.
    pub(crate) fn kill(mut self) -> PathBuf {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.run.clone()
    }

    /// The run's id.
    pub(crate) fn id(run: &Path) -> &str {
        run.file_name().unwrap().to_str().unwrap().rsplit_once('_').unwrap().1
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) && self.child.kill().is_ok() {
            self.child.wait().unwrap();
        }
    }
}

/// Does what the environment orders, if it does.
#[test]
fn child_of_the_other_tests() {
    let Some([how, service, root]) = orders() else { return };
    let mut settings = Settings::default();
    settings.service = service;
    settings.run_root = Some(root.into());
    settings.ring_place = obs::settings::RingPlace::RunDir;
    settings.stage_bytes = 1 << 20;
    settings.segment_bytes = 1 << 20;
    settings.capture = Some(Filter::parse("trace").unwrap());
    settings.log_level = obs::Level::Debug;
    settings.overflow = obs::settings::Overflow::Block;
    settings.console = false;
    settings.recover = false;
    if how == "panic" {
        std::panic::set_hook(Box::new(|_| {}));
    }
    let run = obs::init_with(settings).unwrap();
    let directory = run.dir().unwrap().to_owned();
    match how.as_str() {
        "hostile" => hostile(),
        "artifact" => run.artifact(directory.join("report.txt"), "report"),
        "secrets" => leak(&run),
        "missing-artifact" => run.artifact("/nowhere/at/all", "model"),
        _ => {}
    }
    run.set_context(&Context::new().with("equip_id", "FD_FAN"));
    let job = info_span!(target: "app", "job", id = 7).entered();
    work();
    say_ready(&directory);
    match how.as_str() {
        "busy" => be_busy(),
        "restless" => be_restless(),
        _ => {}
    }
    let told = std::io::stdin().read_to_end(&mut Vec::new());
    match how.as_str() {
        "abort" => std::process::abort(),
        "exit" => std::process::exit(3),
        "panic" => panic!("\u{1b}[2J\u{202e}no way\nout {}", "x ".repeat(1 << 19)),
        _ => drop(job),
    }
    let delivery = run.finish(Duration::from_secs(20));
    assert!(told.is_ok() && delivery.is_complete(), "{delivery}");
}

/// A secret in the environment of all programs that [`leak`].
pub(crate) const KNOWN: (&str, &str) = ("APP_PASSWORD", "Lantern-zebra-41");

/// Of the tokens that they log.
pub(crate) const SEED: u64 = 41;

/// Logs secrets of many kinds in many ways.
fn leak(run: &obs::Run) {
    for (kind, secret) in shaped() {
        info!(target: "leak", kind, "got {secret}");
        info!(target: "leak", kind, value = secret, "in a field");
        info!(target: "leak", kind, body = %serde_json::json!({ "a": [secret] }), "in JSON");
        run.artifact(format!("/no/such/{secret}"), "output");
        let span = info_span!(target: "leak", "step", input = secret).entered();
        error!(target: "leak", error = ?Err::<(), _>(&secret), "in an error");
        drop(span);
    }
    for kind in PREFIXED {
        info!(target: "leak", "got {}", token(kind, SEED));
    }
    for password in PASSWORDS {
        info!(target: "leak", "db password={password} user=ada");
    }
    info!(target: "leak", "known {} as it is", KNOWN.1);
}

#[expect(clippy::disallowed_methods, reason = "a test child gets its orders by the environment")]
fn orders() -> Option<[String; 3]> {
    let orders = std::env::var(ORDERS).ok()?;
    let mut parts = orders.splitn(3, '|').map(str::to_owned);
    Some([parts.next()?, parts.next()?, parts.next()?])
}

fn say_ready(directory: &Path) {
    let line = format!("\n{READY}{}\n", directory.display());
    let mut stdout = std::io::stdout();
    stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush()).unwrap();
}

fn work() {
    info!(target: "app", rows = 1500, ratio = 0.25, "batch loaded");
    {
        let _request = Context::new().with("request_id", "7f3a").enter();
        let _step = info_span!(target: "app::disk", "step", name = "load").entered();
        warn!(target: "app::disk", attempt = 2, path = "my data.csv", "slow disk");
    }
    let cause = std::io::Error::other("disk on fire");
    error!(target: "app", error = &cause as &(dyn std::error::Error + 'static), "cannot save");
    debug!(target: "app::cache", hits = 3, level = "gold", "cache warm");
    trace!(target: "app::cache", "fine print");
    info!(target: "app", "ready");
}

/// Logs several times as much as the stage can hold.
fn be_busy() {
    (0..60_000).for_each(log_number);
}

/// Logs as fast as it can until it is told to end.
fn be_restless() {
    let is_told = Arc::new(AtomicBool::new(false));
    let tell = Arc::clone(&is_told);
    let wait = move || {
        let end = std::io::stdin().read_to_end(&mut Vec::new());
        tell.store(true, Ordering::Relaxed);
        end
    };
    let waiting = std::thread::Builder::new().spawn(wait).unwrap();
    (0..).take_while(|_| !is_told.load(Ordering::Relaxed)).for_each(log_number);
    assert!(waiting.join().unwrap().is_ok());
}

fn log_number(number: u64) {
    info!(target: "app", number, "busy");
}

fn hostile() {
    let _span =
        info_span!(target: "app", "evil\u{1b}[2J\u{202e}", "key\u{9b}" = "v\u{7f}").entered();
    let _context = Context::new().with("c\u{1b}]0;x\u{7}", "\r\nforged line").enter();
    info!(target: "app\u{1b}[31m", { "field\n2026-11-22" = "\u{2028}\u{200f}" }, "two\nlines\u{1b}[1A");
    std::mem::forget(_span);
}

#[test]
fn the_programs_directory_is_named_after_its_run() {
    let directory = tempfile::tempdir().unwrap();
    let run = Program::start(directory.path(), "acm", "work").end();
    assert_eq!(run.parent(), Some(directory.path()));
    assert_eq!(Program::id(&run).len(), 36);
}
