//! A future that is polled ten times, and what polls it: no runtime stands between the clock and the system.
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

const POLLS: u32 = 10;

/// Ready when it is polled for the tenth time.
#[derive(Debug, Default)]
pub(super) struct TenPolls {
    polled: u32,
}

impl Future for TenPolls {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.polled += 1;
        if self.polled < POLLS { Poll::Pending } else { Poll::Ready(()) }
    }
}

/// Polls `future` until it is ready.
pub(super) fn complete(future: impl Future<Output = ()>) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    while future.as_mut().poll(&mut context).is_pending() {}
}

#[cfg(test)]
mod tests {
    use super::{POLLS, TenPolls, complete};

    #[test]
    fn the_tenth_poll_is_the_last() {
        let mut future = TenPolls::default();
        complete(&mut future);
        assert_eq!(future.polled, POLLS);
    }
}
