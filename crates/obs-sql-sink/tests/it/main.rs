//! Records in databases.
#[cfg(test)]
mod cleanup;
#[cfg(test)]
mod content;
#[cfg(test)]
mod places;
#[cfg(test)]
mod probing;
#[cfg(test)]
mod program;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod tls;
