//! The file of a bundle, which takes no more once the bundle is given up.
use crate::cancel::Cancel;
use obs_core::io::IoFile;
use std::io;

/// A file whose operations fail once nothing is to stay, so that all that is under way ends soon.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) file: Box<dyn IoFile>,
    pub(crate) cancel: Cancel,
}

impl IoFile for Watched {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.cancel.check()?;
        self.file.read_at(offset, buffer)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        self.cancel.check()?;
        self.file.write_at(offset, bytes)
    }

    fn length(&mut self) -> io::Result<u64> {
        self.file.length()
    }

    fn set_length(&mut self, length: u64) -> io::Result<()> {
        self.file.set_length(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.cancel.check()?;
        self.file.sync()
    }
}
