//! `fields(…)`: what is recorded when the span opens.

use std::path::Path;

use expect_test::expect;
use obs_macros::traced;

use crate::recording::check;

#[derive(Debug)]
struct Config {
    depth: u8,
}

#[traced(
    crate = crate::facade,
    fields(user_id, rows = rows.len(), path = %path.display(), cfg = ?cfg, "odd key" = cfg.depth),
)]
fn load(user_id: u64, rows: &[u8], path: &Path, cfg: &Config) -> usize {
    rows.len()
}

#[test]
fn named_arguments_and_expressions_are_recorded() {
    check(
        || load(7, &[1, 2], Path::new("data/x"), &Config { depth: 3 }),
        expect![[r#"
            span load [INFO fields] user_id=7u64 rows=2u64 path=data/x cfg=Config { depth: 3 } odd key=3u64
            > load
            < load
            close load
        "#]],
    );
}

#[traced(crate = crate::facade, fields(%name, ?tags, r#type, user.id = *id))]
fn sigils(name: String, tags: Vec<&str>, r#type: &str, id: &u64) -> String {
    drop(tags);
    name
}

#[test]
fn a_sigil_before_an_argument_says_how_it_prints() {
    check(
        || sigils("ann".to_owned(), vec!["a"], "t", &9),
        expect![[r#"
            span sigils [INFO fields] name=ann tags=["a"] type="t" user.id=9u64
            > sigils
            < sigils
            close sigils
        "#]],
    );
}

struct Point {
    x: i64,
    y: i64,
}

impl Point {
    #[traced(crate = crate::facade, fields(self.x, ?factor, moved = self.y + 1))]
    fn scale(self, factor: i64) -> Self {
        Self { x: self.x * factor, y: self.y * factor }
    }
}

#[traced(crate = crate::facade, fields(x, b, last, whole = whole.len()))]
fn patterns(Point { x, y: _ }: Point, (_, b): (u8, u8), whole @ [.., last]: &[u8; 2]) -> bool {
    x > 0
}

#[test]
fn fields_of_self_and_names_within_patterns_are_arguments() {
    let point = check(
        || Point { x: 1, y: 2 }.scale(3),
        expect![[r#"
            span scale [INFO fields] self.x=1 factor=3 moved=3
            > scale
            < scale
            close scale
        "#]],
    );
    assert_eq!((point.x, point.y), (3, 6));
    let positive = check(
        || patterns(point, (1, 2), &[3, 4]),
        expect![[r#"
            span patterns [INFO fields] x=3 b=2u64 last=4u64 whole=2u64
            > patterns
            < patterns
            close patterns
        "#]],
    );
    assert!(positive);
}

#[traced(crate = crate::facade, fields(rows = rows.len()))]
fn consumes(mut rows: Vec<u8>) -> usize {
    rows.clear();
    rows.len()
}

#[test]
fn expressions_are_evaluated_before_the_body() {
    let value = check(
        || consumes(vec![1, 2, 3]),
        expect![[r#"
            span consumes [INFO fields] rows=3u64
            > consumes
            < consumes
            close consumes
        "#]],
    );
    assert_eq!(value, 0);
}

#[traced(crate = crate::facade, fields(rows = tracing::field::Empty))]
fn records_later() {
    tracing::Span::current().record("rows", 12_u64);
}

#[test]
fn an_empty_field_can_be_recorded_by_the_body() {
    check(
        records_later,
        expect![[r#"
            span records_later [INFO fields]
            > records_later
            < records_later
            close records_later
        "#]],
    );
}

fn evaluated() -> u64 {
    panic!("the expression was evaluated");
}

#[traced(crate = crate::facade, fields(cost = evaluated()))]
fn costly() -> u8 {
    1
}

#[test]
fn no_expression_is_evaluated_when_nobody_listens() {
    assert_eq!(
        tracing::subscriber::with_default(tracing::subscriber::NoSubscriber::new(), costly),
        1
    );
}
