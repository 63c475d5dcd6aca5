//! What a network and a vendor do wrong, scripted by the number of the request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use callmux_http::{Request, Response, Transport, TransportError, TransportErrorKind};

/// One thing that goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// 429, with `Retry-After` in seconds if given.
    Throttled(Option<u32>),
    /// A status with a short text for a body.
    Status(u16),
    /// No connection.
    NoConnection,
    /// No answer, ever.
    Hang,
    /// The connection breaks in the middle of the body.
    Cut,
    /// The body ends in the middle, with nothing to tell.
    Truncated,
    /// 200 with a web page.
    Html,
    /// 200 with JSON of another shape.
    WrongShape,
    /// A redirect to another origin.
    ForeignRedirect,
}

/// A script of faults, by the number of the request (counted from 0). Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    planned: BTreeMap<u64, FaultKind>,
    always: Option<FaultKind>,
    sent: u64,
}

impl Faults {
    /// Nothing goes wrong.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// These go wrong.
    #[must_use]
    pub fn planned(faults: impl IntoIterator<Item = (u64, FaultKind)>) -> Self {
        let script = Script { planned: faults.into_iter().collect(), ..Script::default() };
        Self(Arc::new(Mutex::new(script)))
    }

    /// This goes wrong with every request.
    #[must_use]
    pub fn always(fault: FaultKind) -> Self {
        Self(Arc::new(Mutex::new(Script { always: Some(fault), ..Script::default() })))
    }

    /// How many requests were sent so far.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.script().sent
    }

    /// Counts a request, and says what goes wrong with it.
    #[must_use]
    pub fn next(&self) -> Option<FaultKind> {
        let mut script = self.script();
        let number = script.sent;
        script.sent += 1;
        script.planned.get(&number).copied().or(script.always)
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A transport on which things go wrong.
#[derive(Clone, Debug)]
pub struct FaultyTransport {
    inner: Arc<dyn Transport>,
    faults: Faults,
}

impl FaultyTransport {
    /// The transport with the faults.
    pub fn new(inner: Arc<dyn Transport>, faults: Faults) -> Self {
        Self { inner, faults }
    }
}

fn reply(status: u16, content_type: &str, body: &'static str) -> Response {
    let headers = vec![("content-type".to_owned(), content_type.to_owned())];
    Response { status, headers, body: body.as_bytes().into() }
}

#[async_trait]
impl Transport for FaultyTransport {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let Some(fault) = self.faults.next() else { return self.inner.send(request).await };
        match fault {
            FaultKind::Throttled(wait) => {
                let mut response =
                    reply(429, "application/json", r#"{"message":"Too Many Attempts."}"#);
                if let Some(seconds) = wait {
                    response.headers.push(("retry-after".to_owned(), seconds.to_string()));
                }
                Ok(response)
            }
            FaultKind::Status(status) => Ok(reply(status, "text/plain", "Internal Server Error")),
            FaultKind::NoConnection => Err(TransportError::new(TransportErrorKind::Connect)),
            FaultKind::Hang => std::future::pending().await,
            FaultKind::Cut => Err(TransportError::new(TransportErrorKind::Cut)),
            FaultKind::Truncated => {
                let mut response = self.inner.send(request).await?;
                response.body.truncate(response.body.len() / 2);
                Ok(response)
            }
            FaultKind::Html => {
                Ok(reply(200, "text/html; charset=UTF-8", "<!DOCTYPE html><p>Sign in</p>"))
            }
            FaultKind::WrongShape => Ok(reply(200, "application/json", r#"{"hello":"world"}"#)),
            FaultKind::ForeignRedirect => {
                let mut response = reply(307, "text/plain", "");
                let elsewhere = "http://elsewhere.example/".to_owned();
                response.headers.push(("location".to_owned(), elsewhere));
                Ok(response)
            }
        }
    }
}
