//! Bundles that somebody changed on purpose.
use crate::fixture::Run;
use crate::memory::judge;
use crate::rawzip::{Raw, emit, parse};
use obs_bundle::{ProblemKind, Report};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;

/// A bundle taken apart.
struct Apart {
    entries: Vec<Raw>,
}

impl Apart {
    fn new() -> Self {
        let run = Run::ended();
        let bundle = run.bundle();
        let entries = parse(&fs::read(&bundle.path).unwrap()).0;
        Self { entries }
    }

    fn judge(&self, entries: &[Raw]) -> Report {
        judge(&emit(entries))
    }

    #[track_caller]
    fn check(&self, entries: &[Raw], kind: ProblemKind) {
        let report = self.judge(entries);
        assert!(
            report.problems.iter().any(|problem| problem.kind == kind),
            "{kind:?} not in {report}"
        );
    }

    fn at(&self, name: &str) -> usize {
        self.entries.iter().position(|entry| entry.name() == name).unwrap()
    }

    /// The same with one entry changed.
    fn with(&self, name: &str, change: impl FnOnce(&mut Raw)) -> Vec<Raw> {
        let mut entries = self.entries.clone();
        change(&mut entries[self.at(name)]);
        entries
    }
}

fn edit(raw: &mut Raw, change: impl FnOnce(String) -> String) {
    let text = String::from_utf8(raw.content()).unwrap();
    let changed = change(text.clone());
    assert_ne!(text, changed);
    raw.set_content(changed.as_bytes());
}

/// Writes `SHA256SUMS` anew, as somebody would who hopes that nothing else is looked at.
fn sum_again(entries: &mut [Raw]) {
    let (sums, listed) = entries.split_last_mut().unwrap();
    let line = |raw: &Raw| {
        let digest = Sha256::digest(raw.content());
        let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{digits}  {}\n", raw.name())
    };
    sums.set_content(listed.iter().map(line).collect::<String>().as_bytes());
}

type Change = fn(&mut Raw);

const LOG: &str = "run/log.jsonl";

#[test]
fn untouched_it_is_whole() {
    let apart = Apart::new();
    let report = apart.judge(&apart.entries);
    assert!(report.is_whole(), "{report}");
    let text = report.to_string();
    assert!(text.starts_with("whole: 14 entries, "), "{text}");
    assert!(text.ends_with("; not signed, so this does not say who made it"), "{text}");
}

#[test]
fn an_entry_that_was_added_removed_renamed_or_doubled_is_found() {
    let apart = Apart::new();
    for at in 0..apart.entries.len() {
        let mut removed = apart.entries.clone();
        let name = removed.remove(at).name().to_owned();
        let own = match name.as_str() {
            "support.json" => ProblemKind::Manifest,
            "SHA256SUMS" => ProblemKind::Sums,
            _ => ProblemKind::Absent,
        };
        apart.check(&removed, own);

        let mut added = apart.entries.clone();
        added.insert(at, Raw::new("run/more.txt", b"more"));
        apart.check(&added, ProblemKind::Unlisted);

        let mut doubled = apart.entries.clone();
        doubled.insert(at, apart.entries[at].clone());
        apart.check(&doubled, ProblemKind::Duplicate);

        let mut renamed = apart.entries.clone();
        renamed[at].rename(&format!("{name}x"));
        let kind = if own == ProblemKind::Absent { ProblemKind::Unlisted } else { own };
        apart.check(&renamed, kind);

        let mut clash = apart.entries.clone();
        let mut other = Raw::new(&name.to_uppercase().replace("SHA256SUMS", "sha256sums"), b"x");
        other.both(|header| header.time = 1);
        clash.insert(0, other);
        apart.check(&clash, ProblemKind::Clash);
    }
}

#[test]
fn entries_in_another_order_are_found() {
    let apart = Apart::new();
    let count = apart.entries.len();
    for (one, other) in (0..count).flat_map(|one| (one + 1..count).map(move |other| (one, other))) {
        let mut entries = apart.entries.clone();
        entries.swap(one, other);
        apart.check(&entries, ProblemKind::Order);
    }
}

#[test]
fn a_name_that_is_unsafe_to_unpack_is_found() {
    let apart = Apart::new();
    for name in [
        "/etc/passwd",
        "../../x",
        "run/../../x",
        "run\\x",
        "C:\\x",
        "C:/x",
        "run//x",
        "./x",
        "nul",
        "run/x ",
        "run/x.",
        "run/\u{202e}gpj.exe",
        "run/a\nb",
        "-rf",
        "~/x:y",
    ] {
        apart.check(&apart.with(LOG, |raw| raw.rename(name)), ProblemKind::UnsafeName);
    }
    let long = format!("run/{}", "x".repeat(300));
    apart.check(&apart.with(LOG, |raw| raw.rename(&long)), ProblemKind::UnsafeName);
    let invalid = apart.with(LOG, |raw| raw.both(|header| header.name = b"run/\xff".to_vec()));
    apart.check(&invalid, ProblemKind::UnsafeName);
}

