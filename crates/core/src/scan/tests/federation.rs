//! The listing of a federation, whose members answer from scripts.

use super::*;
use crate::federation::{Federation, OnFailure};

fn member_page(vendor: &str, ids: &[(&str, i64)], next: bool) -> CallPage {
    let mut page = page_of(vendor, ids.iter().map(|(id, second)| call_of(vendor, id, *second)));
    if next {
        page.next = Some(cursor(1));
        let oldest = ids.last().map(|(_, second)| *second);
        page = page.with_floor(oldest);
    }
    page
}

fn federation(members: &[&Arc<Script>], on_failure: OnFailure) -> Arc<dyn CallProvider> {
    let members = members.iter().map(|member| Arc::clone(member) as Arc<dyn CallProvider>);
    Arc::new(Federation::new(members, on_failure).unwrap())
}

fn listing_of(federation: &Arc<dyn CallProvider>) -> Calls {
    Calls::new(Arc::clone(federation), CallFilter::new())
}

#[test]
fn members_in_order_are_not_counted_as_put_in_order() {
    let one = Script::of_vendor("one", [member_page("one", &[("a", 9), ("b", 3)], false).into()]);
    let two = Script::of_vendor("two", [member_page("two", &[("c", 8), ("d", 2)], false).into()]);
    let mut calls = listing_of(&federation(&[&one, &two], OnFailure::Stop));
    assert_eq!(all(&mut calls), ["a", "c", "b", "d"]);
    for source in &calls.certificate().sources {
        assert_eq!((source.order_repaired, source.order_late), (0, 0), "{}", source.vendor);
    }
}

#[test]
fn only_members_that_are_due_are_asked() {
    let dense = Script::of_vendor(
        "dense",
        [
            member_page("dense", &[("a", 90), ("b", 80)], true).into(),
            member_page("dense", &[("c", 70), ("d", 60)], true).into(),
            member_page("dense", &[("e", 50)], false).into(),
        ],
    );
    let sparse = Script::of_vendor(
        "sparse",
        [
            member_page("sparse", &[("y", 40), ("z", 10)], true).into(),
            member_page("sparse", &[("zz", 5)], false).into(),
        ],
    );
    let mut calls = listing_of(&federation(&[&dense, &sparse], OnFailure::Stop));
    assert_eq!(word(step(&mut calls).unwrap()), "a");
    assert_eq!((dense.asked().len(), sparse.asked().len()), (1, 1));
    let rest: Vec<_> = (0..4).filter_map(|_| step(&mut calls)).map(word).collect();
    assert_eq!(rest, ["b", "c", "d", "e"]);
    assert_eq!((dense.asked().len(), sparse.asked().len()), (3, 1), "nothing of sparse was due");
    assert_eq!(all(&mut calls), ["y", "z", "zz"]);
}

#[test]
fn a_member_whose_page_is_being_passed_on_is_asked_for_the_next_with_the_others() {
    let script = |vendor, newest, oldest| {
        let pages = [
            member_page(vendor, &[("a", newest), ("b", oldest)], true).into(),
            member_page(vendor, &[("c", oldest - 1)], false).into(),
        ];
        Script::of_vendor(vendor, pages)
    };
    // The first holds the listing up; of the second, one call is given out before that.
    let (first, second) = (script("first", 90, 80), script("second", 85, 70));
    let mut calls = listing_of(&federation(&[&first, &second], OnFailure::Stop));
    for asked in [1, 1, 2] {
        assert!(step(&mut calls).is_some());
        assert_eq!((first.asked().len(), second.asked().len()), (asked, asked));
    }
}

#[test]
fn only_members_that_said_nothing_yet_are_asked_while_there_are_any() {
    let silent = Script::of_vendor(
        "silent",
        [
            member_page("silent", &[("a", 50)], true).with_floor(None).into(),
            member_page("silent", &[("b", 40)], true).into(),
            member_page("silent", &[], false).into(),
        ],
    );
    let other = Script::of_vendor("other", [member_page("other", &[("c", 45)], true).into()]);
    let mut calls = listing_of(&federation(&[&silent, &other], OnFailure::Stop));
    assert_eq!(word(step(&mut calls).unwrap()), "a");
    assert_eq!((silent.asked().len(), other.asked().len()), (2, 1));
}

#[test]
fn a_member_that_fails_while_its_calls_are_held_does_not_let_a_limit_look_complete() {
    // "old" is held because the dense member may hold newer calls; that member fails.
    let sparse = Script::of_vendor("sparse", [member_page("sparse", &[("old", 1)], false).into()]);
    let dense = Script::of_vendor(
        "dense",
        [member_page("dense", &[("a", 90), ("b", 80)], true).into(), ErrorKind::Unavailable.into()],
    );
    let mut calls = listing_of(&federation(&[&sparse, &dense], OnFailure::Stop)).limit(3);
    assert_eq!(all(&mut calls), ["a", "b", "old", "!unavailable"]);
    assert!(!calls.certificate().is_complete(), "a false complete: {}", calls.certificate());
}

