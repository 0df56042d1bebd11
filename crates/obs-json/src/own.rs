//! What lines of every form have in common.

/// The logger of lines that the toolkit writes of its own accord.
pub const OWN: &str = "obs";