#[test]
fn links_folders_and_other_modes_are_found() {
    let apart = Apart::new();
    for mode in [0o120_777, 0o120_600, 0o040_755, 0o100_644, 0o100_700, 0o104_600, 0o020_600, 0] {
        let entries = apart.with(LOG, |raw| raw.attributes = mode << 16);
        apart.check(&entries, ProblemKind::NotAFile);
    }
    let report = apart.judge(&apart.with(LOG, |raw| raw.attributes = 0o120_777 << 16));
    assert_eq!(report.problems[0].to_string(), "run/log.jsonl: it is a symbolic link");
    apart.check(&apart.with(LOG, |raw| raw.rename("run/x/")), ProblemKind::NotAFile);
}

#[test]
fn headers_that_differ_from_the_directory_or_from_a_bundle_are_found() {
    let apart = Apart::new();
    let locals: [Change; 10] = [
        |raw| raw.local.name = b"run/lag.jsonl".to_vec(),
        |raw| raw.local.crc ^= 1,
        |raw| raw.local.size += 1,
        |raw| raw.local.compressed -= 1,
        |raw| raw.local.method = 0,
        |raw| raw.local.flags = 8,
        |raw| raw.local.time ^= 1,
        |raw| raw.local.date ^= 1,
        |raw| raw.local.version = 10,
        |raw| raw.both(|header| header.time ^= 32),
    ];
    for change in locals {
        apart.check(&apart.with(LOG, change), ProblemKind::Header);
    }
    let centrals: [(Change, ProblemKind); 9] = [
        (|raw| raw.both(|header| header.flags = 1), ProblemKind::Unsupported),
        (|raw| raw.both(|header| header.method = 12), ProblemKind::Unsupported),
        (|raw| raw.both(|header| header.flags = 1 << 11), ProblemKind::Header),
        (|raw| raw.both(|header| header.version = 45), ProblemKind::Header),
        (|raw| raw.made_by = 20, ProblemKind::Header),
        (|raw| raw.central.extra = vec![1, 0, 0, 0], ProblemKind::Header),
        (|raw| raw.comment = b"hello".to_vec(), ProblemKind::Directory),
        (|raw| raw.attributes |= 1, ProblemKind::NotAFile),
        (|raw| raw.both(|header| header.extra = vec![9, 0, 1, 0, 7]), ProblemKind::Header),
    ];
    for (change, kind) in centrals {
        apart.check(&apart.with(LOG, change), kind);
    }
}

#[test]
fn bytes_that_belong_to_nothing_and_entries_that_overlap_are_found() {
    let apart = Apart::new();
    for name in [LOG, "run/run.json", "SHA256SUMS"] {
        let entries = apart.with(name, |raw| raw.behind = b"hidden".to_vec());
        apart.check(&entries, ProblemKind::Layout);
    }
    let mut overlap = apart.entries.clone();
    overlap[3].offset = Some(0);
    apart.check(&overlap, ProblemKind::Layout);
    let longer = apart.with(LOG, |raw| {
        raw.both(|header| header.compressed += 6);
        raw.data.extend_from_slice(b"hidden");
    });
    apart.check(&longer, ProblemKind::Damaged);
    let bytes = emit(&apart.entries);
    for (front, back) in [("", "x"), ("x", ""), ("", "PK\u{5}\u{6}"), ("#!/bin/sh\n", "")] {
        let more = [front.as_bytes(), &bytes, back.as_bytes()].concat();
        let report = judge(&more);
        let kind =
            if front.is_empty() { ProblemKind::TrailingBytes } else { ProblemKind::Directory };
        assert_eq!(report.problems[0].kind, kind, "{report}");
    }
}

#[test]
fn changed_contents_are_found_though_all_checksums_are_made_anew() {
    let apart = Apart::new();
    for at in 0..apart.entries.len() - 2 {
        let mut entries = apart.entries.clone();
        let name = entries[at].name().to_owned();
        let more = [entries[at].content(), b"more\n".to_vec()].concat();
        entries[at].set_content(&more);
        let report = apart.judge(&entries);
        let lists = report.problems.iter().filter(|problem| problem.kind == ProblemKind::Content);
        let lists: Vec<String> = lists.map(ToString::to_string).collect();
        let expected = [
            format!("{name}: its bytes are not those that SHA256SUMS lists"),
            format!("{name}: its bytes are not those that support.json describes"),
        ];
        assert_eq!(lists, expected);
        sum_again(&mut entries);
        apart.check(&entries, ProblemKind::Content);
    }
}

