//! Checks of what a listing gives when nothing goes wrong.

use std::collections::BTreeSet;
use std::sync::Arc;

use callmux_core::{
    Call, CallFilter, CallPage, CallProvider, CallProviderExt as _, CallStatus, ErrorKind, Field,
    MemoryProvider, PageRequest, Support,
};
use chrono::TimeDelta;

use super::filters::{any_filter, with_condition};
use super::subject::{Opened, Setup, Subject, collect};
use crate::simulator::SimulatedRow;
use crate::world::{Draw, World};

/// The fields that a provider can filter by in any way.
fn supported(provider: &dyn CallProvider) -> Vec<Field> {
    let capabilities = &provider.info().capabilities;
    let can = |field: &Field| {
        capabilities.get(field).is_some_and(|support| *support != Support::Unsupported)
    };
    Field::ALL.iter().copied().filter(can).collect()
}

/// Every page of a listing, one after the other, by `list_page` alone.
async fn pages(provider: &dyn CallProvider, filter: &CallFilter, size: u32) -> Vec<CallPage> {
    let mut pages = Vec::new();
    let mut request = PageRequest::first().with_size(size);
    loop {
        let page = match provider.list_page(filter, request).await {
            Ok(page) => page,
            Err(error) => panic!("{error}"),
        };
        let next = page.next.clone();
        pages.push(page);
        match next {
            Some(cursor) => request = PageRequest::at(cursor).with_size(size),
            None => return pages,
        }
        assert!(pages.len() < 10_000, "the pages do not end");
    }
}

/// Every call is given once, newest first, at any page size, with a complete certificate.
pub async fn lists_each_call_once_in_order(subject: &dyn Subject) {
    for (seed, calls, size) in
        [(1, 0, 10), (2, 1, 1), (3, 60, 7), (4, 60, 60), (5, 250, 0), (6, 137, 1000)]
    {
        let opened = subject.open(&Setup::new(World::new(seed, calls)));
        let mut listing = opened.provider.calls(CallFilter::new()).page_size(size);
        let mut given = Vec::new();
        while let Some(call) = listing.next().await {
            given.push(call.unwrap_or_else(|error| panic!("{error}")));
        }
        let mut ids: Vec<String> = given.iter().map(|call| call.id.to_string()).collect();
        ids.sort();
        assert_eq!(ids, opened.ids(), "seed {seed}, page size {size}");
        assert!(given.is_sorted_by_key(Call::order_key), "seed {seed}, page size {size}");
        let certificate = listing.certificate();
        assert!(certificate.is_complete(), "seed {seed}, page size {size}: {certificate}");
    }
}

/// No filter, page size or limit tells the provider from memory.
pub async fn equals_memory_for_any_filter_and_page_size(subject: &dyn Subject) {
    for seed in 0..4 {
        let world = World::new(seed, 120).with_ties(if seed == 0 { 1 } else { 12 });
        let opened = subject.open(&Setup::new(world));
        let all = opened.all().await;
        assert_eq!(all.len(), opened.ids().len());
        let memory = Arc::new(MemoryProvider::new(all.clone()));
        let fields = supported(&*opened.provider);
        let mut draw = Draw::new(seed);
        for round in 0..100 {
            let filter = any_filter(&mut draw, &all, &fields);
            let size = *draw.one_of(&[0, 1, 2, 13, 50, 100, 1000]);
            let mut listing = opened.provider.calls(filter.clone()).page_size(size);
            let mut reference = memory.calls(filter.clone());
            if draw.chance(4) {
                let limit = draw.up_to(20).unsigned_abs();
                (listing, reference) = (listing.limit(limit), reference.limit(limit));
            }
            let mut given = Vec::new();
            while let Some(call) = listing.next().await {
                given.push(call.unwrap_or_else(|error| panic!("{filter:?}: {error}")));
            }
            let (mut expected, _) = collect(reference).await;
            for call in &mut expected {
                imply(call, &filter, &given);
            }
            let what = format!("seed {seed}, round {round}, page size {size}, {filter:?}");
            assert_eq!(keys(&given), keys(&expected), "{what}");
            assert_eq!(given, expected, "{what}");
            assert!(listing.certificate().is_complete(), "{what}: {}", listing.certificate());
        }
    }
}

