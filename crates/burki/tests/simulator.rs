//! The simulated server against what the real one was seen to answer, and listings that meet its traps.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use callmux_burki::{Burki, TimeFormat};
use callmux_core::{CallFilter, CallProvider as _, CallProviderExt as _, ErrorKind};
use callmux_http::{HttpProvider, Request, Response, Transport as _};
use callmux_testkit::sims::Simulated;
use callmux_testkit::sims::burki::{Generation, Options, simulate, simulate_as, simulate_with};
use callmux_testkit::{ManualClock, RouterTransport, World};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use support::{data, exchange};

const KEY: &str = "burki_simulated";

async fn ask_with(simulated: &Simulated, authorization: Option<&str>, path: &str) -> Response {
    let url = format!("http://127.0.0.1:58080{path}").parse().unwrap();
    let mut request = Request::new(url, usize::MAX);
    if let Some(value) = authorization {
        request.headers.push(("authorization", value.to_owned().into()));
    }
    let answer = RouterTransport::new(simulated.router.clone()).send(&request).await.unwrap();
    answer.whole(request.body_limit).await.unwrap()
}

async fn ask(simulated: &Simulated, path: &str) -> Response {
    ask_with(simulated, Some(&format!("Bearer {KEY}")), path).await
}

fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

fn rows(response: &Response) -> Vec<Value> {
    assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
    let mut body = body(response);
    let items = if body.is_array() { body } else { body["items"].take() };
    items.as_array().unwrap().clone()
}

fn connect(simulated: &Simulated, dialect: Burki) -> Arc<HttpProvider<Burki>> {
    let builder = callmux_burki::builder_with(dialect, KEY)
        .transport(Arc::new(RouterTransport::new(simulated.router.clone())))
        .clock(Arc::new(ManualClock::at(DateTime::UNIX_EPOCH)));
    Arc::new(builder.build().unwrap())
}

/// The ids that a whole listing gives, and whether it calls itself complete.
async fn listed(
    provider: &Arc<HttpProvider<Burki>>,
    filter: CallFilter,
    page_size: u32,
) -> (Vec<String>, bool) {
    let mut calls = provider.calls(filter).page_size(page_size);
    let mut ids = Vec::new();
    while let Some(call) = calls.next().await {
        ids.push(call.unwrap().id.to_string());
    }
    ids.sort();
    (ids, calls.certificate().is_complete())
}

