//! Single pages of a walk by page number.

use super::histories::NUMBERS;
use super::*;

fn after(at: &PageNumberPosition, page: &Observed) -> Step<PageNumberPosition> {
    NUMBERS.next(at, page).unwrap()
}

/// The number and the size of the next page, of so many wanted and a hundred at most.
fn asked(at: &PageNumberPosition, wanted: u32) -> (u64, u32) {
    let size = NUMBERS.page_size(at, wanted, 100);
    let sent = NUMBERS.parameters(at, size);
    assert_eq!(sent[1], ("limit", size.to_string()));
    (sent[0].1.parse().unwrap(), size)
}

/// A page of a list whose rows are of the seconds below 1000.
fn numbered(number: u64, size: u32) -> Observed {
    let start = 1_000 - (i64::try_from(number).unwrap() - 1) * i64::from(size);
    Observed { asked: size, page: Some(number), ..page((start - i64::from(size)..start).rev()) }
}

#[test]
fn pages_overlap_by_changing_their_size() {
    for (wanted, expected) in [
        // [0, 100) [98, 196) [194, 291) [288, 384) [380, 475): ten pages hold 1000 rows, these 12.
        (100, vec![(1, 100), (2, 98), (3, 97), (4, 96), (5, 95)]),
        // Where the vendor takes more than are wanted, no page reads fewer.
        (20, vec![(1, 20), (2, 18), (1, 52)]),
    ] {
        let mut at = NUMBERS.first();
        let mut reached = 0;
        for expected in expected {
            let (number, size) = asked(&at, wanted);
            if wanted == 100 {
                assert_eq!((number, size), expected);
            }
            let start = (number - 1) * u64::from(size);
            assert!(start <= reached && (reached == 0 || start + 2 <= reached), "{number} {size}");
            let step = after(&at, &numbered(number, size));
            assert_eq!(step.findings, []);
            reached = start + u64::from(size);
            at = step.next.unwrap();
        }
    }
}

#[test]
fn a_page_reads_as_many_rows_as_are_wanted_or_nearly() {
    for wanted in [1, 2, 5, 10, 33, 66, 90, 100] {
        let mut at = NUMBERS.first();
        let mut reached = 0;
        let mut fewest = u64::MAX;
        while reached < 990 - u64::from(wanted) {
            let (number, size) = asked(&at, wanted);
            assert!(
                size <= 100 && u64::from(size) < u64::from(wanted) * 3 / 2 + 12,
                "{wanted}: {size}"
            );
            at = after(&at, &numbered(number, size)).next.unwrap();
            let end = number * u64::from(size);
            fewest = fewest.min(end - reached);
            reached = end;
        }
        let enough = u64::from(if wanted <= 66 { wanted / 2 } else { wanted * 3 / 4 }).max(1);
        assert!(fewest >= enough, "{wanted}: {fewest}");
    }
}

#[test]
fn another_page_than_asked_for_is_noticed() {
    let second = after(&NUMBERS.first(), &numbered(1, 100)).next.unwrap();
    assert!(NUMBERS.next(&second, &Observed { asked: 98, ..numbered(1, 100) }).is_err());
    assert!(NUMBERS.next(&second, &numbered(2, 98)).is_ok());
    assert!(NUMBERS.next(&NUMBERS.first(), &numbered(2, 100)).is_err());
}

#[test]
fn a_vendor_with_a_size_of_its_own_is_walked_by_it_and_each_edge_is_in_doubt() {
    let own = |number: u64, rows: u32| Observed {
        asked: 100,
        page: Some(number),
        page_size: Some(15),
        marks: numbered(number, 15).marks.into_iter().take(rows as usize).collect(),
        ..page([])
    };
    let first = after(&NUMBERS.first(), &own(1, 15));
    assert_eq!(first.findings, []);
    let second = first.next.unwrap();
    assert_eq!(asked(&second, 100), (2, 100));
    let doubt = |second: i64| vec![Finding::EdgeInDoubt(Some(at(second)))];
    let step = after(&second, &own(2, 15));
    assert_eq!(step.findings, doubt(985));
    let third = step.next.unwrap();
    assert_eq!(asked(&third, 100), (3, 100));
    // A row that arrived pushed one onto the page: it joins, after all.
    let mut joined = own(3, 15);
    joined.marks = numbered(3, 15).marks.into_iter().take(14).collect();
    joined.marks.splice(0..0, numbered(2, 15).marks.split_off(13));
    assert_eq!(after(&third, &joined).findings, []);
    // A page that is short ends it, and so does an empty one, unless the vendor says that it is not the last.
    for (rows, last_page, ends) in [(4, Some(3), true), (0, Some(3), true), (4, Some(4), false)] {
        let page = Observed { last_page, ..own(3, rows) };
        let step = after(&third, &page);
        assert_eq!(
            (step.next.is_none(), step.findings),
            (ends, doubt(970)),
            "{rows} {last_page:?}"
        );
    }
    assert!(NUMBERS.next(&third, &Observed { last_page: Some(4), ..own(3, 0) }).is_err());
    // More rows than asked for are a size of its own, too.
    let more = Observed { asked: 10, page_size: None, ..own(1, 15) };
    let second = after(&NUMBERS.first(), &more).next.unwrap();
    assert_eq!(asked(&second, 10), (2, 10));
}

