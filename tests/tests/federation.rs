//! A federation, and memory, against the whole conformance suite: whatever wraps providers is a provider again.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests may")]

use std::sync::Arc;

use callmux::{
    Call, CallFilter, CallProvider, CallProviderExt as _, Certificate, ErrorKind, Federation,
    MemoryProvider, OnFailure, PageRequest, Reason,
};
use callmux_testkit::conformance::{self, Opened, Setup, Subject};
use callmux_testkit::{FaultKind, Faults, World, conformance_suite};
use callmux_tests::{AUTOCALLS, BURKI, VAPI, VENDORS, VendorUnderTest};

fn federate(members: Vec<Opened>, on_failure: OnFailure) -> Opened {
    let providers = members.iter().map(|member| Arc::clone(&member.provider));
    let federation = Federation::new(providers, on_failure).unwrap();
    let simulators = members.into_iter().flat_map(|member| member.simulators).collect();
    Opened { provider: Arc::new(federation), simulators }
}

/// The three vendors.
struct Vendors(OnFailure);

impl Subject for Vendors {
    fn open(&self, setup: &Setup) -> Opened {
        federate(
            VENDORS.iter().map(|vendor| vendor.open(&setup_of_member(setup))).collect(),
            self.0,
        )
    }
}

/// What a member is opened with: the faults of the whole, met on its own way.
fn setup_of_member(setup: &Setup) -> Setup {
    setup.clone().with_faults(setup.faults.on_another_way())
}

/// Two accounts of one vendor that hold the very same calls: every id, and every instant, is there twice.
struct TwoAccounts(VendorUnderTest);

impl Subject for TwoAccounts {
    fn open(&self, setup: &Setup) -> Opened {
        let account = |label: &str| {
            let mut setup = setup_of_member(setup);
            setup.account = format!("{}-{label}", setup.account);
            self.0.open(&setup)
        };
        federate(vec![account("a"), account("b")], OnFailure::Stop)
    }
}

/// A federation as a member of another.
struct Nested;

impl Subject for Nested {
    fn open(&self, setup: &Setup) -> Opened {
        let open = |vendor: VendorUnderTest| vendor.open(&setup_of_member(setup));
        let inner = federate(vec![open(BURKI), open(VAPI)], OnFailure::Stop);
        federate(vec![inner, open(AUTOCALLS)], OnFailure::Stop)
    }
}

/// The calls of all vendors in memory, with their rows or without. There is nothing to ask, so a check that counts requests or
/// breaks them proves nothing here.
struct Memory {
    with_rows: bool,
}

impl Subject for Memory {
    fn open(&self, setup: &Setup) -> Opened {
        let vendors = Vendors(OnFailure::Stop).open(&Setup::new(setup.world));
        let listing = vendors.provider.calls(CallFilter::new());
        let listing = if self.with_rows { listing.keep_raw() } else { listing };
        // `open` is called inside of a runtime, which cannot run another on its own thread.
        let listed = std::thread::scope(|scope| scope.spawn(|| all_of(listing)).join().unwrap());
        // Fresh ones, that hold the same rows and are never asked.
        let simulators = Vendors(OnFailure::Stop).open(setup).simulators;
        Opened { provider: Arc::new(MemoryProvider::new(listed)), simulators }
    }
}

fn all_of(mut listing: callmux::Calls) -> Vec<Call> {
    let mut calls = Vec::new();
    conformance::run(async {
        while let Some(call) = listing.next().await {
            calls.push(call.unwrap());
        }
    });
    calls
}

mod vendors {
    use super::*;
    conformance_suite!(Vendors(OnFailure::Stop));
}

mod two_accounts {
    use super::*;
    conformance_suite!(TwoAccounts(VAPI));
}

mod nested {
    use super::*;
    // Without the two checks of many filters: a filter means the same to the members, however deep they are.
    conformance_suite! { Nested;
        lists_each_call_once_in_order
        sends_nothing_before_it_is_polled
        asks_no_more_often_than_it_must
        a_limit_counts_matches
        resumes_from_every_cursor
        refuses_foreign_cursors
        sends_nothing_for_what_cannot_match_or_be_asked
        claims_no_more_than_it_declares
        sends_what_it_explains
        keeps_rows_to_the_byte
        arrivals_during_a_listing_lose_nothing
        deletions_during_a_listing_are_not_hidden
        rides_out_passing_faults
        ends_with_an_error_when_faults_persist
        one_bad_row_is_one_bad_row
        bad_rows_do_not_count_toward_a_limit
        tells_a_good_key_from_a_bad_one
        gives_one_call_by_its_id
        shows_no_secret
    }
}

mod memory {
    use super::*;
    conformance_suite! { Memory { with_rows: false };
        lists_each_call_once_in_order
        equals_memory_for_any_filter_and_page_size
        exact_means_exact
        sends_nothing_before_it_is_polled
        a_limit_counts_matches
        resumes_from_every_cursor
        sends_nothing_for_what_cannot_match_or_be_asked
        claims_no_more_than_it_declares
        gives_one_call_by_its_id
        shows_no_secret
    }
}

