//! Random worlds, filters, page sizes and vendors: every listing is what sorting and filtering the calls gives.

// clippy.toml allows these in test functions, and does not see that all of this is test.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod arbitrary;
mod oracle;
mod vendor;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use callmux_core::{
    Call, CallFilter, CallProvider, Calls, Certificate, Federation, MemoryProvider, OnFailure,
};
use futures_util::FutureExt as _;
use proptest::prelude::*;

use vendor::{Quirks, Vendor};

/// What a listing gives out, at once: nobody here keeps it waiting.
fn collect(calls: &mut Calls) -> Vec<Call> {
    std::iter::from_fn(|| next(calls)).collect()
}

fn next(calls: &mut Calls) -> Option<Call> {
    let item = calls.next().now_or_never().expect("no provider here waits");
    item.map(|call| call.expect("no provider here fails"))
}

fn listing(
    provider: &Arc<dyn CallProvider>,
    filter: &CallFilter,
    page_size: u32,
    limit: Option<u64>,
) -> Calls {
    let calls = Calls::new(Arc::clone(provider), filter.clone()).page_size(page_size);
    match limit {
        Some(limit) => calls.limit(limit),
        None => calls,
    }
}

/// One provider an account, each with the ways of its own.
fn members(world: &[Call], quirks: &[Quirks]) -> Vec<Arc<dyn CallProvider>> {
    let mut accounts: BTreeMap<_, Vec<Call>> = BTreeMap::new();
    for name in arbitrary::ACCOUNTS {
        accounts.insert((name.0.into(), name.1.into()), Vec::new());
    }
    for call in world {
        let name = (call.vendor.clone(), call.account.clone());
        accounts.entry(name).or_default().push(call.clone());
    }
    let member = |(((vendor, account), calls), quirks): ((_, Vec<Call>), &Quirks)| {
        Arc::new(Vendor::new(vendor, account, calls, quirks.clone())) as Arc<dyn CallProvider>
    };
    accounts.into_iter().zip(quirks.iter().cycle()).map(member).collect()
}

fn federation(world: &[Call], quirks: &[Quirks]) -> Arc<dyn CallProvider> {
    Arc::new(Federation::new(members(world, quirks), OnFailure::Stop).unwrap())
}

