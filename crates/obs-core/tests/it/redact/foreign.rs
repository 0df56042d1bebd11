//! Secrets beside what is not ASCII, or no text at all.
use obs_core::redact::{RedactStream, Redactor};

/// Letters, signs, blanks and pictures; then bytes of other encodings, and of characters that were cut.
#[rustfmt::skip]
const FOREIGN: &[&[u8]] = &[
    "é".as_bytes(), "ö".as_bytes(), "п".as_bytes(), "中".as_bytes(), "“".as_bytes(), "«".as_bytes(),
    "\u{a0}".as_bytes(), "，".as_bytes(), "：".as_bytes(), "🔑".as_bytes(),
    b"\xff", b"\xe9", b"\xa0", b"\x80", b"\xc3", b"\xf0\x9f", b"\xed\xa0\x80",
];

/// `~` stands for what is foreign.
const TEXTS: &[&str] = &[
    "~password=hunter2Xq",
    "password=hunter2Xq~",
    "password=hunt~er2Xq",
    "a ~api_key: hunter2Xq7bd04c2e91",
    "\"~password\":\"hunter2Xq\"",
    "{\"user~\":1,\"~db_password\":\"hunter2Xq\"}",
    "~--client-secret hunter2XqJalrXUtnFEMIK7MDENG",
    "~ghp_hunter2XqK9mN1pQ3rS5tU7vW9xY1zA3bC5dE",
    "~Authorization: Bearer hunter2Xq0123456789",
    "~Bearer hunter2Xq04fceea167a5a36dedd4bea",
    "postgres://~ada:hunter2Xq@h/db",
    "postgres://a~da:hunter2Xq@h/db",
    "postgres://ada:hunter2Xq~@h/db",
    "sch~me~://ada:hunter2Xq@h/db",
    "~x-vendorKEY-hunter2Xq4f3a9c2b7d1e8f60",
];

#[test]
fn what_is_not_ascii_hides_no_secret_and_is_kept() {
    let redactor = Redactor::new();
    for (text, foreign) in TEXTS.iter().flat_map(|text| FOREIGN.iter().map(move |it| (text, it))) {
        let text = text.split('~').map(str::as_bytes).collect::<Vec<_>>().join(*foreign);
        let (mut stream, mut out) = (RedactStream::new(&redactor), Vec::new());
        stream.write(&text, |bytes| out.extend_from_slice(bytes));
        let counts = stream.finish(|bytes| out.extend_from_slice(bytes));
        let shown = String::from_utf8_lossy(&out);
        assert_eq!(counts.total(), 1, "{:?}: {shown}", String::from_utf8_lossy(&text));
        assert!(!shown.contains("er2Xq"), "{shown}");
        let before = text.iter().zip(&out).take_while(|(one, other)| one == other).count();
        assert!(out[before..].starts_with(b"[REDACTED:"), "{shown}");
    }
}
