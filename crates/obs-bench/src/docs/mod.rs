//! `docs/benchmarks.md` and its charts, which only this writes.
mod charts;
pub(crate) mod machine;
mod page;
mod versions;

pub(crate) use page::Page;
