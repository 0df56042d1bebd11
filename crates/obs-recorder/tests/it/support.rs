//! Runs in temporary directories, and a sink that keeps what it is given.
use obs_core::io::Disk;
use obs_core::record::Fact;
use obs_core::sink::Batch;
use obs_core::{RunId, Settings, Sink, SinkError, Value};
use obs_recorder::layout::RunDirectory;
use obs_recorder::{Run, SinkBox, Start};
use std::sync::{Arc, Mutex};

/// A record as the test compares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) seq: u64,
    pub(crate) text: String,
    pub(crate) number: u64,
    pub(crate) thread: String,
}

/// What sinks of one run kept.
pub(crate) type Shelf = Arc<Mutex<Vec<Kept>>>;

pub(crate) struct Keeper {
    pub(crate) name: &'static str,
    pub(crate) shelf: Shelf,
}

impl Sink for Keeper {
    fn name(&self) -> &str {
        self.name
    }

    fn write(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        let mut shelf = self.shelf.lock().unwrap();
        while let Some(record) = batch.next() {
            let (mut text, mut number) = (String::new(), 0);
            match record.fact {
                Fact::Event(event) => {
                    for (name, value) in event.fields {
                        match value {
                            Value::Text(value) if name == "message" => text = value.text.to_owned(),
                            Value::U64(value) if name == "number" => number = value,
                            _ => {}
                        }
                    }
                }
                Fact::Lost(lost) => {
                    (text, number) = (format!("lost {}", lost.reason.as_str()), lost.records)
                }
                other => {
                    text =
                        format!("{other:?}").chars().take_while(|c| c.is_alphanumeric()).collect()
                }
            }
            let thread = record.thread.map(|thread| thread.name.clone()).unwrap_or_default();
            shelf.push(Kept { seq: record.seq, text, number, thread });
        }
        Ok(())
    }
}

pub(crate) fn start(
    directory: Option<&std::path::Path>,
    settings: &Settings,
    shelf: &Shelf,
) -> Run {
    start_with(directory, settings, Box::new(Keeper { name: "keeper", shelf: Arc::clone(shelf) }))
}

pub(crate) fn start_with(
    directory: Option<&std::path::Path>,
    settings: &Settings,
    sink: Box<dyn Sink>,
) -> Run {
    let run_id = RunId::new(1, 0x1234_5678);
    let directory = directory.map(|parent| {
        let path = parent.join(format!("2026-11-22T09-58-03Z_{run_id}"));
        std::fs::create_dir_all(&path).unwrap();
        RunDirectory::new(path)
    });
    let sinks = vec![SinkBox(sink)];
    Run::start(Start {
        settings,
        run_id,
        parent: None,
        directory,
        sinks,
        io: Arc::new(Disk::new()),
        lock: None,
        words: Vec::new(),
        resource: Default::default(),
    })
    .unwrap()
}

pub(crate) fn events(shelf: &Shelf) -> Vec<Kept> {
    shelf.lock().unwrap().iter().filter(|kept| kept.text == "event").cloned().collect()
}
