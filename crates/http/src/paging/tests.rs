use super::*;
use chrono::TimeDelta;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
}

fn keyset() -> TimeKeyset {
    TimeKeyset {
        until: "before",
        inclusive: false,
        unit: TimeDelta::milliseconds(1),
        limit: "limit",
        format: |instant| instant.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
    }
}

/// A full page of ten between two instants.
fn full(newest: i64, oldest: i64) -> Observed {
    Observed {
        asked: 10,
        max: 100,
        rows: 10,
        newest: Some(at(newest)),
        oldest: Some(at(oldest)),
        in_order: true,
        ..Observed::default()
    }
}

#[test]
fn a_keyset_falls_to_the_oldest_instant_and_keeps_it_in() {
    let paging = keyset();
    let step = paging.next(&paging.first(), &full(90, 50)).unwrap();
    assert_eq!(step.floor, Some(Floor { at: at(50), proven: true }));
    let next = step.next.unwrap();
    let sent = paging.parameters(&next, 10);
    assert_eq!(sent[0], ("before", "2023-11-14T22:14:10.001000Z".to_owned()));

    let inclusive = TimeKeyset { inclusive: true, ..paging };
    assert_eq!(inclusive.parameters(&next, 10)[0].1, "2023-11-14T22:14:10.000000Z");
}

#[test]
fn a_bound_is_rounded_outward_to_the_vendors_unit() {
    let paging = keyset();
    let mut page = full(90, 50);
    page.oldest = Some(at(50) + TimeDelta::microseconds(1234));
    let next = paging.next(&paging.first(), &page).unwrap().next.unwrap();
    assert_eq!(paging.parameters(&next, 10)[0].1, "2023-11-14T22:14:10.002000Z");
}

#[test]
fn a_short_page_ends_a_keyset_whatever_it_holds() {
    let paging = keyset();
    let short = Observed { rows: 9, ..full(90, 50) };
    assert_eq!(paging.next(&paging.first(), &short).unwrap(), Step::end());
    let unreadable = Observed { rows: 9, newest: None, oldest: None, ..full(90, 50) };
    assert_eq!(paging.next(&paging.first(), &unreadable).unwrap().next, None);
}

#[test]
fn a_page_of_one_instant_is_widened_then_named_then_passed() {
    let paging = keyset();
    let first = paging.next(&paging.first(), &full(50, 50)).unwrap().next.unwrap();
    let stuck = paging.next(&first, &full(50, 50)).unwrap();
    let wide = stuck.next.unwrap();
    assert!(stuck.findings.is_empty());
    assert_eq!(paging.page_size(&wide, 10, 100), 100);

    let widest = Observed { asked: 100, rows: 100, ..full(50, 50) };
    let step = paging.next(&wide, &widest).unwrap();
    assert_eq!(step.findings, [Finding::TiesBeyondPage(at(50))]);
    let below = step.next.unwrap();
    assert_eq!(paging.page_size(&below, 10, 100), 10);
    assert_eq!(paging.parameters(&below, 10)[0].1, "2023-11-14T22:14:10.000000Z");

    // Where the largest page reaches below the instant, nothing is lost.
    let enough = Observed { asked: 100, rows: 100, ..full(50, 40) };
    let step = paging.next(&wide, &enough).unwrap();
    assert!(step.findings.is_empty());
    assert_eq!(step.floor.unwrap().at, at(40));
}

#[test]
fn a_page_without_any_time_is_widened_then_ends() {
    let paging = keyset();
    let blank = Observed { newest: None, oldest: None, ..full(0, 0) };
    let wide = paging.next(&paging.first(), &blank).unwrap().next.unwrap();
    let step = paging.next(&wide, &Observed { asked: 100, rows: 100, ..blank }).unwrap();
    assert_eq!((step.next, step.findings), (None, vec![Finding::UntimedBeyondPage]));
}

#[test]
fn a_vendor_that_ignores_its_bound_or_its_order_is_noticed() {
    let paging = keyset();
    let next = paging.next(&paging.first(), &full(90, 50)).unwrap().next.unwrap();
    assert!(paging.next(&next, &full(90, 50)).is_err());
    // Within the unit that was asked for, rows are welcome.
    let mut page = full(50, 40);
    page.newest = Some(at(50) + TimeDelta::microseconds(900));
    assert!(paging.next(&next, &page).is_ok());

    let disorderly = Observed { in_order: false, ..full(50, 40) };
    assert_eq!(paging.next(&next, &disorderly).unwrap().findings, [Finding::OrderBroken]);
}

#[test]
fn page_numbers_end_by_the_first_rule_that_can_be_told() {
    let paging = PageNumber { page: "page", page_size: "per_page" };
    let first = paging.first();
    let ends = |page: Observed| paging.next(&first, &page).unwrap().next.is_none();
    let last = |last, total| Observed { last_page: last, total, ..full(9, 5) };
    assert!(!ends(last(Some(2), None)));
    assert!(ends(last(Some(1), Some(999))));
    assert!(!ends(last(None, Some(11))));
    assert!(ends(last(None, Some(10))));
    assert!(!ends(last(None, None)));
    assert!(ends(Observed { rows: 9, ..last(None, None) }));
    assert!(!ends(Observed { rows: 9, page_size: Some(9), ..last(None, None) }));
    // Without any number, what the vendor says of a next page goes before the count of its rows.
    let says = |more, rows| Observed { has_more: Some(more), rows, ..last(None, None) };
    assert!(ends(says(false, 10)));
    assert!(!ends(says(true, 9)));
    assert!(!ends(Observed { has_more: Some(false), ..last(Some(2), None) }));
}

