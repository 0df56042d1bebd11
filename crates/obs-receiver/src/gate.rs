//! A network that breaks: connections to a receiver go through it.
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What the network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Weather {
    /// Passes everything on.
    Fair,
    /// Cuts every connection as soon as it is there.
    Down,
    /// Cuts a connection before an answer comes back.
    CutsAnswers,
    /// Answers what no receiver would.
    Garbage,
    /// Passes nothing on, and cuts nothing.
    Silent,
}

/// A network in front of a receiver.
#[derive(Debug)]
pub struct Gate {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    weather: Weather,
    streams: Vec<TcpStream>,
}

impl Gate {
    /// A network in front of `to`, in which all is well.
    ///
    /// # Errors
    ///
    /// What the system says when it listens.
    pub fn before(to: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Shared { weather: Weather::Fair, streams: Vec::new() };
        let shared = Arc::new(Mutex::new(shared));
        let theirs = Arc::clone(&shared);
        thread::Builder::new().name("gate".to_owned()).spawn(move || {
            for stream in listener.incoming().flatten() {
                // A connection that cannot be passed on is cut: the other side sees it.
                drop(pass(stream, to, &theirs));
            }
        })?;
        Ok(Self { address, shared })
    }

    /// Where to connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the weather; but for fair weather all connections are cut.
    pub fn set(&self, weather: Weather) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.weather = weather;
        for stream in shared.streams.drain(..).filter(|_| weather != Weather::Fair) {
            cut(&stream);
        }
    }
}

fn cut(stream: &TcpStream) {
    // Who has cut it already has done what is wanted.
    drop(stream.shutdown(Shutdown::Both));
}

fn pass(client: TcpStream, to: SocketAddr, shared: &Arc<Mutex<Shared>>) -> io::Result<()> {
    let weather = {
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.streams.push(client.try_clone()?);
        shared.weather
    };
    match weather {
        Weather::Down => {
            cut(&client);
            Ok(())
        }
        Weather::Silent => Ok(()),
        Weather::Garbage => copy(client.try_clone()?, client, |_, to| {
            to.write_all(b"\x00\x01I am no receiver\r\n\r\n")?;
            cut(to);
            Ok(())
        }),
        Weather::Fair | Weather::CutsAnswers => {
            let server = TcpStream::connect(to)?;
            let cuts = weather == Weather::CutsAnswers;
            copy(client.try_clone()?, server.try_clone()?, |bytes, to| to.write_all(bytes))?;
            copy(server, client, move |bytes, to| {
                if cuts {
                    cut(to);
                }
                to.write_all(bytes)
            })
        }
    }
}

/// A thread that lets `act` do something with whatever comes from one side.
fn copy(
    mut from: TcpStream,
    mut to: TcpStream,
    act: impl Fn(&[u8], &mut TcpStream) -> io::Result<()> + Send + 'static,
) -> io::Result<()> {
    thread::Builder::new().name("gate".to_owned()).spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            if act(&buffer[..count], &mut to).is_err() {
                break;
            }
        }
        cut(&to);
        cut(&from);
    })?;
    Ok(())
}
