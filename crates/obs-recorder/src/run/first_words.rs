//! The drain of a run, and the first thing it says.
use super::Run;
use crate::clock::{SystemClock, Timeline};
use crate::drain::{Drain, Own, Parts};
use crate::prepare::first_rate;
use crate::redaction::Redaction;
use crate::system;
use obs_core::wire::Kind;
use obs_core::wire::frame::NO_RING;
use obs_ring::stage::Stage;
use std::sync::Arc;

/// What the drain begins with.
pub(super) struct FirstWords<'a> {
    pub(super) segment_bytes: u64,
    pub(super) words: &'a [(String, String)],
    pub(super) redaction: Redaction,
}

impl Run {
    /// The drain, with the record that the run began.
    pub(super) fn first_words(
        &self,
        stage: &Stage,
        clock: &SystemClock,
        words: FirstWords<'_>,
    ) -> Drain {
        let (anchor, rate) = first_rate(clock);
        let mut drain = Drain::new(Parts {
            stage: stage.writer(),
            callsites: Arc::clone(self.recorder.callsites()),
            timeline: Timeline::new(anchor, rate),
            clock: Some(Arc::new(*clock)),
            last_seq: 0,
            segment_bytes: words.segment_bytes,
            redaction: words.redaction,
        });
        let summary = &self.summary;
        let mut pairs = vec![("service", summary.service.as_str()), ("rings", &summary.rings)];
        pairs.extend(words.words.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let body = system::attributes(&pairs);
        let level = obs_core::Level::Info as u8;
        let own = Own {
            kind: Kind::RunStart,
            level,
            ring: NO_RING,
            unix_ns: anchor.unix_ns,
            body: &body,
        };
        let staged = drain.own(&own);
        debug_assert!(staged, "an empty stage has room");
        self.control.publish(&drain);
        drain
    }
}
