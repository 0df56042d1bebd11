//! Dying in the middle of it all.
use crate::{command, progress};
use anyhow::Context as _;
use rustix::process::{Signal, getpid, kill_process};
use std::error::Error;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

/// A SIGKILL to come.
#[derive(Debug)]
pub(crate) struct Crash {
    after_files: usize,
    files: usize,
    directory: PathBuf,
}

impl Crash {
    /// When half of `files` are done.
    pub(crate) fn half_way(files: usize, directory: Option<&Path>) -> anyhow::Result<Self> {
        let directory = directory.context("a run without a directory leaves nothing to recover")?;
        Ok(Self { after_files: files.div_ceil(2), files, directory: directory.to_owned() })
    }

    /// Kills this process if it is time, and says before how to see what it was doing.
    pub(crate) fn strike(&self, done: usize) {
        if done != self.after_files {
            return;
        }
        let Self { files, directory, .. } = self;
        let recover = command::obs(&["recover"], directory);
        progress::say("");
        let said = stdout().write_all(
            format!(
                "run       {}\n\
                 killed    by itself, with {done} of {files} files done; what it was doing:\n\n\
                 \x20         {recover}\n",
                directory.display()
            )
            .as_bytes(),
        );
        let killed = said.and_then(|()| stdout().flush()).map_err(anyhow::Error::from);
        if let Err(error) = killed.and_then(|()| Ok(kill_process(getpid(), Signal::KILL)?)) {
            let error: &(dyn Error + 'static) = error.as_ref();
            tracing::error!(error, "cannot kill this process");
        }
    }
}
