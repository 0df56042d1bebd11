//! The pointer to a run's rings.
use obs_core::RunId;
use obs_core::io::{Disk, Io};
use obs_core::redact::Rules;
use obs_recorder::journal::WriterLimits;
use obs_recorder::layout::RunDirectory;
use obs_recorder::recover::{Patience, Recovery, recover};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

fn run_id() -> RunId {
    RunId::new(1, 2)
}

fn run_in(folder: &Path) -> RunDirectory {
    let run = RunDirectory::new(folder.join(format!("2026-11-22T09-58-03Z_{}", run_id())));
    fs::create_dir_all(run.path()).unwrap();
    run
}

/// What a pointer with these bytes leads to.
fn follow(run: &RunDirectory, bytes: &[u8]) -> Result<String, ErrorKind> {
    fs::write(run.rings_pointer(), bytes).unwrap();
    let rings = run.rings(&Disk::new(), run_id()).map_err(|error| error.kind())?;
    Ok(rings.expect("a pointer").path().display().to_string())
}

#[test]
fn only_a_directory_that_is_called_as_the_run_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let run = run_in(folder.path());
    assert!(run.rings(&Disk::new(), run_id()).unwrap().is_none(), "no pointer, no rings");
    let right = format!("/dev/shm/obs-1000/{}", run_id());
    assert_eq!(follow(&run, format!("{right}\n").as_bytes()), Ok(right.clone()));
    assert_eq!(follow(&run, b"/rings\n"), Ok("/rings".to_owned()));
    let text = format!("{right}\n");
    for length in 0..text.len() {
        let cut = follow(&run, &text.as_bytes()[..length]);
        assert_eq!(cut, Err(ErrorKind::InvalidData), "cut after {length} bytes");
    }
    for wrong in [format!("{right}\n\n"), format!("{right}\0\n"), "/dev/shm\n".to_owned()] {
        assert_eq!(follow(&run, wrong.as_bytes()), Err(ErrorKind::InvalidData), "{wrong:?}");
    }
}

#[test]
fn rings_in_a_run_directory_that_was_moved_are_found_there() {
    let folder = tempfile::tempdir().unwrap();
    let run = run_in(folder.path());
    let name = run.path().file_name().unwrap().to_str().unwrap();
    let rings = run.path().join("rings").display().to_string();
    assert_eq!(follow(&run, format!("runs/{name}/rings\n").as_bytes()), Ok(rings));
}

#[test]
fn recovery_removes_nothing_that_no_run_put_there() {
    let folder = tempfile::tempdir().unwrap();
    let run = run_in(folder.path());
    let rings = run.path().join("rings");
    fs::create_dir(&rings).unwrap();
    for name in ["stage", "crash", "callsites", "000000.ring", "precious"] {
        fs::write(rings.join(name), "not what it seems").unwrap();
    }
    fs::write(run.rings_pointer(), format!("{}\n", rings.display())).unwrap();
    let io: Arc<dyn Io> = Arc::new(Disk::new());
    let (limits, patience) = (WriterLimits::new(1 << 20), Patience::new(Duration::ZERO));
    let directory = run.clone();
    let rules = Rules::default();
    recover(Recovery { directory, sinks: Vec::new(), io, rules, limits, patience }).unwrap();
    let left = Disk::new().list(&rings).unwrap();
    assert_eq!(left, [rings.join("precious")]);
}
