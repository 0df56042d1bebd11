//! What to do about a receiver that does not answer as one.
use crate::checks::telemetry::{endpoint_of, setting, without_path};
use crate::finding::Finding;
use crate::text::{quoted, variable};
use obs_core::Settings;
use obs_core::settings::otel::{Endpoint, Export};
use obs_core::settings::{Compression, Origin};
use obs_otlp::FaultKind;

/// The settings by which a receiver is reached that does not answer.
struct Case<'a> {
    settings: &'a Settings,
    export: &'a Export,
    /// The setting that its endpoint comes from, and the endpoint as it was set.
    name: String,
    endpoint: Endpoint,
}

/// Adds to a finding what to do about it, for one signal.
pub(super) fn of(
    kind: FaultKind,
    settings: &Settings,
    export: &Export,
    finding: Finding,
) -> Finding {
    let name = setting(settings, export.signal, "endpoint");
    let endpoint = endpoint_of(settings, &name).unwrap_or(&export.endpoint).clone();
    let case = Case { settings, export, name, endpoint };
    let mut added = case.remedy(kind, Finding::new(finding.kind, ""));
    let mut finding = finding;
    added.remedy.retain(|line| !finding.remedy.contains(line));
    finding.remedy.append(&mut added.remedy);
    finding.set.append(&mut added.set);
    finding
}

