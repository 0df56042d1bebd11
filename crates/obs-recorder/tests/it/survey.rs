//! A look at where rings would go, and where they go.
use crate::support::{Shelf, start};
use obs_core::Settings;
use obs_core::settings::RingPlace;
use obs_recorder::survey;
use obs_test::bare::alone;
use std::time::Duration;
use tempfile::TempDir;

#[test]
fn a_survey_names_the_place_that_a_start_takes_and_leaves_nothing_there() {
    let _alone = alone();
    for wish in [RingPlace::Auto, RingPlace::Tmpfs, RingPlace::RunDir, RingPlace::Heap] {
        for runtime in [None, Some("/dev/shm"), Some("/proc"), Some("/none")] {
            let root = TempDir::new().unwrap();
            let mut settings = Settings::default();
            settings.ring_place = wish;
            settings.runtime_dir = runtime.map(Into::into);
            let survey = survey(&settings, Some(root.path()));
            assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
            let mut run = start(Some(root.path()), &settings, &Shelf::default());
            let place = run.place().directory().map(|place| place.path().to_owned());
            // Rings in a run directory lie in one more of their own.
            match (&survey.directory, &place) {
                (Some(directory), Some(place)) => assert!(place.starts_with(directory)),
                (surveyed, taken) => assert_eq!(surveyed, taken, "{wish} {runtime:?}"),
            }
            assert_eq!(survey.passed_over.len(), run.passed_over().len(), "{wish} {runtime:?}");
            for ((path, why), told) in survey.passed_over.iter().zip(run.passed_over()) {
                assert!(told.starts_with(&*path.to_string_lossy()), "{told}: {why}");
            }
            run.finish(Duration::from_secs(60));
        }
    }
}

#[test]
fn rings_that_nothing_has_room_for_are_the_processs_own() {
    let root = TempDir::new().unwrap();
    let mut settings = Settings::default();
    // No file system is four times as large.
    settings.stage_bytes = 1 << 60;
    let survey = survey(&settings, Some(root.path()));
    assert_eq!(survey.directory, None);
    let why = format!("{} bytes needed, ", (1_u64 << 60) + 4 * settings.ring_bytes + (2 << 20));
    assert!(survey.passed_over.last().unwrap().1.starts_with(&why), "{survey:?}");
}