/// A trusted condition is written into the calls that it gave; the reference, read without it, lacks it.
fn imply(call: &mut Call, filter: &CallFilter, given: &[Call]) {
    let Some(given) = given.iter().find(|given| given.order_key() == call.order_key()) else {
        return;
    };
    if filter.agent.is_some() {
        call.agent.clone_from(&given.agent);
    }
    if filter.campaign.is_some() {
        call.campaign.clone_from(&given.campaign);
    }
}

fn keys(calls: &[Call]) -> Vec<callmux_core::OrderKey> {
    calls.iter().map(Call::order_key).collect()
}

/// Where a plan claims to be exact, every row that comes is a match, and a total counts just those; elsewhere there is no total.
pub async fn exact_means_exact(subject: &dyn Subject) {
    let opened = subject.open(&Setup::new(World::new(11, 150)));
    let all = opened.all().await;
    let fields = supported(&*opened.provider);
    let mut draw = Draw::new(11);
    for _ in 0..120 {
        let filter = any_filter(&mut draw, &all, &fields);
        let explained = opened.provider.explain(&filter);
        let is_exact = explained.unwrap_or_else(|error| panic!("{error}")).is_exact();
        let matches = all.iter().filter(|call| filter.matches(call)).count() as u64;
        for page in pages(&*opened.provider, &filter, 40).await {
            assert!(page.calls.iter().all(|call| filter.matches(call)), "{filter:?}");
            let filtered: usize = page.sources.iter().map(|source| source.filtered.len()).sum();
            if is_exact {
                assert_eq!(filtered, 0, "claimed exact: {filter:?}");
                if !trusted(&*opened.provider, &filter) {
                    assert!(page.total.is_none_or(|total| total == matches), "{filter:?}");
                }
            } else {
                assert_eq!(page.total, None, "a total that counts other rows too: {filter:?}");
            }
        }
    }
}

/// Whether a condition is on what rows do not show, so that a count made from rows does not know it.
fn trusted(provider: &dyn CallProvider, filter: &CallFilter) -> bool {
    let Ok(pushdown) = provider.explain(filter) else { return false };
    pushdown
        .plans
        .iter()
        .any(|plan| plan.conditions.values().any(|served| served.support == Support::Trusted))
}

/// A listing that is not polled sends nothing; neither does explaining.
pub async fn sends_nothing_before_it_is_polled(subject: &dyn Subject) {
    let opened = subject.open(&Setup::new(World::new(12, 20)));
    let listing = opened.provider.calls(CallFilter::new()).limit(3);
    assert!(opened.provider.explain(&CallFilter::new()).is_ok());
    assert!(!listing.certificate().is_complete());
    drop(listing);
    assert_eq!(opened.requests(), 0);
}

/// A listing of n rows in pages of s asks for about n / s pages, and a limit ends it early.
pub async fn asks_no_more_often_than_it_must(subject: &dyn Subject) {
    let opened = subject.open(&Setup::new(World::new(13, 200).with_ties(1)));
    let sources = opened.simulators.len();
    let (calls, _) = collect(opened.provider.calls(CallFilter::new()).page_size(50)).await;
    assert_eq!(calls.len(), 200 * sources);
    // Four pages hold the rows; the overlap of inclusive bounds and one look past the end may each cost one more.
    assert!(opened.requests() <= 6 * sources, "{} requests", opened.requests());

    let opened = subject.open(&Setup::new(World::new(13, 200).with_ties(1)));
    let (calls, _) = collect(opened.provider.calls(CallFilter::new()).limit(5)).await;
    assert_eq!(calls.len(), 5);
    assert!(opened.requests() <= 2 * sources, "{} requests for five calls", opened.requests());
}