fn held(simulated: &Simulated) -> Vec<String> {
    let mut ids: Vec<String> = simulated.simulator.rows().into_iter().map(|row| row.id).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn refusals_are_those_that_were_observed() {
    let simulated = simulate(KEY, &World::new(1, 10));
    for (path, seen) in [
        ("limit=1001", "error-422-limit-too-large"),
        ("date_from=2026-02-30", "error-422-bad-date"),
        ("skip=-1&limit=0&min_duration=abc", "error-422-multiple"),
        ("date_from=2026-04-15T10:00:00+00:00", "error-422-plus-decoded-as-space"),
        // A bad value comes before a foreign assistant.
        ("assistant_id=99999&limit=1001", "error-422-limit-too-large"),
    ] {
        let given = ask(&simulated, &format!("/api/v1/calls/?{path}")).await;
        assert_eq!(given.status, 422, "{path}");
        assert_eq!(body(&given), serde_json::from_str::<Value>(&data(seen)).unwrap(), "{path}");
    }
    for (path, status, seen) in [
        ("/api/v1/calls/stats", 422, "error-422-stats-route-shadowed"),
        ("/api/v1/calls/999999", 404, "error-404-call"),
        ("/api/v1/nothing", 404, "error-404-route"),
    ] {
        let given = ask(&simulated, path).await;
        assert_eq!(given.status, status, "{path}");
        assert_eq!(body(&given), serde_json::from_str::<Value>(&data(seen)).unwrap(), "{path}");
    }
}

#[tokio::test]
async fn whole_exchanges_are_those_that_were_observed() {
    let simulated = simulate(KEY, &World::new(1, 10));
    let seen = exchange("exchange-307-missing-trailing-slash");
    let given = ask_with(&simulated, None, "/api/v1/calls?limit=2&status=completed").await;
    assert_eq!((given.status, given.header("location")), (307, seen.header("location")));

    let seen = exchange("exchange-401");
    for key in [None, Some("Bearer burki_other"), Some(KEY), Some("Basic eDp5"), Some("Bearer")] {
        // A bad key is refused before a bad value is.
        let given = ask_with(&simulated, key, "/api/v1/calls/?limit=0").await;
        assert_eq!((given.status, body(&given)), (401, body(&seen)), "{key:?}");
        assert_eq!(given.header("www-authenticate"), Some("Bearer"));
    }
    let lower = ask_with(&simulated, Some(&format!("bearer {KEY} ")), "/api/v1/calls/").await;
    assert_eq!(lower.status, 200);

    let seen = exchange("exchange-500-foreign-assistant-id");
    simulated.simulator.change(|rows| rows[3].value["call_meta"] = json!(["odd"]));
    let none_of_it = "skip=0&limit=1000&date_from=2100-01-01";
    for (query, status) in [
        ("assistant_id=99999", 500),
        ("limit=1000", 500),
        ("customer_phone=%00", 500),
        ("skip=9223372036854775808", 500),
        ("assistant_id=0&date_from=2100-01-01", 200),
        (none_of_it, 200),
    ] {
        let given = ask(&simulated, &format!("/api/v1/calls/?{query}")).await;
        assert_eq!(given.status, status, "{query}");
        if status == 500 {
            assert_eq!(given.body, seen.body);
            assert_eq!(given.header("content-type"), seen.header("content-type"));
        }
    }
}

#[tokio::test]
async fn parameters_are_read_as_the_real_server_reads_them() {
    let simulated = simulate_as(Generation::Public, KEY, &World::new(2, 300));
    let count =
        async |query: &str| rows(&ask(&simulated, &format!("/api/v1/calls/?{query}")).await).len();
    let status =
        async |query: &str| ask(&simulated, &format!("/api/v1/calls/?{query}")).await.status;

    for limit in ["10.0", "%2B10", "1_0", "5&limit=10"] {
        assert_eq!(count(&format!("limit={limit}")).await, 10, "{limit}");
    }
    for limit in ["0", "1001", "-1", "abc", "", "10.5"] {
        assert_eq!(status(&format!("limit={limit}")).await, 422, "{limit}");
    }
    assert_eq!(count("").await, 100);
    assert_eq!(count("page=7&offset=90&call_sid=zzz").await, 100, "unknown names are ignored");
    assert_eq!(count("skip=500").await, 0);
    let completed = count("limit=1000&status=completed").await;
    assert!(completed > 50);
    for nothing in ["COMPLETED", "completed,failed", "%20completed", "unknown"] {
        assert_eq!(count(&format!("status={nothing}")).await, 0, "{nothing}");
    }
    assert_eq!(count("limit=1000&status=&customer_phone=&assistant_id=0").await, 300);

    let numbered = count("limit=1000&customer_phone=%2B").await;
    assert!(numbered > 50);
    assert_eq!(count("limit=1000&customer_phone=+1555").await, 0, "a bare plus is a space");
    assert_eq!(count("limit=1000&customer_phone=%2B%25").await, numbered, "a wildcard");
    assert_eq!(
        count("limit=1000&customer_phone=%2B_5550").await,
        count("limit=1000&customer_phone=%2B15550").await
    );

    let timed = count("limit=1000&date_to=2100-01-01").await;
    assert!(timed < 300, "a bound drops the calls without a start");
    let lasting = count("limit=1000&max_duration=99999999").await;
    assert!(lasting < 300 && lasting == count("limit=1000&min_duration=0").await);
    assert_eq!(count("min_duration=5&max_duration=4").await, 0);
    for (filter, times) in [
        ("date_from", ["2026-09-15T12:00:00Z", "2026-09-15 12:00", "1789473600", "1789473600000"]),
        (
            "date_to",
            [
                "2026-09-15T14:00:00%2B02:00",
                "2026-09-15t07:00:00-0500",
                "2026-09-15T12:00:00,000000999",
                "2026-09-15_12:00:00.0z",
            ],
        ),
    ] {
        let counts = [
            count(&format!("limit=1000&{filter}={}", times[0])).await,
            count(&format!("limit=1000&{filter}={}", times[1])).await,
            count(&format!("limit=1000&{filter}={}", times[2])).await,
            count(&format!("limit=1000&{filter}={}", times[3])).await,
        ];
        assert!(counts[0] > 50 && counts.iter().all(|count| *count == counts[0]), "{counts:?}");
    }
    for time in [
        "24:00",
        "2026-01-01T24:00:00",
        "2026-01-01T00:00:60",
        "04/10/2026",
        "2026-01-01T00:00:00%20UTC",
        "",
    ] {
        assert_eq!(status(&format!("date_to={time}")).await, 422, "{time}");
    }
    let counted = ask(&simulated, "/api/v1/calls/count?status=completed&min_duration=100000").await;
    assert_eq!(body(&counted), json!({ "count": completed }), "it ignores what it does not know");
}

#[tokio::test]
async fn each_generation_has_its_envelope_and_fields() {
    let world = World::new(3, 400);
    for (generation, is_counted, has_costs, flow) in [
        (Generation::Public, false, false, None),
        (Generation::January2026, true, true, Some("assistant_graph_name")),
        (Generation::April2026, true, true, Some("flow_name")),
    ] {
        let simulated = simulate_as(generation, KEY, &world);
        let page = ask(&simulated, "/api/v1/calls/?limit=400").await;
        let first = body(&page);
        assert_eq!(first.is_object(), is_counted);
        if is_counted {
            assert_eq!(
                (&first["total"], &first["skip"], &first["limit"]),
                (&json!(400), &json!(0), &json!(400))
            );
        }
        let text = String::from_utf8(page.body.to_vec()).unwrap();
        let rows = rows(&page);
        let names: BTreeSet<&str> =
            rows[0].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names.contains("total_cost"), has_costs);
        assert_eq!(names.len(), if has_costs { 18 } else { 10 }, "{names:?}");
        assert!(flow.is_none_or(|flow| names.contains(flow)));
        let newest = rows.iter().find_map(|row| row["started_at"].as_str()).unwrap();
        assert_eq!(newest.ends_with('Z'), generation == Generation::January2026);
        let has_fraction = |row: &Value| row["started_at"].as_str().map(|time| time.contains('.'));
        let fractions: BTreeSet<Option<bool>> = rows.iter().map(has_fraction).collect();
        assert_eq!(fractions.len(), 3, "no start, a whole second, a fraction");
        // Floats as Python writes them.
        assert!(text.contains("1e+21") && text.contains("1e-07"));
        let costs = ["0.30000000000000004", "3.15e-05", ":100.0,"];
        assert!(costs.iter().all(|digits| text.contains(digits) == has_costs));
    }
}

