//! What every simulated vendor has: rows that can change while they are read, a key, and a log of what it was asked.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// One stored call.
#[derive(Clone, Debug)]
pub struct SimulatedRow {
    /// Its id as text.
    pub id: String,
    /// The instant the vendor orders and filters by, as it stores it.
    pub placed_at: Option<DateTime<Utc>>,
    /// The row as it is stored, to filter by.
    pub value: Value,
    /// The row as it is sent, to the byte. Poisoning changes this only.
    pub text: String,
}

impl SimulatedRow {
    /// A row that is sent as it is stored.
    #[must_use]
    pub fn new(id: impl Into<String>, placed_at: Option<DateTime<Utc>>, value: Value) -> Self {
        let text = value.to_string();
        Self { id: id.into(), placed_at, value, text }
    }

    /// Gives a field another value, as it is stored and as it is sent.
    ///
    /// # Panics
    /// The row is not sent with the field as it is stored.
    pub fn set(&mut self, field: &str, value: Value) {
        let stored = self.value.get(field).unwrap_or(&Value::Null);
        let old = format!("\"{field}\":{stored}");
        assert!(self.text.contains(&old), "{old} is not in {}", self.text);
        self.text = self.text.replacen(&old, &format!("\"{field}\":{value}"), 1);
        if let Some(place) = self.value.get_mut(field) {
            *place = value;
        }
    }
}

/// A simulated vendor's state. Clones share it, so a test may change the rows while a listing reads them.
#[derive(Clone, Debug)]
pub struct Simulator {
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    key: String,
    /// Shared, because every request looks at all of them.
    rows: RwLock<Vec<Arc<SimulatedRow>>>,
    log: Mutex<Vec<String>>,
}

impl Simulator {
    /// A vendor that holds these rows and takes this key.
    pub fn new(key: impl Into<String>, rows: Vec<SimulatedRow>) -> Self {
        let rows = RwLock::new(rows.into_iter().map(Arc::new).collect());
        let state = State { key: key.into(), rows, log: Mutex::new(Vec::new()) };
        Self { state: Arc::new(state) }
    }

    /// The rows, as they are now.
    #[must_use]
    pub fn rows(&self) -> Vec<SimulatedRow> {
        self.look().into_iter().map(Arc::unwrap_or_clone).collect()
    }

    /// The rows, as they are now, to answer a request from.
    pub(crate) fn look(&self) -> Vec<Arc<SimulatedRow>> {
        self.state.rows.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the rows.
    pub fn change<T>(&self, change: impl FnOnce(&mut Vec<SimulatedRow>) -> T) -> T {
        let mut rows = self.state.rows.write().unwrap_or_else(PoisonError::into_inner);
        let mut changed = rows.drain(..).map(Arc::unwrap_or_clone).collect();
        let result = change(&mut changed);
        rows.extend(changed.into_iter().map(Arc::new));
        result
    }

    /// Sends this text in the place of a row from now on.
    pub fn poison(&self, id: &str, text: &str) {
        self.change(|rows| {
            for row in rows.iter_mut().filter(|row| row.id == id) {
                text.clone_into(&mut row.text);
            }
        });
    }

    /// What it was asked so far: path and query of each request.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.log().clone()
    }

    /// Writes a request to the log. Every handler calls this first.
    pub fn record(&self, uri: &Uri) {
        let asked = uri.path_and_query().map_or_else(|| uri.path().to_owned(), ToString::to_string);
        self.log().push(asked);
    }

    fn log(&self) -> MutexGuard<'_, Vec<String>> {
        self.state.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request carries the bare key in this header.
    #[must_use]
    pub fn admits_in(&self, header: &str, headers: &HeaderMap) -> bool {
        headers.get(header).and_then(|value| value.to_str().ok()) == Some(self.state.key.as_str())
    }

    /// Whether a request carries the key as a bearer token.
    #[must_use]
    pub fn admits(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        given.and_then(|given| given.split_once(' ')).is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer") && token.trim_end() == self.state.key
        })
    }
}

/// The parameters of a request, decoded; the last of a repeated name wins.
#[derive(Debug, Default)]
pub struct Query(pub BTreeMap<String, String>);

impl Query {
    /// Reads the query of an address. A bare `+` is a space, as in every form encoding.
    #[must_use]
    pub fn of(uri: &Uri) -> Self {
        let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(name), decode(value))
                })
                .collect(),
        )
    }

    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let hex = bytes.get(index + 1..index + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match (byte, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(value)) => {
                decoded.push(value);
                index += 3;
            }
            (b'+', _) => {
                decoded.push(b' ');
                index += 1;
            }
            _ => {
                decoded.push(byte);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// An answer of a simulated vendor.
#[derive(Clone, Debug)]
pub struct Reply {
    status: StatusCode,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Reply {
    /// JSON text with a status.
    pub fn json(status: u16, body: impl fmt::Display) -> Self {
        Self::text(status, "application/json", body)
    }

    /// Any text with a status and a content type.
    pub fn text(status: u16, content_type: &str, body: impl fmt::Display) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = vec![("content-type", content_type.to_owned())];
        Self { status, headers, body: format!("{body}") }
    }

    /// The same with a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        response.headers_mut().remove(header::CONTENT_TYPE);
        for (name, value) in self.headers {
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded_as_forms() {
        let uri: Uri = "/x?a=1&b=%2B1+2&a=%C3%A9&c&d=%zz".parse().unwrap();
        let query = Query::of(&uri);
        assert_eq!(query.get("a"), Some("é"));
        assert_eq!(query.get("b"), Some("+1 2"));
        assert_eq!(query.get("c"), Some(""));
        assert_eq!(query.get("d"), Some("%zz"));
        assert_eq!(query.get("e"), None);
    }
}