impl Case<'_> {
    fn remedy(&self, kind: FaultKind, finding: Finding) -> Finding {
        match kind {
            FaultKind::NoTls => self.with_scheme("http", finding),
            FaultKind::WantsTls => self.with_scheme("https", finding),
            FaultKind::GrpcToHttp => self.by_http(finding),
            FaultKind::HttpToGrpc => self.by_grpc(finding),
            FaultKind::CertificateFile => self.certificate_file(finding),
            FaultKind::NotFound => self.path(finding),
            FaultKind::Unsupported => self.compression(finding),
            FaultKind::Proxy => finding.export("NO_PROXY", self.export.endpoint.host()),
            FaultKind::UnknownAuthority => finding.remedy(format!(
                "export {}=FILE with the authority's certificate in PEM",
                self.variable("certificate")
            )),
            FaultKind::ClientCertificate => {
                let key = self.variable("client_key");
                finding
                    .remedy(format!("export {}=FILE in PEM", self.variable("client_certificate")))
                    .remedy(format!(
                        "export {key}=FILE in PEM, of an authority that the server trusts"
                    ))
            }
            FaultKind::Unauthorized | FaultKind::Header => finding.remedy(format!(
                "set {} to what the receiver knows you by: NAME=VALUE, with %20 for a space",
                self.variable("headers")
            )),
            _ => self.advice(kind, finding),
        }
    }

    /// What to do where no setting alone can do it.
    fn advice(&self, kind: FaultKind, finding: Finding) -> Finding {
        let endpoint = &self.export.endpoint;
        let (host, address) = (quoted(endpoint.host()), quoted(endpoint.authority()));
        let elsewhere = format!(
            "export {}=URL of a receiver; ports are usually 4318 for HTTP, 4317 for gRPC",
            variable(&self.name)
        );
        match kind {
            FaultKind::Name => finding.remedy(format!("getent hosts {host}")).remedy(elsewhere),
            FaultKind::Refused => {
                finding.remedy(format!("start the receiver at {address}, or:")).remedy(elsewhere)
            }
            FaultKind::Unreachable => {
                finding.remedy(format!("ip route get {host}")).remedy(elsewhere)
            }
            FaultKind::ConnectTimeout => {
                let port = endpoint.port().map_or_else(String::new, |port| port.to_string());
                finding.remedy(format!("nc -vz {host} {port}: a firewall may be between"))
            }
            FaultKind::WrongName => finding.remedy(format!(
                "export {}=URL with a host's name that the certificate is for",
                variable(&self.name)
            )),
            FaultKind::Expired => finding
                .remedy(format!("openssl s_client -connect {address} shows it: renew it there"))
                .remedy("date -u; if that is wrong: timedatectl set-ntp true"),
            FaultKind::Tls => finding.remedy(format!("openssl s_client -connect {address}")),
            FaultKind::Silent => finding
                .remedy("obs doctor --timeout 30s, to see whether it is slow or dead")
                .remedy(format!("export {}=30000, if it is slow", self.variable("timeout"))),
            FaultKind::Busy => finding.remedy(
                "see the receiver's own log; what it does not take waits in the journal meanwhile",
            ),
            FaultKind::Redirect => {
                finding.remedy(format!("export {}=URL that it names", variable(&self.name)))
            }
            FaultKind::TooLarge => {
                finding.remedy("allow requests of 4 MiB there, or in the proxy before it")
            }
            FaultKind::NoReceiver | FaultKind::Endpoint => finding.remedy(elsewhere),
            _ => finding.remedy("see the receiver's own log, and that of what stands before it"),
        }
    }

    fn variable(&self, end: &str) -> String {
        variable(&setting(self.settings, self.export.signal, end))
    }

    fn is_general(&self) -> bool {
        self.name == "otel_exporter_otlp_endpoint"
    }

    fn with_scheme(&self, scheme: &str, finding: Finding) -> Finding {
        let text = self.endpoint.to_string();
        let rest = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
        if self.endpoint.is_secure().is_none() && scheme == "http" {
            return finding.export(&self.variable("insecure"), "true");
        }
        finding.export(&variable(&self.name), format!("{scheme}://{rest}"))
    }

    fn by_http(&self, finding: Finding) -> Finding {
        let finding = finding.export(&self.variable("protocol"), "http/protobuf");
        let scheme = if self.export.endpoint.is_secure() == Some(true) { "https" } else { "http" };
        let mut endpoint = self.endpoint.to_string();
        if self.endpoint.is_secure().is_none() {
            endpoint = format!("{scheme}://{endpoint}");
        }
        let path = self.export.signal.path();
        if !self.is_general() && !self.endpoint.path().ends_with(path) {
            endpoint = format!("{}{path}", endpoint.trim_end_matches('/'));
        }
        if endpoint == self.endpoint.to_string() {
            return finding;
        }
        finding.export(&variable(&self.name), endpoint)
    }

    fn by_grpc(&self, finding: Finding) -> Finding {
        let finding = finding.export(&self.variable("protocol"), "grpc");
        let rest = without_path(&self.endpoint, self.export.signal.path());
        if rest == self.endpoint.to_string() {
            return finding;
        }
        finding.export(&variable(&self.name), rest)
    }

    fn certificate_file(&self, finding: Finding) -> Finding {
        let ends = ["certificate", "client_certificate", "client_key"];
        let names = ends.map(|end| setting(self.settings, self.export.signal, end));
        let is_set = |name: &&String| self.settings.origin(name) != Some(Origin::Default);
        names.iter().filter(is_set).fold(finding, |finding, name| {
            finding.remedy(format!("export {}=FILE in PEM that this user can read", variable(name)))
        })
    }

    fn path(&self, finding: Finding) -> Finding {
        let path = self.export.signal.path();
        let own = self.endpoint.path().trim_end_matches('/');
        if self.is_general() && own.ends_with(path) {
            return finding.export(&variable(&self.name), without_path(&self.endpoint, path));
        }
        if !self.is_general() && own.is_empty() {
            return finding.export(&variable(&self.name), self.endpoint.join(path).to_string());
        }
        finding
            .remedy(format!("the path that is asked is {}", self.export.endpoint.path()))
            .remedy(format!(
                "export {}=URL with the receiver's own path, without {path} where it is for all signals",
                variable(&self.name)
            ))
    }

    fn compression(&self, finding: Finding) -> Finding {
        match self.export.compression {
            Compression::None => finding.remedy(format!(
                "the receiver takes no protobuf: export {}=URL of one that does",
                variable(&self.name)
            )),
            _ => finding.export(&self.variable("compression"), "none"),
        }
    }
}
