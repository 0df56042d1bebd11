//! A receiver that takes everything, and looks at nothing before it is asked: what it costs is little, and the same for
//! all.
use anyhow::ensure;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, header};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How long the first batch may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Nothing comes any more where nothing came for so long.
const QUIET: Duration = Duration::from_millis(1_500);

/// A receiver that runs as long as it is there.
pub(crate) struct Receiver {
    pub(crate) endpoint: String,
    bodies: Arc<Mutex<Vec<Bytes>>>,
    _runtime: tokio::runtime::Runtime,
}

impl Receiver {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&bodies);
        let app = Router::new().fallback(move |body: Body| take(body, Arc::clone(&taken)));
        runtime.spawn(async move { axum::serve(listener, app).await });
        Ok(Self { endpoint, bodies, _runtime: runtime })
    }

    /// Waits until nothing comes any more, or finds that nothing does as nothing shall: how many spans and log records
    /// there are.
    pub(crate) fn records(&self, shall_come: bool) -> anyhow::Result<u64> {
        let mut polls = PATIENCE.as_millis() / QUIET.as_millis();
        let mut before = 0;
        while shall_come && polls > 0 && (self.count() == 0 || self.count() > before) {
            before = self.count();
            polls -= 1;
            thread::sleep(QUIET);
        }
        let bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        let records = bodies.iter().map(|body| records_in(body)).sum();
        ensure!(shall_come == (records > 0), "{records} spans and log records were sent");
        Ok(records)
    }

    /// Requests so far.
    fn count(&self) -> usize {
        self.bodies.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

async fn take(body: Body, taken: Arc<Mutex<Vec<Bytes>>>) -> Response<Body> {
    // What breaks off does not count.
    if let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await {
        taken.lock().unwrap_or_else(PoisonError::into_inner).push(bytes);
    }
    let mut response = Response::new(Body::empty());
    let kind = HeaderValue::from_static("application/x-protobuf");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// How many spans or log records a request of OTLP has: both are the second field of the second field of the first.
fn records_in(body: &[u8]) -> u64 {
    let resources = fields(body).filter(|(number, _)| *number == 1);
    let scopes =
        resources.flat_map(|(_, resource)| fields(resource).filter(|(number, _)| *number == 2));
    scopes.map(|(_, scope)| fields(scope).filter(|(number, _)| *number == 2).count() as u64).sum()
}

/// The fields of a message of protobuf that have a length, with their numbers.
fn fields(mut rest: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    std::iter::from_fn(move || {
        loop {
            let key = varint(&mut rest)?;
            match key & 7 {
                0 => drop(varint(&mut rest)?),
                1 => rest = rest.get(8..)?,
                5 => rest = rest.get(4..)?,
                _ => {
                    let length = varint(&mut rest)?;
                    let (field, behind) = rest.split_at_checked(length as usize)?;
                    rest = behind;
                    return Some((key >> 3, field));
                }
            }
        }
    })
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (first, behind) = rest.split_first()?;
        *rest = behind;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::records_in;

    #[test]
    fn spans_are_counted_wherever_they_stand() {
        let field = |number: u8, content: &[u8]| {
            [&[number << 3 | 2, content.len() as u8], content].concat()
        };
        let span = field(2, &[0x09, 1, 2, 3, 4, 5, 6, 7, 8]);
        let scope = field(2, &[field(1, b"name"), span.clone(), span.clone()].concat());
        let resource = field(1, &[field(1, b"x"), scope.clone(), scope].concat());
        assert_eq!(records_in(&[resource.clone(), resource].concat()), 8);
        assert_eq!(records_in(&[]), 0);
        assert_eq!(records_in(b"no protobuf"), 0);
    }
}
