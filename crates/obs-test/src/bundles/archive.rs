//! What is in a zip file, read from its first byte on and with nothing of what wrote it.
use flate2::read::DeflateDecoder;
use std::io::{self, ErrorKind, Read};

const HEADER_BYTES: usize = 30;

/// Calls `take` with name and bytes of each entry. For entries below 4 GiB whose sizes stand in front of them.
pub(crate) fn each(bytes: &[u8], mut take: impl FnMut(&str, &[u8])) -> io::Result<()> {
    let mut rest = bytes;
    while let Some((header, behind)) = rest.split_at_checked(HEADER_BYTES) {
        if !header.starts_with(b"PK\x03\x04") {
            break;
        }
        let number = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        let wide = |at: usize| u32::from(number(at)) | u32::from(number(at + 2)) << 16;
        let cut = || io::Error::from(ErrorKind::UnexpectedEof);
        let (name, behind) = behind.split_at_checked(number(26).into()).ok_or_else(cut)?;
        let (_, behind) = behind.split_at_checked(number(28).into()).ok_or_else(cut)?;
        let (packed, behind) = behind.split_at_checked(wide(18) as usize).ok_or_else(cut)?;
        let mut content = Vec::new();
        match number(8) {
            8 => _ = DeflateDecoder::new(packed).read_to_end(&mut content)?,
            _ => content.extend_from_slice(packed),
        }
        take(&String::from_utf8_lossy(name), &content);
        rest = behind;
    }
    Ok(())
}
