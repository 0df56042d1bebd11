//! Settings from a file.

use std::path::Path;
use std::time::Duration;

use obs_core::Level;
use obs_core::settings::{Origin, Settings, SettingsErrorKind};
use tempfile::TempDir;

/// Runs `test` with a file of this text.
fn with_file(text: impl AsRef<[u8]>, test: impl FnOnce(&Path)) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("obs.toml");
    std::fs::write(&path, text).unwrap();
    test(&path);
}

/// The settings of the file with these variables beside it, and the problems without its path.
fn load(path: &Path, vars: &[(&str, &str)]) -> (Settings, Vec<String>) {
    let path = path.to_str().unwrap();
    let all = vars.iter().copied().chain([("OBS_CONFIG", path)]);
    let settings = Settings::from_vars(all);
    let shown = |problem: &obs_core::settings::Problem| problem.to_string().replace(path, "FILE");
    let problems = settings.problems.iter().map(shown).collect();
    (settings, problems)
}

const GOOD: &str = r#"
# settings of the batch
log_level = "debug"
console = false
ring_bytes = "1MiB"
log_rotate_bytes = 5_000_000
rings_max = 0x80
sync_interval = "2s"
capture = "info,app=trace"
"#;

#[test]
fn a_file_beats_the_default_and_the_environment_beats_the_file() {
    with_file(GOOD, |path| {
        let (settings, problems) = load(path, &[("OBS_LOG_LEVEL", "error"), ("RUST_LOG", "warn")]);
        assert_eq!(problems, [""; 0]);
        assert_eq!(settings.log_level, Level::Error);
        assert_eq!(settings.capture.as_ref().unwrap().to_string(), "warn");
        assert_eq!(settings.ring_bytes, 1 << 20);
        assert_eq!(settings.log_rotate_bytes, 5_000_000);
        assert_eq!(settings.rings_max, 128);
        assert_eq!(settings.sync_interval, Duration::from_secs(2));
        assert!(!settings.console);
        assert_eq!(settings.origin("console"), Some(Origin::File(path.to_owned())));
        assert_eq!(settings.origin("log_level"), Some(Origin::Env("OBS_LOG_LEVEL".to_owned())));
        assert_eq!(settings.origin("recover"), Some(Origin::Default));
    });
}

#[test]
fn a_file_alone_is_read_strictly() {
    with_file(GOOD, |path| {
        let settings = Settings::from_file(path).unwrap();
        assert_eq!(settings.log_level, Level::Debug);
        assert_eq!(settings.capture_text(), Some("info,app=trace"));
    });
}

const WRONG: &str = r#"log_level = "loud"
  log_levl = "x"
password = "hunter2"
console = 1
sync_interval = 1
ring_bytes = 100
stage_bytes = 99999999999999999999
runs_age_max = 2026-11-22
capture = "info,app[x]=debug"
run_root = ""
[log]
level = "info"
"#;

#[test]
fn what_is_wrong_in_a_file_is_reported_with_its_place_and_the_rest_holds() {
    with_file(WRONG, |path| {
        let (settings, problems) = load(path, &[]);
        expect_test::expect![[r#"
            log_level=loud in FILE, line 1, column 13 is ignored: not understood, expected trace, debug, info, warn, error or fatal
            log_levl in FILE, line 2, column 3 is ignored: no such setting, did you mean log_level?
            password in FILE, line 3, column 1 is ignored: no such setting
            console in FILE, line 4, column 11 is ignored: a TOML integer does not fit, expected true or false
            sync_interval in FILE, line 5, column 17 is ignored: a TOML integer does not fit, expected a duration from 10ms to 1h
            ring_bytes=100 in FILE, line 6, column 14 is ignored: out of bounds, expected a power of two from 64KiB to 16MiB
            stage_bytes=99999999999999999999 in FILE, line 7, column 15 is ignored: not understood, expected a power of two from 1MiB to 1GiB
            runs_age_max in FILE, line 8, column 16 is ignored: a TOML datetime does not fit, expected a duration from 0 to 36500d
            capture=app[x]=debug in FILE, line 9, column 11 is ignored: directives on spans and fields are not supported
            run_root in FILE, line 10, column 12 is ignored: not understood, expected a path
            log in FILE, line 11, column 2 is ignored: settings have no sections
        "#]].assert_eq(&(problems.join("\n") + "\n"));
        assert_eq!(settings.capture.as_ref().unwrap().to_string(), "info");
        assert_eq!(settings.log_level, Level::Info);
    });
}

#[test]
fn the_first_fault_of_a_file_is_the_error_of_strict_reading() {
    use SettingsErrorKind::{Read, Syntax, UnknownKey, Value};
    for (text, kind, line, column, message) in [
        (
            "# ä\nconsole = true\nlog_level = \"loud\"",
            Value,
            Some(3),
            Some(13),
            "cannot use settings file \"FILE\" at line 3, column 13: log_level=loud: not understood, \
             expected trace, debug, info, warn, error or fatal",
        ),
        (
            "\n  consle = true",
            UnknownKey,
            Some(2),
            Some(3),
            "cannot use settings file \"FILE\" at line 2, column 3: consle: no such setting, did you mean console?",
        ),
        (
            "service = \"ä\"\nconsole = = 1",
            Syntax,
            Some(2),
            Some(11),
            "cannot use settings file \"FILE\" at line 2, column 11: extra `=`, expected nothing",
        ),
        (
            "console = true\nconsole = false",
            Syntax,
            Some(2),
            Some(1),
            "cannot use settings file \"FILE\" at line 2, column 1: duplicate key",
        ),
        ("service = \"\u{0}\"", Syntax, Some(1), Some(12), ""),
    ] {
        with_file(text, |path| {
            let error = Settings::from_file(path).unwrap_err();
            let shown = error.to_string().replace(path.to_str().unwrap(), "FILE");
            assert_eq!(
                (error.kind(), error.line(), error.column()),
                (kind, line, column),
                "{shown}"
            );
            assert_eq!(error.path(), path);
            assert!(message.is_empty() || shown == message, "{shown}");
        });
    }
    let error = Settings::from_file("/no/such/obs.toml").unwrap_err();
    assert_eq!((error.kind(), error.line(), error.column()), (Read, None, None));
    assert_eq!(
        error.to_string(),
        "cannot read settings file \"/no/such/obs.toml\": No such file or directory (os error 2)"
    );
}

#[test]
fn a_file_that_cannot_be_used_is_one_problem_and_the_environment_still_counts() {
    let (settings, problems) = load(Path::new("/no/such/obs.toml"), &[("OBS_CONSOLE", "false")]);
    assert!(!settings.console);
    assert_eq!(problems, ["OBS_CONFIG=FILE is ignored: No such file or directory (os error 2)"]);
    with_file("console = \n", |path| {
        let (_, problems) = load(path, &[]);
        assert_eq!(
            problems,
            [
                "the file in FILE, line 1, column 11 is ignored: string values must be quoted, expected literal string"
            ]
        );
    });
    with_file(b"console = false # \xff\n", |path| {
        let (settings, problems) = load(path, &[]);
        assert!(settings.console);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("UTF-8"), "{problems:?}");
    });
    with_file(" ".repeat((1 << 20) + 1), |path| {
        let error = Settings::from_file(path).unwrap_err();
        assert!(error.to_string().ends_with("it is larger than 1 MiB"), "{error}");
    });
}
