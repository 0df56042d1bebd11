//! A value that prints as `[REDACTED]`.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// What stands for a secret in every output.
pub(crate) const REDACTED: &str = "[REDACTED]";

/// A value that no output shows: `Debug`, `Display` and `Serialize` print `[REDACTED]`, whatever
/// the format asks for.
///
/// The value itself is reached by [`expose`](Self::expose) alone, a word that a review finds. There
/// is no `Deref` and no comparison: both would let the value slip out or leak it by their timing.
/// The wrapper costs nothing; it does not wipe the memory when dropped. It can be deserialised, so
/// that a program's own settings may hold it.
///
/// ```
/// use obs_core::Secret;
///
/// struct Login {
///     user: String,
///     password: Secret<String>,
/// }
///
/// let login = Login { user: "ada".into(), password: Secret::from("s3cret".to_owned()) };
/// assert_eq!(format!("{} {}", login.user, login.password), "ada [REDACTED]");
/// assert_eq!(serde_json::to_string(&login.password)?, r#""[REDACTED]""#);
/// assert_eq!(login.password.expose(), "s3cret");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(transparent)]
#[repr(transparent)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value in clear, to hand it to the code that needs it.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value in clear, out of its wrapper.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}
