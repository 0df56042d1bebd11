//! FORMAT.md against what is there: each format has its golden file, fuzz target and modules.
use fuzz::TARGETS;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The rows of the overview: the cells of each line of the first table.
fn rows() -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(root().join("FORMAT.md")).unwrap();
    let lines = text.lines().skip_while(|line| !line.starts_with('|'));
    let rows = lines.take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

/// The words in backquotes of a cell.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_golden_file_target_and_module_that_is_named_is_there() {
    let rows = rows();
    assert!(rows.len() > 12, "{} formats", rows.len());
    let (mut goldens, mut targets) = (BTreeSet::new(), BTreeSet::new());
    for row in &rows {
        let [format, _, version, golden, target, modules] = row.as_slice() else {
            panic!("six cells: {row:?}")
        };
        assert!(!version.is_empty() && !format.is_empty(), "{row:?}");
        let named: Vec<String> = quoted(golden);
        assert!(!named.is_empty() || golden == "–", "{format} has no golden file");
        goldens.extend(named);
        let named = quoted(target);
        assert!(!named.is_empty() || target == "–", "{format} has no fuzz target");
        targets.extend(named);
        for module in quoted(modules) {
            let path = root().join("crates").join(&module);
            assert!(path.exists(), "{format}: there is no {}", path.display());
        }
    }
    let there: BTreeSet<String> = std::fs::read_dir(root().join("fuzz/golden"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(goldens, there, "golden files");
    let known: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(targets, known, "fuzz targets");
}
