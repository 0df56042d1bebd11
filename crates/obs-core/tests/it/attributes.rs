//! Lists of attributes as bytes.
use obs_core::attributes::Attributes;
use obs_core::encode::{Encoder, Key};
use proptest::prelude::*;

const FIELDS: usize = 6;

/// A list with every kind of value.
fn list() -> Vec<u8> {
    let mut encoder = Encoder::new(4096);
    let refused: std::io::Error = std::io::ErrorKind::ConnectionRefused.into();
    encoder.text(Key::Field(0), "naïve");
    encoder.bool(Key::Field(1), true);
    encoder.i64(Key::Field(2), -1);
    encoder.f64(Key::Field(3), 0.25);
    encoder.null(Key::Field(4));
    encoder.u128(Key::Field(5), u128::MAX);
    encoder.bytes(Key::Name("bytes"), b"\xff\x00");
    encoder.error(Key::Name("error"), &refused);
    encoder.redacted(Key::Name("key"), "name");
    encoder.text(Key::Name("long"), &"ü".repeat(3_000));
    encoder.finish().to_vec()
}

/// What reading every attribute says of a list.
fn read_out(bytes: &[u8]) -> Option<u16> {
    let mut attributes = Attributes::new(bytes).iter();
    let mut is_declared = true;
    for (key, _) in attributes.by_ref() {
        is_declared &= !matches!(key, Key::Field(FIELDS..));
    }
    attributes.left_out().filter(|_| is_declared)
}

#[test]
fn a_list_with_every_kind_of_value_is_right_only_as_long_as_it_is_whole() {
    let list = list();
    let (whole, ends) = (Attributes::new(&list), list.len().saturating_sub(8));
    assert_eq!((whole.check(FIELDS), whole.check(FIELDS - 1)), (Some(0), None));
    assert_eq!(whole.iter().count(), 10);
    assert!((1..ends).all(|length| Attributes::new(&list[..length]).check(FIELDS).is_none()));
}

proptest! {
    #[test]
    fn a_list_is_right_when_every_attribute_can_be_read(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        length in any::<prop::sample::Index>(),
    ) {
        let mut bytes = list();
        for (at, byte) in changes {
            let at = at.index(160);
            bytes[at] = byte;
        }
        let cut = &bytes[..1 + length.index(bytes.len())];
        for bytes in [&bytes[..], cut] {
            prop_assert_eq!(Attributes::new(bytes).check(FIELDS), read_out(bytes));
        }
        let trimmed = Attributes::new(&bytes).trimmed();
        prop_assert_eq!(trimmed.is_some(), Attributes::new(&bytes).check(256).is_some());
    }
}

#[test]
fn a_list_can_say_that_all_of_it_was_left_out() {
    let mut encoder = Encoder::new(64);
    encoder.text(Key::Name("long"), "a text");
    (0..3).for_each(|_| encoder.bytes(Key::Name("more than there is room for"), &[7; 64]));
    let list = encoder.finish().to_vec();
    let before = Attributes::new(&list).iter().count();
    let left_out = Attributes::new(&list).iter().count() as u16 + {
        let mut rest = Attributes::new(&list).iter();
        rest.by_ref().for_each(drop);
        rest.left_out().unwrap()
    };
    assert!(before >= 1 && left_out == 4, "{before} {left_out}");
    let emptied = obs_core::rewrite::left_out(Attributes::new(&list));
    let emptied = Attributes::new(&emptied);
    assert_eq!((emptied.iter().count(), emptied.iter().left_out()), (0, Some(4)));
    assert_eq!(obs_core::rewrite::left_out(emptied), emptied.as_bytes());
}
