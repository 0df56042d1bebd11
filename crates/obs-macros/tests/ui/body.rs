#[path = "../it/facade.rs"]
mod facade;

use obs_macros::traced;

struct Plain;

#[traced(crate = crate::facade)]
fn plain() -> u32 {
    "text"
}

#[traced(crate = crate::facade)]
fn fallible() -> Result<u32, String> {
    "text"
}

#[traced(crate = crate::facade)]
async fn later() -> Result<u32, String> {
    let number: u32 = "text";
    number
}

#[traced(crate = crate::facade)]
async fn converts() -> Result<u32, std::num::ParseIntError> {
    let file = std::fs::File::open("x")?;
    Ok(1)
}

#[traced(crate = crate::facade, fields(plain))]
fn records(plain: Plain) {}

#[traced(crate = crate::facade, err)]
fn no_result() -> u32 {
    1
}

fn main() {}
