//! The one order, and what is held for it.

use super::*;

#[test]
fn ties_over_page_edges_come_in_the_one_order() {
    let script = Script::new([
        page(1, [call("a", 9), call("d", 8), call("c", 8)]).into(),
        page(2, [call("b", 8), call("e", 8)]).into(),
        last([call("a2", 8), call("f", 7)]).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a", "a2", "b", "c", "d", "e", "f"]);
    assert!(calls.certificate().is_complete(), "{}", calls.certificate());
    let positions: Vec<_> = script.asked().into_iter().map(|request| request.cursor).collect();
    assert_eq!(positions, [None, Some(cursor(1)), Some(cursor(2))]);
}

#[test]
fn rows_above_the_floor_are_given_out_before_another_page_is_asked_for() {
    let script = Script::new([
        page(1, [call("a", 9), call("b", 8), call("c", 7)]).with_floor(Some(8)).into(),
        last([]).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(word(step(&mut calls).unwrap()), "a");
    assert_eq!(script.asked().len(), 1, "what is above the floor needs no other page");
    assert_eq!(word(step(&mut calls).unwrap()), "b");
    assert_eq!(script.asked().len(), 2, "what is at the floor may tie with the next page");
    assert_eq!(all(&mut calls), ["c"]);
}

#[test]
fn without_a_floor_every_row_is_held() {
    let script = Script::new([
        page(1, [call("a", 5)]).with_floor(None).into(),
        page(2, [call("b", 9)]).with_floor(None).into(),
        page(3, [call("c", 7)]).with_floor(Some(7)).into(),
        last([call("d", 7)]).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(word(step(&mut calls).unwrap()), "b");
    assert_eq!(script.asked().len(), 3);
    assert_eq!(all(&mut calls), ["c", "d", "a"]);
    assert_eq!(calls.certificate().sources[0].order_late, 0);
}

#[test]
fn untimed_calls_come_first_and_in_the_one_order_over_page_edges() {
    let script = Script::new([
        page(1, [untimed("z"), untimed("x")]).into(),
        page(2, [untimed("y"), call("a", 9), call("b", 8)]).into(),
        last([call("c", 8)]).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["x", "y", "z", "a", "b", "c"]);
    // An untimed call before it does not make a timed one late.
    let source = &calls.certificate().sources[0];
    assert_eq!((source.order_repaired, source.order_late), (0, 0));
}

#[test]
fn a_call_in_the_wrong_place_is_put_right_and_counted() {
    let script = Script::new([
        page(1, [call("a", 9), call("c", 7), call("b", 8), call("d", 6)]).into(),
        last([call("e", 5)]).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a", "b", "c", "d", "e"]);
    let source = &calls.certificate().sources[0];
    assert_eq!((source.order_repaired, source.order_late), (1, 0));
    assert!(calls.certificate().is_complete());
}

#[test]
fn order_is_repaired_over_a_page_edge_too() {
    let script = Script::new([
        page(1, [call("a", 9), call("c", 5)]).with_floor(Some(7)).into(),
        last([call("b", 6), call("d", 4)]).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a", "b", "c", "d"]);
    assert_eq!(calls.certificate().sources[0].order_repaired, 1);
}

#[test]
fn a_call_behind_its_place_is_given_out_late_and_counted() {
    let script = Script::new([
        page(1, [call("a", 9), call("b", 8), call("c", 5)]).into(),
        last([call("late", 10), call("d", 4)]).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a", "b", "late", "c", "d"]);
    assert_eq!(calls.certificate().sources[0].order_late, 1);
    assert!(calls.certificate().is_complete(), "a late call alone leaves the listing whole");
}

#[test]
fn late_is_what_comes_out_of_the_one_order() {
    for (late, count, given) in [
        // After "m" and newer than the floor, yet in its place.
        (call("n", 8), 0, ["m", "n", "z"]),
        (call("l", 8), 1, ["m", "l", "z"]),
        (untimed("u"), 1, ["m", "u", "z"]),
    ] {
        let script = Script::new([
            page(1, [call("m", 8), call("z", 5)]).into(),
            page(2, [late]).with_floor(Some(5)).into(),
            last([]).into(),
        ]);
        let mut calls = listing(&script);
        assert_eq!(all(&mut calls), given);
        assert_eq!(calls.certificate().sources[0].order_late, count, "{given:?}");
    }
}

#[test]
fn one_late_call_does_not_hide_the_next() {
    let script = Script::new([
        page(1, [call("a", 9), call("b", 6), call("c", 5)]).into(),
        page(2, [call("x", 8)]).with_floor(Some(5)).into(),
        last([call("y", 7)]).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a", "b", "x", "y", "c"]);
    assert_eq!(calls.certificate().sources[0].order_late, 2, "both belong before \"b\"");
}

#[test]
fn repeats_are_dropped_and_counted() {
    let script = Script::new([
        page(1, [call("a", 9), call("b", 8)]).into(),
        last([call("b", 8), call("a", 9), call("c", 7)]).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a", "b", "c"]);
    let source = &calls.certificate().sources[0];
    assert_eq!((source.repeats, source.met, source.rows), (2, 3, 5));
    assert_eq!(source.order_late, 0, "what is dropped is not late");
}

#[test]
fn the_same_id_in_two_accounts_is_two_calls() {
    let mut other = call("a", 9);
    other.account = "other".into();
    let script = Script::new([last([call("a", 9), other]).into()]);
    assert_eq!(all(&mut listing(&script)), ["a", "a"]);
}

#[test]
fn a_row_that_comes_to_match_between_pages_is_given_out_once() {
    let script = Script::new([
        page(1, [call("a", 9)]).with_filtered("b", 8).with_floor(Some(8)).into(),
        page(2, [call("b", 8)]).into(),
        last([call("b", 8)]).with_filtered("a", 9).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a", "b"]);
    let source = &calls.certificate().sources[0];
    assert_eq!((source.met, source.filtered_here, source.repeats), (2, 1, 2));
}

/// Pages that each fall below the one before, by a floor that the request itself keeps.
fn falling(pages: i64) -> impl Iterator<Item = Answer> {
    (0..pages).map(|n| {
        let at = 100 - n;
        page(1, [call(&format!("{n}"), at)]).with_proven_floor(at).into()
    })
}

#[test]
fn rows_that_come_again_above_a_floor_that_was_proven_are_not_given_twice() {
    // The rows of some pages back are remembered, those above them not: were such a row believed, each page would bring "new"
    // calls for ever.
    for (pages, is_remembered) in [(2, true), (9, false)] {
        let again = || page(1, [call("0", 100)]).with_proven_floor(100 - pages);
        let script =
            Script::new(falling(pages).chain((0..BARREN_PAGES + 1).map(|_| again().into())));
        let mut calls = listing(&script);
        let given = all(&mut calls);
        assert_eq!(given.len() as i64, pages + 1, "{given:?}");
        assert_eq!(given.last().unwrap(), "!stalled");
        let broken = Reason::OrderBroken { vendor: "script".into(), account: "main".into() };
        let certificate = calls.certificate();
        assert_eq!(certificate.reasons.contains(&broken), !is_remembered);
        assert_eq!(certificate.sources[0].met as i64, pages);
    }
}

#[test]
fn filtered_rows_above_a_proven_floor_are_not_counted_as_met() {
    let script = Script::new(falling(9).chain([last([]).with_filtered("0", 100).into()]));
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls).len(), 9);
    assert_eq!(calls.certificate().sources[0].met, 9);
    assert!(!calls.certificate().is_complete());
}

#[test]
fn the_usual_order_of_a_vendor_proves_nothing() {
    // A floor that is not proven: what was met above it is remembered, and what is new above it is given out.
    let mut first = page(1, [call("a", 9), call("b", 8)]);
    first.sources[0].floor = first.floor;
    let script = Script::new([first.into(), last([call("a", 9), call("new", 10)]).into()]);
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a", "new", "b"]);
    assert!(calls.certificate().is_complete(), "{}", calls.certificate());
    let source = &calls.certificate().sources[0];
    assert_eq!((source.repeats, source.order_late), (1, 1));
}

#[test]
fn a_proven_floor_is_not_raised_again() {
    let raised = page(2, [call("c", 91)]).with_proven_floor(99);
    let script =
        Script::new(falling(9).chain([raised.into(), last([call("0", 100), call("d", 4)]).into()]));
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls).len(), 11);
    assert!(!calls.certificate().is_complete());
}
