use obs_macros::traced;

#[traced]
fn unreachable() {}

fn main() {}
