//! What is asked: never more than the twelve names, never an instant that the server cannot read.

use std::collections::BTreeSet;
use std::time::Duration;

use callmux_core::{
    CallFilter, CallId, CallProvider as _, CallStatus, Channel, CostRange, Currency, Decimal,
    Direction, DurationRange, EndedReason, Field, PageRequest, Support, TimeRange,
};
use callmux_http::Dialect as _;
use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::{collection, option, sample};

use super::canned::{Canned, connect, query};
use super::*;

const NAMES: [&str; 12] = [
    "id",
    "assistantId",
    "phoneNumberId",
    "limit",
    "createdAtGt",
    "createdAtLt",
    "createdAtGe",
    "createdAtLe",
    "updatedAtGt",
    "updatedAtLt",
    "updatedAtGe",
    "updatedAtLe",
];

fn sent(filter: &CallFilter) -> Vec<(String, String)> {
    let plan = Vapi.plan(filter).unwrap();
    plan.parameters.into_iter().map(|sent| (sent.name, sent.value)).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn bounds_are_sent_as_milliseconds_and_never_moved_inward() {
    let filter = CallFilter::new()
        .since(at("2026-01-01T00:00:00.0001Z"))
        .until(at("2026-02-01T01:59:59.9999+02:00"))
        .updated(TimeRange { since: Some(at("2026-03-01T00:00:00.5Z")), until: None });
    let expected = [
        ("createdAtGe", "2026-01-01T00:00:00.001Z"),
        ("createdAtLt", "2026-02-01T00:00:00.000Z"),
        ("updatedAtGe", "2026-03-01T00:00:00.500Z"),
    ];
    assert_eq!(sent(&filter), pairs(&expected));
    assert!(Vapi.plan(&filter).unwrap().is_exact());

    let filter = CallFilter::new()
        .updated(TimeRange { since: None, until: Some(at("2026-03-01T00:00:00Z")) });
    assert_eq!(sent(&filter), pairs(&[("updatedAtLt", "2026-03-01T00:00:00.000Z")]));
}

#[test]
fn each_condition_is_served_as_documented() {
    let filter = CallFilter::new()
        .since(at("2026-01-01T00:00:00Z"))
        .updated(TimeRange { since: Some(at("2026-01-01T00:00:00Z")), until: None })
        .status([CallStatus::Failed])
        .direction([Direction::Inbound])
        .channel([Channel::Web])
        .customer("+15550100100")
        .agent("b")
        .campaign("c")
        .ended_reason([EndedReason::Busy])
        .duration(DurationRange::default())
        .cost(CostRange { currency: Currency::USD, min: None, max: None })
        .ids(["a"]);
    let plan = Vapi.plan(&filter).unwrap();
    for (field, served) in &plan.conditions {
        let expected = match field {
            Field::Placed | Field::Updated | Field::Agent | Field::Id => Support::Exact,
            _ => Support::Client,
        };
        assert_eq!(served.support, expected, "{field}");
    }
    assert_eq!(plan.conditions.len(), Field::ALL.len());
    let names: Vec<&str> = plan.parameters.iter().map(|sent| sent.name.as_str()).collect();
    assert_eq!(names, ["createdAtGe", "updatedAtGe", "assistantId", "id"]);
}

#[test]
fn several_ids_are_checked_here() {
    assert_eq!(sent(&CallFilter::new().ids(["a"])), pairs(&[("id", "a")]));
    let several = CallFilter::new().ids(["a", "b"]);
    assert_eq!(sent(&several), []);
    let plan = Vapi.plan(&several).unwrap();
    assert_eq!(plan.conditions[&Field::Id].support, Support::Client);
    assert!(Vapi.plan(&CallFilter::new().ids([""; 0])).unwrap().impossible.is_some());
}

#[test]
fn the_ends_of_time_are_sent_as_the_nearest_year_that_can_be_read() {
    let (first, last) = ("0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z");
    let (min, max) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    for (instant, expected) in [
        (min, first),
        (min + TimeDelta::nanoseconds(1), first),
        (at("0001-01-01T00:00:00Z") - TimeDelta::nanoseconds(1), first),
        (at("0001-01-01T00:00:00Z"), first),
        // Beyond what fits 64 bits of nanoseconds, on either side.
        (at("1600-01-01T00:00:00.0001Z"), "1600-01-01T00:00:00.001Z"),
        (at("2300-01-01T00:00:00.0001Z"), "2300-01-01T00:00:00.001Z"),
        (at("9999-12-31T23:59:59.999Z"), last),
        (at("9999-12-31T23:59:59.999Z") + TimeDelta::nanoseconds(1), last),
        (max - TimeDelta::milliseconds(1), last),
        (max, last),
    ] {
        let names = ["createdAtGe", "createdAtLt", "updatedAtGe", "updatedAtLt"];
        let alone = [
            CallFilter::new().since(instant),
            CallFilter::new().until(instant),
            CallFilter::new().updated(TimeRange { since: Some(instant), until: None }),
            CallFilter::new().updated(TimeRange { since: None, until: Some(instant) }),
        ];
        for (name, filter) in names.into_iter().zip(alone) {
            assert_eq!(sent(&filter), pairs(&[(name, expected)]), "{instant}");
        }
    }
    assert_eq!(
        sent(&CallFilter::new().since(min).until(max)),
        pairs(&[("createdAtGe", first), ("createdAtLt", last)]),
    );
}

/// `2026-01-01T00:00:00.000Z`: four digits of a year, three of a second's fraction, UTC.
fn is_instant(text: &str) -> bool {
    let form = "dddd-dd-ddTdd:dd:dd.dddZ";
    text.len() == form.len()
        && form.bytes().zip(text.bytes()).all(|(form, byte)| match form {
            b'd' => byte.is_ascii_digit(),
            other => byte == other,
        })
}

fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
    let (min, max) = (DateTime::<Utc>::MIN_UTC.timestamp(), DateTime::<Utc>::MAX_UTC.timestamp());
    let near = at("2020-01-01T00:00:00Z").timestamp()..at("2030-01-01T00:00:00Z").timestamp();
    (prop_oneof![3 => near, 1 => min..=max], 0..1_000_000_000_u32)
        .prop_map(|(second, nano)| DateTime::from_timestamp(second, nano).unwrap())
}