#[tokio::test]
async fn a_walk_by_skip_loses_and_repeats_calls_and_a_listing_does_not() {
    let world = World::new(4, 600).with_ties(40);
    let simulated = simulate(KEY, &world);
    let mut by_skip = Vec::new();
    for skip in (0..600).step_by(20) {
        let page = ask(&simulated, &format!("/api/v1/calls/?limit=20&skip={skip}")).await;
        by_skip.extend(rows(&page).iter().map(|row| row["id"].to_string()));
    }
    assert_eq!(by_skip.len(), 600, "as many as there are, and yet not all of them:");
    let unique: BTreeSet<&String> = by_skip.iter().collect();
    assert!(unique.len() < 590, "{}", unique.len());

    for size in [1, 7, 20, 1000] {
        let (ids, is_complete) =
            listed(&connect(&simulated, Burki::default()), CallFilter::new(), size).await;
        assert_eq!(ids, held(&simulated), "page size {size}");
        assert!(is_complete, "page size {size}");
    }
    assert!(
        simulated
            .simulator
            .requests()
            .iter()
            .all(|asked| { !asked.contains("skip") || asked.contains("limit=20&skip") })
    );
}

#[tokio::test]
async fn the_twelve_observed_calls_are_all_listed_in_fours() {
    let simulated = simulate_as(Generation::Public, KEY, &World::new(5, 12));
    let truth: Vec<Value> =
        serde_json::from_str(&data("array-skip-walk-ties-single-request")).unwrap();
    simulated.simulator.change(|rows| {
        for (row, value) in rows.iter_mut().zip(&truth) {
            let started = format!("{}Z", value["started_at"].as_str().unwrap());
            row.id = value["id"].to_string();
            row.placed_at = Some(started.parse::<DateTime<Utc>>().unwrap());
            row.text = value.to_string();
            row.value = value.clone();
        }
    });
    let (ids, is_complete) =
        listed(&connect(&simulated, Burki::default()), CallFilter::new(), 4).await;
    assert_eq!((ids, is_complete), (held(&simulated), true));
}

