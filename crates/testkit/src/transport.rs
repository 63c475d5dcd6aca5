//! A simulated vendor called in process, without a socket.

use std::fmt;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use callmux_http::{
    Body as Arriving, Request, Response, Transport, TransportError, TransportErrorKind,
};
use secrecy::ExposeSecret as _;
use tower::ServiceExt as _;

/// Calls a router as if it were at the other end of a connection.
#[derive(Clone)]
pub struct RouterTransport(Router);

impl RouterTransport {
    /// A transport to this router.
    #[must_use]
    pub fn new(router: Router) -> Self {
        Self(router)
    }
}

impl fmt::Debug for RouterTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RouterTransport")
    }
}

#[async_trait]
impl Transport for RouterTransport {
    async fn send(&self, request: &Request) -> Result<Response<Arriving>, TransportError> {
        let other = || TransportError::new(TransportErrorKind::Other);
        let mut outgoing = axum::http::Request::get(request.url.as_str());
        for (name, value) in &request.headers {
            outgoing = outgoing.header(*name, value.expose_secret());
        }
        let outgoing = outgoing.body(Body::empty()).map_err(|_| other())?;
        let answer = self.0.clone().oneshot(outgoing).await.map_err(|never| match never {})?;
        let (head, body) = answer.into_parts();
        let header = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        let headers = head.headers.iter().filter_map(header).collect();
        let body = axum::body::to_bytes(body, request.body_limit)
            .await
            .map_err(|_| TransportError::new(TransportErrorKind::TooLarge))?;
        Ok(in_pieces(Response { status: head.status.as_u16(), headers, body }))
    }
}

/// How many bytes of a body arrive at a time: a number that cuts rows, words and characters anywhere.
const PIECE: usize = 701;

/// The answer, its body arriving in pieces.
pub(crate) fn in_pieces(Response { status, headers, body }: Response) -> Response<Arriving> {
    Response { status, headers, body: Arriving::in_pieces(&body, PIECE) }
}
