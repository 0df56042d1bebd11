//! `#[traced]` under another name of the facade, as compiled and as run.
#![forbid(unsafe_code)]

use obs_renamed::{Store, traced_function};
use serde_json::Value;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

traced_function!(of_a_macro);

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("the run has written it");
    text.lines().map(|line| serde_json::from_str(line).expect("one object a line")).collect()
}

#[test]
fn spans_and_errors_are_recorded_through_the_renamed_facade() {
    let root = tempfile::tempdir().expect("a directory");
    let mut settings = telemetry::Settings::default();
    (settings.run_root, settings.console) = (Some(root.path().into()), false);
    settings.capture = Some(telemetry::Filter::parse("trace").expect("a filter"));
    let run = telemetry::init_with(settings).expect("no run is alive");
    let directory = run.dir().expect("a directory can be made").to_owned();

    let mut store = Store::default();
    assert_eq!(store.add("35"), Ok(35));
    {
        let mut later = pin!(store.add_later("no number"));
        let polled = later.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Ready(Err(_))));
    }
    assert_eq!(of_a_macro(), 7);
    let delivery = run.finish(Duration::from_secs(20));
    assert!(delivery.is_complete(), "{delivery}");

    let spans = lines(&directory.join("spans.jsonl"));
    let told: Vec<_> = spans.iter().map(|span| (&span["name"], &span["logger"])).collect();
    let (add, ours) = (Value::from("add"), Value::from("obs_renamed"));
    let (later, of_a_macro, here) = ("add later".into(), "of_a_macro".into(), "it".into());
    assert_eq!(told, [(&add, &ours), (&add, &ours), (&later, &ours), (&of_a_macro, &here)]);
    assert_eq!((&spans[0]["length"], &spans[1]["length"]), (&Value::from(2), &Value::from(9)));
    assert_eq!(spans[1]["parent_id"], spans[2]["span_id"]);
    let errors = lines(&directory.join("log.jsonl"));
    let errors = errors.iter().filter(|line| line["level"] == "error");
    assert_eq!(errors.count(), 2, "of the inner and of the outer function");
}
