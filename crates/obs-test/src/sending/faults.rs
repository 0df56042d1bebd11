//! Receivers and networks that do not behave.
use super::Said;
use super::judge::arrived;
use crate::spread::Spread;
use obs_receiver::{Behaviour, Certificates, Gate, Receiver, ReceiverOptions, Weather};
use serde::Serialize;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

/// What is done before anything is counted.
const WARM_UP: Duration = Duration::from_secs(1);
/// How long what is left is tried to be sent.
const PATIENCE: Duration = Duration::from_secs(60);
/// What comes twice when a line is cut: a request of the usual size, and what it takes to find out that it is whole
/// again.
const ON_ITS_WAY: u64 = 700;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fault {
    /// Nobody listens when the program starts.
    DownAtStart,
    /// Connections are cut for a while.
    Down,
    /// A request takes five seconds.
    Slow,
    /// 503, or `UNAVAILABLE`, and a second's patience is asked for.
    Unavailable,
    /// 429, or `RESOURCE_EXHAUSTED`.
    TooMany,
    /// Of each request some records are rejected.
    Partial,
    /// Answers are cut off on their way.
    Resets,
    /// No answer that makes sense comes back.
    Garbage,
    /// A record makes a request fail for good.
    Poison,
    /// Nobody vouches for the receiver.
    Untrusted,
    /// Nobody knows the receiver's name.
    Unknown,
}

/// All of them.
pub const FAULTS: [Fault; 11] = [
    Fault::DownAtStart,
    Fault::Down,
    Fault::Slow,
    Fault::Unavailable,
    Fault::TooMany,
    Fault::Partial,
    Fault::Resets,
    Fault::Garbage,
    Fault::Poison,
    Fault::Untrusted,
    Fault::Unknown,
];

/// What came of a fault.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Faulty {
    /// Which.
    pub fault: Fault,
    /// By which protocol was sent.
    pub protocol: &'static str,
    /// Spans that were made, and as many log records.
    pub made: u64,
    /// Spans and log records that arrived, each counted once.
    pub arrived: [u64; 2],
    /// Spans and log records that the program counts as lost.
    pub lost: [u64; 2],
    /// Spans and log records that arrived more than once.
    pub twice: [u64; 2],
    /// Spans and log records whose content is another one.
    pub wrong: u64,
    /// The nanoseconds that 99 of a hundred spans with an event took at most: while all was well, and with the fault.
    pub p99_ns: [u64; 2],
    /// The program's memory while all was well, and the most that it ever was, in MiB.
    pub memory_mib: [u64; 2],
    /// Whether the program's log says what was wrong.
    pub is_told: bool,
}

impl Faulty {
    /// Whether nothing is missing that is not counted, no more than a hundredth, or what was on its way, came twice,
    /// and the log tells.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let counted = |at: usize| self.arrived[at] + self.lost[at] == self.made;
        let is_rare = |at: usize| self.twice[at] <= ON_ITS_WAY.max(self.made / 100);
        (0..2).all(|at| counted(at) && is_rare(at)) && self.wrong == 0 && self.is_told
    }
}

impl Fault {
    /// Whether the whole run has it, so that all is sent only afterwards.
    fn is_lasting(self) -> bool {
        matches!(self, Self::Untrusted | Self::Unknown)
    }

    /// Whether it goes by while the log says nothing of it: everything is taken, slowly or with nonsense behind.
    fn is_silent(self) -> bool {
        matches!(self, Self::Slow)
    }

    fn begin(self, receiver: &Receiver, gate: &Gate) {
        let refuse = |status, code, retry_after: Option<&str>| Behaviour::Refuse {
            status,
            code,
            retry_after: retry_after.map(str::to_owned),
            retry_info: retry_after.map(|_| 1),
        };
        match self {
            Self::DownAtStart | Self::Down => gate.set(Weather::Down),
            Self::Slow => receiver.behave(Behaviour::Slow(Duration::from_secs(5))),
            Self::Unavailable => receiver.behave(refuse(503, 14, Some("1"))),
            Self::TooMany => receiver.behave(refuse(429, 8, Some("0"))),
            Self::Partial => receiver.behave(Behaviour::Partial(2)),
            Self::Resets => gate.set(Weather::CutsAnswers),
            Self::Garbage => gate.set(Weather::Garbage),
            Self::Poison => receiver.behave(Behaviour::Poison("did".to_owned())),
            Self::Untrusted | Self::Unknown => {}
        }
    }
}

