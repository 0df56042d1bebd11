//! What a byte may be part of, by one look-up.

/// Letters, by case, and digits.
pub(super) const SMALL: u32 = 1;
pub(super) const CAPITAL: u32 = 1 << 1;
pub(super) const DIGIT: u32 = 1 << 2;
pub(super) const LETTER: u32 = SMALL | CAPITAL;
pub(super) const ALNUM: u32 = LETTER | DIGIT;
/// What names are made of: letters, digits, what may stand between them, and all that is not ASCII.
pub(super) const NAME: u32 = 1 << 3;
/// What tokens are made of: letters, digits, and the signs of base64 and of tokens' parts.
pub(super) const TOKEN: u32 = 1 << 4;
/// Where a value without quotation marks may end.
pub(super) const STOP: u32 = 1 << 5;
/// Anything but blanks, controls, quotation marks and what separates pairs.
pub(super) const HEAD: u32 = 1 << 6;
/// Signs that people put into passwords.
pub(super) const SCRAMBLE: u32 = 1 << 7;
pub(super) const HEX: u32 = 1 << 8;
pub(super) const UNDERSCORE: u32 = 1 << 9;
pub(super) const DASH: u32 = 1 << 10;
pub(super) const DOT: u32 = 1 << 11;
/// The signs of base64, and of what is hashed with its parameters.
pub(super) const BASE64: u32 = 1 << 12;
pub(super) const CRYPT: u32 = 1 << 13;
/// What addresses are made of, up to the sign that ends one in a text.
pub(super) const URL: u32 = 1 << 14;

/// The paths of functions.
pub(super) const CALL: u32 = 1 << 15;
/// The names of types, with their parameters.
pub(super) const TYPE: u32 = 1 << 16;
pub(super) const PERCENT: u32 = 1 << 17;
pub(super) const BLANK: u32 = 1 << 18;
/// What stands in paths and times, and in few secrets.
pub(super) const PATH: u32 = 1 << 19;

/// What may stand around anchors: anything that is ASCII,
pub(super) const ASCII: u32 = 1 << 20;
/// signs, blanks and controls,
pub(super) const SIGN: u32 = 1 << 21;
/// those and the last byte of a line end's escape, or of a colour,
pub(super) const APART: u32 = 1 << 22;
/// what may stand before a token: those, a byte that is not ASCII, and the last one of further escapes,
pub(super) const BOUNDARY: u32 = 1 << 23;
/// what may stand behind the last word of a name: a sign of any kind, a colour, or a number that belongs to the name,
pub(super) const NAME_END: u32 = 1 << 24;
/// what may begin a sign of assignment or comparison,
pub(super) const OPERATOR: u32 = 1 << 25;
/// what is seen when it is printed,
pub(super) const GRAPHIC: u32 = 1 << 26;
/// and what may begin the user of an address.
pub(super) const USER: u32 = 1 << 27;
/// Bytes that are not ASCII: letters and signs of any kind, or of another encoding.
pub(super) const FOREIGN: u32 = 1 << 28;
pub(super) const ANYTHING: u32 = u32::MAX;

static KINDS: [u32; 256] = kinds();

/// All kinds of the bytes that lower case makes this one; none where it makes none. For when the crate is built.
pub(super) static FOLDED: [u32; 256] = folded();

const fn folded() -> [u32; 256] {
    let (mut folded, mut byte) = ([0; 256], 0);
    while byte < 256 {
        folded[byte | 0x20] |= KINDS[byte];
        byte += 1;
    }
    folded
}

/// All kinds of a byte.
#[inline(always)]
pub(super) fn of(byte: u8) -> u32 {
    KINDS[usize::from(byte)]
}

/// Whether a byte is of one of `kinds`.
#[inline(always)]
pub(super) fn is(byte: u8, kinds: u32) -> bool {
    of(byte) & kinds != 0
}

const fn kinds() -> [u32; 256] {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = kind(byte as u8);
        byte += 1;
    }
    mark(&mut kinds, b"_-.", NAME);
    mark(&mut kinds, b"_-+/.~:%|", TOKEN);
    mark(&mut kinds, b" \t\n\r\x1b\"'`<\\>([{)]},;|&%", STOP);
    mark(&mut kinds, b"!@#$%^&*{}[]()<>?~\xbf", SCRAMBLE);
    mark(&mut kinds, b"0123456789abcdefABCDEF", HEX);
    mark(&mut kinds, b"_", UNDERSCORE);
    mark(&mut kinds, b"-", DASH);
    mark(&mut kinds, b".", DOT);
    mark(&mut kinds, b"+/=", BASE64);
    mark(&mut kinds, b"$./=+,@:-_", CRYPT);
    mark(&mut kinds, b"_.:", CALL);
    mark(&mut kinds, b"_&<>[]*?':", TYPE);
    mark(&mut kinds, b"%", PERCENT);
    mark(&mut kinds, b" ", BLANK);
    mark(&mut kinds, b"/:", PATH);
    mark(&mut kinds, b"mnrt", APART | BOUNDARY);
    mark(&mut kinds, b"0267ABCDF", BOUNDARY);
    mark(&mut kinds, b"0123456789\x1b", NAME_END);
    mark(&mut kinds, b"=:!?|+~-<>", OPERATOR);
    mark(&mut kinds, b"_-.%:$<{*", USER);
    kinds
}

const fn kind(byte: u8) -> u32 {
    let head = match byte {
        ..=b' ' | b'"' | b'\'' | b',' | b';' | b'&' | b'=' => 0,
        _ => HEAD,
    };
    let url = match byte {
        b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b')' | b'[' | b']' | b'}' | b',' => 0,
        b'!'..=b'~' => URL,
        _ => 0,
    };
    head | url
        | match byte {
            b'a'..=b'z' => SMALL | NAME | TOKEN | CALL | TYPE | USER,
            b'A'..=b'Z' => CAPITAL | NAME | TOKEN | CALL | TYPE | USER,
            b'0'..=b'9' => DIGIT | NAME | TOKEN | CALL | TYPE | USER,
            0x80.. => NAME | USER | FOREIGN,
            _ => 0,
        }
        | match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => ASCII | GRAPHIC,
            b'!'..=b'~' => ASCII | GRAPHIC | SIGN | APART | BOUNDARY | NAME_END,
            ..=0x7f => ASCII | SIGN | APART | BOUNDARY,
            _ => BOUNDARY,
        }
}

const fn mark(kinds: &mut [u32; 256], bytes: &[u8], kind: u32) {
    let mut at = 0;
    while at < bytes.len() {
        kinds[bytes[at] as usize] |= kind;
        at += 1;
    }
}
