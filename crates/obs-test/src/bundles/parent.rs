//! The process that has bundles made, and judges them.
use super::SECRETS;
use super::archive;
use crate::spread::Spread;
use obs_recorder::steady_ns;
use serde::Serialize;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

/// What is done before anything is counted.
const WARM_UP: Duration = Duration::from_secs(1);
/// `obs bundle` says so of a bundle in part: a file went while it was made.
const IN_PART: i32 = 5;

/// What is to be done.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "the arguments of a command")]
pub struct Plan {
    /// How many bundles.
    pub bundles: u64,
    /// In how many phases, each followed by one without.
    pub rounds: u64,
    /// Events a second from each of two producers.
    pub events_per_s: u64,
    /// What log and journal may hold, each.
    pub kept_mib: u64,
    /// The `obs` command.
    pub obs: PathBuf,
    /// Where run and bundles go: an empty directory.
    pub root: PathBuf,
}

/// What came of it.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// Bundles that were made.
    pub bundles: u64,
    /// Of these, those that say that a part is missing: a file went while they were made.
    pub in_part: u64,
    /// Of these, those that do not verify.
    pub not_whole: u64,
    /// Secrets found in them.
    pub secrets: u64,
    /// Marks of redaction found in them.
    pub marks: u64,
    /// The longest that a bundle took.
    pub bundle_ms_max: u64,
    /// Bytes of all bundles together.
    pub bytes: u64,
    /// Events that were timed, without and with bundles being made.
    pub events: [u64; 2],
    /// Nanoseconds that half of them did not exceed.
    pub p50_ns: [u64; 2],
    /// Nanoseconds that 99 of a hundred did not exceed.
    pub p99_ns: [u64; 2],
    /// Nanoseconds that 999 of a thousand did not exceed.
    pub p999_ns: [u64; 2],
    /// Nanoseconds that 99 of a hundred bursts of events began later than planned at most.
    pub late_p99_ns: [u64; 2],
    /// The second p99 of events by the first.
    pub p99_ratio: f64,
    /// The same of each round; the median.
    pub p99_ratio_of_rounds: f64,
}

impl Verdict {
    /// Whether every bundle is whole and holds no secret.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.not_whole == 0 && self.secrets == 0 && self.bundles > 0 && self.marks > 0
    }

    /// Takes what the child counted: of each round first with bundles, then without.
    fn count(&mut self, spreads: &[(Spread, Spread)]) {
        let (mut without, mut with) = (Spread::default(), Spread::default());
        let (mut late, mut ratios) = ([Spread::default(), Spread::default()], Vec::new());
        for pair in spreads.chunks_exact(2) {
            with.merge(&pair[0].0);
            without.merge(&pair[1].0);
            late[1].merge(&pair[0].1);
            late[0].merge(&pair[1].1);
            ratios.push(ratio(pair[0].0.per_mille(990), pair[1].0.per_mille(990)));
        }
        self.late_p99_ns = [late[0].per_mille(990), late[1].per_mille(990)];
        let both = |of: &dyn Fn(&Spread) -> u64| [of(&without), of(&with)];
        self.events = both(&Spread::count);
        self.p50_ns = both(&|spread| spread.per_mille(500));
        self.p99_ns = both(&|spread| spread.per_mille(990));
        self.p999_ns = both(&|spread| spread.per_mille(999));
        self.p99_ratio = ratio(self.p99_ns[1], self.p99_ns[0]);
        ratios.sort_by(f64::total_cmp);
        self.p99_ratio_of_rounds = ratios.get(ratios.len() / 2).copied().unwrap_or_default();
    }

    /// Looks at a bundle.
    fn judge(&mut self, plan: &Plan, zip: &Path) -> io::Result<()> {
        let verified = obs(plan, &["bundle", "verify"]).arg(zip).stdout(Stdio::null()).status()?;
        self.not_whole += u64::from(!verified.success());
        let bytes = std::fs::read(zip)?;
        self.bytes += bytes.len() as u64;
        archive::each(&bytes, |_, content| {
            let found = SECRETS.iter().filter(|secret| has(content, secret));
            self.secrets += found.count() as u64;
            self.marks += u64::from(has(content, "[REDACTED:"));
        })
    }
}

fn ratio(one: u64, other: u64) -> f64 {
    (one as f64 / other.max(1) as f64 * 1_000.0).round() / 1_000.0
}

fn has(bytes: &[u8], word: &str) -> bool {
    let first = word.as_bytes()[0];
    let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == first);
    starts.map(|(at, _)| at).any(|at| bytes[at..].starts_with(word.as_bytes()))
}

/// Has bundles made of a child that works, and judges them.
///
/// # Errors
///
/// What the system says, or what a bundle says that could not be made.
pub fn bundle_many(plan: &Plan) -> io::Result<Verdict> {
    let mut working = Working::start(plan)?;
    let (mut verdict, mut zips) = (Verdict::default(), Vec::new());
    thread::sleep(WARM_UP);
    for round in 0..plan.rounds {
        let begun = steady_ns();
        working.phase(&(2 * round).to_string())?;
        let share = plan.bundles * (round + 1) / plan.rounds;
        while (zips.len() as u64) < share {
            let zip = plan.root.join(format!("{}.zip", zips.len()));
            verdict.bundle(plan, &working.run, &zip)?;
            zips.push(zip);
        }
        let took = Duration::from_nanos(steady_ns() - begun);
        working.phase(&(2 * round + 1).to_string())?;
        thread::sleep(took);
        working.phase("rest")?;
    }
    verdict.count(&working.end()?);
    zips.iter().try_for_each(|zip| verdict.judge(plan, zip))?;
    Ok(verdict)
}

impl Verdict {
    fn bundle(&mut self, plan: &Plan, run: &Path, zip: &Path) -> io::Result<()> {
        let begun = steady_ns();
        let output = obs(plan, &["bundle", "--output"]).arg(zip).arg(run).output()?;
        let code = output.status.code();
        if !output.status.success() && code != Some(IN_PART) {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(io::Error::other(said));
        }
        self.bundles += 1;
        self.in_part += u64::from(code == Some(IN_PART));
        self.bundle_ms_max = self.bundle_ms_max.max((steady_ns() - begun) / 1_000_000);
        Ok(())
    }
}

fn obs(plan: &Plan, arguments: &[&str]) -> Command {
    let mut command = Command::new(&plan.obs);
    command.env_clear().args(arguments).stdin(Stdio::null());
    command
}

/// The child at work.
struct Working {
    child: Child,
    orders: ChildStdin,
    words: BufReader<ChildStdout>,
    run: PathBuf,
}

impl Working {
    fn start(plan: &Plan) -> io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("live")
            .arg(&plan.root)
            .args([plan.events_per_s, plan.kept_mib, 2 * plan.rounds].map(|it| it.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let gone = || io::Error::other("the child has no input or output");
        let orders = child.stdin.take().ok_or_else(gone)?;
        let mut words = BufReader::new(child.stdout.take().ok_or_else(gone)?);
        let mut line = String::new();
        words.read_line(&mut line)?;
        let run = PathBuf::from(line.trim_end());
        Ok(Self { child, orders, words, run })
    }

    fn phase(&mut self, word: &str) -> io::Result<()> {
        writeln!(self.orders, "{word}")
    }

    /// Lets it end, and returns what it counted.
    fn end(self) -> io::Result<Vec<(Spread, Spread)>> {
        let Self { mut child, orders, mut words, .. } = self;
        drop(orders);
        let mut line = String::new();
        words.read_line(&mut line)?;
        child.wait()?;
        Ok(serde_json::from_str(&line)?)
    }
}