/// Has a program send at a steady rate while `fault` comes and goes, each for `length`.
///
/// # Errors
///
/// What the system says.
pub fn endure(
    (fault, protocol): (Fault, &'static str),
    spans_per_s: u64,
    length: Duration,
    root: &Path,
) -> io::Result<Faulty> {
    std::fs::create_dir_all(root)?;
    let mut options = ReceiverOptions::default();
    if fault == Fault::Untrusted {
        options.certificates = Some(Certificates::make()?);
    }
    let receiver = Receiver::start_with(&options)?;
    let to = if protocol == "grpc" { receiver.grpc() } else { receiver.http() };
    let gate = Gate::before(to)?;
    let endpoint = match fault {
        Fault::Untrusted => receiver.endpoint(protocol),
        Fault::Unknown => "http://no.such.host.invalid:4318".to_owned(),
        _ => format!("http://{}", gate.address()),
    };
    if fault == Fault::DownAtStart {
        fault.begin(&receiver, &gate);
    }
    let mut working = Working::start(
        root,
        spans_per_s,
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", &strange_authority(root)?),
        ],
    )?;
    thread::sleep(WARM_UP);
    // While it is down from the start, all is well only afterwards.
    let phases = if fault == Fault::DownAtStart { [1, 0] } else { [0, 1] };
    for phase in phases {
        if phase == 1 {
            fault.begin(&receiver, &gate);
        } else {
            gate.set(Weather::Fair);
        }
        working.order(&phase.to_string())?;
        thread::sleep(length);
        working.order("rest")?;
    }
    gate.set(Weather::Fair);
    receiver.behave(Behaviour::Take);
    if fault.is_lasting() {
        working.order("leave")?;
    }
    let run = working.run.clone();
    let said = working.end()?;
    let lost = if fault.is_lasting() {
        send_rest(&run, (protocol, &receiver), options.certificates.as_ref(), root)?
    } else {
        said.lost.clone()
    };
    judge((fault, protocol), &said, &lost, (&receiver, &run))
}

/// An authority that vouches for nobody here.
fn strange_authority(root: &Path) -> io::Result<String> {
    let path = root.join("strange.pem");
    std::fs::write(&path, Certificates::make()?.authority)?;
    Ok(path.display().to_string())
}

/// Sends what a run has not got rid of, by settings that are right.
fn send_rest(
    run: &Path,
    (protocol, receiver): (&str, &Receiver),
    certificates: Option<&Certificates>,
    root: &Path,
) -> io::Result<Vec<(String, u64)>> {
    let endpoint = receiver.endpoint(protocol);
    let mut vars = vec![
        ("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), endpoint),
        ("OTEL_EXPORTER_OTLP_PROTOCOL".to_owned(), protocol.to_owned()),
    ];
    if let Some(certificates) = certificates {
        let path = root.join("authority.pem");
        std::fs::write(&path, &certificates.authority)?;
        vars.push(("OTEL_EXPORTER_OTLP_CERTIFICATE".to_owned(), path.display().to_string()));
    }
    let settings = obs::Settings::from_vars(vars);
    let sent = obs::send(run, &settings, obs::Patience::new(PATIENCE)).map_err(io::Error::other)?;
    let sending = sent.delivery.sinks.iter().filter(|sink| obs::is_sending(&sink.name));
    Ok(sending.map(|sink| (sink.name.clone(), sink.lost)).collect())
}

fn judge(
    (fault, protocol): (Fault, &'static str),
    said: &Said,
    lost: &[(String, u64)],
    (receiver, run): (&Receiver, &Path),
) -> io::Result<Faulty> {
    let [spans, logs] = arrived(receiver);
    let lost_of = |signal: &str| {
        let named = lost.iter().filter(|(name, _)| name.ends_with(signal));
        named.map(|(_, lost)| lost).sum::<u64>()
    };
    let p99 =
        |phase: usize| said.events.get(phase).map_or(0, |spread| Spread::per_mille(spread, 990));
    let log = std::fs::read_to_string(run.join("log.jsonl"))?;
    let told = ["its records wait", " lost "];
    Ok(Faulty {
        fault,
        protocol,
        made: said.made,
        arrived: [spans.once, logs.once],
        lost: [lost_of("traces"), lost_of("logs")],
        twice: [spans.twice, logs.twice],
        wrong: spans.wrong + logs.wrong,
        p99_ns: [p99(0), p99(1)],
        memory_mib: said.memory_kib.map(|kib| kib >> 10),
        is_told: fault.is_silent()
            || log
                .lines()
                .any(|line| line.contains("otlp-") && told.iter().any(|it| line.contains(it))),
    })
}

/// The child at work.
struct Working {
    child: Child,
    orders: ChildStdin,
    words: BufReader<ChildStdout>,
    run: PathBuf,
}

impl Working {
    fn start(root: &Path, spans_per_s: u64, vars: &[(&str, &str)]) -> io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("live")
            .arg(root)
            .args([spans_per_s, 2].map(|it| it.to_string()))
            .envs(vars.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let gone = || io::Error::other("the child has no input or output");
        let orders = child.stdin.take().ok_or_else(gone)?;
        let mut words = BufReader::new(child.stdout.take().ok_or_else(gone)?);
        let mut line = String::new();
        words.read_line(&mut line)?;
        Ok(Self { child, orders, words, run: PathBuf::from(line.trim_end()) })
    }

    fn order(&mut self, word: &str) -> io::Result<()> {
        writeln!(self.orders, "{word}")?;
        self.orders.flush()
    }

    fn end(self) -> io::Result<Said> {
        let Self { mut child, orders, mut words, .. } = self;
        drop(orders);
        let mut line = String::new();
        words.read_line(&mut line)?;
        let status = child.wait()?;
        if !status.success() {
            return Err(io::Error::other(format!("the child ended with {status}")));
        }
        Ok(serde_json::from_str(&line)?)
    }
}
