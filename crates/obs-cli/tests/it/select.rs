//! How a run is named.
use crate::program::Program;
use crate::support::{arg, text};
use expect_test::expect;

obstest!(a_run_has_many_names, |dir, obs| {
    let first = dir.finished("acm");
    let second = dir.finished("ledger");
    let id = Program::id(&first);
    let name = first.file_name().unwrap().to_str().unwrap();
    let bare = id.replace('-', "");
    let slash = format!("{}/", first.display());
    for word in
        [arg(&first), &slash, id, &id.to_uppercase(), &bare, &id[..20], &bare[..20], name, "acm"]
    {
        let lines = obs(&["logs", word, "--json", "--tail", "1"]).json();
        assert_eq!(text(&lines[0], "run_id"), id, "{word}");
    }
    let lines = obs(&["logs", "--json", "--tail", "1"]).json();
    assert_eq!(text(&lines[0], "run_id"), Program::id(&second), "the newest");
    let mut call = dir.obs(&["logs", name, "--json", "--tail", "1"]).env("OBS_RUN_ROOT", "nowhere");
    call.command.current_dir(dir.root());
    assert_eq!(text(&call.run().json()[0], "run_id"), id, "a path without a slash");
});

obstest!(the_root_on_the_command_line_counts_more_than_the_environment, |dir, _obs| {
    dir.finished("acm");
    let call =
        dir.obs(&["runs", "--root", arg(&dir.root()), "--json"]).env("OBS_RUN_ROOT", "nowhere");
    assert_eq!(call.run().json().len(), 1);
});

obstest!(an_unknown_run_gets_a_hint, |dir, obs| {
    let said = |word: &str| dir.masked(&obs(&["logs", word]).failed(3));
    expect![[r#"
        obs: there are no runs in DIR/runs
        hint: `--root DIR` or OBS_RUN_ROOT name another directory of run directories
    "#]]
    .assert_eq(&said("acm"));
    let runs = [dir.finished("acm-batch"), dir.finished("acm-batch"), dir.finished("ledger")];
    expect![[r#"
        obs: no service and no run is called "acm-btach" in DIR/runs
        hint: did you mean acm-batch?
    "#]]
    .assert_eq(&said("acm-btach"));
    expect![[r#"
        obs: cannot find a run in "./acm-batch": No such file or directory (os error 2)
    "#]]
    .assert_eq(&said("./acm-batch"));
    let ids = runs.each_ref().map(|run| &Program::id(run)[..13]);
    let named = |text: String| {
        ids.iter().zip(["ID1", "ID2", "ID3"]).fold(text, |text, (id, name)| text.replace(id, name))
    };
    expect![[r#"
        obs: no service and no run is called "zebra" in DIR/runs
        hint: the newest runs are ID3 (ledger), ID2 (acm-batch), ID1 (acm-batch)
    "#]]
    .assert_eq(&named(said("zebra")));
    let shared = &ids[0][..5];
    expect![[r#"
        obs: "SHARED" is the beginning of 3 runs' names
        hint: they are ID3 (ledger), ID2 (acm-batch), ID1 (acm-batch)
    "#]]
    .assert_eq(&named(said(shared)).replace(shared, "SHARED"));
});
