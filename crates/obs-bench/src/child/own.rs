//! What the system says of a process, by way of `/proc`.
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::fs;

/// The memory of this process that is in use, in KiB.
pub(crate) fn resident_kib() -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("/proc/self/status")?;
    resident_of(&status).context("/proc/self/status has no VmRSS")
}

fn resident_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Nanoseconds of CPU time that each thread took so far: by its number in the system, with its name.
pub(crate) type ThreadTimes = BTreeMap<u32, (String, u64)>;

/// Adds what the threads that are alive took so far, of a process by its number or `self`. A thread that ends while it
/// is looked at stays as it was.
pub(crate) fn look_at_threads(process: &str, times: &mut ThreadTimes) -> anyhow::Result<()> {
    let tasks = format!("/proc/{process}/task");
    for entry in fs::read_dir(&tasks).with_context(|| tasks.clone())? {
        let path = entry.with_context(|| tasks.clone())?.path();
        let number = path.file_name().and_then(|name| name.to_str()?.parse().ok());
        let read = |name: &str| fs::read_to_string(path.join(name));
        if let (Some(number), Ok(name), Ok(times_of)) = (number, read("comm"), read("schedstat"))
            && let Some(ns) = times_of.split(' ').next().and_then(|ns| ns.parse().ok())
        {
            times.insert(number, (name.trim_end().to_owned(), ns));
        }
    }
    Ok(())
}

/// The times by name: threads that are numbered are one, as `producer-0` and `producer-1`.
pub(crate) fn by_name(times: ThreadTimes) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for (name, ns) in times.into_values() {
        let name = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
        *sums.entry(name.to_owned()).or_default() += ns;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::{by_name, resident_of};
    use std::collections::BTreeMap;

    #[test]
    fn the_memory_in_use_is_a_line_of_the_status() {
        let status = "Name:\tobs-bench\nVmHWM:\t    9000 kB\nVmRSS:\t    8192 kB\nThreads:\t1\n";
        assert_eq!(resident_of(status), Some(8192));
        assert_eq!(resident_of("Name:\tobs-bench\n"), None);
    }

    #[test]
    fn threads_that_are_numbered_are_one() {
        let times = [("producer-0", 5), ("producer-1", 7), ("obs-drain", 3)];
        let times = (1..).zip(times.map(|(name, ns)| (name.to_owned(), ns)));
        let sums = BTreeMap::from([("obs-drain".to_owned(), 3), ("producer".to_owned(), 12)]);
        assert_eq!(by_name(times.collect()), sums);
    }
}
