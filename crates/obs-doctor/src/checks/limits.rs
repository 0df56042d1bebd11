//! What the system allows the process.
use crate::examine::Check;
use crate::finding::Finding;
use crate::kind::Kind;
use crate::subject::Subject;
use crate::text::bytes;
use obs_recorder::survey;
use rustix::process::{Resource, getrlimit};

const FINE: Kind =
    Kind::ok("limits", "The limits of the process and of its group are wide enough.");
const FILES: Kind = Kind::warning(
    "limit-files",
    "The process may have few files open: rings, journal, logs and connections need some 100 beside its own.",
    "`ulimit -n 1024`, or `LimitNOFILE=` of the unit.",
);
const FILE_BYTES: Kind = Kind::problem(
    "limit-file-bytes",
    "Files may not be as large as a segment of the journal: who writes past the limit is killed.",
    "`ulimit -f unlimited`, or `LimitFSIZE=infinity` of the unit.",
);
const MEMORY: Kind = Kind::warning(
    "limit-memory",
    "The memory of the process's group is small beside what rings and stage may take, if every thread has a ring.",
    "Allow the group more, or set `OBS_STAGE_BYTES`, `OBS_RING_BYTES` and `OBS_RINGS_MAX` to \
     less.",
);

/// Open files, the size of files, and the memory of the process's group.
pub const LIMITS: Check = Check::new("limits", &[&FINE, &FILES, &FILE_BYTES, &MEMORY], run);

const FILES_MIN: u64 = 256;
/// Rings and stage may take this part of a group's memory.
const SHARE: u64 = 2;

fn run(subject: &Subject) -> Vec<Finding> {
    let settings = &subject.settings;
    let mut findings = Vec::new();
    let files = getrlimit(Resource::Nofile).current;
    if let Some(files) = files.filter(|files| *files < FILES_MIN) {
        let finding = Finding::new(&FILES, format!("the process may have {files} files open"));
        findings.push(finding.seen(format!("RLIMIT_NOFILE is {files}")).remedy("ulimit -n 1024"));
    }
    let largest = settings.segment_bytes.max(settings.log_rotate_bytes);
    let limit = getrlimit(Resource::Fsize).current;
    if let Some(limit) = limit.filter(|limit| *limit < largest) {
        let what =
            format!("files may have {}, and they are to have {}", bytes(limit), bytes(largest));
        let finding =
            Finding::new(&FILE_BYTES, what).seen(format!("RLIMIT_FSIZE is {limit} bytes"));
        findings.push(finding.remedy("ulimit -f unlimited"));
    }
    findings.extend(of_memory(subject));
    if findings.is_empty() {
        let files = files.map_or_else(|| "any number of".to_owned(), |files| files.to_string());
        findings.push(Finding::new(&FINE, format!("{files} files may be open")));
    }
    findings
}

fn of_memory(subject: &Subject) -> Option<Finding> {
    let (path, limit) = group_bytes_max(subject)?;
    let settings = &subject.settings;
    let survey = survey(settings, None);
    let rings = settings.ring_bytes.saturating_mul(survey.rings_wanted as u64);
    let needed = settings.stage_bytes.saturating_add(rings);
    if needed <= limit / SHARE {
        return None;
    }
    let what = format!(
        "rings and stage may take {} of the {} that the process's group may have",
        bytes(needed),
        bytes(limit)
    );
    let finding = Finding::new(&MEMORY, what).seen(format!("/{path}: {limit}"));
    let finding =
        finding.seen(format!("{} rings of {}", survey.rings_wanted, bytes(settings.ring_bytes)));
    Some(finding.export("OBS_STAGE_BYTES", "1MiB").export("OBS_RING_BYTES", "64KiB"))
}

/// The memory that the process's group may have, and where the kernel says so: cgroup, version 2 or 1.
fn group_bytes_max(subject: &Subject) -> Option<(String, u64)> {
    let groups = subject.said("proc/self/cgroup")?;
    let mut paths = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        match (parts.next(), parts.next()) {
            (Some(""), Some(group)) => paths.push(format!("sys/fs/cgroup{group}/memory.max")),
            (Some("memory"), Some(group)) => {
                paths.push(format!("sys/fs/cgroup/memory{group}/memory.limit_in_bytes"));
            }
            _ => {}
        }
    }
    // In a container the group is the root of what is mounted.
    paths.push("sys/fs/cgroup/memory.max".to_owned());
    paths.push("sys/fs/cgroup/memory/memory.limit_in_bytes".to_owned());
    paths.into_iter().find_map(|path| {
        let limit = subject.said(&path)?.parse().ok()?;
        Some((path.replace("//", "/"), limit))
    })
}
