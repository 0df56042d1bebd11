//! A value that a thread owes to a future.
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// The thread ended without keeping its promise.
#[derive(Debug, thiserror::Error)]
#[error("the thread ended before its work was done")]
pub(crate) struct Broken;

#[derive(Debug)]
struct State<T> {
    value: Option<T>,
    is_broken: bool,
    waker: Option<Waker>,
}

/// The future's side.
#[derive(Debug)]
pub(crate) struct Promise<T>(Arc<Mutex<State<T>>>);

/// The thread's side. Dropping it breaks the promise.
#[derive(Debug)]
pub(crate) struct Keeper<T>(Arc<Mutex<State<T>>>);

pub(crate) fn promise<T>() -> (Promise<T>, Keeper<T>) {
    let state = Arc::new(Mutex::new(State { value: None, is_broken: false, waker: None }));
    (Promise(Arc::clone(&state)), Keeper(state))
}

fn lock<T>(state: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Keeper<T> {
    pub(crate) fn keep(self, value: T) {
        lock(&self.0).value = Some(value);
    }
}

impl<T> Drop for Keeper<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.0);
        state.is_broken = state.value.is_none();
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Future for Promise<T> {
    type Output = Result<T, Broken>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = lock(&self.0);
        if let Some(value) = state.value.take() {
            return Poll::Ready(Ok(value));
        }
        if state.is_broken {
            return Poll::Ready(Err(Broken));
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }
}
