//! Settings from the environment and from code.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use obs_core::settings::{ColorChoice, LogFormat, Origin, Overflow, RingPlace, Settings};
use obs_core::{Filter, Level};

fn problems(settings: &Settings) -> Vec<String> {
    settings.problems.iter().map(ToString::to_string).collect()
}

/// The field's value as text.
fn value(settings: &Settings, name: &str) -> String {
    settings.all().find(|setting| setting.name == name).unwrap().value
}

fn env(name: &str) -> Option<Origin> {
    Some(Origin::Env(name.to_owned()))
}

#[test]
fn without_environment_the_defaults_hold_and_nothing_is_wrong() {
    let settings = Settings::from_vars([("PATH", "/bin"), ("OBSERVER", "x"), ("OBS_CONSOLE", "")]);
    assert_eq!(problems(&settings), [""; 0]);
    for setting in settings.all() {
        assert_eq!(setting.value, value(&Settings::default(), setting.name));
        assert_eq!(setting.origin, Origin::Default, "{}", setting.name);
    }
}

#[test]
fn every_kind_of_setting_is_read() {
    let settings = Settings::from_vars([
        ("OBS_SERVICE", " acm "),
        ("OBS_RUN_ROOT", "/var/runs "),
        ("OBS_CAPTURE", "info,app=trace"),
        ("OBS_LOG_LEVEL", "WARNING"),
        ("OBS_LOG_FORMAT", "Json"),
        ("OBS_CONSOLE", "off"),
        ("OBS_COLOR", "always"),
        ("OBS_OVERFLOW", "block"),
        ("OBS_RING_PLACE", "run_dir"),
        ("OBS_RING_BYTES", "1MiB"),
        ("OBS_RINGS_MAX", "128"),
        ("OBS_LOG_ROTATE_BYTES", "10 MB"),
        ("OBS_SYNC_INTERVAL", "250ms"),
        ("OBS_RUNS_AGE_MAX", "1d12h"),
    ]);
    assert_eq!(problems(&settings), [""; 0]);
    assert_eq!(settings.service, "acm");
    assert_eq!(settings.run_root, Some(PathBuf::from("/var/runs ")));
    assert_eq!(settings.capture, Some(Filter::parse("info,app=trace").unwrap()));
    assert_eq!(settings.log_level, Level::Warn);
    assert_eq!(settings.log_format, LogFormat::Json);
    assert!(!settings.console);
    assert_eq!(settings.color, ColorChoice::Always);
    assert_eq!(settings.overflow, Overflow::Block);
    assert_eq!(settings.ring_place, RingPlace::RunDir);
    assert_eq!(settings.ring_bytes, 1 << 20);
    assert_eq!(settings.rings_max, 128);
    assert_eq!(settings.log_rotate_bytes, 10_000_000);
    assert_eq!(settings.sync_interval, Duration::from_millis(250));
    assert_eq!(settings.runs_age_max, Duration::from_secs(36 * 3_600));
    assert_eq!(value(&settings, "runs_age_max"), "36h");
    assert_eq!(settings.capture_text(), Some("info,app=trace"));
}

#[test]
fn sizes_are_read_in_powers_of_two_and_of_ten() {
    for (text, bytes) in [
        ("5000", 5_000),
        ("5000B", 5_000),
        ("64KiB", 64 << 10),
        ("3mib", 3 << 20),
        ("2 GiB", 2 << 30),
        ("10kB", 10_000),
        ("10MB", 10_000_000),
        ("1GB", 1_000_000_000),
        ("0", 0),
    ] {
        let settings = Settings::from_vars([("OBS_LOG_ROTATE_BYTES", text)]);
        assert_eq!(settings.log_rotate_bytes, bytes, "{text}");
        assert_eq!(problems(&settings), [""; 0]);
    }
    for text in ["64K", "-1", "1.5MiB", "MiB", "18446744073709551616", "17179869184GiB", "1 2"] {
        let settings = Settings::from_vars([("OBS_LOG_ROTATE_BYTES", text)]);
        assert_eq!(settings.log_rotate_bytes, 100 << 20, "{text}");
        let expected =
            format!("OBS_LOG_ROTATE_BYTES={text} is ignored: not understood, expected a size");
        assert_eq!(problems(&settings), [expected]);
    }
}

