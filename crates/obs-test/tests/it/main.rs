//! The toolkit in trouble.
#[cfg(test)]
mod alone;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod gone;
#[cfg(test)]
mod mounted;
#[cfg(test)]
mod program;
#[cfg(test)]
mod seeds;
#[cfg(test)]
mod stalled_disk;
#[cfg(test)]
mod tally;
