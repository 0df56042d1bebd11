//! Ending a bundle early, from another thread.
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const KEEP: u8 = 1;
const GIVE_UP: u8 = 2;

/// Ends a bundle early: asked once, what is there by then becomes a bundle that is partial; asked twice, nothing stays.
/// Clones are one and the same. It is noticed within a twentieth of a second while a collector is waited for, else with
/// the next piece of 64 KiB; asking again after the bundle got its name changes nothing.
///
/// ```
/// let cancel = obs_bundle::Cancel::default();
/// let of_another_thread = cancel.clone();
/// of_another_thread.ask();
/// assert!(cancel.is_asked() && !cancel.is_asked_twice());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    asked: Arc<AtomicU8>,
}

impl Cancel {
    /// Asks for the end once more.
    pub fn ask(&self) {
        // Nothing is published by it: whoever sees the number needs nothing else that was written before.
        if self.asked.fetch_add(1, Ordering::Relaxed) >= GIVE_UP {
            self.asked.store(GIVE_UP, Ordering::Relaxed);
        }
    }

    /// Whether what is there is to become a bundle now.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed) >= KEEP
    }

    /// Whether nothing is to stay.
    #[must_use]
    pub fn is_asked_twice(&self) -> bool {
        self.asked.load(Ordering::Relaxed) >= GIVE_UP
    }

    /// Fails when nothing is to stay.
    pub(crate) fn check(&self) -> io::Result<()> {
        if self.is_asked_twice() {
            Err(io::Error::other("it was asked twice to end"))
        } else {
            Ok(())
        }
    }
}
