//! fastrace, with a reporter that takes spans and does nothing. Events are events of a span.
use super::polls::{TenPolls, complete};
use super::{PATH, System, TEXT};
use crate::work::{DEPTH, Work};
use fastrace::collector::{Config, Reporter, SpanRecord};
use fastrace::future::FutureExt as _;
use fastrace::prelude::{Event, LocalSpan, Span, SpanContext};
use std::ops::Range;
use std::path::Path;

pub(crate) struct Fastrace;

struct Nowhere;

impl Reporter for Nowhere {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        drop(spans);
    }
}

impl Fastrace {
    pub(crate) fn start(_: &Path) -> anyhow::Result<Self> {
        fastrace::set_reporter(Nowhere, Config::default());
        Ok(Self)
    }
}

impl System for Fastrace {
    fn within_spans(&self, inside: &mut dyn FnMut()) {
        inside();
    }

    fn run(&self, work: Work, numbers: Range<u64>) -> bool {
        // A trace of its own for each batch: what is open is collected when its root ends.
        let root = Span::root("job", SpanContext::random());
        let _entered = root.set_local_parent();
        let _file = LocalSpan::enter_with_local_parent("file");
        match work {
            Work::Event => numbers.for_each(|number| {
                LocalSpan::add_event(Event::new("file loaded").with_properties(|| {
                    let (number, ok) = (number.to_string(), true.to_string());
                    let (ratio, path) = (0.25.to_string(), PATH.to_owned());
                    [("number", number), ("ratio", ratio), ("path", path), ("ok", ok)]
                }));
            }),
            Work::EventStr => numbers.for_each(|number| {
                LocalSpan::add_event(Event::new("file loaded").with_properties(|| {
                    [("number", number.to_string()), ("text", TEXT.to_owned())]
                }));
            }),
            Work::Disabled => return false,
            Work::Span => numbers.for_each(|number| descend(number, 1)),
            Work::SpanAsync => numbers.for_each(|number| {
                let step = Span::enter_with_local_parent("step").with_properties(|| of(number));
                complete(TenPolls::default().in_span(step));
            }),
            Work::SpanDeep => numbers.for_each(|number| descend(number, DEPTH)),
        }
        true
    }

    fn finish(self: Box<Self>) -> anyhow::Result<Option<u64>> {
        fastrace::flush();
        Ok(None)
    }
}

fn of(number: u64) -> [(&'static str, String); 2] {
    [("number", number.to_string()), ("ok", true.to_string())]
}

fn descend(number: u64, depth: u32) {
    let _step = LocalSpan::enter_with_local_parent("step").with_properties(|| of(number));
    if depth > 1 {
        descend(number, depth - 1);
    }
}