#[test]
fn a_wrong_value_leaves_the_default_and_is_reported() {
    let settings = Settings::from_vars([
        ("OBS_CONSOLE", "maybe"),
        ("OBS_LOG_FORMAT", "xml\n"),
        ("OBS_LOG_LEVEL", "loud"),
        ("OBS_RING_BYTES", "100KiB"),
        ("OBS_RINGS_MAX", "70000"),
        ("OBS_STAGE_BYTES", "2GiB"),
        ("OBS_SYNC_INTERVAL", "1"),
        ("OBS_FINISH_TIMEOUT", "2h"),
    ]);
    assert_eq!(
        problems(&settings),
        [
            "OBS_LOG_LEVEL=loud is ignored: not understood, expected trace, debug, info, warn, error or fatal",
            "OBS_LOG_FORMAT=xml\\n is ignored: not understood, expected text or json",
            "OBS_CONSOLE=maybe is ignored: not understood, expected true or false",
            "OBS_RING_BYTES=100KiB is ignored: out of bounds, expected a power of two from 64KiB to 16MiB",
            "OBS_RINGS_MAX=70000 is ignored: out of bounds, expected a whole number up to 65536",
            "OBS_STAGE_BYTES=2GiB is ignored: out of bounds, expected a power of two from 1MiB to 1GiB",
            "OBS_SYNC_INTERVAL=1 is ignored: not understood, expected a duration from 10ms to 1h",
            "OBS_FINISH_TIMEOUT=2h is ignored: out of bounds, expected a duration from 0 to 1h",
        ]
    );
    for name in ["console", "ring_bytes", "sync_interval"] {
        assert_eq!(settings.origin(name), Some(Origin::Default));
        assert_eq!(value(&settings, name), value(&Settings::default(), name));
    }
}

#[test]
fn an_unknown_variable_is_reported_with_the_nearest_and_never_with_its_value() {
    let settings = Settings::from_vars([
        ("OBS_LOG_LEVL", "debug"),
        ("OBS_CONFG", "/x"),
        ("OBS_PASSWRD", "hunter2"),
        ("OBS_RUN_ID", "0198"),
        ("OBS_", ""),
    ]);
    assert_eq!(
        problems(&settings),
        [
            "OBS_CONFG is ignored: no such setting, did you mean OBS_CONFIG?",
            "OBS_LOG_LEVL is ignored: no such setting, did you mean OBS_LOG_LEVEL?",
            "OBS_PASSWRD is ignored: no such setting",
        ]
    );
}

#[test]
fn a_program_with_its_own_prefix_keeps_its_own_variables() {
    let vars = [
        ("ARGOS_LOG_LEVEL", "error"),
        ("ARGOS_PORT", "80"),
        ("ARGOS_DATABASE", "x"),
        ("ARGOS_LOG_LVEL", "trace"),
        ("OBS_LOG_LEVEL", "trace"),
        ("ARGOSY_X", ""),
    ];
    let settings = Settings::from_vars_with_prefix("ARGOS", vars);
    assert_eq!(settings.log_level, Level::Error);
    assert_eq!(settings.origin("log_level"), env("ARGOS_LOG_LEVEL"));
    assert_eq!(
        problems(&settings),
        ["ARGOS_LOG_LVEL is ignored: no such setting, did you mean ARGOS_LOG_LEVEL?"]
    );
}

