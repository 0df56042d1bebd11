//! What changes the capture filter while a run is alive: the program, the end of a time, a signal.
use crate::announce;
use obs_core::{Filter, UnixNanos};
use obs_trace::Capture;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The capture filter of a run, and what it goes back to.
#[derive(Debug)]
pub(crate) struct Changes {
    capture: Capture,
    on_signal: Passing,
    state: Mutex<State>,
}

/// A filter that holds for a time.
#[derive(Debug, Clone)]
pub(crate) struct Passing {
    pub(crate) filter: Filter,
    pub(crate) length: Duration,
}

#[derive(Debug)]
struct State {
    /// Holds unless another does for a time.
    lasting: Filter,
    passing: Option<Until>,
    is_over: bool,
}

/// A filter that holds until a time, on either clock.
#[derive(Debug)]
struct Until {
    filter: Filter,
    steady_ns: u64,
    unix: UnixNanos,
    is_by_signal: bool,
}

/// Now, on the steady clock and on the wall's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    pub(crate) steady_ns: u64,
    pub(crate) unix: UnixNanos,
}

impl Changes {
    pub(crate) fn new(capture: Capture, filter: Filter, on_signal: Passing) -> Self {
        let state = State { lasting: filter, passing: None, is_over: false };
        Self { capture, on_signal, state: Mutex::new(state) }
    }

    pub(crate) fn capture(&self) -> &Capture {
        &self.capture
    }

    /// The filter that is in force.
    pub(crate) fn filter(&self) -> Filter {
        self.state().in_force().clone()
    }

    /// This filter is in force from now on, until it is changed.
    pub(crate) fn set(&self, filter: Filter) {
        self.change("program", |state| {
            state.lasting = filter;
            state.passing = None;
        });
    }

    /// This filter is in force for a time, and then again the one that lasts.
    pub(crate) fn set_for(&self, passing: &Passing, now: Now) {
        self.change("program", |state| state.passing = Some(Until::new(passing, now)));
    }

    /// The signal came: switches, or switches back.
    pub(crate) fn signal(&self, now: Now) {
        self.change("signal", |state| {
            let is_on = state.passing.as_ref().is_some_and(|until| until.is_by_signal);
            let until = Until { is_by_signal: true, ..Until::new(&self.on_signal, now) };
            state.passing = (!is_on).then_some(until);
        });
    }

    /// Ends a filter whose time is up. When that of the filter in force is, in nanoseconds of the steady clock.
    pub(crate) fn expire(&self, now: Now) -> Option<u64> {
        let ends_ns = self.state().passing.as_ref().map(|until| until.steady_ns)?;
        if now.steady_ns < ends_ns {
            return Some(ends_ns);
        }
        self.change("end of its time", |state| {
            state.passing.take_if(|until| until.steady_ns <= now.steady_ns);
        });
        self.state().passing.as_ref().map(|until| until.steady_ns)
    }

    /// Nothing is captured any more, and nothing changes that.
    pub(crate) fn end(&self) {
        let mut state = self.state();
        state.is_over = true;
        self.capture.put(None);
        drop(state);
        self.capture.ask_all();
    }

    pub(crate) fn is_over(&self) -> bool {
        self.state().is_over
    }

    /// The order of changes is that of their records. Callsites are asked for without the lock: their subscribers are
    /// code of the program's, which may itself change the filter.
    fn change(&self, by: &str, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        if state.is_over {
            return;
        }
        let (before, until_before) = (state.in_force().clone(), state.until());
        change(&mut state);
        let (filter, until) = (state.in_force().clone(), state.until());
        if (&filter, until) == (&before, until_before) {
            return;
        }
        announce::filter(&announce::FilterChange { filter: &filter, before: &before, by, until });
        if filter != before {
            self.capture.put(Some(filter));
            drop(state);
            self.capture.ask_all();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn in_force(&self) -> &Filter {
        self.passing.as_ref().map_or(&self.lasting, |until| &until.filter)
    }

    fn until(&self) -> Option<UnixNanos> {
        self.passing.as_ref().map(|until| until.unix)
    }
}

impl Until {
    fn new(passing: &Passing, now: Now) -> Self {
        let length_ns = u64::try_from(passing.length.as_nanos()).unwrap_or(u64::MAX);
        Self {
            filter: passing.filter.clone(),
            steady_ns: now.steady_ns.saturating_add(length_ns),
            unix: now.unix.saturating_add(passing.length),
            is_by_signal: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: &str) -> Filter {
        Filter::parse(text).unwrap()
    }

    fn passing(text: &str, seconds: u64) -> Passing {
        Passing { filter: filter(text), length: Duration::from_secs(seconds) }
    }

    fn at(seconds: u64) -> Now {
        let ns = seconds * 1_000_000_000;
        Now { steady_ns: ns, unix: UnixNanos(ns) }
    }

    fn in_force(changes: &Changes) -> String {
        changes.filter().to_string()
    }

    fn changes() -> Changes {
        Changes::new(obs_trace::beside(), filter("info"), passing("debug", 600))
    }

    #[test]
    fn a_filter_for_a_time_goes_back_to_the_one_that_lasts() {
        let changes = changes();
        changes.set_for(&passing("trace", 10), at(0));
        changes.set_for(&passing("off", 20), at(5));
        assert_eq!(
            (in_force(&changes), changes.expire(at(24))),
            ("off".into(), Some(at(25).steady_ns))
        );
        assert_eq!((changes.expire(at(25)), in_force(&changes)), (None, "info".into()));
    }

    #[test]
    fn a_later_change_is_not_taken_back() {
        let changes = changes();
        changes.set_for(&passing("trace", 10), at(0));
        changes.set(filter("warn"));
        assert_eq!((changes.expire(at(100)), in_force(&changes)), (None, "warn".into()));
    }

    #[test]
    fn a_signal_switches_and_the_next_one_or_the_time_switches_back() {
        let changes = changes();
        let mut seen = Vec::new();
        for seconds in [0, 1, 2] {
            changes.signal(at(seconds));
            seen.push(in_force(&changes));
        }
        changes.expire(at(601));
        seen.push(in_force(&changes));
        changes.expire(at(602));
        seen.push(in_force(&changes));
        changes.set_for(&passing("off", 10), at(700));
        changes.signal(at(701));
        seen.push(in_force(&changes));
        assert_eq!(seen, ["debug", "info", "debug", "debug", "info", "debug"]);
    }

    #[test]
    fn nothing_changes_a_run_that_is_over() {
        let changes = changes();
        changes.end();
        changes.set(filter("trace"));
        changes.signal(at(0));
        assert_eq!((in_force(&changes), changes.is_over()), ("info".into(), true));
    }
}
