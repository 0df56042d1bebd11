//! How a run ended, and how that is known.
use super::around::{exit_status, last_error, oldest_innermost, recent_panic, thread};
use super::remains::Remains;
use super::text_attributes;
use crate::fingerprint::{Address, Cause, Fingerprint};
use crate::summary::{END_RECORD, End, EndKind, Summary};
use crate::system;
use obs_core::UnixNanos;
use obs_core::join::Join;
use obs_ring::crash::Note;

/// The end that the journal tells of already.
pub(super) fn said(state: &Join) -> Option<End> {
    let attributes = text_attributes(state.landmarks().end.as_ref()?);
    let text = |name: &str| {
        let found = attributes.iter().find(|(known, _)| known == name);
        found.map_or_else(String::new, |(_, value)| value.clone())
    };
    let kind = match text("kind").as_str() {
        "exited" => EndKind::Exited,
        "panicked" => EndKind::Panicked,
        "signal" => EndKind::Signal,
        "out_of_memory" => EndKind::OutOfMemory,
        "killed" => EndKind::Killed,
        "machine_gone" => EndKind::MachineGone,
        _ => EndKind::Finished,
    };
    let evidence = text("evidence");
    let evidence = if evidence.is_empty() { END_RECORD.to_owned() } else { evidence };
    let end = End::new(kind, text("detail"), vec![evidence]);
    let fingerprint = text("fingerprint").parse().ok();
    Some(fingerprint.into_iter().fold(end, End::with_fingerprint))
}

/// Concludes the end from what is there, the strongest evidence first.
pub(super) fn conclude(state: &Join, remains: &Remains, summary: &Summary) -> End {
    let mut evidence = remains.notes.clone();
    evidence.extend(remains.unreadable.iter().map(|what| format!("unreadable: {what}")));
    let last = format!("last record at {}", UnixNanos(state.last_unix_ns()));
    if let Some(note) = last_note(state, remains) {
        return by_signal(note, state, evidence, last);
    }
    if summary.finished_at.is_some() {
        evidence.extend(["finished_at in run.json".to_owned(), last]);
        if summary.panicked {
            let panic = recent_panic(state).unwrap_or_default();
            return panic.end(", and there was no time to bring everything to its files", evidence);
        }
        let detail = "finished by the program, in less time than it took";
        return End::new(EndKind::Finished, detail, evidence);
    }
    if let Some(status) = exit_status(state) {
        evidence.extend(["exit record".to_owned(), last]);
        return by_exit(&status, state, evidence);
    }
    if remains.stage.is_none() && was_on_another_boot(summary) {
        evidence.extend(["the machine has been started anew since".to_owned(), last]);
        return gone("the machine went down", evidence);
    }
    let kind = match oom_kills_since(summary) {
        Some(kills) => {
            evidence.push(format!("oom_kill of the memory group rose by {kills}"));
            EndKind::OutOfMemory
        }
        None => {
            let why = "run.lock was free, and no end, exit or fatal signal was noted";
            evidence.push(why.to_owned());
            EndKind::Killed
        }
    };
    evidence.push(last);
    if kind == EndKind::OutOfMemory {
        return from_outside(kind, "killed by the kernel for want of memory", (state, evidence));
    }
    if remains.directory.is_none() && remains.is_pointed_to {
        return gone("the memory that held the rings was removed", evidence);
    }
    let detail = "killed: SIGKILL, or a signal that nothing handled";
    from_outside(kind, detail, (state, evidence))
}

/// Nothing that the program did is known to have to do with it.
fn gone(detail: &str, evidence: Vec<String>) -> End {
    let kind = EndKind::MachineGone;
    let cause = Cause::Outside { kind, within: detail };
    End::new(kind, detail, evidence).with_fingerprint(Fingerprint::of(&cause))
}

