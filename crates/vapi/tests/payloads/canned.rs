//! A transport that answers from memory and remembers what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use callmux_http::{
    Body, HttpProvider, HttpProviderBuilder, Request, Response, Transport, TransportError,
};
use callmux_testkit::ManualClock;
use callmux_vapi::Vapi;

use super::at;

pub(super) const KEY: &str = "3f2b8c1e-0000-4f6d-9a51-7c0d5e6f0001";

type Query = BTreeMap<String, String>;
type Answer = dyn Fn(&Query) -> (u16, String) + Send + Sync;

#[derive(Clone)]
pub(super) struct Canned {
    answer: Arc<Answer>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl std::fmt::Debug for Canned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Canned")
    }
}

impl Canned {
    /// Answers with 200 and what this says to the query.
    pub(super) fn answering(body: impl Fn(&Query) -> String + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(move |query| (200, body(query))), asked: Arc::default() }
    }

    /// Answers the same to everything.
    pub(super) fn with(status: u16, body: impl Into<String>) -> Self {
        let body = body.into();
        Self { answer: Arc::new(move |_| (status, body.clone())), asked: Arc::default() }
    }

    /// The addresses that were asked, as sent.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// What was asked, decoded.
    pub(super) fn queries(&self) -> Vec<Query> {
        self.asked().iter().map(|url| query(url)).collect()
    }
}

/// The parameters of an address. A name that is sent twice is a fault.
pub(super) fn query(url: &str) -> Query {
    let mut query = Query::new();
    for (name, value) in Request::new(url.parse().unwrap(), 0).url.query_pairs() {
        assert!(query.insert(name.to_string(), value.to_string()).is_none(), "{name} twice");
    }
    query
}

#[async_trait]
impl Transport for Canned {
    async fn send(&self, request: &Request) -> Result<Response<Body>, TransportError> {
        self.asked.lock().unwrap().push(request.url.to_string());
        let (status, body) = (self.answer)(&query(request.url.as_str()));
        Ok(Response { status, headers: Vec::new(), body: body.into() })
    }
}

/// A provider over a canned transport, on a clock that does not wait.
pub(super) fn connect(
    canned: &Canned,
    with: impl FnOnce(HttpProviderBuilder<Vapi>) -> HttpProviderBuilder<Vapi>,
) -> HttpProvider<Vapi> {
    over(canned, with(callmux_vapi::builder(KEY)))
}

pub(super) fn over(canned: &Canned, builder: HttpProviderBuilder<Vapi>) -> HttpProvider<Vapi> {
    let clock = ManualClock::at(at("2026-09-01T00:00:00Z"));
    builder.transport(Arc::new(canned.clone())).clock(Arc::new(clock)).seed(7).build().unwrap()
}
