//! Journals of older builds, of programs with other rules, and such as are damaged.
use crate::fixture::{Run, assert_whole, contents, options, outcome};
use crate::kinds::{PREFIXED, shaped, token};
use crate::segment::Segment;
use obs_bundle::{Bundle, FilePart, Options, Truncated, Why, write};
use obs_core::encode::Key;
use obs_core::io::Disk;
use obs_core::wire::Kind;
use obs_core::wire::frame::{Frames, Item};
use obs_recorder::journal::{self, Fill, Reader};
use std::fs;
use std::sync::Arc;

const SEGMENT: &str = "journal/000001.seg";

fn has(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

fn part<'a>(bundle: &'a Bundle, path: &str) -> &'a FilePart {
    bundle.manifest.files.iter().find(|file| file.path == path).unwrap()
}

/// The records of a segment as every sink sees them.
fn records(run: &Run, segment: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("000001.seg"), segment).unwrap();
    let mut reader =
        Reader::new(Arc::new(Disk::new()), Some(folder.path().to_owned()), run.id, None);
    let mut all = Vec::new();
    while reader.fill(u64::MAX).unwrap() == Fill::Some {
        while let Some(record) = reader.next() {
            all.push(format!("{} {:?}", record.seq, record.fact));
        }
    }
    all
}

/// How many whole frames a segment without a checkpoint has, and how many bytes are none.
fn frames(segment: &[u8]) -> (usize, usize) {
    let header = segment.first_chunk().unwrap();
    let head = journal::Segment::decode("".as_ref(), segment.len() as u64, header).unwrap();
    let items = Frames::new(&segment[72..], head.first);
    items.fold((0, 0), |(frames, damaged), item| match item {
        Item::Damaged(bytes) => (frames, damaged + bytes),
        _ => (frames + 1, damaged),
    })
}

/// A journal that nothing was taken out of, and what must not leave the machine.
fn leaky(run: &Run) -> (Vec<u8>, Vec<String>) {
    let tokens = PREFIXED.iter().zip(500..).map(|(kind, seed)| token(kind, seed));
    let tokens: Vec<String> = tokens.chain(shaped().into_iter().skip(1).map(|it| it.1)).collect();
    let mut tokens = tokens.into_iter();
    let mut secrets = vec!["hunter2".to_owned(), "9d1f0c77".to_owned()];
    let mut next = || {
        let token = tokens.next().unwrap();
        secrets.push(token[token.len() - 12..].to_owned());
        token
    };
    let mut segment = Segment::new(run.id, 1, 0);
    for kind in
        [Kind::RunStart, Kind::Thread, Kind::RunContext, Kind::Context, Kind::Exit, Kind::RunEnd]
    {
        let (text, name) = (format!("got {}", next()), format!("x-{}", next()));
        segment.texts(kind, &[("detail", &text), ("plain", "stays"), (&name, "v")]);
    }
    segment.texts(Kind::Artifact, &[("path", &format!("/data/{}.csv", next())), ("role", "in")]);
    segment.callsite(1, &format!("load {}", next()), &["message", "db_password", "pin", "error"]);
    segment.callsite(2, "step", &["message", &format!("f {}", next())]);
    segment.event(1, |out| {
        out.text(Key::Field(0), "login with password=hunter2 done");
        out.text(Key::Field(1), "hunter2");
        out.u64(Key::Field(2), 0x9d1f_0c77);
    });
    let raw = [b"\xff\xff", next().as_bytes()].concat();
    segment.event(1, |out| out.bytes(Key::Name("raw"), &raw));
    let error = std::io::Error::other(format!("refused: {}", next()));
    segment.event(1, |out| out.error(Key::Field(3), &error));
    segment.span(2, |out| out.text(Key::Field(0), &format!("a={}", next())));
    for _ in 0..40 {
        let text = next();
        segment.event(2, |out| out.text(Key::Field(0), &text));
    }
    (segment.bytes, secrets)
}

#[test]
fn an_old_journal_leaves_its_secrets_behind_and_its_records_in_their_places() {
    let run = Run::ended();
    let (segment, secrets) = leaky(&run);
    run.put_bytes(SEGMENT, &segment);
    let bundle = write(&run.path, &Options::default()).unwrap();
    assert_whole(&bundle.path);
    let all = contents(&bundle.path);
    for (name, bytes) in &all {
        for secret in &secrets {
            assert!(!has(bytes, secret), "{secret} in {name}");
        }
    }
    let now = &all[SEGMENT];
    assert_eq!((now.len(), frames(now)), (segment.len(), frames(&segment)));
    let (before, after) = (records(&run, &segment), records(&run, now));
    assert_eq!(before.len(), after.len());
    assert!(before.len() > 45);
    let numbers = |all: &[String]| {
        all.iter().map(|it| it.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&before), numbers(&after));
    assert_eq!(now.windows(5).filter(|window| window == b"stays").count(), 6);
    let rewritten = part(&bundle, SEGMENT).rewritten;
    assert!((50..60).contains(&rewritten), "{rewritten}");
    assert_eq!(outcome(&bundle, "journal").0, "ok");
}

