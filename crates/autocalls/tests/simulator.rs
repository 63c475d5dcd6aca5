//! The simulated vendor against recordings of the framework, so that it is not the only witness of itself.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

mod support;

use callmux_http::{Request, Response, Transport as _};
use callmux_testkit::sims::autocalls::{Habits, Metadata, simulate_with};
use callmux_testkit::{RouterTransport, World};
use serde_json::Value;
use support::file;

const JSON: Option<&str> = Some("application/json");

async fn ask_with(habits: Habits, target: &str, key: &str, accept: Option<&str>) -> Response {
    let router = simulate_with("1|key", &World::new(1, 700), habits).router;
    let url = format!("http://vendor.example{target}").parse().unwrap();
    let mut request = Request::new(url, 1 << 24);
    request.headers.push(("authorization", format!("Bearer {key}").into()));
    if let Some(accept) = accept {
        request.headers.push(("accept", accept.to_owned().into()));
    }
    let answer = RouterTransport::new(router).send(&request).await.unwrap();
    answer.whole(request.body_limit).await.unwrap()
}

async fn ask(target: &str) -> (u16, Value) {
    let answer = ask_with(Habits::default(), target, "1|key", JSON).await;
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

/// The keys of an object's text, in their order.
fn keys(body: &[u8]) -> Vec<String> {
    struct Keys(Vec<String>);
    impl<'de> serde::Deserialize<'de> for Keys {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct InOrder;
            impl<'de> serde::de::Visitor<'de> for InOrder {
                type Value = Keys;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(
                    self,
                    mut entries: A,
                ) -> Result<Keys, A::Error> {
                    let mut keys = Vec::new();
                    while let Some((key, serde::de::IgnoredAny)) = entries.next_entry()? {
                        keys.push(key);
                    }
                    Ok(Keys(keys))
                }
            }
            deserializer.deserialize_map(InOrder)
        }
    }
    serde_json::from_slice::<Keys>(body).unwrap().0
}

#[tokio::test]
async fn pages_have_the_keys_of_the_recorded_ones_in_their_order() {
    let old = Habits { metadata: Metadata::Laravel8, ..Habits::default() };
    let trimmed = Habits { metadata: Metadata::Trimmed, ..Habits::default() };
    for (habits, query, recorded) in [
        (Habits::default(), "", "observed/style-12-page.json"),
        (old, "?per_page=2&page=5", "observed/page-middle.json"),
        (old, "?per_page=16&page=99", "observed/page-beyond-last.json"),
        (trimmed, "?per_page=2", "observed/quirk-trimmed-1.json"),
    ] {
        let answer = ask_with(habits, &format!("/api/user/calls{query}"), "1|key", JSON).await;
        assert_eq!(keys(&answer.body), keys(&file(recorded)), "{recorded}");
    }
    let row =
        |page: &Value| page["data"][0].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let recorded: Value = serde_json::from_slice(&file("observed/page-first.json")).unwrap();
    assert_eq!(row(&ask("/api/user/calls").await.1), row(&recorded));
}

#[tokio::test]
async fn pages_are_counted_and_linked_as_recorded() {
    // 700 calls by 2 are as many pages as need gaps; the recording has 2500.
    let labels = |page: &Value| -> Vec<String> {
        let links = page["links"].as_array().unwrap();
        links.iter().map(|link| link["label"].as_str().unwrap().to_owned()).collect()
    };
    let middle = ask("/api/user/calls?per_page=2&page=200&status=").await.1;
    let recorded: Value = serde_json::from_slice(&file("observed/page-middle.json")).unwrap();
    let shift = |labels: Vec<String>, page: i64, last: i64| -> Vec<String> {
        let place = |label: String| match label.parse::<i64>() {
            Ok(number) if number >= last - 1 => format!("last {}", last - number),
            Ok(number) if number > 2 => format!("here {}", number - page),
            _ => label,
        };
        labels.into_iter().map(place).collect()
    };
    assert_eq!(shift(labels(&middle), 200, 350), shift(labels(&recorded), 1200, 2500));
    assert_eq!((&middle["per_page"], &middle["total"]), (&Value::from(2), &Value::from(700)));
    assert_eq!((&middle["from"], &middle["to"]), (&Value::from(399), &Value::from(400)));
    // The filter is lost from the links, and so is the size.
    let busy = ask("/api/user/calls?per_page=2&status=completed").await.1;
    assert_eq!(busy["next_page_url"], "http://vendor.example/api/user/calls?page=2");

    let beyond = ask("/api/user/calls?per_page=100&page=9").await.1;
    assert_eq!((&beyond["current_page"], &beyond["last_page"]), (&9.into(), &7.into()));
    assert_eq!((&beyond["data"], &beyond["from"]), (&Value::Array(vec![]), &Value::Null));
    for first in ["0", "-1", "x", "9223372036854775808"] {
        assert_eq!(ask(&format!("/api/user/calls?page={first}")).await.1["current_page"], 1);
    }
}