/// A limit counts calls that match, whatever has to be read to find them, and a limit that is reached is complete.
pub async fn a_limit_counts_matches(subject: &dyn Subject) {
    let opened = subject.open(&Setup::new(World::new(14, 200)));
    let all = opened.all().await;
    let status = all.first().map_or(CallStatus::Completed, |call| call.status.value);
    let filter = CallFilter::new().status([status]);
    let matching: Vec<Call> = all.into_iter().filter(|call| filter.matches(call)).collect();
    for limit in [0, 1, 7, matching.len(), matching.len() + 1] {
        let mut listing = opened.provider.calls(filter.clone()).limit(limit as u64).page_size(20);
        let mut given = Vec::new();
        while let Some(call) = listing.next().await {
            given.push(call.unwrap_or_else(|error| panic!("{error}")));
        }
        assert_eq!(keys(&given), keys(&matching[..limit.min(matching.len())]), "limit {limit}");
        let certificate = listing.certificate();
        assert!(certificate.is_complete(), "limit {limit}: {certificate}");
        assert_eq!(certificate.limit_reached, limit <= matching.len(), "limit {limit}");
    }
}

/// From the cursor at any moment of a listing, another gives every call that the first had not given yet.
pub async fn resumes_from_every_cursor(subject: &dyn Subject) {
    let opened = subject.open(&Setup::new(World::new(15, 40)));
    let all = opened.all().await;
    for stop in 0..=all.len() {
        let mut first = opened.provider.calls(CallFilter::new()).page_size(7);
        for _ in 0..stop {
            let item = first.next().await;
            assert!(matches!(item, Some(Ok(_))), "{item:?}");
        }
        let mut second = opened.provider.calls(CallFilter::new()).page_size(7);
        if let Some(cursor) = first.cursor() {
            second = second.resume(cursor);
        }
        let (rest, errors) = collect(second).await;
        assert!(errors.is_empty(), "{errors:?}");
        let resumed = keys(&rest);
        for missing in keys(&all[stop..]) {
            assert!(resumed.contains(&missing), "stopped after {stop}: {missing:?} is lost");
        }
    }
}

/// A cursor of another filter or of another account is refused, and no request is sent.
pub async fn refuses_foreign_cursors(subject: &dyn Subject) {
    let opened = subject.open(&Setup::new(World::new(16, 60)));
    let page =
        opened.provider.list_page(&CallFilter::new(), PageRequest::first().with_size(10)).await;
    let Ok(CallPage { next: Some(cursor), .. }) = page else { panic!("no second page: {page:?}") };
    let requests = opened.requests();
    let other_filter = CallFilter::new().ids(["1"]);
    let refused = opened.provider.list_page(&other_filter, PageRequest::at(cursor.clone())).await;
    assert!(
        matches!(&refused, Err(error) if error.kind() == ErrorKind::InvalidCursor),
        "{refused:?}"
    );
    assert_eq!(opened.requests(), requests);

    let mut elsewhere = Setup::new(World::new(16, 60));
    elsewhere.account = "another".to_owned();
    let other = subject.open(&elsewhere);
    let refused = other.provider.list_page(&CallFilter::new(), PageRequest::at(cursor)).await;
    assert!(
        matches!(&refused, Err(error) if error.kind() == ErrorKind::InvalidCursor),
        "{refused:?}"
    );
    assert_eq!(other.requests(), 0);
}

