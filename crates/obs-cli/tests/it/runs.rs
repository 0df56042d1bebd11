//! `obs runs`.
use crate::program::Program;
use crate::support::text;
use expect_test::expect;

obstest!(runs_are_listed_newest_first_with_what_became_of_them, |dir, obs| {
    let finished = dir.finished("acm-batch");
    let killed = dir.killed("acm-batch");
    let exited = dir.program("ledger", "exit").end();
    let alive = dir.program("acm-batch", "work");

    let table = obs(&["runs"]).good();
    let shown: Vec<Vec<&str>> = table.lines().map(|line| line.split("  ").collect()).collect();
    let cells = |row: usize| -> Vec<&str> {
        let cells = shown[row].iter().map(|cell| cell.trim());
        cells.filter(|cell| !cell.is_empty()).collect()
    };
    let short = |run| &Program::id(run)[..13];
    let heads =
        ["STARTED", "SERVICE", "OUTCOME", "DURATION", "RECORDS", "ERRORS", "LOST", "LIKE", "RUN"];
    assert_eq!(cells(0), heads);
    assert_eq!(cells(1)[1..3], ["acm-batch", "alive"]);
    assert_eq!(cells(1)[4..], ["-", "-", "-", "-", short(&alive.run)]);
    let unknown = ["not recovered yet", "-", "-", "-", "-", "-"];
    assert_eq!(cells(2)[1..], [&["ledger"], &unknown[..], &[short(&exited)]].concat());
    assert_eq!(cells(3)[1..], [&["acm-batch"], &unknown[..], &[short(&killed)]].concat());
    assert_eq!(cells(4)[1..3], ["acm-batch", "finished"]);
    assert_eq!(cells(4)[5..], ["1", "0", "-", short(&finished)]);

    assert_eq!(obs(&["recover", "--all"]).code, 0);
    let outcomes: Vec<String> = obs(&["runs", "--json"])
        .json()
        .iter()
        .map(|run| {
            format!("{} {} {}", text(run, "service"), text(run, "state"), run["end"]["kind"])
        })
        .collect();
    expect![[r#"
        acm-batch alive null
        ledger ended "exited"
        acm-batch ended "killed"
        acm-batch ended "finished""#]]
    .assert_eq(&outcomes.join("\n"));
    alive.end();
});

obstest!(json_has_what_is_known_and_leaves_out_the_rest, |dir, obs| {
    let alive = dir.program("acm", "work");
    let ran = obs(&["runs", "--json"]);
    let keys = |ran: &crate::support::Ran| {
        let lines = ran.json();
        assert_eq!(lines.len(), 1);
        let keys = lines[0].as_object().unwrap().keys().cloned();
        keys.collect::<Vec<_>>().join("\n")
    };
    expect![[r#"
        directory
        duration_ns
        pid
        run_id
        service
        started_at
        state"#]]
    .assert_eq(&keys(&ran));
    let run = alive.end();
    let ran = obs(&["runs", "--json"]);
    expect![[r#"
        directory
        duration_ns
        end
        ended_at
        errors
        lost
        open_spans
        pending
        pid
        records
        run_id
        service
        started_at
        state"#]]
    .assert_eq(&keys(&ran));
    let line = &ran.json()[0];
    assert_eq!(text(line, "run_id"), Program::id(&run));
    assert_eq!(text(line, "directory"), run.to_str().unwrap());
    assert_eq!(
        (&line["errors"], &line["lost"], &line["pending"]),
        (&1.into(), &0.into(), &0.into())
    );
});

obstest!(a_service_and_a_number_narrow_the_list, |dir, obs| {
    let first = dir.finished("acm");
    let second = dir.finished("acm");
    dir.finished("ledger");
    let ids = |arguments: &[&str]| -> Vec<String> {
        obs(arguments).json().iter().map(|run| text(run, "run_id").to_owned()).collect()
    };
    assert_eq!(ids(&["runs", "acm", "--json"]), [Program::id(&second), Program::id(&first)]);
    assert_eq!(ids(&["runs", "acm", "-n", "1", "--json"]), [Program::id(&second)]);
    expect![[r#"
        obs: no service and no run is called "acme" in DIR/runs
        hint: did you mean acm?
    "#]]
    .assert_eq(&dir.masked(&obs(&["runs", "acme"]).failed(3)));
});

obstest!(without_runs_the_places_that_were_searched_are_named, |dir, obs| {
    expect![[r#"
        obs: there are no runs in DIR/runs
        hint: `--root DIR` or OBS_RUN_ROOT name another directory of run directories
    "#]]
    .assert_eq(&dir.masked(&obs(&["runs"]).failed(3)));
    let state = dir.path("state");
    let ran = dir.obs(&["runs"]).without_env("OBS_RUN_ROOT").env("XDG_STATE_HOME", &state);
    let said = ran.env("TMPDIR", dir.path("tmp")).run().failed(3);
    let user = std::fs::metadata(dir.path(".")).map(|it| std::os::unix::fs::MetadataExt::uid(&it));
    let said = said.replace(&format!("obs-{}", user.unwrap()), "obs-USER");
    expect![[r#"
        obs: there are no runs in DIR/state/obs, DIR/tmp/obs-USER
        hint: `--root DIR` or OBS_RUN_ROOT name another directory of run directories
    "#]]
    .assert_eq(&dir.masked(&said));
});

obstest!(all_services_of_the_state_directory_are_found, |dir, _obs| {
    let state = dir.path("state");
    for service in ["acm", "ledger"] {
        let root = state.join("obs").join(service).join("runs");
        Program::start(&root, service, "work").end();
    }
    let ran = dir.obs(&["runs", "--json"]).without_env("OBS_RUN_ROOT");
    let ran = ran.env("XDG_STATE_HOME", &state).env("TMPDIR", dir.path("tmp")).run();
    let services: Vec<String> =
        ran.json().iter().map(|run| text(run, "service").to_owned()).collect();
    assert_eq!(services, ["ledger", "acm"]);
});

obstest!(a_run_whose_summary_cannot_be_read_is_listed_with_the_reason, |dir, obs| {
    let run = dir.finished("acm");
    std::fs::write(run.join("run.json"), "{\"format\":99}").unwrap();
    let ran = obs(&["runs", "--json"]);
    expect![[r#""unknown" "cannot read run.json: missing field `run_id` at line 1 column 13""#]]
        .assert_eq(&format!("{} {}", ran.json()[0]["state"], ran.json()[0]["problem"]));
    assert!(obs(&["runs"]).good().contains("run.json: "));
});
