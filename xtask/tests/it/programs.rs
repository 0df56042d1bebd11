//! `crash`, `sim` and `deps`: what cargo builds and resolves.

use crate::fixture::{Fixture, ROOT, manifest};

const PROGRAM: &str = "\
//! Tells what it was given.
fn main() {
    let args: Vec<_> = std::env::args().skip(1).collect();
    println!(\"{args:?}\");
    std::process::exit(if args.is_empty() { 0 } else { 7 });
}
";

fn with_programs(name: &str) -> Fixture {
    let manifest =
        manifest("obs-test") + "\n[dependencies]\nobs-core = { path = \"../obs-core\" }\n";
    let root = format!("{ROOT}\n[profile.crash]\ninherits = \"release\"\n");
    Fixture::new(
        name,
        &[
            ("Cargo.toml", &root),
            ("crates/obs-test/Cargo.toml", &manifest),
            ("crates/obs-test/src/bin/obs-crash.rs", PROGRAM),
            ("crates/obs-core/Cargo.toml", &self::manifest("obs-core")),
            ("crates/obs-core/src/lib.rs", "//! Nothing.\n"),
        ],
    )
}

#[test]
fn arguments_and_exit_code_are_passed_on() {
    let workspace = with_programs("programs");
    let crash = workspace.call(&["crash", "--kills", "3"]);
    assert_eq!((crash.code, crash.out.as_str()), (7, "[\"--kills\", \"3\"]\n"), "{}", crash.err);
    let crash = workspace.call(&["crash", "--", "--help"]);
    assert_eq!((crash.code, crash.out.as_str()), (7, "[\"--help\"]\n"), "{}", crash.err);
    let crash = workspace.call(&["crash"]);
    assert_eq!((crash.code, crash.out.as_str()), (0, "[]\n"), "{}", crash.err);
    let sim = workspace.call(&["sim"]);
    assert_eq!(sim.code, 2);
    assert_eq!(sim.err, "error: the workspace has no program obs-sim in crate obs-test\n");
}

#[test]
fn our_own_crates_are_no_third_party() {
    let workspace = with_programs("dependencies");
    let deps = workspace.call(&["deps"]);
    let expected = "\
third-party crates, normal and build, default features, this host:
    0  obs-core
    0  obs-test
";
    assert_eq!((deps.code, deps.out.as_str()), (0, expected), "{}", deps.err);
    let list = workspace.call(&["deps", "--list", "obs-test"]);
    assert_eq!((list.code, list.out.as_str()), (0, ""), "{}", list.err);
    let json = workspace.call(&["deps", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let core =
        serde_json::json!({ "name": "obs-core", "count": 0, "limit": null, "third_party": [] });
    assert_eq!(json["crates"][0], core);
}
