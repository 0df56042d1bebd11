//! The machine's time, and what it costs.
use crate::examine::Check;
use crate::finding::Finding;
use crate::kind::Kind;
use crate::place::{now, try_out};
use crate::subject::Subject;
use obs_core::UnixNanos;
use obs_core::time::human_duration;
use obs_recorder::steady_ns;

const FINE: Kind =
    Kind::ok("clock", "The time is right, as far as can be told, and cheap to read.");
const WRONG: Kind = Kind::problem(
    "clock-wrong",
    "The machine's time is from before 2020: records and runs have times that mean nothing, and retention removes the \
     wrong ones.",
    "Set the time, or have it set: `timedatectl set-ntp true`.",
);
const SKEW: Kind = Kind::warning(
    "clock-skew",
    "The file system has another time than the machine: it is another machine's, and one of both is wrong.",
    "Have both machines' times set: `timedatectl set-ntp true`.",
);
const SLOW: Kind = Kind::note(
    "clock-slow",
    "The kernel does not trust the processor's time stamp counter, so that every record asks the kernel for the time.",
    "On a machine of one's own: `dmesg` tells why the counter is not trusted. On a virtual one nothing.",
);

/// Whether the time is plausible, agrees with that of files, and is read without the kernel.
pub const CLOCK: Check = Check::new("clock", &[&FINE, &WRONG, &SKEW, &SLOW], run);

/// 2020-01-01T00:00:00Z.
const NOT_BEFORE: UnixNanos = UnixNanos(1_577_836_800_000_000_000);
const SKEW_NS_MAX: u128 = 2_000_000_000;
const SOURCE: &str = "sys/devices/system/clocksource/clocksource0/current_clocksource";
const READINGS: u64 = 1_000;

fn run(subject: &Subject) -> Vec<Finding> {
    let now = now();
    let mut findings = Vec::new();
    if now < NOT_BEFORE {
        let finding = Finding::new(&WRONG, "the machine's time is from before 2020");
        findings.push(finding.seen(format!("it is {now}")).remedy("timedatectl set-ntp true"));
    }
    findings.extend(subject.root().and_then(|root| {
        let tried = try_out(&root).ok()?;
        let skew = tried.ahead_ns.unsigned_abs();
        let order = if tried.ahead_ns > 0 { "ahead of" } else { "behind" };
        (skew > SKEW_NS_MAX).then(|| {
            let skew = human_duration(u64::try_from(skew).unwrap_or(u64::MAX));
            let what = format!("files are {skew} {order} the machine's time");
            let seen = format!("a file that was written in {}", tried.directory.display());
            Finding::new(&SKEW, what).seen(seen).remedy("timedatectl set-ntp true")
        })
    }));
    match subject.said(SOURCE) {
        Some(source) if source != "tsc" => {
            let cost = cost_ns();
            let what = format!("the kernel's clock is {source}: a time costs {cost} ns here");
            findings.push(Finding::new(&SLOW, what).seen(format!("/{SOURCE}: {source}")));
        }
        _ if findings.is_empty() => findings.push(Finding::new(&FINE, format!("it is {now}"))),
        _ => {}
    }
    findings
}

/// What it costs to ask the kernel for the time.
fn cost_ns() -> u64 {
    let begun = steady_ns();
    let last = (0..READINGS).fold(begun, |_, _| steady_ns());
    last.saturating_sub(begun) / READINGS
}
