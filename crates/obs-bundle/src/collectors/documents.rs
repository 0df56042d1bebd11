//! `run.json` and `env.json`: each one JSON value.
use super::unreadable;
use crate::collect::{Files, NewFile};
use crate::error::BundleError;
use crate::json::document;
use crate::remote::{Remote, Source};
use crate::run::{self, RUN, Run};
use obs_core::io::read;
use obs_core::redact::Redactor;
use serde_json::Value;
use std::io::ErrorKind;
use std::sync::Arc;

/// A longer `env.json` is not read.
const ENVIRONMENT_BYTES_MAX: u64 = 16 << 20;

/// The summary of the run.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) run: Arc<Run>,
}

impl Source for Summary {
    fn name(&self) -> &str {
        "run"
    }

    fn collect(&self, files: &mut Remote) -> Result<(), BundleError> {
        let broken = |why: &dyn std::fmt::Display| unreadable("run.json", why);
        let bytes = self.run.summary_bytes.as_ref().map_err(|error| broken(error))?;
        let summary = run::summary(bytes);
        summary.map_err(|why| broken(&why))?;
        files.add(NewFile::new(RUN, "run"), &mut bytes.as_slice())
    }
}

/// The environment of the run. It was redacted when it was written; what gets in is redacted again, so that one that
/// another hand wrote is no way around that.
#[derive(Debug)]
pub(super) struct Environment {
    pub(super) run: Arc<Run>,
}

impl Source for Environment {
    fn name(&self) -> &str {
        "env"
    }

    fn collect(&self, files: &mut Remote) -> Result<(), BundleError> {
        let path = self.run.directory.path().join("env.json");
        let mut bytes = match read(self.run.io.as_ref(), &path, ENVIRONMENT_BYTES_MAX) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            other => other.map_err(|error| unreadable("env.json", error))?,
        };
        let broken = |error: serde_json::Error| unreadable("env.json", error);
        let mut value: Value = serde_json::from_slice(&bytes).map_err(broken)?;
        if Redactor::new().redact_json(&mut value).total() > 0 {
            bytes = document(&value).map_err(broken)?;
        }
        files.add(NewFile::new("run/env.json", "environment"), &mut bytes.as_slice())
    }
}
