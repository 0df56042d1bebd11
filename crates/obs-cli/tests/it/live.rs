//! Runs that another process is writing to.
use crate::program::Program;
use crate::support::{Dir, Ran, arg, events};
use std::fs;

/// So often the command looks for what a live run is about to show.
const LOOKS_MAX: usize = 2000;

/// Looks at the run until there is a record that says this.
pub(crate) fn until(dir: &Dir, program: &Program, event: &str) {
    let filter = format!("event={event}");
    for _ in 0..LOOKS_MAX {
        let ran = dir.obs(&["logs", arg(&program.run), &filter, "--tail", "1"]).run();
        if ran.out.contains(event) {
            return;
        }
    }
    panic!("the record did not come");
}

/// Looks at the run when the record is there that its program made last.
fn until_ready(dir: &Dir, program: &Program, arguments: &[&str]) -> Ran {
    until(dir, program, "ready");
    dir.obs(&[&["logs", arg(&program.run)][..], arguments].concat()).run()
}

obstest!(a_live_run_shows_what_it_has_recorded_so_far, |dir, obs| {
    let program = dir.program("acm", "work");
    let ran = until_ready(&dir, &program, &["--json", "--target", "app"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let shown = ran.json();
    let all = ["batch loaded", "slow disk", "cannot save", "cache warm", "fine print", "ready"];
    assert_eq!(events(&shown), all);
    let run = program.end();
    let after = obs(&["logs", arg(&run), "--json", "--target", "app"]).json();
    assert_eq!(after, shown, "the lines of a live run are those that stay");
});

obstest!(what_only_the_stage_holds_is_shown_and_the_rings_are_mentioned, |dir, obs| {
    let program = dir.program("acm", "work");
    until_ready(&dir, &program, &[]);
    let run = program.kill();
    let journal = run.join("journal");
    let with_segments = obs(&["logs", "--json"]);
    fs::remove_dir_all(&journal).unwrap();
    let without = obs(&["logs", "--json"]);
    assert_eq!(without.out, with_segments.out);
    assert_eq!(events(&without.json()).last(), Some(&"ready"));
    let said = dir.masked(&without.err);
    let run = dir.masked(arg(&run));
    let hint = format!("`obs recover \"{run}\"` adds what its rings hold\n");
    assert_eq!(said, format!("obs: the run died and was not recovered: {hint}"));
});

obstest!(a_stage_that_is_written_to_is_read_without_gaps, |dir, obs| {
    let program = dir.program("acm", "restless");
    until(&dir, &program, "busy");
    let run = program.run.clone();
    let mut highest = 0;
    for tail in [5000, 20_000, 100, 100, 100, 100, 100, 100, 10_000] {
        let ran = obs(&["logs", arg(&run), "--json", "--tail", &tail.to_string()]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        let mut numbers = ran.json().into_iter().filter(|line| line["event"] == "busy");
        let first = numbers.next().map_or(0, |line| line["number"].as_u64().unwrap());
        let mut last = first;
        for line in numbers {
            assert_eq!(line["number"], last + 1);
            last += 1;
        }
        assert!(last >= highest, "{last} after {highest}");
        highest = last;
    }
    program.end();
});

obstest!(a_damaged_stage_is_said_and_the_segments_are_shown, |dir, obs| {
    let program = dir.program("acm", "work");
    until_ready(&dir, &program, &[]);
    let run = program.kill();
    for (bytes, why) in [
        (vec![], "the file is shorter than its header says"),
        (vec![0; 1 << 20], "the magic bytes are not those of this kind of file"),
    ] {
        fs::write(run.join("rings/stage"), bytes).unwrap();
        let ran = obs(&["logs", "event=run started"]);
        assert_eq!(ran.code, 0);
        let (first, _) = ran.err.split_once('\n').unwrap();
        assert_eq!(first, format!("obs: cannot read the stage: {why}"));
    }
});
