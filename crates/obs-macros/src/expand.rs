//! The function with its body, or the future it makes, in a span.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens as _;
use syn::{Block, Expr, ExprAsync, ReturnType, Stmt, Token};

use crate::function::{Function, inner_block};
use crate::options::Options;
use crate::plan::Plan;
use crate::returns::{self, Output};

/// Rewrites `item` as `#[traced(options)]` asks.
///
/// # Errors
///
/// A misuse of an option, or an item that is not a function with a body.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let options: Options = syn::parse2(options)?;
    let function: Function = syn::parse2(item)?;
    let returned = &function.signature.output;
    if function.signature.asyncness.is_some() {
        let output = Output::of(returned);
        let plan = Plan::new(options, &function.signature, &output)?;
        return Ok(function.with_body(&awaited(&plan, &function.block(), &output)));
    }
    let future = returns::future(returned);
    if let Some(mut block) = body_with_a_return_value(&function)
        && let Some(last) = last_async(&mut block)
    {
        let output = future.map_or_else(Output::unknown, |future| future.output);
        let plan = Plan::new(options, &function.signature, &output)?;
        let body = last.block.stmts.iter().map(Stmt::to_token_stream).collect();
        let body = inner_block(last.block.brace_token, body);
        let statements = awaited(&plan, &body, &output);
        last.block.stmts = vec![Stmt::Expr(Expr::Verbatim(statements), None)];
        last.capture.get_or_insert(Token![move](Span::mixed_site()));
        let statements: TokenStream = block.stmts.iter().map(Stmt::to_token_stream).collect();
        return Ok(function.with_body(&statements));
    }
    let whole = Output::of(returned);
    let statements = match future {
        Some(future) => {
            let plan = Plan::new(options, &function.signature, &future.output)?;
            made(&plan, &function.block(), &whole, future.boxed)
        }
        None => {
            let plan = Plan::new(options, &function.signature, &whole)?;
            called(&plan, &function.block(), &whole)
        }
    };
    Ok(function.with_body(&statements))
}

/// A plain call: a guard holds the span, or, where the outcome is observed, a closure catches it.
fn called(plan: &Plan, body: &TokenStream, output: &Output) -> TokenStream {
    let opened = plan.opened();
    let Some(closed) = plan.closed(&hygienic!(span)) else {
        return hygienic! {
            #opened
            let _entered = span.enter();
            #body
        };
    };
    let returns = output.in_expression().map(|ty| hygienic!(-> #ty));
    hygienic! {
        #opened
        let output = span.in_scope(move || #returns #body);
        #closed
        output
    }
}

/// Asynchronous code: the body as a future of its own, entered at each poll.
fn awaited(plan: &Plan, body: &TokenStream, output: &Output) -> TokenStream {
    let expected = expected(output);
    let future = hygienic!(async move { #expected #body });
    let opened = plan.opened();
    let polled = match plan.closed(&hygienic!(future.span())) {
        Some(closed) => observed(plan, &future, &closed),
        None => {
            let instrumented = instrumented(plan, &future);
            hygienic!(#instrumented.await)
        }
    };
    hygienic! {
        #opened
        #polled
    }
}

/// A function that returns a future it got from elsewhere: call and future are in the span.
fn made(plan: &Plan, body: &TokenStream, whole: &Output, boxed: bool) -> TokenStream {
    let returns = whole.in_expression();
    let future = hygienic!(future);
    let traced = match plan.closed(&hygienic!(future.span())) {
        Some(closed) => {
            let polled = observed(plan, &future, &closed);
            hygienic!(async move { #polled })
        }
        None => instrumented(plan, &future),
    };
    let traced = match boxed {
        true => hygienic!(::std::boxed::Box::pin(#traced)),
        false => traced,
    };
    let opened = plan.opened();
    hygienic! {
        #opened
        let future = span.in_scope(move || -> #returns #body);
        #traced
    }
}

fn instrumented(plan: &Plan, future: &TokenStream) -> TokenStream {
    let private = plan.private();
    hygienic!(#private::tracing::Instrument::instrument(#future, span))
}

/// Awaits `future` in the span, then runs `closed` over its output.
fn observed(plan: &Plan, future: &TokenStream, closed: &TokenStream) -> TokenStream {
    let instrumented = instrumented(plan, future);
    hygienic! {
        let mut future = ::core::pin::pin!(#instrumented);
        let output = future.as_mut().await;
        #closed
        output
    }
}

/// Tells type inference, before the body, what the body returns: an async block cannot say it.
fn expected(output: &Output) -> Option<TokenStream> {
    let ty = output.in_expression()?;
    Some(hygienic! {
        if let ::core::option::Option::Some(never) = ::core::option::Option::None::<#ty> {
            return never;
        }
    })
}

fn body_with_a_return_value(function: &Function) -> Option<Block> {
    match function.signature.output {
        ReturnType::Default => None,
        ReturnType::Type(..) => function.parsed(),
    }
}

/// The async block that is the block's value, also within `Box::pin(…)` and its like, which is
/// what `#[async_trait]` makes of an `async fn`.
fn last_async(block: &mut Block) -> Option<&mut ExprAsync> {
    match block.stmts.last_mut()? {
        Stmt::Expr(value, None) | Stmt::Expr(value @ Expr::Return(_), Some(_)) => {
            innermost_async(value)
        }
        _ => None,
    }
}

fn innermost_async(value: &mut Expr) -> Option<&mut ExprAsync> {
    match value {
        Expr::Async(found) => Some(found),
        Expr::Call(call) if call.args.len() == 1 && wraps(&call.func) => {
            innermost_async(call.args.first_mut()?)
        }
        Expr::Group(group) => innermost_async(&mut group.expr),
        Expr::MethodCall(call) if call.method == "boxed" || call.method == "boxed_local" => {
            innermost_async(&mut call.receiver)
        }
        Expr::Paren(paren) => innermost_async(&mut paren.expr),
        Expr::Return(returned) => innermost_async(returned.expr.as_mut()?),
        _ => None,
    }
}

/// Whether a function is `Box::pin`, `Box::new` or `Pin::from`, by whatever path.
fn wraps(function: &Expr) -> bool {
    let Expr::Path(function) = function else {
        return false;
    };
    let mut words = function.path.segments.iter().rev().map(|segment| segment.ident.to_string());
    let (method, of) = (words.next(), words.next());
    matches!(
        (of.as_deref(), method.as_deref()),
        (Some("Box"), Some("pin" | "new")) | (Some("Pin"), Some("from"))
    )
}
