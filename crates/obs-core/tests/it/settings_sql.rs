//! The settings of the SQL sink.

use obs_core::Settings;
use obs_core::settings::{SqlColumns, SqlKind, SqlUrl, SqlUrlError};

fn url(text: &str) -> SqlUrl {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn an_address_shows_no_password_and_hands_it_out_on_demand() {
    for (text, shown) in [
        ("postgres://ada:s3cret@db:5432/logs", "postgres://ada:[REDACTED]@db:5432/logs"),
        ("postgresql://ada:s3@cret@db/logs", "postgresql://ada:[REDACTED]@db/logs"),
        ("mysql://ada:s3cret/x@db/logs", "mysql://ada:[REDACTED]@db/logs"),
        ("mysql://ada:s3cret?x@db/logs", "mysql://[REDACTED]"),
        ("mariadb://ada@db/logs", "mariadb://ada@db/logs"),
        (
            "postgres:///logs?host=/run/pg&user=ada&password=s3cret&sslmode=require",
            "postgres:///logs?host=/run/pg&user=ada&password=[REDACTED]&sslmode=require",
        ),
        ("sqlite://var/logs.db?mode=rwc", "sqlite://var/logs.db?mode=rwc"),
        ("sqlite:logs.db", "sqlite://logs.db"),
        ("  SQLite:///srv/my logs.db ", "SQLite:///srv/my logs.db"),
    ] {
        let url = url(text);
        assert_eq!(url.to_string(), shown);
        assert!(!format!("{url:?}").contains("s3"), "{url:?}");
        let behind = |text: &str| {
            text.trim().split_once(':').map(|(_, rest)| rest.trim_start_matches("//").to_owned())
        };
        assert_eq!(behind(url.expose()), behind(text));
    }
    let kinds = ["sqlite:x", "postgresql://h/d", "mariadb://h/d"].map(|text| url(text).kind());
    assert_eq!(kinds, [SqlKind::Sqlite, SqlKind::Postgres, SqlKind::MySql]);
    assert!(url("mariadb://h/d").expose().starts_with("mysql://"));
}

#[test]
fn what_is_no_address_is_refused_with_the_reason() {
    for (text, why) in [
        ("", SqlUrlError::Scheme),
        ("logs.db", SqlUrlError::Scheme),
        ("redis://db", SqlUrlError::Scheme),
        ("postgres:db", SqlUrlError::Scheme),
        ("postgres://", SqlUrlError::Place),
        ("sqlite://", SqlUrlError::Place),
        ("sqlite::memory:", SqlUrlError::Memory),
        ("sqlite://x?mode=memory", SqlUrlError::Memory),
        ("mysql://a b/c", SqlUrlError::Characters),
        ("sqlite://a\0b", SqlUrlError::Characters),
    ] {
        assert_eq!(text.parse::<SqlUrl>().unwrap_err(), why, "{text}");
    }
}

#[test]
fn a_wrong_address_is_a_problem_that_does_not_show_it() {
    let settings = Settings::from_vars([("OBS_SQL_URL", "postgre://ada:s3cret@db/logs")]);
    assert!(settings.sql.is_none());
    let told = settings.problems[0].to_string();
    assert!(told.contains("OBS_SQL_URL") && !told.contains("s3cret"), "{told}");
    let shown =
        format!("{:?}", Settings::from_vars([("OBS_SQL_URL", "postgres://ada:s3cret@db/x")]));
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn columns_are_names_that_every_database_takes_and_no_table_has() {
    let columns: SqlColumns = " request_id, http.route,gen_ai.request-model ".parse().unwrap();
    assert_eq!(
        columns.iter().map(SqlColumns::column).collect::<Vec<_>>(),
        ["request_id", "http_route", "gen_ai_request_model"]
    );
    assert_eq!("none".parse::<SqlColumns>().unwrap().iter().count(), 0);
    let long = "x".repeat(49);
    let many = (0..17).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
    for wrong in
        ["", "a,", "A", "1a", "a b", "a\"b", "é", "seq", "a.b,a_b", "event", &long, &many, "_a"]
    {
        assert!(wrong.parse::<SqlColumns>().is_err(), "{wrong}");
    }
}
