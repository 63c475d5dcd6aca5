//! Listings of a vendor that changes while it is read, or does not keep its order: what may be lost is said to be.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

use std::collections::BTreeSet;
use std::sync::Arc;

use callmux_autocalls::{Autocalls, builder_with};
use callmux_core::{Call, CallFilter, CallProviderExt as _, CallStatus, Calls};
use callmux_http::HttpProvider;
use callmux_testkit::sims::autocalls::{Habits, simulate_with};
use callmux_testkit::{ManualClock, RouterTransport, Simulator, World};
use serde_json::{Value, json};

fn open(world: World, habits: Habits) -> (Arc<HttpProvider<Autocalls>>, Simulator) {
    let simulated = simulate_with("1|key", &world, habits);
    let provider = builder_with(Autocalls::default(), "1|key")
        .base_url("http://vendor.example")
        .transport(Arc::new(RouterTransport::new(simulated.router)))
        .clock(Arc::new(ManualClock::at(world.until)))
        .build()
        .unwrap();
    (Arc::new(provider), simulated.simulator)
}

async fn all(mut listing: Calls) -> (Vec<Call>, Calls) {
    let mut calls = Vec::new();
    while let Some(call) = listing.next().await {
        calls.push(call.unwrap());
    }
    (calls, listing)
}

/// Every other world is read several pages at a time.
fn at_once(seed: u64) -> u32 {
    if seed.is_multiple_of(2) { 1 } else { 4 }
}

fn ids(calls: &[Call]) -> BTreeSet<String> {
    calls.iter().map(|call| call.id.to_string()).collect()
}

fn stored(simulator: &Simulator, means: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let rows = simulator.rows().into_iter().filter(|row| means(&row.value));
    rows.map(|row| row.id).collect()
}

/// Sets a field of a stored row, and of what is sent.
fn set(simulator: &Simulator, id: &str, field: &str, value: &str) {
    simulator.change(|rows| {
        for row in rows.iter_mut().filter(|row| row.id == id) {
            let old = format!("\"{field}\":{}", row.value[field]);
            row.value[field] = json!(value);
            row.text = row.text.replacen(&old, &format!("\"{field}\":\"{value}\""), 1);
        }
    });
}

#[tokio::test]
async fn an_order_that_differs_from_page_to_page_loses_nothing() {
    let habits = Habits { unstable_ties: true, ..Habits::default() };
    for seed in 0..40 {
        for size in [10, 100] {
            let (provider, simulator) = open(World::new(seed, 120).with_ties(9), habits);
            let listing = provider.calls(CallFilter::new()).page_size(size);
            let (calls, listing) = all(listing.concurrency(at_once(seed))).await;
            assert_eq!(ids(&calls).len(), calls.len(), "seed {seed}: a call was given twice");
            assert_eq!(ids(&calls), stored(&simulator, |_| true), "seed {seed}, size {size}");
            assert!(listing.certificate().is_complete(), "seed {seed}: {}", listing.certificate());
        }
    }
}

/// Where no page holds the calls of one second, the vendor's count tells whether all were met.
#[tokio::test]
async fn more_ties_than_a_page_holds_are_never_taken_for_complete() {
    let mut incomplete = 0;
    for seed in 0..20 {
        let habits = Habits { unstable_ties: true, ..Habits::default() };
        let (provider, simulator) = open(World::new(seed, 700).with_ties(250), habits);
        let (calls, listing) = all(provider.calls(CallFilter::new())).await;
        let is_whole = ids(&calls) == stored(&simulator, |_| true);
        assert_eq!(listing.certificate().is_complete(), is_whole, "seed {seed}");
        incomplete += u32::from(!is_whole);
    }
    assert!(incomplete > 5, "the habit shows in {incomplete} of 20 listings");
}

#[tokio::test]
async fn calls_that_vanish_on_the_way_take_no_other_with_them() {
    for seed in 0..20 {
        let (provider, simulator) = open(World::new(seed, 90), Habits::default());
        let listing = provider.calls(CallFilter::new()).page_size(10);
        let mut listing = listing.concurrency(at_once(seed));
        let mut calls = Vec::new();
        while let Some(call) = listing.next().await {
            calls.push(call.unwrap());
            if calls.len() == 25 {
                // As many as pull three others past the edge of a page.
                simulator.change(|rows| rows.drain(2..5).count());
            }
        }
        assert!(
            stored(&simulator, |_| true).is_subset(&ids(&calls)),
            "seed {seed}: calls were lost"
        );
        assert!(listing.certificate().is_complete(), "seed {seed}: {}", listing.certificate());
    }
}

