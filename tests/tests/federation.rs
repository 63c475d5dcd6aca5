//! A federation, and memory, against the whole conformance suite: whatever wraps providers is a provider again.

use std::sync::Arc;

use callmux::{CallFilter, CallProviderExt as _, Federation, MemoryProvider, OnFailure};
use callmux_testkit::conformance::{Opened, Setup, Subject};
use callmux_testkit::conformance_suite;
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

fn all_of(mut listing: callmux::Calls) -> Vec<callmux::Call> {
    let mut calls = Vec::new();
    callmux_testkit::conformance::run(async {
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
