//! What is handed over of the golden run: environment and bundle; and settings.
use crate::made::Goldens;
use fuzz::golden::RUN_DIRECTORY;
use fuzz::memory::Files;
use obs_bundle::{Given, Options, Probe, environment};
use obs_core::Settings;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

/// A setting of each kind.
const SETTINGS: &str = "\
service = \"acm-batch\"
capture = \"info,app::load=trace\"
log_level = \"debug\"
console = false
overflow = \"block\"
ring_bytes = 65536
sync_interval = \"500ms\"
run_root = \"/var/log/acm\"
";

/// `env.json`, `obs.toml`, and the bundle of the run in these files with what stands in it.
pub(crate) fn over(files: &Files) -> Goldens {
    let settings = Settings::from_toml("obs.toml", SETTINGS).unwrap();
    let environment = described(&settings);
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join(Path::new(RUN_DIRECTORY).file_name().unwrap());
    for (path, bytes) in files {
        let path = run.join(path.strip_prefix(RUN_DIRECTORY).unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    fs::write(run.join("env.json"), &environment).unwrap();
    let bundle = obs_bundle::write(&run, &Options::default()).unwrap();
    let archive = fs::read(&bundle.path).unwrap();
    let mut goldens =
        Goldens::from([("env.json", environment), ("obs.toml", SETTINGS.as_bytes().to_vec())]);
    for name in ["support.json", "SHA256SUMS"] {
        goldens.insert(name, entry(&archive, name));
    }
    goldens.insert("support.zip", archive);
    goldens
}

/// The environment of a machine that is made up.
fn described(settings: &Settings) -> Vec<u8> {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("etc/os-release", "PRETTY_NAME=\"Debian 12\"\nID=debian\nVERSION_ID=\"12\"\n"),
        ("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n"),
        ("proc/sys/kernel/hostname", "build-7\n"),
        ("proc/meminfo", "MemTotal:       16000000 kB\nMemAvailable:    8000000 kB\n"),
        ("proc/self/environ", "HOME=/nowhere\0OBS_TOKEN=secret\0"),
    ] {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut probe = Probe::default();
    probe.root = root.path().to_owned();
    probe.nvidia_smi = None;
    let mut given = Given::default();
    given.settings = Some(settings);
    given.ring_place = "/dev/shm/obs-1000 (tmpfs)".to_owned();
    given.sections = BTreeMap::from([("db".to_owned(), json!({ "user": "acm", "password": "x" }))]);
    let document = String::from_utf8(environment(&probe, &given).to_bytes().unwrap()).unwrap();
    // The one fact that the fixture cannot make up.
    let own = format!("\"arch\": \"{}\"", std::env::consts::ARCH);
    assert!(document.contains(&own), "{document}");
    document.replace(&own, "\"arch\": \"x86_64\"").into_bytes()
}

fn entry(archive: &[u8], name: &str) -> Vec<u8> {
    entries(archive).into_iter().find(|(known, _)| known == name).unwrap().1
}

/// The entries of an archive in their order, unpacked by another make of reader.
pub(crate) fn entries(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let all = (0..archive.len()).map(|index| {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (name, bytes)
    });
    all.collect()
}