#[test]
fn the_capture_filter_is_ours_then_rust_log_and_right_directives_hold() {
    let both = Settings::from_vars([("OBS_CAPTURE", "warn"), ("RUST_LOG", "app[s]=trace")]);
    assert_eq!(value(&both, "capture"), "warn");
    assert_eq!(problems(&both), [""; 0]);

    let rust_log = Settings::from_vars([("RUST_LOG", "info,app[span]=trace,db=debgu,h2=off")]);
    assert_eq!(value(&rust_log, "capture"), "info,h2=off");
    assert_eq!(rust_log.origin("capture"), env("RUST_LOG"));
    assert_eq!(rust_log.capture_text(), Some("info,app[span]=trace,db=debgu,h2=off"));
    assert_eq!(
        problems(&rust_log),
        [
            "RUST_LOG=app[span]=trace is ignored: directives on spans and fields are not supported",
            "RUST_LOG=db=debgu is ignored: \"debgu\" is not a level, did you mean debug?",
        ]
    );

    let wrong = Settings::from_vars([("OBS_CAPTURE", "inof"), ("RUST_LOG", "error")]);
    assert_eq!(value(&wrong, "capture"), "error");
    assert_eq!(wrong.origin("capture"), env("RUST_LOG"));
    assert_eq!(wrong.problems.len(), 1);

    let nothing = Settings::from_vars([("OBS_CAPTURE", "inof")]);
    assert_eq!((nothing.capture.clone(), nothing.capture_text()), (None, None));
    assert_eq!(nothing.origin("capture"), Some(Origin::Default));
}

#[test]
fn no_color_counts_where_nothing_of_ours_does() {
    for (vars, color, origin) in [
        (vec![("NO_COLOR", "1")], ColorChoice::Never, env("NO_COLOR")),
        (vec![("NO_COLOR", "")], ColorChoice::Auto, Some(Origin::Default)),
        (vec![("NO_COLOR", "1"), ("OBS_COLOR", "auto")], ColorChoice::Auto, env("OBS_COLOR")),
        (vec![("NO_COLOR", "1"), ("OBS_COLOR", "red")], ColorChoice::Never, env("NO_COLOR")),
    ] {
        let settings = Settings::from_vars(vars.clone());
        assert_eq!((settings.color, settings.origin("color")), (color, origin), "{vars:?}");
    }
}

#[test]
fn code_beats_the_environment_and_is_told_from_it() {
    let mut settings = Settings::from_vars([("OBS_LOG_LEVEL", "debug"), ("OBS_CAPTURE", "warn")]);
    settings.log_level = Level::Error;
    settings.ring_bytes = 1 << 20;
    settings.capture = Some(Filter::default());
    settings.console = true;
    for name in ["log_level", "ring_bytes", "capture"] {
        assert_eq!(settings.origin(name), Some(Origin::Code), "{name}");
    }
    assert_eq!(settings.capture_text(), None);
    assert_eq!(settings.origin("console"), Some(Origin::Default));
    assert_eq!(settings.origin("no_such"), None);
}

#[test]
fn a_number_that_code_sets_out_of_bounds_becomes_the_default_again() {
    let mut settings = Settings::from_vars([("OBS_SYNC_INTERVAL", "2s")]);
    settings.ring_bytes = 100_000;
    settings.sync_interval = Duration::ZERO;
    settings.rings_max = 3;
    settings.keep_bounds();
    assert_eq!(settings.ring_bytes, 256 << 10);
    assert_eq!(settings.sync_interval, Duration::from_secs(1));
    assert_eq!(settings.origin("sync_interval"), Some(Origin::Default));
    assert_eq!(settings.rings_max, 3);
    assert_eq!(
        problems(&settings),
        [
            "ring_bytes=100000 is ignored: out of bounds, expected a power of two from 64KiB to 16MiB",
            "sync_interval=0 is ignored: out of bounds, expected a duration from 10ms to 1h",
        ]
    );
}

