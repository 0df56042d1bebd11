//! Attributes in scope: set once, carried by everything that happens within.
use crate::encode::{Encoder, Key};
use crate::propagation::{Remote, TraceParent};
use crate::redact::{Class, classify};
use crate::value::Value;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task;

/// The most that a context takes in a record; attributes beyond it are left out and counted.
pub const CONTEXT_BYTES_MAX: usize = 4096;

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// Attributes that apply to everything recorded while the context is entered: request, session, job, tenant.
///
/// A clone is a pointer. Adding attributes makes a new context, so one that others hold never changes. Attributes whose
/// name marks them as secret are redacted when they are added.
///
/// ```
/// use obs_core::Context;
///
/// let request = Context::current().with("request_id", "7f3a").with("attempt", 2);
/// let _entered = request.enter();
/// assert_eq!(Context::current().to_string(), "request_id=7f3a attempt=2");
/// ```
#[derive(Clone, Default)]
pub struct Context {
    inner: Option<Arc<Inner>>,
}

struct Inner {
    id: u64,
    attributes: Vec<(String, OwnedValue)>,
    bytes: Vec<u8>,
    remote: Option<Arc<Remote>>,
}

/// A value that a [`Context`] or a run owns. Made by `From` from text, numbers and truth values.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum OwnedValue {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    I64(i64),
    /// A whole number that is not negative.
    U64(u64),
    /// A number.
    F64(f64),
    /// Text.
    Text(String),
    /// A value whose name marked it as secret, by the rule that says so.
    Redacted(&'static str),
}

thread_local! {
    static CURRENT: Current = const { Current { id: Cell::new(0), context: RefCell::new(Context { inner: None }) } };
}

struct Current {
    id: Cell<u64>,
    context: RefCell<Context>,
}

impl Context {
    /// A context without attributes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The context that this thread is in now. Empty while the thread's local data is being destroyed.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.try_with(|current| current.context.borrow().clone()).unwrap_or_default()
    }

    /// This context and one attribute more; a name that it has already gets the new value.
    #[must_use]
    pub fn with(&self, name: impl Into<String>, value: impl Into<OwnedValue>) -> Self {
        self.with_all([(name.into(), value.into())])
    }

    /// This context and the given attributes.
    #[must_use]
    pub fn with_all(&self, attributes: impl IntoIterator<Item = (String, OwnedValue)>) -> Self {
        let mut all = self.attributes().to_vec();
        for (name, value) in attributes {
            let value = match classify(&name) {
                Class::Secret(rule) => OwnedValue::Redacted(rule),
                _ => value,
            };
            match all.iter_mut().find(|(known, _)| *known == name) {
                Some(known) => known.1 = value,
                None => all.push((name, value)),
            }
        }
        Self::of(all, self.inner.as_ref().and_then(|inner| inner.remote.clone()))
    }

    /// This context and what a request brought from another process, in the place of what was there. It is no part of
    /// any record; a span that begins without one around it in this process continues the trace that it names, and
    /// requests that are made within the context pass it on.
    #[must_use]
    pub fn with_remote(&self, remote: Remote) -> Self {
        Self::of(self.attributes().to_vec(), (!remote.is_empty()).then(|| Arc::new(remote)))
    }

    fn of(attributes: Vec<(String, OwnedValue)>, remote: Option<Arc<Remote>>) -> Self {
        if attributes.is_empty() && remote.is_none() {
            return Self::new();
        }
        let bytes = if attributes.is_empty() { Vec::new() } else { encode(&attributes) };
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        Self { inner: Some(Arc::new(Inner { id, attributes, bytes, remote })) }
    }

    /// What a request brought from another process.
    #[must_use]
    pub fn remote(&self) -> Option<&Remote> {
        self.inner.as_ref()?.remote.as_deref()
    }

    /// The attributes, in the order in which they were added.
    #[must_use]
    pub fn attributes(&self) -> &[(String, OwnedValue)] {
        self.inner.as_ref().map_or(&[], |inner| &inner.attributes)
    }

    /// The attributes as they stand in a record: whole words; nothing for one without any.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.inner.as_ref().map_or(&[], |inner| &inner.bytes)
    }

    /// Writes the attributes into a record.
    pub fn encode_into(&self, encoder: &mut Encoder) {
        encode_into(encoder, self.attributes());
    }

    /// Two contexts with the same number are the same; 0 is the empty one.
    #[inline]
    #[must_use]
    pub fn id(&self) -> u64 {
        self.inner.as_ref().map_or(0, |inner| inner.id)
    }

    /// Makes this the current thread's context until the guard is dropped. Guards are dropped in the reverse order of
    /// their making; for futures use [`InContext`] instead.
    #[must_use = "the context is left when the guard is dropped"]
    pub fn enter(&self) -> ContextGuard {
        ContextGuard { before: replace(self.clone()), not_send: PhantomData }
    }

    /// Runs `body` within this context.
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        let _entered = self.enter();
        body()
    }

    /// The number of the current context: the cheapest way to see whether it changed.
    #[inline]
    #[must_use]
    pub fn current_id() -> u64 {
        CURRENT.try_with(|current| current.id.get()).unwrap_or(0)
    }

    /// The span of another process that the current context was brought from; costs nothing to speak of where there is
    /// no context.
    #[inline]
    #[must_use]
    pub fn current_parent() -> Option<TraceParent> {
        if Self::current_id() == 0 {
            return None;
        }
        CURRENT.try_with(|current| current.context.borrow().remote()?.parent).ok().flatten()
    }
}

