use obs_macros::traced;

#[traced(level = "info", name = "a", level = "debug")]
fn levels() {}

#[traced("a", name = "b")]
fn names() {}

#[traced(fields(_id, _id = 5))]
fn fields(_id: u32) {}

#[traced(ret(Debug, Display))]
fn formats() -> u8 {
    1
}

fn main() {}