#[test]
fn directories_come_from_the_environment_if_they_are_absolute() {
    let settings = Settings::from_vars([
        ("HOME", "/users/ada"),
        ("XDG_STATE_HOME", "relative"),
        ("XDG_RUNTIME_DIR", "/run/user/7"),
        ("TMPDIR", "/scratch"),
    ]);
    assert_eq!(settings.state_dir.as_deref(), Some(Path::new("/users/ada/.local/state")));
    assert_eq!(settings.runtime_dir.as_deref(), Some(Path::new("/run/user/7")));
    assert_eq!(settings.temp_dir, Path::new("/scratch"));
    let settings = Settings::from_vars([("HOME", "/h"), ("XDG_STATE_HOME", "/s"), ("TMPDIR", "t")]);
    assert_eq!(settings.state_dir.as_deref(), Some(Path::new("/s")));
    assert_eq!(settings.temp_dir, Path::new("/tmp"));
}

#[test]
fn runs_go_to_the_run_root_alone_else_to_state_else_to_temp() {
    let candidates = |vars: &[(&str, &str)]| {
        let mut settings = Settings::from_vars(vars.iter().copied());
        settings.service = "acm".to_owned();
        settings.run_root_candidates(7)
    };
    assert_eq!(
        candidates(&[("HOME", "/h")]),
        [Path::new("/h/.local/state/obs/acm/runs"), Path::new("/tmp/obs-7/acm/runs")]
    );
    assert_eq!(candidates(&[]), [Path::new("/tmp/obs-7/acm/runs")]);
    assert_eq!(candidates(&[("HOME", "/h"), ("OBS_RUN_ROOT", "/r")]), [Path::new("/r")]);
}

#[test]
fn the_name_of_a_service_never_leaves_its_directory() {
    for (service, expected) in [
        ("acm-batch_2.1", "acm-batch_2.1"),
        ("../../etc", "_._.._etc"),
        ("..", "_."),
        ("", "unknown"),
        ("a/b c\0é", "a_b_c__"),
        (&"x".repeat(300), &"x".repeat(100)),
    ] {
        let mut settings = Settings::default();
        settings.service = service.to_owned();
        assert_eq!(settings.service_file_name(), expected);
    }
}

#[test]
fn a_program_names_its_service_unless_somebody_did() {
    let mut unnamed = Settings::default();
    unnamed.name_after(Path::new("/usr/bin/acm-batch.exe"));
    assert_eq!(unnamed.service, "acm-batch");
    assert_eq!(unnamed.origin("service"), Some(Origin::Default));
    unnamed.name_after(Path::new("/"));
    assert_eq!(unnamed.service, "acm-batch");

    let mut named = Settings::from_vars([("OBS_SERVICE", "acm")]);
    named.name_after(Path::new("other"));
    assert_eq!(named.service, "acm");

    let mut coded = Settings::default();
    coded.service = "own".to_owned();
    coded.name_after(Path::new("other"));
    assert_eq!(coded.service, "own");
}

#[test]
fn bytes_that_are_no_text_are_a_path_but_no_word() {
    let bytes = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    let settings = Settings::from_vars([
        (bytes(b"OBS_RUN_ROOT"), bytes(b"/r\xff")),
        (bytes(b"OBS_LOG_LEVEL"), bytes(b"info\xff")),
        (bytes(b"OBS_\xff"), bytes(b"x")),
    ]);
    assert_eq!(settings.run_root, Some(PathBuf::from(bytes(b"/r\xff"))));
    assert_eq!(
        problems(&settings),
        [
            "OBS_LOG_LEVEL=info\u{fffd} is ignored: not UTF-8, expected trace, debug, info, warn, error or fatal"
        ]
    );
}

#[test]
fn the_environment_of_the_process_is_read() {
    let settings = Settings::from_env_with_prefix("OBS_CORE_TEST_OF_NO_PROGRAM");
    assert_eq!(settings.origin("log_level"), Some(Origin::Default));
    assert!(settings.temp_dir.is_absolute());
}
