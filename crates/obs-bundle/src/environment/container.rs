//! The container around the process, and what it allows.
use super::source::{Source, put, some};
use serde_json::{Map, Value};

/// What is there in containers of some kind: a file, and the kind.
const FILES: [(&str, &str); 3] = [
    ("var/run/secrets/kubernetes.io", "kubernetes"),
    ("run/.containerenv", "podman"),
    (".dockerenv", "docker"),
];

/// Parts of the names of control groups, and the kind.
const GROUPS: [(&str, &str); 6] = [
    ("kubepods", "kubernetes"),
    ("libpod", "podman"),
    ("docker", "docker"),
    ("containerd", "containerd"),
    ("lxc", "lxc"),
    ("machine.slice", "systemd-nspawn"),
];

/// The kind of container, if there are signs of one, and the tightest limits of the control groups (version 2) around.
pub(super) fn container(source: &Source) -> Option<Value> {
    let groups = source.text("proc/self/cgroup").unwrap_or_default();
    let mut map = Map::new();
    if let Some((kind, evidence)) = kind(source, &groups) {
        put(&mut map, "kind", Some(kind));
        put(&mut map, "evidence", Some(evidence));
    }
    if let Some(group) = groups.lines().find_map(|line| line.strip_prefix("0::")) {
        put(&mut map, "cgroup", Some(group));
        put(&mut map, "memory_max_bytes", tightest(source, group, "memory.max", number));
        put(&mut map, "pids_max", tightest(source, group, "pids.max", number));
        let millis = tightest(source, group, "cpu.max", millicores);
        put(&mut map, "cpu_max_cores", millis.map(|millis| millis as f64 / 1_000.0));
    }
    some(map)
}

fn kind(source: &Source, groups: &str) -> Option<(String, String)> {
    let files = FILES.iter().find(|(path, _)| source.is_there(path));
    let by_file = files.map(|(path, kind)| ((*kind).to_owned(), format!("/{path}")));
    let said = || {
        let kind = source.line("run/systemd/container")?;
        Some((kind, "/run/systemd/container".to_owned()))
    };
    let by_group = || {
        let (part, kind) = GROUPS.iter().find(|(part, _)| groups.contains(part))?;
        Some(((*kind).to_owned(), format!("control group with {part}")))
    };
    by_file.or_else(said).or_else(by_group)
}

/// The least that the group or one around it allows; `None` where none of them says anything.
fn tightest(
    source: &Source,
    group: &str,
    file: &str,
    read: fn(&str) -> Option<u64>,
) -> Option<u64> {
    let ends = group.match_indices('/').map(|(at, _)| at).chain([group.len()]);
    let limits = ends.filter_map(|end| {
        let folder = group[..end].trim_matches('/');
        read(&source.line(&format!("sys/fs/cgroup/{folder}/{file}"))?)
    });
    limits.min()
}

/// A number, or nothing for `max`.
fn number(text: &str) -> Option<u64> {
    text.parse().ok()
}

/// `quota period` in microseconds as thousandths of a core.
fn millicores(text: &str) -> Option<u64> {
    let (quota, period) = text.split_once(' ')?;
    let (quota, period): (u64, u64) = (quota.parse().ok()?, period.parse().ok()?);
    quota.checked_mul(1_000)?.checked_div(period)
}
