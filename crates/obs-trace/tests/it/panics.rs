//! Panics as events.
use crate::recording::{Alone, recorded};
use std::panic::{catch_unwind, panic_any};
use std::thread;
use tracing::info_span;

/// Panics in a thread of its own, without what the library says on the terminal.
fn panicking(body: fn()) -> String {
    recorded("info", || {
        let named = thread::Builder::new().name("worker".into());
        assert!(named.spawn(body).unwrap().join().is_err());
    })
}

#[test]
fn a_panic_is_an_error_with_its_message_place_thread_and_span() {
    let lines = panicking(|| {
        let _span = info_span!("risky").entered();
        panic!("no {}", "way")
    });
    let event = lines.lines().nth(1).unwrap();
    assert!(
        event.starts_with(r#"error panic (panic) message="panicked: no way" panic.location="#),
        "{lines}"
    );
    assert!(event.contains("panics.rs:") && event.contains(r#"panic.thread="worker""#), "{event}");
    assert!(event.ends_with(" in risky"), "{event}");
}

#[test]
fn a_panic_with_a_value_that_is_no_text_is_told_too() {
    let lines = panicking(|| panic_any(7));
    assert!(lines.contains(r#"message="panicked: a value that is no text""#), "{lines}");
}

#[test]
fn a_panic_in_a_value_marks_the_value_and_spares_the_event() {
    struct Bomb;
    impl std::fmt::Debug for Bomb {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("so far")?;
            panic!("in a value")
        }
    }
    let lines =
        recorded("info", || tracing::info!(target: "app", bomb = ?Bomb, after = 1, "event"));
    assert!(
        lines.contains(r#"info app message="event" bomb=Panicked("so far") after=1"#),
        "{lines}"
    );
    assert!(lines.contains("panicked: in a value"), "{lines}");
}

#[test]
fn a_panic_outside_of_a_run_is_nobodys() {
    let alone = Alone::new();
    alone.recorded("info", || {});
    assert!(catch_unwind(|| panic!("unheard")).is_err());
    assert_eq!(alone.recorded("info", || {}), "");
}
