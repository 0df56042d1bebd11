//! What the compiler says to a wrong `#[traced]`.

#[test]
fn misuse_is_refused_where_it_stands_with_what_to_write_instead() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
