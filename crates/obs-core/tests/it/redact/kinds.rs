//! Made-up secrets of known kinds: a public prefix, and characters that nobody gave out.

/// A sequence of numbers that is the same each time.
pub(crate) struct Sequence(u64);

impl Sequence {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize
    }

    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.next() % all.len()]
    }

    /// So many characters of an alphabet.
    pub(crate) fn text(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        (0..length).map(|_| *self.pick(&letters)).collect()
    }
}

const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &str = "0123456789abcdef";
const DASH: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/// Prefix, alphabet and length of tokens whose givers document them.
pub(crate) const PREFIXED: &[(&str, &str, usize)] = &[
    ("AKIA", UPPER, 16),
    ("ASIA", UPPER, 16),
    ("ghp_", ALNUM, 36),
    ("gho_", ALNUM, 36),
    ("ghu_", ALNUM, 36),
    ("ghs_", ALNUM, 36),
    ("ghr_", ALNUM, 36),
    ("github_pat_", ALNUM, 60),
    ("glpat-", DASH, 20),
    ("gldt-", DASH, 20),
    ("glrt-", DASH, 20),
    ("glptt-", HEX, 40),
    ("xoxb-", DASH, 40),
    ("xoxp-", DASH, 40),
    ("xapp-", DASH, 60),
    ("sk-ant-api03-", DASH, 90),
    ("sk-proj-", DASH, 90),
    ("sk_live_", ALNUM, 24),
    ("rk_live_", ALNUM, 24),
    ("whsec_", ALNUM, 32),
    ("AIza", DASH, 35),
    ("GOCSPX-", DASH, 28),
    ("ya29.", DASH, 60),
    ("npm_", ALNUM, 36),
    ("pypi-AgEIcHlwaS5vcmc", DASH, 90),
    ("rubygems_", HEX, 48),
    ("dop_v1_", HEX, 64),
    ("shpat_", HEX, 32),
    ("shpss_", HEX, 32),
    ("SG.", DASH, 66),
    ("xkeysib-", HEX, 64),
    ("hf_", ALNUM, 34),
    ("gsk_", ALNUM, 52),
    ("pplx-", ALNUM, 48),
    ("r8_", ALNUM, 37),
    ("nvapi-", DASH, 64),
    ("lin_api_", ALNUM, 40),
    ("ntn_", ALNUM, 46),
    ("figd_", DASH, 40),
    ("pscale_tkn_", DASH, 43),
    ("dp.pt.", ALNUM, 43),
    ("hvs.", DASH, 90),
    ("glsa_", ALNUM, 41),
    ("NRAK-", UPPER, 27),
    ("sntrys_", ALNUM, 60),
    ("sntryu_", HEX, 64),
    ("phc_", ALNUM, 43),
    ("PMAK-", HEX, 58),
    ("EZAK", ALNUM, 54),
    ("sq0atp-", DASH, 22),
    ("tskey-auth-", ALNUM, 30),
    ("ATATT3xFfGF0", DASH, 170),
    ("AGE-SECRET-KEY-1", UPPER, 58),
    ("CFPAT-", DASH, 43),
    ("CCIPAT_", ALNUM, 43),
    ("bkua_", HEX, 40),
    ("dckr_pat_", DASH, 27),
    ("dapi", HEX, 32),
    ("pul-", HEX, 40),
    ("sbp_", HEX, 40),
    ("sqp_", HEX, 40),
    ("nfp_", ALNUM, 36),
    ("lsv2_pt_", HEX, 43),
    ("pcsk_", ALNUM, 70),
    ("tvly-", ALNUM, 32),
    ("vcp_", ALNUM, 24),
    ("fm2_", ALNUM, 100),
];

/// One token of a prefixed kind.
pub(crate) fn token(kind: &(&str, &str, usize), seed: u64) -> String {
    let (prefix, alphabet, length) = *kind;
    let body = Sequence::new(seed).text(alphabet, length - 2);
    let end = if alphabet == UPPER { "7Q" } else { "7a" };
    format!("{prefix}{body}{end}").replace("--", "-x")
}

/// Secrets that have a shape of their own, by kind.
pub(crate) fn shaped() -> Vec<(&'static str, String)> {
    let mut random = Sequence::new(7);
    let mut part = |length| random.text(ALNUM, length);
    let (one, two, three, four) = (part(40), part(43), part(22), part(31));
    let key = [part(64), part(64), part(20)].join("\n");
    let begin = ["-----BEGIN", "PRIVATE KEY-----"];
    let end = "-----END PRIVATE KEY-----";
    vec![
        ("jwt", format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI{one}.{two}")),
        ("bcrypt", format!("$2b$12${three}{four}")),
        ("sha512crypt", format!("$6$rounds=5000${three}${one}{two}")),
        ("argon2", format!("$argon2id$v=19$m=19456,t=2,p=1${three}${two}")),
        ("pem", format!("{} {}\n{key}\n{end}", begin[0], begin[1])),
        ("rsa", format!("{} RSA {}\n{key}\n-----END RSA PRIVATE KEY-----", begin[0], begin[1])),
        (
            "slack hook",
            format!("https://hooks.slack.com/services/T0{}/B0{}/{three}", &one[..9], &two[..9]),
        ),
        (
            "discord hook",
            format!("https://discord.com/api/webhooks/112233445566778899/{one}{four}"),
        ),
        ("telegram", format!("1234567890:AAE{}", &two[..32])),
    ]
}

/// Passwords as people and machines make them.
pub(crate) const PASSWORDS: &[&str] = &[
    "hunter2",
    "Tr0ub4dor&3",
    "correct-horse-battery",
    "p@ss/w0rd",
    "Geheim!2026",
    "naïve-Pässwörd9",
    "0xDEADBEEFCAFE",
    "aB3$kL9#mN2(x)",
    "20261122",
    "q7Zk2Vw9Xr4Tn8Lp",
];
