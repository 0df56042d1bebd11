//! Files: private, allocated, and readable by others while they are written.
use obs_ring::clock::{Anchor, TickSource};
use obs_ring::ring::{Entry, Item, Owner, Ring, Shape, State};
use obs_ring::{Identity, Memory, place};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

#[test]
fn what_a_producer_committed_stands_in_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("1.ring");
    let shape = Shape::with_capacity(64 << 10).unwrap();
    let file = place::create(&path, shape.file_bytes()).unwrap();
    let ring =
        Ring::create(Memory::map(&file).unwrap(), shape, Identity::default(), TickSource::best())
            .unwrap();
    let mut producer = ring.claim(State::Fresh, State::Live, &Owner::default()).unwrap();
    let body = b"sixteen bytes...";
    let entry = Entry { kind: 16, level: 3, ticks: 9, context: &[], context_changed: false, body };
    producer.push(&entry, || Anchor::new(1, 2, 3)).unwrap();

    let image = Ring::open(&std::fs::read(&path).unwrap()).unwrap();
    let consumer = image.consumer(None);
    let mut buffer = Vec::new();
    let mut records = consumer.read(0, consumer.head(), &mut buffer);
    assert_eq!(records.next(), Some(Item::Opening(Anchor::new(1, 2, 3))));
    assert!(matches!(records.next(), Some(Item::Record(record)) if record.body == body));
    assert_eq!(records.next(), None);
}

#[test]
fn a_file_of_ours_is_private_and_has_all_its_blocks() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("stage");
    let file = place::create(&path, 1 << 20).unwrap();
    let metadata = file.metadata().unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert!(metadata.blocks() * 512 >= 1 << 20, "{} blocks", metadata.blocks());
}

#[test]
fn an_existing_file_or_link_is_not_taken_over() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("precious");
    std::fs::write(&target, "data").unwrap();
    let link = directory.path().join("1.ring");
    symlink(&target, &link).unwrap();
    for path in [&target, &link] {
        let error = place::create(path, 4096).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
    }
    assert_eq!(std::fs::read_to_string(target).unwrap(), "data");
}

#[test]
fn a_directory_that_others_can_write_to_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let open = directory.path().join("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o777)).unwrap();
    let error = place::private_directory(&open).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);

    let fresh = directory.path().join("a/b/c");
    place::private_directory(&fresh).unwrap();
    assert_eq!(std::fs::metadata(fresh).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_link_in_place_of_the_directory_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let link = directory.path().join("link");
    symlink(directory.path(), &link).unwrap();
    assert!(place::private_directory(&link).is_err());
}
