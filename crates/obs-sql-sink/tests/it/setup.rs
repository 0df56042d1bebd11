//! Databases that are not as they should be.
use crate::places::Place;
use crate::program::{Program, make};
use crate::rows::{check, logs};
use obs_core::RunId;
use obs_core::Sink;
use obs_core::resource::Resource;
use obs_core::settings::SqlPartition;
use obs_databases::Product;
use obs_sql_sink::{SqlOptions, SqlSink};

/// What a sink says that is to write to the database at `url`.
fn said(url: &str) -> String {
    let options = SqlOptions::new(url.parse().unwrap());
    let mut sink = SqlSink::new(options, RunId::new(7, 8), Resource::new());
    sink.resume().unwrap_err().to_string()
}

#[test]
fn newer_tables_are_refused() {
    for place in Place::all() {
        Program::start(&place).finish_whole();
        place.ask("INSERT INTO obs_schema (version) VALUES (9)");
        let said = said(&place.url);
        assert!(said.contains("its tables have version 9"), "{said}");
        assert!(!said.contains(obs_databases::PASSWORD), "{said}");
    }
}

#[test]
fn columns_can_be_added_to_tables_that_are_there() {
    for place in Place::all() {
        Program::start(&place).finish_whole();
        let mut options = place.options();
        options.columns = "tenant,http.route".parse().unwrap();
        let program = Program::with(options);
        make(1..=3);
        program.finish_whole();
        let count = "SELECT COUNT(*) FROM obs_logs WHERE tenant IS NULL AND http_route IS NULL";
        assert_eq!(place.ask(count), "7\n", "{place}");
    }
}

#[test]
fn what_is_no_database_is_told_without_its_password() {
    let directory = tempfile::TempDir::new().unwrap();
    let at = |name: &str| format!("sqlite://{}", directory.path().join(name).display());
    assert!(said(&at("")).contains("is a directory; name a file in it"), "{}", said(&at("")));
    assert!(said(&at("none/logs.db")).contains("cannot make"), "{}", said(&at("none/logs.db")));
    std::fs::write(
        directory.path().join("text"),
        "no database at all, but long enough for one\n".repeat(40),
    )
    .unwrap();
    assert!(said(&at("text")).contains("not a database"), "{}", said(&at("text")));
    for place in Place::all() {
        let Some(server) = place.server() else { continue };
        let url = server.url("none");
        let none = said(&url);
        assert!(none.contains("none"), "{none}");
        let wrong = said(&place.url.replace(obs_databases::PASSWORD, "wr0ng-pass"));
        assert!(wrong.contains(obs_databases::USER) && !wrong.contains("wr0ng"), "{wrong}");
        let port = format!(":{}/", server.port());
        let refused = said(&place.url.replace(&port, ":1/"));
        assert!(refused.contains("refused"), "{refused}");
        assert!(!format!("{none}{refused}").contains(obs_databases::PASSWORD));
    }
}

#[test]
fn tables_are_partitioned_by_time_where_that_is_wanted_when_they_are_made() {
    let Some(place) = Place::of(Product::Postgres) else { return };
    let mut options = place.options();
    options.partition = SqlPartition::Day;
    let program = Program::with(options);
    make(1..=10);
    let lines = program.finish_whole();
    // Whoever comes later goes on with what is there, whatever it wants.
    let program = Program::start(&place);
    make(1..=10);
    let more = program.finish_whole();
    for lines in [lines, more] {
        check(&place, &logs(&place, lines.run_id), &lines.log);
    }
    let partitions = "SELECT COUNT(DISTINCT tableoid), MIN(tableoid::regclass::text) FROM obs_logs";
    let said = place.ask(partitions);
    assert!(said.contains("\tobs_logs_p20"), "{said}");
}
