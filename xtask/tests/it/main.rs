//! The commands as a person calls them.

mod calls;
mod fixture;
mod floors;
mod programs;
mod steps;
