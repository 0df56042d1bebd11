//! `env.json`: collected beside the program, and written again when the program adds a section.
use obs_bundle::{Environment, Given, Probe, environment};
use obs_core::Settings;
use obs_core::io::{Disk, replace};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The environment of a run, on its way to its file.
#[derive(Debug)]
pub(crate) struct EnvironmentFile {
    shared: Arc<Shared>,
    collected: Mutex<Receiver<()>>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Missing while it is being collected.
    environment: Option<Environment>,
    /// Sections that came before that.
    sections: BTreeMap<String, Value>,
    error: Option<String>,
}

impl EnvironmentFile {
    /// Starts to collect. Asking a graphics card can take seconds, so a thread of its own does it.
    pub(crate) fn collect(
        path: PathBuf,
        settings: Settings,
        ring_place: String,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared { path, state: Mutex::default() });
        let for_thread = Arc::clone(&shared);
        let (tell, collected) = mpsc::sync_channel(1);
        thread::Builder::new().name("obs-env".into()).spawn(move || {
            let mut given = Given::default();
            given.settings = Some(&settings);
            given.ring_place = ring_place;
            given.tick_source = format!("{:?}", obs_recorder::SystemClock::new().source);
            for_thread.take(environment(&Probe::default(), &given));
            let told = tell.try_send(());
            debug_assert!(told != Err(TrySendError::Full(())), "it is told once");
        })?;
        Ok(Self { shared, collected: Mutex::new(collected) })
    }

    /// Adds a section, or replaces it, and writes the file if the rest is there already.
    pub(crate) fn set_section(&self, name: &str, section: Value) -> io::Result<()> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut state.environment {
            None => {
                state.sections.insert(name.to_owned(), section);
                Ok(())
            }
            Some(environment) => {
                environment.set_section(name, section);
                self.shared.write(environment)
            }
        }
    }

    /// Waits until the file is written, `timeout` at most. Why it is not, if it is not.
    pub(crate) fn finish(&self, timeout: Duration) -> Option<String> {
        let collected = self.collected.lock().unwrap_or_else(PoisonError::into_inner);
        match collected.recv_timeout(timeout) {
            Err(RecvTimeoutError::Timeout) => {
                return Some("collecting the environment takes too long".to_owned());
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Some("collecting the environment panicked".to_owned());
            }
            Ok(()) => {}
        }
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner).error.clone()
    }
}

impl Shared {
    fn take(&self, mut environment: Environment) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, section) in std::mem::take(&mut state.sections) {
            environment.set_section(&name, section);
        }
        state.error = self.write(&environment).err().map(|error| error.to_string());
        state.environment = Some(environment);
    }

    fn write(&self, environment: &Environment) -> io::Result<()> {
        replace(&Disk::new(), &self.path, &environment.to_bytes()?)
    }
}
