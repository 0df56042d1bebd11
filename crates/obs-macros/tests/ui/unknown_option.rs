use obs_macros::traced;

#[traced(skip(_password))]
fn skips(_password: &str) {}

#[traced(_user_id)]
fn names_an_argument(_user_id: u64) {}

#[traced(err(verbose))]
fn asks_err() -> Result<(), String> {
    Ok(())
}

#[traced(5)]
fn gives_a_number() {}

#[traced(name = 5)]
fn names_with_a_number() {}

#[traced(level = "loud")]
fn levels_with_a_text() {}

#[traced(level = loud)]
fn levels_with_a_word() {}

#[traced(err = "no")]
fn switches_with_a_text() -> Result<(), String> {
    Ok(())
}

fn main() {}
