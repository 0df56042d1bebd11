//! What the kernel says of a machine.
use obs_core::Settings;
use obs_doctor::{CLOCK, Finding, LIMITS, Severity, Subject, examine};
use std::path::Path;
use tempfile::TempDir;

/// A machine whose kernel says this.
fn machine(files: &[(&str, &str)]) -> TempDir {
    let root = TempDir::new().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    root
}

fn subject(machine: &Path) -> Subject {
    let mut settings = Settings::default();
    settings.run_root = Some(machine.join("runs"));
    let mut subject = Subject::new(settings);
    subject.machine = machine.to_owned();
    subject
}

fn found<'f>(findings: &'f [Finding], id: &str) -> Option<&'f Finding> {
    findings.iter().find(|finding| finding.id() == id)
}

const SOURCE: &str = "sys/devices/system/clocksource/clocksource0/current_clocksource";

#[test]
fn a_clock_that_asks_the_kernel_is_noted_with_what_it_costs() {
    let machine = machine(&[(SOURCE, "hpet\n")]);
    let report = examine(&subject(machine.path()), &[CLOCK]);
    let finding = found(&report.findings, "clock-slow").unwrap();
    assert!(finding.what.starts_with("the kernel's clock is hpet: a time costs "), "{finding:?}");
    assert_eq!(finding.seen, [format!("/{SOURCE}: hpet")]);
    assert_eq!(report.worst(), Severity::Note);
}

#[test]
fn a_clock_that_reads_the_counter_is_fine_and_so_is_one_of_which_nothing_is_known() {
    for files in [&[(SOURCE, "tsc\n")][..], &[]] {
        let machine = machine(files);
        let report = examine(&subject(machine.path()), &[CLOCK]);
        let ids: Vec<_> = report.findings.iter().map(Finding::id).collect();
        assert_eq!(ids, ["clock"]);
    }
}

#[test]
fn a_group_with_little_memory_is_told_by_either_version_of_its_files() {
    for (groups, path) in [
        ("0::/system.slice/acm.service\n", "sys/fs/cgroup/system.slice/acm.service/memory.max"),
        ("0::/\n", "sys/fs/cgroup/memory.max"),
        (
            "12:cpu:/a\n4:memory:/docker/1\n0::/\n",
            "sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes",
        ),
        ("0::/not/mounted/here\n", "sys/fs/cgroup/memory.max"),
    ] {
        let machine = machine(&[("proc/self/cgroup", groups), (path, "33554432\n")]);
        let mut subject = subject(machine.path());
        let report = examine(&subject, &[LIMITS]);
        let finding = found(&report.findings, "limit-memory").expect(path);
        assert_eq!(finding.seen[0], format!("/{path}: 33554432"));
        assert!(finding.what.contains("of the 32.0 MiB that the process's group may have"));
        for (variable, value) in &finding.set {
            assert!(
                finding
                    .remedy
                    .iter()
                    .any(|line| line.starts_with("export ") && line.contains(variable))
            );
            assert!(value.is_some());
        }
        subject.settings.stage_bytes = 1 << 20;
        subject.settings.ring_bytes = 64 << 10;
        subject.settings.rings_max = 64;
        let report = examine(&subject, &[LIMITS]);
        assert!(found(&report.findings, "limit-memory").is_none(), "the remedy works: {path}");
    }
}

#[test]
fn a_group_without_a_limit_is_none() {
    let files = [("proc/self/cgroup", "0::/\n"), ("sys/fs/cgroup/memory.max", "max\n")];
    let machine = machine(&files);
    let report = examine(&subject(machine.path()), &[LIMITS]);
    assert!(found(&report.findings, "limit-memory").is_none());
}
