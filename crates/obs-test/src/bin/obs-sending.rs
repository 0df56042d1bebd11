//! `obs-sending [--records N] [--seconds N] [--rate N] [--protocols all|alternate] [--root DIR]`: has programs send
//! what they record by every way, and through every fault, and prints one JSON object. Fails unless everything
//! arrives as it was made, or is counted; what it says of the programs' events, without and with a fault, is for
//! people to judge.
#![forbid(unsafe_code)]

use obs_test::options::{Options, end, exit};
use obs_test::sending::{FAULTS, Faulty, Load, WAYS, Went, endure, go, live, make};
use serde::Serialize;
use std::process::ExitCode;
use std::time::Duration;

const NAME: &str = "obs-sending";
const KNOWN: [&str; 5] = ["--records", "--seconds", "--rate", "--protocols", "--root"];
const PROTOCOLS: [&str; 2] = ["http/protobuf", "grpc"];

#[derive(Debug, Default, Serialize)]
struct Verdict {
    ways: Vec<Went>,
    faults: Vec<Faulty>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse().unwrap_or(1);
    match given.as_slice() {
        ["make", root, count] => exit(NAME, make(root.as_ref(), number(count))),
        ["live", root, rate, phases] => {
            let (spans_per_s, phases) = (number(rate), number(phases) as usize);
            exit(NAME, live(&Load { root: root.into(), spans_per_s, phases }))
        }
        options => exit(NAME, command(options)),
    }
}

fn command(arguments: &[&str]) -> Result<(), String> {
    let options = Options::read(NAME, &KNOWN, arguments)?;
    let root = options.root();
    let records = options.number("--records", 100_000)?;
    let length = Duration::from_secs(options.number("--seconds", 30)?);
    let rate = options.number("--rate", 500)?;
    let is_all = options.value("--protocols") != Some("alternate");
    let broken = |error: std::io::Error| format!("cannot go on, see {}: {error}", root.display());
    let mut verdict = Verdict::default();
    for (number, way) in WAYS.into_iter().enumerate() {
        let went = go(way, records, &root.join(format!("way-{number}"))).map_err(broken)?;
        verdict.ways.push(went);
    }
    for (number, fault) in FAULTS.into_iter().enumerate() {
        for (at, protocol) in PROTOCOLS.into_iter().enumerate() {
            if is_all || number % PROTOCOLS.len() == at {
                let root = root.join(format!("fault-{number}-{at}"));
                let faulty = endure((fault, protocol), rate, length, &root).map_err(broken)?;
                verdict.faults.push(faulty);
            }
        }
    }
    let is_good =
        verdict.ways.iter().all(Went::is_good) && verdict.faults.iter().all(Faulty::is_good);
    end(&verdict, is_good, &root)
}
