//! Help, wrong calls and exit codes.

use expect_test::expect;

use crate::fixture::{Fixture, call};

const COMMANDS: [&str; 8] = ["test", "ci", "layers", "tidy", "deps", "crash", "sim", "bench"];

#[test]
fn help_lists_every_command() {
    let help = call(&["--help"]);
    assert_eq!(help.code, 0);
    expect![[r#"
        usage: cargo xtask COMMAND [OPTIONS]

          test     all checks that need nothing but Rust
          ci       test, and what needs tools: cargo-deny, loom, fuzz targets
          layers   who may depend on whom, and who may use what
          tidy     the floors of the house style
          deps     how many third-party crates each of ours brings along
          crash    kill a logging program again and again, and count what it lost
          sim      run the whole path over a simulated disk and clock, seed by seed
          bundles  bundle a program under load, and take the time of its events
          sending  send by every way and through every fault, and count what arrives
          tables   write to databases, kill writers and servers, and read back what is there
          services start and stop throw-away clusters of PostgreSQL and MariaDB
          bench    measure obs beside its peers, in turn with them

        `cargo xtask COMMAND --help` says more about one of them.
        exit codes: 0 all is well, 1 something was found or a step failed,
                    2 the call was wrong or could not be carried out
    "#]]
    .assert_eq(&help.out);
}

#[test]
fn every_command_has_a_help_text_with_its_usage() {
    for command in COMMANDS {
        let help = call(&[command, "--help"]);
        assert_eq!(help.code, 0, "{help:?}");
        assert!(help.out.starts_with(&format!("usage: cargo xtask {command}")), "{help:?}");
        assert!(help.out.contains("\nexit codes: 0 all is well"), "{help:?}");
    }
}

#[test]
fn a_call_without_a_command_prints_the_overview_and_fails() {
    let bare = call(&[]);
    assert_eq!(bare.code, 2);
    assert_eq!(bare.out, call(&["--help"]).out);
}

#[test]
fn a_wrong_call_says_what_is_wrong() {
    let clean = Fixture::clean("wrong_call");
    let cases: [(&[&str], &str); 7] = [
        (&["tdy"], "error: no command `tdy`; `cargo xtask --help` lists them\n"),
        (&["tidy", "--fix"], "error: unknown argument `--fix`; see --help\n"),
        (&["deps", "--list"], "error: option `--list` needs a value; see --help\n"),
        (&["deps", "--list", "obs-cor"], "error: no crate `obs-cor` in the workspace\n"),
        (
            &["ci", "--extras", "--only", "fmt"],
            "error: no step `fmt`; there are deny, advisories, collector, loom, fuzz, bench, \
             smoke, instructions\n",
        ),
        (&["bench"], "error: there is no crates/obs-bench/Cargo.toml\n"),
        (&["crash"], "error: the workspace has no program obs-crash in crate obs-test\n"),
    ];
    for (args, words) in cases {
        let wrong = clean.call(args);
        assert_eq!((wrong.code, wrong.err.as_str()), (2, words), "{args:?}");
        assert_eq!(wrong.out, "", "{args:?}");
    }
}
