//! What a thread pays for events and spans in allocations.

use obs::settings::Overflow;
use std::time::Duration;

/// One of everything that a program says again and again.
fn say(number: u64, request: &obs::Context) {
    let _entered = request.enter();
    let _job = tracing::info_span!("job", number, kind = "import").entered();
    tracing::info!(number, ratio = 0.25, path = "/var/lib/input.csv", ok = true, "file loaded");
    tracing::warn!(number, error = ?std::fmt::Error, password = "hunter2", "{} of {number} left", 3);
    tracing::debug!(target: "elsewhere", number, "nobody wants it");
    log::info!(number; "a line of another kind");
}

#[test]
fn a_thread_that_has_said_everything_once_says_it_again_without_an_allocation() {
    let root = tempfile::tempdir().unwrap();
    let mut settings = obs::Settings::default();
    settings.run_root = Some(root.path().to_owned());
    settings.service = "allocations".to_owned();
    settings.console = false;
    settings.overflow = Overflow::Block;
    let run = obs::init_with(settings).unwrap();
    let request = obs::Context::new().with("request_id", "7f3a");
    say(0, &request);
    let one = allocation_counter::measure(|| drop(std::hint::black_box(Box::new(0))));
    assert_eq!(one.count_total, 1, "whoever counts sees them");
    let counted =
        allocation_counter::measure(|| (1..20_000).for_each(|number| say(number, &request)));
    let delivery = run.finish(Duration::from_secs(20));
    assert!(delivery.is_complete(), "{delivery}");
    assert_eq!(delivery.emitted / 20_000, 5, "{delivery}");
    assert_eq!(counted.count_total, 0, "{counted:?}");
}
