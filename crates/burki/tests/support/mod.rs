//! What the tests of payloads share: bodies from files, and a transport that answers them.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use callmux_burki::Burki;

use callmux_http::{Body, HttpProvider, Request, Response, RetryPolicy, Transport, TransportError};
use callmux_testkit::ManualClock;
use chrono::DateTime;
use serde_json::Value;

/// The text of a file of `tests/data`.
pub(crate) fn data(name: &str) -> String {
    let path = format!("{}/tests/data/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A 200 with this JSON.
pub(crate) fn ok(body: impl Into<String>) -> Response {
    answer(200, &[("content-type", "application/json")], body)
}

/// An answer.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<String>) -> Response {
    let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Response { status, headers, body: body.into().into_bytes().into() }
}

/// The answer of a file that holds a whole exchange.
pub(crate) fn exchange(name: &str) -> Response {
    let file: Value = serde_json::from_str(&data(name)).unwrap();
    let response = &file["response"];
    let headers = response["headers"].as_object().unwrap().iter();
    let headers: Vec<(&str, &str)> =
        headers.map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    let body = match &response["body"] {
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    answer(response["status"].as_u64().unwrap() as u16, &headers, body)
}

/// Gives these answers in turn, and keeps the address of each request.
#[derive(Debug, Default)]
pub(crate) struct Canned {
    answers: Mutex<VecDeque<Response>>,
    asked: Mutex<Vec<String>>,
}

impl Canned {
    /// The addresses asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Transport for Canned {
    async fn send(&self, request: &Request) -> Result<Response<Body>, TransportError> {
        self.asked.lock().unwrap().push(request.url.to_string());
        let answer = self.answers.lock().unwrap().pop_front();
        Ok(answer.expect("an answer for each request").into())
    }
}

/// An account at this address that gets these answers, one attempt each.
pub(crate) fn at(
    base_url: &str,
    answers: impl IntoIterator<Item = Response>,
) -> (HttpProvider<Burki>, Arc<Canned>) {
    let answers = Mutex::new(answers.into_iter().collect());
    let canned = Arc::new(Canned { answers, asked: Mutex::default() });
    let provider = callmux_burki::builder("burki_secret")
        .base_url(base_url)
        .transport(canned.clone())
        .clock(Arc::new(ManualClock::at(DateTime::UNIX_EPOCH)))
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    (provider, canned)
}

/// An account that gets these answers, one attempt each.
pub(crate) fn hosted(
    answers: impl IntoIterator<Item = Response>,
) -> (HttpProvider<Burki>, Arc<Canned>) {
    at("https://api.burki.dev", answers)
}
