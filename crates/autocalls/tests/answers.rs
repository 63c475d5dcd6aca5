//! Unsuccessful answers, single calls, the check of a key, and base URLs.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

mod support;

use callmux_autocalls::{Autocalls, BRANDS, brand};
use callmux_core::{CallFilter, CallProvider as _, ErrorKind, PageRequest};
use callmux_http::{Dialect as _, Environment, Response};
use serde::Deserialize;
use std::collections::BTreeMap;
use support::{answer, file, ok, provider};

async fn refusal(response: &Response) -> (callmux_core::Error, usize) {
    let (account, canned) = provider(vec![response.clone(); 9]);
    let error = account.list_page(&CallFilter::new(), PageRequest::first()).await.unwrap_err();
    assert!(!error.to_string().contains("not-a-real-key"), "{error}");
    (error, canned.asked().len())
}

#[derive(Deserialize)]
struct HttpError {
    name: String,
    status: u16,
    content_type: String,
    headers: BTreeMap<String, String>,
    body: Option<serde_json::Value>,
    body_text: Option<String>,
}

#[tokio::test]
async fn every_known_error_is_of_its_kind() {
    let errors: Vec<HttpError> = serde_json::from_slice(&file("http_errors.json")).unwrap();
    let mut expected: BTreeMap<&str, (ErrorKind, bool, &str)> = [
        ("unauthenticated_json", (ErrorKind::Unauthenticated, false, "Unauthenticated")),
        ("unauthenticated_without_accept_json", (ErrorKind::Config, false, "redirects")),
        (
            "unauthenticated_without_accept_json_no_login_route",
            (ErrorKind::Unavailable, true, "failing"),
        ),
        ("validation_single_field", (ErrorKind::InvalidRequest, false, "greater than 100")),
        ("validation_two_fields", (ErrorKind::InvalidRequest, false, "The selected status")),
        ("validation_old_wording", (ErrorKind::InvalidRequest, false, "field is required")),
        ("unprocessable_without_errors_map", (ErrorKind::InvalidRequest, false, "balance")),
        ("call_not_found", (ErrorKind::NotFound, false, "Call not found")),
        ("call_not_found_or_foreign", (ErrorKind::NotFound, false, "does not belong")),
        ("plan_limit", (ErrorKind::Forbidden, false, "allowed by your plan")),
        ("error_code_shape", (ErrorKind::Forbidden, false, "Insufficient balance")),
        ("throttled_laravel", (ErrorKind::RateLimited, true, "Too Many Attempts")),
        ("throttled_with_body_hint", (ErrorKind::RateLimited, true, "Too Many Attempts")),
        ("throttled_famulor_guide", (ErrorKind::RateLimited, true, "Too many requests")),
        ("bad_key_famulor_guide", (ErrorKind::Unauthenticated, false, "invalid or expired")),
        ("forbidden_famulor_guide", (ErrorKind::Forbidden, false, "does not have permission")),
        ("server_error", (ErrorKind::Unavailable, true, "Server Error")),
        ("maintenance", (ErrorKind::Unavailable, true, "Service Unavailable")),
        ("gateway_html", (ErrorKind::Unavailable, true, "failing")),
    ]
    .into();
    for error in errors {
        let (kind, transient, says) = expected.remove(error.name.as_str()).expect("a known name");
        let body = error.body_text.unwrap_or_else(|| error.body.unwrap().to_string());
        let headers: Vec<(&str, &str)> =
            error.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let response = answer(error.status, &error.content_type, &headers, body);
        let (got, requests) = refusal(&response).await;
        assert_eq!(got.kind(), kind, "{}: {got}", error.name);
        assert_eq!(requests > 1, transient, "{}: {requests} requests", error.name);
        assert!(got.to_string().contains(says), "{}: {got}", error.name);
        assert_eq!(got.status(), Some(error.status));
    }
    assert!(expected.is_empty(), "not in the file: {expected:?}");
}

#[tokio::test]
async fn observed_errors_say_what_was_wrong() {
    let json = "application/json";
    for (name, status, kind, says) in [
        ("401.json", 401, ErrorKind::Unauthenticated, "Unauthenticated"),
        ("404.json", 404, ErrorKind::NotFound, "nothing there"),
        ("422-per-page-101.json", 422, ErrorKind::InvalidRequest, "must not be greater than 100"),
        ("422-several.json", 422, ErrorKind::InvalidRequest, "must be an integer"),
        ("422-date-with-time.json", 422, ErrorKind::InvalidRequest, "match the format Y-m-d"),
        ("style-12-422-several.json", 422, ErrorKind::InvalidRequest, "status is invalid"),
        ("429.json", 429, ErrorKind::RateLimited, "Too Many Attempts"),
        ("500-malformed-utf8.json", 500, ErrorKind::Unavailable, "Server Error"),
        ("503-maintenance.json", 503, ErrorKind::Unavailable, "Service Unavailable"),
    ] {
        let response = answer(status, json, &[], file(&format!("observed/{name}")));
        let (error, _) = refusal(&response).await;
        assert_eq!(error.kind(), kind, "{name}: {error}");
        assert!(error.to_string().contains(says), "{name}: {error}");
    }
    let html = "text/html; charset=utf-8";
    let login = [("Location", "http://127.0.0.1:8799/login")];
    let redirect = answer(302, html, &login, file("observed/302-accept-any.html"));
    assert_eq!(refusal(&redirect).await.0.kind(), ErrorKind::Config);
    // What a transport that follows redirects would bring home.
    let page = answer(200, html, &[], file("observed/200-login-page.html"));
    assert_eq!(refusal(&page).await.0.kind(), ErrorKind::Malformed);
}

