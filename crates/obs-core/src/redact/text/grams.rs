//! Which four bytes of an anchor it is found by.
use super::anchor::Anchor;
use super::frequency;

/// In an anchor of so many bytes there are rare ones without those around it.
const LONG_BYTES_MIN: usize = 6;

/// Four neighbouring bytes of an anchor, or of it and what may stand around it; in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gram {
    /// Where they stand, seen from the anchor's first.
    pub(super) offset: i8,
    pub(super) bytes: [u8; 4],
}

/// Two neighbouring places of the anchor, those whose bytes are rarest in text, with all bytes that may stand there.
pub(super) fn chosen(anchor: &Anchor) -> Vec<Gram> {
    let has_edges = anchor.text.len() < LONG_BYTES_MIN;
    let mut choices: Vec<Vec<u8>> = anchor.text.bytes().map(|byte| vec![byte | 0x20]).collect();
    if has_edges {
        choices.insert(0, bytes_of(anchor.before));
        choices.push(bytes_of(anchor.next));
    }
    let costs: Vec<f64> = choices.windows(4).map(frequency::of).collect();
    let pairs = costs.windows(2).map(|pair| pair[0] + pair[1]).enumerate();
    let first = pairs.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(at, _)| at);
    let grams = |at: usize| {
        let offset = i8::try_from(at).unwrap_or(i8::MAX) - i8::from(has_edges);
        all(&choices[at..]).into_iter().map(move |bytes| Gram { offset, bytes })
    };
    grams(first).chain(grams(first + 1)).collect()
}

/// All groups that the first four choices make.
fn all(choices: &[Vec<u8>]) -> Vec<[u8; 4]> {
    let mut grams = vec![[0; 4]];
    for (place, choices) in choices.iter().take(4).enumerate() {
        let with = |gram: &[u8; 4], byte: u8| {
            let mut gram = *gram;
            gram[place] = byte;
            gram
        };
        grams = grams.iter().flat_map(|gram| choices.iter().map(|b| with(gram, *b))).collect();
    }
    grams
}

/// The bytes of a kind, in lower case.
fn bytes_of(kind: fn(u8) -> bool) -> Vec<u8> {
    let mut is_there = [false; 256];
    (0..=u8::MAX)
        .filter(|byte| kind(*byte))
        .for_each(|byte| is_there[usize::from(byte | 0x20)] = true);
    (0..=u8::MAX).filter(|byte| is_there[usize::from(*byte)]).collect()
}
