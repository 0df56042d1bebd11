//! Every way to a receiver.
use super::Said;
use super::judge::{Arrived, arrived};
use obs_receiver::{Certificates, Receiver, ReceiverOptions};
use obs_recorder::steady_ns;
use serde::Serialize;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// A way to send.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "rows of a table")]
pub struct Way {
    /// As `OTEL_EXPORTER_OTLP_PROTOCOL` has it.
    pub protocol: &'static str,
    /// As `OTEL_EXPORTER_OTLP_COMPRESSION` has it.
    pub compression: &'static str,
    /// Whether by TLS, with an authority of one's own.
    pub tls: bool,
}

const fn way(protocol: &'static str, compression: &'static str, tls: bool) -> Way {
    Way { protocol, compression, tls }
}

/// All of them.
pub const WAYS: [Way; 8] = [
    way("http/protobuf", "none", false),
    way("http/protobuf", "gzip", false),
    way("http/protobuf", "zstd", false),
    way("http/protobuf", "gzip", true),
    way("grpc", "none", false),
    way("grpc", "gzip", false),
    way("grpc", "zstd", false),
    way("grpc", "gzip", true),
];

/// What came of a way.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Went {
    /// Which.
    pub way: Way,
    /// Spans that were made, and as many log records.
    pub made: u64,
    /// Spans that arrived, each counted once.
    pub spans: u64,
    /// Log records that arrived, each counted once.
    pub logs: u64,
    /// What arrived more than once, or with another content.
    pub others: u64,
    /// From the program's start to its end.
    pub ms: u64,
}

impl Went {
    /// Whether everything arrived once, as it was made.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.spans == self.made && self.logs == self.made && self.others == 0
    }
}

/// Has a program send `records` spans, and as many log records, by this way. Its run goes below `root`.
///
/// # Errors
///
/// What the system says.
pub fn go(way: Way, records: u64, root: &Path) -> io::Result<Went> {
    let mut options = ReceiverOptions::default();
    let certificates = if way.tls { Some(Certificates::make()?) } else { None };
    options.certificates.clone_from(&certificates);
    let receiver = Receiver::start_with(&options)?;
    let mut command = Command::new(std::env::current_exe()?);
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint(way.protocol))
        .env("OTEL_EXPORTER_OTLP_PROTOCOL", way.protocol)
        .env("OTEL_EXPORTER_OTLP_COMPRESSION", way.compression);
    if let Some(certificates) = &certificates {
        std::fs::create_dir_all(root)?;
        let path = root.join("authority.pem");
        std::fs::write(&path, &certificates.authority)?;
        command.env("OTEL_EXPORTER_OTLP_CERTIFICATE", path);
    }
    let begun = steady_ns();
    command.arg("make").arg(root).arg(records.to_string()).stdin(Stdio::null());
    let output = command.stderr(Stdio::inherit()).output()?;
    let ms = (steady_ns() - begun) / 1_000_000;
    let said = String::from_utf8_lossy(&output.stdout);
    let said: Said = serde_json::from_str(said.lines().last().unwrap_or_default())?;
    let [spans, logs] = arrived(&receiver);
    let others = |it: &Arrived| it.twice + it.wrong;
    Ok(Went {
        way,
        made: said.made,
        spans: spans.once,
        logs: logs.once,
        others: others(&spans) + others(&logs) + said.pending,
        ms,
    })
}
