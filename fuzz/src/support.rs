//! `support.json` and `SHA256SUMS`, as they stand in a bundle.
use crate::{bundle, golden, mode};
use obs_bundle::Manifest;

/// The time and date of the entries of the golden bundle.
fn stamp() -> [u8; 4] {
    golden::BUNDLE.get(10..14).and_then(<[u8]>::first_chunk).copied().unwrap_or_default()
}

/// Puts the bytes into a bundle whose headers are right: in place of `support.json`, of `SHA256SUMS`, or of both,
/// parted by a zero byte.
///
/// # Panics
///
/// When the bundle is taken for whole although one of them is not what it was.
pub fn check(bytes: &[u8]) {
    let (mode, rest) = mode(bytes);
    let parts = || rest.split_at(rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len()));
    let (support, sums) = match mode % 3 {
        0 => (rest, golden::SUMS),
        1 => (golden::SUPPORT, rest),
        _ => (parts().0, parts().1.get(1..).unwrap_or_default()),
    };
    let report = bundle::judge(&archive(&[("support.json", support), ("SHA256SUMS", sums)]));
    assert!(!report.to_string().contains('\u{1b}'), "safe for a terminal");
    let Ok(manifest) = serde_json::from_slice::<Manifest>(support) else {
        assert!(!report.is_whole(), "whole without a description");
        return;
    };
    assert!(!report.is_whole() || manifest.files.is_empty(), "files that are not there");
    let text = serde_json::to_vec(&manifest).expect("a value in memory");
    let again: Manifest = serde_json::from_slice(&text).expect("what was written can be read");
    assert_eq!(again, manifest);
}

/// An archive of these entries, none of them packed.
#[must_use]
pub fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let offset = out.len() as u32;
        let length = (content.len() as u32).to_le_bytes();
        let mut shared = vec![10, 0, 0, 0, 0, 0];
        shared.extend(stamp());
        shared.extend(crc32(content).to_le_bytes());
        shared.extend([length, length].concat());
        shared.extend((name.len() as u16).to_le_bytes());
        shared.extend([0, 0]);
        out.extend([b"PK\x03\x04", shared.as_slice(), name.as_bytes(), content].concat());
        directory.extend([b"PK\x01\x02\x0a\x03", shared.as_slice(), &[0; 6]].concat());
        directory.extend((0o100_600_u32 << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (start, length) = (out.len() as u32, directory.len() as u32);
    out.extend(directory);
    let count = (entries.len() as u16).to_le_bytes();
    out.extend([b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count].concat());
    out.extend([length.to_le_bytes(), start.to_le_bytes()].concat());
    out.extend([0, 0]);
    out
}

/// The checksum of zip archives: CRC-32 of IEEE 802.3, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    !bytes.iter().fold(!0, byte)
}
