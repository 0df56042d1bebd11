//! Which traces are sampled: decided where they begin in this process, by their ids alone.
use obs_core::TraceId;
use obs_core::settings::Sampler;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What the bound of a ratio of 1 is.
const ALL: u64 = 1 << 63;

/// Traces whose upper 63 of the lower 64 bits are below it are sampled.
static BOUND: AtomicU64 = AtomicU64::new(ALL);
/// Whether it is left to the caller where there is one.
static FOLLOWS: AtomicBool = AtomicBool::new(true);

/// Decides by `sampler` from now on. `ratio` is for samplers that have one; `None` is all.
pub(crate) fn set(sampler: Sampler, ratio: Option<f64>) {
    let of_ratio = || (ratio.unwrap_or(1.0).clamp(0.0, 1.0) * ALL as f64) as u64;
    let (bound, follows) = match sampler {
        Sampler::AlwaysOn => (ALL, false),
        Sampler::AlwaysOff => (0, false),
        Sampler::TraceIdRatio => (of_ratio(), false),
        Sampler::ParentBasedAlwaysOff => (0, true),
        Sampler::ParentBasedTraceIdRatio => (of_ratio(), true),
        _ => (ALL, true),
    };
    // A trace that begins just now is decided by either, or by half of each.
    BOUND.store(bound, Ordering::Relaxed);
    FOLLOWS.store(follows, Ordering::Relaxed);
}

/// Whether a trace is sampled; `caller` is what its caller decided. By the same bits and the same bound as the SDKs of
/// OpenTelemetry decide, so that all services of one ratio decide alike.
#[inline]
pub(crate) fn decide(trace: TraceId, caller: Option<bool>) -> bool {
    match caller {
        Some(is_sampled) if FOLLOWS.load(Ordering::Relaxed) => is_sampled,
        _ => (trace.to_bits() as u64) >> 1 < BOUND.load(Ordering::Relaxed),
    }
}

#[cfg(test)]
mod tests {
    use super::{decide, set};
    use obs_core::TraceId;
    use obs_core::settings::Sampler;

    #[test]
    fn every_sampler_decides_as_opentelemetry_says() {
        use Sampler::*;
        let [low, high] =
            [1_u128 << 64 | 3 << 61, u128::MAX].map(|bits| TraceId::new(bits).unwrap());
        // Roots with a low and a high id, then callers that have not sampled and that have, with a low id and a high.
        for (sampler, ratio, expected) in [
            (AlwaysOn, None, [true, true, true, true]),
            (AlwaysOff, None, [false, false, false, false]),
            (TraceIdRatio, None, [true, true, true, true]),
            (TraceIdRatio, Some(0.5), [true, false, true, false]),
            (TraceIdRatio, Some(0.375), [false, false, false, false]),
            (TraceIdRatio, Some(0.0), [false, false, false, false]),
            (TraceIdRatio, Some(f64::NAN), [false, false, false, false]),
            (ParentBasedAlwaysOn, None, [true, true, false, true]),
            (ParentBasedAlwaysOff, Some(1.0), [false, false, false, true]),
            (ParentBasedTraceIdRatio, Some(0.5), [true, false, false, true]),
        ] {
            set(sampler, ratio);
            let callers = [decide(low, Some(false)), decide(high, Some(true))];
            let roots = [decide(low, None), decide(high, None)];
            assert_eq!([roots, callers].as_flattened(), expected, "{sampler} {ratio:?}");
        }
        set(ParentBasedAlwaysOn, None);
    }
}
