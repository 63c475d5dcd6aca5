//! What the certificate says of totals, sources and reasons.

use super::*;

fn total_disagrees(total: u64, met: u64) -> Reason {
    Reason::TotalDisagrees { vendor: "script".into(), account: "main".into(), total, met }
}

#[test]
fn fewer_rows_than_the_vendor_counts_is_incomplete() {
    let pages = |total| {
        [
            page(1, [call("a", 9)]).with_filtered("b", 8).with_total(total).into(),
            // A repeat is no other row.
            last([call("a", 9), call("c", 7)]).with_total(total).into(),
        ]
    };
    // Read, counted again, and read again twice, without the fourth.
    let count = || page(1, [call("a", 9)]).with_total(4).into();
    let again = [count()].into_iter().chain(pages(4)).chain(pages(4));
    let script = Script::new(pages(4).into_iter().chain(again));
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a", "c"]);
    assert_eq!(calls.certificate().sources[0].extra_requests, 5);
    assert_eq!(calls.certificate().reasons, [total_disagrees(4, 3)]);
    assert!(!calls.certificate().is_complete());

    for total in [3, 2] {
        let mut calls = listing(&Script::new(pages(total)));
        all(&mut calls);
        assert!(calls.certificate().is_complete(), "a total of {total}");
        assert_eq!(calls.certificate().sources[0].total, Some(total));
    }
}

#[test]
fn the_least_total_is_held_against_what_was_met() {
    // It grows: what arrived is not owed. It falls: what went is not owed.
    for totals in [[2, 3], [3, 2]] {
        let script = Script::new([
            page(1, [call("a", 9)]).with_total(totals[0]).into(),
            page(2, [call("b", 8)]).with_total(totals[1]).into(),
            last([]).into(),
        ]);
        let mut calls = listing(&script);
        all(&mut calls);
        assert!(calls.certificate().is_complete(), "{totals:?}: {}", calls.certificate());
    }
}

#[test]
fn what_was_left_out_is_found_when_read_again() {
    let script = Script::new([
        last([call("a", 9), call("c", 7)]).with_total(3).into(),
        page(1, [call("a", 9)]).with_total(3).into(),
        last([call("a", 9), call("b", 8), call("c", 7)]).with_total(3).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a", "c", "b"]);
    let certificate = calls.certificate();
    assert!(certificate.is_complete(), "{certificate}");
    assert_eq!((certificate.sources[0].met, certificate.sources[0].order_late), (3, 1));
}

#[test]
fn what_went_meanwhile_is_not_owed_once_it_is_counted_again() {
    let script = Script::new([
        last([call("a", 9), call("c", 7)]).with_total(3).into(),
        page(1, [call("a", 9)]).with_total(2).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a", "c"]);
    assert!(calls.certificate().is_complete(), "{}", calls.certificate());
}

#[test]
fn rejected_rows_are_met() {
    let script =
        Script::new([last([]).with_rejected(rejected(Some("x"), None, "1")).with_total(1).into()]);
    let mut calls = listing(&script);
    all(&mut calls);
    assert!(matches!(calls.certificate().reasons.as_slice(), [Reason::RejectedRows { .. }]));
}

#[test]
fn a_part_of_the_rows_is_not_held_against_the_total() {
    let one = || Script::new([last([call("a", 9)]).with_total(5).into()]);
    let mut limited = listing(&one()).limit(1);
    all(&mut limited);
    assert!(limited.certificate().is_complete());

    let mut resumed = listing(&one()).resume(cursor(1));
    all(&mut resumed);
    assert!(resumed.certificate().is_complete());
    assert!(resumed.certificate().resumed);

    let failed =
        Script::new([page(1, [call("a", 9)]).with_total(5).into(), ErrorKind::Timeout.into()]);
    let mut failed = listing(&failed);
    all(&mut failed);
    assert!(matches!(failed.certificate().reasons.as_slice(), [Reason::Failed { .. }]));
}

#[test]
fn a_pages_reasons_are_kept_once_and_make_it_incomplete() {
    let reason = Reason::OrderBroken { vendor: "script".into(), account: "main".into() };
    let with_reason = |mut page: CallPage| {
        page.sources[0].reasons.push(reason.clone());
        page
    };
    let script = Script::new([
        with_reason(page(1, [call("a", 9)])).into(),
        with_reason(last([call("b", 8)])).into(),
    ]);
    let mut calls = listing(&script);
    all(&mut calls);
    assert_eq!(calls.certificate().reasons, [reason]);
    assert!(!calls.certificate().is_complete());
}

#[test]
fn a_reason_holds_under_a_limit_too() {
    let mut first = page(1, [call("a", 9), call("b", 8)]);
    let reason = Reason::OrderBroken { vendor: "script".into(), account: "main".into() };
    first.sources[0].reasons.push(reason);
    let mut calls = listing(&Script::new([first.into()])).limit(1);
    all(&mut calls);
    assert!(!calls.certificate().is_complete());
}

#[test]
fn requests_pages_and_the_first_instant_are_counted() {
    let mut first = page(1, [call("a", 9)]);
    first.sources[0].asked_at = Some(instant(100));
    first.sources[0].requests = 3;
    first.sources[0].retries = 2;
    let mut second = last([call("b", 8)]);
    second.sources[0].asked_at = Some(instant(101));
    let mut calls = listing(&Script::new([first.into(), second.into()]));
    all(&mut calls);
    let certificate = calls.certificate();
    assert_eq!(certificate.as_of, Some(instant(100)));
    assert_eq!(certificate.requests(), 4);
    let source = &certificate.sources[0];
    assert_eq!((source.pages, source.retries, source.rows), (2, 2, 2));
}

#[test]
fn the_requests_of_a_page_that_failed_are_counted() {
    let failure = Error::new(ErrorKind::Timeout, "no answer")
        .with_vendor("script".into())
        .with_account("main".into())
        .with_attempts(4);
    let mut calls = listing(&Script::new([page(1, [call("a", 9)]).into(), Answer::Fail(failure)]));
    all(&mut calls);
    let [source] = calls.certificate().sources.as_slice() else { panic!("one source") };
    assert_eq!((source.requests, source.retries, source.pages), (5, 3, 1));
}

#[test]
fn it_stays_unfinished_until_the_end() {
    let script = Script::new([page(1, [call("a", 9), call("b", 8)]).into(), last([]).into()]);
    let mut calls = listing(&script);
    step(&mut calls);
    assert_eq!(calls.certificate().verdict, Verdict::Incomplete);
    assert_eq!(calls.certificate().reasons, [Reason::NotFinished]);
    step(&mut calls);
    assert!(step(&mut calls).is_none());
    assert!(calls.certificate().is_complete());
}

#[test]
fn it_reads_back_from_its_json() {
    let script = Script::new([
        page(1, [call("a", 9)]).with_total(5).into(),
        Answer::Fail(Error::new(ErrorKind::Timeout, "no answer").with_vendor("script".into())),
    ]);
    let mut calls = listing(&script);
    all(&mut calls);
    let json = serde_json::to_string(calls.certificate()).unwrap();
    assert_eq!(&serde_json::from_str::<Certificate>(&json).unwrap(), calls.certificate());
}
