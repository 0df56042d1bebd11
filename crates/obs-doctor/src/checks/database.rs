//! The database that records are kept in.
use crate::examine::Check;
use crate::finding::Finding;
use crate::kind::Kind;
use crate::subject::{Subject, existing};
use obs_core::settings::SqlKind;
use obs_sql_sink::{SqlError, SqlErrorKind, SqlOptions, probe};

/// A real connection to the database that is set, and a row that is written and taken back.
pub const DATABASE: Check = Check::new("database", KINDS, run);

const FINE: Kind = Kind::ok("sql", "The database has taken a row, and given it back.");
const OFF: Kind = Kind::ok("sql-off", "No database is set.");
const OTHER: Kind = Kind::problem(
    "sql-other",
    "Nothing is kept in the database, for a reason that this build does not know.",
    "What the database said is in the evidence.",
);

macro_rules! kinds {
    ($($name:ident $error:ident $id:literal $words:literal $remedy:literal;)+) => {
        $(const $name: Kind = Kind::problem(
            $id,
            concat!("Nothing is kept in the database: ", $words, "."),
            $remedy,
        );)+

        const KINDS: &[&Kind] = &[&FINE, &OFF, $(&$name),+, &OTHER];

        /// The kind of finding of an error, what it means in words, and what to do.
        fn of(error: SqlErrorKind) -> (&'static Kind, &'static str, &'static str) {
            match error {
                $(SqlErrorKind::$error => (&$name, $words, $remedy),)+
                _ => (&OTHER, "the reason is not one that this build knows", OTHER.remedy),
            }
        }
    };
}

kinds! {
    ADDRESS Address "sql-address" "the address has something that is not understood"
        "Write it as `postgres://user:password@host:5432/name`, with `%40` for an `@` in the password.";
    FILE File "sql-file" "the file cannot be made or opened"
        "Name a file in a directory that is there and that the program's user can write to.";
    NO_DATABASE NoDatabase "sql-no-database" "there is no such database, or what is there is none"
        "Make the database, or correct its name; a file must be one of SQLite's, or not be there.";
    NAME Name "sql-name" "the host's name has no address"
        "Correct the host; `getent hosts NAME` asks as programs do.";
    REFUSED Refused "sql-refused" "nothing listens there"
        "Start the database, or correct host and port: 5432 is usual for PostgreSQL, 3306 for MySQL.";
    UNREACHABLE Unreachable "sql-unreachable" "there is no way there"
        "`ip route get ADDRESS` tells the way that is taken.";
    SILENCE Silence "sql-silence" "it does not answer in time"
        "Look whether it is busy, or a firewall drops what goes there; `obs doctor --timeout 1m` waits longer.";
    TLS Tls "sql-tls" "TLS fails"
        "`sslrootcert` (PostgreSQL) or `ssl-ca` (MySQL) in the address names the authority's certificate; \
         `sslmode` says whether TLS is used.";
    PASSWORD Password "sql-password" "it does not let this user in with this password"
        "Correct user and password in the address, and what the server allows from this host.";
    RIGHTS Rights "sql-rights" "the user may not do what is needed"
        "Let the user make tables, and read, write and delete in them: `GRANT ALL` on the database or its schema.";
    READ_ONLY ReadOnly "sql-read-only" "it can only be read"
        "Name a primary server, or make the file and its directory writable for the program's user.";
    FULL Full "sql-full" "it has no room left"
        "Make room; `obs sql cleanup --older-than 30d` removes old records, `OBS_SQL_AGE_MAX` does so by itself.";
    BUSY Busy "sql-busy" "it has as many connections as it takes"
        "Let it take more; each run of a program needs one.";
    LOCKED Locked "sql-locked" "somebody else holds a lock"
        "End what holds it: a transaction that was left open, a backup, another program's exclusive lock.";
    NEWER Newer "sql-newer" "its tables are newer than this build knows"
        "Use a newer build of the program, or another database.";
}

fn run(subject: &Subject) -> Vec<Finding> {
    let Some(options) = SqlOptions::from_settings(&subject.settings) else {
        return vec![Finding::new(&OFF, "no database is set")];
    };
    match probe(&options, subject.timeout) {
        Ok(steps) => {
            let mut finding = Finding::new(&FINE, format!("records are kept in {}", options.url));
            finding.seen = steps;
            vec![finding]
        }
        Err(error) => vec![finding(subject, &options, &error)],
    }
}

fn finding(subject: &Subject, options: &SqlOptions, error: &SqlError) -> Finding {
    let (kind, words, remedy) = of(error.kind());
    let what = format!("nothing is kept in {}: {words}", options.url);
    let finding = Finding::new(kind, what).seen(error.message()).remedy(remedy);
    // A file that can be had for the asking is offered.
    let has_file = options.url.kind() == SqlKind::Sqlite && error.kind() == SqlErrorKind::File;
    match subject.root().filter(|_| has_file) {
        Some(root) => {
            let file = existing(&root).join("logs.db");
            finding.export("OBS_SQL_URL", format!("sqlite://{}", file.display()))
        }
        None => finding,
    }
}
