//! Rows that a database refuses.
use crate::places::Place;
use crate::program::{Program, event, make};
use crate::rows::logs;
use serde_json::Value;

fn rejected(place: &Place) -> Vec<Value> {
    let text = std::fs::read_to_string(place.directory().join("rejected.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_row_that_is_refused_is_put_aside_with_the_reason_and_blocks_no_other() {
    for place in Place::all() {
        // What a database of its own accord refuses is hard to come by: somebody has added a rule.
        Program::start(&place).finish_whole();
        let rule = match place.server() {
            None => {
                "CREATE TRIGGER picky BEFORE INSERT ON obs_logs WHEN NEW.event LIKE 'bad%' \
                 BEGIN SELECT RAISE(ABORT, 'no bad events'); END"
            }
            Some(_) => "ALTER TABLE obs_logs ADD CONSTRAINT picky CHECK (event NOT LIKE 'bad%')",
        };
        place.ask(rule);
        let program = Program::start(&place);
        let events: Vec<String> = (0..500)
            .map(
                |number| {
                    if number % 97 == 3 { format!("bad {number}") } else { number.to_string() }
                },
            )
            .collect();
        for text in &events {
            event(None, |mut fields| fields.text(0, text));
        }
        make(1..=10);
        let (delivery, lines) = program.finish();
        let refused: Vec<&String> =
            events.iter().filter(|event| event.starts_with("bad")).collect();
        assert_eq!(delivery.sinks[0].lost, refused.len() as u64, "{place} {delivery:?}");
        let aside = rejected(&place);
        let text =
            |value: &Value, path: &str| value.pointer(path).unwrap().as_str().unwrap().to_owned();
        let said: Vec<String> = aside.iter().map(|line| text(line, "/row/event")).collect();
        assert_eq!(said.iter().collect::<Vec<_>>(), refused, "{place}");
        for line in &aside {
            assert_eq!(text(line, "/run_id"), lines.run_id.to_string());
            assert_eq!(text(line, "/table"), "obs_logs");
            let reason = text(line, "/reason");
            assert!(reason.contains("picky") || reason.contains("no bad events"), "{reason}");
        }
        let there: Vec<String> =
            logs(&place, lines.run_id).iter().map(|row| text(row, "/event")).collect();
        let wanted: Vec<String> = lines
            .log
            .iter()
            .map(|line| text(&serde_json::from_str(line).unwrap(), "/event"))
            .filter(|event| !event.starts_with("bad"))
            .collect();
        assert_eq!(there, wanted, "{place}");
        let count = "SELECT rejected FROM obs_runs ORDER BY started_at DESC LIMIT 1";
        assert_eq!(place.ask(count), format!("{}\n", refused.len()), "{place}");
    }
}

#[test]
fn a_row_is_not_put_aside_through_a_link_and_waits_instead() {
    let place = Place::file();
    Program::start(&place).finish_whole();
    place.ask(
        "CREATE TRIGGER picky BEFORE INSERT ON obs_logs WHEN NEW.event LIKE 'bad%' \
         BEGIN SELECT RAISE(ABORT, 'no bad events'); END",
    );
    let target = place.directory().join("of somebody else");
    std::fs::write(&target, "theirs").unwrap();
    let link = place.directory().join("rejected.jsonl");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let program = Program::start(&place);
    event(None, |mut fields| fields.text(0, "bad"));
    program.wait_for("cannot be put aside");
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "theirs");
    std::fs::remove_file(link).unwrap();
    let (delivery, _) = program.finish();
    assert_eq!(delivery.sinks[0].lost, 1, "{delivery:?}");
    assert_eq!(rejected(&place).len(), 1);
}
