//! Finds what a medium has to escape, fast where there is nothing.

/// Bytes looked at together: two vectors of the smallest vector unit.
const CHUNK_BYTES: usize = 32;

/// What a byte can mean for a scan.
const CLEAN: u8 = 0;
/// Dangerous by itself: C0 and DEL.
const CONTROL: u8 = 1;
/// Escaped in JSON only: the quote and the backslash.
const QUOTE: u8 = 2;
/// May begin a dangerous character in UTF-8.
const LEAD: u8 = 4;

const CLASSES: [u8; 256] = {
    let mut classes = [CLEAN; 256];
    let mut byte = 0;
    while byte < 0x20 {
        classes[byte] = CONTROL;
        byte += 1;
    }
    classes[0x7f] = CONTROL;
    classes[b'"' as usize] = QUOTE;
    classes[b'\\' as usize] = QUOTE;
    classes[0xc2] = LEAD;
    classes[0xd8] = LEAD;
    classes[0xe2] = LEAD;
    classes[0xef] = LEAD;
    classes[0xf3] = LEAD;
    classes
};

/// Whether a character must never reach a reader as it is; see the [module](super) for the list.
pub(super) const fn is_dangerous(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// What a scan stops at.
#[derive(Clone, Copy)]
pub(super) enum Stop {
    /// Dangerous characters.
    Dangerous,
    /// Dangerous characters, quotes and backslashes.
    DangerousOrQuote,
}

/// The byte offset of the first character at or after `from` that has to be escaped, and the
/// character. `from` must lie between two characters.
pub(super) fn next(text: &str, from: usize, stop: Stop) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    let mask = match stop {
        Stop::Dangerous => CONTROL | LEAD,
        Stop::DangerousOrQuote => CONTROL | LEAD | QUOTE,
    };
    let mut at = from;
    while at < bytes.len() {
        at += clean_start(&bytes[at..]);
        let end = bytes.len().min(at + CHUNK_BYTES);
        while at < end {
            match CLASSES[usize::from(bytes[at])] & mask {
                CLEAN => at += 1,
                LEAD => {
                    let c = text[at..].chars().next()?;
                    if is_dangerous(c) {
                        return Some((at, c));
                    }
                    at += c.len_utf8();
                }
                _ => return Some((at, char::from(bytes[at]))),
            }
        }
    }
    None
}

/// The length of the chunks and words at the start that are clean ASCII, or of all if all is.
fn clean_start(bytes: &[u8]) -> usize {
    let (chunks, _) = bytes.as_chunks::<CHUNK_BYTES>();
    let wide = chunks.iter().take_while(|chunk| is_clean_chunk(chunk)).count() * CHUNK_BYTES;
    let (words, rest) = bytes[wide..].as_chunks::<8>();
    let narrow = words.iter().take_while(|word| is_clean_word(**word)).count();
    if narrow < words.len() {
        return wide + narrow * 8;
    }
    // What is left is looked at together with what stands before it, or with spaces.
    let last = bytes.last_chunk().copied().unwrap_or_else(|| {
        let mut word = [b' '; 8];
        word[..rest.len()].copy_from_slice(rest);
        word
    });
    bytes.len() - if is_clean_word(last) { 0 } else { rest.len() }
}

/// Folds the chunk without a branch, which the compiler turns into vector instructions.
fn is_clean_chunk(chunk: &[u8; CHUNK_BYTES]) -> bool {
    let unclean = chunk
        .iter()
        .fold(false, |seen, b| seen | !(0x20..0x7f).contains(b) | (*b == b'"') | (*b == b'\\'));
    !unclean
}

/// Tests eight bytes as one number, for texts shorter than a chunk. A borrow or carry between bytes
/// can only come from an unclean byte, and so never makes a clean word look unclean.
///
/// Source: Sean Eron Anderson, "Bit Twiddling Hacks", "Determine if a word has a byte less than n".
fn is_clean_word(word: [u8; 8]) -> bool {
    const ONES: u64 = u64::MAX / 255;
    const HIGH_BITS: u64 = ONES << 7;
    let word = u64::from_ne_bytes(word);
    let zeros = |x: u64| x.wrapping_sub(ONES) & !x;
    let below_space = word.wrapping_sub(ONES * 0x20) & !word;
    let above_tilde = word.wrapping_add(ONES) | word;
    let quotes = zeros(word ^ (ONES * 0x22)) | zeros(word ^ (ONES * 0x5c));
    (below_space | above_tilde | quotes) & HIGH_BITS == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_and_a_chunk_are_clean_exactly_if_every_byte_is() {
        for byte in 0..=255 {
            let clean = (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\';
            for around in [b' ', b'~', b'a', b'!', b'#', b'[', b']'] {
                for at in 0..CHUNK_BYTES {
                    let mut chunk = [around; CHUNK_BYTES];
                    chunk[at] = byte;
                    assert_eq!(is_clean_chunk(&chunk), clean, "{byte} at {at}");
                    let mut word = [around; 8];
                    word[at % 8] = byte;
                    assert_eq!(is_clean_word(word), clean, "{byte} at {at}");
                }
            }
        }
    }
}
