//! Every kind of function that can carry `#[traced]` still compiles and does what it did.

use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::pin::Pin;
use std::sync::Arc;

use obs_macros::traced;

use crate::recording::block_on;

#[derive(Debug, Clone, Default, PartialEq)]
struct Cache {
    rows: Vec<u32>,
}

impl Cache {
    #[traced(crate = crate::facade)]
    fn first(&self) -> Result<&u32, String> {
        self.rows.first().ok_or_else(|| "empty".to_owned())
    }

    #[traced(crate = crate::facade, log, ret)]
    fn first_mut(&mut self) -> Result<&mut u32, String> {
        self.rows.first_mut().ok_or_else(|| "empty".to_owned())
    }

    #[traced(crate = crate::facade)]
    fn entry<'a>(&'a mut self, fallback: &'a mut u32) -> Result<&'a mut u32, String> {
        match self.rows.last_mut() {
            Some(last) => Ok(last),
            None => Ok(fallback),
        }
    }

    #[traced(crate = crate::facade)]
    fn into_rows(self) -> Result<Vec<u32>, ()> {
        Ok(self.rows)
    }

    #[traced(crate = crate::facade)]
    fn shared(self: &Arc<Self>) -> Result<usize, ()> {
        Ok(Arc::strong_count(self))
    }

    #[traced(crate = crate::facade)]
    fn pinned(self: Pin<&mut Self>) -> Result<usize, ()> {
        self.get_mut().rows.push(1);
        Ok(1)
    }

    #[traced(crate = crate::facade)]
    async fn push(&mut self, row: u32) -> Result<&mut Self, String> {
        self.rows.push(row);
        Ok(self)
    }
}

#[test]
fn methods_take_self_in_every_form() {
    let mut cache = Cache { rows: vec![1] };
    *cache.first_mut().unwrap() += 1;
    assert_eq!(cache.first(), Ok(&2));
    *cache.entry(&mut 5).unwrap() += 1;
    assert_eq!(block_on(cache.push(9)).unwrap().rows, [3, 9]);
    assert_eq!(Pin::new(&mut cache).pinned(), Ok(1));
    assert_eq!(Arc::new(cache.clone()).shared(), Ok(1));
    assert_eq!(cache.into_rows(), Ok(vec![3, 9, 1]));
}

#[traced(crate = crate::facade)]
fn counted<K, const N: usize>(keys: [K; N]) -> Result<HashMap<K, usize>, String>
where
    K: Hash + Eq,
{
    Ok(keys.into_iter().zip(0..N).collect())
}

#[traced(crate = crate::facade)]
fn implements<'a>(words: &'a [&'a str]) -> impl Iterator<Item = String> + 'a {
    words.iter().map(|word| word.to_uppercase())
}

#[traced(crate = crate::facade)]
fn implements_in_a_result(n: u32) -> Result<impl Iterator<Item = u32>, Box<dyn std::error::Error>> {
    let limit: u32 = "3".parse()?;
    Ok(0..n.min(limit))
}

#[traced(crate = crate::facade)]
async fn implements_later(value: impl Display + Debug) -> Result<impl Display, String> {
    Ok(format!("<{value}>"))
}

#[traced(crate = crate::facade, log)]
fn closes_over(step: u32) -> Result<impl Fn(u32) -> u32, String> {
    Ok(move |n| n + step)
}

#[traced(crate = crate::facade, ret)]
fn opaque_error(fail: bool) -> Result<u8, impl std::error::Error> {
    if fail { "x" } else { "1" }.parse::<u8>()
}

#[traced(crate = crate::facade)]
async fn opaque_error_later(fail: bool) -> Result<u8, impl std::error::Error> {
    opaque_error(fail)
}

#[traced(crate = crate::facade)]
fn dynamic<'a>(text: &'a str) -> Result<Box<dyn Display + 'a>, Box<dyn std::error::Error + '_>> {
    if text.is_empty() {
        return Err(text.into());
    }
    Ok(Box::new(text))
}

#[test]
fn generics_and_opaque_types_stay_what_they_are() {
    assert_eq!(counted(["a", "b"]).unwrap()["b"], 1);
    assert_eq!(implements(&["a"]).collect::<Vec<_>>(), ["A"]);
    assert_eq!(implements_in_a_result(9).unwrap().count(), 3);
    assert_eq!(block_on(implements_later(3)).unwrap().to_string(), "<3>");
    assert!(opaque_error(true).is_err());
    assert_eq!(block_on(opaque_error_later(false)).unwrap(), 1);
    assert_eq!(dynamic("a").unwrap().to_string(), "a");
    assert_eq!(closes_over(1).map(|add| add(2)), Ok(3));
}

#[traced(crate = crate::facade)]
extern "C" fn foreign(n: i32) -> i32 {
    n + 1
}

#[traced(crate = crate::facade, log)]
fn never() -> ! {
    panic!("as it says");
}

#[traced(crate = crate::facade)]
async fn never_later() -> ! {
    panic!("as it says");
}

#[test]
fn foreign_and_diverging_functions_are_traced() {
    assert_eq!(foreign(1), 2);
    assert!(std::panic::catch_unwind(|| never()).is_err());
    assert!(std::panic::catch_unwind(|| block_on(never_later())).is_err());
}

/// Documented.
#[must_use = "the value is all it makes"]
#[inline]
#[expect(dead_code, reason = "shows that attributes of the function are kept")]
#[traced(crate = crate::facade)]
fn kept() -> u8 {
    #![allow(unused_variables, reason = "shows that attributes of the body are kept")]
    let unused = 1;
    2
}

macro_rules! traced_by_macro {
    ($(#[$meta:meta])* $name:ident, $ty:ty, $body:block) => {
        $(#[$meta])*
        #[traced(crate = $crate::facade)]
        fn $name() -> $ty $body
    };
}

traced_by_macro!(made_by_macro, Result<u8, String>, { Ok(3) });

#[test]
fn a_function_can_come_from_a_macro() {
    assert_eq!(made_by_macro(), Ok(3));
}

#[traced(crate = crate::facade)]
fn recursive(n: u64) -> Result<u64, String> {
    if n == 0 { Ok(0) } else { recursive(n - 1).map(|sum| sum + n) }
}

#[traced(crate = crate::facade)]
async fn recursive_later(n: u64) -> Result<u64, String> {
    if n == 0 { Ok(0) } else { Box::pin(recursive_later(n - 1)).await.map(|sum| sum + n) }
}

#[test]
fn a_function_can_call_itself() {
    assert_eq!(recursive(3), Ok(6));
    assert_eq!(block_on(recursive_later(3)), Ok(6));
}

mod unchecked {
    #![expect(unsafe_code, reason = "an unsafe function can be traced like any other")]

    use obs_macros::traced;

    /// # Safety
    ///
    /// `pointer` is valid for reads.
    #[traced(crate = crate::facade)]
    unsafe fn read(pointer: *const u32) -> Result<u32, String> {
        // SAFETY: the caller says so.
        Ok(unsafe { *pointer })
    }

    #[test]
    fn an_unsafe_function_is_traced() {
        // SAFETY: a reference is valid for reads.
        assert_eq!(unsafe { read(&7) }, Ok(7));
    }
}
