//! Records from a run to a receiver that decodes them with the official types.
#[cfg(test)]
mod content;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod probe;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tail;
#[cfg(test)]
mod ways;
