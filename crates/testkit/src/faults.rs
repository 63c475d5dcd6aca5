//! What a network and a vendor do wrong, scripted by the number of the request.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use callmux_http::{Body, Request, Response, Transport, TransportError, TransportErrorKind};

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

/// A script of faults, by the number of the request (counted from 0). Clones share it and its count.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    script: Arc<Script>,
    /// How many requests went this way.
    sent_here: Arc<AtomicU64>,
    /// How many requests were sent over all the ways that the script is for.
    sent: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Script {
    planned: BTreeMap<u64, FaultKind>,
    always: Option<FaultKind>,
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
        Self::of(Script { planned: faults.into_iter().collect(), always: None })
    }

    /// This goes wrong with every request.
    #[must_use]
    pub fn always(fault: FaultKind) -> Self {
        Self::of(Script { always: Some(fault), ..Script::default() })
    }

    fn of(script: Script) -> Self {
        Self { script: Arc::new(script), ..Self::default() }
    }

    /// The same script for a way to another vendor: the requests there are numbered from 0 again, and counted with the others.
    #[must_use]
    pub fn on_another_way(&self) -> Self {
        Self { sent_here: Arc::default(), ..self.clone() }
    }

    /// How many requests were sent so far, whichever way.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }

    /// Counts a request, and says what goes wrong with it.
    #[must_use]
    pub fn next(&self) -> Option<FaultKind> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        let number = self.sent_here.fetch_add(1, Ordering::SeqCst);
        self.script.planned.get(&number).copied().or(self.script.always)
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
    async fn send(&self, request: &Request) -> Result<Response<Body>, TransportError> {
        let Some(fault) = self.faults.next() else { return self.inner.send(request).await };
        match fault {
            FaultKind::Throttled(wait) => {
                let mut response =
                    reply(429, "application/json", r#"{"message":"Too Many Attempts."}"#);
                if let Some(seconds) = wait {
                    response.headers.push(("retry-after".to_owned(), seconds.to_string()));
                }
                Ok(response.into())
            }
            FaultKind::Status(status) => {
                Ok(reply(status, "text/plain", "Internal Server Error").into())
            }
            FaultKind::NoConnection => Err(TransportError::new(TransportErrorKind::Connect)),
            FaultKind::Hang => std::future::pending().await,
            FaultKind::Cut => Err(TransportError::new(TransportErrorKind::Cut)),
            FaultKind::Truncated => {
                let response = self.inner.send(request).await?;
                let mut response = response.whole(request.body_limit).await?;
                response.body.truncate(response.body.len() / 2);
                Ok(response.into())
            }
            FaultKind::Html => {
                Ok(reply(200, "text/html; charset=UTF-8", "<!DOCTYPE html><p>Sign in</p>").into())
            }
            FaultKind::WrongShape => {
                Ok(reply(200, "application/json", r#"{"hello":"world"}"#).into())
            }
            FaultKind::ForeignRedirect => {
                let mut response = reply(307, "text/plain", "");
                let elsewhere = "http://elsewhere.example/".to_owned();
                response.headers.push(("location".to_owned(), elsewhere));
                Ok(response.into())
            }
        }
    }
}
