//! Sizes on the command line.

/// Reads a number of bytes: `1500`, `64MiB`, `2 GB`.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let (digits, unit) =
        text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit_bytes: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return Err("expected a size such as 1500, 64MiB or 2GB".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "expected a size such as 64MiB".to_owned())?;
    number.checked_mul(unit_bytes).ok_or_else(|| "more bytes than can be counted".to_owned())
}

/// A number of bytes for people.
pub(crate) fn human(bytes: u64) -> String {
    let units = [("GiB", 1_u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.into_iter().find(|(_, size)| bytes >= *size) {
        None => format!("{bytes} B"),
        Some((unit, size)) => format!("{:.1} {unit}", bytes as f64 / size as f64),
    }
}

/// So many things, with their name.
pub(crate) fn counted(count: u64, name: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {name}{plural}")
}

#[cfg(test)]
mod tests {
    use super::{counted, human, parse};

    #[test]
    fn one_thing_is_no_plural() {
        assert_eq!(
            [0, 1, 2].map(|count| counted(count, "secret")),
            ["0 secrets", "1 secret", "2 secrets"]
        );
    }

    #[test]
    fn a_size_is_a_number_with_a_unit() {
        for (text, bytes) in
            [("0", 0), ("1500", 1500), ("64MiB", 64 << 20), ("2 gb", 2_000_000_000), ("7b", 7)]
        {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "MiB", "1.5MiB", "-1", "3 parsecs", "18446744073709551615KiB"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_size_is_shown_in_the_unit_that_fits() {
        assert_eq!([0, 1023, 1536, 64 << 20].map(human), ["0 B", "1023 B", "1.5 KiB", "64.0 MiB"]);
    }
}
