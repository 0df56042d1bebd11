//! What programs do to the toolkit: many threads, values that are large or misbehave, threads that are ending.
use crate::program::{Ended, Program, tell};
use obs::settings::Overflow;
use obs::{Delivery, Settings};
use obs_test::lines::{self, missing, numbers, with};
use std::cell::RefCell;
use std::fmt;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;
use tracing::{error, info, warn};

const LONG: Duration = Duration::from_secs(20);
const MIB: u64 = 1 << 20;

/// Starts a run, does `work` in it, and tells the test what became of the records and how much memory that took.
fn program(settings: Settings, work: impl FnOnce()) {
    let run = obs::init_with(settings).unwrap();
    let before = resident_bytes();
    work();
    let delivery = run.finish(LONG);
    tell(&format!("grown {}", resident_bytes().saturating_sub(before)));
    tell(&format!("delivery {}", serde_json::to_string(&delivery).unwrap()));
}

fn quiet() -> Settings {
    let mut settings = Settings::from_env();
    settings.console = false;
    settings
}

/// The most memory that the process has had at once.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

fn delivery(ended: &Ended) -> Delivery {
    serde_json::from_str(&ended.told("delivery")[0]).unwrap()
}

fn grown_bytes(ended: &Ended) -> u64 {
    ended.told("grown")[0].parse().unwrap()
}

#[test]
fn ten_thousand_short_lived_threads_lose_nothing_and_share_a_few_rings() {
    let ended = Program::of(|| {
        program(quiet(), || {
            for batch in 0..1_250 {
                thread::scope(|scope| {
                    for number in batch * 8..batch * 8 + 8 {
                        scope.spawn(move || info!(number, "short"));
                    }
                });
            }
        });
    })
    .run()
    .well();
    let mut seen = numbers(&ended.log(), "number");
    seen.sort_unstable();
    assert!(seen.iter().copied().eq(0..10_000), "{} of 10000", seen.len());
    assert!(delivery(&ended).is_complete(), "{}", delivery(&ended));
    assert!(grown_bytes(&ended) < 48 * MIB, "{} bytes", grown_bytes(&ended));
}

#[test]
fn five_hundred_and_twelve_threads_at_once_are_all_heard_or_counted() {
    let ended = Program::of(|| {
        program(quiet(), || {
            let (start, end) = (Barrier::new(512), Barrier::new(512));
            thread::scope(|scope| {
                for thread in 0..512_u64 {
                    let (start, end) = (&start, &end);
                    let speak = move || {
                        start.wait();
                        (0..50).for_each(|number| info!(number = thread * 50 + number, "crowd"));
                        end.wait();
                    };
                    let builder = thread::Builder::new().stack_size(128 << 10);
                    builder.spawn_scoped(scope, speak).unwrap();
                }
            });
        });
    })
    .run()
    .well();
    let log = ended.log();
    let mut seen = numbers(&log, "number");
    let heard = seen.len() as u64;
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len() as u64, heard, "nothing comes twice");
    let delivery = delivery(&ended);
    assert_eq!(missing(&log), delivery.lost, "what is lost is shown");
    assert!(heard + delivery.lost >= 512 * 50, "{heard} of 25600, {delivery}");
    assert!(grown_bytes(&ended) < 64 * MIB, "{} bytes", grown_bytes(&ended));
}

#[test]
fn an_event_within_debug_of_an_event_comes_first_and_both_are_whole() {
    struct Chatty(u32);
    impl fmt::Debug for Chatty {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            info!(depth = self.0, "inner");
            match self.0 {
                0 => f.write_str("bottom"),
                depth => write!(f, "{:?}<", Chatty(depth - 1)),
            }
        }
    }
    let ended = Program::of(|| {
        program(quiet(), || info!(value = ?Chatty(3), after = 4, "outer"));
    })
    .run()
    .well();
    let log = ended.log();
    assert_eq!(
        numbers(&with(&log, "event", "inner").into_iter().cloned().collect::<Vec<_>>(), "depth"),
        [3, 2, 1, 0]
    );
    let outer = with(&log, "event", "outer");
    assert_eq!(
        (outer[0]["value"].as_str(), outer[0]["after"].as_u64()),
        (Some("bottom<<<"), Some(4))
    );
    assert!(outer[0]["seq"].as_u64() > with(&log, "event", "inner")[3]["seq"].as_u64());
}

