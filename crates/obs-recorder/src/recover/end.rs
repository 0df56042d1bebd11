//! How a run ended, and how that is known.
use super::remains::Remains;
use super::text_attributes;
use crate::summary::{End, EndKind, Summary};
use crate::system;
use obs_core::join::Join;
use obs_core::wire::body::Event;
use obs_core::{UnixNanos, Value};
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
    let evidence = if evidence.is_empty() { "run end record".to_owned() } else { evidence };
    Some(End::new(kind, text("detail"), vec![evidence]))
}

/// Concludes the end from what is there, the strongest evidence first.
pub(super) fn conclude(state: &Join, remains: &Remains, summary: &Summary) -> End {
    let mut evidence = remains.notes.clone();
    evidence.extend(remains.unreadable.iter().map(|what| format!("unreadable: {what}")));
    let last = format!("last record at {}", UnixNanos(state.last_unix_ns()));
    let panic = last_panic(state);
    if let Some(note) = last_note(state, remains) {
        return by_signal(note, panic, evidence, last);
    }
    if summary.finished_at.is_some() {
        evidence.extend(["finished_at in run.json".to_owned(), last]);
        let detail = "finished by the program, in less time than it took";
        return End::new(EndKind::Finished, detail, evidence);
    }
    if let Some(exit) = &state.landmarks().exit {
        let status = text_attributes(exit).into_iter().find(|(name, _)| name == "status");
        let detail = match &status {
            Some((_, status)) => format!("exited with status {status} without finishing the run"),
            None => "exited without finishing the run".to_owned(),
        };
        evidence.extend(["exit record".to_owned(), last]);
        return End::new(EndKind::Exited, detail, evidence);
    }
    if remains.stage.is_none() && was_on_another_boot(summary) {
        evidence.extend(["the machine has been started anew since".to_owned(), last]);
        return End::new(EndKind::MachineGone, "the machine went down", evidence);
    }
    if let Some(kills) = oom_kills_since(summary) {
        evidence.extend([format!("oom_kill of the memory group rose by {kills}"), last]);
        return End::new(EndKind::OutOfMemory, "killed by the kernel for want of memory", evidence);
    }
    evidence.push("run.lock was free, and no end, exit or fatal signal was noted".to_owned());
    evidence.push(last);
    if remains.directory.is_none() && remains.is_pointed_to {
        return End::new(
            EndKind::MachineGone,
            "the memory that held the rings was removed",
            evidence,
        );
    }
    End::new(EndKind::Killed, "killed: SIGKILL, or a signal that nothing handled", evidence)
}

fn by_signal(note: &Note, panic: Option<String>, mut evidence: Vec<String>, last: String) -> End {
    let name = signal_name(note.signal);
    evidence.push(format!("note of {name} (code {}) in thread {}", note.code, note.tid));
    evidence.push(last);
    if let (Some(panic), libc_sigabrt) = (panic, SIGABRT)
        && note.signal == libc_sigabrt
    {
        evidence.insert(0, "panic record".to_owned());
        return End::new(EndKind::Panicked, format!("{panic}, then aborted"), evidence);
    }
    let sent = if note.code <= 0 && note.signal != SIGABRT { ", sent by a process" } else { "" };
    let place =
        if note.code > 0 { format!(" at address {:#x}", note.address) } else { String::new() };
    End::new(
        EndKind::Signal,
        format!("killed by {name}{place} in thread {}{sent}", note.tid),
        evidence,
    )
}

/// SIGABRT has this number on every system that this runs on.
const SIGABRT: i32 = 6;

/// The last note, unless the run went on for long after it: then the program survived the signal.
fn last_note<'a>(state: &Join, remains: &'a Remains) -> Option<&'a Note> {
    const SURVIVED_NS: u64 = 1_000_000_000;
    let note = remains.crashes.last()?;
    let Some([_, boot_ns, unix_ns, _]) = state.clock() else { return Some(note) };
    let noted_unix_ns = unix_ns.saturating_add(note.boot_ns.saturating_sub(boot_ns));
    (state.last_unix_ns() < noted_unix_ns.saturating_add(SURVIVED_NS)).then_some(note)
}

/// The message of the last panic, if it was among the last records.
fn last_panic(state: &Join) -> Option<String> {
    const RECORDS: u64 = 64;
    let (seq, body) = state.landmarks().panic.as_ref()?;
    if seq + RECORDS < state.last_seq() {
        return None;
    }
    let event = Event::decode(body)?;
    event.attributes.iter().find_map(|(_, value)| match value {
        Value::Text(text) => Some(text.text.to_owned()),
        _ => None,
    })
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
