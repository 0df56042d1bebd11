//! What needs its reason written above it.

use super::super::source::Source;
use crate::finding::Finding;

pub(crate) fn safety(source: &Source) -> Vec<Finding> {
    let pairs = source.tokens.windows(2).filter(|pair| pair[0].text == "unsafe");
    let guarded = pairs.filter(|pair| matches!(pair[1].text.as_str(), "{" | "impl"));
    let lines = guarded.map(|pair| pair[0].line);
    lines
        .filter(|line| !source.comment_above(*line).contains("SAFETY:"))
        .map(|line| source.finding(line, "unsafe without a SAFETY comment above it", "safety"))
        .collect()
}

pub(crate) fn ordering(source: &Source) -> Vec<Finding> {
    let tokens = source.tokens.iter().filter(|token| token.text == "SeqCst");
    let lines = tokens.map(|token| token.line);
    lines
        .filter(|line| source.comment_above(*line).is_empty())
        .map(|line| source.finding(line, "SeqCst without a comment above it on why", "ordering"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::source::tests::judge;
    use super::{ordering, safety};

    #[test]
    fn an_unsafe_block_has_its_proof_above() {
        let proven = [
            "fn a() {\n // SAFETY: b.\n unsafe { b() }\n}",
            "fn a() {\n // SAFETY: b\n // and c.\n let d =\n unsafe { b() };\n}",
            "// SAFETY: b.\nunsafe impl Send for A {}",
            "unsafe fn a() {}",
        ];
        for text in proven {
            assert_eq!(judge(safety, text), [""; 0], "{text}");
        }
        let bare = [
            "fn a() {\n b();\n unsafe { b() }\n}",
            "fn a() {\n // b is fine.\n unsafe { b() }\n}",
            "fn a() {\n // SAFETY: b.\n unsafe { b(); }\n}\nfn c() { d!(unsafe { b() }) }",
            "\n\nunsafe impl Send for A {}",
        ];
        for (text, line) in bare.iter().zip([3, 3, 5, 3]) {
            let expected = format!("{line}: unsafe without a SAFETY comment above it (safety)");
            assert_eq!(judge(safety, text), [expected], "{text}");
        }
    }

    #[test]
    fn the_strongest_ordering_has_its_reason_above() {
        let why = "fn a() {\n // ordering: one total order with b.\n c.load(\n  SeqCst,\n );\n}";
        assert_eq!(judge(ordering, why), [""; 0]);
        let bare = "fn a() {\n b();\n c.load(Ordering::SeqCst);\n}";
        assert_eq!(
            judge(ordering, bare),
            ["3: SeqCst without a comment above it on why (ordering)"]
        );
        assert_eq!(judge(ordering, "fn a() { b.load(Ordering::Acquire); }"), [""; 0]);
    }
}
