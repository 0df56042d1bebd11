//! The vocabulary of [`classify`](super::classify).
//!
//! Rules err towards hiding, but only at words that mean a secret more often than not in logs,
//! environments and command lines; a bare `key`, `auth`, `code`, `pin` or `id` does not.

/// A word that may end the name of a secret.
pub(super) struct Head {
    pub(super) words: &'static [&'static str],
    pub(super) qualifiers: Qualifiers,
    /// Whether the word also counts at the end of a longer one, as in `dbpassword`.
    pub(super) glued: bool,
    pub(super) rule: &'static str,
}

/// What the word before says.
pub(super) enum Qualifiers {
    /// A secret, but for these, which make it a look-alike.
    Unless(&'static [&'static str]),
    /// A secret only after these.
    After(&'static [&'static str]),
    /// A secret only after these or when nothing stands before.
    AloneOrAfter(&'static [&'static str]),
}

use Qualifiers::{After, AloneOrAfter, Unless};

const fn head(words: &'static [&'static str], qualifiers: Qualifiers, rule: &'static str) -> Head {
    Head { words, qualifiers, glued: true, rule }
}

/// A word too short or too common to be recognised at the end of a longer one.
const fn apart(words: &'static [&'static str], qualifiers: Qualifiers, rule: &'static str) -> Head {
    Head { words, qualifiers, glued: false, rule }
}

const PASSWORD: &str = "name:password";
const TOKEN: &str = "name:token";
const KEY: &str = "name:key";
const CONNECTION: &str = "name:connection_string";
const CODE: &str = "name:one_time_code";
const KEYS: &[&str] = &["key", "keys"];

pub(super) const HEADS: &[Head] = &[
    head(PASSWORD_WORDS, Unless(&[]), PASSWORD),
    head(&["pwd"], Unless(&["env", "environ"]), PASSWORD),
    head(&["pass", "pw"], AloneOrAfter(PASS_OWNERS), PASSWORD),
    apart(&["word", "wd", "phrase", "code"], After(&["pass"]), PASSWORD),
    apart(&["passe"], After(&["de"]), PASSWORD),
    head(&["hash", "digest", "salt"], After(PASSWORDS), "name:password_hash"),
    head(
        &["secret", "secrets", "secrete"],
        Unless(&["pull", "top", "kubernetes", "k8s"]),
        "name:secret",
    ),
    head(&["credential", "credentials", "creds"], Unless(&[]), "name:credential"),
    apart(&["cred"], Unless(&[]), "name:credential"),
    head(&["authorization", "authorisation"], Unless(&[]), "name:authorization"),
    head(&["auth"], After(&["basic", "http", "proxy", "registry"]), "name:authorization"),
    apart(&["header"], After(&["auth"]), "name:authorization"),
    apart(&["headers"], After(&["otlp", "traces", "metrics", "logs"]), "name:authorization"),
    head(&["cookie", "cookies"], Unless(&["party", "accept", "magic"]), "name:cookie"),
    apart(&["sid"], After(&["connect"]), "name:cookie"),
    apart(&["jsessionid", "phpsessid", "sessid"], Unless(&[]), "name:cookie"),
    head(&["token"], Unless(TOKEN_LOOK_ALIKES), TOKEN),
    head(&["tokens"], After(TOKENS_SECRET), TOKEN),
    head(&["jwt", "jwts"], Unless(&[]), TOKEN),
    apart(&["bearer"], Unless(&[]), TOKEN),
    head(&["assertion"], After(&["client", "saml"]), TOKEN),
    head(&["response"], After(&["saml"]), TOKEN),
    head(&["verifier"], After(&["code", "oauth", "pkce"]), TOKEN),
    apart(&["pat"], After(PAT_VENDORS), TOKEN),
    head(KEYS, After(&["api"]), "name:api_key"),
    head(KEYS, After(&["access"]), "name:access_key"),
    head(KEYS, After(&["secret"]), "name:secret_key"),
    head(KEYS, After(&["private", "priv"]), "name:private_key"),
    head(KEYS, After(KEY_PURPOSES), KEY),
    head(KEYS, After(KEY_VENDORS), KEY),
    apart(&["psk", "wpapsk"], Unless(&[]), KEY),
    head(
        &["phrase"],
        After(&["seed", "recovery", "secret", "mnemonic", "wallet"]),
        "name:seed_phrase",
    ),
    head(&["mnemonic"], After(&["seed", "wallet", "recovery"]), "name:seed_phrase"),
    head(&["dsn", "dsns"], Unless(&[]), CONNECTION),
    head(&["string", "strings", "str"], After(&["connection", "conn"]), CONNECTION),
    head(&["url", "uri"], After(DATABASES), CONNECTION),
    head(&["signature", "signatures"], Unless(SIGNATURE_LOOK_ALIKES), "name:signature"),
    apart(&["sig"], AloneOrAfter(&["sas", "request", "hmac", "auth", "webhook"]), "name:signature"),
    apart(&["otp", "otps", "totp", "hotp"], Unless(&[]), CODE),
    head(&["code", "codes"], After(CODE_PURPOSES), CODE),
    head(&["pin"], After(PIN_OWNERS), "name:pin"),
    apart(&["cvv", "cvc"], Unless(&[]), "name:card_code"),
];

