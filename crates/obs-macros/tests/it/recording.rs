//! A subscriber that writes down what it is told, and a runtime that is only a loop.

use std::error::Error;
use std::fmt::{Debug, Write as _};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use expect_test::Expect;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Compares what `run` tells the subscriber of this thread with the lines expected.
pub(crate) fn check<T>(run: impl FnOnce() -> T, expected: &Expect) -> T {
    let recorder = Recorder::default();
    let told = Arc::clone(&recorder.told);
    let value = tracing::subscriber::with_default(recorder, run);
    expected.assert_eq(&told.lock().unwrap().lines);
    value
}

/// Polls until ready: the futures of the tests are always woken.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

/// Pending once, then ready.
#[derive(Default)]
pub(crate) struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match std::mem::replace(&mut self.0, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

#[derive(Default)]
struct Recorder {
    told: Arc<Mutex<Told>>,
}

#[derive(Default)]
struct Told {
    lines: String,
    /// By id - 1: the name, and how many handles there are.
    spans: Vec<(&'static str, usize)>,
    entered: Vec<u64>,
}

impl Told {
    fn name(&self, id: &Id) -> &'static str {
        self.spans[usize::try_from(id.into_u64()).unwrap() - 1].0
    }

    fn place(&self, metadata: &Metadata<'_>) -> String {
        let target = metadata.target().rsplit("::").next().unwrap_or_default();
        format!("{} {target}", metadata.level())
    }

    fn parent(&self, explicit: Option<&Id>, contextual: bool) -> String {
        let current = self.entered.last().copied().map(Id::from_u64);
        match explicit.or(current.as_ref().filter(|_| contextual)) {
            Some(parent) => format!(" in {}", self.name(parent)),
            None => String::new(),
        }
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut told = self.told.lock().unwrap();
        let mut values = Values::default();
        attributes.record(&mut values);
        let metadata = attributes.metadata();
        let line = format!(
            "span {} [{}]{}{}\n",
            metadata.name(),
            told.place(metadata),
            told.parent(attributes.parent(), attributes.is_contextual()),
            values.0
        );
        told.lines += &line;
        told.spans.push((metadata.name(), 1));
        Id::from_u64(told.spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut told = self.told.lock().unwrap();
        let mut recorded = Values::default();
        values.record(&mut recorded);
        let line = format!("record {}{}\n", told.name(id), recorded.0);
        told.lines += &line;
    }

    fn record_follows_from(&self, id: &Id, cause: &Id) {
        let mut told = self.told.lock().unwrap();
        let line = format!("{} follows from {}\n", told.name(id), told.name(cause));
        told.lines += &line;
    }

    fn event(&self, event: &Event<'_>) {
        let mut told = self.told.lock().unwrap();
        let mut values = Values::default();
        event.record(&mut values);
        let place = told.place(event.metadata());
        let parent = told.parent(event.parent(), event.is_contextual());
        let line = format!("event [{place}]{parent}{}\n", values.0);
        told.lines += &line;
    }

    fn enter(&self, id: &Id) {
        let mut told = self.told.lock().unwrap();
        let line = format!("> {}\n", told.name(id));
        told.lines += &line;
        told.entered.push(id.into_u64());
    }

    fn exit(&self, id: &Id) {
        let mut told = self.told.lock().unwrap();
        assert_eq!(
            told.entered.pop(),
            Some(id.into_u64()),
            "exit is not of the span entered last"
        );
        let line = format!("< {}\n", told.name(id));
        told.lines += &line;
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.told.lock().unwrap().spans[usize::try_from(id.into_u64()).unwrap() - 1].1 += 1;
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let mut told = self.told.lock().unwrap();
        let (name, handles) = &mut told.spans[usize::try_from(id.into_u64()).unwrap() - 1];
        *handles -= 1;
        let closed = *handles == 0;
        if closed {
            let line = format!("close {name}\n");
            told.lines += &line;
        }
        closed
    }
}

/// Fields as ` name=value`, in the order they come; an error is followed by its sources.
#[derive(Default)]
struct Values(String);

impl Values {
    fn push(&mut self, field: &Field, value: impl std::fmt::Display) {
        write!(self.0, " {field}={value}").unwrap();
    }
}

impl Visit for Values {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.push(field, format_args!("{value:?}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, format_args!("{value}f64"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, format_args!("{value}u64"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut sources = String::new();
        let mut next = value.source();
        while let Some(source) = next {
            write!(sources, " <- {source}").unwrap();
            next = source.source();
        }
        self.push(field, format_args!("error({value}{sources})"));
    }
}