fn any_range() -> impl Strategy<Value = TimeRange> {
    (option::of(any_instant()), option::of(any_instant()))
        .prop_map(|(since, until)| TimeRange { since, until })
}

fn any_of<T: Copy + std::fmt::Debug + 'static>(
    all: &'static [T],
) -> impl Strategy<Value = Option<Vec<T>>> {
    option::of(sample::subsequence(all, 0..=all.len().min(3)))
}

fn any_filter() -> impl Strategy<Value = CallFilter> {
    let times = (any_range(), any_range());
    let sets = (
        any_of(CallStatus::ALL),
        any_of(Direction::ALL),
        any_of(Channel::ALL),
        any_of(EndedReason::ALL),
    );
    let text = || option::of("\\PC{1,12}");
    let texts = (text(), text(), text(), option::of(collection::vec("\\PC{1,12}", 0..3)));
    let ranges = (option::of((0..900_u64, 0..900_u64)), option::of((0..900_i64, 0..900_i64)));
    (times, sets, texts, ranges).prop_map(|(times, sets, texts, ranges)| {
        let mut filter = CallFilter::new().updated(times.1);
        filter.placed = times.0;
        filter.status = sets.0.map(|set| set.into_iter().collect());
        filter.direction = sets.1.map(|set| set.into_iter().collect());
        filter.channel = sets.2.map(|set| set.into_iter().collect());
        filter.ended_reason = sets.3.map(|set| set.into_iter().collect());
        (filter.agent, filter.campaign) = (texts.0, texts.1);
        if let Some(number) = texts.2 {
            filter = filter.customer_contains(number.as_str());
        }
        if let Some(ids) = texts.3 {
            filter = filter.ids(ids);
        }
        if let Some((min, max)) = ranges.0 {
            let of = |seconds| Some(Duration::from_secs(seconds));
            filter = filter.duration(DurationRange { min: of(min), max: of(max) });
        }
        if let Some((min, max)) = ranges.1 {
            let of = |cents| Some(Decimal::new(cents, 2));
            filter = filter.cost(CostRange { currency: Currency::USD, min: of(min), max: of(max) });
        }
        filter
    })
}

/// Asks for two pages, whose bound is that of a full page of these instants.
async fn ask_twice(filter: &CallFilter, size: u32, placed: DateTime<Utc>) -> Vec<String> {
    let row = json!({ "id": "1", "createdAt": placed.to_rfc3339() });
    let canned = Canned::answering(move |query| {
        let rows: usize = query["limit"].parse().unwrap();
        json!(vec![row.clone(); rows]).to_string()
    });
    let provider = connect(&canned, |builder| builder);
    let first = provider.list_page(filter, PageRequest::first().with_size(size)).await.unwrap();
    if let Some(cursor) = first.next {
        provider.list_page(filter, PageRequest::at(cursor).with_size(size)).await.unwrap();
    }
    canned.asked()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn only_the_twelve_names_are_ever_sent(
        filter in any_filter(),
        size in prop_oneof![0..12_u32, Just(1000), Just(1001), Just(u32::MAX)],
        placed in any_instant().prop_filter("as a server writes it", |at| is_instant(
            &at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
        )),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let asked = runtime.block_on(ask_twice(&filter, size, placed));
        // Nothing at Vapi has a blank id, and none is sent: it might be taken for no condition.
        let blank = |id: &str| id.trim().is_empty();
        let asks_blank = filter.agent.as_deref().is_some_and(blank)
            || filter.ids.as_ref().is_some_and(|ids| ids.iter().all(|id| blank(id.as_str())));
        let possible = filter.impossible().is_none() && !asks_blank;
        prop_assert_eq!(asked.len(), if possible { 2 } else { 0 });
        for url in &asked {
            let query = query(url);
            for (name, value) in &query {
                prop_assert!(NAMES.contains(&name.as_str()), "{}", name);
                if name.contains("At") {
                    prop_assert!(is_instant(value), "{}={}", name, value);
                }
            }
            let limit: u32 = query["limit"].parse().unwrap();
            prop_assert!((1..=1000).contains(&limit), "{}", limit);
            prop_assert_eq!(query.get("assistantId"), filter.agent.as_ref());
            let one = filter.ids.as_ref().filter(|ids| ids.len() == 1);
            let one = one.and_then(|ids| ids.iter().next()).map(CallId::as_str);
            prop_assert_eq!(query.get("id").map(String::as_str), one);
            // A plus sign in a query is a space, so only a space may become one.
            let spaces = query.values().filter(|value| value.contains(' ')).count();
            prop_assert!(spaces > 0 || !url.contains('+'), "{}", url);
        }
        let (names, bounds): (Vec<BTreeSet<String>>, Vec<Option<String>>) = asked
            .iter()
            .map(|url| query(url))
            .map(|query| (query.keys().cloned().collect(), query.get("createdAtLt").cloned()))
            .unzip();
        if possible {
            let since = names[0].contains("createdAtGe");
            prop_assert_eq!(since, filter.placed.since.is_some());
            prop_assert_eq!(names[1].contains("createdAtGe"), since);
            prop_assert_eq!(bounds[0].is_some(), filter.placed.until.is_some());
            prop_assert!(bounds[1].is_some());
        }
    }
}
