//! `obs doctor` and the places where runs and rings are kept.
use crate::doctor::{Sign, Vars, doctor, finding, lines, named_and_remedied, told};
use crate::support::{Dir, Obs, Ran, text};
use obs_receiver::Receiver;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// The command of a shell, with these variables and no others.
fn shell(dir: &Dir, line: &str, vars: &[(&str, &str)]) -> Command {
    let mut command = Command::new("sh");
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").stdin(Stdio::null());
    command.env("OBS_RUN_ROOT", dir.root()).envs(vars.iter().copied());
    command.args(["-c", line, env!("CARGO_BIN_EXE_obs")]);
    command
}

/// Calls the command in a shell, behind other commands.
fn doctor_behind(dir: &Dir, commands: &str, vars: &[(&str, &str)]) -> Ran {
    let line = format!("{commands} && exec \"$0\" doctor --json");
    Obs { command: shell(dir, &line, vars) }.run()
}

/// The same in a view of the file systems of its own; `None` where the system does not give one, which is said.
fn doctor_among(dir: &Dir, mounts: &str, vars: &[(&str, &str)]) -> Option<Ran> {
    for unshare in ["unshare --mount", "unshare --user --map-root-user --mount"] {
        let can = shell(dir, &format!("{unshare} mount -t tmpfs tmpfs /dev/shm"), &[]).output();
        if can.is_ok_and(|output| output.status.success()) {
            let line = format!("exec {unshare} sh -c \"$1\" \"$0\"");
            let mut command = shell(dir, &line, vars);
            command.arg(format!("{mounts} && exec \"$0\" doctor --json"));
            return Some(Obs { command }.run());
        }
    }
    eprintln!("not looked at: this system lets nobody mount");
    None
}

/// Does in a shell what a line of a finding says that begins like this.
fn obey(finding: &Value, beginning: &str) {
    let todo = lines(finding, "do");
    let line = todo.lines().find(|line| line.starts_with(beginning)).expect(&todo);
    assert!(Command::new("sh").args(["-c", line]).status().unwrap().success(), "{line}");
}

#[test]
fn a_root_that_nobody_can_write_to_is_named_and_another_one_works() {
    let dir = Dir::new();
    let file = dir.path("file");
    std::fs::write(&file, "").unwrap();
    let below = file.join("runs");
    let temporary = dir.path("tmp");
    std::fs::create_dir(&temporary).unwrap();
    for (root, why) in [
        (below.to_str().unwrap(), "Not a directory (os error 20)"),
        ("/proc/runs", "No such file or directory (os error 2)"),
    ] {
        let vars = Vars::new(&[("OBS_RUN_ROOT", root), ("TMPDIR", temporary.to_str().unwrap())]);
        let sign = Sign { id: "run-root-unusable", seen: why, remedy: "export OBS_RUN_ROOT=" };
        let then = named_and_remedied(&dir, &vars, &sign, &[]);
        assert_ne!(text(&then, "worst"), "problem", "{then:#}");
    }
}

#[test]
fn a_state_directory_that_cannot_be_written_to_is_passed_over_and_told() {
    let dir = Dir::new();
    let temporary = dir.path("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let vars = Vars::new(&[
        ("OBS_RUN_ROOT", ""),
        ("HOME", "/proc/home"),
        ("TMPDIR", temporary.to_str().unwrap()),
    ]);
    let sign = Sign { id: "run-root-second", seen: "/proc", remedy: "export OBS_RUN_ROOT=" };
    named_and_remedied(&dir, &vars, &sign, &[]);
}

#[test]
fn a_root_that_others_can_write_to_is_named_and_closed() {
    let dir = Dir::new();
    std::fs::create_dir(dir.root()).unwrap();
    std::fs::set_permissions(dir.root(), PermissionsExt::from_mode(0o777)).unwrap();
    let said = told(&doctor(&dir, &Vars::default(), &["--json"]));
    let found = finding(&said, "run-root-shared").unwrap_or_else(|| panic!("{said:#}"));
    assert!(lines(found, "seen").contains("mode 0777"), "{found:#}");
    obey(found, "chmod go-w");
    let said = told(&doctor(&dir, &Vars::default(), &["--json"]));
    assert!(finding(&said, "run-root-shared").is_none(), "{said:#}");
}