#[rustfmt::skip]
const PASSWORD_WORDS: &[&str] = &[
    "password", "passwords", "passwd", "passwds", "passphrase", "passphrases", "passcode",
    "passcodes", "passwort", "kennwort", "contrasena", "contraseña", "senha", "wachtwoord",
    "motdepasse", "pswd",
];

const PASSWORDS: &[&str] = &["password", "passwd", "passphrase", "pwd", "pass", "pw"];

#[rustfmt::skip]
const PASS_OWNERS: &[&str] = &[
    "account", "admin", "app", "auth", "basic", "bind", "database", "db", "email", "ftp", "http",
    "imap", "keystore", "ldap", "login", "mail", "mongo", "mysql", "pg", "postgres", "proxy",
    "rabbit", "rabbitmq", "redis", "root", "sftp", "smtp", "sql", "ssh", "sudo", "svc",
    "truststore", "user", "usr", "vpn", "wallet", "wifi",
];

/// Cursors of paged lists, words of languages and of language models, counts, and tokens that
/// order work instead of granting it.
#[rustfmt::skip]
const TOKEN_LOOK_ALIKES: &[&str] = &[
    "begin", "bos", "byte", "cancel", "cancellation", "char", "cls", "color", "comma",
    "completion", "continuation", "continue", "count", "cursor", "dedup", "dedupe",
    "deduplication", "delimiter", "delta", "design", "end", "eof", "eos", "eot", "expected",
    "fencing", "first", "ident", "idempotency", "image", "lex", "lexer", "lookahead", "marker",
    "mask", "max", "min", "next", "nextpage", "num", "pad", "page", "pagination", "parser",
    "peek", "per", "prompt", "punctuation", "reasoning", "resume", "scroll", "sep", "separator",
    "skip", "special", "start", "stop", "sync", "syntax", "total", "unexpected", "unk", "word",
];

/// Any other `*_tokens` is a count of a language model.
#[rustfmt::skip]
const TOKENS_SECRET: &[&str] = &[
    "access", "api", "auth", "bearer", "bot", "csrf", "oauth", "personal", "refresh", "xsrf",
];

#[rustfmt::skip]
const KEY_PURPOSES: &[&str] = &[
    "account", "activation", "admin", "aes", "app", "application", "auth", "authentication",
    "cipher", "consumer", "crypt", "decrypt", "decryption", "deploy", "ecdsa", "ed25519",
    "encrypt", "encryption", "function", "functions", "hmac", "ingest", "ingestion",
    "instrumentation", "jwt", "licence", "license", "master", "preshared", "recovery", "rsa",
    "seal", "service", "session", "shared", "sign", "signing", "ssh", "ssl", "subscription",
    "symmetric", "tls", "unlock", "unseal", "vapid", "webhook", "wg", "wireguard", "wrapping",
    "write",
];

