//! Traces on the console.
use crate::program::Program;
use tracing::{error, info, info_span};

/// What a program shows of its traces.
fn shown(program: Program, format: &str) -> Vec<String> {
    let program = program
        .env("OTEL_TRACES_EXPORTER", "console")
        .env("OTEL_LOGS_EXPORTER", "none")
        .env("OBS_CONSOLE", "false")
        .env("OBS_LOG_FORMAT", format);
    let ended = program.run().well();
    ended.shown().lines().map(str::to_owned).collect()
}

/// A line without times and ids.
fn masked(line: &str) -> String {
    let mut words = Vec::new();
    let mut parts = line.split(' ').peekable();
    while let Some(part) = parts.next() {
        let is_unit = |unit: &&str| matches!(*unit, "ns" | "µs" | "ms" | "s");
        let is_time = part.starts_with(|c: char| c.is_ascii_digit()) && !part.contains('-');
        match parts.peek() {
            Some(unit) if is_time && is_unit(unit) => {
                parts.next();
                words.push("TIME");
            }
            _ if part.len() == 32 => words.push("ID"),
            _ if part.ends_with('Z') && is_time => words.push("NOW"),
            _ => words.push(part),
        }
    }
    words.join(" ")
}

#[test]
fn a_trace_is_shown_as_a_tree_once_its_last_span_has_ended() {
    let program = Program::of(|| {
        let run = obs::init("shop").unwrap();
        {
            let _context = obs::Context::new().with("request_id", "r1").enter();
            let request = info_span!("request", otel.name = "GET /jobs", route = "/jobs");
            let _request = request.enter();
            info_span!("load").in_scope(|| {
                info_span!("query", rows = 3).in_scope(|| info!("not an error"));
                info_span!("parse").in_scope(|| error!("not a number"));
            });
            let _charge = info_span!("charge", otel.status_code = "ERROR", card = "a b");
        }
        drop(info_span!("\u{1b}[2J alone"));
        drop(run);
    });
    let lines: Vec<String> = shown(program, "text").iter().map(|line| masked(line)).collect();
    assert_eq!(
        lines,
        [
            "NOW TRACE ID  5 spans  TIME",
            "  GET /jobs  TIME  route=/jobs  request_id=r1",
            "  ├─ load  TIME after TIME",
            "  │  ├─ query  TIME after TIME  rows=3",
            "  │  └─ parse  TIME after TIME  ERROR",
            "  └─ charge  TIME after TIME  card=\"a b\"  ERROR",
            "NOW TRACE ID  1 span  TIME",
            "  \\u{1b}[2J alone  TIME",
        ]
    );
}

#[test]
fn for_programs_each_span_is_a_line() {
    let program = Program::of(|| {
        let run = obs::init("shop").unwrap();
        info_span!("outer").in_scope(|| drop(info_span!("inner")));
        drop(run);
    });
    let program = program
        .env("OTEL_TRACES_EXPORTER", "console")
        .env("OBS_CONSOLE", "false")
        .env("OBS_LOG_FORMAT", "json");
    let ended = program.run().well();
    let lines = String::from_utf8(ended.stdout.clone()).unwrap();
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .filter_map(|line| serde_json::from_str(&line[line.find('{')?..]).ok())
        .collect();
    let names: Vec<_> = lines.iter().map(|line| line["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["inner", "outer"]);
}