#[test]
fn a_failed_member_is_named_in_the_certificate_whatever_its_error_says() {
    for on_failure in [OnFailure::Stop, OnFailure::Continue] {
        let good = Script::of_vendor("good", [member_page("good", &[("a", 9)], false).into()]);
        let bad = Script::of_vendor("bad", [ErrorKind::Timeout.into()]);
        let mut calls = listing_of(&federation(&[&good, &bad], on_failure));
        all(&mut calls);
        let [Reason::Failed { vendor, account, error, .. }] =
            calls.certificate().reasons.as_slice()
        else {
            panic!("{:?}", calls.certificate().reasons)
        };
        assert_eq!(vendor.as_ref().map(crate::VendorId::as_str), Some("bad"), "{on_failure:?}");
        assert_eq!(account.as_ref().map(crate::AccountId::as_str), Some("main"));
        assert_eq!(*error, ErrorKind::Timeout);
    }
}

#[test]
fn a_failed_member_is_asked_no_more_and_counts_no_pages() {
    let good = Script::of_vendor(
        "good",
        [
            member_page("good", &[("a", 9), ("b", 8)], true).into(),
            member_page("good", &[("c", 7)], true).into(),
            member_page("good", &[("d", 6)], false).into(),
        ],
    );
    let failure = Error::new(ErrorKind::Timeout, "no answer").with_attempts(3);
    let bad = Script::of_vendor("bad", [Answer::Fail(failure)]);
    let mut calls = listing_of(&federation(&[&good, &bad], OnFailure::Continue));
    assert_eq!(all(&mut calls), ["a", "b", "c", "d"]);
    assert_eq!(bad.asked().len(), 1);
    let certificate = calls.certificate();
    assert_eq!(certificate.reasons.len(), 1);
    let bad = certificate.sources.iter().find(|source| source.vendor.as_str() == "bad").unwrap();
    assert_eq!((bad.requests, bad.retries, bad.rows), (3, 2, 0));
    assert!(bad.pages <= 1, "{}", bad.pages);
}

#[test]
fn a_listing_resumed_after_a_members_failure_is_not_complete() {
    let good = Script::of_vendor(
        "good",
        [
            member_page("good", &[("a", 9), ("b", 8)], true).into(),
            member_page("good", &[("c", 7)], true).into(),
            member_page("good", &[("d", 6)], false).into(),
            // For the resumed listing.
            member_page("good", &[("d", 6)], false).into(),
        ],
    );
    let bad = Script::of_vendor("bad", [ErrorKind::Unavailable.into()]);
    let federation = federation(&[&good, &bad], OnFailure::Continue);

    let mut calls = listing_of(&federation);
    let mut latest = None;
    while let Some(item) = step(&mut calls) {
        if item.unwrap().id.as_str() == "c" {
            latest = calls.cursor();
        }
    }
    let mut resumed = listing_of(&federation).resume(latest.unwrap());
    assert_eq!(all(&mut resumed), ["d"]);
    assert!(!resumed.certificate().is_complete(), "a false complete: the calls of one member");
    assert!(resumed.certificate().to_string().contains("bad"), "{}", resumed.certificate());
}

#[test]
fn the_callers_mistakes_are_not_left_out() {
    for kind in [ErrorKind::InvalidCursor, ErrorKind::Unsupported, ErrorKind::Config] {
        let good = Script::of_vendor("good", [member_page("good", &[("a", 9)], false).into()]);
        let bad = Script::of_vendor("bad", [kind.into()]);
        let mut calls = listing_of(&federation(&[&good, &bad], OnFailure::Continue));
        assert_eq!(all(&mut calls).last(), Some(&format!("!{kind}")));
    }
}

#[test]
fn a_federation_can_get_where_a_member_can() {
    let script = || Script::with_support("plain", Support::Exact, []);
    let mut getting = Script::with_support("getting", Support::Exact, []);
    getting.info.can_get = true;
    let without = federation(&[&Arc::new(script())], OnFailure::Stop);
    let with = federation(&[&Arc::new(script()), &Arc::new(getting)], OnFailure::Stop);
    assert!(!without.info().can_get);
    assert!(with.info().can_get);
}

#[test]
fn a_failed_member_holds_no_part_of_a_budget() {
    let pages = [("a", 9), ("b", 8), ("c", 7)];
    let pages = pages.map(|call| member_page("good", &[call], true).into());
    let good = Script::of_vendor("good", pages);
    let failure = Error::new(ErrorKind::Unauthenticated, "no such key").with_attempts(1);
    let bad = Script::of_vendor("bad", [Answer::Fail(failure)]);
    let listing = listing_of(&federation(&[&good, &bad], OnFailure::Continue));
    let mut listing = listing.max_requests(3);
    let error = loop {
        match step(&mut listing).expect("an error ends it") {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Budget);
    assert_eq!(listing.certificate().requests(), 3);
}
