//! Secrets in any of the ways by which something reaches an output: they are in none.
use crate::kinds::{PASSWORDS, PREFIXED, shaped, token};
use crate::program::{Ended, Program, wait_until};
use aho_corasick::AhoCorasick;
use obs::Context;
use std::fmt;
use std::io::Read;
use std::path::Path;
use std::time::Duration;
use tracing::{error, info, info_span, warn};

/// Ways that take any text, each with secrets of its own.
const WAYS: u64 = 20;
/// So much of a secret must not be found.
const WORD_BYTES: usize = 12;
/// Longer than what a record takes.
const LONG_BYTES: usize = 64 << 10;

/// The secret of one kind that goes one way.
fn secret(kind: usize, way: u64) -> String {
    token(&PREFIXED[kind], 1 + kind as u64 * WAYS + way)
}

#[derive(Debug)]
#[expect(dead_code, reason = "it is there to be shown")]
struct Login {
    user: &'static str,
    credentials: Option<Vec<String>>,
}

#[derive(Debug)]
struct Refused(String, Option<Box<Refused>>);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "upstream refused {}", self.0)
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}

/// Lets one secret of a kind go every way there is.
fn log_all(run: &obs::Run, kind: usize) {
    let secret = |way: u64| secret(kind, way);
    info!("got {} from the header", secret(0));
    info!(value = secret(1), "field");
    info!(body = format!("{{\"a\":{{\"t\":\"{{\\\"k\\\":\\\"{}\\\"}}\"}}}}", secret(2)), "nested");
    info!(login = ?Login { user: "ada", credentials: Some(vec![secret(3)]) }, "debug");
    info!(url = %format!("https://h.example/cb?a=1&x={}&b=2", secret(4)), "address");
    warn!(headers = ?[("x-any", secret(5))], "headers");
    let cause = Some(Box::new(Refused(secret(6), None)));
    let refused = Refused(secret(7), cause);
    error!(error = &refused as &(dyn std::error::Error + 'static), "failed");
    let panics = move || panic!("cannot use {}", self::secret(kind, 8));
    let panicked = std::thread::Builder::new().spawn(panics);
    assert!(panicked.unwrap().join().is_err());
    let span = info_span!("work", input = secret(9), later = tracing::field::Empty);
    span.record("later", secret(10));
    span.in_scope(|| info!("in a span"));
    let context = Context::new().with("from", secret(11));
    context.in_scope(|| info!("in a context"));
    run.artifact(format!("/no/such/{}.bin", secret(12)), "output");
    run.set_context(&Context::new().with("batch", secret(13)));
    log::info!(target: &format!("lib::{}", secret(14)), "from another library");
    info!(bytes = secret(15).as_bytes(), "bytes");
}

/// Passwords under names, in addresses and headers.
fn log_passwords() {
    for password in PASSWORDS {
        info!(password, db.password = password, "by a field");
        info!("db password={password} user=ada");
        info!(config = %serde_json::json!({"auth": {"password": password}}), "by a key");
        info!(url = %format!("postgres://ada:{}@db/app", password.replace(['/', '@', '#'], "_")));
    }
    for (kind, secret) in shaped() {
        info!(kind, "got {secret}");
    }
}

/// Tokens that the limit of a record cuts in two. A few such records fill a ring, so each kind waits until those of the
/// one before have left it.
fn log_cut_tokens(run: &obs::Run) {
    let mut emitted = run.delivery().emitted;
    for kind in 0..PREFIXED.len() {
        let token = secret(kind, 16);
        for cut in [4, 8, 12, token.len() / 2, token.len() - 2] {
            let filler = "x ".repeat((LONG_BYTES - 400 - cut) / 2);
            info!("{filler}{token} {}", "y ".repeat(400));
            emitted += 1;
        }
        wait_until(|| run.delivery().emitted >= emitted);
    }
}

/// What only the program's own rules know.
const BADGE: &str = "4711-0815-north";
const SERIAL: &str = "ACME-98765432";
/// What only the environment says to be secret.
const KNOWN: &str = "Lantern+zebra 41";

fn program() {
    // The library's own panic message, which goes to the terminal as it is, is not ours.
    std::panic::set_hook(Box::new(|_| {}));
    let run = obs::init_with(obs::Settings::from_env()).unwrap();
    log_cut_tokens(&run);
    for kind in 0..PREFIXED.len() {
        log_all(&run, kind);
        run.env_section("provider", serde_json::json!({ "note": secret(kind, 17) }));
    }
    log_passwords();
    info!(badge_number = BADGE, "own name, badge_number={BADGE}");
    info!("own pattern {SERIAL}");
    info!(
        "known {KNOWN}, as base64 {}=, as address ?a={}",
        base64(KNOWN.as_bytes()),
        "Lantern%2Bzebra%2041"
    );
    info!("known as text of a text {:?}", serde_json::json!(format!("a \"{KNOWN}\"")).to_string());
    let bundle = run.bundle(&obs::bundle::Options::default()).unwrap();
    assert!(bundle.size > 0);
    let delivery = run.finish(Duration::from_secs(60));
    assert!(delivery.is_complete(), "{delivery}");
}

/// Everything that the program left or showed, by name; bundles by what is in them.
fn outputs(ended: &Ended) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![("stderr".to_owned(), ended.stderr.clone())];
    let mut folders = vec![ended.run()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => all.extend(contents(&path)),
            }
        }
    }
    all
}

