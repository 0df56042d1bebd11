//! `obs doctor`: set-ups with a fault in them, each of which is named, and gone when what it says to do was done.
use crate::support::{Dir, Ran, text};
use obs_receiver::Receiver;
use serde_json::Value;

/// Variables that are set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vars(Vec<(String, String)>);

impl Vars {
    pub(crate) fn new(vars: &[(&str, &str)]) -> Self {
        Self::default().with(vars)
    }

    /// The same, with these in place of those of the same names.
    pub(crate) fn with(mut self, vars: &[(&str, &str)]) -> Self {
        vars.iter().for_each(|(name, value)| self.put(name, Some(value)));
        self
    }

    fn put(&mut self, name: &str, value: Option<&str>) {
        self.0.retain(|(known, _)| known != name);
        self.0.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }

    /// The same, as a finding says that they should be.
    fn remedied(mut self, finding: &Value) -> Self {
        for (name, value) in finding["set"].as_object().unwrap() {
            self.put(name, value.as_str());
        }
        self
    }
}

/// A place with room for little, as tests run on machines that have little.
const FRUGAL: [(&str, &str); 4] = [
    ("OBS_RUNS_BYTES_MAX", "16MiB"),
    ("OBS_JOURNAL_BYTES_MAX", "8MiB"),
    ("OBS_RING_BYTES", "64KiB"),
    ("OBS_STAGE_BYTES", "1MiB"),
];

/// Calls the command with these variables and no others.
pub(crate) fn doctor(dir: &Dir, vars: &Vars, arguments: &[&str]) -> Ran {
    let obs = dir.obs(&[&["doctor"], arguments].concat());
    let obs = FRUGAL.iter().fold(obs, |obs, (name, value)| obs.env(name, value));
    vars.0.iter().fold(obs, |obs, (name, value)| obs.env(name, value)).run()
}

/// The object that the command tells.
#[track_caller]
pub(crate) fn told(ran: &Ran) -> Value {
    assert_eq!(ran.err, "", "{}", ran.out);
    let told = ran.json().pop().unwrap();
    let worst = text(&told, "worst");
    assert_eq!(ran.code, if worst == "ok" || worst == "note" { 0 } else { 7 }, "{told:#}");
    told
}

pub(crate) fn finding<'t>(told: &'t Value, id: &str) -> Option<&'t Value> {
    told["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == id)
}

/// The lines of a finding.
pub(crate) fn lines(finding: &Value, field: &str) -> String {
    let lines = finding[field].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// What a fault is to be told by: its id, and what its evidence and its remedy hold.
pub(crate) struct Sign<'a> {
    pub(crate) id: &'a str,
    pub(crate) seen: &'a str,
    pub(crate) remedy: &'a str,
}

/// Sees that a fault is told by its sign and ends the command with 7; then does what it says by the variables that it
/// sets, and by `further` ones where it leaves the value to who reads it.
#[track_caller]
pub(crate) fn named_and_remedied(
    dir: &Dir,
    vars: &Vars,
    sign: &Sign<'_>,
    further: &[(&str, &str)],
) -> Value {
    let arguments = ["--json", "--timeout", "20s"];
    let first = told(&doctor(dir, vars, &arguments));
    let found = finding(&first, sign.id).unwrap_or_else(|| panic!("no {}: {first:#}", sign.id));
    assert!(lines(found, "seen").contains(sign.seen), "{}: {found:#}", sign.seen);
    assert!(lines(found, "do").contains(sign.remedy), "{}: {found:#}", sign.remedy);
    assert!(["warning", "problem"].contains(&text(found, "severity")), "{found:#}");
    let vars = vars.clone().remedied(found).with(further);
    let then = told(&doctor(dir, &vars, &arguments));
    assert!(finding(&then, sign.id).is_none(), "{}: {vars:?} {then:#}", sign.id);
    then
}

#[test]
fn a_healthy_set_up_gives_a_short_answer() {
    let dir = Dir::new();
    let receiver = Receiver::start().unwrap();
    for protocol in ["http/protobuf", "grpc"] {
        let vars = Vars::new(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint(protocol)),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ]);
        let said = doctor(&dir, &vars, &[]).good();
        let is_shown = |line: &&str| !line.starts_with("         ");
        let lines: Vec<&str> = said.lines().filter(is_shown).collect();
        assert!((10..=13).contains(&lines.len()), "{said}");
        assert!(
            lines.iter().all(|line| line.starts_with("ok ") || line.starts_with("note ")),
            "{said}"
        );
        for signal in ["traces", "logs"] {
            assert!(said.contains(&format!("{signal} reach http://localhost:")), "{said}");
        }
    }
    let store = receiver.store();
    assert_eq!((store.requests, store.spans.len(), store.logs.len()), (4, 0, 0));
    assert!(!dir.root().exists(), "nothing is left of what was tried");
}

obstest!(without_a_receiver_all_is_well_and_nothing_is_sent, |dir, obs| {
    let said = told(&doctor(&dir, &Vars::default(), &["--json", "--service", "acm"]));
    assert_eq!((said["format"].as_u64(), text(&said, "service")), (Some(1), "acm"));
    assert!(finding(&said, "otlp-off").is_some() && finding(&said, "otlp").is_none(), "{said:#}");
    let usage = obs(&["doctor", "--timeout", "0"]).failed(2);
    assert!(usage.contains("--timeout is at least 1ms"), "{usage}");
});

