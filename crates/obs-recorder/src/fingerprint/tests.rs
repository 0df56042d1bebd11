//! What a fingerprint depends on, and what it does not.
use super::{Address, Cause, Fingerprint, Last, Panic};
use crate::summary::EndKind;
use expect_test::expect;
use proptest::prelude::*;

fn of(cause: Cause<'_>) -> String {
    Fingerprint::of(&cause).to_string()
}

fn of_panic(message: &str, location: &str) -> String {
    of(Cause::Panic(Panic { message, location }))
}

/// Whoever changes one of these changes the version: runs of older builds are in other groups then.
#[test]
fn fingerprints_are_the_same_in_every_build_and_on_every_machine() {
    let segfault = |address, thread, span| Cause::Signal {
        name: "SIGSEGV",
        address: Address::of(address),
        thread,
        span,
    };
    let refused = Last::Event { target: "app::db", place: "src/db.rs:20" };
    let panic = Panic { message: "panicked: no way out", location: "src/main.rs:7:5" };
    let causes = [
        Cause::Panic(panic),
        Cause::Panic(Panic::default()),
        segfault(0x10, "worker-3", "load"),
        segfault(0x7f00_dead_beef, "worker-3", "load"),
        Cause::Exit { status: "3", last: Last::Nothing },
        Cause::Exit { status: "3", last: refused },
        Cause::Exit { status: "3", last: Last::Panic(panic) },
        Cause::Outside { kind: EndKind::Killed, within: "" },
        Cause::Outside { kind: EndKind::OutOfMemory, within: "load" },
    ];
    let lines: Vec<String> = causes.iter().map(|cause| of(*cause)).collect();
    expect![[r#"
        1:49c5ed538fd458e1
        1:0c1267d1b77f210e
        1:4fff0f3c435a685c
        1:9a97b474131fee45
        1:b155d9a60b2cd819
        1:375533db1538dcef
        1:2d490cf5aff79a90
        1:238737419f10b39b
        1:bebd9dc9aeadadb5"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn ends_that_differ_have_fingerprints_that_differ() {
    let panic = Panic { message: "panicked: a", location: "src/main.rs:7:5" };
    let signal = |name, address, thread, span| Cause::Signal { name, address, thread, span };
    let exit = |status, last| Cause::Exit { status, last };
    let event = |target, place| Last::Event { target, place };
    let outside = |kind, within| Cause::Outside { kind, within };
    let causes = [
        Cause::Panic(panic),
        Cause::Panic(Panic { message: "panicked: b", ..panic }),
        Cause::Panic(Panic { location: "src/main.rs:8:5", ..panic }),
        signal("SIGSEGV", Address::Null, "main", "load"),
        signal("SIGBUS", Address::Null, "main", "load"),
        signal("SIGSEGV", Address::Other, "main", "load"),
        signal("SIGSEGV", Address::None, "main", "load"),
        signal("SIGSEGV", Address::Null, "worker", "load"),
        signal("SIGSEGV", Address::Null, "main", "save"),
        exit("1", Last::Nothing),
        exit("", Last::Nothing),
        exit("1", Last::Panic(panic)),
        exit("1", event("app", "src/main.rs:7")),
        exit("1", event("app::db", "src/main.rs:7")),
        exit("1", event("app", "src/main.rs:9")),
        outside(EndKind::Killed, ""),
        outside(EndKind::Killed, "load"),
        outside(EndKind::OutOfMemory, "load"),
        outside(EndKind::MachineGone, ""),
    ];
    let mut all: Vec<String> = causes.map(of).to_vec();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), causes.len());
}

#[test]
fn threads_that_are_numbered_are_one() {
    let hit = |thread| {
        let (name, address) = ("SIGSEGV", Address::Null);
        of(Cause::Signal { name, address, thread, span: "load" })
    };
    assert_eq!(hit("worker-3"), hit("worker-12"));
    assert_ne!(hit("worker-3"), hit("reader-3"));
}

#[test]
fn only_a_version_and_sixteen_digits_are_a_fingerprint() {
    let right = "1:0123456789abcdef";
    let read: Fingerprint = right.parse().unwrap();
    assert_eq!((read.to_string(), read.short()), (right.to_owned(), "01234567".to_owned()));
    for word in ["01234567", "0123456789AB", right] {
        assert!(read.begins_with(word), "{word}");
    }
    for word in ["0123456", "12345678", "", "1:01234567", "2:0123456789abcdef"] {
        assert!(!read.begins_with(word), "{word}");
    }
    for wrong in [
        "",
        "1:",
        "0123456789abcdef",
        "1:0123456789ABCDEF",
        "1:0123456789abcde",
        "1:0123456789abcdef0",
        "01:0123456789abcdef",
        ":0123456789abcdef",
        "+1:0123456789abcdef",
        "1:+123456789abcdef",
        "99999999999:0123456789abcdef",
    ] {
        assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong}");
    }
}

/// What differs from run to run.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<u32>().prop_map(|number| format!("{}.5ms", number / 7)),
        any::<u64>().prop_map(|number| format!("0x{number:x}")),
        any::<u64>().prop_map(|number| format!("1{number:016x}")),
        any::<[u16; 4]>().prop_map(|n| format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            n[0], n[1], n[2], n[3], n[0]
        )),
        any::<[u8; 4]>().prop_map(|n| format!("{}.{}.{}.{}:80", n[0], n[1], n[2], n[3])),
    ]
}

fn words() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec("[a-zA-Zä-ü]{1,7}", 1..12)
}

/// The words with the values between them.
fn message(words: &[String], values: &[String]) -> String {
    let pairs = words.iter().zip(values.iter().cycle());
    let parts: Vec<String> = pairs.map(|(word, value)| format!("{word} {value}")).collect();
    parts.join(", ")
}

fn of_message(message: &str) -> String {
    of_panic(message, "src/main.rs:7:5")
}

proptest! {
    #[test]
    fn numbers_and_ids_in_a_message_change_nothing(
        words in words(),
        one in proptest::collection::vec(value(), 1..6),
        other in proptest::collection::vec(value(), 1..6),
    ) {
        prop_assert_eq!(of_message(&message(&words, &one)), of_message(&message(&words, &other)));
    }

    #[test]
    fn quoted_texts_and_paths_in_a_message_change_nothing(
        words in words(),
        one in "[a-z \\\\']{0,20}",
        other in "[a-z0-9/]{0,20}",
    ) {
        let said = |text: &str| format!("{} {:?} in /srv/{}/x", words.join(" "), text, text.len());
        prop_assert_eq!(of_message(&said(&one)), of_message(&said(&other)));
    }

    #[test]
    fn another_word_in_a_message_is_another_failure(
        words in words(),
        values in proptest::collection::vec(value(), 1..6),
        at in any::<proptest::sample::Index>(),
        word in "[a-z]{1,7}",
    ) {
        let mut others = words.clone();
        *at.get_mut(&mut others) = word;
        let same = of_message(&message(&words, &values)) == of_message(&message(&others, &values));
        prop_assert_eq!(same, words == others);
    }

    #[test]
    fn a_message_of_any_characters_has_a_fingerprint_that_can_be_read_back(text in ".*") {
        let fingerprint = Fingerprint::of(&Cause::Panic(Panic { message: &text, location: &text }));
        prop_assert_eq!(fingerprint.to_string().parse::<Fingerprint>(), Ok(fingerprint));
    }
}
