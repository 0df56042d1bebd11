//! Secrets in texts that come in pieces.
use super::kinds::{PREFIXED, Sequence, token};
use obs_core::redact::{RedactStream, Redactor};

fn streamed(redactor: &Redactor, pieces: impl Iterator<Item = Vec<u8>>) -> (Vec<u8>, u64) {
    let (mut stream, mut out) = (RedactStream::new(redactor), Vec::new());
    pieces.for_each(|piece| stream.write(&piece, |bytes| out.extend_from_slice(bytes)));
    let counts = stream.finish(|bytes| out.extend_from_slice(bytes));
    (out, counts.total())
}

/// Some 3 MiB with a secret every few lines; `line_bytes` long lines.
fn text(line_bytes: usize) -> (String, usize) {
    let (mut random, mut text, mut count) = (Sequence::new(5), String::new(), 0);
    while text.len() < 3 << 20 {
        let filler = random.text("abcdefghij klmno ", line_bytes);
        text.push_str(&filler);
        let kind = random.next() % PREFIXED.len();
        match random.next() % 4 {
            0 => text.push_str(&format!(" password=\"{}\" ", random.text("abc123XYZ", 20))),
            1 => text.push_str(&format!(" {} ", token(&PREFIXED[kind], random.next() as u64))),
            _ => count -= 1,
        }
        count += 1;
        text.push(if line_bytes > 10_000 { ' ' } else { '\n' });
    }
    (text, count as usize)
}

#[test]
fn it_does_not_matter_where_pieces_are_cut() {
    let redactor = Redactor::new();
    for line_bytes in [80, 4_000, 20_000] {
        let (text, count) = text(line_bytes);
        let whole = redactor.redact(&text).into_owned();
        for piece_bytes in [4_093, 65_536, 1 << 20, 5 << 20] {
            let pieces = text.as_bytes().chunks(piece_bytes).map(<[u8]>::to_vec);
            let (out, found) = streamed(&redactor, pieces);
            assert!(out == whole.as_bytes(), "pieces of {piece_bytes}, lines of {line_bytes}");
            assert_eq!(found as usize, count);
        }
    }
}

#[test]
fn a_secret_is_found_at_any_distance_from_the_border_of_two_pieces() {
    let redactor = Redactor::new();
    let text = b"x=1 password=hunter2 y=2";
    for cut in 0..text.len() {
        let (first, second) = text.split_at(cut);
        let (out, _) = streamed(&redactor, [first.to_vec(), second.to_vec()].into_iter());
        assert_eq!(out, b"x=1 password=[REDACTED:name:password] y=2");
    }
}

#[test]
fn bytes_that_are_not_utf_8_stay() {
    let redactor = Redactor::new();
    let text = b"\xff\xfe password=hun\xffter \xc3\x28".to_vec();
    let (out, _) = streamed(&redactor, [text].into_iter());
    assert_eq!(out, b"\xff\xfe password=[REDACTED:name:password] \xc3\x28");
}
