//! How common a few bytes are in what programs log.

/// Of a thousand bytes of English text, by letter.
const LETTERS: [u8; 26] = [
    82, 15, 28, 43, 127, 22, 20, 61, 70, 2, 8, 40, 24, 67, 75, 19, 1, 60, 63, 91, 28, 10, 24, 2,
    20, 1,
];
const BLANK: u32 = 150;
/// Digits and the signs between words and numbers.
const JOINT: u32 = 15;
const OTHER: u32 = 5;
/// How often a group is met that is much more common than its letters say.
const COMMON: f64 = 0.0015;

/// The groups of three that were most often found in logs and manuals, in lower case.
#[rustfmt::skip]
const COMMONS: &[&[u8; 3]] = &[
    b"\":\"", b"\",\"", b"   ", b"tes", b"est", b"lib", b"/li", b"ion", b"oot", b"roo", b"ib/", b"ing", b"/ro",
    b"ot/", b"t/.", b"/te", b"com", b"ers", b"ons", b"lin", b"sio", b"ver", b"rsi", b",\"l", b"s\":", b"env",
    b"ns/", b"/ve", b"nv/", b"yen", b"/.p", b"v/v", b"sta", b"ng ", b"b/p", b"es\"", b"d\":", b"s/3", b"/3.",
    b"3.7", b"...", b"202", b"3.6", b"ate", b"7.1", b"on3", b"n3.", b"omp", b"wor", b".7.", b" in", b"id\"",
    b"t\":", b",\"s", b"\"wo", b"st/", b"ind", b"ith", b"/in", b"ile", b"rat", b"nde", b"htt", b"ttp", b"..*",
    b"mpi", b"pil", b" th", b"ent", b"ili", b".7/", b"om/", b"*co", b"all", b"fil", b"the", b".*c", b"2.7", b"er\"",
    b"tps", b"ps:", b"://", b"s:/", b"ork", b"git", b"eve", b"*- ", b" /r", b"yte", b"byt", b".15", b"ed ", b"rea",
    b"ine", b"thu", b"dex", b"hub", b".co", b"ker", b"ub.", b"b.c", b"/gi", b"//g", b"cra", b"026", b"rke", b"ust",
    b"ime", b"tim", b"ang", b"g '", b".18", b"tra", b"c -", b"res", b" '/", b"'..", b"'/r", b"rus", b"nst", b"b55",
    b"99c", b"\"lo", b"\"in", b"r\":", b",\"r", b"e\":", b",\"c", b",\"t", b":\"i", b",\"w", b".16", b"15/", b"ll ",
    b"ead", b"ins", b".6.", b"\":1", b"y'.", b"t/t", b"str", b"16/", b"6.1", b" re", b"tal", b"18/", b"\":2",
    b"and", b"ist", b" to", b"on-", b"pat", b"/us", b"usr", b"sr/", b"1\",", b"tio", b"he ", b"6/l", b"/bi", b"ath",
    b"ull", b"le ", b"lan", b"bin", b" -c", b"-c ", b"io-", b"pul", b"/pu", b"ll/", b"l -", b"st\"", b"for", b"*  ",
    b"\"ru", b"ter", b"5/l", b"in/", b"inf", b"or ", b".6/", b"rac", b"nfo", b"~~~", b" -w", b"e i", b"2,\"",
    b" ./", b"n/i", b"r/b", b"644", b"ore", b"try", b"arg", b"*/u", b" 64", b"44 ", b"nge", b" -m", b"m 6", b"-m ",
    b"uil", b"4 .", b"bui", b"on ", b"src", b"/sr", b"ild", b"-11", b"26-", b"cor", b"./l", b"er ", b"pan", b"8/l",
    b"11-", b" fo", b"6-1", b"1-2", b"es/", b"ace", b"-22", b"spa", b"thr", b"2t1", b"22t", b"hre", b"to ", b"tar",
    b"dat", b"0.1", b"0,\"", b"es.", b"log", b"xed", b"mes", b"car", b"reg", b"st-", b"rgo", b"o-1", b"art", b" an",
    b"/re", b"(ht", b"ven", b"amp", b"run", b"-0.", b"}(h", b"ect", b":\"v", b"y /", b"age", b"7/t", b"**#",
    b":\"w", b"ost", b"## ", b"*##", b"par", b"s/2", b"qui", b"inc", b" fi", b"kst", b"mod", b" -i", b"t::", b"sha",
    b"ges", b"in ", b"ger", b"ord", b":\"2", b":\"0", b":\"b", b"lon", b"tam", b"gua", b"/2.", b":\"f", b":20",
    b"er-", b"use", b"ong", b"ry/", b"98f", b"e\",", b"d\",", b"c\",", b"::f", b"a\",", b"nes", b"\"tr", b"256",
    b"vel", b"ati", b"ick", b"018", b"egi", b" no", b" ({", b"557", b"lev", b"\"ti", b"\"th", b"exe", b"-05",
    b"es ", b"480", b"194", b"gge", b"555", b"ogg", b"/ru", b"499", b"20.", b"180", b"cks", b"clu", b"561", b"gis",
    b"0-0", b".ca", b"fix", b"048", b"664", b"ncl", b"seq", b"646", b"lud", b"798", b"ex.", b"610", b"/.c", b"nd ",
    b"de ", b"({#", b"949", b"056", b"099", b"809", b":45", b"ude", b"801", b"hos", b"rt:", b".io", b"\"20", b"rds",
    b"a25", b"9cb", b"2c1", b"01a", b"c6b", b"57f", b"02d", b"8cb", b"10c", b"ba0", b"f8c", b"fd3", b"a20", b"6ea",
    b"2dc", b"1a2", b"c52", b"c11", b"6b5", b"3da", b"46b", b"a04", b"s.i", b"cb0", b"0ca", b"52c", b"afd", b"cb5",
    b"55b", b"caf", b"d3d", b"49c", b"ba6", b"5b5", b"46e", b"8c6", b"b5b", b"on2", b"b49", b"9cf", b"45:", b"ed\"",
    b"6ba", b"a66", b"-19", b"5ba", b"cf8", b"11\"", b"n2.", b"9c5", b":2,", b":fi", b"\"01", b"\"b4", b"uic",
    b"f-8", b"ad\"", b"add", b"cre", b"red", b"con", b"ont", b"onn", b"ive", b"lag", b"api", b"pi/", b"i/w", b"app",
    b"tp:", b"ook", b"ode", b"cod", b"ach", b"tot", b"der", b"ize", b"ata", b"ass", b"emo", b"s/c", b"l.p", b"g.p",
    b"---", b"/we", b"web", b"oks", b"k/c", b"ign", b"sig", b"/bo", b"lo/", b"ooo", b"www", b"ade", b"/ap", b"mpl",
    b"ser", b"ase", b"ock", b"tor", b"200", b"100", b"000", b"127", b" st", b" pa", b" se",
];

