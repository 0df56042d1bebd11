//! What is made of a run that is read back: files for other people's tools.
//!
//! Everything here is a function of records; where they come from, and where the files go, is the caller's business.
#![forbid(unsafe_code)]

mod otlp_json;

pub use obs_otlp_data::Resource;
pub use otlp_json::{FILE_BYTES_MAX, OtlpFile, OtlpJson, OtlpSignal};
