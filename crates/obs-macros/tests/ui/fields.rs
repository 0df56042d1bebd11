use obs_macros::traced;

#[traced(fields(row_count))]
fn not_an_argument(_rows: &[u8]) {}

#[traced(fields(%self))]
fn no_receiver(_rows: &[u8]) {}

#[traced(fields(_rows.len()))]
fn no_name(_rows: &[u8]) {}

#[traced(fields(?rows = _rows))]
fn sigil_before_the_name(_rows: &[u8]) {}

#[traced(fields)]
fn no_list(_rows: &[u8]) {}

#[traced(fields(rows =))]
fn no_value(_rows: &[u8]) {}

#[traced(fields(5))]
fn no_field(_rows: &[u8]) {}

fn main() {}
