use obs_core::filter::FilterErrorKind::{self, Empty, Level as NoLevel, Pattern, Span, Target};
use obs_core::{Filter, Level};
use proptest::prelude::*;

/// The lowest level that each target passes at, `off` if none.
fn lowest(filter: &Filter, target: &str) -> String {
    let passing = Level::ALL.into_iter().find(|&level| filter.enabled(target, level));
    passing.map_or("off".to_owned(), |level| level.to_string())
}

fn check(text: &str, expected: &[(&str, &str)]) {
    let filter = Filter::parse(text).unwrap();
    for (target, level) in expected {
        assert_eq!(lowest(&filter, target), *level, "{text:?} at {target:?}");
    }
    assert_eq!(Filter::parse(&filter.to_string()).unwrap(), filter, "{text:?}");
}

#[test]
fn a_bare_level_is_for_every_target_without_a_directive_of_its_own() {
    check("warn", &[("app", "warn"), ("", "warn")]);
    check("info,app=debug", &[("app", "debug"), ("hyper", "info")]);
    check("app=debug", &[("app", "debug"), ("hyper", "off")]);
    check("off", &[("app", "off")]);
    check("OFF,App=Fatal", &[("App", "fatal"), ("app", "off")]);
}

#[test]
fn the_longest_directive_wins_wherever_it_stands() {
    let expected = [
        ("app", "info"),
        ("app::db", "debug"),
        ("app::db::pool", "off"),
        ("app::db::pool::wait", "off"),
        ("app::http", "info"),
        ("hyper", "error"),
    ];
    check("error,app=info,app::db=debug,app::db::pool=off", &expected);
    check("app::db::pool=off,app::db=debug,app=info,error", &expected);
}

#[test]
fn of_two_directives_for_one_target_the_last_wins() {
    check("app=info,app=trace", &[("app", "trace")]);
    check("info,warn", &[("app", "warn")]);
}

#[test]
fn a_directive_matches_every_target_that_starts_with_it() {
    check("my_company=debug", &[("my_company_http::client", "debug"), ("my", "off")]);
}

#[test]
fn a_bare_target_is_recorded_whole() {
    check("warn,app::db", &[("app::db", "trace"), ("app", "warn")]);
    check("warp", &[("warp::filters", "trace")]);
    check("my-target", &[("my-target", "trace")]);
}

#[test]
fn blanks_and_empty_parts_are_passed_over() {
    check(" info , , app = debug ,", &[("app", "debug"), ("x", "info")]);
}

#[test]
fn numbers_are_levels_as_tracing_counts_them() {
    check("app=5,db=0,2", &[("app", "trace"), ("db", "off"), ("x", "warn")]);
}

#[test]
fn the_normal_form_has_the_bare_level_first_and_then_the_targets_by_name() {
    let filter = Filter::parse("zeta=OFF,app::db=Warning,critical,app").unwrap();
    assert_eq!(filter.to_string(), "fatal,app=trace,app::db=warn,zeta=off");
}

#[test]
fn further_directives_count_in_place_of_those_of_the_same_targets() {
    let filter = Filter::parse("info,app=warn,app::db=off").unwrap();
    for (further, whole) in [
        ("app::db=debug", "info,app=warn,app::db=debug"),
        ("error", "error,app=warn,app::db=off"),
        ("app::http,app=info", "info,app=info,app::db=off,app::http=trace"),
    ] {
        assert_eq!(filter.with(further).unwrap().to_string(), whole);
    }
    assert_eq!(filter.with("app=loud").unwrap_err().kind(), NoLevel);
    assert_eq!(filter.with("").unwrap_err().kind(), Empty);
}

/// Text, kind and byte offset of the fault, and the end of the message.
#[rustfmt::skip]
const FAULTS: &[(&str, FilterErrorKind, usize, &str)] = &[
    ("", Empty, 0, "cannot use an empty filter: expected a level such as info"),
    (" , ", Empty, 0, "cannot use an empty filter: expected a level such as info"),
    ("info,app=debgu", NoLevel, 5, "\"debgu\" is not a level, did you mean debug?"),
    ("app=loud", NoLevel, 0,
        "\"loud\" is not a level, expected trace, debug, info, warn, error, fatal or off"),
    ("info, app=", NoLevel, 6, "the level after the equals sign is missing"),
    ("inof", NoLevel, 0, "did you mean info? for a target of this name write inof=trace"),
    ("=info", Target, 0, "the target before the equals sign is missing"),
    ("my app=info", Target, 0, "a target has no ' ' in it"),
    ("info,app[request{id=3, user}]=debug,db", Span, 5,
        "directives on spans and fields are not supported"),
    ("info/[Ee]rr", Span, 0, "directives on spans and fields are not supported"),
    ("info/err", Pattern, 0, "message patterns after a slash are not supported"),
    ("a\u{1b}[2Jb=x", Span, 0, "directives on spans and fields are not supported"),
    ("ä=info,app=x\u{202e}y", NoLevel, 8,
        "\"x\\u{202e}y\" is not a level, expected trace, debug, info, warn, error, fatal or off"),
];