/// What each further group costs, however rare.
const ONE_MORE: f64 = 1e-6;

/// How often, of all places of a text, four bytes are met of which each is one of a few, in lower case.
pub(super) fn of(places: &[Vec<u8>]) -> f64 {
    let [first, second, third, fourth] = places else { return 1.0 };
    let ahead = three([first, second, third]) * all(fourth);
    let behind = all(first) * three([second, third, fourth]);
    let count: usize = places.iter().map(Vec::len).product();
    ahead.min(behind) + ONE_MORE * count as f64
}

fn three(places: [&[u8]; 3]) -> f64 {
    if let [[first], [second], [third]] = places
        && is_common([*first, *second, *third])
    {
        return COMMON;
    }
    places.into_iter().map(all).product()
}

fn is_common(gram: [u8; 3]) -> bool {
    SORTED.binary_search(&number(gram)).is_ok()
}

const SORTED: [u32; COMMONS.len()] = sorted();

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

fn all(bytes: &[u8]) -> f64 {
    bytes.iter().map(|byte| f64::from(one(*byte)) / 1_000.0).sum()
}

fn one(byte: u8) -> u32 {
    let letter = byte.checked_sub(b'a').and_then(|letter| LETTERS.get(usize::from(letter)));
    match (letter, byte) {
        (Some(often), _) => u32::from(*often),
        (None, b' ') => BLANK,
        (None, b'0'..=b'9' | b'.' | b'-' | b'_' | b'/' | b':' | b'"' | b'=') => JOINT,
        (None, _) => OTHER,
    }
}