fn contents(path: &Path) -> Vec<(String, Vec<u8>)> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let bytes = std::fs::read(path).unwrap();
    if !name.ends_with(".zip") {
        return vec![(name, bytes)];
    }
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let count = zip.len();
    let entry = |number| {
        let mut file = zip.by_index(number).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (format!("{name}: {}", file.name().unwrap()), bytes)
    };
    (0..count).map(entry).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = bytes.iter().flat_map(|b| (0..8).rev().map(move |n| b >> n & 1)).collect();
    let digit = |six: &[u8]| six.iter().fold(0, |value, bit| value << 1 | usize::from(*bit));
    let whole = bits.chunks_exact(6).map(|six| char::from(DIGITS[digit(six)]));
    whole.collect()
}

/// What must not be found, and the secret that it is a part of.
fn words() -> Vec<(String, String)> {
    let mut words = Vec::new();
    for (kind, way) in (0..PREFIXED.len()).flat_map(|kind| (0..WAYS).map(move |way| (kind, way))) {
        let secret = secret(kind, way);
        let encoded = base64(secret.as_bytes());
        let body = &secret[PREFIXED[kind].0.len()..];
        for word in [&body[..WORD_BYTES], &encoded[4..WORD_BYTES + 4]] {
            words.push((word.to_owned(), format!("{kind} by way {way}")));
        }
    }
    for password in PASSWORDS.iter().filter(|password| **password != "20261122") {
        words.push(((*password).to_owned(), (*password).to_owned()));
    }
    let encoded = base64(KNOWN.as_bytes());
    for word in [BADGE, SERIAL, KNOWN, &encoded[..20], "Lantern%2B"] {
        words.push((word.to_owned(), word.to_owned()));
    }
    for (kind, secret) in shaped() {
        words.push((secret[secret.len() - 26..secret.len() - 4].to_owned(), kind.to_owned()));
    }
    words
}

#[test]
fn are_in_no_file_no_bundle_and_on_no_terminal() {
    let ended = Program::of(|| {
        program();
    })
    .env("OBS_CONSOLE", "1")
    .env("OBS_RING_BYTES", "4MiB")
    .env("PROVIDER_TOKEN", secret(1, 18))
    .env("OBS_HIDDEN", secret(2, 18))
    .env("APP_PASSWORD", KNOWN)
    .env("OBS_REDACT", "badge_number,serial=/ACME-[0-9]{8}/")
    .run()
    .well();
    let outputs: Vec<(String, String)> = outputs(&ended)
        .into_iter()
        .map(|(name, bytes)| (name, String::from_utf8_lossy(&bytes).into_owned()))
        .collect();
    assert!(outputs.iter().any(|(name, _)| name.contains("support") && name.contains("log.jsonl")));
    let (words, secrets): (Vec<_>, Vec<_>) = words().into_iter().unzip();
    let words = AhoCorasick::new(words).unwrap();
    let mut found = Vec::new();
    for (name, text) in &outputs {
        let all = words.find_iter(text).map(|word| &secrets[word.pattern()]);
        found.extend(all.map(|secret| format!("{secret} in {name}")));
    }
    assert!(found.is_empty(), "{}: {:#?}", found.len(), &found[..found.len().min(40)]);
    let log = ended.log();
    let redacted =
        log.iter().filter(|line| serde_json::to_string(line).unwrap().contains("[REDACTED:"));
    assert!(redacted.count() > PREFIXED.len() * 10, "the lines themselves are there");
}
