//! What an unsuccessful answer means: kind, whether to try again, how long to wait. Decided here, for every vendor.

use std::borrow::Cow;
use std::time::Duration;

use callmux_core::ErrorKind;
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::transport::{Response, TransportError, TransportErrorKind};

/// What went wrong with one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// What went wrong, in one word.
    pub kind: ErrorKind,
    /// What went wrong, in one line, without any secret.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<Cow<'static, str>>,
    /// Whether trying again may help.
    pub transient: bool,
    /// How long the vendor asked to wait.
    pub retry_after: Option<Duration>,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
}

impl Fault {
    /// A fault that trying again does not mend.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            remedy: None,
            transient: false,
            retry_after: None,
            status: None,
        }
    }

    /// A fault that trying again may mend.
    pub fn transient(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { transient: true, ..Self::new(kind, message) }
    }

    /// The same with what to do.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<Cow<'static, str>>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The vendor asked for a wait that is not over, and that is longer than one request may take.
    pub(crate) fn held(wait: Duration) -> Self {
        let message = "the wait that the vendor asked for is not over";
        Self {
            retry_after: Some(wait),
            ..Self::transient(ErrorKind::RateLimited, message).with_remedy("try again later")
        }
    }

    /// What the failure of a transport means.
    fn of_transport(kind: TransportErrorKind) -> Self {
        match kind {
            TransportErrorKind::Timeout => Self::transient(ErrorKind::Timeout, "no answer in time")
                .with_remedy("try again, or raise the timeout"),
            TransportErrorKind::Connect => {
                Self::transient(ErrorKind::Unavailable, "the server could not be reached")
                    .with_remedy("check the base URL and the network")
            }
            TransportErrorKind::Cut => {
                Self::transient(ErrorKind::Unavailable, "the answer was cut short")
            }
            TransportErrorKind::TooLarge => {
                Self::new(ErrorKind::Malformed, "the answer exceeds the size limit")
                    .with_remedy("ask for smaller pages, or raise the body limit")
            }
            TransportErrorKind::Other => {
                Self::new(ErrorKind::Unexpected, "the request could not be sent")
            }
        }
    }

    /// What the status of an answer that is no success means.
    pub(crate) fn of_status(response: &Response, key_hint: &str, now: DateTime<Utc>) -> Self {
        let status = response.status;
        let said = said(response).map(|text| format!(": {text}")).unwrap_or_default();
        let message = |what: &str| format!("{what} ({status}){said}");
        let fault = match status {
            300..400 => Self::new(ErrorKind::Config, message("the server redirects elsewhere"))
                .with_remedy(format!("check the base URL and {key_hint}")),
            401 => Self::new(ErrorKind::Unauthenticated, message("the key was refused"))
                .with_remedy(format!("check {key_hint}")),
            402 | 403 => Self::new(ErrorKind::Forbidden, message("the key may not do this"))
                .with_remedy("check the account's plan and the key's rights"),
            404 => Self::new(ErrorKind::NotFound, message("there is nothing there"))
                .with_remedy("check the base URL and the id"),
            408 => Self::transient(ErrorKind::Timeout, message("the server gave up waiting")),
            429 => Self {
                retry_after: retry_after(response, now),
                ..Self::transient(ErrorKind::RateLimited, message("too many requests"))
            }
            .with_remedy("wait, or set a lower pace"),
            400..500 => Self::new(ErrorKind::InvalidRequest, message("the request was refused")),
            _ => Self {
                retry_after: retry_after(response, now),
                ..Self::transient(ErrorKind::Unavailable, message("the server is failing"))
            }
            .with_remedy("try again later"),
        };
        Self { status: Some(status), ..fault }
    }

    /// What a successful answer that is not JSON means, by its first part that is not blank.
    pub(crate) fn of_foreign_body(
        content_type: Option<&str>,
        part: &[u8],
        key_hint: &str,
    ) -> Option<Self> {
        let is_labelled = content_type.is_some_and(|label| label.starts_with("text/html"));
        let first = part.trim_ascii_start().first();
        // A wrong label on JSON harms nobody.
        let is_json = matches!(first, Some(b'{' | b'['));
        let html = !is_json && (is_labelled || first == Some(&b'<'));
        html.then(|| {
            Self::new(ErrorKind::Malformed, "the server answered with a web page, not with JSON")
                .with_remedy(format!("check the base URL and {key_hint}"))
        })
    }
}

impl From<TransportError> for Fault {
    fn from(error: TransportError) -> Self {
        Self::of_transport(error.kind)
    }
}

/// What the body of an unsuccessful answer says, in the forms that vendors use: `message` (text or list), `detail` (text
/// or list of `{loc, msg}`), `error`. The caller scrubs it, and shortens it then.
fn said(response: &Response) -> Option<String> {
    let body: Value = serde_json::from_slice(&response.body).ok()?;
    let text = ["message", "detail", "error"].iter().find_map(|key| match body.get(key)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(item).take(3).collect();
            (!items.is_empty()).then(|| items.join("; "))
        }
        _ => None,
    })?;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(line.trim_end_matches('.').to_owned())
}

