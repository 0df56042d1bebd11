//! Archives that were made to harm whoever looks into them.
use crate::fixture::{Run, verified};
use crate::memory::judge;
use crate::rawzip::{Raw, emit, parse};
use obs_bundle::{BundleErrorKind, Limits, ProblemKind, verify};
use std::fs;
use tempfile::TempDir;

#[track_caller]
fn check(bytes: &[u8], kind: ProblemKind) {
    let report = judge(bytes);
    assert_eq!(report.problems.first().map(|problem| problem.kind), Some(kind), "{report}");
}

/// Zeros, a thousand to one; the size is what the headers say.
fn zeros(name: &str, inflated: u32) -> Raw {
    let mut raw = Raw::new(name, &vec![0; 1 << 20]);
    raw.both(|header| header.size = inflated);
    raw
}

#[test]
fn an_archive_that_says_it_becomes_huge_is_not_inflated() {
    let mut bombs = vec![zeros("bomb", u32::MAX - 1); 20];
    bombs.iter_mut().enumerate().for_each(|(n, bomb)| bomb.rename(&format!("bomb{n}")));
    check(&emit(&bombs), ProblemKind::TooLarge);
}

#[test]
fn an_entry_that_becomes_more_than_it_says_is_given_up_there() {
    let report = judge(&emit(&[zeros("bomb", 1_000)]));
    let text = report.problems.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(
        text.contains(&"bomb: more comes out than the 1000 bytes it says".to_owned()),
        "{text:?}"
    );
}

#[test]
fn files_of_zeros_are_no_crime() {
    let run = Run::ended();
    run.put("profile/heap.bin", &"\0".repeat(8 << 20));
    let bundle = run.bundle();
    assert!(bundle.size < 1 << 20);
    assert!(verified(&bundle.path).is_whole());
    let mut limits = Limits::default();
    limits.inflated_bytes_free = 1 << 20;
    let report = verify(&bundle.path, &limits).unwrap();
    assert_eq!(report.problems[0].kind, ProblemKind::TooLarge);
}

#[test]
fn a_million_entries_are_not_read() {
    let mut bytes = emit(&[Raw::new("a", b"x")]);
    let end = bytes.len() - 22;
    for at in [end + 8, end + 10] {
        bytes[at..at + 2].copy_from_slice(&60_000_u16.to_le_bytes());
    }
    check(&bytes, ProblemKind::TooLarge);
    let empty = Raw::new("", b"");
    let named = |n: usize| {
        let mut raw = empty.clone();
        raw.rename(&format!("f{n}"));
        raw
    };
    let many: Vec<Raw> = (0..10_001).map(named).collect();
    check(&emit(&many), ProblemKind::TooLarge);
    let (empty, full) = (emit(&[]), emit(&many[..10_000]));
    assert_eq!(judge(&full).entries, 10_000);
    assert!(!judge(&empty).is_whole());
}

#[test]
fn one_body_under_many_names_is_an_overlap() {
    let mut entries: Vec<Raw> = (0..100).map(|n| Raw::new(&format!("f{n}"), b"")).collect();
    entries[0].set_content(&vec![0; 1 << 20]);
    let (crc, size, data) = (entries[0].central.crc, 1 << 20, entries[0].data.len() as u32);
    for entry in &mut entries[1..] {
        entry.offset = Some(0);
        entry.both(|header| (header.crc, header.size, header.compressed) = (crc, size, data));
    }
    check(&emit(&entries), ProblemKind::Layout);
}

