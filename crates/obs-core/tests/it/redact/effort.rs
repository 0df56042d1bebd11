//! Texts in which there is more to be looked at than in any that somebody would read.
use super::kinds::{PREFIXED, Sequence, token};
use super::worst::UNITS;
use obs_core::redact::{JsonLines, Literals, RedactStream, RedactionCounts, Redactor};

const RULE: &str = "limit:effort";
/// As much as this is dense before anything is withheld, or nothing is.
const DENSE: &str = "%a1key:";

fn streamed(redactor: &Redactor, text: &str, piece_bytes: usize) -> String {
    let (mut stream, mut out) = (RedactStream::new(redactor), Vec::new());
    text.as_bytes()
        .chunks(piece_bytes)
        .for_each(|piece| stream.write(piece, |bytes| out.extend_from_slice(bytes)));
    stream.finish(|bytes| out.extend_from_slice(bytes));
    String::from_utf8(out).unwrap()
}

fn withheld(counts: &RedactionCounts) -> u64 {
    counts.iter().filter(|(rule, _)| *rule == RULE).map(|(_, count)| count).sum()
}

#[test]
fn it_goes_as_it_is_and_what_follows_its_line_is_looked_at_as_ever() {
    let dense = DENSE.repeat(60 << 10);
    let calm = "nothing to see here\n".repeat(1_000);
    let text = format!("begins\n{dense}\n{calm}password=hunter2 user=ada\n");
    let mut counts = RedactionCounts::default();
    let redacted = Redactor::new().redact_counted(&text, &mut counts).into_owned();
    assert!(redacted.starts_with("begins\n%a1key:%a1key:"), "the beginning is read as ever");
    assert!(redacted.len() < text.len() / 4, "{} of {}", redacted.len(), text.len());
    let (_, last) = redacted.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(last, "password=[REDACTED:name:password] user=ada");
    assert!(withheld(&counts) > 0, "{counts:?}");
    assert!(Redactor::new().patient().redact(&redacted) == redacted, "there is nothing else in it");
}

#[test]
fn a_line_of_a_log_is_withheld_to_its_end_and_no_other() {
    let dense = DENSE.repeat(6 << 10);
    let text = format!("a=1\n{dense}\n{}", "max_tokens=7 token_type=x\n".repeat(3_000));
    let redacted = Redactor::new().redact(&text).into_owned();
    assert_eq!(redacted.matches(RULE).count(), 1);
    assert!(redacted.ends_with(&"max_tokens=7 token_type=x\n".repeat(3_000)));
}

/// Lines as dense as programs write them.
fn ordinary() -> Vec<String> {
    let line = |number: usize| {
        [
            format!("{{\"key\":\"user_key_{number}\"}}\n"),
            format!("{{\"token\":\"w{number}\",\"logprob\":-0.5}}\n"),
            format!("max_tokens={number} prompt_tokens=17 key_id=3 token_type=bpe\n"),
            format!("GET /v1?page_token={number}&key=7&auth=2&sort=up https://h.example/a?b=c\n"),
            format!("2026-11-30T12:00:{:02}Z INFO auth password=hunter{number}\n", number % 60),
            format!("primary_key={number}, partition_key=p{number}, cache_key: c-{number}\n"),
            format!("Authorization: Bearer abcdef0123456789{number:06} host: h.example\n"),
        ]
    };
    let mut texts = vec![String::new(); 7];
    for number in 0..40_000 {
        texts.iter_mut().zip(line(number)).for_each(|(text, line)| text.push_str(&line));
    }
    texts
}

#[test]
fn nothing_is_withheld_of_what_programs_write_however_dense() {
    let redactor = Redactor::new();
    for text in ordinary() {
        let sample = &text[..60];
        assert!(text.len() > 800_000, "{sample}");
        assert!(!redactor.redact(&text).contains(RULE), "{sample}");
        let mut lines = JsonLines::new(&redactor);
        text.split_inclusive('\n').for_each(|line| drop(lines.redact(line)));
        assert_eq!(withheld(lines.counts()), 0, "{sample}");
    }
}