#[test]
fn the_rules_of_today_count_for_the_journal_of_yesterday() {
    let run = Run::ended();
    let mut segment = Segment::new(run.id, 1, 0);
    segment.callsite(1, "", &["message", "badge"]);
    segment.event(1, |out| {
        out.text(Key::Field(0), "seen");
        out.u64(Key::Field(1), 0x3434_3434_3434_3434);
    });
    segment.event(1, |out| out.text(Key::Field(0), "badge=471147 ACME-20261122 seen"));
    segment.texts(Kind::Context, &[("badge", "471147"), ("line", "a")]);
    run.put_bytes(SEGMENT, &segment.bytes);
    let mut options = options();
    let bundle = write(&run.path, &options).unwrap();
    assert_eq!(contents(&bundle.path)[SEGMENT], segment.bytes, "as it is without such rules");
    assert_eq!(part(&bundle, SEGMENT).rewritten, 0);
    options.rules = "badge, badge=/ACME-[0-9]{4,8}/".parse().unwrap();
    let bundle = write(&run.path, &options).unwrap();
    let now = &contents(&bundle.path)[SEGMENT];
    for secret in ["44444444", "471147", "ACME-2026"] {
        assert!(has(&segment.bytes, secret) && !has(now, secret), "{secret}");
    }
    assert!(has(now, "seen") && has(now, "line"));
    assert_eq!(part(&bundle, SEGMENT).rewritten, 3);
    assert_whole(&bundle.path);
}

#[test]
fn a_record_whose_callsite_nobody_knows_keeps_its_place_and_says_nothing() {
    let run = Run::ended();
    let mut segment = Segment::new(run.id, 1, 0);
    segment.event(5, |out| out.text(Key::Field(0), "4711"));
    run.put_bytes(SEGMENT, &segment.bytes);
    let bundle = run.bundle();
    let now = &contents(&bundle.path)[SEGMENT];
    assert!(!has(now, "4711"));
    assert_eq!(frames(now), (1, 0));
    let again = Run::ended();
    again.put_bytes(SEGMENT, now);
    assert_eq!(part(&again.bundle(), SEGMENT).rewritten, 0, "twice is once");
}

#[test]
fn damage_becomes_zeros_and_a_torn_end_is_left_out() {
    let run = Run::ended();
    let mut segment = Segment::new(run.id, 1, 0);
    for text in ["one", "two", "six"] {
        segment.texts(Kind::Exit, &[("text", text)]);
    }
    let whole = segment.bytes.clone();
    let mut damaged = whole.clone();
    let at = whole.windows(3).position(|bytes| bytes == b"two").unwrap();
    damaged[at] = b'T';
    damaged.extend_from_slice(&whole[72..100]);
    run.put_bytes(SEGMENT, &damaged);
    let bundle = run.bundle();
    let now = &contents(&bundle.path)[SEGMENT];
    assert_eq!(now.len(), whole.len());
    assert!(has(now, "one") && has(now, "six") && !has(now, "wo"));
    assert_eq!(frames(now), frames(&damaged));
    let length = damaged.len() as u64;
    assert_eq!(part(&bundle, SEGMENT).truncated, Some(Truncated::tail(Some(length))));
    assert_eq!(outcome(&bundle, "journal").0, "ok");
    assert_whole(&bundle.path);
    for length in (0..whole.len()).step_by(7) {
        run.put_bytes(SEGMENT, &whole[..length]);
        let bundle = run.bundle();
        assert_whole(&bundle.path);
        let kept = contents(&bundle.path)[SEGMENT].len();
        assert!(kept <= length && (length < 72) == (kept == 0), "{kept} of {length}");
        fs::remove_file(bundle.path).unwrap();
    }
}

#[test]
fn a_segment_that_cannot_be_read_is_left_out_and_told() {
    let run = Run::ended();
    let mut unknown = Segment::new(run.id, 2, 9_000);
    unknown.texts(Kind::Exit, &[("text", "password=hunter2")]);
    let mut bytes = unknown.bytes.clone();
    bytes[72 + 8] = 99;
    let crc = {
        let start = (9_000_u32 / 8) ^ (bytes.len() as u32 - 72);
        crc32c(start, &bytes[72 + 8..])
    };
    bytes[72 + 4..72 + 8].copy_from_slice(&crc.to_le_bytes());
    run.put_bytes("journal/000002.seg", &bytes);
    run.put("journal/000003.seg", &"password=hunter2 ".repeat(10));
    let bundle = run.bundle();
    assert_whole(&bundle.path);
    let (status, errors) = outcome(&bundle, "journal");
    assert_eq!(status, "partial");
    let expected = [
        "\"journal/000002.seg\" may hold secrets and is left out: it holds records of a kind that this build does not \
         know",
        "\"journal/000003.seg\" may hold secrets and is left out: its header cannot be read",
    ];
    assert_eq!(errors, expected);
    let part = bundle.manifest.collectors.iter().find(|part| part.name == "journal").unwrap();
    let left_out: Vec<_> = part.left_out.iter().map(|it| (it.path.as_str(), it.why)).collect();
    let why = Why::Redaction;
    assert_eq!(left_out, [("journal/000002.seg", why), ("journal/000003.seg", why)]);
    assert_eq!(part.files, [SEGMENT]);
    assert!(contents(&bundle.path).values().all(|bytes| !has(bytes, "hunter2")));
}

/// CRC-32C from a start, bit by bit.
fn crc32c(start: u32, bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    !bytes.iter().fold(!start, byte)
}