/// A filter that no call can match is an empty, complete listing; one that cannot be answered is an error that names the field.
/// Neither sends a request.
pub async fn sends_nothing_for_what_cannot_match_or_be_asked(subject: &dyn Subject) {
    let opened = subject.open(&Setup::new(World::new(17, 20)));
    let now = World::new(17, 20).until;
    let mut listing = opened.provider.calls(CallFilter::new().since(now).until(now));
    assert!(listing.next().await.is_none());
    assert!(listing.certificate().is_complete());
    assert_eq!(opened.requests(), 0);

    let opened = subject.open(&Setup::new(World::new(17, 20)));
    let all = opened.all().await;
    let before = opened.requests();
    let able = supported(&*opened.provider);
    let mut draw = Draw::new(17);
    for field in Field::ALL.iter().copied().filter(|field| !able.contains(field)) {
        let filter = match field {
            Field::Campaign => CallFilter::new().campaign("1"),
            Field::Updated => {
                let mut filter = CallFilter::new();
                filter.updated.since = Some(now);
                filter
            }
            Field::EndedReason => CallFilter::new().ended_reason([callmux_core::EndedReason::Busy]),
            _ => with_condition(CallFilter::new(), field, &mut draw, &all),
        };
        let mut listing = opened.provider.calls(filter.clone());
        let Some(Err(error)) = listing.next().await else { panic!("{field} was not refused") };
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(error.to_string().contains(field.as_str()), "{error}");
        assert!(error.vendor().is_some(), "{error}");
        assert!(listing.next().await.is_none());
        assert!(opened.provider.explain(&filter).is_err());
    }
    assert_eq!(opened.requests(), before);
}

/// What is said of a filter is never better than what is declared of the provider.
pub async fn claims_no_more_than_it_declares(subject: &dyn Subject) {
    let opened = subject.open(&Setup::new(World::new(18, 60)));
    let all = opened.all().await;
    let fields = supported(&*opened.provider);
    let declared = &opened.provider.info().capabilities;
    let mut draw = Draw::new(18);
    for _ in 0..300 {
        let filter = any_filter(&mut draw, &all, &fields);
        let pushdown = opened.provider.explain(&filter).unwrap_or_else(|error| panic!("{error}"));
        for plan in &pushdown.plans {
            let named: Vec<Field> = plan.conditions.keys().copied().collect();
            assert_eq!(named, filter.fields(), "a condition is not accounted for");
        }
        for field in filter.fields() {
            // The words are declared from the best to the worst. Where several vendors are asked, the worst of them tells.
            let said = pushdown.plans.iter().map(|plan| plan.conditions[&field].support).max();
            let best = declared.get(&field).copied().unwrap_or(Support::Unsupported);
            assert!(said >= Some(best), "{field}: {said:?} is better than {best}");
        }
    }
}

/// The first request to each vendor carries just the parameters that `explain` names for it.
pub async fn sends_what_it_explains(subject: &dyn Subject) {
    let opened = subject.open(&Setup::new(World::new(19, 60)));
    let all = opened.all().await;
    let fields = supported(&*opened.provider);
    let mut draw = Draw::new(19);
    for _ in 0..60 {
        let filter = any_filter(&mut draw, &all, &fields);
        let pushdown = opened.provider.explain(&filter).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(pushdown.plans.len(), opened.simulators.len(), "one plan a vendor");
        let requests = || opened.simulators.iter().map(crate::Simulator::requests);
        let before: Vec<usize> = requests().map(|sent| sent.len()).collect();
        let page = opened.provider.list_page(&filter, PageRequest::first()).await;
        assert!(page.is_ok(), "{page:?}");
        for ((plan, sent), before) in pushdown.plans.iter().zip(requests()).zip(before) {
            let Some(first) = sent.get(before) else {
                assert!(plan.impossible.is_some(), "nothing was sent: {filter:?}");
                continue;
            };
            let uri = first.parse().unwrap_or_default();
            let mut asked: Vec<(String, String)> = crate::Query::of(&uri).0.into_iter().collect();
            let mut explained: Vec<(String, String)> =
                plan.sent.iter().map(|sent| (sent.name.clone(), sent.value.clone())).collect();
            asked.sort();
            explained.sort();
            assert_eq!(asked, explained, "{filter:?}");
            assert!(plan.endpoint.ends_with(uri.path()), "{} {}", plan.endpoint, uri.path());
        }
    }
}

