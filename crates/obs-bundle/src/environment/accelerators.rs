//! Accelerators of NVIDIA: what their driver tells, and what `nvidia-smi` adds.
use super::Probe;
use super::source::{Source, failed, put, value_of};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

const DRIVER: &str = "proc/driver/nvidia";
/// More of what the program prints is not read.
const OUTPUT_BYTES_MAX: u64 = 64 << 10;

/// What is asked for, and the names that it gets; the first is what both sources know a device by.
const COLUMNS: [(&str, &str); 6] = [
    ("pci.bus_id", "bus"),
    ("name", "model"),
    ("uuid", "uuid"),
    ("driver_version", "driver"),
    ("memory.total", "memory"),
    ("compute_cap", "compute_capability"),
];

/// The accelerators, by their places on the bus; an empty list where there is no driver.
pub(super) fn accelerators(source: &Source, probe: &Probe) -> Value {
    if !source.is_there(DRIVER) {
        return json!([]);
    }
    let mut devices = from_driver(source);
    let mut problem = None;
    if let Some(program) = &probe.nvidia_smi {
        match ask(program, probe) {
            Ok(text) => add_table(&mut devices, &text),
            Err(error) => problem = Some(error),
        }
    }
    let mut list: Vec<Value> = devices.into_values().map(Value::Object).collect();
    list.extend(problem.map(|error| failed(&format!("nvidia-smi: {error}"))));
    Value::from(list)
}

fn from_driver(source: &Source) -> BTreeMap<String, Map<String, Value>> {
    let version = source.text(&format!("{DRIVER}/version")).unwrap_or_default();
    let version = value_of(&version, "NVRM version").map(str::to_owned);
    let mut devices = BTreeMap::new();
    for bus in source.names(&format!("{DRIVER}/gpus")) {
        let text = source.text(&format!("{DRIVER}/gpus/{bus}/information")).unwrap_or_default();
        let mut device = Map::new();
        put(&mut device, "vendor", Some("nvidia"));
        put(&mut device, "bus", Some(bus.clone()));
        put(&mut device, "model", value_of(&text, "Model"));
        put(&mut device, "uuid", value_of(&text, "GPU UUID"));
        put(&mut device, "kernel_module", version.clone());
        devices.insert(bus.to_ascii_lowercase(), device);
    }
    devices
}

fn add_table(devices: &mut BTreeMap<String, Map<String, Value>>, text: &str) {
    for line in text.lines() {
        let cells: Vec<&str> = line.split(", ").map(str::trim).collect();
        let [bus, ..] = cells[..] else { continue };
        if cells.len() != COLUMNS.len() {
            continue;
        }
        // The program writes the domain with eight digits, the driver with four.
        let short = bus.get(bus.len().saturating_sub(12)..).unwrap_or(bus).to_ascii_lowercase();
        let device = devices.entry(short).or_default();
        put(device, "vendor", Some("nvidia"));
        for ((_, name), cell) in COLUMNS.iter().zip(&cells).filter(|(_, cell)| !cell.is_empty()) {
            if !device.contains_key(*name) {
                put(device, name, Some(*cell));
            }
        }
    }
}

/// What the program prints. A thread of its own waits for it, because one that hangs in the driver cannot even be
/// killed.
fn ask(program: &Path, probe: &Probe) -> io::Result<String> {
    let query: Vec<&str> = COLUMNS.iter().map(|(column, _)| *column).collect();
    let mut child = Command::new(program)
        .arg(format!("--query-gpu={}", query.join(",")))
        .arg("--format=csv,noheader")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let Some(output) = child.stdout.take() else { return Err(io::ErrorKind::BrokenPipe.into()) };
    let (said, answer) = channel();
    let (leave, left) = channel();
    let reader = move || attend(output, &said, &left);
    let started = thread::Builder::new().name("obs-nvidia-smi".to_owned()).spawn(reader);
    let answer = started.and_then(|_| {
        let in_time = answer.recv_timeout(probe.nvidia_smi_timeout);
        in_time.unwrap_or_else(|_| {
            let limit = probe.nvidia_smi_timeout;
            Err(io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {limit:?}")))
        })
    });
    let ended = if answer.is_ok() { Ok(()) } else { child.kill() };
    let handed = leave.send(child).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe));
    answer.and_then(|text| ended.and(handed).map(|()| text))
}

/// Reads what the program prints, then waits for its end. Who asked may have given up: nobody is left then to be told.
fn attend(output: impl Read, said: &Sender<io::Result<String>>, left: &Receiver<Child>) {
    let mut text = String::new();
    let read = output.take(OUTPUT_BYTES_MAX).read_to_string(&mut text);
    said.send(read.map(|_| text)).unwrap_or_default();
    if let Ok(mut child) = left.recv() {
        child.wait().map(drop).unwrap_or_default();
    }
}
