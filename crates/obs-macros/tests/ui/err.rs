use obs_macros::traced;

#[traced(err)]
fn returns_nothing() {}

#[traced(err(level = "warn"))]
async fn returns_nothing_later() {}

#[traced(err = true)]
fn never_returns() -> ! {
    loop {}
}

fn main() {}
