//! What describes the source of a run's records.
use obs_core::redact::Redactor;
use obs_core::resource::{Resource, ResourceValue};
use obs_core::{RunId, Settings};
use std::path::Path;

/// Service, run, process and host, by the names of OpenTelemetry's conventions, and what the settings add. Nothing in
/// it is secret any more.
pub(crate) fn of_process(settings: &Settings, run_id: RunId, program: &Path) -> Resource {
    let mut resource = Resource::new();
    let mut put = |name: &str, value: ResourceValue| {
        resource.insert(name.to_owned(), value);
    };
    put("telemetry.sdk.name", "obs".into());
    put("telemetry.sdk.language", "rust".into());
    put("telemetry.sdk.version", env!("CARGO_PKG_VERSION").into());
    put("process.pid", i64::from(std::process::id()).into());
    put("os.type", std::env::consts::OS.into());
    put("host.arch", arch().into());
    if let Some(name) = program.file_name() {
        put("process.executable.name", name.to_string_lossy().into_owned().into());
    }
    if let Some(host) = host_name() {
        put("host.name", host.into());
    }
    put("service.instance.id", run_id.to_string().into());
    for (name, value) in settings.otel.resource_attributes.iter() {
        put(name, value.into());
    }
    put("service.name", settings.service.as_str().into());
    put("obs.run.id", run_id.to_string().into());
    redact(&mut resource, &Redactor::with_rules(settings.redact.clone()));
    resource
}

fn redact(resource: &mut Resource, redactor: &Redactor) {
    for (name, value) in resource.iter_mut() {
        if let ResourceValue::Text(text) = value {
            *text = match redactor.classify(name).rule() {
                Some(rule) => obs_core::redact::marker(rule).to_string(),
                None => redactor.redact(text).into_owned(),
            };
        }
    }
}

/// The processor's kind, by the names of the conventions.
fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "x86",
        "arm" => "arm32",
        other => other,
    }
}

fn host_name() -> Option<String> {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    (!name.is_empty()).then_some(name)
}