#[test]
fn a_directive_that_cannot_be_used_is_named_with_its_place_and_the_reason() {
    for &(text, kind, position, message) in FAULTS {
        let error = Filter::parse(text).unwrap_err();
        assert_eq!((error.kind(), error.position()), (kind, position), "{text:?}");
        let directive = obs_core::escape::terminal(error.directive());
        let expected = match kind {
            Empty => message.to_owned(),
            _ => {
                format!("cannot use filter directive \"{directive}\" at byte {position}: {message}")
            }
        };
        assert_eq!(error.to_string(), expected);
        assert!(text[position..].starts_with(error.directive()), "{text:?}");
    }
}

#[test]
fn slips_of_a_level_are_no_targets_but_names_of_crates_are() {
    for slip in ["inof", "ifno", "debgu", "dbug", "deebug", "eror", "wran", "warnn", "tarce"] {
        assert!(Filter::parse(slip).is_err(), "{slip}");
        check(&format!("{slip}=trace"), &[(slip, "trace")]);
    }
    for name in ["warp", "tracer", "errors", "race", "infer", "inf", "of", "debugger", "log"] {
        check(name, &[(name, "trace")]);
    }
}

#[test]
fn lossy_parsing_leaves_out_what_cannot_be_used_and_says_so() {
    let (filter, errors) = Filter::parse_lossy("warn,app[span]=trace,db=debug,x=loud");
    assert_eq!(filter.to_string(), "warn,db=debug");
    let positions: Vec<usize> = errors.iter().map(|error| error.position()).collect();
    assert_eq!(positions, [5, 30]);
    assert_eq!(errors[0].directive(), "app[span]=trace");
}

#[test]
fn lossy_parsing_without_any_usable_directive_gives_the_default() {
    for text in ["", "inof", "app=loud"] {
        assert_eq!(Filter::parse_lossy(text).0, Filter::default());
    }
    assert_eq!(Filter::default().to_string(), "info");
}

#[test]
fn the_default_is_debug_for_own_crates_and_info_for_all_others() {
    let filter = Filter::default_for(&["my-app", "my_lib", ""]);
    assert_eq!(filter.to_string(), "info,my_app=debug,my_lib=debug");
}

#[test]
fn the_most_detailed_level_is_known() {
    for (text, level) in [
        ("info,app=trace,db=off", Some(Level::Trace)),
        ("error,app=warn", Some(Level::Warn)),
        ("off,app=off", None),
    ] {
        assert_eq!(Filter::parse(text).unwrap().max_level(), level, "{text}");
    }
}

/// The definition of the filter, in the plainest words: of all directives whose target begins the
/// record's the longest counts, of equals the last.
fn by_definition(directives: &[(String, u8)], target: &str, level: Level) -> bool {
    directives
        .iter()
        .filter(|(prefix, _)| target.starts_with(prefix.as_str()))
        .max_by_key(|(prefix, _)| prefix.len())
        .is_some_and(|(_, lowest)| level.as_u8() >= *lowest)
}

proptest! {
    #[test]
    fn a_filter_decides_as_its_definition_says(
        directives in prop::collection::vec(("(a|b|::|_){0,5}", 1_u8..=7), 1..6),
        target in "(a|b|::|_){0,7}",
    ) {
        let text: Vec<String> = directives
            .iter()
            .map(|(prefix, level)| {
                let level = Level::from_u8(*level).map_or("off", Level::as_str);
                if prefix.is_empty() { level.to_owned() } else { format!("{prefix}={level}") }
            })
            .collect();
        let filter = Filter::parse(&text.join(",")).unwrap();
        for level in Level::ALL {
            prop_assert_eq!(filter.enabled(&target, level), by_definition(&directives, &target, level));
        }
        let again = Filter::parse(&filter.to_string()).unwrap();
        prop_assert_eq!(again, filter);
    }

    #[test]
    fn no_text_breaks_the_parser(text in "\\PC{0,40}") {
        let (filter, errors) = Filter::parse_lossy(&text);
        for error in errors {
            prop_assert!(text[error.position()..].starts_with(error.directive()));
        }
        prop_assert_eq!(Filter::parse(&filter.to_string()).unwrap(), filter);
    }
}
