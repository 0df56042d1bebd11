//! What clean text costs in allocations: none.

use obs_core::redact::{JsonLines, Redactor};
use std::borrow::Cow;

#[test]
fn text_without_a_secret_is_passed_without_an_allocation() {
    let redactor = Redactor::new();
    let line =
        "took 12 ms, max_tokens=4096, key not found, see https://docs.example/token?page=2\n";
    let texts = [line.to_owned(), line.repeat(10_000), "password must be set".to_owned()];
    let json =
        serde_json::json!({"a": line, "max_tokens": 7, "list": [1, "two", null]}).to_string();
    let mut lines = JsonLines::new(&redactor);
    assert!(matches!(lines.redact(&json), Cow::Borrowed(_)));
    let one = allocation_counter::measure(|| drop(std::hint::black_box(Box::new(0))));
    assert_eq!(one.count_total, 1, "whoever counts sees them");
    let counted = allocation_counter::measure(|| {
        for text in &texts {
            assert!(matches!(redactor.redact(text), Cow::Borrowed(_)));
        }
    });
    assert_eq!(counted.count_total, 0, "{counted:?}");
    let counted = allocation_counter::measure(|| {
        assert!(matches!(lines.redact(&json), Cow::Borrowed(_)));
    });
    assert!(counted.count_total <= 8, "what is open, and what a string stands for: {counted:?}");
}
