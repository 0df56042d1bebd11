//! The table: one row a crate, one name an arrow. A new arrow is a line for review.

/// How far up a crate stands. Arrows go down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    /// A numbered layer of the design, 0 at the bottom.
    L(u8),
    /// Depends on none of ours: procedural macros.
    Leaf,
    /// For tests alone: above all that it drives, a dev-dependency of everybody.
    Dev,
    /// Outside of the product, above everything.
    Outside,
}

impl Layer {
    pub(crate) fn height(self) -> u8 {
        match self {
            Self::L(number) => number,
            Self::Leaf => 0,
            Self::Dev => 100,
            Self::Outside => 101,
        }
    }
}

/// What one crate of ours may name in its manifest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) layer: Layer,
    /// Crates of ours that it may depend on.
    pub(crate) may: &'static [&'static str],
    /// Crates of ours that it may depend on in tests and examples, beside `may` and obs-test.
    pub(crate) may_in_tests: &'static [&'static str],
}

const fn row(name: &'static str, layer: Layer, may: &'static [&'static str]) -> Row {
    Row { name, layer, may, may_in_tests: &[] }
}

impl Row {
    const fn in_tests(self, may_in_tests: &'static [&'static str]) -> Self {
        Self { may_in_tests, ..self }
    }
}

/// May be a dev-dependency of every crate.
pub(crate) const TEST_CRATE: &str = "obs-test";

/// May contain unsafe code.
pub(crate) const UNSAFE_CRATE: &str = "obs-ring";

/// May have cargo features and optional dependencies.
pub(crate) const FEATURE_CRATE: &str = "obs-facade";

pub(crate) const ROWS: &[Row] = &[
    row("obs-core", Layer::L(0), &[]),
    row("obs-ring", Layer::L(0), &[]),
    row("obs-recorder", Layer::L(1), &["obs-core", "obs-ring"]),
    row("obs-json", Layer::L(1), &["obs-core"]),
    row("obs-otlp-data", Layer::L(1), &["obs-core"]),
    row("obs-trace", Layer::L(2), &["obs-core", "obs-recorder"]),
    row("obs-log", Layer::L(2), &["obs-core", "obs-json"]).in_tests(&["obs-recorder"]),
    row("obs-sql-sink", Layer::L(2), &["obs-core", "obs-json"]).in_tests(&[
        "obs-recorder",
        "obs-databases",
        "obs-receiver",
    ]),
    row("obs-otlp", Layer::L(2), &["obs-core", "obs-otlp-data"])
        .in_tests(&["obs-recorder", "obs-receiver"]),
    row("obs-layer", Layer::L(3), &["obs-core", "obs-trace"]).in_tests(&["obs-recorder"]),
    row("obs-http", Layer::L(3), &["obs-core", "obs-trace"]).in_tests(&["obs-recorder"]),
    row("obs-otel", Layer::L(3), &["obs-core", "obs-recorder", "obs-trace"]),
    row("obs-bundle", Layer::L(3), &["obs-core", "obs-recorder"]),
    row("obs-seal", Layer::L(3), &[]),
    row("obs-report", Layer::L(3), &["obs-core", "obs-otlp-data"]),
    row(
        "obs-doctor",
        Layer::L(3),
        &["obs-core", "obs-recorder", "obs-log", "obs-otlp", "obs-sql-sink"],
    ),
    row("obs-reqwest", Layer::L(4), &["obs-http"]).in_tests(&[
        "obs-core",
        "obs-recorder",
        "obs-trace",
    ]),
    row("obs-macros", Layer::Leaf, &[]),
    row(
        "obs-facade",
        Layer::L(5),
        &[
            "obs-core",
            "obs-ring",
            "obs-recorder",
            "obs-trace",
            "obs-http",
            "obs-layer",
            "obs-log",
            "obs-otel",
            "obs-otlp",
            "obs-reqwest",
            "obs-sql-sink",
            "obs-bundle",
            "obs-macros",
        ],
    )
    .in_tests(&["obs-receiver"]),
    row(
        "obs-cli",
        Layer::L(6),
        &[
            "obs-core",
            "obs-ring",
            "obs-recorder",
            "obs-trace",
            "obs-log",
            "obs-bundle",
            "obs-seal",
            "obs-sql-sink",
            "obs-report",
            "obs-doctor",
            "obs-facade",
        ],
    )
    .in_tests(&["obs-databases", "obs-receiver"]),
    row(
        "obs-test",
        Layer::Dev,
        &[
            "obs-core",
            "obs-ring",
            "obs-recorder",
            "obs-trace",
            "obs-log",
            "obs-databases",
            "obs-facade",
            "obs-receiver",
        ],
    ),
    row("obs-receiver", Layer::Leaf, &[]),
    row("obs-databases", Layer::Leaf, &[]),
    row("examples", Layer::Outside, &["obs-facade"]),
    row("job_service", Layer::Outside, &["obs-facade", "obs-receiver"]),
    row("obs-renamed", Layer::Outside, &["obs-facade"]),
    row("fuzz", Layer::Outside, &["obs-core", "obs-ring", "obs-recorder", "obs-log", "obs-bundle"]),
    row("xtask", Layer::Outside, &["obs-databases"]),
];

/// A dependency that belongs to some of our crates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    /// The dependency's name; a `*` at its end stands for any ending.
    pub(crate) dependency: &'static str,
    /// Only these of its features are meant; empty: the dependency as a whole.
    pub(crate) features: &'static [&'static str],
    pub(crate) only_in: &'static [&'static str],
    /// Whether the tests of every crate may use it.
    pub(crate) tests_free: bool,
    pub(crate) reason: &'static str,
}

const ASYNC_CRATES: &[&str] =
    &["obs-http", "obs-otlp", "obs-receiver", "obs-sql-sink", "obs-cli", "job_service"];

pub(crate) const USES: &[Use] = &[
    Use {
        dependency: "tokio*",
        features: &[],
        only_in: ASYNC_CRATES,
        tests_free: true,
        reason: "the core runs without a runtime",
    },
    Use {
        dependency: "opentelemetry*",
        features: &[],
        only_in: &["obs-otel", "obs-receiver"],
        tests_free: false,
        reason: "its breaking releases are one manifest's business",
    },
    Use {
        dependency: "tonic*",
        features: &[],
        only_in: &["obs-otlp", "obs-receiver"],
        tests_free: true,
        reason: "what leaves the process leaves by one crate",
    },
    Use {
        dependency: "ureq",
        features: &[],
        only_in: &["obs-otlp"],
        tests_free: true,
        reason: "what leaves the process leaves by one crate",
    },
    Use {
        dependency: "sqlx*",
        features: &[],
        only_in: &["obs-sql-sink", "job_service"],
        tests_free: false,
        reason: "SQL is optional and links C",
    },
    Use {
        dependency: "memmap2",
        features: &[],
        only_in: &["obs-ring"],
        tests_free: true,
        reason: "mapped memory is unsafe",
    },
    Use {
        dependency: "libc",
        features: &[],
        only_in: &["obs-ring"],
        tests_free: true,
        reason: "system calls through it are unsafe",
    },
    Use {
        dependency: "rustix",
        features: &["mm", "all-apis"],
        only_in: &["obs-ring"],
        tests_free: true,
        reason: "mapped memory is unsafe",
    },
    Use {
        dependency: "anyhow",
        features: &[],
        only_in: &["obs-cli", "obs-bench", "examples", "job_service", "xtask"],
        tests_free: false,
        reason: "a library has an error type of its own",
    },
];