mod memory_with_rows {
    use super::*;
    conformance_suite!(Memory { with_rows: true }; keeps_rows_to_the_byte);
}

/// The vendors' federation, that goes on without a member, one of which cannot be reached for five requests from `from` on: as
/// often as one is tried.
fn with_a_failure(failing: &str, from: u64) -> Arc<dyn CallProvider> {
    let members = VENDORS.iter().map(|vendor| {
        let faults = (from..from + 5).map(|request| (request, FaultKind::NoConnection));
        let is_failing = vendor.name == failing;
        let faults = if is_failing { Faults::planned(faults) } else { Faults::none() };
        vendor.open(&Setup::new(World::new(51, 90)).with_faults(faults))
    });
    federate(members.collect(), OnFailure::Continue).provider
}

fn names(certificate: &Certificate, failed: &str) -> bool {
    certificate.reasons.iter().any(|reason| {
        matches!(reason, Reason::Failed { vendor: Some(vendor), error: ErrorKind::Unavailable, .. } if vendor.as_str() == failed)
    })
}

#[test]
fn a_member_that_fails_hides_no_other_and_is_named() {
    let whole = with_a_failure("nobody", 0);
    let all = all_of(whole.calls(CallFilter::new()));
    for failing in VENDORS.map(|vendor| vendor.name) {
        let is_others = |call: &&Call| call.vendor.as_str() != failing;
        for from in [0, 2] {
            let mut listing = with_a_failure(failing, from).calls(CallFilter::new()).page_size(20);
            let mut given = Vec::new();
            conformance::run(async {
                while let Some(call) = listing.next().await {
                    given.push(call.unwrap());
                }
            });
            assert!(given.is_sorted_by_key(Call::order_key), "{failing}");
            assert!(given.iter().filter(is_others).eq(all.iter().filter(is_others)), "{failing}");
            let of_failing = given.len() - given.iter().filter(is_others).count();
            assert_eq!(
                of_failing > 0,
                from > 0,
                "{failing}: {of_failing} calls before request {from}"
            );
            let certificate = listing.certificate();
            assert!(!certificate.is_complete() && names(certificate, failing), "{certificate}");
        }
    }
}

/// It can be reached again by then, and is left out all the same: its calls would be out of their order, and nobody would know.
#[test]
fn a_member_that_failed_stays_named_in_a_listing_resumed_later() {
    for failing in VENDORS.map(|vendor| vendor.name) {
        let federation = with_a_failure(failing, 0);
        conformance::run(async {
            let mut first = federation.calls(CallFilter::new()).page_size(20);
            while first.cursor().is_none() {
                first.next().await.unwrap().unwrap();
            }
            let mut rest = federation.calls(CallFilter::new()).resume(first.cursor().unwrap());
            while let Some(call) = rest.next().await {
                assert_ne!(call.unwrap().vendor.as_str(), failing);
            }
            let certificate = rest.certificate();
            assert!(!certificate.is_complete() && names(certificate, failing), "{certificate}");
        });
    }
}

fn account(label: &str, world: World) -> Opened {
    let mut setup = Setup::new(world);
    setup.account = label.to_owned();
    VAPI.open(&setup)
}

#[test]
fn a_member_whose_calls_are_not_due_is_read_ahead_by_one_page_alone() {
    let newer = World::new(61, 200);
    let older = newer.until(newer.until - newer.span);
    let Opened { provider, simulators } =
        federate(vec![account("newer", newer), account("older", older)], OnFailure::Stop);
    let given = all_of(provider.calls(CallFilter::new()).page_size(20).limit(100));
    assert!(given.len() == 100 && given.iter().all(|call| call.account.as_str() == "newer"));
    let requests = simulators.iter().map(|simulator| simulator.requests().len());
    let [of_newer, of_older] = requests.collect::<Vec<_>>().try_into().unwrap();
    assert!((5..=7).contains(&of_newer), "{of_newer} requests");
    assert_eq!(of_older, 1, "its first page is all that is needed to know that it is older");
}

#[test]
fn a_cursor_is_of_just_these_members_also_of_those_that_are_read_to_their_end() {
    let (none, some) = (World::new(62, 0), World::new(62, 50));
    let of = |labels: [&str; 2]| {
        let members = vec![account(labels[0], none), account(labels[1], some)];
        federate(members, OnFailure::Stop).provider
    };
    conformance::run(async {
        let request = PageRequest::first().with_size(10);
        let page = of(["a", "b"]).list_page(&CallFilter::new(), request).await.unwrap();
        let again = PageRequest::at(page.next.unwrap());
        assert!(of(["a", "b"]).list_page(&CallFilter::new(), again.clone()).await.is_ok());
        // The place of "a" holds no cursor of its own that "c" could refuse.
        let refused = of(["c", "b"]).list_page(&CallFilter::new(), again).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidCursor, "{refused}");
    });
}