#[tokio::test]
async fn more_ties_than_a_page_holds_are_read_by_skipping() {
    let simulated = simulate(KEY, &World::new(6, 1200));
    let at: DateTime<Utc> = "2026-03-01T00:00:00Z".parse().unwrap();
    simulated.simulator.change(|rows| {
        for row in rows.iter_mut() {
            row.placed_at = Some(at);
            row.value["started_at"] = json!("2026-03-01T00:00:00");
            row.text = row.value.to_string();
        }
    });
    let (ids, is_complete) =
        listed(&connect(&simulated, Burki::default()), CallFilter::new(), 0).await;
    assert_eq!((ids, is_complete), (held(&simulated), true));
}

#[tokio::test]
async fn a_foreign_assistant_and_a_broken_row_are_told_apart() {
    let simulated = simulate(KEY, &World::new(7, 20));
    let provider = connect(&simulated, Burki::default());
    let mut listing = provider.calls(CallFilter::new().agent("99999"));
    let error = listing.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("check the agent"), "{error}");
    assert!(error.attempts() > 1, "it may be a passing failure as well");

    simulated.simulator.change(|rows| rows[3].value["call_meta"] = json!("text"));
    let error = provider.calls(CallFilter::new()).next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("narrow the time range"), "{error}");
}

#[tokio::test]
async fn naive_times_mean_the_same_in_any_zone_of_the_servers_session() {
    let world = World::new(8, 200);
    let simulate_in = |hours| {
        let session_zone = TimeDelta::hours(hours);
        simulate_with(Options { generation: Generation::Public, session_zone }, KEY, &world)
    };
    let since = world.until - TimeDelta::days(10);
    let until = world.until - TimeDelta::days(5);
    let filter = || CallFilter::new().since(since).until(until);
    let utc = connect(&simulate_in(0), Burki::default());
    let (expected, _) = listed(&utc, filter(), 10).await;
    assert!(expected.len() > 10);
    for hours in [-4, 0, 9] {
        let naive = connect(&simulate_in(hours), Burki::with_time_format(TimeFormat::Naive));
        assert_eq!(listed(&naive, filter(), 10).await, (expected.clone(), true), "{hours}");
    }
    // This is what the option is for: the other form asks for other hours there.
    let zulu = connect(&simulate_in(9), Burki::default());
    let page = zulu.list_page(&filter(), callmux_core::PageRequest::first()).await.unwrap();
    assert!(page.calls.len() < expected.len());
}

#[tokio::test]
async fn the_wrong_address_of_the_list_still_works_within_its_origin() {
    let simulated = simulate(KEY, &World::new(9, 5));
    let moved = ask(&simulated, "/api/v1/calls?limit=3").await;
    assert_eq!(moved.header("location"), Some("http://127.0.0.1:58080/api/v1/calls/?limit=3"));
    let health = ask_with(&simulated, None, "/health").await;
    assert_eq!(body(&health), json!({ "status": "healthy", "service": "burki-voice-ai" }));
}

/// A public server whose database session is not in UTC takes `…Z` for a local time. What a listing then leaves out is noticed
/// by the calls that it cannot meet again.
#[tokio::test]
async fn bounds_that_the_server_misreads_are_never_complete() {
    for hours in [-4, 9] {
        let options =
            Options { generation: Generation::Public, session_zone: TimeDelta::hours(hours) };
        let simulated = simulate_with(options, KEY, &World::new(5, 200));
        let mut calls =
            connect(&simulated, Burki::default()).calls(CallFilter::new()).page_size(20);
        while calls.next().await.is_some() {}
        assert!(!calls.certificate().is_complete(), "{hours}: {}", calls.certificate());
    }
}
