//! Secrets in what goes into a bundle: they stay behind.
use crate::fixture::{Run, contents, options};
use crate::kinds::{PASSWORDS, PREFIXED, shaped, token};
use obs_bundle::{BundleErrorKind, Files, NewFile, Options, State, write};
use obs_core::redact::Literals;
use std::io::Read;
use std::sync::Arc;

fn has(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

#[test]
fn no_kind_of_file_brings_one_in() {
    let run = Run::ended();
    let tokens = PREFIXED.iter().zip(90..).map(|(kind, seed)| token(kind, seed));
    let tokens: Vec<String> =
        tokens.chain(shaped().into_iter().skip(1).take(3).map(|s| s.1)).collect();
    let lines = |way: &str| {
        let line =
            |token: &String| format!("{{\"way\":\"{way}\",\"text\":\"got {token} here\"}}\n");
        tokens.iter().map(line).collect::<String>()
    };
    run.put("log.jsonl", &lines("log"));
    run.put_gzip("log.0001.jsonl.gz", &lines("rotated"));
    run.put("spans.jsonl", &lines("spans"));
    run.put("internal.log", &lines("internal"));
    run.put("rejected.jsonl", &lines("rejected"));
    run.put("metrics.om", &tokens.join("\n"));
    let passwords: Vec<String> = PASSWORDS.iter().map(|it| format!("password='{it}'")).collect();
    let notes = [tokens.join("\n"), passwords.join("\n"), "token: hunter2".to_owned()];
    run.put("a/notes.txt", &notes.join("\n"));
    run.put("a/table.csv", "name,value\npassword,\"hunter2\"\n");
    run.put("a/config.json", "{\n  \"db\": { \"password\": \"hunter2\", \"port\": 5432 }\n}\n");
    run.put("a/model.bin", "hunter2");
    run.declare(&[
        ("a/notes.txt", "output"),
        ("a/table.csv", "output"),
        ("a/config.json", "input"),
        ("a/model.bin", "model"),
    ]);
    let bundle = write(&run.path, &Options::default()).unwrap();
    let all = contents(&bundle.path);
    for (name, bytes) in &all {
        for token in &tokens {
            assert!(!has(bytes, &token[token.len() - 12..]), "{token} in {name}");
        }
        assert!(!has(bytes, "hunter2"), "{name}");
    }
    let config = all.iter().find(|(name, _)| name.ends_with("config.json")).unwrap();
    assert_eq!(
        String::from_utf8_lossy(config.1),
        "{\n  \"db\": { \"password\": \"[REDACTED:name:password]\", \"port\": 5432 }\n}\n"
    );
    let manifest = &bundle.manifest;
    let log = manifest.files.iter().find(|file| file.path == "run/log.jsonl").unwrap();
    assert_eq!(log.redactions, tokens.len() as u64);
    assert!(manifest.redaction.self_check && manifest.redaction.counts["shape:github"] > 6);
}

#[test]
fn what_is_known_to_be_secret_goes_from_texts_and_keeps_a_file_that_is_none_out() {
    const KNOWN: &str = "Lantern-zebra 41";
    let mut options = options();
    options.literals = Literals::default();
    options.literals.add_variable("APP_PASSWORD", KNOWN);
    let run = Run::ended();
    run.put("notes.txt", &format!("as it is: {KNOWN}, in digits: {}\n", hex(KNOWN)));
    run.put("log.jsonl", &format!("{{\"text\":\"of ada, {KNOWN}\"}}\n"));
    run.declare(&[("notes.txt", "output")]);
    let bundle = write(&run.path, &options).unwrap();
    for (name, bytes) in contents(&bundle.path) {
        assert!(!has(&bytes, KNOWN) && !has(&bytes, &hex(KNOWN)), "{name}");
    }
    assert_eq!(bundle.manifest.redaction.counts["literal:environment"], 3);
    let key = b"\x000123456789abcdefFEDCBA98765432\xff";
    run.put_bytes("run.key", key);
    for secret in [KNOWN.as_bytes(), key] {
        run.put_bytes("model.bin", &[&[0, 255], &vec![7; 70_000][..], secret, &[0]].concat());
        run.declare(&[("model.bin", "model")]);
        let names = run.names();
        let error = write(&run.path, &options).unwrap_err();
        assert_eq!(error.kind(), BundleErrorKind::Redaction, "{error}");
        assert!(error.to_string().contains("model.bin"), "{error}");
        assert_eq!(run.names(), names, "no file stays");
        options.exclude = vec!["*model.bin".parse().unwrap()];
        assert!(write(&run.path, &options).is_ok());
        options.exclude.clear();
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn tokens_that_are_glued_to_each_other_do_not_keep_a_bundle_from_being_made() {
    let kinds = PREFIXED.iter().zip(1..).filter(|(kind, _)| kind.0.len() > 3);
    let tokens: Vec<String> = kinds.map(|(kind, seed)| token(kind, seed)).collect();
    let run = Run::ended();
    run.put("log.jsonl", &format!("{{\"text\":\"{}\"}}\n", tokens[..8].concat()));
    run.put("notes.txt", &tokens.chunks(3).map(|glued| glued.concat() + "\n").collect::<String>());
    run.put_bytes("spans.jsonl", &[b"\xff ", tokens[..3].concat().as_bytes(), b"\n"].concat());
    run.declare(&[("notes.txt", "output")]);
    let bundle = write(&run.path, &Options::default()).unwrap();
    assert!(bundle.manifest.redaction.self_check);
}

#[test]
fn what_is_no_text_is_left_out_and_noted_unless_it_is_asked_for() {
    let run = Run::ended();
    run.put("model.bin", "\u{0}\u{1}");
    run.declare(&[("model.bin", "model")]);
    let bundle = write(&run.path, &Options::default()).unwrap();
    assert!(!contents(&bundle.path).keys().any(|name| name.contains("model.bin")));
    let artifacts = bundle.manifest.collectors.iter().find(|part| part.name == "artifacts");
    let left_out = &artifacts.unwrap().left_out;
    assert_eq!((left_out.len(), left_out[0].why.as_str()), (1, "binary"));
    let bundle = write(&run.path, &options()).unwrap();
    assert!(contents(&bundle.path).keys().any(|name| name.contains("model.bin")));
}

/// Hands in what it likes, in pieces of one byte.
#[derive(Debug)]
struct Careless(&'static str);

impl obs_bundle::Collector for Careless {
    fn name(&self) -> &str {
        "careless"
    }

    fn collect(&self, files: &mut dyn Files) -> Result<(), obs_bundle::BundleError> {
        let mut bytes = OneByOne(self.0.as_bytes());
        files.add(NewFile::new("careless/state.txt", "state"), &mut bytes)?;
        files.missing("no token=abc123def456 to go on with".to_owned());
        Ok(())
    }
}

struct OneByOne(&'static [u8]);

impl Read for OneByOne {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = usize::from(!self.0.is_empty());
        into[..length].copy_from_slice(&self.0[..length]);
        self.0 = &self.0[length..];
        Ok(length)
    }
}

#[test]
fn a_collector_of_others_brings_none_in_neither_in_files_nor_in_what_it_says() {
    let run = Run::ended();
    let mut options = Options::default();
    options.collectors.push(Arc::new(Careless("state: api_key='8f14e45fceea167a' end")));
    let bundle = write(&run.path, &options).unwrap();
    assert_eq!(bundle.manifest.bundle.state, State::Partial);
    let all = contents(&bundle.path);
    assert!(all.values().all(|bytes| !has(bytes, "8f14e45f") && !has(bytes, "abc123def456")));
    assert_eq!(all["careless/state.txt"], b"state: api_key='[REDACTED:name:api_key]' end");
}

#[test]
fn the_rules_of_the_program_count_too() {
    let run = Run::ended();
    run.put("log.jsonl", "{\"badge\":\"4711\",\"event\":\"badge=4711 seen\"}\n");
    let mut options = Options::default();
    options.rules.names.push("badge".to_owned());
    let bundle = write(&run.path, &options).unwrap();
    let log = String::from_utf8(contents(&bundle.path)["run/log.jsonl"].clone()).unwrap();
    assert!(!log.contains("4711"), "{log}");
}

#[test]
fn what_takes_too_long_to_look_at_is_withheld_and_refuses_no_bundle() {
    let run = Run::ended();
    let dense = "%a1key:".repeat(100 << 10);
    let lines = format!("{{\"dense\":[{}1]}}\n", "\"a1key:b\",".repeat(100_000));
    let text = format!("{dense}\npassword=hunter2\n{}password=hunter3\n", "calm\n".repeat(10_000));
    run.put("a/dense.txt", &text);
    run.put("a/dense.jsonl", &format!("{lines}{{\"text\":\"{dense}\"}}\n{{\"n\":1}}\n"));
    run.declare(&[("a/dense.txt", "output"), ("a/dense.jsonl", "output")]);
    let bundle = write(&run.path, &Options::default()).unwrap();
    let all = contents(&bundle.path);
    let file = |end: &str| {
        let (_, bytes) = all.iter().find(|(name, _)| name.ends_with(end)).unwrap();
        String::from_utf8_lossy(bytes).into_owned()
    };
    let (text, lines) = (file("dense.txt"), file("dense.jsonl"));
    assert!(text.contains("[REDACTED:limit:effort") && text.len() < dense.len());
    assert!(!text.contains("hunter") && text.ends_with("]\n"), "what follows is looked at");
    assert!(lines.starts_with("\"[REDACTED:limit:effort") && lines.ends_with("\n{\"n\":1}\n"));
    assert!(bundle.manifest.redaction.counts["limit:effort"] > 2);
    assert!(bundle.manifest.redaction.self_check);
}
