//! Files in memory, so that many can be verified.
use obs_bundle::{Report, verify_file};
use obs_core::io::IoFile;
use std::io::{self, ErrorKind, Read};

#[derive(Debug)]
struct Bytes<'a>(&'a [u8]);

impl IoFile for Bytes<'_> {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let from = usize::try_from(offset).map_or(self.0.len(), |at| at.min(self.0.len()));
        (&self.0[from..]).read(buffer)
    }

    fn write_at(&mut self, _: u64, _: &[u8]) -> io::Result<usize> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn length(&mut self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn set_length(&mut self, _: u64) -> io::Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What verifying says of a bundle of these bytes.
pub(crate) fn judge(bytes: &[u8]) -> Report {
    verify_file(&mut Bytes(bytes), &Default::default()).unwrap()
}
