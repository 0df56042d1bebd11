//! Numbers in frames that no writer of ours makes.
use obs_core::LostReason;
use obs_core::join::Join;
use obs_core::record::Fact;
use obs_core::wire::Kind;
use obs_core::wire::frame::{CONTEXT_LOST, Frame, Header};
use obs_core::wire::notes::Lost;

fn header(kind: Kind) -> Header {
    Header { kind, level: 4, flags: 0, ring: 0, seq: 1, unix_ns: 1, ring_end: 0, context: 0 }
}

#[test]
fn losses_beyond_all_counting_are_told_as_far_as_numbers_go() {
    let lost = Lost {
        reason: LostReason::RingFull,
        ring: 0,
        records: 1,
        first_seq: 0,
        last_seq: 0,
        by_level: [u64::MAX; 8],
        refused: [0; 8],
    };
    let body = lost.encode();
    let frame = Frame { header: header(Kind::Lost), body: &body };
    let mut join = Join::new();
    join.apply(&frame);
    let record = join.record(&frame).unwrap();
    assert!(matches!(record.fact, Fact::Lost(lost) if lost.records == u64::MAX));
}

#[test]
fn a_position_at_the_end_of_all_numbers_has_none_behind_it() {
    let header = Header { ring_end: 1, ..header(Kind::Event) };
    assert_eq!(header.ring_position(u64::MAX - 7), Some(u64::MAX));
    assert_eq!(header.ring_position(1 << 32), Some(1 << 32));
}

#[test]
fn the_number_of_lost_contexts_is_given_to_none() {
    let header = Header { context: CONTEXT_LOST, ..header(Kind::Context) };
    let mut join = Join::new();
    join.apply(&Frame { header, body: &[0; 16] });
    assert_eq!((join.last_context(), join.contexts().count()), (0, 0));
}
