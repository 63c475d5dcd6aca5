//! The transport: one method, plain data in and out.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use secrecy::SecretString;
use thiserror::Error;
use url::Url;

use crate::body::Body;

/// Sends one GET request. Implemented for `reqwest::Client` (feature `reqwest`).
///
/// An implementation must not follow redirects, retry, or add headers that name the user. A client that the caller brings is
/// to be built with redirects off.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends a request, and answers once the head of an answer is there: the body may still arrive. Dropping it ends it.
    ///
    /// # Errors
    /// [`TransportError`] when there is no answer. A status other than 200 is an answer.
    async fn send(&self, request: &Request) -> Result<Response<Body>, TransportError>;
}

/// A GET request. `Debug` shows neither the headers nor the query: keys and phone numbers may be in them.
#[non_exhaustive]
pub struct Request {
    /// Where it goes.
    pub url: Url,
    /// Its headers, the key among them.
    pub headers: Vec<(&'static str, SecretString)>,
    /// The largest body that is read, in bytes: a transport that reads all of it before it answers may stop there.
    pub body_limit: usize,
}

impl Request {
    /// A request without headers.
    #[must_use]
    pub fn new(url: Url, body_limit: usize) -> Self {
        Self { url, headers: Vec::new(), body_limit }
    }

    /// Whether the query names this parameter.
    #[must_use]
    pub fn has_parameter(&self, name: &str) -> bool {
        self.url.query_pairs().any(|(key, _)| key == name)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GET {}{}", self.url.origin().ascii_serialization(), self.url.path())
    }
}

/// An answer: with all of its body, or with one that is still arriving ([`Body`]). `Debug` shows no content.
#[derive(Clone)]
pub struct Response<B = Bytes> {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub body: B,
}

impl<B> Response<B> {
    /// Whether its status says that the request was understood and served.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The value of a header; the name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, {} bytes)", self.status, self.body.len())
    }
}

impl fmt::Debug for Response<Body> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, arriving)", self.status)
    }
}

/// Why there is no whole answer. It names no address: a query may hold a phone number.
#[derive(Debug, Error)]
#[error("{kind}")]
pub struct TransportError {
    /// What went wrong.
    pub kind: TransportErrorKind,
    /// The cause.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl TransportError {
    /// An error without a cause.
    #[must_use]
    pub fn new(kind: TransportErrorKind) -> Self {
        Self { kind, source: None }
    }
}

/// What went wrong with a request.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection.
    #[error("no connection")]
    Connect,
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The answer ended before it was whole.
    #[error("the answer was cut short")]
    Cut,
    /// The answer exceeds the request's limit.
    #[error("the answer is too large")]
    TooLarge,
    /// Anything else.
    #[error("the request could not be sent")]
    Other,
}

#[cfg(feature = "reqwest")]
mod over_reqwest {
    use super::{Body, Request, Response, Transport, TransportError, TransportErrorKind};
    use async_trait::async_trait;
    use futures_util::TryStreamExt as _;
    use reqwest::header::{HeaderName, HeaderValue};
    use secrecy::ExposeSecret as _;

    /// The headers that anything here reads.
    const KEPT: [&str; 4] = ["content-type", "location", "retry-after", "x-ratelimit-reset"];

    #[async_trait]
    impl Transport for reqwest::Client {
        async fn send(&self, request: &Request) -> Result<Response<Body>, TransportError> {
            let mut outgoing = self.get(request.url.clone());
            for (name, value) in &request.headers {
                let mut value = HeaderValue::from_str(value.expose_secret())
                    .map_err(|_| TransportError::new(TransportErrorKind::Other))?;
                value.set_sensitive(true);
                let name = HeaderName::from_bytes(name.as_bytes())
                    .map_err(|_| TransportError::new(TransportErrorKind::Other))?;
                outgoing = outgoing.header(name, value);
            }
            let answer = outgoing.send().await.map_err(error)?;
            let status = answer.status().as_u16();
            let header = |name: &&str| {
                let value = answer.headers().get(*name)?.to_str().ok()?;
                Some(((*name).to_owned(), value.to_owned()))
            };
            let headers = KEPT.iter().filter_map(header).collect();
            let body = Body::arriving(answer.bytes_stream().map_err(error));
            Ok(Response { status, headers, body })
        }
    }

    fn error(error: reqwest::Error) -> TransportError {
        let kind = if error.is_timeout() {
            TransportErrorKind::Timeout
        } else if error.is_connect() {
            TransportErrorKind::Connect
        } else if error.is_builder() {
            TransportErrorKind::Other
        } else {
            // A request that was sent and whose answer did not arrive whole: reset, closed, undecodable.
            TransportErrorKind::Cut
        };
        TransportError { kind, source: Some(error.without_url().into()) }
    }
}
