//! `obs redact`: standard input without its secrets.
use crate::encoding;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::options::RedactOptions;
use crate::output::Output;
use crate::size;
use obs_core::Settings;
use obs_core::redact::{DigestKey, JsonLines, RedactStream, RedactionCounts, Redactor};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

const PIECE_BYTES: usize = 256 << 10;
const KEY_BYTES: usize = 32;
const KEY_BYTES_MIN: usize = 16;

pub(crate) fn run(
    options: &RedactOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit> {
    let key = match &options.key_file {
        Some(path) => key_in(path)?,
        None => random_key()?,
    };
    let redactor = Redactor::with_rules(settings.redact.clone()).with_key(DigestKey::new(&key));
    let input = input()?;
    let counts = match options.jsonl {
        true => lines(&redactor, input, output)?,
        false => text(&redactor, input, output)?,
    };
    if options.report {
        output.note(&said(&counts))?;
    }
    Ok(Exit::Done)
}

/// Standard input, unless it begins in an encoding in which no secret would be seen.
fn input() -> Result<impl Read> {
    let (mut stdin, mut head) = (io::stdin().lock(), Vec::new());
    let read = stdin.by_ref().take(encoding::HEAD_BYTES as u64).read_to_end(&mut head);
    read.map_err(|error| unreadable(&error))?;
    if let Some(name) = encoding::wide(&head) {
        let why = format!(
            "standard input is {name}, in which no secret would be found: \
             put `iconv -f {name} -t UTF-8` before this command"
        );
        return Err(Failure::new(Exit::Failed, why));
    }
    Ok(Cursor::new(head).chain(stdin))
}

fn text(redactor: &Redactor, mut input: impl Read, output: &mut Output) -> Result<RedactionCounts> {
    let mut stream = RedactStream::new(redactor);
    let mut piece = vec![0; PIECE_BYTES];
    let mut written = Ok(());
    loop {
        let length = input.read(&mut piece).map_err(|error| unreadable(&error))?;
        if length == 0 {
            break;
        }
        stream.write(&piece[..length], |bytes| write(output, bytes, &mut written));
        std::mem::replace(&mut written, Ok(()))?;
    }
    let counts = stream.finish(|bytes| write(output, bytes, &mut written));
    written.map(|()| counts)
}

/// Writes, unless that has failed before.
fn write(output: &mut Output, bytes: &[u8], written: &mut Result<()>) {
    if written.is_ok() {
        *written = output.bytes(bytes);
    }
}

fn lines(redactor: &Redactor, input: impl Read, output: &mut Output) -> Result<RedactionCounts> {
    let mut input = BufReader::with_capacity(PIECE_BYTES, input);
    let mut lines = JsonLines::new(redactor);
    let (mut line, mut other) = (Vec::new(), RedactionCounts::default());
    while input.read_until(b'\n', &mut line).map_err(|error| unreadable(&error))? > 0 {
        match std::str::from_utf8(&line) {
            Ok(text) => output.bytes(lines.redact(text).as_bytes())?,
            Err(_) => {
                let (mut stream, mut written) = (RedactStream::new(redactor), Ok(()));
                stream.write(&line, |bytes| write(output, bytes, &mut written));
                other.merge(&stream.finish(|bytes| write(output, bytes, &mut written)));
                written?;
            }
        }
        line.clear();
    }
    other.merge(lines.counts());
    Ok(other)
}

fn key_in(path: &Path) -> Result<Vec<u8>> {
    let key = std::fs::read(path)
        .map_err(|error| Failure::cannot(format!("read the key {}", path.display()), error))?;
    if key.len() < KEY_BYTES_MIN {
        let why = format!("the key {} has less than {KEY_BYTES_MIN} bytes", path.display());
        return Err(Failure::new(Exit::Failed, why));
    }
    Ok(key)
}

fn random_key() -> Result<Vec<u8>> {
    let mut key = vec![0; KEY_BYTES];
    File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut key))
        .map_err(|error| Failure::cannot("make a key from /dev/urandom", error))?;
    Ok(key)
}

fn said(counts: &RedactionCounts) -> String {
    let rules: Vec<String> = counts.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
    match rules.is_empty() {
        true => "no secrets found".to_owned(),
        false => {
            let secrets = size::counted(counts.total(), "secret");
            format!("{secrets} taken out: {}", rules.join(", "))
        }
    }
}

fn unreadable(error: &io::Error) -> Failure {
    Failure::cannot("read standard input", error)
}
