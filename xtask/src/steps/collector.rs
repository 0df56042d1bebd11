//! The example service, sending through a collector that none of us wrote.

use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;

use super::runner::{Outcome, Runner};
use crate::invocation::Invocation;

/// A collector for OTLP, as PyPI has it.
const PACKAGE: &str = "rotel==0.0.1a15";
const AGENT: &str = "rotel/rotel-agent";
const ARGS: &str = "start --otlp-http-endpoint {in} --otlp-grpc-endpoint 127.0.0.1:0 --exporter otlp \
                    --otlp-exporter-endpoint {out} --otlp-exporter-protocol http";

/// Each request of the service is one trace with one id behind the collector, too.
pub(crate) fn collector(runner: &mut Runner<'_>) -> Result<Outcome> {
    let place = runner.workspace.target.join("collector");
    let agent = place.join(AGENT);
    if !agent.exists() && !install(&place) {
        return Ok(Outcome::left_out(format!("pip cannot install {PACKAGE} here")));
    }
    let agent = agent.to_str().context("the target directory's name is no text")?;
    let check = ["run", "--bin", "job_service", "--", "check", "--requests", "300"];
    let check = Invocation::cargo(check).arg("--collector").arg(format!("'{agent}' {ARGS}"));
    runner.call(&check)
}

fn install(place: &Path) -> bool {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--target"]).arg(place).arg(PACKAGE);
    pip.status().is_ok_and(|status| status.success())
}
