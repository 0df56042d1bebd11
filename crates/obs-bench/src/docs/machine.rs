//! What the figures were found on.
use std::fs;
use std::process::Command;
use std::thread;

/// A machine, as far as figures depend on it.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory_gib: f64,
    pub(crate) kernel: String,
    pub(crate) clock: String,
    pub(crate) compiler: String,
}

const UNKNOWN: &str = "unknown";

/// This one. What cannot be found out is unknown.
pub(crate) fn this() -> Machine {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let clock = read("/sys/devices/system/clocksource/clocksource0/current_clocksource");
    let compiler = Command::new("rustc").arg("--version").output();
    let compiler = compiler.map(|said| String::from_utf8_lossy(&said.stdout).into_owned());
    Machine {
        processor: known(field(&read("/proc/cpuinfo"), "model name")),
        cores: thread::available_parallelism().map_or(0, usize::from),
        memory_gib: memory_gib(&read("/proc/meminfo")).unwrap_or(f64::NAN),
        kernel: known(read("/proc/sys/kernel/osrelease")),
        clock: known(clock),
        compiler: known(compiler.unwrap_or_default()),
    }
}

fn known(text: impl AsRef<str>) -> String {
    let text = text.as_ref().trim();
    if text.is_empty() { UNKNOWN.to_owned() } else { text.to_owned() }
}

/// The value of a line `name : value`.
fn field<'a>(text: &'a str, name: &str) -> &'a str {
    let values = text.lines().filter_map(|line| line.split_once(':'));
    values.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim()).next().unwrap_or("")
}

fn memory_gib(text: &str) -> Option<f64> {
    let kib: f64 = field(text, "MemTotal").strip_suffix(" kB")?.parse().ok()?;
    Some(kib / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::{field, known, memory_gib};

    #[test]
    fn what_the_system_says_is_found_and_what_it_does_not_say_is_unknown() {
        let said = "processor\t: 0\nmodel name\t: Some Processor @ 2.60GHz\n";
        assert_eq!(known(field(said, "model name")), "Some Processor @ 2.60GHz");
        assert_eq!(known(field(said, "cache size")), "unknown");
        assert_eq!(memory_gib("MemTotal:       25165824 kB\nMemFree: 1 kB\n"), Some(24.0));
        assert_eq!(memory_gib(""), None);
    }
}