#[test]
fn page_numbers_keep_their_size_hold_a_page_back_and_see_totals_fall() {
    let paging = PageNumber { page: "page", page_size: "per_page" };
    let page = |number, newest, oldest, total| Observed {
        page: Some(number),
        last_page: Some(9),
        total: Some(total),
        ..full(newest, oldest)
    };
    let first = paging.next(&paging.first(), &page(1, 90, 80, 85)).unwrap();
    assert_eq!(first.floor, None);
    let second = first.next.unwrap();
    assert_eq!(paging.page_size(&second, 77, 100), 10);
    assert_eq!(paging.parameters(&second, 10)[0], ("page", "2".to_owned()));
    let step = paging.next(&second, &page(2, 85, 70, 84)).unwrap();
    assert_eq!(step.floor, Some(Floor { at: at(80), proven: false }));
    assert_eq!(step.findings, [Finding::TotalFell { from: 85, to: 84 }]);
    assert!(paging.next(&second, &page(1, 90, 80, 85)).is_err(), "the page asked for was ignored");
}

#[test]
fn offsets_move_by_the_rows_that_came() {
    let paging = Offset { skip: "skip", limit: "limit" };
    let step = paging.next(&paging.first(), &Observed { rows: 7, total: Some(20), ..full(9, 5) });
    let next = step.unwrap().next.unwrap();
    assert_eq!(paging.parameters(&next, 10)[0], ("skip", "7".to_owned()));
    let ends = |page: Observed| paging.next(&next, &page).unwrap().next.is_none();
    assert!(ends(Observed { total: Some(17), ..full(4, 1) }));
    assert!(!ends(Observed { total: Some(18), ..full(4, 1) }));
    assert!(ends(Observed { rows: 3, ..full(4, 1) }));
    assert!(ends(Observed { has_more: Some(false), total: Some(99), ..full(4, 1) }));
    assert!(ends(Observed { rows: 0, has_more: Some(true), ..full(4, 1) }));
}

#[test]
fn tokens_are_passed_on_and_never_taken_twice() {
    let paging = Token { token: "cursor", limit: "limit" };
    let page = |token: &str| Observed { next_token: Some(token.to_owned()), ..full(9, 5) };
    let next = paging.next(&paging.first(), &page("a")).unwrap().next.unwrap();
    assert_eq!(paging.parameters(&next, 10)[0], ("cursor", "a".to_owned()));
    assert!(paging.next(&next, &page("a")).is_err());
    assert_eq!(paging.next(&next, &page("")).unwrap().next, None);
    assert_eq!(paging.next(&next, &full(9, 5)).unwrap().next, None);
    assert!(paging.next(&next, &Observed { has_more: Some(true), ..full(9, 5) }).is_err());
    // An empty page with a token goes on.
    assert!(paging.next(&next, &Observed { rows: 0, ..page("b") }).unwrap().next.is_some());
}

#[test]
fn a_bound_whose_rows_are_not_met_again_is_noticed() {
    let paging = keyset();
    let next = paging.next(&paging.first(), &full(90, 50)).unwrap().next.unwrap();
    assert!(paging.next(&next, &full(50, 40)).unwrap().findings.is_empty());
    // The vendor took the bound for an earlier instant: on a full page, on a short one, on an empty one.
    let missed = [Finding::BoundMissed(at(50))];
    assert_eq!(paging.next(&next, &full(49, 40)).unwrap().findings, missed);
    let short = Observed { rows: 3, ..full(49, 40) };
    assert_eq!(paging.next(&next, &short).unwrap().findings, missed);
    let empty = Observed { rows: 0, newest: None, oldest: None, ..full(0, 0) };
    assert_eq!(paging.next(&next, &empty).unwrap().findings, missed);
}

#[test]
fn a_vendor_that_serves_smaller_pages_than_asked_is_believed() {
    let paging = keyset();
    let clamped = Observed { asked: 10, rows: 4, page_size: Some(4), ..full(90, 50) };
    assert!(paging.next(&paging.first(), &clamped).unwrap().next.is_some());
    let short = Observed { rows: 3, ..clamped };
    assert_eq!(paging.next(&paging.first(), &short).unwrap().next, None);
}

#[test]
fn the_ends_of_time_do_not_panic() {
    let paging = keyset();
    for instant in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        let page = Observed {
            asked: 100,
            rows: 100,
            newest: Some(instant),
            oldest: Some(instant),
            ..full(0, 0)
        };
        let mut position = paging.first();
        for _ in 0..4 {
            paging.parameters(&position, 10);
            match paging.next(&position, &page) {
                Ok(Step { next: Some(next), .. }) => position = next,
                _ => break,
            }
        }
    }
}

#[test]
fn an_empty_page_before_the_last_is_no_end() {
    let paging = PageNumber { page: "page", page_size: "per_page" };
    let empty = Observed { asked: 10, max: 100, in_order: true, ..Observed::default() };
    for (page, stalls) in [
        (Observed { last_page: Some(2), ..empty.clone() }, true),
        (Observed { last_page: Some(7), total: Some(70), ..empty.clone() }, true),
        (Observed { has_more: Some(true), ..empty.clone() }, true),
        (Observed { last_page: Some(1), has_more: Some(true), ..empty.clone() }, false),
        (Observed { last_page: Some(0), total: Some(0), ..empty.clone() }, false),
        (Observed { has_more: Some(false), ..empty.clone() }, false),
        (empty, false),
    ] {
        assert_eq!(paging.next(&paging.first(), &page).is_err(), stalls, "{page:?}");
    }
}
