//! Bundles of a run that is alive and under load: each is whole and holds no secret, and the program feels none of it.
//!
//! A child logs at a steady rate, now and then something secret, and takes the time of every event. The parent has
//! `obs bundle` make bundles of it, in a process of its own, in phases that alternate with phases of the same length
//! without; then `obs bundle verify` judges every bundle, and every byte of them is looked at.
mod archive;
mod child;
mod parent;

pub use child::{Load, live};
pub use parent::{Plan, Verdict, bundle_many};

/// What the child logs, and nobody may find: tokens of known kinds, and passwords under their names.
pub(crate) const SECRETS: [&str; 6] = [
    concat!("gh", "p_Q7mZt2VbX9wLk4RsN8cYd3HfJ6pGa1TuEo5B"),
    concat!("AK", "IAQ7MZT2VBX4WLK3RS"),
    concat!("gl", "pat-Zt2VbX9wLk4RsN8cYd3H"),
    "correct-horse-9081-battery",
    "hunter2-and-more-4711",
    concat!("ey", "JhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0NzExIn0.Zt2VbX9wLk4RsN8cYd3HfJ6pGa1TuEo5B"),
];
