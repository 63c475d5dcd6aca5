//! Every refusal that is known: its kind, one line, what to do, and no key in it.

use callmux_core::{CallFilter, CallProvider as _, Error, ErrorKind, PageRequest};

use super::canned::{Canned, KEY, connect};
use super::*;

async fn refused(name: &str) -> Error {
    let errors: Value = serde_json::from_str(include_str!("../data/errors.json")).unwrap();
    let (status, body) = (errors[name]["status"].as_u64().unwrap(), &errors[name]["body"]);
    let canned = Canned::with(u16::try_from(status).unwrap(), body.to_string());
    let provider = connect(&canned, |builder| builder.key_hint("VAPI_EMEA_API_KEY"));
    let error = provider.list_page(&CallFilter::new(), PageRequest::first()).await.unwrap_err();
    assert_eq!(canned.asked().len(), error.attempts() as usize);
    assert_eq!(error.status(), u16::try_from(status).ok());
    error
}

#[tokio::test]
async fn every_refusal_says_what_where_and_what_to_do() {
    for (name, kind, attempts, line) in [
        (
            "401-bad-key",
            ErrorKind::Unauthenticated,
            1,
            "vapi: api.vapi.ai: the key was refused (401): Invalid Key. Hot tip, you may be using the private key instead of \
             the public key, or vice versa; check VAPI_EMEA_API_KEY: a private key, of the region that the base URL names",
        ),
        (
            "400-unknown-query-parameter",
            ErrorKind::InvalidRequest,
            1,
            "vapi: api.vapi.ai: the request was refused (400): property offset should not exist",
        ),
        (
            "400-retention-window",
            ErrorKind::RetentionWindow,
            1,
            "vapi: api.vapi.ai: the request was refused (400): Your subscription plan only covers the last 14 days of call \
             history. This call exceeds your retention window; ask for a later start (--from)",
        ),
        (
            "400-missing-phone-number-POST-call",
            ErrorKind::InvalidRequest,
            1,
            "vapi: api.vapi.ai: the request was refused (400): Couldn't Get Phone Number. Need Either `phoneNumberId` Or \
             `phoneNumber`",
        ),
        (
            "429-rate-limited",
            ErrorKind::RateLimited,
            5,
            "vapi: api.vapi.ai: too many requests (429): Rate limit exceeded (tried 5 times); wait, or set a lower pace",
        ),
        (
            "500-internal",
            ErrorKind::Unavailable,
            5,
            "vapi: api.vapi.ai: the server is failing (500): Internal server error (tried 5 times); try again later",
        ),
    ] {
        let error = refused(name).await;
        assert_eq!((error.kind(), error.attempts()), (kind, attempts), "{name}");
        assert_eq!(error.to_string(), line);
        assert_eq!(error.is_transient(), attempts > 1, "{name}");
    }
}

#[tokio::test]
async fn the_retention_answer_is_known_by_its_text_whatever_the_days() {
    for (message, kind) in [
        (
            "\"Your subscription plan only covers the last 60 days of call history.\"",
            ErrorKind::RetentionWindow,
        ),
        ("[\"This call exceeds your retention window.\"]", ErrorKind::RetentionWindow),
        ("\"limit must not be greater than 1000\"", ErrorKind::InvalidRequest),
    ] {
        let canned = Canned::with(400, format!(r#"{{"statusCode":400,"message":{message}}}"#));
        let provider = connect(&canned, |builder| builder);
        let listed = provider.list_page(&CallFilter::new(), PageRequest::first()).await;
        assert_eq!(listed.unwrap_err().kind(), kind, "{message}");
        assert_eq!(provider.get("1").await.unwrap_err().kind(), kind, "{message}");
    }
    // Only a 400 says so: a proxy that quotes the words in a 502 is failing, not refusing.
    let canned = Canned::with(502, r#"{"message":"retention window"}"#);
    let listed = connect(&canned, |builder| builder).check().await;
    assert_eq!(listed.unwrap_err().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn no_key_and_no_number_is_shown() {
    for status in [400, 401, 403, 429, 500] {
        let body = json!({ "message": format!("the key {KEY} may not call +15550100100") });
        let canned = Canned::with(status, body.to_string());
        let provider = connect(&canned, |builder| builder);
        let filter = CallFilter::new().customer("+15550100100");
        let error = provider.list_page(&filter, PageRequest::first()).await.unwrap_err();
        for shown in [error.to_string(), format!("{error:?}"), format!("{provider:?}")] {
            assert!(!shown.contains(KEY) && !shown.contains("5550100100"), "{shown}");
            assert!(!shown.contains('\n'), "{shown}");
        }
    }
}

#[tokio::test]
async fn what_is_no_list_of_calls_is_malformed() {
    for body in [
        r#"{"results":[],"metadata":{}}"#,
        "null",
        "7",
        "<html><h1>Attention Required!</h1>",
        "[1 2]",
    ] {
        let canned = Canned::with(200, body);
        let error = connect(&canned, |builder| builder).check().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{body}");
        assert_eq!(error.attempts(), 1);
        assert!(error.remedy().unwrap().starts_with("check the base URL"), "{error}");
    }
}
