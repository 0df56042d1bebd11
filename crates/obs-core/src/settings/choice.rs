//! Settings that are one of a few words.

use std::fmt;
use std::str::FromStr;

use crate::parse::{OneOf, ParseError};

macro_rules! choice {
    (
        $(#[$doc:meta])*
        $name:ident, $what:literal {
            $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            pub(super) const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word that stands for the choice in the environment and in files.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        /// Reads one of the words, letter case apart.
        impl FromStr for $name {
            type Err = ParseError;

            fn from_str(text: &str) -> Result<Self, ParseError> {
                [$(Self::$variant),+]
                    .into_iter()
                    .find(|choice| choice.as_str().eq_ignore_ascii_case(text.trim()))
                    .ok_or_else(|| {
                        ParseError::form($what, text, format!("expected {}", OneOf(Self::WORDS)))
                    })
            }
        }
    };
}

choice! {
    /// The form of the lines on the console.
    LogFormat, "a log format" {
        /// Lines for people, on stderr.
        Text = "text",
        /// One JSON object a line, on stdout.
        Json = "json",
    }
}

choice! {
    /// Whether the console uses colours.
    ColorChoice, "a choice of colours" {
        /// On a terminal only.
        Auto = "auto",
        /// Also into a file or pipe.
        Always = "always",
        /// Nowhere.
        Never = "never",
    }
}

choice! {
    /// What a thread does whose ring is full.
    Overflow, "an overflow policy" {
        /// Waits at most 10 ms for room; then sheds until there is some.
        Wait = "wait",
        /// Refuses the record at once, and counts it.
        Shed = "shed",
        /// Waits until there is room, however long: nothing is lost.
        Block = "block",
    }
}

choice! {
    /// Where rings are kept.
    RingPlace, "a place for rings" {
        /// The first that works: tmpfs, run directory, heap.
        Auto = "auto",
        /// In memory that outlives the process.
        Tmpfs = "tmpfs",
        /// On the disk of the run directory.
        RunDir = "run_dir",
        /// In the heap of the process: lost when it is killed.
        Heap = "heap",
    }
}

choice! {
    /// The signal that switches the capture filter.
    FilterSignal, "a signal for the filter" {
        /// None.
        Off = "off",
        /// `SIGUSR1`.
        Usr1 = "usr1",
        /// `SIGUSR2`.
        Usr2 = "usr2",
    }
}

choice! {
    /// When a bundle is made without being asked for.
    BundleOn, "a time for bundles" {
        /// Never.
        Never = "never",
        /// When a run has failed.
        Failure = "failure",
    }
}

choice! {
    /// How long the times are that one partition of a table holds.
    SqlPartition, "a length of partitions" {
        /// The tables are not partitioned.
        None = "none",
        /// A day.
        Day = "day",
        /// A week, from Monday on.
        Week = "week",
        /// A month.
        Month = "month",
    }
}

choice! {
    /// A protocol of OTLP.
    OtlpProtocol, "a protocol" {
        /// Protobuf over HTTP.
        HttpProtobuf = "http/protobuf",
        /// gRPC.
        Grpc = "grpc",
    }
}

choice! {
    /// How requests are compressed.
    Compression, "a compression" {
        /// Not at all.
        None = "none",
        /// By gzip, which every receiver knows.
        Gzip = "gzip",
        /// By Zstandard.
        Zstd = "zstd",
    }
}

choice! {
    /// Which traces leave the process.
    Sampler, "a sampler" {
        /// All.
        AlwaysOn = "always_on",
        /// None.
        AlwaysOff = "always_off",
        /// A part of them, by the trace id.
        TraceIdRatio = "traceidratio",
        /// As the caller decided; all that begin here.
        ParentBasedAlwaysOn = "parentbased_always_on",
        /// As the caller decided; none that begin here.
        ParentBasedAlwaysOff = "parentbased_always_off",
        /// As the caller decided; a part of those that begin here.
        ParentBasedTraceIdRatio = "parentbased_traceidratio",
    }
}

choice! {
    /// What the toolkit says of itself.
    DiagnosticLevel, "a level" {
        /// Nothing.
        None = "none",
        /// That something does not work.
        Error = "error",
        /// That something is not as it should be, too.
        Warn = "warn",
        /// What is worth knowing, too.
        Info = "info",
        /// What helps to find out, too.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}
