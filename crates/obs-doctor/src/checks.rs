//! The checks of this crate.
mod clock;
mod database;
mod disk;
mod environment;
mod filter;
mod limits;
mod receivers;
mod ring_place;
mod run_root;
mod runs;
mod telemetry;

use crate::examine::Check;

pub use clock::CLOCK;
pub use database::DATABASE;
pub use disk::DISK;
pub use environment::ENVIRONMENT;
pub use filter::FILTER;
pub use limits::LIMITS;
pub use receivers::RECEIVERS;
pub use ring_place::RING_PLACE;
pub use run_root::RUN_ROOT;
pub use runs::RUNS;
pub use telemetry::TELEMETRY;

/// All checks of this crate, from what comes first in a program's life to what comes last.
pub const CHECKS: &[Check] = &[
    ENVIRONMENT,
    FILTER,
    RUN_ROOT,
    DISK,
    RING_PLACE,
    LIMITS,
    CLOCK,
    RUNS,
    TELEMETRY,
    RECEIVERS,
    DATABASE,
];
