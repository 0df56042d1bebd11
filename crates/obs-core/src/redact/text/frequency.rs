//! How common a few bytes are in what programs log.
use super::grams::Choice;

/// Of a thousand bytes of English text, by letter.
static LETTERS: [u8; 26] = [
    82, 15, 28, 43, 127, 22, 20, 61, 70, 2, 8, 40, 24, 67, 75, 19, 1, 60, 63, 91, 28, 10, 24, 2,
    20, 1,
];
const BLANK: u8 = 150;
/// Digits and the signs between words and numbers.
const JOINT: u8 = 15;
const OTHER: u8 = 5;
/// How often a group is met that is much more common than its letters say.
const COMMON: f64 = 0.0015;

/// Groups of three that are common in English, in the words that logs are made of, and around them; in lower case.
#[rustfmt::skip]
const COMMONS: &[&[u8; 3]] = &[
    b"the", b"and", b"ing", b"ion", b"tio", b"ent", b"ati", b"for", b"her", b"ter", b"hat", b"tha", b"ere", b"ate",
    b"his", b"con", b"res", b"ver", b"all", b"ons", b"nce", b"men", b"ith", b"ted", b"ers", b"pro", b"thi", b"wit",
    b"are", b"ess", b"not", b"ive", b"was", b"ect", b"rea", b"com", b"eve", b"per", b"int", b"est", b"sta", b"cti",
    b"ica", b"ist", b"ear", b"ain", b"one", b"our", b"iti", b"rat", b"nte", b"tin", b"ine", b"der", b"ome", b"man",
    b"pre", b"rom", b"tra", b"ead", b"ort", b"out", b"ser", b"ile", b"fil", b"log", b"err", b"ror", b"war", b"arn",
    b"inf", b"nfo", b"deb", b"ebu", b"bug", b"req", b"que", b"ues", b"sts", b"pon", b"nse", b"nam", b"ame", b"val",
    b"alu", b"lue", b"typ", b"ype", b"pat", b"ath", b"use", b"sed", b"set", b"dat", b"ata", b"tim", b"ime", b"mes",
    b"age", b"lis", b"tab", b"ble", b"cre", b"red", b"onn", b"nne", b"nec", b"act", b"lin", b"ind", b"dex", b"url",
    b"htt", b"ttp", b"tps", b"www", b"api", b"app", b"web", b"hos", b"ost", b"por", b"erv", b"cli", b"lie", b"ien",
    b"ode", b"nod", b"cod", b"mod", b"tot", b"tal", b"siz", b"ize", b"met", b"eth", b"hod", b"thr", b"hre", b"wor",
    b"ork", b"rke", b"ker", b"tas", b"ask", b"job", b"run", b"sto", b"top", b"art", b"lag", b"pul", b"ull", b"ush",
    b"nul", b"pri", b"pub", b"lic", b"pen", b"ope", b"clo", b"los", b"ose", b"ign", b"sig", b"ass", b"ase", b"pla",
    b"lat", b"ock", b"loc", b"sys", b"env", b"lib", b"bin", b"usr", b"src", b"org", b"ook", b"oke", b"ach", b"mpl",
    b"add", b"ade", b"ord", b"par", b"arg", b"str", b"tri", b"rin", b"ger", b"ges", b"ang", b"nst", b"ins", b"rec",
    b"eco", b"cor", b"sen", b"ece", b"eiv", b"ved", b"ied", b"ies", b"ity", b"ous", b"nal", b"und", b"nds", b"ndi",
    b"ont", b"onf", b"fig", b"gur", b"ura", b" th", b" in", b" to", b" an", b" of", b" re", b" co", b" pa", b" st",
    b" se", b" fo", b" is", b" fi", b" no", b"he ", b"ed ", b"er ", b"es ", b"on ", b"in ", b"is ", b"or ", b"to ",
    b"an ", b"le ", b"ng ", b"nd ", b"de ", b"ll ", b"st ", b"://", b"s:/", b"tp:", b"ps:", b"/ap", b"pi/", b"/bo",
    b"/we", b"s/c", b"---", b"===", b"...", b"   ", b"000", b"200", b"20-", b":00", b".0.", b"0.0", b"\":\"", b"\",\"",
    b"s\":", b"e\":", b"d\":", b"t\":", b".co", b"om/", b"/us", b"/ge", b"get", b"tia", b"ial", b"sis", b"sse", b"ssi",
    b"sio", b"rsi",
];

/// What each further group costs, however rare.
const ONE_MORE: f64 = 1e-6;

/// How often, of all places of a text, four bytes are met of which each is one of a few.
pub(super) const fn of(four: [&Choice; 4]) -> f64 {
    let [first, second, third, fourth] = four;
    let ahead = three([first, second, third]) * fourth.weight;
    let behind = first.weight * three([second, third, fourth]);
    let count = first.count * second.count * third.count * fourth.count;
    let rarest = if ahead < behind { ahead } else { behind };
    rarest + ONE_MORE * count as f64
}

const fn three([first, second, third]: [&Choice; 3]) -> f64 {
    if let (Some(first), Some(second), Some(third)) = (first.byte, second.byte, third.byte)
        && is_common(number([first, second, third]))
    {
        return COMMON;
    }
    first.weight * second.weight * third.weight
}

const fn is_common(gram: u32) -> bool {
    let (mut from, mut to) = (0, SORTED.len());
    while from < to {
        let at = (from + to) / 2;
        if SORTED[at] == gram {
            return true;
        }
        if SORTED[at] < gram {
            from = at + 1;
        } else {
            to = at;
        }
    }
    false
}

static SORTED: [u32; COMMONS.len()] = sorted();

/// The common groups as numbers, in order.
const fn sorted() -> [u32; COMMONS.len()] {
    let mut sorted = [0; COMMONS.len()];
    let mut count = 0;
    while count < sorted.len() {
        let [first, second, third] = *COMMONS[count];
        let new = number([first | 0x20, second | 0x20, third | 0x20]);
        let mut at = count;
        while at > 0 && sorted[at - 1] > new {
            sorted[at] = sorted[at - 1];
            at -= 1;
        }
        sorted[at] = new;
        count += 1;
    }
    sorted
}

const fn number([first, second, third]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, first, second, third])
}

/// How often a byte is met, in lower case.
pub(super) const fn one(byte: u8) -> f64 {
    let of_thousand = match byte {
        b'a'..=b'z' => LETTERS[(byte - b'a') as usize],
        b' ' => BLANK,
        b'0'..=b'9' | b'.' | b'-' | b'_' | b'/' | b':' | b'"' | b'=' => JOINT,
        _ => OTHER,
    };
    of_thousand as f64 / 1_000.0
}