fn replace(context: Context) -> Context {
    let mut context = Some(context);
    let before = CURRENT.try_with(|current| {
        let context = context.take().unwrap_or_default();
        current.id.set(context.id());
        current.context.replace(context)
    });
    before.unwrap_or_default()
}

fn encode(attributes: &[(String, OwnedValue)]) -> Vec<u8> {
    let mut encoder = Encoder::new(CONTEXT_BYTES_MAX);
    encode_into(&mut encoder, attributes);
    encoder.finish().to_vec()
}

fn encode_into(encoder: &mut Encoder, attributes: &[(String, OwnedValue)]) {
    for (name, value) in attributes {
        let key = Key::Name(name);
        match value {
            OwnedValue::Bool(value) => encoder.bool(key, *value),
            OwnedValue::I64(value) => encoder.i64(key, *value),
            OwnedValue::U64(value) => encoder.u64(key, *value),
            OwnedValue::F64(value) => encoder.f64(key, *value),
            OwnedValue::Text(value) => encoder.text(key, value),
            OwnedValue::Redacted(rule) => encoder.redacted(key, rule),
        }
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.attributes().iter().enumerate() {
            write!(f, "{}{name}={value}", if index == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({self})")
    }
}

impl fmt::Display for OwnedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::I64(value) => value.fmt(f),
            Self::U64(value) => value.fmt(f),
            Self::F64(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
            Self::Redacted(rule) => write!(f, "[REDACTED:{rule}]"),
        }
    }
}

impl<'a> From<&'a OwnedValue> for Value<'a> {
    fn from(value: &'a OwnedValue) -> Self {
        match value {
            OwnedValue::Bool(value) => Self::Bool(*value),
            OwnedValue::I64(value) => Self::I64(*value),
            OwnedValue::U64(value) => Self::U64(*value),
            OwnedValue::F64(value) => Self::F64(*value),
            OwnedValue::Text(text) => Self::Text(crate::value::Text { text, original_bytes: None }),
            OwnedValue::Redacted(rule) => Self::Redacted(rule),
        }
    }
}

macro_rules! from {
    ($($from:ty => $variant:ident),* $(,)?) => {$(
        impl From<$from> for OwnedValue {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}
from! {
    bool => Bool, i8 => I64, i16 => I64, i32 => I64, i64 => I64, u8 => U64, u16 => U64, u32 => U64, u64 => U64,
    f32 => F64, f64 => F64, &str => Text, String => Text, &String => Text, std::borrow::Cow<'_, str> => Text,
}

impl From<usize> for OwnedValue {
    fn from(value: usize) -> Self {
        Self::U64(value as u64)
    }
}

/// Leaves a context when dropped.
#[derive(Debug)]
pub struct ContextGuard {
    before: Context,
    not_send: PhantomData<*const ()>,
}

impl Drop for ContextGuard {
    fn drop(&mut self) {
        replace(std::mem::take(&mut self.before));
    }
}

pin_project_lite::pin_project! {
    /// A future that is in a context whenever it is polled.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct WithContext<F> {
        #[pin]
        future: F,
        context: Context,
    }
}

impl<F: Future> Future for WithContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, waker: &mut task::Context<'_>) -> task::Poll<F::Output> {
        let this = self.project();
        let _entered = this.context.enter();
        this.future.poll(waker)
    }
}

/// Carries contexts into futures.
pub trait InContext: Future + Sized {
    /// This future, in `context` whenever it is polled.
    fn in_context(self, context: Context) -> WithContext<Self> {
        WithContext { future: self, context }
    }

    /// This future, in the context that is current now.
    fn in_current_context(self) -> WithContext<Self> {
        self.in_context(Context::current())
    }
}

impl<F: Future> InContext for F {}