/// A row is kept to the byte when it is asked for, and not otherwise.
pub async fn keeps_rows_to_the_byte(subject: &dyn Subject) {
    let opened = subject.open(&Setup::new(World::new(20, 30)));
    let (calls, _) = collect(opened.provider.calls(CallFilter::new()).keep_raw()).await;
    let rows: Vec<SimulatedRow> =
        opened.simulators.iter().flat_map(crate::Simulator::rows).collect();
    assert!(!calls.is_empty());
    for call in &calls {
        let raw = call.raw.as_ref().map(callmux_core::RawJson::get);
        let sent =
            rows.iter().any(|row| row.id == call.id.as_str() && Some(row.text.as_str()) == raw);
        assert!(sent, "{}: {raw:?}", call.id);
    }
    assert!(opened.all().await.iter().all(|call| call.raw.is_none()));
}

/// Calls that arrive while a listing is read lose none of those that were there, and repeat none.
pub async fn arrivals_during_a_listing_lose_nothing(subject: &dyn Subject) {
    let world = World::new(21, 120).with_ties(6);
    let opened = subject.open(&Setup::new(world));
    let before = opened.ids();
    let mut listing = opened.provider.calls(CallFilter::new()).page_size(20);
    let mut given = Vec::new();
    let mut arrivals = Draw::new(99);
    while let Some(call) = listing.next().await {
        given.push(call.unwrap_or_else(|error| panic!("{error}")));
        if given.len() % 10 == 0 {
            arrive(&opened, &mut arrivals, world);
        }
    }
    let lost = lost(before, &given);
    assert!(lost.is_empty(), "lost {lost:?}: {}", listing.certificate());
}

/// Calls that vanish while a listing is read take no other with them unnoticed: a listing that lost one says that it is incomplete.
pub async fn deletions_during_a_listing_are_not_hidden(subject: &dyn Subject) {
    for (seed, size) in [(22, 7), (23, 20), (24, 50)] {
        let opened = subject.open(&Setup::new(World::new(seed, 120).with_ties(6)));
        let mut listing = opened.provider.calls(CallFilter::new()).page_size(size);
        let mut given = Vec::new();
        let mut deletions = Draw::new(seed);
        while let Some(call) = listing.next().await {
            given.push(call.unwrap_or_else(|error| panic!("{error}")));
            if given.len() % 8 == 0 {
                for simulator in &opened.simulators {
                    simulator.change(|rows| drop(rows.remove(deletions.index(rows.len()))));
                }
            }
        }
        let lost = lost(opened.ids(), &given);
        let certificate = listing.certificate();
        assert!(
            lost.is_empty() || !certificate.is_complete(),
            "page size {size}: lost {lost:?}: {certificate}"
        );
    }
}

/// The ids that a listing did not give. Nothing may be given twice; but two accounts may have a call of the same id, and both are to
/// be given.
fn lost(ids: Vec<String>, given: &[Call]) -> Vec<String> {
    let key = |call: &Call| (call.vendor.clone(), call.account.clone(), call.id.clone());
    let unique: BTreeSet<_> = given.iter().map(key).collect();
    assert_eq!(unique.len(), given.len(), "a call was given twice");
    let mut left: Vec<String> = given.iter().map(|call| call.id.to_string()).collect();
    left.sort();
    let take = |id: &String| left.binary_search(id).map(|place| left.remove(place)).is_err();
    ids.into_iter().filter(take).collect()
}

/// A copy of some row under a new id, newer than all others.
fn arrive(opened: &Opened, draw: &mut Draw, world: World) {
    for simulator in &opened.simulators {
        simulator.change(|rows| {
            let Some(mut row) = rows.first().cloned() else { return };
            let id = 50_000_000 + draw.up_to(1_000_000_000);
            let old = row.value.get("id").cloned().unwrap_or_default();
            let new = if old.is_string() { id.to_string().into() } else { id.into() };
            row.text = row.text.replacen(&old.to_string(), &serde_json::Value::to_string(&new), 1);
            row.value["id"] = new;
            row.id = id.to_string();
            row.placed_at = Some(world.until + TimeDelta::seconds(rows.len() as i64));
            rows.push(row);
        });
    }
}