#[test]
fn an_edited_support_json_is_found() {
    let apart = Apart::new();
    let edits: [(&str, &str); 14] = [
        ("\"size\": ", "\"size\": 1"),
        ("\"records\": 3", "\"records\": 4"),
        ("\"redactions\": 1", "\"redactions\": 2"),
        ("\"state\": \"complete\"", "\"state\": \"partial\""),
        ("\"status\": \"ok\"", "\"status\": \"failed\""),
        ("\"id\": \"sha256:", "\"id\": \"sha256:0"),
        ("\"created_at\": \"2026-11-22T09:59:07", "\"created_at\": \"2026-11-22T09:59:17"),
        ("\"created_at\": \"2026", "\"created_at\": \"x"),
        ("\"kind\": \"finished\"", "\"kind\": \"killed\""),
        ("\"errors\": 1", "\"errors\": 0"),
        ("\"lost\": 2", "\"lost\": 0"),
        ("\"name:token\": 1", "\"name:token\": 0"),
        ("\"format\": 1", "\"format\": 2"),
        ("\"files\": [", "\"files\": {"),
    ];
    for (from, to) in edits {
        let mut entries =
            apart.with("support.json", |raw| edit(raw, |text| text.replacen(from, to, 1)));
        apart.check(&entries, ProblemKind::Content);
        sum_again(&mut entries);
        let report = apart.judge(&entries);
        assert!(!report.is_whole(), "{from} -> {to} was not found");
    }
}

#[test]
fn a_support_json_that_contradicts_what_it_was_asked_for_is_found() {
    let apart = Apart::new();
    type Edit = fn(&mut Value);
    let edits: [(Edit, &str); 13] = [
        (|it| it["bundle"]["window"] = json!({"from": "soon"}), "no part of time"),
        (|it| it["bundle"]["window"] = json!({}), "no part of time"),
        (|it| it["bundle"]["include"] = json!(["run/*"]), "not what files were chosen by"),
        (|it| it["bundle"]["exclude"] = json!(["run/log*"]), "not what files were chosen by"),
        (|it| it["bundle"]["exclude"] = json!(["a["]), "not what files were chosen by"),
        (|it| it["bundle"]["exclude"] = json!(["x".repeat(2_000)]), "not what files were chosen"),
        (|it| it["bundle"]["bytes_max"] = json!(100), "larger than bundle.bytes_max"),
        (
            |it| it["files"][2]["selected"] = json!({"lines_left_out": 1, "bytes_left_out": 9}),
            "for a reason",
        ),
        (|it| it["files"][2]["truncated"] = json!({"from": "middle"}), "truncated at no end"),
        (|it| it["collectors"][0]["errors"] = json!(["none"]), "not what its errors say"),
        (|it| left_out(it, "run/log.jsonl", "size"), "that was left out is there"),
        (|it| left_out(it, "run/none", "size"), "for a reason that there was not"),
        (|it| left_out(it, "run/none", "window"), "for a reason that there was not"),
    ];
    for (change, what) in edits {
        let mut entries = apart.with("support.json", |raw| {
            edit(raw, |text| {
                let mut value: Value = serde_json::from_str(&text).unwrap();
                change(&mut value);
                value.to_string()
            });
        });
        sum_again(&mut entries);
        let report = apart.judge(&entries);
        let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        assert!(problems.iter().any(|it| it.contains(what)), "{what}: {problems:?}");
    }
}

fn left_out(manifest: &mut Value, path: &str, why: &str) {
    manifest["collectors"][0]["left_out"] = json!([{ "path": path, "why": why }]);
}

#[test]
fn a_file_that_support_json_was_made_to_forget_is_found() {
    let apart = Apart::new();
    let mut entries = apart.with("support.json", |raw| {
        edit(raw, |text| {
            let mut value: Value = serde_json::from_str(&text).unwrap();
            value["files"].as_array_mut().unwrap().remove(3);
            value.to_string()
        });
    });
    sum_again(&mut entries);
    apart.check(&entries, ProblemKind::Unlisted);
    apart.check(&entries, ProblemKind::Contradiction);
}

#[test]
fn sums_in_another_form_are_found() {
    let apart = Apart::new();
    let edits: [fn(String) -> String; 6] = [
        |text| text.replacen("  ", " *", 1),
        |text| text.replacen('\n', "\r\n", 1),
        |text| text.trim_end().to_owned(),
        |text| text.to_uppercase(),
        |text| format!("\n{text}"),
        |_| String::new(),
    ];
    for change in edits {
        let entries = apart.with("SHA256SUMS", |raw| edit(raw, change));
        let report = apart.judge(&entries);
        assert!(!report.is_whole());
    }
    let twice = apart.with("SHA256SUMS", |raw| {
        edit(raw, |text| text.clone() + text.lines().next().unwrap() + "\n")
    });
    apart.check(&twice, ProblemKind::Order);
    let bytes = apart.with("SHA256SUMS", |raw| raw.set_content(b"\xff\n"));
    apart.check(&bytes, ProblemKind::Sums);
}

#[test]
fn a_report_of_a_hostile_name_is_safe_on_a_terminal() {
    let apart = Apart::new();
    let report = apart.judge(&apart.with(LOG, |raw| raw.rename("run/\u{1b}[2J\nx")));
    let text = report.to_string();
    assert!(text.contains(r"run/\u{1b}[2J\nx: the name has characters"), "{text}");
    assert!(!text.contains('\u{1b}'));
}
