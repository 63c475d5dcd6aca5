//! Where requests go.

use callmux_core::{CallFilter, CallProvider as _, PageRequest};
use callmux_http::Environment;
use callmux_vapi::EU_BASE_URL;

use super::canned::{Canned, KEY, connect, over};

async fn asked(base_url: &str) -> String {
    let canned = Canned::with(200, "[]");
    let provider = connect(&canned, |builder| builder.base_url(base_url));
    provider.list_page(&CallFilter::new(), PageRequest::first().with_size(7)).await.unwrap();
    canned.asked().remove(0)
}

#[tokio::test]
async fn the_path_is_put_below_any_base() {
    for (base_url, expected) in [
        ("https://api.vapi.ai", "https://api.vapi.ai/call?limit=7"),
        ("https://api.vapi.ai/", "https://api.vapi.ai/call?limit=7"),
        (EU_BASE_URL, "https://api.eu.vapi.ai/call?limit=7"),
        ("https://proxy.example/vapi", "https://proxy.example/vapi/call?limit=7"),
        ("https://proxy.example/vapi//", "https://proxy.example/vapi/call?limit=7"),
        (" http://127.0.0.1:8080 ", "http://127.0.0.1:8080/call?limit=7"),
    ] {
        assert_eq!(asked(base_url).await, expected);
    }
}

#[tokio::test]
async fn the_environment_names_key_and_base() {
    let canned = Canned::with(200, "[]");
    let variables = [("VAPI_API_KEY", KEY), ("VAPI_BASE_URL", EU_BASE_URL)];
    let environment: Environment = variables.into_iter().collect();
    let builder = callmux_vapi::from_environment(&environment);
    over(&canned, builder).check().await.unwrap();
    assert_eq!(canned.asked(), ["https://api.eu.vapi.ai/call?limit=1"]);

    let error = callmux_vapi::from_environment(&Environment::default()).build().unwrap_err();
    assert_eq!(error.to_string(), "vapi: no key is set; set VAPI_API_KEY");
}

#[tokio::test]
async fn one_call_is_asked_for_by_its_id() {
    let canned = Canned::with(200, r#"{"id": "a/b ü", "status": "queued"}"#);
    let call = connect(&canned, |builder| builder).get("a/b ü").await.unwrap();
    assert_eq!(call.id.as_str(), "a/b ü");
    assert_eq!(canned.asked(), ["https://api.vapi.ai/call/a%2Fb%20%C3%BC"]);
}

#[tokio::test]
async fn rows_can_be_kept_to_the_byte() {
    let row = r#"{ "id":"1",  "cost":1e-7,"unknown":[ ] }"#;
    let canned = Canned::with(200, format!("[{row}]"));
    let provider = connect(&canned, |builder| builder);
    let mut request = PageRequest::first();
    request.keep_raw = true;
    let page = provider.list_page(&CallFilter::new(), request).await.unwrap();
    assert_eq!(page.calls[0].raw.as_ref().unwrap().get(), row);
    let page = provider.list_page(&CallFilter::new(), PageRequest::first()).await.unwrap();
    assert_eq!(page.calls[0].raw, None);
}