/// The archive with a wide end record between directory and end, made by `fill` from the directory's length and start.
fn widened(bytes: &[u8], fill: impl FnOnce(u64, u64) -> [u64; 6]) -> Vec<u8> {
    let (front, end) = bytes.split_at(bytes.len() - 22);
    let (entries, start) = parse(bytes);
    let [count, length, start, record_at, record_bytes, disks] =
        fill(front.len() as u64 - start as u64, start as u64);
    let mut wide = front.to_vec();
    wide.extend_from_slice(b"PK\x06\x06");
    wide.extend_from_slice(&record_bytes.to_le_bytes());
    wide.extend_from_slice(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [count, count, length, start] {
        wide.extend_from_slice(&number.to_le_bytes());
    }
    wide.extend_from_slice(b"PK\x06\x07\0\0\0\0");
    wide.extend_from_slice(&record_at.to_le_bytes());
    wide.extend_from_slice(&(disks as u32).to_le_bytes());
    let mut end = end.to_vec();
    end[8..10].copy_from_slice(&(entries.len() as u16).to_le_bytes());
    end[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
    [wide, end].concat()
}

#[test]
fn wide_end_records_that_lie_are_found() {
    let run = Run::ended();
    let bundle = run.bundle();
    let bytes = fs::read(&bundle.path).unwrap();
    let count = parse(&bytes).0.len() as u64;
    let at = bytes.len() as u64 - 22;
    let right = widened(&bytes, |length, start| [count, length, start, at, 44, 1]);
    assert!(judge(&right).is_whole(), "{}", judge(&right));
    let lies: [fn([u64; 6]) -> [u64; 6]; 9] = [
        |[c, l, s, a, r, d]| [c + 1, l, s, a, r, d],
        |[c, l, s, a, r, d]| [c, l + 1, s, a, r, d],
        |[c, l, s, a, r, d]| [c, l, s - 1, a, r, d],
        |[c, _, s, a, r, d]| [c, u64::MAX, s, a, r, d],
        |[c, l, _, a, r, d]| [c, l, u64::MAX - l + 1, a, r, d],
        |[c, l, s, a, r, d]| [c, l, s, a - 1, r, d],
        |[c, l, s, _, r, d]| [c, l, s, u64::MAX, r, d],
        |[c, l, s, a, r, d]| [c, l, s, a, r + 1, d],
        |[c, l, s, a, r, d]| [c, l, s, a, r, d + 1],
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let bytes = widened(&bytes, |length, start| lie([count, length, start, at, 44, 1]));
        let report = judge(&bytes);
        assert_eq!(report.problems[0].kind, ProblemKind::Directory, "lie {number}: {report}");
    }
    let huge = widened(&bytes, |length, start| [u64::MAX, length, start, at, 44, 1]);
    assert_eq!(judge(&huge).problems[0].kind, ProblemKind::Directory);
}

#[test]
fn zip64_sizes_that_lie_are_found() {
    let wide = |size: u64, compressed: u64| {
        let mut raw = Raw::new("f", b"content");
        let values = [size.to_le_bytes(), compressed.to_le_bytes()].concat();
        raw.both(|header| {
            (header.size, header.compressed, header.version) = (u32::MAX, u32::MAX, 45);
            header.extra = [[1, 0, 16, 0].as_slice(), &values].concat();
        });
        raw.made_by = 3 << 8 | 45;
        raw
    };
    let data = Raw::new("f", b"content").data.len() as u64;
    let report = judge(&emit(&[wide(7, data)]));
    assert!(
        report.problems.iter().all(|problem| problem.entry.as_deref() != Some("f")),
        "{report}"
    );
    check(&emit(&[wide(u64::MAX, data)]), ProblemKind::TooLarge);
    check(&emit(&[wide(7, u64::MAX)]), ProblemKind::Layout);
    check(&emit(&[wide(7, data + 1)]), ProblemKind::Layout);
    let mut narrow = wide(7, data);
    narrow.central.extra.truncate(12);
    check(&emit(&[narrow]), ProblemKind::Header);
}

#[test]
fn what_is_no_archive_is_said_to_be_none() {
    for bytes in [b"".as_slice(), b"PK", &[0; 22], &[b'x'; 100_000]] {
        check(bytes, ProblemKind::NotAnArchive);
    }
}

#[test]
fn a_path_that_cannot_be_read_is_an_error() {
    let folder = TempDir::new().unwrap();
    for path in [folder.path().join("no.zip"), folder.path().to_owned()] {
        let error = verify(&path, &Limits::default()).unwrap_err();
        assert_eq!(error.kind(), BundleErrorKind::Input);
        assert!(error.to_string().starts_with("cannot read \""), "{error}");
    }
}

#[test]
fn support_json_that_nests_deep_is_long_or_has_many_texts_does_no_harm() {
    let long = format!("\"{}\"", "x".repeat(9 << 20));
    let many = format!("[{}\"\"]", "\"\",".repeat(200_000));
    for text in ["[".repeat(1_000_000), long, many] {
        let entries = [Raw::new("support.json", text.as_bytes()), Raw::new("SHA256SUMS", b"")];
        let report = judge(&emit(&entries));
        assert!(report.problems.iter().any(|p| p.kind == ProblemKind::Manifest), "{report}");
    }
}

#[test]
fn contradictions_with_numbers_at_their_limits_do_no_harm() {
    let run = Run::ended();
    let bundle = run.bundle();
    let (mut entries, _) = parse(&fs::read(&bundle.path).unwrap());
    let at = entries.len() - 2;
    let text = String::from_utf8(entries[at].content()).unwrap();
    let max = format!("\"redactions\": {}", u64::MAX);
    entries[at].set_content(text.replace("\"redactions\": 1", &max).as_bytes());
    let report = judge(&emit(&entries));
    assert!(report.problems.iter().any(|p| p.kind == ProblemKind::Contradiction), "{report}");
}
