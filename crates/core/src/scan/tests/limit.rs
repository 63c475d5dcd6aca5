//! Limits: on calls, on rows a page, on requests.

use super::*;

#[test]
fn a_limit_ends_the_listing_and_counts_as_whole() {
    let script = Script::new([
        page(1, [call("a", 9), call("b", 8), call("c", 7)]).into(),
        last([call("d", 6)]).into(),
    ]);
    let mut calls = listing(&script).limit(2);
    assert_eq!(all(&mut calls), ["a", "b"]);
    assert_eq!(script.asked().len(), 1, "the second page was not needed");
    let certificate = calls.certificate();
    assert!(certificate.is_complete() && certificate.limit_reached, "{certificate}");
}

#[test]
fn the_certificate_is_final_with_the_limits_last_call() {
    let script = Script::new([last([call("a", 9), call("b", 8)]).into()]);
    let mut calls = listing(&script).limit(1);
    assert!(step(&mut calls).is_some());
    assert!(calls.certificate().is_complete());
}

#[test]
fn a_limit_counts_matches_and_not_rows() {
    let script = Script::new([
        page(1, []).with_filtered("x", 9).with_filtered("y", 8).with_floor(Some(8)).into(),
        page(2, [call("a", 7), call("a2", 6)]).with_filtered("z", 7).into(),
        last([call("b", 5)]).into(),
    ]);
    assert_eq!(all(&mut listing(&script).limit(2)), ["a", "a2"]);
}

#[test]
fn a_limit_of_nothing_sends_nothing_and_is_complete() {
    let script = Script::new([]);
    let mut calls = listing(&script).limit(0);
    assert!(step(&mut calls).is_none());
    assert!(script.asked().is_empty());
    let certificate = calls.certificate();
    assert!(certificate.is_complete() && certificate.limit_reached);
}

#[test]
fn a_limit_beyond_the_last_call_is_not_reached() {
    let script = Script::new([last([call("a", 9)]).into()]);
    let mut calls = listing(&script).limit(2);
    assert_eq!(all(&mut calls), ["a"]);
    let certificate = calls.certificate();
    assert!(certificate.is_complete() && !certificate.limit_reached);
}

#[test]
fn the_limits_last_call_is_chosen_from_the_whole_tie() {
    let script = Script::new([
        page(1, [call("a", 9), call("z", 8)]).into(),
        last([call("b", 8), call("y", 8)]).into(),
    ]);
    assert_eq!(all(&mut listing(&script).limit(2)), ["a", "b"]);
}

#[test]
fn an_exact_filter_under_a_limit_asks_for_one_row_more_than_the_limit() {
    let script = Script::new([
        page(1, [call("a", 9), call("b", 8), call("c", 8), call("d", 8)]).into(),
        last([]).into(),
    ]);
    assert_eq!(all(&mut listing(&script).limit(3)), ["a", "b", "c"]);
    // The same on every page: where pages are numbered, another size would move their edges.
    assert_eq!(script.sizes_asked(), [Some(4), Some(4)]);
}

#[test]
fn a_limit_makes_no_page_larger() {
    for (limit, page_size, asked) in
        [(500, 0, Some(50)), (u64::MAX, 7, Some(7)), (5, 7, Some(6)), (7, 7, Some(7))]
    {
        let script = Script::new([last([]).into()]);
        all(&mut listing(&script).limit(limit).page_size(page_size));
        assert_eq!(script.sizes_asked(), [asked], "limit {limit}, page size {page_size}");
    }
}

#[test]
fn a_filter_that_is_checked_here_asks_for_pages_of_the_usual_size_under_a_limit() {
    for support in [Support::Narrowed, Support::Client] {
        for (page_size, asked) in [(0, None), (7, Some(7))] {
            let script = Arc::new(Script::with_support("script", support, [last([]).into()]));
            let provider: Arc<dyn CallProvider> = script.clone();
            let mut calls =
                Calls::new(provider, CallFilter::new().agent("x")).limit(2).page_size(page_size);
            all(&mut calls);
            assert_eq!(script.sizes_asked(), [asked], "{support}");
        }
    }
}

#[test]
fn without_a_limit_the_page_size_is_the_callers() {
    for (page_size, asked) in [(0, None), (33, Some(33))] {
        let script = Script::new([last([]).into()]);
        all(&mut listing(&script).page_size(page_size));
        assert_eq!(script.sizes_asked(), [asked]);
        assert!(!script.asked()[0].keep_raw);
    }
}

#[test]
fn the_wish_for_raw_rows_goes_with_every_page() {
    let script = Script::new([page(1, [call("a", 9)]).into(), last([]).into()]);
    all(&mut listing(&script).keep_raw());
    assert!(script.asked().iter().all(|request| request.keep_raw));
}

#[test]
fn a_budget_of_requests_is_not_exceeded() {
    let pages = || {
        let mut first = page(1, [call("a", 9), call("b", 8)]);
        first.sources[0].requests = 2;
        first.sources[0].retries = 1;
        [first.into(), page(2, [call("c", 7)]).into(), last([call("d", 6)]).into()]
    };
    for (max, sent, given) in [
        (0, 0, vec!["!budget"]),
        (1, 1, vec!["a", "b", "!budget"]),
        (2, 1, vec!["a", "b", "!budget"]),
        (3, 2, vec!["a", "b", "c", "!budget"]),
        (4, 3, vec!["a", "b", "c", "d"]),
    ] {
        let script = Script::new(pages());
        let mut calls = listing(&script).max_requests(max);
        assert_eq!(all(&mut calls), given, "{max} requests");
        assert_eq!(script.asked().len(), sent, "{max} requests");
        assert_eq!(calls.certificate().is_complete(), max == 4);
    }
}

#[test]
fn a_limit_reached_with_calls_of_unknown_order_does_not_hide_the_failure() {
    // "b" is at the floor: the failed page may have held newer calls, or "aa" of the same instant. It is given out, as
    // the best that is known, and the failure after it.
    let script = Script::new([
        page(1, [call("a", 9), call("b", 8), call("c", 8)]).into(),
        ErrorKind::Unavailable.into(),
    ]);
    let mut calls = listing(&script).limit(2);
    assert_eq!(all(&mut calls), ["a", "b", "!unavailable"]);
    let certificate = calls.certificate();
    assert!(!certificate.is_complete(), "a false complete: {certificate}");
    assert!(!certificate.limit_reached);
    let rest =
        Script::new([page(1, [call("a", 9), call("b", 8), call("c", 8)]).into(), last([]).into()]);
    let mut resumed = listing(&rest).resume(calls.cursor().unwrap());
    assert_eq!(all(&mut resumed), ["c"], "it is of the first page, whose others are not repeated");
}

#[test]
fn a_limit_reached_before_the_failure_is_complete() {
    let script = Script::new([
        page(1, [call("a", 9), call("b", 8)]).with_floor(Some(7)).into(),
        ErrorKind::Unavailable.into(),
    ]);
    let mut calls = listing(&script).limit(2);
    assert_eq!(all(&mut calls), ["a", "b"]);
    assert!(calls.certificate().is_complete());
}
