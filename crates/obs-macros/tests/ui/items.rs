use obs_macros::traced;

#[traced]
struct Row;

#[traced]
const fn constant() {}

struct Table;

#[traced]
impl Table {
    fn rows(&self) {}
}

// SAFETY: a table without fields.
#[traced]
unsafe impl Send for Table {}

trait Rows {
    #[traced]
    fn rows(&self);
}

#[traced]
const ROWS: usize = 1;

fn main() {}
