//! Frames as FORMAT.md has them.
use obs_core::wire::Kind;
use obs_core::wire::frame::{Header, append, decode};

const HEADER: Header = Header {
    kind: Kind::Event,
    level: 3,
    flags: 0,
    ring: 7,
    seq: 11,
    unix_ns: 13,
    context: 9,
    ring_end: 17,
};

#[test]
fn the_checksum_is_the_one_that_the_format_defines() {
    let position = (5 << 35) + 4096 + 8;
    let mut bytes = Vec::new();
    append(&mut bytes, position, &HEADER, |out| out.extend_from_slice(b"12345678"));
    // Computed bit by bit, by a program of a few lines that is none of ours.
    assert_eq!(bytes[..8], [48, 0, 0, 0, 0x09, 0x30, 0x6d, 0x39]);
}

#[test]
fn a_frame_is_none_at_any_other_position() {
    let mut bytes = Vec::new();
    append(&mut bytes, 4096, &HEADER, |out| out.extend_from_slice(b"12345678"));
    assert!(decode(&bytes, 4096).is_ok());
    let others = (3..63).map(|bit| 4096 ^ 1 << bit).chain((0..4096).step_by(8));
    for other in others {
        assert!(decode(&bytes, other).is_err(), "{other}");
    }
}
