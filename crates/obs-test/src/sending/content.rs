//! What a record with a number holds: anybody can tell from the number.
use obs_receiver::proto::common::v1::KeyValue;
use obs_receiver::proto::common::v1::any_value::Value;

/// One record in so many has a text of 64 KiB.
const LONG_EACH: u64 = 5_000;

/// The fields of a record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Content {
    pub(super) number: u64,
    pub(super) text: String,
    pub(super) int: i64,
    pub(super) float: f64,
    pub(super) flag: bool,
}

impl Content {
    pub(super) fn of(number: u64) -> Self {
        let texts =
            ["", "Zürich", "日本語 🦀", "a \"b\"\\\n\tc", "\u{202e}\u{0}\u{7f}", " ", "0", "plain"];
        let text = match number % LONG_EACH {
            0 => "é".repeat(32 << 10),
            _ => texts[number as usize % texts.len()].to_owned(),
        };
        let ints = [i64::MIN, i64::MAX, -1, number.cast_signed()];
        let floats = [f64::NAN, f64::INFINITY, -0.0, number as f64 / 3.0, f64::MIN_POSITIVE];
        Self {
            number,
            text,
            int: ints[number as usize % ints.len()],
            float: floats[number as usize % floats.len()],
            flag: number.is_multiple_of(2),
        }
    }

    /// The number that attributes have, if all others are as they have to be.
    pub(super) fn right(attributes: &[KeyValue]) -> Option<u64> {
        let value = |name: &str| {
            let pair = attributes.iter().find(|pair| pair.key == name)?;
            pair.value.as_ref()?.value.as_ref()
        };
        let Some(Value::IntValue(number)) = value("number") else { return None };
        let expected = Self::of(number.cast_unsigned());
        let is_right = matches!(value("text"), Some(Value::StringValue(text)) if *text == expected.text)
            && matches!(value("int"), Some(Value::IntValue(int)) if *int == expected.int)
            && matches!(value("float"), Some(Value::DoubleValue(float))
                if float.to_bits() == expected.float.to_bits())
            && matches!(value("flag"), Some(Value::BoolValue(flag)) if *flag == expected.flag);
        is_right.then_some(expected.number)
    }
}
