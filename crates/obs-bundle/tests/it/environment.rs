//! `env.json`, from made-up machines and from this one.
use expect_test::expect_file;
use obs_bundle::{Build, Given, Probe, environment};
use obs_core::Settings;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// A root directory with these files.
fn machine(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

fn probe(root: &Path) -> Probe {
    let mut probe = Probe::default();
    probe.root = root.to_owned();
    probe.nvidia_smi = None;
    probe
}

fn describe(files: &[(&str, &str)]) -> Value {
    let root = machine(files);
    environment(&probe(root.path()), &Given::default()).value().clone()
}

const FILES: &[(&str, &str)] = &[
    (
        "etc/os-release",
        "PRETTY_NAME=\"Debian 12\"\nNAME=\"Debian GNU/Linux\"\nVERSION=\"12 (bookworm)\"\nID=debian\n",
    ),
    ("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n"),
    ("proc/sys/kernel/hostname", "build-7\n"),
    ("proc/sys/kernel/random/boot_id", "5c399674-be67-10c5-1eaa-d0177d423a67\n"),
    (
        "proc/cpuinfo",
        "processor\t: 0\nmodel name\t: Example CPU @ 2 GHz\n\nprocessor\t: 1\nmodel name\t: Example CPU @ 2 GHz\n",
    ),
    ("sys/devices/system/cpu/online", "0-15\n"),
    (
        "proc/meminfo",
        "MemTotal:       16000000 kB\nMemFree: 1 kB\nMemAvailable:    8000000 kB\n\
         SwapTotal: 1024 kB\nSwapFree: 512 kB\n",
    ),
    ("proc/stat", "cpu 1 2 3\nbtime 1795341000\n"),
    (
        "proc/self/limits",
        "Limit                     Soft Limit           Hard Limit           Units\n\
         Max core file size        0                    unlimited            bytes\n\
         Max processes             96365                96365                processes\n\
         Max open files            1024                 524288               files\n\
         Max nice priority         0                    0\n",
    ),
    ("proc/self/cgroup", "4:memory:/x\n0::/system.slice/batch.service/inner\n"),
    ("sys/fs/cgroup/memory.max", "max\n"),
    ("sys/fs/cgroup/system.slice/memory.max", "8589934592\n"),
    ("sys/fs/cgroup/system.slice/batch.service/memory.max", "2147483648\n"),
    ("sys/fs/cgroup/system.slice/batch.service/inner/memory.max", "max\n"),
    ("sys/fs/cgroup/system.slice/batch.service/cpu.max", "150000 100000\n"),
    ("sys/fs/cgroup/system.slice/cpu.max", "max 100000\n"),
    ("sys/fs/cgroup/system.slice/batch.service/inner/pids.max", "512\n"),
    (".dockerenv", ""),
    (
        "proc/self/status",
        "Name:\tacm\nUmask:\t0027\nPid:\t4711\nPPid:\t1\nUid:\t1000\t1000\t1000\t1000\n\
         Gid:\t100\t100\t100\t100\nCpus_allowed_list:\t0-3,8\n",
    ),
    (
        "proc/self/stat",
        "4711 (a (b) c) R 1 4711 4711 0 -1 4194304 98 0 0 0 0 0 0 0 20 0 1 0 48312 3133440 365 18446744073709551615\n",
    ),
    (
        "proc/self/cmdline",
        "acm\0--token\0s3cr3t-1\0--db=postgres://ada:s3cr3t-2@db/x\0--password=s3cr3t-3\0input.csv\0",
    ),
    (
        "proc/self/environ",
        "LANG=C.UTF-8\0LC_ALL=C\0TZ=UTC\0HOME=/home-of/ada\0PATH=/usr/bin:/bin\0USER=ada\0\
         RUST_LOG=info\0OBS_CAPTURE=debug\0OBS_API_KEY=s3cr3t-4\0ARGOS_MODE=fast\0ARGOS_X=1\0\
         OTEL_EXPORTER_OTLP_ENDPOINT=https://u:s3cr3t-5@otlp:4318\0OTEL_EXPORTER_OTLP_HEADERS=a=s3cr3t-6\0\
         OTEL_RESOURCE_ATTRIBUTES=team=a,password=s3cr3t-7\0AWS_SECRET_ACCESS_KEY=s3cr3t-8\0RETRIES=3\0\
         PROXY=http://p\0VERBOSE=yes\0EMPTY=\0BASH_FUNC_x%%=() { s3cr3t-9; }\0",
    ),
    ("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n"),
    (
        "proc/driver/nvidia/version",
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54\nGCC version: 12\n",
    ),
    (
        "proc/driver/nvidia/gpus/0000:01:00.0/information",
        "Model: \t\t Example GPU\nIRQ:   130\nGPU UUID: \t GPU-1\n",
    ),
];

fn given(settings: &Settings) -> Given<'_> {
    let mut build = Build::new("acm-batch", "1.2.3");
    build.git_commit = Some("abc123-dirty".to_owned());
    build.profile = Some("release".to_owned());
    build.features = vec!["sql".to_owned()];
    build.target = Some("x86_64-unknown-linux-gnu".to_owned());
    build.rustc = Some("1.95.0".to_owned());
    let mut given = Given::default();
    given.build = Some(build);
    given.settings = Some(settings);
    given.ring_place = "tmpfs /dev/shm/obs-1000/x".to_owned();
    given.tick_source = "tsc".to_owned();
    given.variable_prefixes = vec!["ARGOS_".to_owned()];
    let onnx = json!({"provider": "cuda", "auth": {"api_key": "s3cr3t-10"}});
    given.sections.insert("onnx".to_owned(), onnx);
    given
}

