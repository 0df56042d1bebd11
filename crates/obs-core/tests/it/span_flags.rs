//! What the bytes of a span say of its trace.
use obs_core::encode::Encoder;
use obs_core::wire::body::{SpanEnd, SpanFlags, SpanRef, SpanStart, begin_span};
use obs_core::{SpanId, TraceId};

#[test]
fn the_flags_of_a_span_are_bits_that_were_zero_before_there_were_any() {
    let span = SpanRef { span: SpanId::new(7).unwrap(), trace: TraceId::new(9).unwrap() };
    for (is_sampled, is_parent_remote, bits) in
        [(true, false, 0), (false, false, 8), (true, true, 16), (false, true, 24)]
    {
        let flags = SpanFlags { is_sampled, is_parent_remote };
        let mut encoder = Encoder::new(256);
        begin_span(&mut encoder, 1, span, None, flags);
        assert_eq!(encoder.as_bytes()[4..8], [bits, 0, 0, 0]);
        assert_eq!(SpanStart::decode(encoder.as_bytes()).map(|start| start.flags), Some(flags));
        for is_unfinished in [false, true] {
            let (callsite, parent, start, duration) = (1, None, 1, 2);
            let end = SpanEnd { callsite, span, parent, flags, start, duration, is_unfinished };
            assert_eq!(end.encode()[4..8], [bits | if is_unfinished { 4 } else { 0 }, 0, 0, 0]);
            assert_eq!(SpanEnd::decode(&end.encode()), Some(end));
        }
    }
}
