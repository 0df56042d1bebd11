//! Words for people and for shells.

/// A number of bytes.
pub(crate) fn bytes(bytes: u64) -> String {
    let units = [("GiB", 1_u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.into_iter().find(|(_, size)| bytes >= *size) {
        None => format!("{bytes} B"),
        Some((unit, size)) => format!("{:.1} {unit}", bytes as f64 / size as f64),
    }
}

/// So many things, with their name.
pub(crate) fn counted(count: usize, name: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {name}{plural}")
}

/// The variable of a setting.
pub(crate) fn variable(setting: &str) -> String {
    let prefix = if setting.starts_with("otel_") { "" } else { "OBS_" };
    format!("{prefix}{}", setting.to_ascii_uppercase())
}

/// A value as a shell takes it.
pub(crate) fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/.:_-=,@%+".contains(c);
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::{bytes, quoted, variable};

    #[test]
    fn a_value_reaches_the_program_through_a_shell_as_it_is() {
        for (value, shown) in [
            ("http://a:4318", "http://a:4318"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(quoted(value), shown);
        }
    }

    #[test]
    fn settings_have_variables_and_bytes_have_units() {
        assert_eq!(variable("otel_sdk_disabled"), "OTEL_SDK_DISABLED");
        assert_eq!(variable("run_root"), "OBS_RUN_ROOT");
        assert_eq!((bytes(512), bytes(3 << 20)), ("512 B".to_owned(), "3.0 MiB".to_owned()));
    }
}
