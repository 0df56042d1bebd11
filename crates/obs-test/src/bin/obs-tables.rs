//! `obs-tables [--records N] [--kills N] [--lock SECONDS] [--seed N] [--databases all|sqlite] [--mandatory yes]
//! [--root DIR]`: has programs write to SQLite, PostgreSQL and MariaDB, as far as they are installed, kills them and
//! the servers, and prints one JSON object. Fails unless every record is there once, and as it was made.
#![forbid(unsafe_code)]

use obs_databases::Product;
use obs_test::options::{Options, end, exit, report};
use obs_test::tables::{Place, Went, content, endure, flood, kill, make, together};
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

const NAME: &str = "obs-tables";
const KNOWN: [&str; 7] =
    ["--records", "--kills", "--lock", "--seed", "--databases", "--mandatory", "--root"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse().unwrap_or(1);
    match given.as_slice() {
        ["make", root, records] => exit(NAME, make(root.as_ref(), number(records))),
        ["flood", root, per_ms] => exit(NAME, flood(root.as_ref(), number(per_ms))),
        options => exit(NAME, command(options)),
    }
}

fn command(arguments: &[&str]) -> Result<(), String> {
    let options = Options::read(NAME, &KNOWN, arguments)?;
    let root = options.root();
    let broken = |error: io::Error| format!("cannot go on, see {}: {error}", root.display());
    let mut places = vec![("SQLite".to_owned(), Place::file(&root).map_err(broken)?)];
    if options.value("--databases") != Some("sqlite") {
        for product in Product::ALL {
            places.push((product.to_string(), Place::server(product).map_err(broken)?));
        }
    }
    let mut all = Vec::new();
    for (name, place) in places {
        match place {
            Some(mut place) => {
                all.push(judge(&mut place, &options, &root.join(&name)).map_err(broken)?);
            }
            None if options.value("--mandatory").is_some() => {
                return Err(format!("{name}, or its client, is not installed"));
            }
            None => report(&format!("{name}, or its client, is not installed: it is not tested")),
        }
    }
    std::fs::create_dir_all(&root).map_err(broken)?;
    let is_good = all.iter().all(Went::is_good);
    end(&all, is_good, &root)
}

fn judge(place: &mut Place, options: &Options<'_>, root: &Path) -> io::Result<Went> {
    let number = |name, default| options.number(name, default).map_err(io::Error::other);
    let (records, kills) = (number("--records", 1_000_000)?, number("--kills", 100)?);
    let (lock, seed) = (Duration::from_secs(number("--lock", 60)?), number("--seed", 1)?);
    place.renew("content")?;
    let content = content(place, records, &root.join("content"))?;
    place.renew("together")?;
    let together = together(place, &root.join("together"))?;
    place.renew("kills")?;
    let kills = kill(place, kills, seed, &root.join("kills"))?;
    place.renew("faults")?;
    let faults = endure(place, lock, &root.join("faults"))?;
    Ok(Went { database: place.name(), content, together, kills, faults })
}
