//! A service that takes commands and does them as jobs in the background, with the help of a provider that is slow and
//! sometimes fails. The program runs both; this is the service for who serves it otherwise.
#![forbid(unsafe_code)]

mod check;
mod collector;
mod intent;
mod jobs;
mod load;
mod options;
mod processes;
mod program;
mod provider;
mod providers;
mod service;
mod store;
mod summary;

pub use jobs::Jobs;
pub use program::run;
pub use service::routes;