#[rustfmt::skip]
const KEY_VENDORS: &[&str] = &[
    "airtable", "algolia", "anthropic", "asana", "aws", "azure", "cloudflare", "cohere",
    "datadog", "deepgram", "deepseek", "digitalocean", "discord", "elastic", "elevenlabs",
    "facebook", "fastly", "firebase", "gemini", "github", "gitlab", "google", "grafana", "groq",
    "heroku", "hf", "hubspot", "huggingface", "ibm", "intercom", "linkedin", "mailchimp",
    "mailgun", "maps", "mistral", "netlify", "newrelic", "notion", "openai", "pagerduty",
    "paypal", "perplexity", "pinecone", "plaid", "rapidapi", "replicate", "sendgrid", "sentry",
    "shopify", "slack", "snyk", "softlayer", "spotify", "square", "stripe", "supabase", "twilio",
    "twitter", "vercel", "xai", "zendesk",
];

/// A "personal access token" is meant only after the name of who gives it out.
#[rustfmt::skip]
const PAT_VENDORS: &[&str] = &[
    "ado", "airtable", "asana", "azure", "bitbucket", "circleci", "databricks", "devops", "figma",
    "gh", "github", "gitlab", "jira", "snowflake",
];

/// Their addresses carry user and password more often than not.
#[rustfmt::skip]
const DATABASES: &[&str] = &[
    "amqp", "broker", "clickhouse", "conn", "connection", "database", "datasource", "db", "jdbc",
    "mariadb", "mongo", "mongodb", "mysql", "pg", "postgres", "postgresql", "rabbitmq", "redis",
    "sqlalchemy",
];

#[rustfmt::skip]
const SIGNATURE_LOOK_ALIKES: &[&str] = &[
    "alarm", "attack", "byte", "call", "crash", "email", "error", "event", "exception", "failure",
    "fault", "file", "fn", "function", "magic", "method", "panic", "query", "schema", "spectral",
    "stack", "time", "trait", "type", "virus",
];

#[rustfmt::skip]
const CODE_PURPOSES: &[&str] = &[
    "access", "auth", "authentication", "authorization", "backup", "device", "login", "mfa",
    "otp", "2fa", "pairing", "pin", "recovery", "security", "sms", "totp", "verification",
];

#[rustfmt::skip]
const PIN_OWNERS: &[&str] = &[
    "account", "atm", "card", "customer", "debit", "login", "security", "sim", "unlock", "user",
];

/// With one of these anywhere, the name asks a question or sets a policy.
#[rustfmt::skip]
pub(super) const PREDICATES: &[&str] = &[
    "allow", "allows", "disable", "disabled", "enable", "enabled", "expects", "has", "is",
    "missing", "need", "needs", "require", "requires", "should", "supports", "without",
];

/// With one of these anywhere, a plural is a number of things.
#[rustfmt::skip]
pub(super) const QUANTIFIERS: &[&str] = &[
    "avg", "count", "max", "mean", "min", "n", "nb", "num", "number", "sum", "total",
];

/// At the end of a name they change nothing about what stands under it.
#[rustfmt::skip]
pub(super) const TRANSPARENT: &[&str] = &[
    "again", "b64", "base64", "cleartext", "confirm", "confirmation", "current", "dev", "encoded",
    "encrypted", "header", "hex", "json", "live", "local", "new", "old", "pem", "plain",
    "plaintext", "previous", "prod", "production", "qa", "raw", "repeat", "sandbox", "stage",
    "staging", "str", "string", "test", "text", "uat", "val", "value", "values", "yaml",
];

/// Whole names that are look-alikes, letter case included: the shell's directories.
pub(super) const NAMES_PLAIN: &[&str] = &["PWD", "OLDPWD"];

/// Whole names that are secret, letter case apart.
pub(super) const NAMES_SECRET: &[(&str, &str)] = &[
    ("_auth", "name:authorization"),
    ("docker_auth_config", "name:authorization"),
    ("secret_key_base", "name:secret_key"),
];
