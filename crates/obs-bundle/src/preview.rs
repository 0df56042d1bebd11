//! What a bundle would hold, before anything is written.
use crate::choice;
use crate::error::BundleError;
use crate::fill::{Collected, Filled, fill};
use crate::manifest::Manifest;
use crate::options::Options;
use crate::run::Run;
use crate::watched::Watched;
use crate::write::now;
use obs_core::io::IoFile;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

/// A bundle that was made up and thrown away.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Preview {
    /// The bytes that it would have.
    pub size: u64,
    /// What its `support.json` would say.
    pub manifest: Manifest,
    /// Who was asked for files, as in [`crate::Bundle`].
    pub collected: Vec<Collected>,
}

/// Tells what [`crate::write()`] would put into a bundle with the same options: all of it is read, chosen, cut,
/// deflated and described by the same code, and nothing is written. For a run that has ended it is the same to the
/// byte.
///
/// # Errors
///
/// Those of [`crate::write()`], but those of the output.
pub fn preview(run_directory: &Path, options: &Options) -> Result<Preview, BundleError> {
    choice::check(&options.include, &options.exclude)?;
    let run = Arc::new(Run::open(Arc::clone(&options.io), run_directory)?);
    let time = run.ended_at().unwrap_or_else(|| now(options));
    let file = Box::new(Nowhere::default());
    let file = Box::new(Watched { file, cancel: options.cancel.clone() });
    let filled =
        fill(&run, options, file, time).map_err(|error| error.if_ended(&options.cancel))?;
    let Filled { manifest, collected, size, .. } = filled;
    Ok(Preview { size, manifest, collected })
}

/// A file that forgets all but its length.
#[derive(Debug, Default)]
struct Nowhere {
    length: u64,
}

impl IoFile for Nowhere {
    fn read_at(&mut self, _: u64, _: &mut [u8]) -> io::Result<usize> {
        Err(ErrorKind::Unsupported.into())
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        self.length = self.length.max(offset + bytes.len() as u64);
        Ok(bytes.len())
    }

    fn length(&mut self) -> io::Result<u64> {
        Ok(self.length)
    }

    fn set_length(&mut self, length: u64) -> io::Result<()> {
        self.length = length;
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}