fn assert_whole(certificate: &Certificate, given: &[Call], limit: Option<u64>) {
    assert!(certificate.is_complete(), "{certificate}");
    assert_eq!(certificate.limit_reached, limit.is_some_and(|limit| given.len() as u64 >= limit));
    for source in &certificate.sources {
        // Every provider here keeps its order: none may be blamed.
        assert_eq!((source.order_repaired, source.order_late), (0, 0), "{}", source.vendor);
    }
    let distinct: BTreeSet<_> =
        given.iter().map(|call| (&call.vendor, &call.account, &call.id)).collect();
    assert_eq!(distinct.len(), given.len(), "a call was given out twice");
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_filter_matches_what_it_means(
        world in arbitrary::world(),
        filter in arbitrary::filter(),
    ) {
        for call in &world {
            prop_assert_eq!(filter.matches(call), oracle::means(&filter, call), "{:?}", filter);
        }
        if filter.impossible().is_some() {
            prop_assert!(!world.iter().any(|call| filter.matches(call)));
        }
    }

    #[test]
    fn memory_lists_what_sorting_and_filtering_gives(
        world in arbitrary::world(),
        filter in arbitrary::filter(),
        page_size in 0_u32..8,
        limit in prop::option::of(0_u64..20),
    ) {
        let expected = oracle::listing(&world, &filter, limit);
        let memory: Arc<dyn CallProvider> = Arc::new(MemoryProvider::new(world));
        let mut calls = listing(&memory, &filter, page_size, limit);
        let given = collect(&mut calls);
        prop_assert_eq!(&given, &expected);
        assert_whole(calls.certificate(), &given, limit);
    }

    #[test]
    fn a_vendor_of_any_ways_lists_what_sorting_and_filtering_gives(
        world in arbitrary::world(),
        filter in arbitrary::filter(),
        quirks in vendor::quirks(),
        page_size in 1_u32..8,
        limit in prop::option::of(0_u64..20),
    ) {
        let world: Vec<Call> = world
            .into_iter()
            .map(|mut call| {
                call.vendor = "alpha".into();
                call.account = "main".into();
                call
            })
            .collect();
        let expected = oracle::listing(&world, &filter, limit);
        let vendor: Arc<dyn CallProvider> =
            Arc::new(Vendor::new("alpha".into(), "main".into(), world, quirks));
        let mut calls = listing(&vendor, &filter, page_size, limit);
        let given = collect(&mut calls);
        prop_assert_eq!(&given, &expected);
        assert_whole(calls.certificate(), &given, limit);
    }

    #[test]
    fn a_federation_lists_what_sorting_and_filtering_gives(
        world in arbitrary::world(),
        filter in arbitrary::filter(),
        quirks in prop::collection::vec(vendor::quirks(), 4),
        page_size in 1_u32..8,
        limit in prop::option::of(0_u64..20),
    ) {
        let expected = oracle::listing(&world, &filter, limit);
        let federation = federation(&world, &quirks);
        let mut calls = listing(&federation, &filter, page_size, limit);
        let given = collect(&mut calls);
        prop_assert_eq!(&given, &expected);
        assert_whole(calls.certificate(), &given, limit);
    }

    #[test]
    fn a_federation_of_federations_is_no_other(
        world in arbitrary::world(),
        filter in arbitrary::filter(),
        quirks in prop::collection::vec(vendor::quirks(), 4),
        page_size in 1_u32..8,
    ) {
        let expected = oracle::listing(&world, &filter, None);
        let members = members(&world, &quirks);
        let (left, right) = members.split_at(2);
        let inner: Arc<dyn CallProvider> =
            Arc::new(Federation::new(left.iter().cloned(), OnFailure::Stop).unwrap());
        let outer: Arc<dyn CallProvider> = Arc::new(
            Federation::new(right.iter().cloned().chain([inner]), OnFailure::Continue).unwrap(),
        );
        let mut calls = listing(&outer, &filter, page_size, None);
        let given = collect(&mut calls);
        prop_assert_eq!(&given, &expected);
        assert_whole(calls.certificate(), &given, None);
    }

    #[test]
    fn a_listing_resumed_from_anywhere_skips_nothing(
        world in arbitrary::world(),
        filter in arbitrary::filter(),
        quirks in prop::collection::vec(vendor::quirks(), 4),
        page_sizes in (1_u32..8, 1_u32..8),
        stop in 0_usize..60,
        limit in prop::option::of(0_u64..20),
    ) {
        let whole = oracle::listing(&world, &filter, None);
        let federation = federation(&world, &quirks);
        let mut calls = listing(&federation, &filter, page_sizes.0, limit);
        let given = std::iter::from_fn(|| next(&mut calls)).take(stop).count();
        let rest = listing(&federation, &filter, page_sizes.1, None);
        let mut rest = match calls.cursor() {
            Some(cursor) => rest.resume(cursor),
            // Nothing was asked for yet, or it has ended.
            None if given == 0 => rest,
            None => return Ok(()),
        };
        let resumed = collect(&mut rest);
        prop_assert_eq!(&resumed[..], &whole[given..], "after {}", given);
        prop_assert!(rest.certificate().is_complete(), "{}", rest.certificate());
    }

    #[test]
    fn a_call_reads_back_from_its_json(call in arbitrary::call()) {
        let json = serde_json::to_string(&call).unwrap();
        let read: Call = serde_json::from_str(&json).unwrap();
        prop_assert!(read == call, "{}", json);
        // Equal decimals may differ in their digits; the text tells.
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), json);
    }

    #[test]
    fn a_filter_reads_back_from_its_json(filter in arbitrary::filter()) {
        let json = serde_json::to_string(&filter).unwrap();
        prop_assert_eq!(serde_json::from_str::<CallFilter>(&json).unwrap(), filter);
    }
}

#[test]
fn the_random_calls_fill_every_field() {
    use proptest::strategy::{Strategy as _, ValueTree as _};
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut filled = BTreeSet::new();
    for _ in 0..64 {
        let call = arbitrary::call().new_tree(&mut runner).unwrap().current();
        let serde_json::Value::Object(map) = serde_json::to_value(&call).unwrap() else {
            panic!("a call is an object")
        };
        filled.extend(map.into_iter().map(|(key, _)| key));
    }
    let all = "account agent answered_by campaign channel cost customer detail direction durations \
               ended_by ended_reason evaluation id line metadata placed_at raw recording_url related \
               status success summary times transcript variables vendor vendor_answered_by \
               vendor_channel vendor_ended_reason vendor_status vendor_success";
    assert_eq!(filled.into_iter().collect::<Vec<_>>().join(" "), all);
}
