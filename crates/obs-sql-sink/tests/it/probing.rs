//! Databases that are tried, and left as they were.
use crate::places::Place;
use crate::program::Program;
use obs_databases::Product;
use obs_sql_sink::{Database, SqlErrorKind, SqlOptions, probe};
use std::time::Duration;

/// Of a database that is held up on purpose.
const LIMIT: Duration = Duration::from_secs(2);
/// Of one that is well, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(30);

fn tried(url: &str, limit: Duration) -> SqlErrorKind {
    probe(&SqlOptions::new(url.parse().unwrap()), limit).unwrap_err().kind()
}

fn tables(place: &Place) -> String {
    let sql = match place.server().map(obs_databases::Server::product) {
        None => "SELECT COUNT(*) FROM sqlite_schema",
        Some(Product::Postgres) => {
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public'"
        }
        Some(Product::MariaDb) => {
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
        }
    };
    place.ask(sql).trim().to_owned()
}

#[test]
fn what_can_be_used_is_left_as_it_was() {
    for place in Place::all() {
        if place.server().is_none() {
            Database::create(&place.url.parse().unwrap()).unwrap();
        }
        let steps = probe(&place.options(), PATIENCE).unwrap();
        assert!(steps.join("\n").contains("makes or changes tables: "), "{place} {steps:?}");
        assert_eq!(tables(&place), "0", "{place}");
        Program::start(&place).finish_whole();
        let steps = probe(&place.options(), PATIENCE).unwrap();
        let told = ["the tables are as they should be", "a row was written, and taken back"];
        assert_eq!(steps[1..], told, "{place}");
        assert_eq!(place.ask("SELECT COUNT(*) FROM obs_runs"), "1\n", "{place}");
    }
}

#[test]
fn newer_tables_and_rights_that_are_missing_are_told_apart() {
    for place in Place::all() {
        Program::start(&place).finish_whole();
        if let Some(server) = place.server() {
            let (user, rights) = match server.product() {
                Product::Postgres => (
                    "CREATE ROLE {} LOGIN PASSWORD 'x'",
                    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}",
                ),
                Product::MariaDb => (
                    "CREATE USER {}@'127.0.0.1' IDENTIFIED BY 'x'",
                    "GRANT SELECT ON obs_runs TO {}@'127.0.0.1'; \
                     GRANT SELECT ON obs_schema TO {}@'127.0.0.1'; \
                     GRANT SELECT ON obs_logs TO {}@'127.0.0.1'; \
                     GRANT SELECT ON obs_spans TO {}@'127.0.0.1'",
                ),
            };
            let reader = format!("reader_{}", place.url.rsplit_once('/').unwrap().1);
            place.ask(&user.replace("{}", &reader));
            place.ask(&rights.replace("{}", &reader));
            let (_, behind) = place.url.split_once('@').unwrap();
            let url = format!("{}://{reader}:x@{behind}", server.product().scheme());
            assert_eq!(tried(&url, PATIENCE), SqlErrorKind::Rights, "{place}");
        }
        place.ask("INSERT INTO obs_schema (version) VALUES (9)");
        assert_eq!(tried(&place.url, PATIENCE), SqlErrorKind::Newer, "{place}");
    }
}

#[test]
fn a_database_that_somebody_else_has_locked_is_told_in_time() {
    for place in Place::all() {
        Program::start(&place).finish_whole();
        let lock = place.lock();
        let kind = tried(&place.url, LIMIT);
        assert!([SqlErrorKind::Locked, SqlErrorKind::Silence].contains(&kind), "{place} {kind:?}");
        drop(lock);
        probe(&place.options(), PATIENCE).unwrap();
    }
}
