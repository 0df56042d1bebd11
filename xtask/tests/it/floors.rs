//! `layers` and `tidy` over workspaces on disk, ours among them.

use expect_test::expect;

use crate::fixture::{Fixture, ROOT, call, manifest};

#[test]
fn our_crates_keep_to_their_rows() {
    let layers = call(&["layers"]);
    assert_eq!(layers.code, 0, "{}{}", layers.out, layers.err);
}

#[test]
fn our_files_hold_the_floors() {
    let tidy = call(&["tidy"]);
    assert_eq!(tidy.code, 0, "{}{}", tidy.out, tidy.err);
}

#[test]
fn a_clean_workspace_is_said_to_be_clean() {
    let clean = Fixture::clean("clean");
    let tidy = clean.call(&["tidy"]);
    assert_eq!((tidy.code, tidy.out.as_str()), (0, "tidy: 3 files hold the floors\n"));
    let layers = clean.call(&["layers"]);
    assert_eq!((layers.code, layers.out.as_str()), (0, "layers: 1 crates keep to their rows\n"));
}

#[test]
fn every_rule_of_layers_is_at_work() {
    let log = manifest("obs-log").replace("license.workspace = true\n", "license = \"MIT\"\n")
        + "[features]\na = []\n\n[dependencies]\ntokio = \"1\"\nobs-trace = { path = \"../obs-trace\" }\n";
    let broken = Fixture::new(
        "layers",
        &[
            ("Cargo.toml", ROOT),
            ("crates/obs-log/Cargo.toml", &log),
            ("crates/obs-log/src/lib.rs", "//! Nothing.\n"),
            ("crates/obs-trace/Cargo.toml", &manifest("obs-trace")),
            ("crates/obs-trace/src/lib.rs", "#![forbid(unsafe_code)]\n"),
            ("crates/new/Cargo.toml", &manifest("obs-new")),
            ("crates/new/src/main.rs", "#![forbid(unsafe_code)]\nfn main() {}\n"),
        ],
    );
    let layers = broken.call(&["layers"]);
    assert_eq!(layers.code, 1, "{}", layers.err);
    expect![[r#"
        crates/new/Cargo.toml:2: crate obs-new belongs into the folder crates/obs-new (manifest)
        crates/new/Cargo.toml:2: obs-new has no row; add `row("obs-new", Layer::L(…), &[…]),` to ROWS in xtask/src/layers/table.rs (crate)
        crates/obs-log/Cargo.toml:5: write `license.workspace = true` (manifest)
        crates/obs-log/Cargo.toml:11: cargo features live in obs-facade alone (features)
        crates/obs-log/Cargo.toml:15: tokio is for obs-http, obs-otlp, obs-receiver, obs-sql-sink, obs-cli, job_service: the core runs without a runtime (use)
        crates/obs-log/Cargo.toml:16: obs-log must not depend on obs-trace; an arrow is a name in the row of obs-log in xtask/src/layers/table.rs (arrow)
        crates/obs-log/src/lib.rs:1: write `#![forbid(unsafe_code)]`; only obs-ring does without (unsafe)
        7 findings
    "#]]
    .assert_eq(&layers.out);
}

#[test]
fn every_rule_of_tidy_is_at_work() {
    let tidy = broken_by_every_rule().call(&["tidy"]);
    assert_eq!(tidy.code, 1, "{}", tidy.err);
    expect![[r#"
        Cargo.toml:1: the median of 4 files is 301 lines, at most 200 (file-median)
        README.md:1: TODO is unfinished work (marker)
        README.md:1: no.md: no such file (link)
        README.md:1: the last line does not end (final-newline)
        crates/obs-core/src/broken.rs:1: cannot be parsed: cannot parse string into token stream (parse)
        crates/obs-core/src/dead.rs:1: no target and no `mod` reaches this file (dead-file)
        crates/obs-core/src/lib.rs:1: 13 of the 96 lines of obs-core are plain comments, at most 5 %; most of them are here (comment-share)
        crates/obs-core/src/lib.rs:1: white space at the end (trailing-space)
        crates/obs-core/src/lib.rs:2: FIXME is unfinished work (marker)
        crates/obs-core/src/lib.rs:3: 124 characters, at most 120 (line-length)
        crates/obs-core/src/lib.rs:4: [folder] is a place on one machine (machine-path)
        crates/obs-core/src/lib.rs:501: 519 lines, at most 500 (file-length)
        crates/obs-core/src/lib.rs:505: fn get_a takes 6 parameters, at most 5 (parameters)
        crates/obs-core/src/lib.rs:505: fn get_a: leave out `get_` (get)
        crates/obs-core/src/lib.rs:505: unwrap outside of tests (unwrap)
        crates/obs-core/src/lib.rs:506: AppenderHelper: `helper` says nothing about the type (type-name)
        crates/obs-core/src/lib.rs:506: AppenderHelper: our word for `appender` is sink (word)
        crates/obs-core/src/lib.rs:506: trait AppenderHelper requires 3 methods, at most 2 (required-methods)
        crates/obs-core/src/lib.rs:507: SeqCst without a comment above it on why (ordering)
        crates/obs-core/src/lib.rs:507: unsafe without a SAFETY comment above it (safety)
        crates/obs-core/src/lib.rs:508: cfg(feature) outside of obs-facade (feature)
        crates/obs-core/src/lib.rs:508: todo! is unfinished work (marker)
        crates/obs-core/tests/it/main.rs:2: a test that is ignored proves nothing (ignore)
        crates/obs-core/tests/it/main.rs:3: fn a is 73 lines long, at most 70 (function-length)
        crates/obs-core/tests/it/main.rs:4: a test that sleeps (sleep)
        25 findings
    "#]]
    .assert_eq(&tidy.out.replace(&machine_folder(), "[folder]"));
}

/// Put together, since no file of ours may name one.
fn machine_folder() -> String {
    ["", "root", ""].join("/")
}

fn broken_by_every_rule() -> Fixture {
    let lib = [
        "mod broken; \n",
        "// FIXME later\n",
        &format!("//{}\n", "x".repeat(122)),
        &format!("const A: &str = \"{}\"; // a\n", machine_folder()),
        &"\n".repeat(500),
        "fn get_a(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8) { g().unwrap(); }\n",
        "pub trait AppenderHelper { fn a(); fn b(); fn c(); }\n",
        "fn b() { unsafe { c(SeqCst) } }\n",
        "#[cfg(feature = \"d\")] fn e() { todo!() }\n",
        &"// note\n".repeat(10),
        "fn f() {}\n",
    ]
    .concat();
    let test = format!(
        "#[test]\n#[ignore]\nfn a() {{\nstd::thread::sleep(b);\n{}}}\n",
        "c();\n".repeat(70)
    );
    Fixture::new(
        "tidy",
        &[
            ("Cargo.toml", ROOT),
            ("README.md", "TODO [a](no.md)"),
            ("crates/obs-core/Cargo.toml", &manifest("obs-core")),
            ("crates/obs-core/src/lib.rs", &lib),
            ("crates/obs-core/src/broken.rs", "fn (\n"),
            ("crates/obs-core/src/dead.rs", ""),
            ("crates/obs-core/tests/it/main.rs", &test),
            ("crates/obs-core/examples/long.rs", &("\n".repeat(300) + "fn main() {}\n")),
        ],
    )
}
