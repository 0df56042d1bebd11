//! Files that the program declared to belong to the run.
use super::lines::{add, go_on};
use super::unreadable;
use crate::collect::{Files, NewFile};
use crate::error::BundleError;
use crate::manifest::Why;
use crate::names::{Taken, plain_part};
use crate::options::{Artifact, Options};
use crate::remote::{Added, Remote, Source};
use crate::run::Run;
use obs_core::Value;
use obs_core::record::{Fact, Fields};
use obs_recorder::journal::{Fill, Reader};
use std::collections::HashSet;
use std::io::{self, ErrorKind};
use std::sync::Arc;

/// Artefacts beyond these are only counted.
const ARTIFACTS_MAX: usize = 4_096;

/// The artefacts that the journal names, and those of the options.
#[derive(Debug)]
pub(super) struct Artifacts {
    pub(super) run: Arc<Run>,
    pub(super) options: Arc<Options>,
}

/// What was declared, each once, in the order in which it was declared first.
#[derive(Debug, Default)]
struct Declared {
    artifacts: Vec<Artifact>,
    known: HashSet<Artifact>,
    beyond: u64,
}

impl Declared {
    fn add(&mut self, artifact: Artifact) {
        if self.known.contains(&artifact) {
            return;
        }
        if self.artifacts.len() >= ARTIFACTS_MAX {
            self.beyond += 1;
            return;
        }
        self.known.insert(artifact.clone());
        self.artifacts.push(artifact);
    }

    fn add_fact(&mut self, fields: Fields<'_>) {
        let text = |name| match fields.value(name) {
            Some(Value::Text(text)) if text.original_bytes.is_none() => Some(text.text),
            _ => None,
        };
        if let Some(path) = text("path") {
            self.add(Artifact::new(path, text("role").unwrap_or("artifact")));
        }
    }

    fn read(&mut self, run: &Run) -> io::Result<()> {
        let Some(id) = run.id() else {
            let why = "the run's id is in neither run.json nor the directory's name";
            return Err(io::Error::new(ErrorKind::NotFound, why));
        };
        let mut reader = Reader::new(Arc::clone(&run.io), Some(run.directory.journal()), id, None);
        while reader.fill(u64::MAX)? == Fill::Some {
            while let Some(record) = reader.next() {
                if let Fact::Artifact(fields) = record.fact {
                    self.add_fact(fields);
                }
            }
        }
        Ok(())
    }
}

impl Source for Artifacts {
    fn name(&self) -> &str {
        "artifacts"
    }

    fn collect(&self, files: &mut Remote) -> Result<(), BundleError> {
        let mut declared = Declared::default();
        let journal = declared.read(&self.run);
        self.options.artifacts.iter().cloned().for_each(|artifact| declared.add(artifact));
        let mut room = self.options.artifacts_bytes_max;
        let mut taken = Taken::default();
        for artifact in &declared.artifacts {
            match self.add(artifact, &mut taken, room, files) {
                Ok(bytes) => room -= bytes,
                Err(error) => {
                    go_on(Err(error), files)?;
                }
            }
        }
        if declared.beyond > 0 {
            files.missing(format!("{} more than {ARTIFACTS_MAX} artefacts", declared.beyond));
        }
        journal.map_err(|error| unreadable("the journal for artefacts", error))
    }
}

impl Artifacts {
    /// Adds one artefact and returns its size.
    fn add(
        &self,
        artifact: &Artifact,
        taken: &mut Taken,
        room: u64,
        files: &mut Remote,
    ) -> Result<u64, BundleError> {
        let path = self.run.directory.path().join(&artifact.path);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = format!("artifacts/{}", plain_part(&artifact.role));
        let inside = taken.take_free(&folder, &plain_part(&name));
        if let Some(inside) = inside.as_ref().filter(|inside| !self.options.wants(inside)) {
            files.leave_out(inside, Why::Excluded);
            return Ok(0);
        }
        let shown = || format!("{} \"{}\"", artifact.role, artifact.path.display());
        let snapshot = self.run.open_file(&path).map_err(|error| unreadable(&shown(), error))?;
        let bytes = snapshot.length();
        let own_max = self.options.artifact_bytes_max;
        for (max, what) in [(own_max, "one artefact may have"), (room, "are left for artefacts")] {
            if bytes > max {
                let why = format!("its {bytes} bytes are more than the {max} that {what}");
                return Err(unreadable(&shown(), why));
            }
        }
        let inside = inside.ok_or_else(|| unreadable(&shown(), "no name is free for it"))?;
        let mut file = NewFile::new(inside, artifact.role.clone());
        file.source = Some(artifact.path.display().to_string());
        Ok(match add(file, snapshot, files)? {
            Added::Not | Added::NoRoom => 0,
            _ => bytes,
        })
    }
}