#[test]
fn a_root_of_another_user_is_named_and_taken_over() {
    let dir = Dir::new();
    std::fs::create_dir(dir.root()).unwrap();
    if std::os::unix::fs::chown(dir.root(), Some(12_345), None).is_err() {
        eprintln!("not looked at: only root can give a directory away");
        return;
    }
    let said = told(&doctor(&dir, &Vars::default(), &["--json"]));
    let found = finding(&said, "run-root-foreign").unwrap_or_else(|| panic!("{said:#}"));
    assert!(lines(found, "seen").contains("user 12345; this is user"), "{found:#}");
    obey(found, "chown ");
    let said = told(&doctor(&dir, &Vars::default(), &["--json"]));
    assert!(finding(&said, "run-root-foreign").is_none(), "{said:#}");

    let link = dir.path("link");
    std::os::unix::fs::symlink(dir.root(), &link).unwrap();
    std::os::unix::fs::lchown(&link, Some(12_345), None).unwrap();
    let vars = Vars::new(&[("OBS_RUN_ROOT", link.join("runs").to_str().unwrap())]);
    let said = told(&doctor(&dir, &vars, &["--json"]));
    let found = finding(&said, "run-root-foreign").unwrap_or_else(|| panic!("{said:#}"));
    assert!(lines(found, "seen").contains("link is a link of user 12345"), "{found:#}");
    obey(found, "chown -h ");
    let said = told(&doctor(&dir, &vars, &["--json"]));
    assert!(finding(&said, "run-root-foreign").is_none(), "{said:#}");
}

#[test]
fn memory_without_room_for_rings_is_named_and_smaller_ones_fit() {
    let dir = Dir::new();
    let mounts = "mount -t tmpfs -o size=16m tmpfs /dev/shm";
    let Some(ran) = doctor_among(&dir, mounts, &[]) else { return };
    let said = told(&ran);
    let found = finding(&said, "ring-place-disk").unwrap_or_else(|| panic!("{said:#}"));
    assert!(
        lines(found, "seen").contains("11534336 bytes needed, 4194304 may be used"),
        "{found:#}"
    );
    let set = found["set"].as_object().unwrap();
    let set: Vec<_> = set.iter().map(|(name, value)| (&**name, value.as_str().unwrap())).collect();
    let said = told(&doctor_among(&dir, mounts, &set).unwrap());
    assert!(finding(&said, "ring-place-disk").is_none(), "{said:#}");
    assert!(finding(&said, "ring-place-few").is_some(), "{said:#}");
}

#[test]
fn a_disk_without_room_is_named_whether_it_is_nearly_or_wholly_full() {
    let dir = Dir::new();
    std::fs::create_dir(dir.root()).unwrap();
    let root = dir.root();
    let mount = format!("mount -t tmpfs -o size=1m tmpfs {}", root.display());
    for (mounts, seen) in [
        (mount.clone(), "a segment of a journal takes 16.0 MiB"),
        (
            format!("{mount} && (cat /dev/zero > {}/fill || true) 2>/dev/null", root.display()),
            "No space left on device",
        ),
    ] {
        let Some(ran) = doctor_among(&dir, &mounts, &[]) else { return };
        let said = told(&ran);
        let found = finding(&said, "disk-full").unwrap_or_else(|| panic!("{said:#}"));
        assert!(lines(found, "seen").contains(seen), "{found:#}");
        assert!(lines(found, "do").contains("export OBS_RUN_ROOT=DIRECTORY on another disk"));
        let other = dir.path("other");
        let vars = [("OBS_RUN_ROOT", other.to_str().unwrap())];
        let said = told(&doctor_among(&dir, &mounts, &vars).unwrap());
        assert!(finding(&said, "disk-full").is_none(), "{said:#}");
    }
}

#[test]
fn a_root_on_a_disk_that_is_read_only_is_named() {
    let dir = Dir::new();
    std::fs::create_dir(dir.root()).unwrap();
    let mounts = format!("mount -t tmpfs -o ro tmpfs {}", dir.root().display());
    let Some(ran) = doctor_among(&dir, &mounts, &[]) else { return };
    let said = told(&ran);
    let found = finding(&said, "run-root-unusable").unwrap_or_else(|| panic!("{said:#}"));
    assert!(lines(found, "seen").contains("Read-only file system (os error 30)"), "{found:#}");
}