#[test]
fn a_machine_with_everything_is_described() {
    let root = machine(FILES);
    symlink("/opt/acm/bin/acm", root.path().join("proc/self/exe")).unwrap();
    symlink("/srv/batch", root.path().join("proc/self/cwd")).unwrap();
    let mut settings = Settings::default();
    settings.service = "acm-batch".to_owned();
    let environment = environment(&probe(root.path()), &given(&settings));
    let text = String::from_utf8(environment.to_bytes().unwrap()).unwrap();
    assert!(!text.contains("s3cr3t"), "{text}");
    let mut value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(&value, environment.value());
    let shown = value["toolkit"]["settings"].as_object_mut().unwrap();
    assert_eq!(shown["service"], json!({"value": "acm-batch", "origin": "code"}));
    assert_eq!(shown["stage_bytes"]["origin"], "default");
    assert_eq!(shown.len(), settings.all().count());
    shown.clear();
    value["os"]["arch"] = "(arch)".into();
    value["os"]["family"] = "(family)".into();
    value["toolkit"]["version"] = "(version)".into();
    expect_file!["./env.json"].assert_eq(&format!("{value:#}\n"));
}

#[test]
fn a_machine_that_tells_nothing_is_described_without_a_fuss() {
    let value = describe(&[]);
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["accelerators", "format", "os", "sections", "toolkit"]);
    assert_eq!(value["accelerators"], json!([]));
}

#[test]
fn files_that_make_no_sense_do_no_harm() {
    let paths = FILES.iter().map(|(path, _)| *path);
    for text in
        ["", "\0\0\0", "x", ": : :\n= =\n()", "btime -1\n9999999999999999999999", "\u{fffd}\n"]
    {
        let files: Vec<(&str, &str)> = paths.clone().map(|path| (path, text)).collect();
        assert_eq!(describe(&files)["format"], 1);
    }
    let root = tempfile::tempdir().unwrap();
    for path in paths {
        fs::create_dir_all(root.path().join(path)).unwrap();
    }
    let value = environment(&probe(root.path()), &Given::default()).value().clone();
    assert_eq!(value["memory"], json!({"error": "Is a directory (os error 21)"}));
}

#[test]
fn the_kind_of_container_is_told_by_what_is_there() {
    for (path, text, kind) in [
        (".dockerenv", "", json!("docker")),
        ("run/.containerenv", "", json!("podman")),
        ("var/run/secrets/kubernetes.io/serviceaccount/namespace", "", json!("kubernetes")),
        ("run/systemd/container", "systemd-nspawn\n", json!("systemd-nspawn")),
        ("proc/self/cgroup", "0::/kubepods.slice/pod1\n", json!("kubernetes")),
        ("proc/self/cgroup", "0::/docker/abc\n", json!("docker")),
        ("proc/self/cgroup", "0::/lxc.payload.x\n", json!("lxc")),
        ("proc/self/cgroup", "0::/user.slice\n", json!(null)),
    ] {
        assert_eq!(describe(&[(path, text)])["container"]["kind"], kind, "{path} {text}");
    }
}

