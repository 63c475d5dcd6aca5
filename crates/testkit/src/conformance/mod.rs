//! The conformance suite: what every provider, and every wrapper around providers, must hold to.
//!
//! A vendor's crate turns it on in one line:
//!
//! ```ignore
//! use callmux_testkit::conformance::Http;
//! use callmux_testkit::{conformance_suite, sims};
//!
//! conformance_suite!(Http::new(sims::vapi::simulate, |link| link.connect(callmux_vapi::builder(""))));
//! ```
//!
//! Each check is a test of its own, so that the report names it. Nothing sleeps, and no socket is opened.

#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a check fails by panicking: it is a test"
)]

mod answers;
mod faults;
mod filters;
mod listing;
mod subject;

pub use answers::*;
pub use faults::*;
pub use listing::*;
pub use subject::{Http, Link, Opened, Setup, Subject};

/// Runs a check to its end on a runtime of its own.
///
/// # Panics
/// The check does, or no runtime can be made.
#[expect(clippy::expect_used, reason = "a test that cannot start has failed")]
pub fn run(check: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(check);
}

/// One test for each check of the suite, on the subject that the expression makes.
#[macro_export]
macro_rules! conformance_suite {
    ($subject:expr) => {
        $crate::conformance_suite! { $subject;
            lists_each_call_once_in_order
            equals_memory_for_any_filter_and_page_size
            exact_means_exact
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
    };
    ($subject:expr; $($check:ident)*) => {
        $(
            #[test]
            fn $check() {
                $crate::conformance::run($crate::conformance::$check(&$subject));
            }
        )*
    };
}
