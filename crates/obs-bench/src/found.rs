//! Events that are found in files.
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// Whole lines of events in the log files of a directory.
pub(crate) fn found_in(directory: &Path) -> io::Result<u64> {
    let mut found = 0;
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("log") && name.ends_with(".jsonl") {
            found += whole_lines(&mut BufReader::new(File::open(&path)?))?;
        }
    }
    Ok(found)
}

fn whole_lines(lines: &mut dyn BufRead) -> io::Result<u64> {
    let (mut line, mut found) = (String::new(), 0);
    while lines.read_line(&mut line)? > 0 {
        found += u64::from(line.ends_with("}\n") && line.contains("file loaded"));
        line.clear();
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::found_in;

    #[test]
    fn a_torn_line_and_the_lines_of_other_files_do_not_count() {
        let directory = tempfile::tempdir().unwrap();
        let event = r#"{"event":"file loaded","number":1}"#;
        for (name, text) in [
            ("log.jsonl", format!("{event}\n{event}\n{{\"event\":\"run started\"}}\n{event}")),
            ("log.0001.jsonl", format!("{event}\n")),
            ("spans.jsonl", format!("{event}\n")),
            ("console.log", format!("{event}\n")),
        ] {
            std::fs::write(directory.path().join(name), text).unwrap();
        }
        assert_eq!(found_in(directory.path()).unwrap(), 3);
    }
}