fn from_outside(kind: EndKind, detail: &str, (state, evidence): (&Join, Vec<String>)) -> End {
    let cause = Cause::Outside { kind, within: oldest_innermost(state) };
    End::new(kind, detail, evidence).with_fingerprint(Fingerprint::of(&cause))
}

/// What the standard library exits with when the main thread has panicked.
const PANIC_STATUS: &str = "101";
/// Who exits with this has not failed.
const SUCCESS: &str = "0";

fn by_exit(status: &str, state: &Join, mut evidence: Vec<String>) -> End {
    if let (PANIC_STATUS, Some(panic)) = (status, recent_panic(state)) {
        evidence.insert(0, "panic record".to_owned());
        return panic.end(", then exited with status 101", evidence);
    }
    let detail = match status {
        "" => "exited without finishing the run".to_owned(),
        status => format!("exited with status {status} without finishing the run"),
    };
    let end = End::new(EndKind::Exited, detail, evidence);
    if status == SUCCESS {
        return end;
    }
    let mut place = String::new();
    let cause = Cause::Exit { status, last: last_error(state, &mut place) };
    end.with_fingerprint(Fingerprint::of(&cause))
}

fn by_signal(note: &Note, state: &Join, mut evidence: Vec<String>, last: String) -> End {
    let name = signal_name(note.signal);
    evidence.push(format!("note of {name} (code {}) in thread {}", note.code, note.tid));
    evidence.push(last);
    if let (Some(panic), SIGABRT) = (recent_panic(state), note.signal) {
        evidence.insert(0, "panic record".to_owned());
        return panic.end(", then aborted", evidence);
    }
    let sent = if note.code <= 0 && note.signal != SIGABRT { ", sent by a process" } else { "" };
    let place =
        if note.code > 0 { format!(" at address {:#x}", note.address) } else { String::new() };
    let detail = format!("killed by {name}{place} in thread {}{sent}", note.tid);
    let address = if note.code > 0 { Address::of(note.address) } else { Address::None };
    // One that was sent to the process hits any of its threads.
    let is_of_thread = note.code > 0 || note.code == SI_TKILL;
    let (thread, span) =
        if is_of_thread { thread(state, note.tid) } else { ("", oldest_innermost(state)) };
    let cause = Cause::Signal { name: &name, address, thread, span };
    End::new(EndKind::Signal, detail, evidence).with_fingerprint(Fingerprint::of(&cause))
}

/// SIGABRT has this number on every system that this runs on.
const SIGABRT: i32 = 6;
/// The code of a signal that was sent to one thread, as `abort` does.
const SI_TKILL: i32 = -6;

/// The last note, unless the run went on for long after it: then the program survived the signal.
fn last_note<'a>(state: &Join, remains: &'a Remains) -> Option<&'a Note> {
    const SURVIVED_NS: u64 = 1_000_000_000;
    let note = remains.crashes.last()?;
    let Some([_, boot_ns, unix_ns, _]) = state.clock() else { return Some(note) };
    let noted_unix_ns = unix_ns.saturating_add(note.boot_ns.saturating_sub(boot_ns));
    (state.last_unix_ns() < noted_unix_ns.saturating_add(SURVIVED_NS)).then_some(note)
}

fn was_on_another_boot(summary: &Summary) -> bool {
    !summary.boot_id.is_empty() && summary.boot_id != system::boot_id().to_string()
}

fn oom_kills_since(summary: &Summary) -> Option<u64> {
    let before = summary.oom_kills?;
    system::oom_kills()?.checked_sub(before).filter(|kills| *kills > 0)
}

fn signal_name(signal: i32) -> String {
    let names =
        [(4, "SIGILL"), (SIGABRT, "SIGABRT"), (7, "SIGBUS"), (8, "SIGFPE"), (11, "SIGSEGV")];
    let known = names.iter().find(|(number, _)| *number == signal);
    known.map_or_else(|| format!("signal {signal}"), |(_, name)| (*name).to_owned())
}
