//! Runs that failed in the same way: `obs runs --failures`, `--like`, and what `recover` and bundles say of them.
use crate::program::Program;
use crate::support::{arg, text};
use expect_test::expect;
use std::fs;

obstest!(failures_are_grouped_by_how_they_ended_and_those_met_last_come_first, |dir, obs| {
    dir.finished("acm");
    let exits: Vec<_> = (0..2).map(|_| dir.program("acm", "exit").end()).collect();
    let kills: Vec<_> = (0..3).map(|_| dir.killed("acm")).collect();
    let ran = obs(&["runs", "--failures"]);
    let hint = "obs: 5 runs died and are not recovered yet: `obs recover --all` finds out how\n";
    assert_eq!((ran.code, ran.out.as_str()), (3, ""));
    assert!(ran.err.starts_with(hint), "{}", ran.err);
    assert_eq!(obs(&["recover", "--all"]).code, 0);

    let groups = obs(&["runs", "--failures", "--json"]).json();
    let told: Vec<String> = groups
        .iter()
        .map(|group| format!("{} {} {}", group["count"], text(group, "kind"), group["detail"]))
        .collect();
    expect![[r#"
        3 killed "killed: SIGKILL, or a signal that nothing handled"
        2 exited "exited with status 3 without finishing the run""#]]
    .assert_eq(&told.join("\n"));
    assert_eq!(text(&groups[0], "first_run_id"), Program::id(&kills[0]));
    assert_eq!(text(&groups[0], "last_run_id"), Program::id(&kills[2]));
    let table = obs(&["runs", "--failures"]).good();
    let heads: Vec<&str> = table.lines().next().unwrap().split_whitespace().collect();
    let expected =
        ["COUNT", "FIRST", "LAST", "SERVICE", "OUTCOME", "LIKE", "BUNDLES", "RUN", "DETAIL"];
    assert_eq!(heads, expected);
    let short = &text(&groups[0], "fingerprint")[2..10];
    let row = table.lines().nth(1).unwrap();
    for cell in ["3  20", "  acm  ", "killed", short, &Program::id(&kills[2])[..13]] {
        assert!(row.contains(cell), "{cell} in {row}");
    }
    let ids = |arguments: &[&str]| -> Vec<String> {
        obs(arguments).json().iter().map(|run| text(run, "run_id").to_owned()).collect()
    };
    let expected = [Program::id(&kills[2]), Program::id(&kills[1]), Program::id(&kills[0])];
    for like in [short, text(&groups[0], "fingerprint"), Program::id(&kills[1])] {
        assert_eq!(ids(&["runs", "--like", like, "--json"]), expected, "{like}");
    }
    assert_eq!(
        ids(&["runs", "--like", arg(&exits[0]), "-n", "1", "--json"]),
        [Program::id(&exits[1])]
    );

    kills.iter().for_each(|run| fs::remove_dir_all(run).unwrap());
    assert_eq!(obs(&["runs", "--failures", "--json"]).json()[0]["count"], 3, "none is forgotten");
    let said = obs(&["runs", "--like", short]).failed(3);
    assert!(said.contains("no run is left of those that failed like"), "{said}");
    assert_eq!(obs(&["runs", "--failures", "-n", "1", "ledger"]).code, 3);
});

obstest!(runs_that_did_not_fail_are_like_no_others, |dir, obs| {
    let (finished, dead) = (dir.finished("acm"), dir.killed("acm"));
    let alive = dir.program("acm", "work");
    for (run, why) in [
        (&finished, "it was finished"),
        (&dead, "nobody knows how it ended: `obs recover` finds out"),
        (&alive.run, "it is alive"),
    ] {
        let said = obs(&["runs", "--like", arg(run)]).failed(3);
        assert!(said.trim_end().ends_with(why), "{said}");
    }
    assert_eq!(obs(&["runs", "--like", "acm", "--failures"]).code, 2);
    let said = obs(&["runs", "--like", "00000000"]).failed(3);
    assert!(said.contains("no service and no run is called \"00000000\""), "{said}");
    alive.end();
});

obstest!(the_message_of_a_panic_moves_no_cursor_and_fills_no_page, |dir, obs| {
    let run = dir.program("acm", "panic").end();
    for arguments in [&["runs", "--failures"][..], &["runs"], &["recover", arg(&run)]] {
        let ran = obs(arguments);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(!ran.out.contains(['\u{1b}', '\u{202e}']), "{}", ran.out);
        assert!(ran.out.len() < 4_000, "{arguments:?}: {}", ran.out.len());
    }
    let table = obs(&["runs", "--failures"]).good();
    assert_eq!(table.lines().count(), 2);
    let shown = r"panicked: \u{1b}[2J\u{202e}no way\nout x x x";
    assert!(table.contains(shown), "{table}");
    let json = obs(&["runs", "--failures", "--json"]);
    assert!(json.json()[0]["detail"].as_str().unwrap().len() < 1_100);
    assert!(!json.out.contains(['\u{1b}', '\u{202e}']));
    let group = fs::read_to_string(dir.root().join("failures.json")).unwrap();
    assert!(!group.contains(['\u{1b}', '\u{202e}']));
});

obstest!(
    a_recovery_bundles_a_failure_where_settings_want_it_and_says_the_first_time_only,
    |dir, obs| {
        let runs: Vec<_> = (0..2).map(|_| dir.killed("acm")).collect();
        let recover = |run: &std::path::Path| {
            dir.obs(&["recover", arg(run), "--json"])
                .env("OBS_BUNDLE_ON", "failure")
                .run()
                .json()
                .remove(0)
        };
        let first = recover(&runs[0]);
        let bundle = text(&first, "bundle").to_owned();
        let short = &text(&first["end"], "fingerprint")[2..10];
        assert!(bundle.starts_with(arg(&dir.root().join("bundles"))), "{bundle}");
        assert!(bundle.ends_with(&format!("_{short}_{}.zip", Program::id(&runs[0]))), "{bundle}");
        obs(&["bundle", "verify", &bundle]).good();
        let second = recover(&runs[1]);
        assert_eq!((second.get("bundle"), &second["recurrence"]["number"]), (None, &2.into()));
        let table = obs(&["runs"]).good();
        assert_eq!(table.matches("killed, bundled").count(), 1, "{table}");
        assert_eq!(obs(&["runs", "--failures", "--json"]).json()[0]["bundles"][0], bundle.as_str());

        let page = obs(&["bundle", "summary", &bundle]).good();
        let line = format!("- like: `{short}: the first that ended like this`");
        assert!(page.contains(&line), "{page}");
        let zip = dir.path("support.zip");
        obs(&["bundle", arg(&runs[1]), "-o", arg(&zip)]).good();
        let page = obs(&["bundle", "summary", arg(&zip)]).good();
        let line = format!("- like: `{short}: ended like this 2 times since 20");
        assert!(page.contains(&line), "{page}");
        let ids = [Program::id(&runs[0]), Program::id(&runs[1])];
        assert!(
            page.contains(&format!("first in run {}, last in run {}`", ids[0], ids[1])),
            "{page}"
        );
        let json = obs(&["bundle", "summary", arg(&zip), "--json"]).json().remove(0);
        assert_eq!(json["run"]["recurrence"]["first_run_id"], ids[0]);
        assert_eq!(json["run"]["end"]["fingerprint"], first["end"]["fingerprint"]);
    }
);

obstest!(
    counts_that_cannot_be_read_are_noted_and_made_up_for_by_the_runs_that_are_there,
    |dir, obs| {
        dir.killed("acm");
        dir.killed("acm");
        assert_eq!(obs(&["recover", "--all"]).code, 0);
        fs::write(dir.root().join("failures.json"), "no").unwrap();
        let ran = obs(&["runs", "--failures", "--json"]);
        assert!(ran.err.starts_with("obs: cannot read \""), "{}", ran.err);
        assert_eq!((ran.code, &ran.json()[0]["count"]), (0, &2.into()));
    }
);

obstest!(the_help_of_runs_explains_what_failed_in_the_same_way, |dir, obs| {
    expect![[r#"
        Lists runs, newest first

        Usage: obs runs [OPTIONS] [SERVICE]

        Arguments:
          [SERVICE]  Only runs of this service

        Options:
              --failures      The ways in which runs failed, and how often
              --like <RUN>    Only runs that failed in the same way as this run, or that have this LIKE
              --json          One JSON object a line
          -n, --count <N>     At most so many
              --root <DIR>    The directory of the run directories [default: OBS_RUN_ROOT, else those of all services]
              --color <WHEN>  Colours: auto, always or never [default: OBS_COLOR or NO_COLOR, else on a terminal]
          -h, --help          Print help

        Reads run.json of each run, and whether its lock is taken. The counts of a run that is alive, or died and was not
        recovered, are not known there and shown as `-`.

        Runs that failed in the same way have the same LIKE: the beginning of a fingerprint, which is made of how a run ended,
        and where, without what differs from run to run. --failures also counts the runs that were removed since.
    "#]].assert_eq(&obs(&["runs", "--help"]).good());
});
