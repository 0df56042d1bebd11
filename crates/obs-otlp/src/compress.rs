//! Bodies of HTTP requests, compressed.
use flate2::write::GzEncoder;
use obs_core::settings::Compression;
use std::io::{self, Write};

/// What the header says of a body that is compressed so.
pub(crate) fn encoding(compression: Compression) -> Option<&'static str> {
    match compression {
        Compression::Gzip => Some("gzip"),
        Compression::Zstd => Some("zstd"),
        _ => None,
    }
}

/// Appends the compressed body.
pub(crate) fn compress(compression: Compression, body: &[u8], to: &mut Vec<u8>) -> io::Result<()> {
    match compression {
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(to, flate2::Compression::fast());
            encoder.write_all(body)?;
            encoder.finish().map(drop)
        }
        Compression::Zstd => zstd::stream::copy_encode(body, to, zstd::DEFAULT_COMPRESSION_LEVEL),
        _ => to.write_all(body),
    }
}