#[test]
fn events_in_the_teardown_of_thread_locals_arrive() {
    struct Last(&'static str);
    impl Drop for Last {
        fn drop(&mut self) {
            let _span = tracing::info_span!("teardown", of = self.0).entered();
            warn!(local = self.0, "going");
        }
    }
    thread_local! {
        static EARLY: RefCell<Option<Last>> = const { RefCell::new(None) };
        static LATE: RefCell<Option<Last>> = const { RefCell::new(None) };
    }
    let ended = Program::of(|| {
        program(quiet(), || {
            let live = || {
                EARLY.set(Some(Last("before the first event")));
                info!("alive");
                LATE.set(Some(Last("after it")));
                last_of_all(|| error!(local = "key of the system", "going"));
            };
            thread::Builder::new().name("ender".into()).spawn(live).unwrap().join().unwrap();
            let silent = || LATE.set(Some(Last("nothing before")));
            thread::Builder::new().name("silent".into()).spawn(silent).unwrap().join().unwrap();
        });
    })
    .run()
    .well();
    let log = ended.log();
    let mut going: Vec<_> =
        with(&log, "event", "going").iter().map(|line| line["local"].as_str().unwrap()).collect();
    going.sort_unstable();
    assert_eq!(
        going,
        ["after it", "before the first event", "key of the system", "nothing before"],
        "{}",
        ended.shown()
    );
    assert!(delivery(&ended).is_complete(), "{}", delivery(&ended));
}

/// Calls `last` when this thread's last destructors run, after those of Rust's thread-locals.
#[expect(unsafe_code, reason = "keys of the C library have no safe interface")]
fn last_of_all(last: fn()) {
    extern "C" fn destroy(last: *mut libc::c_void) {
        // SAFETY: the only value ever set for the key is a `fn()`, below.
        let last = unsafe { std::mem::transmute::<*mut libc::c_void, fn()>(last) };
        last();
    }
    let mut key = 0;
    // SAFETY: `key` is valid for writing, and `destroy` has the type that pthread_key_create(3) asks for.
    let created = unsafe { libc::pthread_key_create(&raw mut key, Some(destroy)) };
    // SAFETY: the key was created above.
    let set = unsafe { libc::pthread_setspecific(key, last as *const libc::c_void) };
    assert_eq!((created, set), (0, 0));
}

#[test]
fn values_that_panic_are_marked_and_the_program_goes_on() {
    struct Bomb;
    impl fmt::Debug for Bomb {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("as far as it came")?;
            panic!("a Debug that panics")
        }
    }
    impl fmt::Display for Bomb {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    impl std::error::Error for Bomb {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            panic!("a source that panics")
        }
    }
    let ended = Program::of(|| {
        program(quiet(), || {
            info!(before = 1, value = ?Bomb, after = 2, "debug");
            info!(value = %Bomb, after = 2, "display");
            info!(value = &Bomb as &(dyn std::error::Error + 'static), after = 2, "source");
            info!("{Bomb:?} in a message");
            let _span = tracing::info_span!("work", value = ?Bomb).entered();
            info!("within");
        });
    })
    .run()
    .well();
    let log = ended.log();
    for event in ["debug", "display", "source"] {
        let line = with(&log, "event", event)[0];
        assert_eq!(line["after"], 2, "{line:?}");
        assert!(line.contains_key("value"), "{line:?}");
    }
    assert!(
        with(&log, "event", "debug")[0]["value"].as_str().unwrap().starts_with("as far as it came")
    );
    assert_eq!(with(&log, "event", "within").len(), 1);
    let panics: Vec<_> =
        with(&log, "logger", "panic").iter().map(|line| line["event"].clone()).collect();
    assert_eq!(panics.len(), 4, "{panics:?}");
}

#[test]
fn large_values_are_cut_and_say_how_long_they_were() {
    let ended = Program::of(|| {
        let mut settings = quiet();
        settings.overflow = Overflow::Block;
        program(settings, || {
            let (large, huge) = ("x".repeat(96 << 10), "\u{e9}".repeat(512 << 10));
            for number in 0..100 {
                info!(number, value = large, after = "the value", "large");
                info!(number, value = %huge, "huge");
            }
            info!("{huge}");
            let _context = obs::Context::new().with("c", huge.as_str()).with("d", 1).enter();
            let _span = tracing::info_span!("wide", value = huge.as_str()).entered();
            info!("within");
            log::info!(value = huge.as_str(); "from log");
        });
    })
    .run()
    .well();
    let log = ended.log();
    let lengths = |event| {
        let lines = with(&log, "event", event);
        let cut = lines.iter().map(|line| line["value.truncated_bytes"].as_u64().unwrap());
        cut.collect::<Vec<_>>()
    };
    assert_eq!(lengths("large"), [96 << 10; 100]);
    assert_eq!(lengths("huge"), [1 << 20; 100]);
    assert_eq!(with(&log, "event", "from log")[0]["value.truncated_bytes"], 1 << 20);
    assert_eq!(with(&log, "event", "within").len(), 1);
    assert!(delivery(&ended).is_complete(), "{}", delivery(&ended));
    assert!(grown_bytes(&ended) < 48 * MIB, "{} bytes", grown_bytes(&ended));
}

#[test]
fn more_attributes_than_a_record_takes_are_counted() {
    let ended = Program::of(|| {
        program(quiet(), || {
            let key = |number: usize| format!("key{number:04}{}", "y".repeat(200));
            let pairs: Vec<(String, usize)> =
                (0..2_000).map(|number| (key(number), number)).collect();
            let mut record = log::Record::builder();
            record
                .level(log::Level::Info)
                .target("many")
                .args(format_args!("many"))
                .key_values(&pairs);
            log::logger().log(&record.build());
        });
    })
    .run()
    .well();
    let log = ended.log();
    let line = with(&log, "event", "many")[0];
    let kept = line.keys().filter(|key| key.starts_with("key")).count() as u64;
    assert!(kept > 100, "{kept}");
    assert_eq!(line["fields_left_out"].as_u64().unwrap() + kept, 2_000);
}

#[test]
fn a_second_run_with_smaller_rings_takes_values_that_only_the_first_had_room_for() {
    let ended = Program::of(|| {
        let value = "x".repeat(1 << 20);
        let mut settings = quiet();
        settings.overflow = Overflow::Block;
        settings.ring_bytes = 1 << 20;
        program(settings.clone(), || info!(value, "first"));
        settings.ring_bytes = 64 << 10;
        program(settings, || info!(value, "second"));
    })
    .run()
    .well();
    let runs = crate::program::runs(ended.root.path());
    let second = lines::read(&runs[1].join("log.jsonl"));
    assert_eq!(with(&second, "event", "second")[0]["value.truncated_bytes"], 1 << 20);
}

#[test]
fn a_loop_of_five_thousand_lines_from_one_thread_loses_nothing() {
    let ended = Program::of(|| {
        program(Settings::from_env(), || {
            (0..5_000).for_each(|number| info!(number, "in a loop"));
        });
    })
    .alone()
    .run()
    .well();
    assert!(numbers(&ended.log(), "number").into_iter().eq(0..5_000));
    assert!(delivery(&ended).is_complete(), "{}", delivery(&ended));
    let shown = ended.shown();
    assert_eq!(shown.lines().filter(|line| line.contains("in a loop  number=")).count(), 5_000);
}