fn item(value: &Value) -> Option<String> {
    if let Value::String(text) = value {
        return Some(text.clone());
    }
    let message = value.get("msg")?.as_str()?;
    let place = value.get("loc").and_then(Value::as_array).and_then(|loc| loc.last());
    match place.and_then(Value::as_str) {
        Some(place) => Some(format!("{place}: {message}")),
        None => Some(message.to_owned()),
    }
}

/// How long the vendor asks to wait: `Retry-After` in seconds or as a date, else `X-RateLimit-Reset` in epoch seconds,
/// else `retry_after` in the body.
fn retry_after(response: &Response, now: DateTime<Utc>) -> Option<Duration> {
    let until = |instant: DateTime<Utc>| (instant - now).to_std().unwrap_or(Duration::ZERO);
    if let Some(value) = response.header("retry-after") {
        let value = value.trim();
        if let Ok(seconds) = value.parse::<f64>() {
            return Duration::try_from_secs_f64(seconds).ok();
        }
        if let Ok(date) = DateTime::parse_from_rfc2822(value) {
            return Some(until(date.to_utc()));
        }
    }
    if let Some(reset) = response.header("x-ratelimit-reset")
        && let Some(instant) =
            reset.trim().parse().ok().and_then(|epoch| DateTime::from_timestamp(epoch, 0))
    {
        return Some(until(instant));
    }
    let body: Value = serde_json::from_slice(&response.body).ok()?;
    Duration::try_from_secs_f64(body.get("retry_after")?.as_f64()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let headers =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status, headers, body: body.as_bytes().to_vec().into() }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    #[test]
    fn statuses_are_told_apart() {
        for (status, kind, transient) in [
            (302, ErrorKind::Config, false),
            (400, ErrorKind::InvalidRequest, false),
            (401, ErrorKind::Unauthenticated, false),
            (403, ErrorKind::Forbidden, false),
            (404, ErrorKind::NotFound, false),
            (408, ErrorKind::Timeout, true),
            (422, ErrorKind::InvalidRequest, false),
            (429, ErrorKind::RateLimited, true),
            (500, ErrorKind::Unavailable, true),
            (503, ErrorKind::Unavailable, true),
        ] {
            let fault = Fault::of_status(&response(status, &[], ""), "X_KEY", now());
            assert_eq!((fault.kind, fault.transient), (kind, transient), "{status}");
        }
        for (status, is_success) in [(199, false), (200, true), (299, true), (300, false)] {
            assert_eq!(response(status, &[], "").is_success(), is_success, "{status}");
        }
    }

    #[test]
    fn a_web_page_is_told_from_json_by_what_it_is() {
        for (content_type, body, is_page) in [
            ("text/html; charset=UTF-8", "<!DOCTYPE html>", true),
            ("application/json", " <html>", true),
            ("text/html", "", true),
            ("text/html", "[]", false),
            ("application/json", "{}", false),
            ("text/plain", "hello", false),
        ] {
            let fault = Fault::of_foreign_body(Some(content_type), body.as_bytes(), "X_KEY");
            assert_eq!(fault.is_some(), is_page, "{content_type} {body:?}");
        }
    }

    #[test]
    fn every_form_of_a_vendors_complaint_is_read() {
        for (body, said) in [
            (r#"{"message":"Invalid Key.","statusCode":401}"#, "Invalid Key"),
            (
                r#"{"message":["property offset should not exist"]}"#,
                "property offset should not exist",
            ),
            (r#"{"detail":"Not\n  Found"}"#, "Not Found"),
            (r#"{"detail":[{"loc":["query","limit"],"msg":"too large"}]}"#, "limit: too large"),
            (r#"{"error":"Invalid API key"}"#, "Invalid API key"),
        ] {
            assert_eq!(super::said(&response(400, &[], body)).unwrap(), said);
        }
        for body in ["", "<html>", "[]", r#"{"detail":7}"#] {
            assert_eq!(super::said(&response(400, &[], body)), None, "{body}");
        }
    }

    #[test]
    fn the_wait_is_read_in_every_form() {
        for (headers, body, seconds) in [
            (vec![("retry-after", "7")], "", Some(7)),
            (vec![("retry-after", "Tue, 14 Nov 2023 22:13:50 GMT")], "", Some(30)),
            (vec![("retry-after", "Tue, 14 Nov 2023 22:13:00 GMT")], "", Some(0)),
            (vec![("x-ratelimit-reset", "1700000009")], "", Some(9)),
            (vec![], r#"{"retry_after": 12}"#, Some(12)),
            (vec![("retry-after", "soon")], "", None),
            (vec![("retry-after", "-5")], "", None),
            (vec![], "", None),
        ] {
            let fault = Fault::of_status(&response(429, &headers, body), "X_KEY", now());
            assert_eq!(fault.retry_after, seconds.map(Duration::from_secs), "{headers:?} {body}");
        }
    }
}
