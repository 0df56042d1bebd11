//! Dependencies that belong to some of our crates.

use super::member::Member;
use super::table::Use;
use crate::finding::Finding;
use crate::workspace::{Dependency, DependencyKind};

/// The dependencies of `member` that belong to other crates.
pub(crate) fn check(member: &Member<'_>, uses: &[Use]) -> Vec<Finding> {
    let name = member.package.name.as_str();
    let mut findings = Vec::new();
    for dependency in &member.package.dependencies {
        for rule in uses.iter().filter(|rule| !rule.only_in.contains(&name)) {
            if let Some(what) = violation(rule, dependency) {
                findings.push(Finding {
                    path: member.path.clone(),
                    line: member.line_of(dependency),
                    what: format!("{what} is for {}: {}", rule.only_in.join(", "), rule.reason),
                    rule: "use",
                });
            }
        }
    }
    findings
}

fn violation(rule: &Use, dependency: &Dependency) -> Option<String> {
    let in_tests = dependency.kind == DependencyKind::Dev;
    if in_tests && rule.tests_free || !is_meant(rule.dependency, &dependency.name) {
        return None;
    }
    if rule.features.is_empty() {
        return Some(dependency.name.clone());
    }
    let own = dependency.features.iter().find(|own| rule.features.contains(&own.as_str()))?;
    Some(format!("feature `{own}` of {}", dependency.name))
}

fn is_meant(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name == start || name.starts_with(&format!("{start}-")),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::super::member::tests::with_member;
    use super::super::table::USES;
    use super::check;

    fn judge(name: &str, manifest: &str) -> Vec<String> {
        with_member(name, manifest, |member| {
            let findings = check(member, USES);
            findings.iter().map(|f| format!("{}: {}", f.line, f.what)).collect()
        })
    }

    #[test]
    fn tokio_and_its_kin_belong_to_the_asynchronous_crates_and_to_tests() {
        let said = judge("obs-core", "[dependencies]\ntokio = {}\ntokio-util = {}\n");
        assert_eq!(
            said,
            [
                "2: tokio is for obs-http, obs-otlp, obs-receiver, obs-sql-sink, obs-cli, \
                 job_service: the core runs without a runtime",
                "3: tokio-util is for obs-http, obs-otlp, obs-receiver, obs-sql-sink, obs-cli, \
                 job_service: the core runs without a runtime",
            ]
        );
        assert_eq!(judge("obs-cli", "[dependencies]\ntokio = {}\n"), [""; 0]);
        assert_eq!(judge("obs-core", "[dev-dependencies]\ntokio = {}\n"), [""; 0]);
    }

    #[test]
    fn telemetry_sdks_and_databases_stay_out_of_tests_too() {
        let said = judge(
            "obs-trace",
            "[dev-dependencies]\nopentelemetry = {}\nopentelemetry-otlp = {}\nsqlx = {}\n",
        );
        assert_eq!(
            said,
            [
                "2: opentelemetry is for obs-otel, obs-receiver: its breaking releases are one \
                 manifest's business",
                "3: opentelemetry-otlp is for obs-otel, obs-receiver: its breaking releases are \
                 one manifest's business",
                "4: sqlx is for obs-sql-sink, job_service: SQL is optional and links C",
            ]
        );
    }

    #[test]
    fn a_feature_alone_can_belong_to_a_crate() {
        let mapped = "[dependencies]\nrustix = { features = [\"fs\", \"mm\"] }\n";
        let said = judge("obs-recorder", mapped);
        assert_eq!(said, ["2: feature `mm` of rustix is for obs-ring: mapped memory is unsafe"]);
        assert_eq!(judge("obs-ring", mapped), [""; 0]);
        let files = "[dependencies]\nrustix = { features = [\"fs\"] }\n";
        assert_eq!(judge("obs-recorder", files), [""; 0]);
    }

    #[test]
    fn a_new_name_hides_no_dependency() {
        let said = judge(
            "obs-log",
            "[target.'cfg(unix)'.dependencies]\nc = { package = \"libc\" }\nerr = { package = \"anyhow\" }\n",
        );
        assert_eq!(
            said,
            [
                "2: libc is for obs-ring: system calls through it are unsafe",
                "3: anyhow is for obs-cli, obs-bench, examples, job_service, xtask: a library has an \
                 error type of its own",
            ]
        );
    }

    #[test]
    fn mapping_belongs_to_the_rings() {
        let said = judge("obs-recorder", "[build-dependencies]\nmemmap2 = {}\n");
        assert_eq!(said, ["2: memmap2 is for obs-ring: mapped memory is unsafe"]);
    }
}