#[test]
fn problems_come_first_with_what_was_seen_and_what_to_do() {
    let dir = Dir::new();
    let vars = [("OBS_LOG_LEVL", "debug"), ("OBS_CONSOLE", "mayb\u{1b}[2Je")];
    let ran = doctor(&dir, &Vars::new(&vars), &[]);
    assert_eq!((ran.code, ran.err.as_str()), (7, ""));
    let expected = "\
problem  variable-value    OBS_CONSOLE is ignored: not understood
         seen  OBS_CONSOLE=mayb\\u{1b}[2Je
         do    give it true or false, or remove it:
         do    unset OBS_CONSOLE
warning  variable-unknown  OBS_LOG_LEVL is no variable of obs or OpenTelemetry
         seen  OBS_LOG_LEVL is set in the environment
         seen  OBS_LOG_LEVEL is the nearest one that there is
         do    export OBS_LOG_LEVEL=\"$OBS_LOG_LEVL\"
         do    unset OBS_LOG_LEVL
";
    assert!(ran.out.starts_with(expected), "{}", ran.out);
    assert!(ran.out.ends_with("\n1 problem, 1 warning\n"), "{}", ran.out);
}

#[test]
fn variables_that_make_no_sense_are_named_and_remedied() {
    let dir = Dir::new();
    for (vars, id, seen, remedy) in [
        (
            ("OBS_CAPTUR", "info"),
            "variable-unknown",
            "OBS_CAPTURE is the nearest",
            "unset OBS_CAPTUR",
        ),
        (
            ("OTEL_EXPORTER_OTLP_ENDPONT", "http://c:4318"),
            "variable-unknown",
            "OTEL_EXPORTER_OTLP_ENDPOINT is the nearest",
            "export OTEL_EXPORTER_OTLP_ENDPOINT=\"$OTEL_EXPORTER_OTLP_ENDPONT\"",
        ),
        (("OBS_ZEBRA", "1"), "variable-unknown", "OBS_ZEBRA is set", "unset OBS_ZEBRA"),
        (("OBS_RING_BYTES", "65KiB"), "variable-value", "OBS_RING_BYTES=65KiB", "a power of two"),
        (
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            "variable-value",
            "OTEL_EXPORTER_OTLP_PROTOCOL=http/json",
            "grpc",
        ),
        (
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization: Bearer hunter2"),
            "variable-value",
            "its value is not shown",
            "pairs such as name=value",
        ),
        (
            ("RUST_LOG", "info,app=dbug"),
            "filter-directive",
            "\"app=dbug\" at byte 5",
            "export RUST_LOG=info",
        ),
        (
            ("OBS_CAPTURE", "inof"),
            "filter-directive",
            "\"inof\" at byte 0",
            "OBS_CAPTURE=target=level",
        ),
        (("RUST_LOG", "off"), "filter-off", "\"off\" by env RUST_LOG", "export RUST_LOG=info"),
    ] {
        // What the reader is to write where it is left to him.
        let further: &[(&str, &str)] =
            if vars == ("OBS_CAPTURE", "inof") { &[("OBS_CAPTURE", "info")] } else { &[] };
        let sign = Sign { id, seen, remedy };
        let then = named_and_remedied(&dir, &Vars::new(&[vars]), &sign, further);
        assert!(!then.to_string().contains("hunter2"), "{then:#}");
    }
    let planted = Vars::new(&[("OTEL_BSP_MAX_QUEUE_SIZE", "1")]);
    let said = told(&doctor(&dir, &planted, &["--json"]));
    let found = finding(&said, "variable-not-honoured").unwrap();
    assert_eq!(text(found, "severity"), "note");
    assert!(text(found, "what").contains("the journal is the queue"), "{found:#}");
}

#[test]
fn a_settings_file_with_a_fault_is_named_by_line_and_remedied() {
    let dir = Dir::new();
    let path = dir.path("obs.toml");
    let file = path.to_str().unwrap();
    let vars = Vars::new(&[("OBS_CONFIG", file)]);
    let sign = Sign { id: "settings-file-unreadable", seen: file, remedy: "unset OBS_CONFIG" };
    named_and_remedied(&dir, &vars, &sign, &[]);
    let place = |line: u32, column: u32| format!("obs.toml, line {line}, column {column}");
    for (wrong, right, id, seen, remedy) in [
        (
            "console = true\n= 3\n",
            "console = true\n",
            "settings-file-syntax",
            place(2, 1),
            "correct that line",
        ),
        (
            "log_levle = \"debug\"\n",
            "log_level = \"debug\"\n",
            "settings-file-key",
            place(1, 1),
            "rename `log_levle` to `log_level`",
        ),
        ("zebra = 1\n", "", "settings-file-key", place(1, 1), "remove `zebra` there"),
        (
            "\nlog_level = \"loud\"\n",
            "log_level = \"info\"\n",
            "settings-file-value",
            place(2, 13) + ": loud",
            "trace, debug, info",
        ),
    ] {
        std::fs::write(&path, wrong).unwrap();
        let said = told(&doctor(&dir, &vars, &["--json"]));
        let found = finding(&said, id).unwrap_or_else(|| panic!("no {id}: {said:#}"));
        assert!(lines(found, "seen").contains(&seen), "{seen}: {found:#}");
        assert!(lines(found, "do").contains(remedy), "{found:#}");
        std::fs::write(&path, right).unwrap();
        let said = told(&doctor(&dir, &vars, &["--json"]));
        assert!(finding(&said, id).is_none(), "{said:#}");
    }
}