/// A text of one unit with a secret every few KiB, and the secrets.
fn planted(unit: &str, numbers: &mut Sequence) -> (String, Vec<String>) {
    let (mut text, mut secrets) = (String::new(), Vec::new());
    while text.len() < 300 << 10 {
        text.push_str(&unit.repeat((500 + numbers.next() % 9_000) / unit.len()));
        let secret = token(numbers.pick(PREFIXED), numbers.next() as u64);
        let body =
            numbers.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 64);
        match numbers.next() % 4 {
            0 => text.push_str(&format!("\n{secret}\n")),
            1 => text.push_str(&format!("\npassword={body} a=1\n")),
            2 => text.push_str(&format!("\n{{\"api_key\": \"{secret} {body}\"}}\n")),
            _ => {
                let lines = format!("{body}\n").repeat(1 + numbers.next() % 60);
                text.push_str("\n-----BEGIN PRIVATE KEY-----\n");
                text.push_str(&format!("{lines}-----END PRIVATE KEY-----\n"));
            }
        }
        secrets.push(if text.ends_with(&format!("{secret}\n")) { secret } else { body });
    }
    (text, secrets)
}

#[test]
fn no_secret_shows_at_the_border_of_what_is_withheld() {
    let redactor = Redactor::new();
    let mut numbers = Sequence::new(20_261_130);
    let mut withheld = 0;
    for unit in UNITS.iter().chain(&[DENSE]) {
        let (text, secrets) = planted(unit, &mut numbers);
        let whole = redactor.redact(&text).into_owned();
        let in_pieces = streamed(&redactor, &text, 5_000);
        withheld += whole.matches(RULE).count();
        for secret in &secrets {
            assert!(!whole.contains(secret.as_str()), "{unit:?}: {secret}");
            assert!(!in_pieces.contains(secret.as_str()), "{unit:?} in pieces: {secret}");
        }
    }
    assert!(withheld > 100, "{withheld}: too little to tell");
}

#[test]
fn pieces_are_withheld_as_the_whole_is() {
    let redactor = Redactor::new();
    let text = format!("{}\nlast\n", DENSE.repeat(40 << 10));
    let whole = redactor.redact(&text).into_owned();
    assert!(whole.contains(RULE));
    for piece_bytes in [4_093, 65_536, 1 << 20] {
        assert!(streamed(&redactor, &text, piece_bytes) == whole, "{piece_bytes}");
    }
}

#[test]
fn a_known_text_is_not_cut_where_something_else_ends() {
    const KNOWN: &str = "first line Of it\nsecond line Of it";
    let mut literals = Literals::default();
    literals.add_variable("A_TOKEN", KNOWN);
    let redactor = Redactor::new().with_literals(&literals);
    let text = format!("{}\n", format!("{}{KNOWN}", DENSE.repeat(100)).repeat(400));
    let redacted = redactor.redact(&text).into_owned();
    assert!(redacted.contains(RULE));
    assert!(!redacted.contains("second line Of it"), "its rest shows");
}

#[test]
fn a_line_of_json_with_too_much_in_it_becomes_a_marker() {
    let redactor = Redactor::new();
    let mut lines = JsonLines::new(&redactor);
    let dense = format!("[{}1]\r\n", "\"a1key:b\",".repeat(100_000));
    let redacted = lines.redact(&dense).into_owned();
    assert_eq!(redacted, format!("\"[REDACTED:{RULE}]\"\r\n"));
    assert!(serde_json::from_str::<String>(&redacted).is_ok());
    let calm = format!("{{\"text\":\"{}\"}}", "nothing to see ".repeat(10_000));
    assert_eq!(lines.redact(&calm), calm);
    assert_eq!(lines.redact("{\"password\":\"x\"}"), "{\"password\":\"[REDACTED:name:password]\"}");
    let inside = serde_json::json!({ "a": 1, "text": DENSE.repeat(60 << 10) }).to_string();
    let redacted: serde_json::Value = serde_json::from_str(&lines.redact(&inside)).unwrap();
    assert_eq!(redacted["a"], 1, "only the text is withheld");
    assert!(redacted["text"].as_str().unwrap().contains(RULE));
}
