//! Rows that could not be understood.

use super::*;

#[test]
fn a_rejected_row_comes_in_its_place_and_the_listing_goes_on() {
    let script = Script::new([
        page(1, [call("a", 9), call("b", 8), call("d", 6)])
            .with_rejected(rejected(Some("c"), Some(8), "{}"))
            .into(),
        last([call("e", 5)]).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a", "b", "?c", "d", "e"]);
    let certificate = calls.certificate();
    assert_eq!(
        certificate.reasons,
        [Reason::RejectedRows { vendor: "script".into(), account: "main".into(), rows: 1 }]
    );
    assert_eq!((certificate.sources[0].rejected, certificate.sources[0].met), (1, 5));
}

#[test]
fn a_rejected_row_at_the_floor_is_held_like_a_call() {
    let script = Script::new([
        page(1, [call("a", 9)]).with_rejected(rejected(Some("z"), Some(9), "{}")).into(),
        last([call("b", 9)]).into(),
    ]);
    assert_eq!(all(&mut listing(&script)), ["a", "b", "?z"]);
}

#[test]
fn a_row_with_nothing_readable_before_it_comes_first_and_makes_no_call_late() {
    let script = Script::new([
        page(1, [call("a", 9)]).with_rejected(rejected(Some("z"), None, "7")).into(),
        last([call("b", 9), untimed("u")]).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(word(step(&mut calls).unwrap()), "?z");
    assert_eq!(all(&mut calls), ["u", "a", "b"]);
    assert_eq!(calls.certificate().sources[0].order_late, 0);
}

#[test]
fn a_rejected_row_that_pages_repeat_is_reported_once() {
    let by_id = || rejected(Some("x"), Some(8), "[1]");
    let by_text = || rejected(None, Some(8), "[2]");
    let script = Script::new([
        page(1, [call("a", 8)]).with_rejected(by_id()).with_rejected(by_text()).into(),
        // The same rows, where another row precedes them.
        last([call("b", 7)])
            .with_rejected(rejected(Some("x"), Some(7), "[3]"))
            .with_rejected(rejected(None, Some(7), "[2]"))
            .into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["?[2]", "a", "?x", "b"]);
    let source = &calls.certificate().sources[0];
    assert_eq!((source.rejected, source.repeats, source.met), (2, 2, 4));
}

#[test]
fn a_rejected_rows_text_is_not_taken_for_anothers_id() {
    let script = Script::new([last([])
        .with_rejected(rejected(None, None, "7"))
        .with_rejected(rejected(Some("7"), None, "[]"))
        .into()]);
    assert_eq!(all(&mut listing(&script)), ["?7", "?7"]);
}

#[test]
fn rejected_rows_do_not_count_toward_the_limit() {
    let script = Script::new([last([call("a", 9), call("c", 7), call("d", 6)])
        .with_rejected(rejected(Some("b"), Some(9), "{}"))
        .into()]);
    let mut calls = listing(&script).limit(2);
    assert_eq!(all(&mut calls), ["a", "?b", "c"]);
    assert!(calls.certificate().limit_reached);
    assert!(!calls.certificate().is_complete(), "a row before the last call was not understood");
}

#[test]
fn a_rejected_row_beyond_the_limit_is_neither_reported_nor_held_against_the_listing() {
    // A smaller page would not have held it at all: the page size must not change the answer.
    let script = Script::new([last([call("a", 9), call("c", 7)])
        .with_rejected(rejected(Some("b"), Some(8), "{}"))
        .into()]);
    let mut calls = listing(&script).limit(1);
    assert_eq!(all(&mut calls), ["a"]);
    assert!(calls.certificate().is_complete(), "{}", calls.certificate());
    assert_eq!(calls.certificate().sources[0].rejected, 0);
}

#[test]
fn a_page_of_rejected_rows_alone_goes_on() {
    let script = Script::new([
        page(1, []).with_rejected(rejected(None, None, "1")).with_floor(Some(9)).into(),
        last([call("a", 9)]).into(),
    ]);
    assert_eq!(all(&mut listing(&script)), ["?1", "a"]);
}

#[test]
fn a_rejected_row_as_an_error_names_its_place_and_keeps_its_content_out_of_the_text() {
    let row = rejected(Some("x"), None, r#"{"key":"sk-secret"}"#);
    let script = Script::new([last([]).with_rejected(row.clone()).into()]);
    let error = step(&mut listing(&script)).unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert_eq!(error.rejected(), Some(&row));
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("script") && !shown.contains("secret"), "{shown}");
}
