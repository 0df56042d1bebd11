//! Archives that were made to harm whoever looks into them, each verified by a process of its own: it takes neither
//! long nor much memory. The process is this test program, run again with its orders in the environment.
use crate::fixture::Run;
use crate::rawzip::{Raw, emit, parse};
use obs_bundle::{Limits, verify};
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const ORDERS: &str = "BUNDLE_TEST_VERIFY";
const TIME_MAX: Duration = Duration::from_secs(2);
const MEMORY_KIB_MAX: u64 = 64 << 10;

/// Verifies what the environment orders, if it does, and says what that took.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test child gets its orders by the environment")]
fn child_of_the_other_tests() {
    let Ok(path) = std::env::var(ORDERS) else { return };
    let begun = obs_recorder::steady_ns();
    let report = verify(path.as_ref(), &Limits::default()).unwrap();
    let took = obs_recorder::steady_ns() - begun;
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib = peak.trim().trim_end_matches(" kB");
    let why = report.problems.first().map(ToString::to_string).unwrap_or_default();
    println!("\n@ {} {took} {kib} {why}", report.is_whole());
}

/// What a process of its own says of an archive: that it is not whole, in time, and without much memory.
fn check(what: &str, path: &Path) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "bounded::child_of_the_other_tests", "--nocapture", "--test-threads=1"])
        .env(ORDERS, path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = said.lines().find_map(|line| line.strip_prefix("@ ")).expect(&said);
    let mut words = line.splitn(4, ' ');
    assert_eq!(words.next(), Some("false"), "{what}: {line}");
    let took = Duration::from_nanos(words.next().unwrap().parse().unwrap());
    let kib: u64 = words.next().unwrap().parse().unwrap();
    println!("{what}: {took:?}, {kib} KiB: {}", words.next().unwrap_or_default());
    assert!(took < TIME_MAX, "{what} took {took:?}");
    assert!(kib <= MEMORY_KIB_MAX, "{what} took {kib} KiB");
}

fn zeros(name: &str, bytes: usize) -> Raw {
    Raw::new(name, &vec![0; bytes])
}

fn wide(size: u64, compressed: u64) -> Raw {
    let mut raw = Raw::new("f", b"content");
    raw.both(|header| {
        (header.size, header.compressed, header.version) = (u32::MAX, u32::MAX, 45);
        let values = [size.to_le_bytes(), compressed.to_le_bytes()].concat();
        header.extra = [[1, 0, 16, 0].as_slice(), &values].concat();
    });
    raw.made_by = 3 << 8 | 45;
    raw
}

/// An archive with this description and nothing else.
fn described(text: &str) -> Vec<u8> {
    emit(&[Raw::new("support.json", text.as_bytes()), Raw::new("SHA256SUMS", b"")])
}

/// A bundle with one more entry in front.
fn with(entry: Raw) -> Vec<u8> {
    let bytes = fs::read(Run::ended().bundle().path).unwrap();
    emit(&[vec![entry], parse(&bytes).0].concat())
}

fn archives() -> Vec<(&'static str, Vec<u8>)> {
    let mut link = Raw::new("run/log", b"/etc");
    link.attributes = 0o120_777 << 16;
    let inside = Raw::new("run/log/passwd", b"root::0:0::/:/bin/sh\n");
    let mut bad = zeros("run/x", 1 << 20);
    bad.both(|header| header.crc ^= 1);
    let mut flat = zeros("flat", 200 << 20);
    flat.both(|header| header.size = 1_000);
    let many: Vec<Raw> = (0..200).map(|n| zeros(&format!("bomb{n}"), 1 << 20)).collect();
    let told = (0..64).map(|n| {
        let mut raw = zeros(&format!("bomb{n}"), 1 << 20);
        raw.both(|header| header.size = u32::MAX - 1);
        raw
    });
    let nested = emit(&[zeros("inner", 64 << 20)]);
    vec![
        ("a path that leads out", with(Raw::new("../../etc/passwd", b"x"))),
        ("an absolute path", with(Raw::new("/etc/passwd", b"x"))),
        ("a link, then a file below it", emit(&[link, inside])),
        ("as much as may be, a thousand to one", with(zeros("run/zeros", 127 << 20))),
        ("more than may be, a thousand to one", with(zeros("run/zeros", 300 << 20))),
        ("many entries of zeros", emit(&many)),
        ("entries that say they become huge", emit(&told.collect::<Vec<_>>())),
        ("an entry that becomes more than it says", with(flat)),
        ("an archive in the archive", with(Raw::new("run/nested.zip", &nested))),
        ("zip64 sizes that end nowhere", emit(&[wide(u64::MAX, 9)])),
        ("zip64 sizes beyond the file", emit(&[wide(7, u64::MAX)])),
        ("a wrong checksum", with(bad)),
        ("support.json that nests deep", described(&"[".repeat(8 << 20))),
        ("support.json of many texts", described(&"\"\",".repeat(2 << 20))),
        ("zeros", vec![0; 64 << 20]),
        ("beginnings of end records", b"PK\x05\x06".repeat(16 << 20)),
    ]
}

#[test]
fn hostile_archives_take_little_time_and_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile.zip");
    for (what, bytes) in archives() {
        fs::write(&path, bytes).unwrap();
        check(what, &path);
    }
}

/// An archive of so many empty entries, as its end says, or as a liar's would.
fn crowded(path: &Path, entries: u64, told: u64) {
    let mut file = BufWriter::new(fs::File::create(path).unwrap());
    let shared = [[20, 0, 0, 0, 0, 0].as_slice(), &[0; 16], &[8, 0, 0, 0]].concat();
    for number in 0..entries {
        write!(file, "PK\u{3}\u{4}").unwrap();
        file.write_all(&shared).unwrap();
        write!(file, "f{number:07}").unwrap();
    }
    let start = 38 * entries;
    for number in 0..entries {
        file.write_all(b"PK\x01\x02\x14\x03").unwrap();
        file.write_all(&shared).unwrap();
        file.write_all(&[[0; 8].as_slice(), &(0o100_600_u32 << 16).to_le_bytes()].concat())
            .unwrap();
        file.write_all(&((38 * number) as u32).to_le_bytes()).unwrap();
        write!(file, "f{number:07}").unwrap();
    }
    let length = 54 * entries;
    file.write_all(b"PK\x06\x06").unwrap();
    file.write_all(&44_u64.to_le_bytes()).unwrap();
    file.write_all(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]).unwrap();
    for word in [told, told, length, start] {
        file.write_all(&word.to_le_bytes()).unwrap();
    }
    file.write_all(b"PK\x06\x07\0\0\0\0").unwrap();
    file.write_all(&(start + length).to_le_bytes()).unwrap();
    file.write_all(b"\x01\0\0\0PK\x05\x06\0\0\0\0").unwrap();
    file.write_all(&[told.min(0xffff) as u16; 2].map(u16::to_le_bytes).concat()).unwrap();
    file.write_all(&[u32::MAX, start as u32].map(u32::to_le_bytes).concat()).unwrap();
    file.write_all(&[0; 2]).unwrap();
}

#[test]
fn a_million_entries_take_little_time_and_memory_whatever_the_end_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crowded.zip");
    for (what, entries, told) in [
        ("a million entries", 1_000_000, 1_000_000),
        ("a million entries that are told as ten thousand", 1_000_000, 10_000),
        ("ten thousand entries that are told as a million", 10_000, 1_000_000),
        ("ten thousand entries", 10_000, 10_000),
    ] {
        crowded(&path, entries, told);
        check(what, &path);
    }
}
