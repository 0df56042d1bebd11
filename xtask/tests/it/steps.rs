//! `cargo xtask test` over small workspaces.

use crate::fixture::Fixture;

#[test]
fn the_steps_of_ci_are_those_of_test_and_the_extras() {
    let clean = Fixture::clean("step_lists");
    let names = |args: &[&str]| {
        let list = clean.call(args);
        assert_eq!(list.code, 0, "{}", list.err);
        let names = list.out.lines().map(|line| line.split(' ').next().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    let test = names(&["test", "--list"]);
    let extras = names(&["ci", "--extras", "--list"]);
    assert!(test.contains(&"tests".to_owned()) && extras.contains(&"deny".to_owned()));
    assert_eq!(names(&["ci", "--list"]), [test, extras].concat());
}

#[test]
fn the_last_line_counts_the_steps_that_passed() {
    let clean = Fixture::clean("steps_pass");
    let only = ["test", "--only", "fmt", "--only", "tidy", "--only", "layers", "--only", "crash"];
    let test = clean.call(&only);
    assert_eq!(test.code, 0, "{}{}", test.out, test.err);
    assert!(test.out.contains("\n$ cargo fmt --all --check\nstep fmt passed in "), "{}", test.out);
    assert!(test.out.ends_with("\nleft out: crash\n3 steps passed\n"), "{}", test.out);
}

#[test]
fn a_step_that_fails_says_how_to_repeat_it() {
    let broken = Fixture::new(
        "steps_fail",
        &[
            ("Cargo.toml", "[package]\nname = \"xtask\"\nversion = \"0.1.0\"\n[workspace]\n"),
            ("src/lib.rs", "fn  a( ) { }\n"),
        ],
    );
    let test = broken.call(&["test"]);
    assert_eq!(test.code, 1, "{}{}", test.out, test.err);
    assert!(test.out.contains("fn  a( ) { }"), "what cargo printed is shown: {}", test.out);
    assert!(test.out.contains("\nstep fmt failed after "), "{}", test.out);
    assert!(test.out.ends_with("\nrepeat it with: cargo fmt --all --check\n"), "{}", test.out);
    let tidy = Fixture::new(
        "steps_fail_inside",
        &[
            ("Cargo.toml", "[package]\nname = \"xtask\"\nversion = \"0.1.0\"\n[workspace]\n"),
            ("src/lib.rs", "fn get_a() {}\n"),
        ],
    );
    let test = tidy.call(&["test", "--only", "tidy"]);
    assert_eq!(test.code, 1, "{}{}", test.out, test.err);
    assert!(test.out.ends_with("\nrepeat it with: cargo xtask tidy\n"), "{}", test.out);
}
