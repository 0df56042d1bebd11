//! The table of settings, row by row, and the manual that is made from it.

use std::path::Path;

use obs_core::settings::{Origin, Settings, table_markdown};
use tempfile::TempDir;

/// For each setting: a right text that is not the default, another one if there are more, and a
/// wrong one (empty where every text is right).
#[rustfmt::skip]
const TEXTS: &[(&str, &str, &str, &str)] = &[
    ("service", "acm", "other", ""),
    ("run_root", "/a", "/b", ""),
    ("capture", "debug", "warn,app=off", "inof"),
    ("redact", "badge,!csrf_token", "id=/ACME-[0-9]{2,8}/", "id=/x/"),
    ("log_level", "debug", "error", "loud"),
    ("log_format", "json", "json", "xml"),
    ("console", "false", "false", "maybe"),
    ("color", "always", "never", "red"),
    ("log_file", "false", "false", "2"),
    ("overflow", "shed", "block", "drop"),
    ("ring_bytes", "64KiB", "16MiB", "63KiB"),
    ("rings_max", "1", "65536", "65537"),
    ("ring_place", "heap", "tmpfs", "disk"),
    ("stage_bytes", "1MiB", "1GiB", "3MiB"),
    ("segment_bytes", "1MiB", "3MiB", "1023KiB"),
    ("journal_bytes_max", "4MiB", "1GiB", "1MiB"),
    ("sync_interval", "10ms", "1h", "9ms"),
    ("log_rotate_bytes", "0", "10MiB", "-1"),
    ("log_rotate_interval", "1h", "7d", "daily"),
    ("log_files_max", "0", "1", "-1"),
    ("log_gzip", "false", "false", "gzip"),
    ("runs_count_max", "0", "4294967295", "4294967296"),
    ("runs_age_max", "0", "1h", "30"),
    ("runs_bytes_max", "0", "1GiB", "5G"),
    ("finish_timeout", "0", "1h", "61m"),
    ("crash_signals", "false", "false", "y"),
    ("recover", "false", "false", "y"),
    ("bundle_on", "failure", "failure", "always"),
    ("bundle_count_max", "0", "1000", "1001"),
    ("bundle_bytes_max", "1MiB", "1GiB", "1023KiB"),
    ("subscriber", "false", "false", "none"),
    ("filter_signal", "usr1", "usr2", "hup"),
    ("capture_on_signal", "trace", "info,app=trace", "tarce"),
    ("capture_on_signal_for", "1s", "1h", "0"),
];

fn variable(name: &str) -> String {
    format!("OBS_{}", name.to_uppercase())
}

fn value(settings: &Settings, name: &str) -> String {
    settings.all().find(|setting| setting.name == name).unwrap().value
}

#[test]
fn every_row_has_a_text_in_this_test() {
    let rows: Vec<&str> = Settings::default().all().map(|setting| setting.name).collect();
    let texts: Vec<&str> = TEXTS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(rows, texts);
}

#[test]
fn every_setting_is_set_by_the_environment_and_by_a_file_and_the_environment_wins() {
    let dir = TempDir::new().unwrap();
    for &(name, in_env, in_file, _) in TEXTS {
        let path = dir.path().join(name);
        std::fs::write(&path, format!("{name} = \"{in_file}\"\n")).unwrap();
        let config = ("OBS_CONFIG".to_owned(), path.to_str().unwrap().to_owned());
        let variable = (variable(name), in_env.to_owned());

        let file = Settings::from_vars([config.clone()]);
        assert_eq!(value(&file, name), in_file);
        assert_eq!(file.origin(name), Some(Origin::File(path)));
        let env = Settings::from_vars([variable.clone()]);
        assert_eq!(value(&env, name), in_env);
        let both = Settings::from_vars([config, variable.clone()]);
        assert_eq!(value(&both, name), in_env);
        assert_eq!(both.origin(name), Some(Origin::Env(variable.0)));
        for settings in [file, env, both] {
            assert_eq!(settings.problems, [], "{name}");
            let set = settings.all().filter(|setting| setting.origin != Origin::Default);
            assert_eq!(set.map(|setting| setting.name).collect::<Vec<_>>(), [name]);
        }
    }
}

#[test]
fn a_wrong_text_for_any_setting_is_a_problem_and_leaves_the_default() {
    for &(name, _, _, wrong) in TEXTS {
        if wrong.is_empty() {
            continue;
        }
        let settings = Settings::from_vars([(variable(name), wrong)]);
        assert_eq!(value(&settings, name), value(&Settings::default(), name));
        assert_eq!(settings.origin(name), Some(Origin::Default));
        let [problem] = &settings.problems[..] else { panic!("{name}: {:?}", settings.problems) };
        assert_eq!((&*problem.name, &*problem.value), (&*variable(name), wrong));
    }
}

#[test]
fn every_value_is_shown_as_a_text_that_gives_it_back() {
    for &(name, text, ..) in TEXTS {
        let settings = Settings::from_vars([(variable(name), text)]);
        let again = Settings::from_vars([(variable(name), value(&settings, name))]);
        assert_eq!(value(&again, name), text);
    }
}

const BEGIN: &str = "<!-- table: begin -->\n";
const END: &str = "<!-- table: end -->\n";

#[test]
fn the_manual_has_the_table_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = page.split_once(BEGIN).unwrap();
    let (_, tail) = rest.split_once(END).unwrap();
    let right = [head, BEGIN, &table_markdown(), END, tail].concat();
    #[expect(clippy::disallowed_methods, reason = "asks whether to rewrite the page, sets nothing")]
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, right).unwrap();
        return;
    }
    assert!(
        page == right,
        "docs/settings.md has another table than the code; run UPDATE_DOCS=1 cargo test -p obs-core"
    );
}
