//! Sends what is small at once.
//!
//! The last bytes of a COPY are few, and come behind others that the server has no reason to answer: by Nagle's
//! algorithm they would wait until those are acknowledged, which Linux puts off for 40 ms. The library that connects
//! leaves the algorithm on and does not hand out its socket, so the socket is asked for by its number.
//!
//! Source: RFC 896; RFC 1122, 4.2.3.2 and 4.2.3.4.
use std::collections::BTreeSet;

/// The sockets of this process, before a connection is made.
#[derive(Debug, Default)]
pub(super) struct Before {
    known: BTreeSet<i32>,
}

impl Before {
    pub(super) fn new() -> Self {
        Self { known: descriptors().collect() }
    }

    /// Switches the algorithm off for connections to `port` that were made since. Where the system does not let a
    /// process have its own sockets by their numbers, it stays on: that costs time, and nothing else.
    pub(super) fn send_at_once(&self, port: u16) {
        #[cfg(target_os = "linux")]
        for number in descriptors().filter(|number| !self.known.contains(number)) {
            let _is_done = linux::send_at_once(number, port).is_ok();
        }
        #[cfg(not(target_os = "linux"))]
        let _of_no_use_here = port;
    }
}

/// The numbers of this process's descriptors, as far as the system tells.
fn descriptors() -> impl Iterator<Item = i32> {
    let entries = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

#[cfg(target_os = "linux")]
mod linux {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
    use std::io::Result;
    use std::net::TcpStream;

    /// Switches it off for the socket with this number, if that is one and connected to `port`.
    pub(super) fn send_at_once(number: i32, port: u16) -> Result<()> {
        let process = pidfd_open(getpid(), PidfdFlags::empty())?;
        // A second descriptor of the same socket: closing it closes nothing.
        let socket = TcpStream::from(pidfd_getfd(process, number, PidfdGetfdFlags::empty())?);
        match socket.peer_addr()?.port() == port {
            true => socket.set_nodelay(true),
            false => Ok(()),
        }
    }
}
