use std::time::Duration;

use obs_core::UnixNanos;
use obs_core::parse::ParseErrorKind;
use obs_core::time::{TimestampCache, human_duration, parse_duration, parse_when};
use proptest::prelude::*;

const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 86_400 * SECOND;

fn time(text: &str) -> UnixNanos {
    text.parse().unwrap()
}

#[test]
fn times_are_written_in_rfc_3339_with_nanoseconds() {
    for (nanos, expected) in [
        (0, "1970-01-01T00:00:00.000000000Z"),
        (1, "1970-01-01T00:00:00.000000001Z"),
        (951_782_399 * SECOND, "2000-02-28T23:59:59.000000000Z"),
        (951_782_400 * SECOND, "2000-02-29T00:00:00.000000000Z"),
        (1_709_251_199 * SECOND, "2024-02-29T23:59:59.000000000Z"),
        (1_795_341_483_123_456_789, "2026-11-22T09:58:03.123456789Z"),
        (4_107_542_400 * SECOND, "2100-03-01T00:00:00.000000000Z"),
        (u64::MAX, "2554-07-21T23:34:33.709551615Z"),
    ] {
        assert_eq!(UnixNanos(nanos).to_string(), expected);
        assert_eq!(time(expected), UnixNanos(nanos));
    }
}

#[test]
fn a_file_name_holds_no_colon_and_ends_at_the_second() {
    assert_eq!(UnixNanos(1_795_341_483_999_999_999).to_file_name(), "2026-11-22T09-58-03Z");
}

#[test]
fn rfc_3339_is_read_with_offsets_and_any_number_of_digits() {
    let expected = time("2026-11-22T09:58:03Z");
    for text in [
        "2026-11-22T10:58:03+01:00",
        "2026-11-21T22:58:03-11:00",
        "2026-11-22T15:28:03+05:30",
        "2026-11-22t09:58:03z",
        "2026-11-22 09:58:03Z",
        "2026-11-22T09:58:03.0000000001234Z",
        "2026-11-22T09:58:03-00:00",
    ] {
        assert_eq!(time(text), expected, "{text}");
    }
    assert_eq!(time("2026-11-22T09:58:03.5Z").0, expected.0 + SECOND / 2);
    assert_eq!(time("2016-12-31T23:59:60Z"), time("2016-12-31T23:59:59Z"));
}

#[test]
fn what_is_no_time_is_refused_with_the_reason() {
    use ParseErrorKind::{Form, Range};
    for (text, kind, why) in [
        ("", Form, "expected a digit at byte 0"),
        ("2026-11-22", Form, "expected date, time with seconds and Z or an offset"),
        ("2026-11-22T09:58Z", Form, "expected date, time with seconds and Z or an offset"),
        ("2026-11-22T09:58:03", Form, "expected date, time with seconds and Z or an offset"),
        ("2026-11-22T09:58:03Zx", Form, "expected the end at byte 20"),
        ("2026-11-22T09:58:03.Z", Form, "expected a digit at byte 20"),
        ("2026/11/22T09:58:03Z", Form, "expected \"-\" at byte 4"),
        ("2026-13-22T09:58:03Z", Range, "month 13 is not in 1..=12"),
        ("2026-02-29T09:58:03Z", Range, "day 29 is not in 1..=28"),
        ("2024-02-30T09:58:03Z", Range, "day 30 is not in 1..=29"),
        ("2026-11-00T09:58:03Z", Range, "day 0 is not in 1..=30"),
        ("2026-11-22T24:00:00Z", Range, "hour 24 is not in 0..=23"),
        ("2026-11-22T09:60:00Z", Range, "minute 60 is not in 0..=59"),
        ("2026-11-22T09:58:61Z", Range, "second 61 is not in 0..=60"),
        ("2026-11-22T09:58:03+24:00", Range, "offset hour 24 is not in 0..=23"),
        ("1969-12-31T23:59:59Z", Range, "it lies outside of 1970-01-01 to 2554-07-21"),
        ("1970-01-01T00:00:00+00:01", Range, "it lies outside of 1970-01-01 to 2554-07-21"),
        ("2554-07-21T23:34:34Z", Range, "it lies outside of 1970-01-01 to 2554-07-21"),
        ("9999-12-31T23:59:59Z", Range, "it lies outside of 1970-01-01 to 2554-07-21"),
    ] {
        let error = text.parse::<UnixNanos>().unwrap_err();
        assert_eq!((error.kind(), error.why()), (kind, why), "{text:?}");
        assert_eq!(error.to_string(), format!("cannot read \"{text}\" as a time: {why}"));
    }
}

#[test]
fn a_person_may_give_an_instant_a_day_a_time_of_today_or_an_age() {
    let now = time("2026-11-22T09:58:03.5Z");
    for (text, expected) in [
        ("2026-11-22T10:00:05.25+01:00", "2026-11-22T09:00:05.25Z"),
        ("2026-11-22T10:00", "2026-11-22T10:00:00Z"),
        ("2026-11-22 10:00Z", "2026-11-22T10:00:00Z"),
        ("2026-11-20", "2026-11-20T00:00:00Z"),
        ("10:05", "2026-11-22T10:05:00Z"),
        ("00:00:01.5", "2026-11-22T00:00:01.5Z"),
        ("-3h", "2026-11-22T06:58:03.5Z"),
        ("30m", "2026-11-22T09:28:03.5Z"),
        ("2d", "2026-11-20T09:58:03.5Z"),
        ("1h30m", "2026-11-22T08:28:03.5Z"),
        (" now ", "2026-11-22T09:58:03.5Z"),
        ("today", "2026-11-22T00:00:00Z"),
        ("yesterday", "2026-11-21T00:00:00Z"),
    ] {
        assert_eq!(parse_when(text, now), Ok(time(expected)), "{text}");
    }
    assert_eq!(parse_when("400w", UnixNanos(DAY)), Ok(UnixNanos::EPOCH));
}

