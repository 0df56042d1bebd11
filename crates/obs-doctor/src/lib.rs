//! What is wrong with the set-up of a program that uses obs: its environment, settings file, file systems, earlier
//! runs, and every receiver that it is to send to.
//!
//! A [`Check`] looks at one thing and gives [`Finding`]s, each of a [`Kind`] with a stable id: what is wrong, how that
//! was seen, and what to do. [`examine`] makes a [`Report`] of what several checks find. [`CHECKS`] are those of this
//! crate; who has more to check adds checks of their own.
//!
//! ```
//! use obs_core::Settings;
//! use obs_doctor::{Severity, Subject, examine};
//!
//! let settings = Settings::from_vars([("OBS_LOG_LEVL", "debug")]);
//! let report = examine(&Subject::new(settings), &[obs_doctor::ENVIRONMENT]);
//! let finding = &report.findings[0];
//! assert_eq!((finding.id(), finding.severity()), ("variable-unknown", Severity::Warning));
//! assert!(finding.remedy[0].contains("OBS_LOG_LEVEL"));
//! ```
//!
//! Nothing is changed: files that are made to see whether they can be are removed again. A receiver is sent a request
//! that holds nothing.
#![forbid(unsafe_code)]

mod checks;
mod examine;
mod finding;
mod kind;
mod manual;
mod place;
mod subject;
mod text;

pub use checks::{
    CHECKS, CLOCK, DATABASE, DISK, ENVIRONMENT, FILTER, LIMITS, RECEIVERS, RING_PLACE, RUN_ROOT,
    RUNS, TELEMETRY,
};
pub use examine::{Check, Report, examine};
pub use finding::Finding;
pub use kind::{Kind, Severity};
pub use manual::table_markdown;
pub use subject::Subject;
