//! `obs doctor` and databases that cannot be used.
use crate::doctor::{Sign, Vars, doctor, finding, lines, named_and_remedied, told};
use crate::support::{Dir, text};
use obs_databases::{Product, Server, USER};

const URL: &str = "OBS_SQL_URL";
/// A busy machine takes its time.
const PATIENT: [&str; 3] = ["--json", "--timeout", "30s"];

fn at(dir: &Dir, file: &str) -> String {
    format!("sqlite://{}", dir.path(file).display())
}

#[test]
fn a_file_that_can_be_used_is_well_and_is_not_made() {
    let dir = Dir::new();
    let vars = Vars::new(&[(URL, &at(&dir, "logs.db"))]);
    let told = told(&doctor(&dir, &vars, &PATIENT));
    let found = finding(&told, "sql").unwrap();
    assert_eq!(text(found, "severity"), "ok");
    assert!(lines(found, "seen").contains("the first program that writes makes"), "{found:#}");
    assert!(!dir.path("logs.db").exists());
    assert!(
        finding(&crate::doctor::told(&doctor(&dir, &Vars::default(), &PATIENT)), "sql-off")
            .is_some()
    );
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let dir = Dir::new();
    let good = at(&dir, "good.db");
    std::fs::write(dir.path("text"), "this is text, and no database\n".repeat(100)).unwrap();
    std::fs::write(dir.path("empty"), "").unwrap();
    for (file, id, seen, remedy) in [
        ("", "sql-file", "is a directory; name a file in it", "export OBS_SQL_URL="),
        ("none/logs.db", "sql-file", "No such file or directory", "export OBS_SQL_URL="),
        ("text", "sql-no-database", "file is not a database", "a file must be one of SQLite's"),
        ("empty?mode=ro", "sql-read-only", "readonly database", "writable for the program's user"),
    ] {
        let vars = Vars::new(&[(URL, &at(&dir, file))]);
        let further: &[(&str, &str)] = if id == "sql-file" { &[] } else { &[(URL, &good)] };
        named_and_remedied(&dir, &vars, &Sign { id, seen, remedy }, further);
    }
}

#[test]
fn servers_that_cannot_be_used_are_named_without_the_password() {
    let dir = Dir::new();
    for product in Product::ALL {
        let Some(server) = Server::start(product).unwrap() else {
            println!("{product} is not installed: what is found out of it was not looked at");
            continue;
        };
        server.create("logs").unwrap();
        let good = server.url("logs");
        let well = told(&doctor(&dir, &Vars::new(&[(URL, &good)]), &PATIENT));
        assert_eq!(text(finding(&well, "sql").unwrap(), "severity"), "ok", "{well:#}");
        let port = format!(":{}/", server.port());
        let nobody = format!("{}://{USER}:s3cret-word@name.invalid/logs", product.scheme());
        let wrong = good.replace(obs_databases::PASSWORD, "s3cret-word");
        let (none, refused) = (server.url("none"), wrong.replace(&port, ":1/"));
        for (url, id, seen, remedy) in [
            (&wrong, "sql-password", USER, "Correct user and password"),
            (&none, "sql-no-database", "none", "Make the database"),
            (&refused, "sql-refused", "refused", "Start the database"),
            (&nobody, "sql-name", "lookup address", "getent hosts"),
        ] {
            let vars = Vars::new(&[(URL, url)]);
            let told = named_and_remedied(&dir, &vars, &Sign { id, seen, remedy }, &[(URL, &good)]);
            let all = doctor(&dir, &vars, &[]).out;
            for secret in ["s3cret-word", obs_databases::PASSWORD] {
                assert!(!format!("{told} {all}").contains(secret), "{told} {all}");
            }
        }
    }
}
