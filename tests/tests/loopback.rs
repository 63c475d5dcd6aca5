//! Each vendor over a real socket, as an application reaches it: the registry, an environment, reqwest, loopback.
//!
//! The conformance suite runs in process. What it cannot see is here: the transport, compression, broken connections, redirects,
//! and where the key goes.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use callmux::http::{Dialect, HttpProviderBuilder};
use callmux::{
    Call, CallFilter, CallProvider, CallProviderExt as _, CallStatus, Direction, DurationRange,
    Environment, Error, ErrorKind, MemoryProvider, Registry, RetryPolicy, Source,
};
use callmux_testkit::sims::Simulated;
use callmux_testkit::{ManualClock, RouterTransport, World, serve};
use callmux_tests::{AUTOCALLS, VAPI, VENDORS, VendorUnderTest};
use chrono::TimeDelta;
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;

const KEY: &str = "sk-loopback-0123456789abcdef";

/// A server on loopback; it ends with the test.
struct Server {
    origin: String,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    async fn start(router: Router) -> Self {
        let (address, task) = serve(router, 0).await.unwrap();
        Self { origin: format!("http://{address}"), task }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Connects as an application does. The pace that a vendor is believed to allow is lifted: nobody counts here.
fn connect(vendor: VendorUnderTest, base_url: &str, key: &str) -> Arc<dyn CallProvider> {
    let environment: Environment = [(vendor.key_variable, key)].into_iter().collect();
    let mut source: Source = format!("{}@{base_url}", vendor.name).parse().unwrap();
    source.options.insert("requests_per_minute".to_owned(), "0".to_owned());
    Registry::standard().connect_source(&source, &environment).unwrap()
}

/// The same account, of whose retries a test need not wait for.
fn connect_hastily(vendor: VendorUnderTest, base_url: &str) -> Arc<dyn CallProvider> {
    fn build<D: Dialect>(builder: HttpProviderBuilder<D>, base_url: &str) -> Arc<dyn CallProvider> {
        let mut retry = RetryPolicy::default().with_attempts(3);
        retry.base = Duration::from_millis(1);
        let builder = builder.key(KEY).base_url(base_url).retry(retry).requests_per_minute(None);
        Arc::new(builder.build().unwrap())
    }
    match vendor.name {
        "autocalls" => build(callmux::autocalls::builder(""), base_url),
        "burki" => build(callmux::burki::builder(""), base_url),
        _ => build(callmux::vapi::builder(""), base_url),
    }
}

async fn list(provider: &Arc<dyn CallProvider>, filter: CallFilter) -> Vec<Call> {
    let mut listing = provider.calls(filter);
    let mut calls = Vec::new();
    while let Some(call) = listing.next().await {
        calls.push(call.unwrap());
    }
    assert!(listing.certificate().is_complete(), "{}", listing.certificate());
    calls
}

/// The error that a listing ends with. Until then it may have given calls, and it gives nothing after.
async fn failure(provider: &Arc<dyn CallProvider>) -> Error {
    let mut listing = provider.calls(CallFilter::new());
    let error = loop {
        match listing.next().await {
            Some(Ok(_)) => {}
            Some(Err(error)) => break error,
            None => panic!("the listing ended well: {}", listing.certificate()),
        }
    };
    assert!(listing.next().await.is_none());
    assert!(!listing.certificate().is_complete());
    assert!(!error.to_string().contains('\n'), "{error}");
    assert!(!format!("{error} {error:?}").contains(KEY), "{error:?}");
    error
}

/// Every call of a simulated vendor, without a socket.
async fn in_process(vendor: VendorUnderTest, simulated: &Simulated) -> Vec<Call> {
    let world = World::new(0, 0);
    let environment: Environment = [(vendor.key_variable, KEY)].into_iter().collect();
    let registry = Registry::standard()
        .with_transport(Arc::new(RouterTransport::new(simulated.router.clone())))
        .with_clock(Arc::new(ManualClock::at(world.until)));
    let source = format!("{}@http://vendor.example{}", vendor.name, simulated.base_path);
    list(&registry.connect(&source, &environment).unwrap(), CallFilter::new()).await
}

#[tokio::test]
async fn a_listing_is_the_same_over_a_socket_as_in_process() {
    for vendor in VENDORS {
        let simulated = (vendor.simulate)(KEY, &World::new(101, 330).with_ties(7));
        let expected = in_process(vendor, &simulated).await;
        let server = Server::start(simulated.router).await;
        let provider = connect(vendor, &format!("{}{}", server.origin, simulated.base_path), KEY);
        provider.check().await.unwrap();
        let given = list(&provider, CallFilter::new()).await;
        assert_eq!(given.len(), simulated.simulator.rows().len(), "{}", vendor.name);
        assert_eq!(given, expected, "{}", vendor.name);
        assert_eq!(provider.get(given[17].id.as_str()).await.unwrap(), given[17]);
    }
}

/// Filters that mean some of these calls, and not all of them.
fn filters(all: &[Call]) -> Vec<CallFilter> {
    let at = |place: usize| all[place..].iter().find_map(|call| call.placed_at).unwrap();
    let (newer, older) = (at(all.len() / 4), at(all.len() / 2));
    let half = TimeDelta::microseconds(500);
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let long = DurationRange { min: seconds(60), max: None };
    let mut numbers = all.iter().filter_map(|call| call.customer.as_ref()?.number.clone());
    // Some callers are "anonymous".
    let number = numbers.find(|number| number.digits().len() >= 7).unwrap();
    let digits = number.digits();
    vec![
        CallFilter::new().since(older),
        CallFilter::new().until(newer),
        CallFilter::new().since(older).until(newer),
        CallFilter::new().since(older - half).until(newer + half),
        CallFilter::new().status([CallStatus::Completed]),
        CallFilter::new().status([CallStatus::NoAnswer]),
        CallFilter::new().status([CallStatus::Busy, CallStatus::Failed, CallStatus::Unknown]),
        CallFilter::new().direction([Direction::Inbound]),
        CallFilter::new().duration(long),
        CallFilter::new().duration(DurationRange { min: seconds(30), max: seconds(120) }),
        CallFilter::new().customer(number),
        CallFilter::new().customer_contains(&digits[digits.len() - 3..]),
        CallFilter::new().ids([all[3].id.clone()]),
        CallFilter::new().ids([all[3].id.clone(), all[200].id.clone(), "1".into()]),
        CallFilter::new().since(older).status([CallStatus::Completed]).duration(long),
    ]
}

#[tokio::test]
async fn a_filter_means_over_a_socket_what_it_means_in_memory() {
    for vendor in VENDORS {
        let simulated = (vendor.simulate)(KEY, &World::new(102, 240));
        let server = Server::start(simulated.router).await;
        let provider = connect(vendor, &format!("{}{}", server.origin, simulated.base_path), KEY);
        let all = list(&provider, CallFilter::new()).await;
        let memory: Arc<dyn CallProvider> = Arc::new(MemoryProvider::new(all.clone()));
        for filter in filters(&all) {
            let expected = list(&memory, filter.clone()).await;
            assert!((1..all.len()).contains(&expected.len()), "{}: {filter:?}", vendor.name);
            assert_eq!(list(&provider, filter.clone()).await, expected, "{filter:?}");
        }

        // By agent: one vendor sends no agent's id, so what it stores is the reference.
        let rows = simulated.simulator.rows();
        let agent_of = |id: &str| {
            let row = rows.iter().find(|row| row.id == id)?;
            let agent = row.value.get("assistant_id").or_else(|| row.value.get("assistantId"))?;
            Some(agent.as_str().map_or_else(|| agent.to_string(), str::to_owned))
        };
        let agent = all.iter().find_map(|call| agent_of(call.id.as_str())).unwrap();
        let held = |call: &&Call| agent_of(call.id.as_str()).as_ref() == Some(&agent);
        let expected: Vec<_> = all.iter().filter(held).map(|call| &call.id).collect();
        let given = list(&provider, CallFilter::new().agent(&agent)).await;
        assert!((1..all.len()).contains(&given.len()), "{}: agent {agent}", vendor.name);
        assert_eq!(given.iter().map(|call| &call.id).collect::<Vec<_>>(), expected);
        let named = |call: &Call| call.agent.as_ref().and_then(|agent| agent.id.clone());
        assert!(given.iter().all(|call| named(call).as_ref() == Some(&agent)));
    }
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_the_variable_is_named() {
    for vendor in VENDORS {
        let simulated = (vendor.simulate)("another-key", &World::new(103, 20));
        let server = Server::start(simulated.router).await;
        let provider = connect(vendor, &format!("{}{}", server.origin, simulated.base_path), KEY);
        for error in [provider.check().await.unwrap_err(), failure(&provider).await] {
            assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error}");
            assert_eq!(error.status(), Some(401), "{error}");
            assert!(
                error.remedy().is_some_and(|remedy| remedy.contains(vendor.key_variable)),
                "{error}"
            );
        }
        assert_eq!(simulated.simulator.requests().len(), 2, "a refused key was tried again");
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_unavailable_and_the_remedy_says_what_to_check() {
    // A socket that has its port and does not listen: the port is nobody else's while this runs.
    let nobody = TcpSocket::new_v4().unwrap();
    nobody.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = nobody.local_addr().unwrap();
    for vendor in VENDORS {
        let error = failure(&connect_hastily(vendor, &format!("http://{address}/api"))).await;
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert_eq!(error.attempts(), 3, "{error}");
        assert!(error.remedy().is_some_and(|remedy| remedy.contains("base URL")), "{error}");
        assert!(error.to_string().contains(&address.to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_web_page_is_not_a_list() {
    let page = || async {
        let page = "<!DOCTYPE html>\n<html><title>Sign in</title></html>";
        ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page)
    };
    let server = Server::start(Router::new().fallback(page)).await;
    for vendor in VENDORS {
        let error = failure(&connect(vendor, &server.origin, KEY)).await;
        assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
        assert!(error.to_string().contains("web page"), "{error}");
        assert!(error.remedy().is_some_and(|remedy| remedy.contains("base URL")), "{error}");
        assert_eq!(error.attempts(), 1, "{error}");
    }
}

/// This machine may be told to send everything through a proxy, which cannot reach its loopback and must not see the key.
#[test]
fn a_server_on_loopback_is_reached_past_a_proxy() {
    let this = std::env::current_exe().unwrap();
    let mut again = std::process::Command::new(this);
    again.args(["--exact", "a_listing_is_the_same_over_a_socket_as_in_process"]);
    // Nobody listens there.
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        again.env(name, "http://127.0.0.1:9");
    }
    let ran = again.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}

/// The bytes as a gzip file of stored blocks: a server's compression, without a crate that compresses.
fn gzip(plain: &[u8]) -> Vec<u8> {
    let crc = plain.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    });
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let mut blocks = plain.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap();
        file.push(u8::from(blocks.peek().is_none()));
        file.extend(length.to_le_bytes());
        file.extend((!length).to_le_bytes());
        file.extend(block);
    }
    file.extend((!crc).to_le_bytes());
    file.extend(u32::try_from(plain.len()).unwrap().to_le_bytes());
    file
}

async fn body_of(response: Response) -> (axum::http::response::Parts, Bytes) {
    let (head, body) = response.into_parts();
    (head, to_bytes(body, usize::MAX).await.unwrap())
}

#[tokio::test]
async fn answers_may_be_compressed() {
    for vendor in VENDORS {
        let compressed = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&compressed);
        let compress = from_fn(move |request: Request, next: Next| {
            let count = Arc::clone(&count);
            async move {
                let accepted = request.headers().get(header::ACCEPT_ENCODING).cloned();
                let (mut head, body) = body_of(next.run(request).await).await;
                if !accepted.is_some_and(|accepted| accepted.to_str().unwrap().contains("gzip")) {
                    return Response::from_parts(head, Body::from(body));
                }
                count.fetch_add(1, Ordering::SeqCst);
                head.headers.remove(header::CONTENT_LENGTH);
                head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                Response::from_parts(head, Body::from(gzip(&body)))
            }
        });
        let simulated = (vendor.simulate)(KEY, &World::new(104, 150));
        let expected = in_process(vendor, &simulated).await;
        let server = Server::start(simulated.router.layer(compress)).await;
        let provider = connect(vendor, &format!("{}{}", server.origin, simulated.base_path), KEY);
        assert_eq!(list(&provider, CallFilter::new()).await, expected, "{}", vendor.name);
        assert!(compressed.load(Ordering::SeqCst) > 0, "no request asked for gzip");
    }
}

/// The first `times` answers break off in the middle of their bodies, and the connection with them.
fn broken(router: Router, times: u32, keep_length: bool) -> Router {
    let left = Arc::new(AtomicU32::new(times));
    router.layer(from_fn(move |request: Request, next: Next| {
        let left = Arc::clone(&left);
        async move {
            let (mut head, body) = body_of(next.run(request).await).await;
            let take = |left: u32| left.checked_sub(1);
            if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_err() {
                return Response::from_parts(head, Body::from(body));
            }
            // With its length, the client knows what is missing; without, the last chunk is.
            if keep_length {
                head.headers.insert(header::CONTENT_LENGTH, body.len().into());
            } else {
                head.headers.remove(header::CONTENT_LENGTH);
            }
            let parts = [Ok(body.slice(..body.len() / 2)), Err(std::io::Error::other("broken"))];
            Response::from_parts(head, Body::from_stream(futures_util::stream::iter(parts)))
        }
    }))
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_middle_is_tried_again_and_never_read_as_an_end() {
    for (vendor, keep_length) in
        VENDORS.into_iter().flat_map(|vendor| [(vendor, true), (vendor, false)])
    {
        let simulated = (vendor.simulate)(KEY, &World::new(105, 120));
        let expected = in_process(vendor, &simulated).await;
        let base_url = |server: &Server| format!("{}{}", server.origin, simulated.base_path);

        let server = Server::start(broken(simulated.router.clone(), 2, keep_length)).await;
        let provider = connect_hastily(vendor, &base_url(&server));
        assert_eq!(list(&provider, CallFilter::new()).await, expected, "{}", vendor.name);

        let server = Server::start(broken(simulated.router.clone(), u32::MAX, keep_length)).await;
        let error = failure(&connect_hastily(vendor, &base_url(&server))).await;
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert_eq!(error.attempts(), 3, "{error}");
        assert!(error.to_string().contains("cut short"), "{error}");
    }
}

#[tokio::test]
async fn a_redirect_to_another_origin_is_not_followed_and_the_key_stays_here() {
    for status in [301, 302, 303, 307, 308] {
        let reached = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&reached);
        let thief = Server::start(Router::new().fallback(move || {
            count.fetch_add(1, Ordering::SeqCst);
            async { "[]" }
        }))
        .await;
        let target = thief.origin.clone();
        let server = Server::start(Router::new().fallback(move |uri: Uri| {
            let answer = Response::builder().status(status);
            let answer = answer.header(header::LOCATION, format!("{target}{uri}"));
            async { answer.body(Body::empty()).unwrap() }
        }))
        .await;
        for vendor in VENDORS {
            let error = failure(&connect(vendor, &server.origin, KEY)).await;
            assert_eq!(error.kind(), ErrorKind::Config, "{status}: {error}");
            assert!(error.remedy().is_some_and(|remedy| remedy.contains("base URL")), "{error}");
            assert_eq!(error.attempts(), 1, "{error}");
        }
        // Not even a request without the key: nothing was asked of the other origin.
        assert_eq!(reached.load(Ordering::SeqCst), 0, "{status} was followed");
    }
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_followed_with_the_key() {
    for vendor in VENDORS {
        let simulated = (vendor.simulate)(KEY, &World::new(106, 40));
        let expected = in_process(vendor, &simulated).await;
        let moved = from_fn(|request: Request, next: Next| async move {
            let uri = request.uri().to_string();
            let Some(target) = uri.strip_prefix("/old") else { return next.run(request).await };
            let answer = Response::builder().status(StatusCode::TEMPORARY_REDIRECT);
            answer.header(header::LOCATION, target).body(Body::empty()).unwrap()
        });
        // Around the routes: a layer of theirs would see only addresses that are one.
        let routes = Router::new().fallback_service(simulated.router).layer(moved);
        let server = Server::start(routes).await;
        let base_url = format!("{}/old{}", server.origin, simulated.base_path);
        let provider = connect(vendor, &base_url, KEY);
        assert_eq!(list(&provider, CallFilter::new()).await, expected, "{}", vendor.name);
    }
}

#[tokio::test]
async fn a_white_label_is_reached_by_its_base_url_however_it_is_written() {
    let simulated = (AUTOCALLS.simulate)(KEY, &World::new(107, 130));
    let server = Server::start(simulated.router.clone()).await;
    let expected: Vec<_> =
        in_process(AUTOCALLS, &simulated).await.into_iter().map(|call| call.id).collect();
    for path in ["/api", "/api/", "", "/", "//api//"] {
        let environment: Environment = [("AUTOCALLS_FAMULOR_API_KEY", KEY)].into_iter().collect();
        let source = format!("famulor@{}{path}", server.origin);
        let provider = Registry::standard().connect(&source, &environment).unwrap();
        assert_eq!(provider.info().vendor.as_str(), "autocalls");
        let calls = list(&provider, CallFilter::new()).await;
        assert!(calls.iter().all(|call| call.account.as_str() == "famulor"));
        let ids: Vec<_> = calls.into_iter().map(|call| call.id).collect();
        assert_eq!(ids, expected, "{path:?}");
    }
    assert!(
        simulated.simulator.requests().iter().all(|asked| asked.starts_with("/api/user/calls?"))
    );
}

#[tokio::test]
async fn a_vendors_key_is_not_given_to_a_white_label_nor_to_another_account() {
    let simulated = (AUTOCALLS.simulate)(KEY, &World::new(108, 1));
    let server = Server::start(simulated.router).await;
    let environment: Environment =
        [(AUTOCALLS.key_variable, KEY), (VAPI.key_variable, KEY)].into_iter().collect();
    for (name, variable) in [
        ("famulor", "AUTOCALLS_FAMULOR_API_KEY"),
        ("autocalls:emea", "AUTOCALLS_EMEA_API_KEY"),
        ("vapi:emea", "VAPI_EMEA_API_KEY"),
    ] {
        let source = format!("{name}@{}", server.origin);
        let error = Registry::standard().connect(&source, &environment).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error}");
        assert!(error.to_string().contains(variable), "{error}");
    }
    assert!(simulated.simulator.requests().is_empty());
}
