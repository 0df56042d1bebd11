//! A terminal that shows a program's standard error.
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::process::Stdio;
use std::thread::JoinHandle;

/// What reads all that is shown, until every program has let go of the terminal.
pub(crate) struct Terminal {
    reader: JoinHandle<Vec<u8>>,
}

impl Terminal {
    /// A new terminal, and the end of it for a program.
    pub(crate) fn new() -> (Self, Stdio) {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let theirs = rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let read = move || read_all(File::from(ours));
        let reader = std::thread::Builder::new().spawn(read).unwrap();
        (Self { reader }, Stdio::from(theirs))
    }

    /// Everything that was shown, with the line ends that the program wrote.
    pub(crate) fn shown(self) -> String {
        let bytes = self.reader.join().unwrap();
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    }
}

/// The kernel says that nobody has the other end any more by an error of its own.
fn read_all(mut from: File) -> Vec<u8> {
    let mut bytes = Vec::new();
    match from.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => {}
        Err(error) if error.kind() == ErrorKind::Interrupted => {}
        Err(error) => panic!("cannot read the terminal: {error}"),
    }
    bytes
}
