//! What unsuccessful answers mean, from whole exchanges (`data/SOURCES.md`).

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

mod support;

use std::time::Duration;

use callmux_core::{CallFilter, CallProvider as _, Error, ErrorKind, PageRequest};
use callmux_http::Response;
use support::{answer, at, data, exchange, hosted, ok};

/// The error of a list request that gets this answer.
async fn error(filter: CallFilter, response: Response) -> Error {
    let (provider, canned) = hosted([response]);
    let error = provider.list_page(&filter, PageRequest::first()).await.unwrap_err();
    assert_eq!(canned.asked().len(), 1);
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("burki_secret") && !error.to_string().contains('\n'), "{shown}");
    assert_eq!(error.vendor().map(callmux_core::VendorId::as_str), Some("burki"));
    error
}

fn json(status: u16, body: impl Into<String>) -> Response {
    answer(status, &[("content-type", "application/json")], body)
}

#[tokio::test]
async fn a_refused_key_may_be_a_database_that_is_down() {
    let error = error(CallFilter::new(), exchange("exchange-401")).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthenticated, Some(401)));
    assert!(!error.is_transient());
    let text = error.to_string();
    assert!(text.contains("Authentication required"), "{text}");
    assert!(text.contains("check BURKI_API_KEY") && text.contains("database"), "{text}");
}

#[tokio::test]
async fn the_same_failure_is_explained_by_what_was_asked() {
    let failure = || exchange("exchange-500-foreign-assistant-id");
    let of_agent = error(CallFilter::new().agent("99999"), failure()).await;
    assert_eq!((of_agent.kind(), of_agent.status()), (ErrorKind::Unavailable, Some(500)));
    assert!(of_agent.is_transient());
    assert!(of_agent.to_string().contains("not of this organisation"), "{of_agent}");

    let of_page = error(CallFilter::new(), exchange("exchange-500-non-object-call-meta")).await;
    assert_eq!(of_page.kind(), ErrorKind::Unavailable);
    assert!(of_page.is_transient());
    assert!(of_page.to_string().contains("narrow the time range"), "{of_page}");

    let (provider, _) = hosted([failure()]);
    let of_one = provider.get("9001").await.unwrap_err().to_string();
    assert!(!of_one.contains("organisation") && !of_one.contains("narrow"), "{of_one}");
}

#[tokio::test]
async fn every_refused_parameter_is_named() {
    for (response, names) in [
        (exchange("exchange-422-limit-too-large"), vec!["limit: "]),
        (json(422, data("error-422-limit-too-large")), vec!["limit: "]),
        (json(422, data("error-422-bad-date")), vec!["date_from: "]),
        (json(422, data("error-422-plus-decoded-as-space")), vec!["date_from: "]),
        (json(422, data("error-422-multiple")), vec!["skip: ", "limit: ", "min_duration: "]),
    ] {
        let error = error(CallFilter::new(), response).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidRequest, Some(422)));
        for name in names {
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}

