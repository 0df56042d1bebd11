//! What is in the tables is what was recorded.
use crate::places::Place;
use crate::program::{Program, event, make, open, within};
use crate::rows::{check, logs, spans};
use obs_recorder::emit::Fields;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

#[test]
fn a_run_is_a_row_and_its_records_are_rows_that_say_what_their_lines_do() {
    for place in Place::all() {
        let program = Program::start(&place);
        make(1..=300);
        within("request_id", "7f3a", || event(None, |mut fields| fields.text(0, "asked")));
        let lines = program.finish_whole();
        check(&place, &logs(&place, lines.run_id), &lines.log);
        check(&place, &spans(&place, lines.run_id), &lines.spans);
        assert_eq!((lines.spans.len(), lines.log.len()), (300, 303));
        let asked = "SELECT request_id FROM obs_logs WHERE event = 'asked'";
        assert_eq!(place.ask(asked), "7f3a\n", "{place}");
        let run = "SELECT service, outcome, lost, rejected, last_seq FROM obs_runs";
        assert_eq!(place.ask(run), "shop\tfinished\t0\t0\t904\n", "{place}");
        let times = "SELECT COUNT(*) FROM obs_runs WHERE started_at < ended_at";
        assert_eq!(place.ask(times), "1\n", "{place}");
    }
}

#[test]
fn the_innermost_value_of_an_attribute_is_in_its_column() {
    for place in Place::all() {
        let program = Program::with({
            let mut options = place.options();
            options.columns = "a,b,request_id".parse().unwrap();
            options
        });
        within("a", "of the context", || {
            within("request_id", "7", || {
                let outer = open(1, None, |mut fields| fields.text(1, "of the outer span"));
                let inner = open(2, Some(&outer), |mut fields| fields.f64(2, f64::NAN));
                event(Some(&inner), |mut fields| fields.text(0, "1"));
                event(Some(&inner), |mut fields| {
                    fields.text(0, "2");
                    fields.u64(1, u64::MAX);
                    fields.text(2, "a\0b");
                });
                event(None, |mut fields| fields.text(0, "3"));
                inner.close();
                outer.close();
            });
        });
        let lines = program.finish_whole();
        check(&place, &logs(&place, lines.run_id), &lines.log);
        let all =
            "SELECT a, b, request_id FROM obs_logs WHERE event IN ('1', '2', '3') ORDER BY seq";
        let none = if place
            .server()
            .is_some_and(|server| server.product() == obs_databases::Product::Postgres)
        {
            ""
        } else {
            "NULL"
        };
        assert_eq!(
            place.ask(all),
            format!(
                "of the outer span\tNaN\t7\n18446744073709551615\ta␀b\t7\nof the context\t{none}\t7\n"
            ),
            "{place}"
        );
        let of_spans = "SELECT a, b FROM obs_spans ORDER BY seq";
        assert_eq!(
            place.ask(of_spans),
            format!("of the context\tNaN\nof the outer span\t{none}\n"),
            "{place}"
        );
    }
}

#[test]
fn an_event_that_tells_of_an_action_has_a_row_among_the_actions() {
    for place in Place::all() {
        let program = Program::start(&place);
        event(None, |mut fields| {
            fields.text(4, "recommend");
            fields.bool(5, true);
            fields.f64(6, 12.5);
        });
        event(None, |mut fields| {
            fields.text(4, "'; DROP TABLE obs_actions; --");
            fields.bool(5, false);
            fields.u64(6, 7);
            fields.text(7, "no such user");
        });
        event(None, |mut fields| fields.text(4, "no outcome, no action"));
        let lines = program.finish_whole();
        check(&place, &logs(&place, lines.run_id), &lines.log);
        let all = "SELECT action, CASE WHEN success THEN 'y' ELSE 'n' END, latency_ms, \
                   COALESCE(error, '-') FROM obs_actions ORDER BY seq";
        assert_eq!(
            place.ask(all),
            "recommend\ty\t12.5\t-\n'; DROP TABLE obs_actions; --\tn\t7\tno such user\n",
            "{place}"
        );
    }
}

/// A value as a program records it.
#[derive(Debug, Clone)]
enum Recorded {
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Text(String),
    Bytes(Vec<u8>),
}

fn text() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(vec![
        "'; DROP TABLE obs_logs; --",
        "\"; DROP TABLE \"obs_logs\"",
        "`x`); DELETE FROM obs_runs; -- ",
        "\\'; SELECT 1; #",
        "\\N",
        "\\.",
        "$1 ? :a @b %s {0}",
        "NaN",
        "-0.0",
        "a\tb\nc\r\u{1b}[31m",
        "\0",
        "␀␛\0␛",
        "{\"a\":{\"b\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}}",
        "\u{feff}\u{202e}\u{2028}",
        "Z̸͈̔a𝄞界é",
        "   trailing   ",
    ])
    .prop_map(str::to_owned);
    let long = (0..4_usize).prop_map(|kind| ["a", "ü", "界", "𝄞"][kind].repeat(65_536 >> kind));
    prop_oneof![20 => ".{0,40}", 12 => hostile, 3 => Just(String::new()), 1 => long]
}

fn recorded() -> impl Strategy<Value = Recorded> {
    let edges = prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(0), any::<i64>()];
    let floats = prop_oneof![
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(-0.0),
        Just(f64::MAX),
        Just(f64::MIN_POSITIVE),
        any::<f64>()
    ];
    prop_oneof![
        any::<bool>().prop_map(Recorded::Bool),
        edges.prop_map(Recorded::I64),
        prop_oneof![Just(u64::MAX), any::<u64>()].prop_map(Recorded::U64),
        floats.prop_map(Recorded::F64),
        text().prop_map(Recorded::Text),
        text().prop_map(Recorded::Text),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Recorded::Bytes),
    ]
}

fn write(fields: &mut Fields<'_>, values: &[Recorded]) {
    for (place, value) in values.iter().enumerate() {
        match value {
            Recorded::Bool(truth) => fields.bool(place, *truth),
            Recorded::I64(number) => fields.i64(place, *number),
            Recorded::U64(number) => fields.u64(place, *number),
            Recorded::F64(number) => fields.f64(place, *number),
            Recorded::Text(text) => fields.text(place, text),
            Recorded::Bytes(bytes) => fields.bytes(place, bytes),
        }
    }
}

#[test]
fn whatever_values_and_names_records_have_they_are_data() {
    let mut runner = TestRunner::deterministic();
    let values = prop::collection::vec(recorded(), 0..8);
    let cases: Vec<(Vec<Recorded>, String, String)> = (0..600)
        .map(|_| (&values, text(), text()).new_tree(&mut runner).unwrap().current())
        .collect();
    for place in Place::all() {
        let program = Program::start(&place);
        for (number, (values, name, value)) in cases.iter().enumerate() {
            within(&name.chars().take(100).collect::<String>(), value, || {
                let span = open(number as u64 + 1, None, |mut fields| write(&mut fields, values));
                event(Some(&span), |mut fields| write(&mut fields, values));
                span.close();
            });
        }
        let lines = program.finish_whole();
        check(&place, &logs(&place, lines.run_id), &lines.log);
        check(&place, &spans(&place, lines.run_id), &lines.spans);
        assert_eq!((lines.spans.len(), lines.log.len()), (600, 602), "{place}");
    }
}
