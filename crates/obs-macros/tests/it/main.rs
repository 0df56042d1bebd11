//! `#[traced]` as its users see it: what a subscriber is told, and what the compiler says.

mod asynchronous;
mod events;
mod facade;
mod failures;
mod fields;
mod misuse;
mod options;
mod recording;
mod signatures;
mod strict;
mod sync;
