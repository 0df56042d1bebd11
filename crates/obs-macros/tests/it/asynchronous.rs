//! Futures: the span is entered at each poll, and held across none.

use std::future::ready;
use std::pin::Pin;

use async_trait::async_trait;
use expect_test::expect;
use obs_macros::traced;

use crate::recording::{Yield, block_on, check};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[traced(crate = crate::facade)]
async fn twice() -> u32 {
    tracing::info!("before");
    Yield::default().await;
    tracing::info!("after");
    2
}

#[test]
fn the_span_is_entered_at_each_poll() {
    let value = check(
        || block_on(twice()),
        expect![[r#"
            span twice [INFO asynchronous]
            > twice
            event [INFO asynchronous] in twice message=before
            < twice
            > twice
            event [INFO asynchronous] in twice message=after
            < twice
            > twice
            < twice
            close twice
        "#]],
    );
    assert_eq!(value, 2);
}

#[traced(crate = crate::facade)]
async fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    Yield::default().await;
    let number: u32 = text.parse()?;
    Ok(number)
}

#[test]
fn a_question_mark_ends_the_future_with_its_error_recorded() {
    let outcome = check(
        || block_on(parse("x")),
        expect![[r#"
            span parse [INFO asynchronous]
            > parse
            < parse
            > parse
            < parse
            record parse otel.status_code="ERROR"
            > parse
            event [ERROR asynchronous] in parse message=parse failed error=error(invalid digit found in string) error.type="core::num::error::ParseIntError"
            < parse
            > parse
            < parse
            close parse
        "#]],
    );
    assert!(outcome.is_err());
    let outcome = check(
        || block_on(parse("8")),
        expect![[r#"
            span parse [INFO asynchronous]
            > parse
            < parse
            > parse
            < parse
            > parse
            < parse
            close parse
        "#]],
    );
    assert_eq!(outcome, Ok(8));
}

#[test]
fn a_future_that_was_never_polled_opens_no_span() {
    check(|| drop(twice()), expect![[""]]);
}

#[test]
fn a_future_dropped_half_way_closes_its_span() {
    check(
        || {
            let mut future = Box::pin(twice());
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(future.as_mut().poll(&mut context).is_pending());
        },
        expect![[r#"
            span twice [INFO asynchronous]
            > twice
            event [INFO asynchronous] in twice message=before
            < twice
            > twice
            < twice
            close twice
        "#]],
    );
}

struct Store {
    rows: u32,
}

trait Rows {
    async fn rows(&self, extra: u32) -> Result<u32, String>;

    #[traced(crate = crate::facade, fields(extra))]
    async fn rows_or_zero(&self, extra: u32) -> u32 {
        self.rows(extra).await.unwrap_or_default()
    }
}

impl Rows for Store {
    #[traced(crate = crate::facade, fields(self.rows, extra))]
    async fn rows(&self, extra: u32) -> Result<u32, String> {
        self.rows.checked_sub(extra).ok_or_else(|| "too few".to_owned())
    }
}

#[test]
fn an_async_method_of_a_trait_is_traced_where_it_has_a_body() {
    let store = Store { rows: 3 };
    let rows = check(
        || block_on(store.rows_or_zero(4)),
        expect![[r#"
            span rows_or_zero [INFO asynchronous] extra=4u64
            > rows_or_zero
            span rows [INFO asynchronous] in rows_or_zero self.rows=3u64 extra=4u64
            > rows
            < rows
            record rows otel.status_code="ERROR"
            > rows
            event [ERROR asynchronous] in rows message=rows failed error=too few error.type="alloc::string::String"
            < rows
            > rows
            < rows
            close rows
            < rows_or_zero
            > rows_or_zero
            < rows_or_zero
            close rows_or_zero
        "#]],
    );
    assert_eq!(rows, 0);
}

#[async_trait]
trait Load {
    async fn load(&self, path: String, (low, high): (u32, u32)) -> Result<u32, String>;
}

#[async_trait]
impl Load for Store {
    #[traced(crate = crate::facade, fields(path, self.rows))]
    async fn load(&self, path: String, (low, high): (u32, u32)) -> Result<u32, String> {
        Yield::default().await;
        if path.is_empty() {
            return Err("no path".to_owned());
        }
        Ok(self.rows + low + high)
    }
}

#[test]
fn the_future_that_async_trait_makes_is_traced() {
    let store = Store { rows: 3 };
    let outcome = check(
        || block_on(store.load(String::new(), (1, 2))),
        expect![[r#"
            span load [INFO asynchronous] path="" self.rows=3u64
            > load
            < load
            > load
            < load
            record load otel.status_code="ERROR"
            > load
            event [ERROR asynchronous] in load message=load failed error=no path error.type="alloc::string::String"
            < load
            > load
            < load
            close load
        "#]],
    );
    assert_eq!(outcome, Err("no path".to_owned()));
    assert_eq!(block_on(store.load("p".to_owned(), (1, 2))), Ok(6));
}

#[traced(crate = crate::facade, fields(n))]
fn ends_in_an_async_block(n: u32) -> impl Future<Output = Result<u32, String>> {
    let doubled = n * 2;
    async move {
        Yield::default().await;
        Err(format!("{doubled} is too many"))
    }
}

#[test]
fn the_async_block_that_a_function_ends_in_is_traced() {
    let outcome = check(
        || block_on(ends_in_an_async_block(4)),
        expect![[r#"
            span ends_in_an_async_block [INFO asynchronous] n=4u64
            > ends_in_an_async_block
            < ends_in_an_async_block
            > ends_in_an_async_block
            < ends_in_an_async_block
            record ends_in_an_async_block otel.status_code="ERROR"
            > ends_in_an_async_block
            event [ERROR asynchronous] in ends_in_an_async_block message=ends_in_an_async_block failed error=8 is too many error.type="alloc::string::String"
            < ends_in_an_async_block
            > ends_in_an_async_block
            < ends_in_an_async_block
            close ends_in_an_async_block
        "#]],
    );
    assert_eq!(outcome, Err("8 is too many".to_owned()));
}

#[traced(crate = crate::facade)]
fn passes_a_future_on(n: u32) -> impl Future<Output = u32> + Unpin {
    tracing::info!("choosing");
    ready(n)
}

#[traced(crate = crate::facade)]
fn passes_a_boxed_future_on(n: u32) -> BoxFuture<'static, Result<u32, String>> {
    if n == 0 {
        return Box::pin(ready(Err("none".to_owned())));
    }
    let future = async move {
        Yield::default().await;
        Ok(n)
    };
    Box::pin(future)
}

#[test]
fn a_future_from_elsewhere_is_traced_with_the_call_that_got_it() {
    let value = check(
        || block_on(passes_a_future_on(3)),
        expect![[r#"
            span passes_a_future_on [INFO asynchronous]
            > passes_a_future_on
            event [INFO asynchronous] in passes_a_future_on message=choosing
            < passes_a_future_on
            > passes_a_future_on
            < passes_a_future_on
            > passes_a_future_on
            < passes_a_future_on
            close passes_a_future_on
        "#]],
    );
    assert_eq!(value, 3);
    let outcome = check(
        || block_on(passes_a_boxed_future_on(0)),
        expect![[r#"
            span passes_a_boxed_future_on [INFO asynchronous]
            > passes_a_boxed_future_on
            < passes_a_boxed_future_on
            > passes_a_boxed_future_on
            < passes_a_boxed_future_on
            record passes_a_boxed_future_on otel.status_code="ERROR"
            > passes_a_boxed_future_on
            event [ERROR asynchronous] in passes_a_boxed_future_on message=passes_a_boxed_future_on failed error=none error.type="alloc::string::String"
            < passes_a_boxed_future_on
            > passes_a_boxed_future_on
            < passes_a_boxed_future_on
            close passes_a_boxed_future_on
        "#]],
    );
    assert_eq!(outcome, Err("none".to_owned()));
    let outcome = check(
        || block_on(passes_a_boxed_future_on(1)),
        expect![[r#"
            span passes_a_boxed_future_on [INFO asynchronous]
            > passes_a_boxed_future_on
            < passes_a_boxed_future_on
            > passes_a_boxed_future_on
            < passes_a_boxed_future_on
            > passes_a_boxed_future_on
            < passes_a_boxed_future_on
            > passes_a_boxed_future_on
            < passes_a_boxed_future_on
            close passes_a_boxed_future_on
        "#]],
    );
    assert_eq!(outcome, Ok(1));
}

trait Boxed: Future + Send + Sized {
    fn boxed<'a>(self) -> BoxFuture<'a, Self::Output>
    where
        Self: 'a,
    {
        Box::pin(self)
    }
}

impl<F: Future + Send> Boxed for F {}

#[traced(crate = crate::facade)]
fn boxed_by_a_method(n: u32) -> BoxFuture<'static, u32> {
    async move { n }.boxed()
}

#[traced(crate = crate::facade)]
fn pinned_from_a_box(n: u32) -> BoxFuture<'static, u32> {
    Pin::from(Box::new(async move { n }))
}

type Answer = BoxFuture<'static, Result<u32, String>>;

#[traced(crate = crate::facade, err)]
fn behind_an_alias(n: u32) -> Answer {
    Box::pin(async move { Err(format!("{n} is taken")) })
}

#[test]
fn an_async_block_is_found_within_what_boxes_it() {
    let value = check(
        || block_on(boxed_by_a_method(1)),
        expect![[r#"
        span boxed_by_a_method [INFO asynchronous]
        > boxed_by_a_method
        < boxed_by_a_method
        > boxed_by_a_method
        < boxed_by_a_method
        close boxed_by_a_method
    "#]],
    );
    assert_eq!(value, 1);
    let value = check(
        || block_on(pinned_from_a_box(2)),
        expect![[r#"
        span pinned_from_a_box [INFO asynchronous]
        > pinned_from_a_box
        < pinned_from_a_box
        > pinned_from_a_box
        < pinned_from_a_box
        close pinned_from_a_box
    "#]],
    );
    assert_eq!(value, 2);
    check(|| block_on(behind_an_alias(3)), expect![[r#"
        span behind_an_alias [INFO asynchronous]
        > behind_an_alias
        < behind_an_alias
        record behind_an_alias otel.status_code="ERROR"
        > behind_an_alias
        event [ERROR asynchronous] in behind_an_alias message=behind_an_alias failed error=3 is taken error.type="alloc::string::String"
        < behind_an_alias
        > behind_an_alias
        < behind_an_alias
        close behind_an_alias
    "#]]).unwrap_err();
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn a_traced_future_can_go_to_another_thread() {
    assert_eq!(block_on(is_send(parse("5"))), Ok(5));
    assert_eq!(block_on(is_send(ends_in_an_async_block(1))), Err("2 is too many".to_owned()));
    assert_eq!(block_on(is_send(Store { rows: 1 }.load("p".to_owned(), (0, 0)))), Ok(1));
}