#[test]
fn what_a_person_cannot_mean_is_refused() {
    let now = time("2026-11-22T09:58:03Z");
    for text in ["", "soon", "3", "+3h", "10", "25:00", "10:5", "2026-11", "2026-11-22T", "--3h"] {
        assert!(parse_when(text, now).is_err(), "{text}");
    }
    let error = parse_when("soon", now).unwrap_err();
    assert!(error.to_string().contains("2026-11-22T10:00"), "{error}");
    assert_eq!(parse_when("23:59", UnixNanos::MAX).unwrap_err().kind(), ParseErrorKind::Range);
}

#[test]
fn durations_are_sums_of_numbers_with_units() {
    for (text, nanos) in [
        ("0", 0),
        ("10s", 10 * SECOND),
        ("250ms", 250_000_000),
        ("1h30m", 5_400 * SECOND),
        ("1 h 30 min", 5_400 * SECOND),
        ("1.5s", 1_500_000_000),
        ("0.1us", 100),
        ("7µs", 7_000),
        ("7μs", 7_000),
        ("12ns", 12),
        ("2w", 14 * DAY),
        (" 30d ", 30 * DAY),
        ("1s1s", 2 * SECOND),
        ("18446744073709551615ns", u64::MAX),
    ] {
        assert_eq!(parse_duration(text), Ok(Duration::from_nanos(nanos)), "{text}");
    }
}

#[test]
fn a_duration_without_unit_or_beyond_584_years_is_refused() {
    for text in ["", "10", "s", "10x", "-1s", "1.s", ".5s", "1h30", "1e3s", "10 "] {
        assert_eq!(parse_duration(text).unwrap_err().kind(), ParseErrorKind::Form, "{text}");
    }
    for text in ["18446744073709551616ns", "99999999999999999999999s", "31000w", "30000w5000w"] {
        assert_eq!(parse_duration(text).unwrap_err().kind(), ParseErrorKind::Range, "{text}");
    }
}

#[test]
fn a_person_reads_durations_in_the_unit_that_fits() {
    for (ns, expected) in [
        (0, "0 ns"),
        (999, "999 ns"),
        (1_000, "1.0 µs"),
        (1_234_567, "1.2 ms"),
        (999_949, "999.9 µs"),
        (999_950, "1.0 ms"),
        (42 * SECOND, "42.0 s"),
        (59_949_999_999, "59.9 s"),
        (59_950_000_000, "1 min 00 s"),
        (303 * SECOND, "5 min 03 s"),
        (3_599_600_000_000, "1 h 00 min"),
        (3 * 3_600 * SECOND + 240 * SECOND, "3 h 04 min"),
        (DAY - 1, "1 d 00 h"),
        (2 * DAY + 7 * 3_600 * SECOND, "2 d 07 h"),
        (u64::MAX, "213504 d 00 h"),
    ] {
        assert_eq!(human_duration(ns), expected);
    }
}

#[test]
fn arithmetic_stops_at_the_ends() {
    let late = UnixNanos::MAX.saturating_add(Duration::MAX);
    assert_eq!(late, UnixNanos::MAX);
    assert_eq!(UnixNanos(5).saturating_sub(Duration::from_secs(1)), UnixNanos::EPOCH);
    assert_eq!(UnixNanos(9).saturating_since(UnixNanos(4)), Duration::from_nanos(5));
    assert_eq!(UnixNanos(4).saturating_since(UnixNanos(9)), Duration::ZERO);
}

proptest! {
    #[test]
    fn a_time_survives_its_text(nanos in any::<u64>()) {
        let time = UnixNanos(nanos);
        prop_assert_eq!(time.to_string().parse::<UnixNanos>(), Ok(time));
    }

    #[test]
    fn texts_sort_as_times_do(a in any::<u64>(), b in any::<u64>()) {
        prop_assert_eq!(UnixNanos(a).rfc3339().cmp(&UnixNanos(b).rfc3339()), a.cmp(&b));
    }

    #[test]
    fn the_cache_writes_what_is_written_without_it(
        start in any::<u64>(),
        steps in prop::collection::vec(-3_000_000_000_i64..3_000_000_000, 1..20),
    ) {
        let mut cache = TimestampCache::new();
        let mut nanos = start;
        for step in steps {
            nanos = nanos.saturating_add_signed(step);
            prop_assert_eq!(*cache.rfc3339(UnixNanos(nanos)), UnixNanos(nanos).rfc3339());
        }
    }

    #[test]
    fn no_text_breaks_a_reader(text in "[0-9TZ:. +hmsdw-]{0,30}|\\PC{0,20}", now in any::<u64>()) {
        if let Ok(time) = text.parse::<UnixNanos>() {
            prop_assert_eq!(time.to_string().parse::<UnixNanos>(), Ok(time));
        }
        if let (Ok(age), Ok(then)) = (parse_duration(&text), parse_when(&text, UnixNanos(now))) {
            prop_assert_eq!(then, UnixNanos(now).saturating_sub(age));
        }
    }
}
