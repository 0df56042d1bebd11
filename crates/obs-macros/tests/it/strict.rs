//! Expansions stay silent where a user turns every lint on.

#![deny(missing_docs, unused, clippy::pedantic, clippy::nursery)]
#![forbid(unsafe_code)]
#![deny(
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    unused_results,
    unused_qualifications,
    trivial_casts
)]

use std::fmt::Display;
use std::io;

use obs_macros::traced;

use crate::recording::block_on;

/// Sums.
///
/// # Errors
///
/// When the sum is too large.
#[traced(crate = crate::facade, fields(rows = rows.len()), log, ret)]
fn sum(rows: &[u32]) -> Result<u32, String> {
    let mut sum = 0_u32;
    for row in rows {
        sum = sum.checked_add(*row).ok_or_else(|| "too large".to_owned())?;
    }
    Ok(sum)
}

/// Tells.
#[traced(crate = crate::facade)]
fn tell(text: &str) {
    use std::io::Write as _;
    writeln!(io::sink(), "{text}").unwrap_or_default();
}

/// Yields.
///
/// # Errors
///
/// Never.
#[traced(crate = crate::facade, fields(%value), err(level = "warn"), ret(Display))]
async fn later<T: Display + Send>(value: T) -> Result<T, io::Error> {
    std::future::ready(()).await;
    Ok(value)
}

/// Makes.
#[traced(crate = crate::facade, log)]
fn make(n: u8) -> impl Future<Output = u8> {
    std::future::ready(n)
}

/// Tells later.
#[traced(crate = crate::facade)]
async fn tell_later(text: String) {
    std::future::ready(()).await;
    tell(&text);
}

/// Doubles.
#[rustfmt::skip]
#[traced(crate = crate::facade, fields(n))]
fn double(n: u8) -> u8 { n * 2 }

/// Counts down.
///
/// # Errors
///
/// When there is nothing to count.
#[traced(crate = crate::facade, log)]
fn count_down(mut n: u8, steps: &mut Vec<u8>, _unused: u8) -> Result<(), String> {
    if n == 0 {
        return Err("nothing to count".to_owned());
    }
    while n > 0 {
        n -= 1;
        steps.push(n);
    }
    Ok(())
}

/// Logs.
#[traced(crate = crate::facade, log)]
fn logs() {
    tell("logged");
}

#[test]
fn strict_code_runs() {
    logs();
    assert_eq!(double(2), 4);
    let mut steps = Vec::new();
    assert_eq!(count_down(2, &mut steps, 0), Ok(()));
    assert_eq!(steps, [1, 0]);

    assert_eq!(sum(&[1, 2]), Ok(3));
    block_on(tell_later("text".to_owned()));
    assert_eq!(block_on(later(2)).unwrap(), 2);
    assert_eq!(block_on(make(4)), 4);
}