#[tokio::test]
async fn live_calls_that_move_on_while_they_are_read_hide_no_other() {
    let (provider, simulator) = open(World::new(3, 200), Habits::default());
    let rows = simulator.rows();
    for row in &rows {
        set(&simulator, &row.id, "status", "completed");
    }
    let ringing: Vec<&str> = rows.iter().step_by(4).map(|row| row.id.as_str()).collect();
    for id in &ringing {
        set(&simulator, id, "status", "ringing");
    }
    let mut listing = provider.calls(CallFilter::new().status([CallStatus::Ringing])).page_size(10);
    let mut given = BTreeSet::new();
    while let Some(call) = listing.next().await {
        given.insert(call.unwrap().id.to_string());
        if given.len() == 5 {
            // As many calls stop ringing above as begin to below, so that no total tells.
            for (gone, come) in [(1, 101), (2, 102), (3, 103)] {
                set(&simulator, ringing[gone], "status", "in-progress");
                set(&simulator, &rows[come].id, "status", "ringing");
            }
        }
    }
    let kept = ringing.iter().enumerate().filter(|(index, _)| !(1..4).contains(index));
    let lost: Vec<&str> = kept.map(|(_, id)| *id).filter(|id| !given.contains(*id)).collect();
    assert!(lost.is_empty(), "lost {lost:?}: {}", listing.certificate());
    assert!(listing.certificate().is_complete(), "{}", listing.certificate());
}

#[tokio::test]
async fn the_vendors_word_is_taken_for_what_its_rows_do_not_show() {
    let (provider, simulator) = open(World::new(5, 150), Habits::default());
    for (assistant, campaign) in [(101, None), (102, Some(11)), (318, Some(13)), (999, None)] {
        let mut filter = CallFilter::new().agent(assistant.to_string());
        if let Some(campaign) = campaign {
            filter = filter.campaign(campaign.to_string());
        }
        let (calls, listing) = all(provider.calls(filter).page_size(7)).await;
        let expected = stored(&simulator, |row| {
            row["assistant_id"] == assistant
                && campaign.is_none_or(|campaign| row["campaign_id"] == campaign)
        });
        assert_eq!(ids(&calls), expected, "{assistant} {campaign:?}");
        assert!(listing.certificate().is_complete(), "{}", listing.certificate());
        for call in calls {
            let id = |named: Option<callmux_core::Named>| named.and_then(|named| named.id);
            assert_eq!(id(call.agent), Some(assistant.to_string()));
            assert_eq!(id(call.campaign), campaign.map(|id| id.to_string()));
        }
    }
}

#[tokio::test]
async fn a_limit_hides_no_call_that_changed_places() {
    for seed in 0..60 {
        let habits = Habits { unstable_ties: true, ..Habits::default() };
        let (provider, simulator) = open(World::new(seed, 120).with_ties(9), habits);
        let (calls, listing) = all(provider.calls(CallFilter::new()).limit(45).page_size(10)).await;
        let given: Vec<_> = calls.iter().map(|call| call.placed_at).collect();
        let mut newest: Vec<_> = simulator.rows().iter().map(|row| row.placed_at).collect();
        newest.sort_unstable_by(|a, b| b.cmp(a));
        newest.truncate(45);
        assert_eq!(given, newest, "seed {seed}");
        assert!(listing.certificate().is_complete(), "seed {seed}: {}", listing.certificate());
    }
}

#[tokio::test]
async fn arrivals_alone_leave_a_listing_complete() {
    for seed in 0..20 {
        let (provider, simulator) = open(World::new(seed, 90), Habits::default());
        let before = stored(&simulator, |_| true);
        let listing = provider.calls(CallFilter::new()).page_size(10);
        let mut listing = listing.concurrency(at_once(seed));
        let mut given = BTreeSet::new();
        while let Some(call) = listing.next().await {
            assert!(given.insert(call.unwrap().id.to_string()), "seed {seed}: a call came twice");
            if given.len() % 20 == 0 {
                simulator.change(|rows| {
                    let mut row = rows[0].clone();
                    let id = 10_000_000 + rows.len();
                    row.text = row.text.replacen(&row.value["id"].to_string(), &id.to_string(), 1);
                    row.value["id"] = json!(id);
                    row.id = id.to_string();
                    rows.insert(0, row);
                });
            }
        }
        assert!(before.is_subset(&given), "seed {seed}: calls were lost");
        assert!(listing.certificate().is_complete(), "seed {seed}: {}", listing.certificate());
    }
}

#[tokio::test]
async fn a_limit_on_a_list_that_is_oldest_first_is_not_complete() {
    let (provider, _) = open(World::new(7, 60).with_ties(1), Habits::default());
    let (newest, _) = all(provider.calls(CallFilter::new()).limit(5)).await;

    let habits = Habits { oldest_first: true, ..Habits::default() };
    let (provider, simulator) = open(World::new(7, 60).with_ties(1), habits);
    let (calls, listing) = all(provider.calls(CallFilter::new()).limit(5).page_size(10)).await;
    assert_ne!(ids(&calls), ids(&newest));
    assert!(!listing.certificate().is_complete(), "{}", listing.certificate());

    // Without a limit all calls are there, whatever their order.
    let (calls, listing) = all(provider.calls(CallFilter::new()).page_size(10)).await;
    assert_eq!(ids(&calls), stored(&simulator, |_| true));
    assert!(listing.certificate().is_complete(), "{}", listing.certificate());
}
