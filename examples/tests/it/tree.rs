//! A small tree of sources.
use std::fs::{File, Permissions, create_dir_all, read, set_permissions, write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The UTF-8 files below `root`: path, crate, lines, words and bytes of the longest line.
pub(crate) const TEXTS: &[(&str, Option<&str>, u64, u64, u64)] = &[
    ("README.md", None, 2, 5, 13),
    ("alpha-1.0.0/Cargo.toml", Some("alpha-1.0.0"), 1, 1, 9),
    ("alpha-1.0.0/src/empty.rs", Some("alpha-1.0.0"), 0, 0, 0),
    ("alpha-1.0.0/src/größe \"x\"\u{202e}.rs", Some("alpha-1.0.0"), 3, 6, 14),
    ("beta-2.0.0/Cargo.toml", Some("beta-2.0.0"), 1, 1, 9),
    ("beta-2.0.0/日本/語\n.rs", Some("beta-2.0.0"), 1, 2, 8),
];

/// The file that is not UTF-8.
pub(crate) const NOT_TEXT: &str = "beta-2.0.0/noise.bin";
/// The file that may not be read.
pub(crate) const UNREADABLE: &str = "beta-2.0.0/secret.rs";
/// The file that is too large.
pub(crate) const TOO_LARGE: &str = "large.txt";

/// Makes the tree. Whether the unreadable file can be read after all, as by root.
pub(crate) fn make(root: &Path) -> bool {
    let texts = [
        "# Two\nlines of text",
        "[package]",
        "",
        "fn größe() {\n    let a;\r\n}\n",
        "[package]",
        "fn a()\u{a0}",
    ];
    for ((path, ..), text) in TEXTS.iter().zip(texts) {
        put(root, path, text.as_bytes());
    }
    put(root, NOT_TEXT, b"good until \xff here");
    File::create(root.join(TOO_LARGE)).unwrap().set_len(9 << 20).unwrap();
    put(root, "beta-2.0.0/.git/config", b"not walked");
    put(root, "target/CACHEDIR.TAG", b"not walked");
    put(root, UNREADABLE, b"fn secret() {}");
    let unreadable = root.join(UNREADABLE);
    set_permissions(&unreadable, Permissions::from_mode(0o0)).unwrap();
    read(unreadable).is_ok()
}

/// Makes `count` files of one line.
pub(crate) fn make_many(root: &Path, count: usize) {
    (0..count).for_each(|number| put(root, &format!("many-0.1.0/{number}.rs"), b"mod a;\n"));
    put(root, "many-0.1.0/Cargo.toml", b"[package]\n");
}

fn put(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path);
    create_dir_all(path.parent().unwrap()).unwrap();
    write(path, bytes).unwrap();
}