#[test]
fn retention_that_allows_more_than_there_is_room_for_is_named_and_made_less() {
    let dir = Dir::new();
    let vars = Vars::new(&[("OBS_RUNS_BYTES_MAX", "900000GiB")]);
    let sign = Sign {
        id: "disk-small",
        seen: "earlier runs take 0 B",
        remedy: "export OBS_RUNS_BYTES_MAX=",
    };
    named_and_remedied(&dir, &vars, &sign, &[]);
}

#[test]
fn limits_of_the_process_that_are_too_narrow_are_named_and_widened() {
    let dir = Dir::new();
    for (limit, id, seen) in [
        ("ulimit -n 64", "limit-files", "RLIMIT_NOFILE is 64"),
        // Blocks of 512 bytes.
        ("ulimit -f 2048", "limit-file-bytes", "RLIMIT_FSIZE is 1048576 bytes"),
        ("ulimit -f 1", "limit-file-bytes", "RLIMIT_FSIZE is 512 bytes"),
    ] {
        let said = told(&doctor_behind(&dir, &format!("ulimit -S {}", &limit[7..]), &[]));
        let found = finding(&said, id).unwrap_or_else(|| panic!("{said:#}"));
        assert!(lines(found, "seen").contains(seen), "{found:#}");
        let remedy = lines(found, "do");
        let both = format!("ulimit -S {} && ulimit -S {}", &limit[7..], &remedy[7..]);
        let said = told(&doctor_behind(&dir, &both, &[]));
        assert!(finding(&said, id).is_none(), "{said:#}");
    }
}

obstest!(runs_that_died_or_have_not_delivered_are_named_until_that_is_done, |dir, obs| {
    let here = |id: &str| {
        let said = told(&doctor(&dir, &Vars::default(), &["--json"]));
        finding(&said, id).cloned()
    };
    let run = dir.killed("acm");
    let found = here("runs-dead").unwrap();
    assert!(lines(&found, "seen").contains(run.to_str().unwrap()), "{found:#}");
    assert_eq!(lines(&found, "do"), "obs recover --all");
    obs(&["recover", "--all"]).good();
    assert!(here("runs-dead").is_none());

    let send = |endpoint: &str| obs(&["send", "acm", "--patience", "10ms", "--endpoint", endpoint]);
    assert_eq!(send("http://127.0.0.1:1").code, 1);
    let found = here("runs-pending").unwrap();
    assert!(lines(&found, "seen").contains("of otlp-traces"), "{found:#}");
    let todo = lines(&found, "do");
    assert_eq!(todo, format!("obs send {}", run.display()));
    let receiver = Receiver::start().unwrap();
    obs(&[
        "send",
        Path::new(&todo[9..]).to_str().unwrap(),
        "--endpoint",
        &receiver.endpoint("http"),
    ])
    .good();
    assert!(here("runs-pending").is_none());

    std::fs::write(run.join("run.json"), "{").unwrap();
    let found = here("runs-unreadable").unwrap();
    assert!(lines(&found, "seen").contains(run.to_str().unwrap()), "{found:#}");
    std::fs::remove_dir_all(run).unwrap();
    assert!(here("runs-unreadable").is_none());
});

obstest!(runs_that_the_next_start_removes_are_noted_and_stay_with_wider_limits, |dir, obs| {
    let (older, newer) = (dir.finished("acm"), dir.finished("acm"));
    let due = |max: &str| {
        let vars = Vars::new(&[("OBS_RUNS_COUNT_MAX", max)]);
        finding(&told(&doctor(&dir, &vars, &["--json"])), "runs-retention").cloned()
    };
    let found = due("1").unwrap();
    let seen = lines(&found, "seen");
    assert!(
        seen.contains(older.to_str().unwrap()) && !seen.contains(newer.to_str().unwrap()),
        "{seen}"
    );
    assert_eq!(text(&found, "severity"), "note");
    assert!(older.exists(), "nothing is removed by a look");
    assert!(due("2").is_none());
    assert!(obs(&["runs"]).good().lines().count() == 3);
});
