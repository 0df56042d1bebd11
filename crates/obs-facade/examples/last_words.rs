//! What a program says right before its end is on the terminal: before an exit, and before a panic, also in a program
//! that aborts on panic.
//!
//! `cargo run -p obs-facade --example last_words -- --panic`
#![forbid(unsafe_code)]
use tracing::{error, info};

fn main() -> Result<(), obs::InitError> {
    let _run = obs::init("last-words")?;
    info!("before the end");
    if std::env::args().any(|argument| argument == "--panic") {
        panic!("last words");
    }
    error!("last words");
    std::process::exit(0)
}