#[tokio::test]
async fn a_call_that_is_not_there_is_not_found() {
    for (id, response) in [
        ("999999", json(404, data("error-404-call"))),
        ("9001", json(404, data("error-404-route"))),
        // Anything but a number is refused before it is looked for.
        ("stats", json(422, data("error-422-stats-route-shadowed"))),
    ] {
        let (provider, _) = hosted([response]);
        let error = provider.get(id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{id}");
        assert!(error.remedy().is_some());
    }
}

#[tokio::test]
async fn throttling_is_waited_for_as_long_as_it_says() {
    let told = error(CallFilter::new(), exchange("constructed-429-detail")).await;
    assert_eq!(told.kind(), ErrorKind::RateLimited);
    assert_eq!(told.retry_after(), Some(Duration::from_secs(30)));
    assert!(told.is_transient());
    let untold = error(CallFilter::new(), exchange("constructed-429-no-retry-after")).await;
    assert_eq!((untold.kind(), untold.retry_after()), (ErrorKind::RateLimited, None));
    assert!(untold.is_transient());
}

#[tokio::test]
async fn a_proxys_page_is_a_failing_server_and_a_strange_body_is_malformed() {
    let failing = error(CallFilter::new(), exchange("constructed-502-proxy-html")).await;
    assert_eq!((failing.kind(), failing.status()), (ErrorKind::Unavailable, Some(502)));
    assert!(!failing.to_string().contains("<html"), "{failing}");

    for body in ["{}", "7", "\"\"", "null", r#"{"items": null}"#, r#"{"items": {}}"#] {
        let error = error(CallFilter::new(), ok(body)).await;
        assert_eq!(error.kind(), ErrorKind::Malformed, "{body}");
        assert!(error.to_string().contains("neither a list nor an object"), "{error}");
    }
    // What ends too early was cut on its way, and what is no JSON was not meant for us.
    for (body, kind) in [
        ("[{", ErrorKind::Unavailable),
        (r#"{"items": [{"id""#, ErrorKind::Unavailable),
        ("[}", ErrorKind::Malformed),
        ("OK", ErrorKind::Malformed),
    ] {
        assert_eq!(error(CallFilter::new(), ok(body)).await.kind(), kind, "{body}");
    }
}

#[tokio::test]
async fn a_list_is_found_in_either_envelope() {
    for body in [
        "\n [{\"id\": 1}] ",
        "\t{\"next\": 7, \"items\": [{\"id\": 1}]}",
        r#"{"items":[{"id":1}],"total":"?"}"#,
    ] {
        let (provider, _) = hosted([ok(body)]);
        let page = provider.list_page(&CallFilter::new(), PageRequest::first()).await.unwrap();
        assert_eq!(page.calls.len(), 1, "{body}");
        assert_eq!(page.total, None);
    }
}

#[tokio::test]
async fn a_redirect_is_followed_within_its_origin_only() {
    let base = "http://127.0.0.1:58080";
    let moved = || exchange("exchange-307-missing-trailing-slash");
    let recorded = "http://127.0.0.1:58080/api/v1/calls/?limit=2&status=completed";
    assert_eq!(moved().header("location"), Some(recorded));
    // The server keeps the question; the one that was recorded is not the one asked here.
    let asked = format!("{base}/api/v1/calls/?limit=1000");
    let mut kept = moved();
    for (_, location) in kept.headers.iter_mut().filter(|(name, _)| name == "location") {
        location.clone_from(&asked);
    }
    let (provider, canned) = at(base, [kept, ok("[]")]);
    provider.list_page(&CallFilter::new(), PageRequest::first()).await.unwrap();
    assert_eq!(canned.asked(), [asked.clone(), asked.clone()]);

    // An answer to another question would pass for the whole list.
    let (provider, canned) = at(base, [moved(), ok("[]")]);
    let refused = provider.list_page(&CallFilter::new(), PageRequest::first()).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(canned.asked(), [asked]);

    // The same host without encryption, and another host: the key is sent to neither.
    let downgrade = exchange("exchange-307-behind-proxy-host-only");
    assert_eq!(downgrade.header("location"), Some("http://api.burki.dev/api/v1/calls/?limit=2"));
    for redirect in [downgrade, moved()] {
        let error = error(CallFilter::new(), redirect).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::Config, Some(307)));
    }
}

#[tokio::test]
async fn a_base_url_may_be_the_address_of_the_api_or_of_its_list() {
    for (given, base) in [
        ("https://api.burki.dev", "https://api.burki.dev"),
        (" https://api.burki.dev/// ", "https://api.burki.dev"),
        ("https://api.burki.dev/api/v1", "https://api.burki.dev"),
        ("https://api.burki.dev/api/v1/calls/", "https://api.burki.dev"),
        ("http://localhost:8000/burki/api/v1/", "http://localhost:8000/burki"),
        ("http://localhost:8000/calls", "http://localhost:8000/calls"),
    ] {
        let (provider, canned) = at(given, [ok("[]")]);
        provider.list_page(&CallFilter::new(), PageRequest::first()).await.unwrap();
        assert_eq!(canned.asked(), [format!("{base}/api/v1/calls/?limit=1000")], "{given}");
    }
}