#[test]
fn a_section_replaces_the_one_of_its_name_and_is_redacted_and_bounded() {
    let root = machine(&[]);
    let mut environment = environment(&probe(root.path()), &Given::default());
    environment.set_section("db", json!({"user": "ada"}));
    environment.set_section("db", json!({"url": "pg://a:b@h", "password": "x", "pool": 4}));
    environment.set_section("api_token", json!(["x"]));
    environment.set_section("large", json!("x".repeat(2 << 20)));
    assert_eq!(
        environment.value()["sections"],
        json!({
            "api_token": ["[REDACTED:name:token]"],
            "db": {"url": "pg://[REDACTED:url:userinfo]@h", "password": "[REDACTED:name:password]", "pool": 4},
            "large": {"error": "2097154 bytes, at most 1048576 are kept"},
        })
    );
}

#[test]
fn long_and_many_arguments_and_variables_are_cut() {
    let arguments = "x\0".repeat(1_000);
    let variables: String = (0..1_000).map(|n| format!("V{n}=x\0")).collect();
    let long = format!("LANG={}\0{variables}", "ä".repeat(5_000));
    let value = describe(&[("proc/self/cmdline", &arguments), ("proc/self/environ", &long)]);
    assert_eq!(value["process"]["argv"].as_array().unwrap().len(), 256);
    assert_eq!(value["process"]["argv_more"], 744);
    assert_eq!(value["variables"]["others"].as_object().unwrap().len(), 512);
    assert_eq!(value["variables"]["unnamed"], 488);
    let shown = value["variables"]["shown"]["LANG"].as_str().unwrap();
    assert!(shown.ends_with("ä… (10000 bytes)") && shown.chars().count() == 4_096 + 15, "{shown}");
}

/// A machine with one device, and a program that answers for it as the script says.
fn accelerators(script: &str) -> Value {
    let root = machine(&[FILES[FILES.len() - 2], FILES[FILES.len() - 1]]);
    let program = root.path().join("nvidia-smi");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let mut probe = probe(root.path());
    probe.nvidia_smi = Some(program);
    probe.nvidia_smi_timeout =
        Duration::from_millis(if script.contains("sleep") { 50 } else { 20_000 });
    environment(&probe, &Given::default()).value()["accelerators"].clone()
}

#[test]
fn what_nvidia_smi_says_joins_what_the_driver_says() {
    let devices = accelerators(
        "echo '00000000:01:00.0, Example GPU, GPU-1, 550.54, 24576 MiB, 8.9'\n\
         echo '00000000:02:00.0, Second GPU, GPU-2, 550.54, 24576 MiB, 8.9'\n\
         echo 'nonsense'",
    );
    assert_eq!(devices[0]["memory"], "24576 MiB");
    assert_eq!(devices[0]["kernel_module"], "NVIDIA UNIX x86_64 Kernel Module  550.54");
    assert_eq!(devices[1]["model"], "Second GPU");
    assert_eq!(devices.as_array().unwrap().len(), 2);
}

#[test]
fn an_nvidia_smi_that_hangs_or_is_not_there_costs_no_more_than_its_time() {
    let devices = accelerators("exec sleep 600");
    assert_eq!(devices[0]["uuid"], "GPU-1");
    assert_eq!(devices[1], json!({"error": "nvidia-smi: no answer within 50ms"}));
    let devices = accelerators("exit 9");
    assert_eq!(devices.as_array().unwrap().len(), 1);
    let root = machine(&[FILES[FILES.len() - 1]]);
    let mut probe = probe(root.path());
    probe.nvidia_smi = Some(root.path().join("no-such-program"));
    let devices = environment(&probe, &Given::default()).value()["accelerators"].clone();
    assert_eq!(devices[1], json!({"error": "nvidia-smi: No such file or directory (os error 2)"}));
}

#[test]
fn this_machine_is_described() {
    let mut probe = Probe::default();
    probe.nvidia_smi = None;
    let environment = environment(&probe, &Given::default());
    let value = environment.value();
    assert_eq!(value["process"]["pid"], std::process::id());
    let exe = std::env::current_exe().unwrap();
    assert_eq!(value["process"]["exe"], exe.to_str().unwrap());
    let started = value["process"]["started_at"].as_str().unwrap();
    assert!(started.parse::<obs_core::UnixNanos>().unwrap() > obs_core::UnixNanos::EPOCH);
    for key in ["total_bytes", "available_bytes"] {
        assert!(value["memory"][key].as_u64().unwrap() > 1 << 20, "{key}");
    }
    assert!(value["cpu"]["available"].as_u64().unwrap() >= 1);
    assert!(value["limits"]["nofile"]["soft"].is_number(), "{}", value["limits"]);
}
