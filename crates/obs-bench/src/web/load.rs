//! Requests over connections that stay open, each by a thread that waits for the answer.
use crate::clock;
use anyhow::{Context as _, anyhow, ensure};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

/// How many requests, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: u32,
    pub(crate) duration: Duration,
    /// Requests a second; as many as are answered if it is not said.
    pub(crate) rate: Option<f64>,
}

/// What became of them.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) rate: f64,
    /// In microseconds, from when a request was due; what was late to be sent counts as waiting.
    pub(crate) latencies: Vec<f64>,
}

impl Load {
    /// Sends `GET path` to the address.
    pub(crate) fn send(self, address: &str, path: &str) -> anyhow::Result<Loaded> {
        let begin = clock::now() + Duration::from_millis(20);
        let latencies = thread::scope(|scope| {
            let over = |number| scope.spawn(move || self.send_over(number, address, path, begin));
            let senders: Vec<_> = (0..self.connections).map(over).collect();
            let mut latencies = Vec::new();
            for sender in senders {
                latencies.extend(sender.join().map_err(|_| anyhow!("a sender panicked"))??);
            }
            anyhow::Ok(latencies)
        })?;
        let rate = latencies.len() as f64 / begin.elapsed().as_secs_f64();
        Ok(Loaded { rate, latencies })
    }

    fn send_over(
        self,
        number: u32,
        address: &str,
        path: &str,
        begin: Instant,
    ) -> anyhow::Result<Vec<f64>> {
        let mut connection = Connection::open(address)?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nuser-agent: bench/1\r\naccept: */*\r\n\r\n"
        );
        let period =
            self.rate.map(|rate| Duration::from_secs_f64(f64::from(self.connections) / rate));
        let offset = period.map_or(Duration::ZERO, |period| period * number / self.connections);
        let (mut due, mut latencies) = (begin + offset, Vec::new());
        while due < begin + self.duration {
            thread::sleep(due.saturating_duration_since(clock::now()));
            connection.ask(&request)?;
            let now = clock::now();
            latencies.push((now - due).as_secs_f64() * 1e6);
            due = period.map_or(now, |period| due + period);
        }
        Ok(latencies)
    }
}

/// A connection, and what came by it and belongs to no answer yet.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).context("the service cannot be reached")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096) })
    }

    /// Sends a request, and waits until its answer is there.
    fn ask(&mut self, request: &str) -> anyhow::Result<()> {
        self.stream.write_all(request.as_bytes())?;
        self.buffer.clear();
        loop {
            if let Some(bytes) = answer_bytes(&self.buffer)? {
                ensure!(bytes == self.buffer.len(), "more came than one answer");
                return Ok(());
            }
            let mut chunk = [0; 4096];
            let read = self.stream.read(&mut chunk).context("the service does not answer")?;
            ensure!(read > 0, "the service closed the connection");
            self.buffer.extend_from_slice(&chunk[..read]);
        }
    }
}

/// How long the answer is whose first bytes these are, if all of it is here.
fn answer_bytes(bytes: &[u8]) -> anyhow::Result<Option<usize>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&bytes[..end]).context("a head that is no text")?;
    ensure!(head.starts_with("HTTP/1.1 200 "), "{}", head.lines().next().unwrap_or_default());
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
    });
    let whole = end + 4 + length.context("an answer without its length")??;
    Ok((bytes.len() >= whole).then_some(whole))
}

#[cfg(test)]
mod tests {
    use super::answer_bytes;

    #[test]
    fn an_answer_ends_where_its_length_says() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        for cut in 0..answer.len() {
            assert_eq!(answer_bytes(&answer[..cut]).unwrap(), None, "{cut}");
        }
        assert_eq!(answer_bytes(answer).unwrap(), Some(answer.len()));
        let said = answer_bytes(b"HTTP/1.1 500 No\r\n\r\n").unwrap_err().to_string();
        assert_eq!(said, "HTTP/1.1 500 No");
        assert!(answer_bytes(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
