//! A vendor without a network.

use std::collections::HashMap;
use std::fmt;
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use callmux::Transport;
use callmux::http::{Body, Request, Response, TransportError};
use callmux_testkit::Query;

use crate::server::{Served, World};

/// How many bytes arrive at a time.
const PART: usize = 256 * 1024;

/// A vendor in this process. What was asked for once is answered from memory the next time.
pub struct InProcess {
    served: Served,
    answered: Mutex<HashMap<String, Bytes>>,
}

impl InProcess {
    /// A vendor that holds this.
    #[must_use]
    pub fn new(world: World) -> Self {
        Self { served: Served::new(world), answered: Mutex::default() }
    }

    /// The pages that it answered with so far.
    #[must_use]
    pub fn answered(&self) -> Vec<Bytes> {
        self.answered.lock().expect("no panic elsewhere").values().cloned().collect()
    }

    fn page(&self, query: &str) -> Bytes {
        let mut answered = self.answered.lock().expect("no panic elsewhere");
        let page = answered.entry(query.to_owned()).or_insert_with(|| {
            let uri = format!("/?{query}").parse().expect("an address");
            self.served.page(&Query::of(&uri)).into()
        });
        page.clone()
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

#[async_trait]
impl Transport for InProcess {
    async fn send(&self, request: &Request) -> Result<Response<Body>, TransportError> {
        let page = self.page(request.url.query().unwrap_or_default());
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Ok(Response { status: 200, headers, body: Body::in_pieces(&page, PART) })
    }
}
