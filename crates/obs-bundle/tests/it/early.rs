//! Bundles that end early: collectors that hang, and somebody who does not want to wait.
use crate::fixture::{Run, assert_whole, contents, options, outcome};
use obs_bundle::{
    Artifact, BundleError, BundleErrorKind, Cancel, Collector, Files, NewFile, Options, State,
    Truncated, write,
};
use std::fmt;
use std::io::Read;
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Step = Box<dyn Fn(&mut dyn Files) -> Result<(), BundleError> + Send + Sync>;

struct Does(&'static str, Step);

impl fmt::Debug for Does {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Collector for Does {
    fn name(&self) -> &str {
        self.0
    }

    fn collect(&self, files: &mut dyn Files) -> Result<(), BundleError> {
        (self.1)(files)
    }
}

fn does(
    name: &'static str,
    step: impl Fn(&mut dyn Files) -> Result<(), BundleError> + Send + Sync + 'static,
) -> Arc<dyn Collector> {
    Arc::new(Does(name, Box::new(step)))
}

/// Gives its text, then nothing until the other end of the channel is gone.
struct Hangs {
    text: &'static [u8],
    until: Receiver<()>,
}

impl Read for Hangs {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.text.read(buffer)?;
        if read == 0 {
            self.until.recv().unwrap_or_default();
            buffer[..5].copy_from_slice(b"late\n");
            return Ok(5);
        }
        Ok(read)
    }
}

/// A collector that adds a file whose bytes stop coming, and tells how that ended for it.
fn hangs(
    name: &'static str,
    text: &'static [u8],
) -> (Arc<dyn Collector>, Sender<()>, Receiver<BundleErrorKind>) {
    let (free, until) = channel();
    let (tell, told) = channel();
    let shared = Mutex::new((Some(until), tell));
    let collector = does(name, move |files| {
        let mut shared = shared.lock().unwrap();
        let until = shared.0.take().unwrap();
        let file = NewFile::new(format!("extra/{name}.jsonl"), "extra");
        let result = files.add(file, &mut Hangs { text, until });
        let error = result.unwrap_err();
        shared.1.send(error.kind()).unwrap_or_default();
        Err(error)
    });
    (collector, free, told)
}

fn add(files: &mut dyn Files, path: &str) -> Result<(), BundleError> {
    files.add(NewFile::new(path, "extra"), &mut "x\n".as_bytes())
}

fn patient(millis: u64) -> Options {
    let mut options = options();
    options.collector_timeout = Duration::from_millis(millis);
    options
}

#[test]
fn a_collector_that_hangs_is_given_up_and_the_others_are_asked() {
    let run = Run::ended();
    let mut options = patient(500);
    let (within, free, told) = hangs("within", b"{\"n\":1}\n{\"n\":2}\n{\"n\"");
    let (free_before, until) = channel::<()>();
    let until = Mutex::new(until);
    let before = does("before", move |files| {
        add(files, "extra/given.txt")?;
        until.lock().unwrap().recv().unwrap_or_default();
        add(files, "extra/late.txt")
    });
    options.collectors = vec![before, within, does("works", |files| add(files, "extra/ok.txt"))];
    let bundle = write(&run.path, &options).unwrap();
    let why = "given up after 500.0 ms of waiting for it".to_owned();
    assert_eq!(outcome(&bundle, "before"), ("timeout".to_owned(), vec![why.clone()]));
    assert_eq!(outcome(&bundle, "within"), ("timeout".to_owned(), vec![why]));
    assert_eq!(outcome(&bundle, "works"), ("ok".to_owned(), vec![]));
    assert_eq!(bundle.manifest.bundle.state, State::Partial);
    let of = |path: &str| bundle.manifest.files.iter().find(|file| file.path == path).unwrap();
    assert_eq!(of("extra/within.jsonl").truncated, Some(Truncated::tail(None)));
    assert_eq!(of("extra/within.jsonl").records, Some(2));
    let bytes = std::fs::read(&bundle.path).unwrap();
    drop((free, free_before));
    assert_eq!(told.recv().unwrap(), BundleErrorKind::Output, "what comes late is refused");
    assert_eq!(std::fs::read(&bundle.path).unwrap(), bytes, "and reaches no archive");
    let all = contents(&bundle.path);
    assert_eq!(all["extra/within.jsonl"], b"{\"n\":1}\n{\"n\":2}\n", "whole lines");
    assert!(all.contains_key("extra/given.txt") && !all.contains_key("extra/late.txt"));
    assert_whole(&bundle.path);
}

#[test]
fn a_collector_that_gives_a_little_now_and_then_is_given_up_too() {
    let run = Run::ended();
    let mut options = patient(100);
    let (_free, until) = channel::<()>();
    let until = Mutex::new(until);
    options.collectors = vec![does("drips", move |files| {
        let until = until.lock().unwrap();
        for number in 0_u32.. {
            add(files, &format!("extra/{number}.txt"))?;
            if until.recv_timeout(Duration::from_millis(15)).is_ok() {
                break;
            }
        }
        Ok(())
    })];
    let bundle = write(&run.path, &options).unwrap();
    assert_eq!(outcome(&bundle, "drips").0, "timeout");
    assert!(bundle.manifest.files.iter().any(|file| file.path == "extra/0.txt"));
    assert_whole(&bundle.path);
}

#[test]
fn an_artefact_that_is_a_fifo_is_not_waited_for() {
    let run = Run::ended();
    let fifo = run.folder.path().join("fifo");
    let made = Command::new("mkfifo").arg(&fifo).status().unwrap();
    assert!(made.success());
    let mut options = options();
    options.artifacts = vec![Artifact::new(&fifo, "pipe")];
    let bundle = write(&run.path, &options).unwrap();
    let (status, errors) = outcome(&bundle, "artifacts");
    assert_eq!(status, "partial");
    assert!(errors[0].ends_with("fifo\": not a regular file"), "{errors:?}");
}

#[test]
fn a_bundle_that_is_ended_once_keeps_what_is_there() {
    let run = Run::ended();
    let mut options = options();
    let cancel = Cancel::default();
    options.cancel = cancel.clone();
    let (slow, _free, _told) = hangs("slow", b"{\"n\":1}\n{\"n\"");
    let ends = does("ends", move |files| {
        add(files, "extra/before.txt")?;
        cancel.ask();
        Ok(())
    });
    options.collectors = vec![ends, slow, does("later", |files| add(files, "extra/later.txt"))];
    let bundle = write(&run.path, &options).unwrap();
    let of = |name| outcome(&bundle, name).0;
    assert_eq!(["log", "slow", "later"].map(of), ["ok", "canceled", "canceled"]);
    assert_eq!(bundle.manifest.bundle.state, State::Partial);
    let all = contents(&bundle.path);
    assert!(all.contains_key("run/log.jsonl") && !all.contains_key("extra/later.txt"));
    assert_whole(&bundle.path);
}

#[test]
fn a_bundle_that_is_ended_while_a_collector_hangs_ends_soon() {
    let run = Run::ended();
    let mut options = options();
    options.collector_timeout = Duration::from_secs(3_600);
    options.cancel = Cancel::default();
    let (slow, _free, _told) = hangs("slow", b"{\"n\":1}\n{\"n\"");
    let cancel = options.cancel.clone();
    let asks = does("asks", move |_| {
        let cancel = cancel.clone();
        let later = move || cancel.ask();
        std::thread::Builder::new().spawn(later).unwrap();
        Ok(())
    });
    options.collectors = vec![asks, slow];
    let bundle = write(&run.path, &options).unwrap();
    assert_eq!(outcome(&bundle, "slow").0, "canceled");
    assert_whole(&bundle.path);
}

#[test]
fn a_bundle_that_is_ended_twice_leaves_nothing() {
    let run = Run::ended();
    let before = run.names();
    for asked in [2, 3, 300] {
        let mut options = options();
        let cancel = options.cancel.clone();
        options.collectors = vec![does("ends", move |_| {
            (0..asked).for_each(|_| cancel.ask());
            Ok(())
        })];
        let error = write(&run.path, &options).unwrap_err();
        assert_eq!(error.kind(), BundleErrorKind::Canceled);
        assert_eq!(error.to_string(), "cannot write the bundle: it was asked twice to end");
        assert_eq!(run.names(), before);
    }
}