#[tokio::test]
async fn refusals_are_the_recorded_ones() {
    for (query, recorded) in [
        ("?per_page=101", Some("per_page")),
        ("?per_page=0", Some("per_page")),
        ("?per_page=15.0", Some("per_page")),
        ("?date_from=2025-10-01T00:00:00Z", Some("date_from")),
        ("?date_to=2025-02-30", Some("date_to")),
        ("?date_to=2025-2-3", Some("date_to")),
        ("?status[]=completed", Some("status")),
        ("?status=done", Some("status")),
        ("?status=voicemail", Some("status")),
        ("?type=transfer", Some("type")),
        ("?assistant_id=x", Some("assistant_id")),
        ("?status=&limit=9&order=id", None),
    ] {
        let (status, body) = ask(&format!("/api/user/calls{query}")).await;
        let field = body["errors"].as_object().map(|errors| errors.keys().next().unwrap().clone());
        assert_eq!(field.as_deref(), recorded, "{query}");
        assert_eq!(status, if recorded.is_some() { 422 } else { 200 }, "{query}");
    }
    let several = ask("/api/user/calls?per_page=abc&status=done").await.1;
    let recorded: Value =
        serde_json::from_slice(&file("observed/style-12-422-several.json")).unwrap();
    assert_eq!(several, recorded);

    let habits = Habits::default();
    let recorded = file("observed/401.json");
    let answer = ask_with(habits, "/api/user/calls", "nope", JSON).await;
    assert_eq!((answer.status, &answer.body[..]), (401, &recorded[..]));
    for accept in [None, Some("*/*"), Some("text/html, application/json")] {
        let answer = ask_with(habits, "/api/user/calls", "nope", accept).await;
        let to = answer.header("location");
        assert_eq!((answer.status, to), (302, Some("http://vendor.example/login")));
        let answer = ask_with(habits, "/api/user/calls?per_page=101", "1|key", accept).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (302, Some("http://vendor.example/"))
        );
    }
    let page = ask_with(habits, "/login", "nope", None).await;
    assert_eq!((page.status, &page.body[..]), (200, &file("observed/200-login-page.html")[..]));
}

#[tokio::test]
async fn a_raw_plus_is_a_space_and_finds_nothing() {
    let rows = simulate_with("1|key", &World::new(1, 700), Habits::default()).simulator.rows();
    let number = rows.iter().find_map(|row| row.value["client_phone_number"].as_str()).unwrap();
    let digits = number.trim_start_matches('+');
    let found = |target: String| async move { ask(&target).await.1["total"].as_u64().unwrap() };
    assert_eq!(found(format!("/api/user/calls?phone_number=+{digits}")).await, 0);
    assert!(found(format!("/api/user/calls?phone_number=%2B{digits}")).await > 0);
    let in_part = Habits { phone_in_part: true, ..Habits::default() };
    let target = format!("/api/user/calls?phone_number=+{digits}");
    let answer = ask_with(in_part, &target, "1|key", JSON).await;
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(body["total"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn a_date_names_a_day_of_the_accounts_zone_and_its_end_may_be_missing() {
    use chrono::{FixedOffset, NaiveTime};
    let zone = FixedOffset::east_opt(9 * 3600).unwrap();
    let rows = simulate_with("1|key", &World::new(1, 700), Habits::default()).simulator.rows();
    let local = |row: &callmux_testkit::SimulatedRow| {
        row.placed_at.unwrap().with_timezone(&zone).naive_local()
    };
    let day = local(&rows[300]).date();
    let count = |means: &dyn Fn(chrono::NaiveDateTime) -> bool| {
        rows.iter().filter(|row| means(local(row))).count() as u64
    };
    let habits = Habits { filter_zone: zone, ..Habits::default() };
    let midnight = Habits { date_to_is_midnight: true, ..habits };
    for (habits, query, expected) in [
        (habits, format!("date_from={day}&date_to={day}"), count(&|at| at.date() == day)),
        (habits, format!("date_to={day}"), count(&|at| at.date() <= day)),
        (midnight, format!("date_to={day}"), count(&|at| at <= day.and_time(NaiveTime::MIN))),
        (midnight, format!("date_from={day}"), count(&|at| at.date() >= day)),
    ] {
        let answer = ask_with(habits, &format!("/api/user/calls?{query}"), "1|key", JSON).await;
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(body["total"], expected, "{query} {habits:?}");
        assert!(expected > 0);
    }
}
