//! Random ids: a generator of its own for each thread, seeded by the system.
use obs_core::{SpanId, TraceId};
use obs_recorder::emit;
use std::cell::Cell;

thread_local! {
    static STATE: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// An id for a new span.
#[inline]
pub(crate) fn span_id() -> SpanId {
    loop {
        if let Some(id) = SpanId::new(next()) {
            return id;
        }
    }
}

/// An id for a new trace: random, unlike any other.
#[must_use]
pub fn trace_id() -> TraceId {
    loop {
        if let Some(id) = TraceId::new(u128::from(next()) << 64 | u128::from(next())) {
            return id;
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): every 64-bit number once in its period, and ids need no more than to
/// differ. A forked child and a new run have seeds of their own.
#[inline]
fn next() -> u64 {
    let generation = emit::generation();
    let (seeded_for, state) = STATE.try_with(Cell::get).unwrap_or((generation, 0));
    let state = if seeded_for == generation && state != 0 { state } else { seed() };
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let kept = STATE.try_with(|cell| cell.set((generation, state)));
    let state = if kept.is_ok() { state } else { seed() };
    let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

#[cold]
fn seed() -> u64 {
    // Without entropy, time and the thread's own address still tell threads and processes apart.
    getrandom::u64().unwrap_or_else(|_| {
        emit::ticks() ^ STATE.try_with(|state| std::ptr::from_ref(state) as u64).unwrap_or(1)
    })
}
