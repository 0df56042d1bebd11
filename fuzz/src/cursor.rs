//! Cursors of sinks.
use crate::damage::{Chosen, damage};
use crate::{golden, mode};
use obs_recorder::Cursor;

/// Reads the bytes as a cursor, or damages the golden one by them.
///
/// # Panics
///
/// When bytes are taken for a cursor that no writer would have written for it.
pub fn check(bytes: &[u8]) {
    let (mode, rest) = mode(bytes);
    let mut file = rest.to_vec();
    if mode > 0 {
        file = golden::CURSOR.to_vec();
        damage(&mut file, &[0; 64], &mut Chosen(rest));
    }
    compare(&file);
}

/// Whatever is taken for a cursor of the golden run is one, to the last bit.
///
/// # Panics
///
/// When it is not.
pub fn compare(file: &[u8]) {
    if let Some(cursor) = Cursor::decode(file, golden::run_id()) {
        assert_eq!(cursor.encode(golden::run_id()), file, "accepted, and not what a writer writes");
    }
}
