//! The bytes of records: bodies as threads write them into rings, frames as they stand in stage and journal.
pub mod body;
pub mod frame;
mod kind;
pub mod notes;

pub use kind::Kind;

/// The checksum of all formats: CRC-32C (Castagnoli).
#[must_use]
pub fn checksum(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
}