#[tokio::test]
async fn a_key_is_checked_at_the_account_and_a_call_fetched_by_its_id() {
    let (account, canned) = provider(vec![
        ok(file("documented/user_me.famulor_docs.json")),
        ok(file("documented/get_call.famulor_docs_2026.json")),
        answer(404, "application/json", &[], r#"{"message":"Call not found"}"#),
    ]);
    account.check().await.unwrap();
    let call = account.get("123").await.unwrap();
    assert_eq!((call.id.as_str(), call.account.as_str()), ("123", "autocalls"));
    assert_eq!(account.get("12/4?").await.unwrap_err().kind(), ErrorKind::NotFound);
    let base = "https://app.autocalls.ai/api/user";
    let asked = ["/me", "/calls/123", "/calls/12%2F4%3F"].map(|path| format!("{base}{path}"));
    assert_eq!(canned.asked(), asked);
}

#[test]
fn a_base_url_is_put_right() {
    let dialect = Autocalls::default();
    for (given, expected) in [
        ("https://portal.intellixent.ai//api/", "https://portal.intellixent.ai/api"),
        ("https://app.robocallz.ai", "https://app.robocallz.ai/api"),
        (" https://app.autocalls.ai/ ", "https://app.autocalls.ai/api"),
        ("https://app.autocalls.ai/api//", "https://app.autocalls.ai/api"),
        ("http://127.0.0.1:8799", "http://127.0.0.1:8799/api"),
        ("http://127.0.0.1:8799/autocalls/api", "http://127.0.0.1:8799/autocalls/api"),
        ("https://api.example.com/myapi", "https://api.example.com/myapi/api"),
        ("https://api", "https://api/api"),
        ("app.autocalls.ai", "app.autocalls.ai"),
        ("", ""),
    ] {
        assert_eq!(dialect.base_url(given), expected, "{given:?}");
        assert_eq!(dialect.base_url(expected), expected, "{given:?}");
    }
    let error = callmux_autocalls::builder("k").base_url("app.autocalls.ai").build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[test]
fn every_documented_brand_is_in_the_table() {
    #[derive(Deserialize)]
    struct Documented {
        name: String,
        api_base: String,
    }
    let documented: Vec<Documented> = serde_json::from_slice(&file("white_labels.json")).unwrap();
    assert_eq!(documented.len(), BRANDS.len());
    for brand in documented {
        let known =
            BRANDS.iter().find(|known| brand.name.starts_with(known.name)).expect(&brand.name);
        assert!(brand.api_base.contains(known.base_url), "{}: {}", brand.name, brand.api_base);
    }
    let dialect = Autocalls::default();
    for known in BRANDS {
        assert_eq!(dialect.base_url(known.base_url), known.base_url);
        assert_eq!(brand(known.slug), Some(known));
        callmux_autocalls::builder("k").base_url(known.base_url).build().unwrap();
    }
    assert!(BRANDS.is_sorted_by(|a, b| a.slug < b.slug));
    assert_eq!(brand("intellixent").unwrap().base_url, "https://portal.intellixent.ai/api");
    assert_eq!(brand("otonistark").unwrap().base_url, "https://call.otonistark.com.br/api");
    assert_eq!(brand("famulor").unwrap().base_url, "https://app.famulor.de/api");
    assert_eq!(brand("Intellixent"), None);
}

#[test]
fn the_environment_names_key_and_base_url() {
    let environment: Environment = [
        ("AUTOCALLS_API_KEY", "1|abc"),
        ("AUTOCALLS_BASE_URL", "https://portal.intellixent.ai//api/"),
    ]
    .into_iter()
    .collect();
    let account = callmux_autocalls::from_environment(&environment).build().unwrap();
    let endpoint = &account.explain(&CallFilter::new()).unwrap().plans[0].endpoint;
    assert_eq!(endpoint, "GET https://portal.intellixent.ai/api/user/calls");
    let error = callmux_autocalls::from_environment(&Environment::default()).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(error.to_string().contains("AUTOCALLS_API_KEY"), "{error}");
}
