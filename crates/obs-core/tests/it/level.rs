use obs_core::Level;
use obs_core::parse::ParseErrorKind;

#[test]
fn fatal_is_the_highest_level_and_trace_the_lowest() {
    assert!(Level::ALL.is_sorted());
    assert_eq!(Level::ALL.first(), Some(&Level::Trace));
    assert_eq!(Level::ALL.last(), Some(&Level::Fatal));
}

#[test]
fn a_level_survives_its_text_its_number_and_its_json() {
    for level in Level::ALL {
        assert_eq!(level.to_string().parse(), Ok(level));
        assert_eq!(level.as_str().to_uppercase().parse(), Ok(level));
        assert_eq!(Level::try_from(u8::from(level)), Ok(level));
        let json = serde_json::to_string(&level).unwrap();
        assert_eq!(json, format!("\"{level}\""));
        assert_eq!(serde_json::from_str::<Level>(&json).unwrap(), level);
    }
}

#[test]
fn numbers_are_one_to_six_and_severities_those_of_opentelemetry() {
    let numbers: Vec<u8> = Level::ALL.into_iter().map(Level::as_u8).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    let severities: Vec<u8> = Level::ALL.into_iter().map(Level::severity_number).collect();
    assert_eq!(severities, [1, 5, 9, 13, 17, 21]);
    for number in [0, 7, 255] {
        assert_eq!(Level::from_u8(number), None);
        assert_eq!(Level::try_from(number).unwrap_err().kind(), ParseErrorKind::Range);
    }
}

#[test]
fn other_names_of_levels_are_read_and_others_refused_with_the_nearest() {
    for (text, level) in
        [("warning", Level::Warn), ("Critical", Level::Fatal), (" info ", Level::Info)]
    {
        assert_eq!(text.parse(), Ok(level));
    }
    for (text, message) in [
        ("inof", "cannot read \"inof\" as a level: did you mean info?"),
        (
            "loud",
            "cannot read \"loud\" as a level: expected trace, debug, info, warn, error or fatal",
        ),
        (
            "\u{1b}[2J",
            "cannot read \"\\u{1b}[2J\" as a level: expected trace, debug, info, warn, error or fatal",
        ),
    ] {
        let error = text.parse::<Level>().unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.kind(), ParseErrorKind::Form);
    }
}
