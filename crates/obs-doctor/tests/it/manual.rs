//! The table of findings, and the manual that is made from it.
use std::path::Path;

#[test]
fn the_manual_has_the_table_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/doctor.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- table: begin -->\n", "<!-- table: end -->\n");
    let (before, rest) = page.split_once(begin).unwrap();
    let (_, behind) = rest.split_once(end).unwrap();
    let right = [before, begin, &obs_doctor::table_markdown(), end, behind].concat();
    #[expect(clippy::disallowed_methods, reason = "asks whether to rewrite the page, sets nothing")]
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, right).unwrap();
        return;
    }
    assert!(
        page == right,
        "docs/doctor.md has another table than the code; run UPDATE_DOCS=1 cargo test -p obs-doctor"
    );
}
