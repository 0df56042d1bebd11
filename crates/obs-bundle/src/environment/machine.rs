//! Operating system, processors, memory, clock.
use super::source::{Source, found, put, some, value_of};
use serde_json::{Map, Value};
use std::io;
use std::thread::available_parallelism;

/// The first processor of many: to read on takes long on large machines.
const CPU_BYTES: usize = 4 << 10;

/// The system and the name of the machine.
pub(super) fn os(source: &Source) -> Option<Value> {
    let release = source.text("etc/os-release").or_else(|_| source.text("usr/lib/os-release"));
    let release = release.unwrap_or_default();
    let said =
        |name| value_of(&release, name).map(|text| text.trim_matches(['"', '\'']).to_owned());
    let mut map = Map::new();
    put(&mut map, "family", Some(std::env::consts::OS));
    put(&mut map, "arch", Some(std::env::consts::ARCH));
    put(&mut map, "name", said("NAME"));
    put(&mut map, "id", said("ID"));
    put(&mut map, "version", said("VERSION").or_else(|| said("VERSION_ID")));
    put(&mut map, "kernel", source.line("proc/sys/kernel/osrelease"));
    put(&mut map, "hostname", source.line("proc/sys/kernel/hostname"));
    put(&mut map, "boot_id", source.line("proc/sys/kernel/random/boot_id"));
    some(map)
}

/// The processors: all of the machine, and those that the process may use.
pub(super) fn cpu(source: &Source) -> Option<Value> {
    found(source.beginning("proc/cpuinfo", CPU_BYTES).map(|text| {
        let part = || {
            let (by, part) = (value_of(&text, "CPU implementer")?, value_of(&text, "CPU part")?);
            Some(format!("implementer {by}, part {part}"))
        };
        let mut map = Map::new();
        put(&mut map, "model", value_of(&text, "model name").map(str::to_owned).or_else(part));
        let online = source.line("sys/devices/system/cpu/online");
        put(&mut map, "logical", online.as_deref().map(count));
        let status = source.text("proc/self/status").unwrap_or_default();
        let allowed = value_of(&status, "Cpus_allowed_list");
        put(&mut map, "affinity", allowed);
        put(&mut map, "available", allowed.map(count));
        map
    }))
    .or_else(|| {
        let mut map = Map::new();
        let cores = available_parallelism().ok().filter(|_| source.is_own());
        put(&mut map, "available", cores.map(|cores| cores.get()));
        some(map)
    })
}

/// How many numbers a list of ranges holds: 5 in `0-3,8`.
fn count(list: &str) -> u64 {
    let range = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to): (u64, u64) = (from.parse().ok()?, to.parse().ok()?);
        Some(to.checked_sub(from)?.saturating_add(1))
    };
    list.split(',').filter_map(|part| range(part.trim())).sum()
}

/// Memory of the machine, in bytes.
pub(super) fn memory(source: &Source) -> Option<Value> {
    found(source.text("proc/meminfo").map(|text| {
        let bytes = |name| {
            let kib: u64 = value_of(&text, name)?.strip_suffix("kB")?.trim().parse().ok()?;
            kib.checked_mul(1_024)
        };
        let mut map = Map::new();
        put(&mut map, "total_bytes", bytes("MemTotal"));
        put(&mut map, "available_bytes", bytes("MemAvailable"));
        put(&mut map, "swap_total_bytes", bytes("SwapTotal"));
        put(&mut map, "swap_free_bytes", bytes("SwapFree"));
        map
    }))
}

/// What the kernel and the toolkit take time from.
pub(super) fn clock(source: &Source, tick_source: &str) -> Option<Value> {
    let kernel = source.line("sys/devices/system/clocksource/clocksource0/current_clocksource");
    let mut map = Map::new();
    put(&mut map, "clocksource", kernel);
    put(&mut map, "ticks", Some(tick_source).filter(|text| !text.is_empty()));
    some(map)
}

/// Seconds since 1970 at which the machine began, as it counts now.
pub(super) fn boot_seconds(source: &Source) -> io::Result<Option<u64>> {
    let text = source.text("proc/stat")?;
    let line = text.lines().find_map(|line| line.strip_prefix("btime "));
    Ok(line.and_then(|number| number.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn a_list_of_ranges_is_counted() {
        let lists = ["0-3,8", "0", "0-63", "", "3-1", "0-18446744073709551615", "x,1-2"];
        assert_eq!(lists.map(count), [5, 1, 64, 0, 0, u64::MAX, 2]);
    }
}
