//! What a command wants.
use serde::{Deserialize, Serialize};

/// What kind of job a command becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Research,
    Creative,
}

impl Kind {
    /// The kind that the words of a command tell; `None` if they tell none.
    pub(crate) fn of(text: &str) -> Option<Self> {
        match text.split_whitespace().next()?.to_ascii_lowercase().as_str() {
            "research" | "find" | "explain" => Some(Self::Research),
            "draw" | "write" | "compose" => Some(Self::Creative),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Research => "research",
            Self::Creative => "creative",
        }
    }
}
