//! A subscriber that writes down what it is told, and a runtime that is only a loop.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use expect_test::Expect;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Compares what `run` tells the subscriber of this thread with the lines expected.
pub(crate) fn check<T>(run: impl FnOnce() -> T, expected: Expect) -> T {
    let recorder = Recorder::default();
    let told = Recorder { told: Arc::clone(&recorder.told) };
    let value = tracing::subscriber::with_default(recorder, run);
    expected.assert_eq(&told.told().lines);
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
    /// The name of each span and how many handles it has.
    spans: HashMap<Id, (&'static str, usize)>,
    entered: Vec<Id>,
}

impl Told {
    fn name(&self, id: &Id) -> &'static str {
        self.spans[id].0
    }

    fn parent(&self, explicit: Option<&Id>, contextual: bool) -> String {
        match explicit.or(self.entered.last().filter(|_| contextual)) {
            Some(parent) => format!(" in {}", self.name(parent)),
            None => String::new(),
        }
    }

    fn line(&mut self, line: &str) {
        self.lines += line;
        self.lines += "\n";
    }
}

impl Recorder {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place(metadata: &Metadata<'_>) -> String {
    let target = metadata.target().rsplit("::").next().unwrap_or_default();
    format!("{} {target}", metadata.level())
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut values = Values::default();
        attributes.record(&mut values);
        let name = attributes.metadata().name();
        let place = place(attributes.metadata());
        let mut told = self.told();
        let parent = told.parent(attributes.parent(), attributes.is_contextual());
        told.line(&format!("span {name} [{place}]{parent}{}", values.0));
        let id = Id::from_u64(told.spans.len() as u64 + 1);
        told.spans.insert(id.clone(), (name, 1));
        id
    }

    fn record(&self, id: &Id, record: &Record<'_>) {
        let mut values = Values::default();
        record.record(&mut values);
        let mut told = self.told();
        let name = told.name(id);
        told.line(&format!("record {name}{}", values.0));
    }

    fn record_follows_from(&self, id: &Id, cause: &Id) {
        let mut told = self.told();
        let line = format!("{} follows from {}", told.name(id), told.name(cause));
        told.line(&line);
    }

    fn event(&self, event: &Event<'_>) {
        let mut values = Values::default();
        event.record(&mut values);
        let place = place(event.metadata());
        let mut told = self.told();
        let parent = told.parent(event.parent(), event.is_contextual());
        told.line(&format!("event [{place}]{parent}{}", values.0));
    }

    fn enter(&self, id: &Id) {
        let mut told = self.told();
        let name = told.name(id);
        told.line(&format!("> {name}"));
        told.entered.push(id.clone());
    }

    fn exit(&self, id: &Id) {
        let mut told = self.told();
        let left = told.entered.pop();
        assert_eq!(left.as_ref(), Some(id), "left is not the span entered last");
        let name = told.name(id);
        told.line(&format!("< {name}"));
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.told().spans.entry(id.clone()).and_modify(|(_, handles)| *handles += 1);
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let mut told = self.told();
        let mut left = 0;
        told.spans.entry(id.clone()).and_modify(|(_, handles)| {
            *handles -= 1;
            left = *handles;
        });
        if left == 0 {
            let name = told.name(&id);
            told.line(&format!("close {name}"));
        }
        left == 0
    }
}

/// Fields as ` name=value`, in the order they come; an error is followed by its sources.
#[derive(Default)]
struct Values(String);

impl Values {
    fn push(&mut self, field: &Field, value: impl Display) {
        self.0 += &format!(" {field}={value}");
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
        let sources = std::iter::successors(value.source(), |error| (*error).source());
        let sources: String = sources.map(|source| format!(" <- {source}")).collect();
        self.push(field, format_args!("error({value}{sources})"));
    }
}
