//! Ctrl-C and SIGTERM while a bundle is written.
use crate::failure::{Failure, Result};
use crate::output;
use obs_bundle::Cancel;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::thread::Builder;

/// The signal with this number ends the process as if nobody had listened: for a disk that hangs.
const LAST: usize = 3;

/// From now on the first signal asks for the end, which is said, and so does the second.
pub(crate) fn listen(cancel: Cancel, said: &'static str) -> Result<()> {
    let failed = |error| Failure::cannot("listen to signals", error);
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(failed)?;
    let body = move || {
        for (number, signal) in (1..).zip(signals.forever()) {
            cancel.ask();
            match number {
                1 => output::say(said),
                LAST => emulate_default_handler(signal).unwrap_or_default(),
                _ => {}
            }
        }
    };
    Builder::new().name("obs-signals".to_owned()).spawn(body).map(|_| ()).map_err(failed)
}
