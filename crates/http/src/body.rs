//! The body of an answer, as it arrives.

use std::fmt;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};

use crate::transport::{Response, TransportError, TransportErrorKind};

/// The body of an answer: parts that come one after the other, decompressed. `Debug` shows nothing of it.
pub struct Body(Parts);

enum Parts {
    Whole(Option<Bytes>),
    Arriving(Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>),
}

impl Body {
    /// A body that is still arriving.
    pub fn arriving(
        parts: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static,
    ) -> Self {
        Self(Parts::Arriving(Box::pin(parts)))
    }

    /// A body that is there, and arrives so many bytes at a time: to try what reads it.
    #[must_use]
    pub fn in_pieces(bytes: &Bytes, size: usize) -> Self {
        let size = size.max(1);
        let starts = (0..bytes.len()).step_by(size);
        let pieces: Vec<_> = starts
            .map(|start| Ok(bytes.slice(start..bytes.len().min(start.saturating_add(size)))))
            .collect();
        Self::arriving(futures_util::stream::iter(pieces))
    }

    /// The next part; `None` at the end.
    ///
    /// # Errors
    /// [`TransportError`] when the rest does not come.
    pub async fn next(&mut self) -> Result<Option<Bytes>, TransportError> {
        match &mut self.0 {
            Parts::Whole(bytes) => Ok(bytes.take()),
            Parts::Arriving(parts) => parts.next().await.transpose(),
        }
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self(Parts::Whole(Some(bytes.into())))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body")
    }
}

impl From<Response> for Response<Body> {
    fn from(Response { status, headers, body }: Response) -> Self {
        Self { status, headers, body: body.into() }
    }
}

impl Response<Body> {
    /// The answer with all of its body.
    ///
    /// # Errors
    /// [`TransportError`] when the rest does not come, or exceeds so many bytes.
    pub async fn whole(mut self, limit: usize) -> Result<Response, TransportError> {
        let mut body = BytesMut::new();
        while let Some(part) = self.body.next().await? {
            if body.len().saturating_add(part.len()) > limit {
                return Err(TransportError::new(TransportErrorKind::TooLarge));
            }
            body.extend_from_slice(&part);
        }
        Ok(Response { status: self.status, headers: self.headers, body: body.freeze() })
    }
}
