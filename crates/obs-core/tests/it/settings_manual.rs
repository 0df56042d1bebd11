//! The table of settings, row by row, and the manual that is made from it.

use std::path::Path;

use obs_core::settings::{Origin, Settings, otel_tables_markdown, table_markdown};
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
    ("sql", "sqlite://logs.db", "postgres://ada@db.example/logs?sslmode=require", "redis://db"),
    ("sql_columns", "request_id,http.route", "none", "seq"),
    ("sql_partition", "day", "month", "year"),
    ("sql_age_max", "30d", "1h", "old"),
    ("traces_per_second_max", "100", "5", "many"),
    ("traces_keep_errors", "true", "true", "often"),
    ("traces_keep_slower_than", "250ms", "1s", "slow"),
    ("traces_keep_matching", "tenant=acme", "http.route=/pay,tier=gold", "tenant"),
    ("traces_wait", "2s", "1m", "long"),
    ("traces_wait_bytes_max", "2MiB", "64MiB", "much"),
    ("filter_signal", "usr1", "usr2", "hup"),
    ("capture_on_signal", "trace", "info,app=trace", "tarce"),
    ("capture_on_signal_for", "1s", "1h", "0"),
    ("otel_sdk_disabled", "true", "true", "1"),
    ("otel_resource_attributes", "a=b", "a=b%2Cc,d=e", "a"),
    ("otel_log_level", "none", "debug", "loud"),
    ("otel_propagators", "baggage", "none", "b3"),
    ("otel_traces_sampler", "always_off", "parentbased_traceidratio", "sometimes"),
    ("otel_traces_sampler_arg", "0.25", "0", "1.5"),
    ("otel_traces_exporter", "none", "otlp,console", "zipkin"),
    ("otel_logs_exporter", "console", "otlp", "loki"),
    ("otel_bsp_schedule_delay", "5s", "100ms", "soon"),
    ("otel_bsp_export_timeout", "5s", "0", "-1"),
    ("otel_bsp_max_export_batch_size", "1", "65536", "0"),
    ("otel_blrp_schedule_delay", "5s", "100ms", "25h"),
    ("otel_blrp_export_timeout", "5s", "0", "1.5"),
    ("otel_blrp_max_export_batch_size", "1", "65536", "65537"),
    ("otel_exporter_otlp_endpoint", "http://a:4318", "collector:4317", "ftp://a"),
    ("otel_exporter_otlp_protocol", "grpc", "grpc", "http/json"),
    ("otel_exporter_otlp_headers", "a=[REDACTED]", "b=[REDACTED]", "no such pair"),
    ("otel_exporter_otlp_compression", "gzip", "zstd", "br"),
    ("otel_exporter_otlp_timeout", "5s", "0", "never"),
    ("otel_exporter_otlp_certificate", "/a", "/b", ""),
    ("otel_exporter_otlp_client_key", "/a", "/b", ""),
    ("otel_exporter_otlp_client_certificate", "/a", "/b", ""),
    ("otel_exporter_otlp_insecure", "true", "true", "yes"),
    ("otel_exporter_otlp_traces_endpoint", "http://a:4318", "collector:4317", "ftp://a"),
    ("otel_exporter_otlp_traces_protocol", "grpc", "grpc", "http/json"),
    ("otel_exporter_otlp_traces_headers", "a=[REDACTED]", "b=[REDACTED]", "no such pair"),
    ("otel_exporter_otlp_traces_compression", "gzip", "zstd", "br"),
    ("otel_exporter_otlp_traces_timeout", "5s", "0", "never"),
    ("otel_exporter_otlp_traces_certificate", "/a", "/b", ""),
    ("otel_exporter_otlp_traces_client_key", "/a", "/b", ""),
    ("otel_exporter_otlp_traces_client_certificate", "/a", "/b", ""),
    ("otel_exporter_otlp_traces_insecure", "true", "true", "yes"),
    ("otel_exporter_otlp_logs_endpoint", "http://a:4318", "collector:4317", "ftp://a"),
    ("otel_exporter_otlp_logs_protocol", "grpc", "grpc", "http/json"),
    ("otel_exporter_otlp_logs_headers", "a=[REDACTED]", "b=[REDACTED]", "no such pair"),
    ("otel_exporter_otlp_logs_compression", "gzip", "zstd", "br"),
    ("otel_exporter_otlp_logs_timeout", "5s", "0", "never"),
    ("otel_exporter_otlp_logs_certificate", "/a", "/b", ""),
    ("otel_exporter_otlp_logs_client_key", "/a", "/b", ""),
    ("otel_exporter_otlp_logs_client_certificate", "/a", "/b", ""),
    ("otel_exporter_otlp_logs_insecure", "true", "true", "yes"),
    ("otel_attribute_value_length_limit", "10", "0", "-1"),
    ("otel_attribute_count_limit", "10", "0", "-1"),
    ("otel_span_attribute_value_length_limit", "10", "0", "-1"),
    ("otel_span_attribute_count_limit", "10", "0", "-1"),
    ("otel_span_event_count_limit", "10", "0", "-1"),
    ("otel_span_link_count_limit", "10", "0", "-1"),
    ("otel_event_attribute_count_limit", "10", "0", "-1"),
    ("otel_link_attribute_count_limit", "10", "0", "-1"),
    ("otel_logrecord_attribute_value_length_limit", "10", "0", "-1"),
    ("otel_logrecord_attribute_count_limit", "10", "0", "-1"),
];

fn variable(name: &str) -> String {
    if name == "sql" {
        return "OBS_SQL_URL".to_owned();
    }
    let prefix = if name.starts_with("otel_") { "" } else { "OBS_" };
    format!("{prefix}{}", name.to_uppercase())
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
        let shown = if name.ends_with("headers") || name == "sql" { "" } else { wrong };
        assert_eq!((&*problem.name, &*problem.value), (&*variable(name), shown));
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

/// A page of the manual, with its tables as the code makes them: each stands between two marks.
fn page(name: &str, tables: &[String]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    let page = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- table: begin -->\n", "<!-- table: end -->\n");
    let mut parts = page.split(begin);
    let mut right = parts.next().unwrap().to_owned();
    for (part, table) in parts.by_ref().zip(tables) {
        let (_, behind) = part.split_once(end).unwrap();
        right += &[begin, table, end, behind].concat();
    }
    assert_eq!(page.matches(begin).count(), tables.len(), "{name}");
    #[expect(clippy::disallowed_methods, reason = "asks whether to rewrite the page, sets nothing")]
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, right).unwrap();
        return;
    }
    assert!(
        page == right,
        "docs/{name} has another table than the code; run UPDATE_DOCS=1 cargo test -p obs-core"
    );
}

#[test]
fn the_manual_has_the_tables_of_the_code() {
    page("settings.md", &[table_markdown()]);
    page("otel.md", &otel_tables_markdown());
}