#[test]
fn an_empty_page_before_the_last_is_no_end() {
    let empty = || page([]);
    for (page, stalls) in [
        (Observed { last_page: Some(2), ..empty() }, true),
        (Observed { last_page: Some(7), total: Some(70), ..empty() }, true),
        (Observed { has_more: Some(true), ..empty() }, true),
        (Observed { last_page: Some(1), has_more: Some(true), ..empty() }, false),
        (Observed { last_page: Some(0), total: Some(0), ..empty() }, false),
        (Observed { has_more: Some(false), ..empty() }, false),
        (empty(), false),
    ] {
        assert_eq!(NUMBERS.next(&NUMBERS.first(), &page).is_err(), stalls, "{page:?}");
    }
}

#[test]
fn what_later_pages_hold_is_the_habit_of_a_page_before() {
    let first = after(&NUMBERS.first(), &numbered(1, 100));
    assert_eq!(first.floor, None);
    let second = after(&first.next.unwrap(), &numbered(2, 98));
    assert_eq!(second.floor, habit(900));
}

#[test]
fn a_cursor_of_another_shape_is_refused() {
    for old in [r#"{"page":2,"size":10,"oldest":null,"total":4}"#, r#"{"skip":2}"#, "{}"] {
        assert!(serde_json::from_str::<PageNumberPosition>(old).is_err(), "{old}");
        assert!(serde_json::from_str::<OffsetPosition>(old).is_err(), "{old}");
    }
}

/// The position after the first page of a hundred, of a vendor that counts so many rows.
fn after_the_first(total: Option<u64>) -> PageNumberPosition {
    after(&NUMBERS.first(), &Observed { total, ..numbered(1, 100) }).next.unwrap()
}

/// The numbers and sizes of the pages that are likely after one.
fn likely(mut at: PageNumberPosition) -> Vec<(u64, u32)> {
    let mut pages = Vec::new();
    while let Some(next) = NUMBERS.likely_next(&at, asked(&at, 100).1, 100) {
        pages.push(asked(&next, 100));
        at = next;
    }
    pages
}

#[test]
fn likely_pages_overlap_and_end_where_the_vendor_counts_no_more() {
    let second = after_the_first(Some(650));
    assert_eq!(asked(&second, 100), (2, 98));
    // [98, 196), and then [192, 288) [282, 376) [372, 465) [460, 552) [546, 637) [630, 720).
    let expected = [(3, 96), (4, 94), (5, 93), (6, 92), (7, 91), (8, 90)];
    assert_eq!(likely(second), expected);
    assert_eq!(likely(after_the_first(Some(196))), [], "the second page is the last");
    assert_eq!(likely(after_the_first(Some(197))).len(), 1);
    assert_eq!(likely(after_the_first(None)), [], "nobody knows whether more follows");
    assert_eq!(likely(NUMBERS.first()), [], "nothing is known before the first page");
    let last_page = Observed { last_page: Some(4), ..numbered(1, 100) };
    assert_eq!(likely(after(&NUMBERS.first(), &last_page).next.unwrap()).len(), 3);
    let own = Observed { page_size: Some(50), total: Some(900), ..numbered(1, 100) };
    let own = after(&NUMBERS.first(), &own).next.unwrap();
    assert_eq!(likely(own), [], "the vendor serves pages of its own");
}

#[test]
fn a_likely_page_is_the_next_where_it_joins() {
    let second = after_the_first(Some(900));
    let third = after(&second, &Observed { total: Some(900), ..numbered(2, 98) }).next.unwrap();
    let early = NUMBERS.likely_next(&second, 98, 100).unwrap();
    let fit = |at: &PageNumberPosition, page: &Observed| {
        NUMBERS.fit(at, Early { at: &early, page_size: 96, page })
    };
    let page = numbered(3, 96);
    assert_eq!(fit(&second, &page), Fit::Later, "[192, 288) begins below [98, 196)");
    assert_eq!(fit(&third, &page), Fit::Next);
    let fourth = after(&third, &Observed { total: Some(900), ..page.clone() }).next.unwrap();
    assert_eq!(fit(&fourth, &page), Fit::Missed, "it was read");

    // The next walks on from it as from the page it would have asked for.
    assert_eq!(asked(&third, 100), (3, 97));
    assert_eq!(
        fourth,
        after(&third, &Observed { total: Some(900), ..numbered(3, 96) }).next.unwrap()
    );

    // Since it was read, so many rows came, or went, above the page before it.
    for (moved, fit_of_it) in [(-4, Fit::Missed), (-2, Fit::Next), (2, Fit::Next), (40, Fit::Next)]
    {
        let start = 1_000 - 192 + moved;
        let shifted = Observed { asked: 96, ..super::page((start - 96..start).rev()) };
        assert_eq!(fit(&third, &shifted), fit_of_it, "{moved}");
    }
    let another = Observed { page: Some(9), ..page };
    assert_eq!(fit(&third, &another), Fit::Missed, "the vendor answered with another page");
}

#[test]
fn ties_at_an_edge_have_a_page_between_asked_for() {
    let second = after_the_first(Some(900));
    let early = NUMBERS.likely_next(&second, 98, 100).unwrap();
    // The last eight rows of [98, 196) are of one instant: the next page is to begin above them.
    let mut tied = Observed { total: Some(900), ..numbered(2, 98) };
    let last = tied.marks[97].at;
    tied.marks[90..].iter_mut().for_each(|mark| mark.at = last);
    let third = after(&second, &tied).next.unwrap();
    let page = numbered(3, 96);
    assert_eq!(NUMBERS.fit(&third, Early { at: &early, page_size: 96, page: &page }), Fit::Later);
}
