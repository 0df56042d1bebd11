//! Secrets in names, documents and text, and what only looks like one.
mod effort;
mod foreign;
mod json;
mod kinds;
mod lines;
mod literals;
mod lookalikes;
mod name;
mod rules;
mod stable;
mod stream;
mod text;
mod worst;
