//! Single pages of a walk by time.

use super::*;

const KEYSET: TimeKeyset = TimeKeyset {
    until: "before",
    inclusive: false,
    truncates: false,
    unit: TimeDelta::milliseconds(1),
    limit: "limit",
    skip: None,
    format: |instant| instant.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
};

/// The step after this page.
fn after(at: &KeysetPosition, page: &Observed) -> Step<KeysetPosition> {
    KEYSET.next(at, page).unwrap()
}

/// The place after these pages.
fn walked(pages: impl IntoIterator<Item = Observed>) -> KeysetPosition {
    let step = |at, page| after(&at, &page).next.unwrap();
    pages.into_iter().fold(KEYSET.first(), step)
}

fn sent(keyset: &TimeKeyset, at: &KeysetPosition) -> Vec<(&'static str, String)> {
    keyset.parameters(at, 10)
}

fn bound(at: &KeysetPosition) -> String {
    sent(&KEYSET, at).swap_remove(0).1
}

fn utc(instant: DateTime<Utc>) -> String {
    (KEYSET.format)(instant)
}

/// A page of ties, of the largest size.
fn widest(second: i64) -> Observed {
    Observed { asked: 100, ..page(std::iter::repeat_n(second, 100)) }
}

#[test]
fn the_bound_falls_to_an_instant_of_the_page_and_keeps_it_in() {
    let step = after(&KEYSET.first(), &full(90));
    assert_eq!(step.floor, proven(82));
    let next = step.next.unwrap();
    let unit = TimeDelta::milliseconds(1);
    for (inclusive, truncates, expected) in [
        (false, false, at(82) + unit),
        (false, true, at(82) + unit),
        (true, false, at(82)),
        (true, true, at(82) + unit),
    ] {
        let keyset = TimeKeyset { inclusive, truncates, ..KEYSET };
        let sent = sent(&keyset, &next);
        assert_eq!(sent[0], ("before", utc(expected)), "{inclusive} {truncates}");
        // A row just later than the bound is what was asked for, or is not.
        let later = |by: TimeDelta| {
            let mut page = full(82);
            page.marks[0].at = Some(at(82) + by);
            keyset.next(&next, &page).is_ok()
        };
        assert_eq!(later(unit), inclusive && truncates);
        assert!(later(unit / 2), "within the unit that was asked for, rows are welcome");
        assert!(!later(unit + TimeDelta::nanoseconds(1)));
        // What is let through is promised to come.
        let floor = keyset.next(&KEYSET.first(), &full(90)).unwrap().floor.unwrap();
        assert_eq!(floor.at, if inclusive && truncates { at(82) + unit } else { at(82) });
    }
}

/// One call out of its place at the end of a page does not pull the bound past those between.
#[test]
fn the_bound_is_a_little_above_the_oldest_instant() {
    let ties = |second, rows| std::iter::repeat_n(second, rows);
    let distinct = |rows: i64| (1..=rows).rev();
    let of = |asked, max, times: Vec<i64>| Observed { asked, max, unasked: 0, ..page(times) };
    let most: Vec<i64> = distinct(39).chain(ties(0, 1)).map(|second| second + 500).collect();
    for (page, expected, again, why) in [
        (full(90), 82, 2, "one instant up"),
        (page((82..91).rev().chain([20])), 82, 2, "the last is out of its place"),
        (of(100, 100, distinct(100).collect()), 7, 7, "one in sixteen"),
        (of(128, 1_000, distinct(128).collect()), 9, 9, "as many at most"),
        (of(1_000, 1_000, distinct(1_000).collect()), 9, 9, "however large the page"),
        (of(40, 40, most), 502, 3, "the third of two in sixteen"),
        (of(10, 10, ties(9, 5).chain(ties(5, 4)).chain([1]).collect()), 5, 5, "half of a page"),
        (of(10, 10, ties(9, 4).chain(ties(5, 5)).chain([1]).collect()), 1, 1, "more than half"),
        (of(10, 15, ties(9, 4).chain(ties(5, 5)).chain([1]).collect()), 1, 1, "more than spare"),
        (of(10, 16, ties(9, 4).chain(ties(5, 5)).chain([1]).collect()), 5, 6, "all on top"),
        (of(10, 19, ties(5, 9).chain([1]).collect()), 1, 1, "the whole page, and too few on top"),
        (of(10, 20, ties(5, 9).chain([1]).collect()), 5, 10, "the whole page on top"),
        (of(3, 100, vec![9, 8, 1]), 8, 2, "a tiny page"),
        (of(2, 100, vec![9, 8]), 9, 2, "a page of two"),
        (of(1, 100, vec![9]), 9, 1, "a page of one"),
        (
            Observed { asked: 20, unasked: 0, ..full(90) },
            81,
            1,
            "a short page is probed from its end",
        ),
    ] {
        let next = after(&KEYSET.first(), &page).next.unwrap();
        assert_eq!(bound(&next), utc(at(expected) + TimeDelta::milliseconds(1)), "{why}");
        assert_eq!(KEYSET.page_size(&next, 10, 10_000), 10 + again, "{why}");
    }
    // The bound falls even where a page reaches no further than its own instants.
    let at_the_bound = walked([of(10, 16, ties(9, 4).chain(ties(5, 5)).chain([1]).collect())]);
    let same = after(&at_the_bound, &of(10, 10, ties(5, 9).chain([1]).collect()));
    assert_eq!(bound(&same.next.unwrap()), utc(at(1) + TimeDelta::milliseconds(1)));
}

#[test]
fn a_call_out_of_its_place_at_the_end_of_a_page_costs_no_other() {
    for (size, max) in [(2, 100), (3, 100), (10, 100), (20, 20), (100, 100)] {
        let times = (1..=300).rev();
        let mut list: Vec<i64> = times.collect();
        // What stands at the end of the first page is as old as can be.
        list.insert(size as usize - 1, 0);
        let mut at = KEYSET.first();
        let mut seen = std::collections::BTreeSet::new();
        let mut found = 0;
        for _ in 0..400 {
            let asked = KEYSET.page_size(&at, size, max);
            let highest = at_bound(&at).unwrap_or(i64::MAX);
            let rows = list.iter().copied().filter(|second| *second <= highest);
            let page = Observed { asked, max, ..page(rows.take(asked as usize)) };
            seen.extend(page.times());
            let step = after(&at, &page);
            found += step.findings.len();
            match step.next {
                Some(next) => at = next,
                None => break,
            }
        }
        assert!(seen.len() == 301 || found > 0, "{size} of {max}: {} are seen", seen.len());
    }
}

/// The second of the bound that is sent.
fn at_bound(position: &KeysetPosition) -> Option<i64> {
    let (name, value) = sent(&KEYSET, position).swap_remove(0);
    let sent = (name == "before").then(|| value.parse::<DateTime<Utc>>().unwrap());
    sent.map(|sent| (sent - TimeDelta::milliseconds(1) - at(0)).num_seconds())
}

#[test]
fn a_bound_is_rounded_outward_to_the_vendors_unit() {
    let mut page = full(90);
    page.marks[8].at = Some(at(81) + TimeDelta::microseconds(1234));
    let step = after(&KEYSET.first(), &page);
    assert_eq!(bound(&step.next.unwrap()), utc(at(81) + TimeDelta::milliseconds(2)));
    assert_eq!(step.floor.unwrap().at, at(81) + TimeDelta::milliseconds(2));
}

#[test]
fn the_rows_that_come_again_are_asked_for_on_top() {
    let next = walked([full(90)]);
    for (wanted, max, expected) in [(10, 100, 12), (100, 100, 100), (0, 100, 3), (1, 1, 1)] {
        assert_eq!(KEYSET.page_size(&next, wanted, max), expected);
        assert_eq!(KEYSET.page_size(&KEYSET.first(), wanted, max), wanted.clamp(1, max));
    }
}

/// Of ten rows sent, one came twice: the page was full for all that, and nine instants were read.
#[test]
fn a_row_sent_twice_does_not_make_a_page_short() {
    let twice = Observed { sent: 10, unasked: 100, ..page((82..=90).rev()) };
    assert_eq!((twice.rows(), twice.distinct()), (10, 9));
    assert!(after(&KEYSET.first(), &twice).next.is_some());
    assert_eq!(after(&KEYSET.first(), &Observed { sent: 9, ..twice }).next, None);
    // What is skipped within an instant are the rows that differ.
    let keyset = TimeKeyset { skip: Some("skip"), ..KEYSET };
    let ties =
        |rows, sent| Observed { asked: 10, max: 10, sent, ..page(std::iter::repeat_n(50, rows)) };
    let first = keyset.next(&keyset.first(), &ties(9, 10)).unwrap().next.unwrap();
    let within = keyset.next(&first, &ties(9, 10)).unwrap().next.unwrap();
    assert_eq!(sent(&keyset, &within)[1], ("skip", "8".to_owned()));
    let within = keyset.next(&within, &ties(8, 10)).unwrap().next.unwrap();
    assert_eq!(sent(&keyset, &within)[1], ("skip", "15".to_owned()));
}

/// All that a walk met is of one instant: the first of a list that comes newest first, or the last.
#[test]
fn a_walk_that_saw_one_instant_looks_at_the_top_once_more() {
    let ties = |rows| page(std::iter::repeat_n(50, rows));
    let wide = walked([ties(10), Observed { asked: 20, ..ties(10) }]);
    assert_eq!(KEYSET.page_size(&wide, 10, 100), 100);
    let look = after(&wide, &Observed { asked: 100, served_before: 30, ..ties(10) });
    assert_eq!((&look.findings, look.floor), (&vec![], proven(50)));
    let look = look.next.unwrap();
    assert_eq!(sent(&KEYSET, &look), [("limit", "10".to_owned())], "no bound");
    assert_eq!(KEYSET.page_size(&look, 10, 100), 100, "as many as can be");

    let shown = |times: &[i64]| Observed { asked: 100, served_before: 30, ..page(times.to_vec()) };
    let honest = after(&look, &shown(&[50, 50, 50]));
    assert_eq!((honest.next, honest.findings), (None, vec![]));
    // Calls that arrived since stand above, and were not asked for.
    let arrived = after(&look, &shown(&[60, 55, 50, 50]));
    assert_eq!((arrived.next, arrived.findings, arrived.read_above), (None, vec![], Some(at(50))));
    let rising = after(&look, &shown(&[50, 50, 51, 52]));
    assert_eq!((rising.next, rising.findings), (None, vec![Finding::OrderBroken]));
    // Older ones, that the bound kept out, are read like any others.
    let older = Observed { asked: 100, ..page((1..=100).rev().map(|second| second.min(50))) };
    let walked_on = after(&look, &older).next.unwrap();
    assert_eq!(bound(&walked_on), utc(at(7) + TimeDelta::milliseconds(1)));
    let end = after(&walked_on, &Observed { asked: 17, served_before: 30, ..page([7, 6, 5]) });
    assert_eq!((end.next, end.findings), (None, vec![]));

    // A first page that holds all there is shows its order itself.
    assert_eq!(after(&KEYSET.first(), &ties(3)).next, None);
}

#[test]
fn a_short_page_ends_the_walk_where_it_is_known_to_be_short() {
    let nine = || page((82..=90).rev());
    for (page, ends, why) in [
        (Observed { unasked: 10, ..nine() }, true, "more come where none are asked for"),
        (Observed { unasked: 9, ..nine() }, false, "all that comes where none are asked for"),
        (Observed { unasked: 9, served_before: 10, ..nine() }, true, "more came before"),
        (Observed { unasked: 9, served_before: 9, ..nine() }, false, "never more came"),
        (Observed { unasked: 10, total: Some(9), ..nine() }, true, "all that are counted"),
        (Observed { unasked: 10, total: Some(10), ..nine() }, false, "one more is counted"),
        (Observed { unasked: 9, total: Some(9), ..nine() }, false, "a count may lag"),
        (Observed { page_size: Some(9), ..nine() }, false, "a full page of the vendor's own"),
        (Observed { page_size: Some(10), ..nine() }, true, "short of the vendor's own"),
        (Observed { marks: Vec::new(), unasked: 1, ..nine() }, true, "empty"),
        (Observed { marks: Vec::new(), total: Some(4), ..nine() }, true, "empty, whatever is said"),
    ] {
        assert_eq!(after(&KEYSET.first(), &page).next.is_none(), ends, "{why}");
    }
}

#[test]
fn a_vendor_that_caps_its_pages_is_probed_once_and_then_read_to_the_end() {
    let seven = |newest: i64| Observed { unasked: 7, ..page((newest - 6..=newest).rev()) };
    let probe = walked([seven(90)]);
    // An honest short page: only the row of the bound comes again.
    let step = after(&probe, &Observed { unasked: 7, served_before: 7, ..page([84]) });
    assert_eq!((step.next, step.findings), (None, vec![]));
    // A cap: older rows come. From then on no page is the last for being short.
    let capped = after(&probe, &seven(84)).next.unwrap();
    let shorter =
        after(&capped, &Observed { served_before: 7, ..page([78, 77, 76]) }).next.unwrap();
    let step = after(&shorter, &Observed { served_before: 7, ..page([76]) });
    assert_eq!((step.next, step.findings), (None, vec![]));
    // As many rows of one instant as ever came may be a part of them.
    let ties = || Observed { asked: 100, served_before: 7, ..page(std::iter::repeat_n(78, 7)) };
    let wide = after(&capped, &Observed { asked: 10, ..ties() }).next.unwrap();
    let step = after(&wide, &ties());
    assert_eq!(step.findings, [Finding::Ties(TieGroup::new(at(78), 7))]);
    let step = after(&capped, &Observed { served_before: 8, ..ties() });
    assert_eq!((step.next, step.findings), (None, vec![]));
}

#[test]
fn a_page_of_one_instant_is_widened_then_named_then_passed() {
    let ties = || page(std::iter::repeat_n(50, 10));
    let wide = walked([ties(), ties()]);
    assert_eq!(KEYSET.page_size(&wide, 10, 100), 100);
    assert_eq!(bound(&wide), utc(at(50) + TimeDelta::milliseconds(1)));

    let step = after(&wide, &widest(50));
    assert_eq!(step.findings, [Finding::Ties(TieGroup::new(at(50), 100))]);
    let below = step.next.unwrap();
    assert_eq!(KEYSET.page_size(&below, 10, 100), 10);
    assert_eq!(bound(&below), utc(at(50)));
    assert_eq!(step.floor.unwrap().at, at(50) - TimeDelta::milliseconds(1));

    // Where the largest page reaches below the instant, nothing is lost.
    let times = std::iter::repeat_n(50, 99).chain([40]);
    let step = after(&wide, &Observed { asked: 100, ..page(times) });
    assert_eq!((step.findings, step.floor), (vec![], proven(40)));
}

#[test]
fn an_instant_that_fills_the_largest_page_is_counted_where_rows_can_be_skipped() {
    let keyset = TimeKeyset { skip: Some("skip"), ..KEYSET };
    let wide = walked([page(std::iter::repeat_n(50, 10)), page(std::iter::repeat_n(50, 10))]);
    let next = |at: &KeysetPosition, page: &Observed| keyset.next(at, page).unwrap();
    let first = next(&wide, &widest(50));
    assert_eq!((&first.findings, first.floor), (&vec![], proven(50)));
    let first = first.next.unwrap();
    assert_eq!(sent(&keyset, &first)[1], ("skip", "99".to_owned()));
    assert_eq!(keyset.page_size(&first, 10, 100), 100);
    let second = next(&first, &widest(50)).next.unwrap();
    assert_eq!(sent(&keyset, &second)[1], ("skip", "198".to_owned()));

    let ends = |times: &[i64]| Observed { asked: 100, ..page(times.iter().copied()) };
    for (page, counted) in [
        (ends(&[50, 50, 49, 48]), 200),
        (ends(&[50, 50]), 200),
        (ends(&[50]), 199),
        (ends(&[49]), 198),
        (ends(&[]), 198),
    ] {
        let step = next(&second, &page);
        let ties = TieGroup::new(at(50), 100).with_rows(counted);
        assert_eq!(step.findings, [Finding::Ties(ties)]);
        let below = sent(&keyset, &step.next.unwrap());
        assert_eq!(below, [("before", utc(at(50))), ("limit", "10".to_owned())]);
    }
}

#[test]
fn a_page_without_any_time_is_widened_then_ends() {
    let blank = |rows: usize, asked| {
        let marks = (0..rows).map(|row| Mark::new(&row.to_string(), None)).collect();
        Observed { asked, marks, ..page([]) }
    };
    let wide = walked([blank(10, 10)]);
    assert_eq!(KEYSET.page_size(&wide, 10, 100), 100);
    let step = after(&wide, &blank(100, 100));
    assert_eq!((step.next, step.findings), (None, vec![Finding::UntimedBeyondPage]));
    // Fewer of them than ever came are all there are.
    let step = after(&wide, &Observed { served_before: 70, ..blank(69, 100) });
    assert_eq!((step.next, step.findings), (None, vec![]));
}

#[test]
fn a_vendor_that_ignores_its_bound_or_its_order_is_noticed() {
    let next = walked([full(90)]);
    assert!(KEYSET.next(&next, &full(90)).is_err());
    let disorderly = page([81, 70, 75, 60, 59, 58, 57, 56, 55, 54]);
    assert_eq!(after(&next, &disorderly).findings, [Finding::OrderBroken]);
}

#[test]
fn a_bound_whose_rows_went_is_told_from_one_that_was_misread() {
    // 90 to 81, 82 to 73, 74 to 65; the rows of 66 are not met again.
    let next = walked([full(90), full(82), full(74)]);
    for missing in [full(65), page([65, 64]), page([])] {
        let step = after(&next, &missing);
        assert_eq!((&step.findings, step.floor), (&vec![], proven(66)));
        let further_up = step.next.unwrap();
        assert_eq!(bound(&further_up), utc(at(74) + TimeDelta::milliseconds(1)));

        // They went. What was promised stays, so that the rows above it are not given again.
        let step = after(&further_up, &page([74, 73, 72, 71, 70, 69, 68, 67, 65, 64]));
        assert_eq!((&step.findings, step.floor), (&vec![], proven(65)));
        assert_eq!(step.read_above, Some(at(66)));
        assert_eq!(after(&step.next.unwrap(), &full(65)).read_above, None);

        // The rows of each instant before are not met either: the vendor reads bounds wrongly.
        let mut step = after(&further_up, &missing);
        for instant in [82, 90] {
            let next = step.next.unwrap();
            assert_eq!(bound(&next), utc(at(instant) + TimeDelta::milliseconds(1)));
            assert_eq!(step.findings, []);
            step = after(&next, &missing);
        }
        // Nor is any at all: the walk begins again from the top, a few times.
        for _ in 0..3 {
            assert_eq!(step.findings, []);
            let top = step.next.unwrap();
            assert_eq!((at_bound(&top), KEYSET.page_size(&top, 10, 100)), (None, 10));
            let again = after(&top, &full(90));
            assert_eq!((&again.findings, again.floor), (&vec![], proven(66)));
            assert_eq!(again.read_above, Some(at(66)), "those were given");
            let again = again.next.unwrap();
            assert_eq!(at_bound(&again), Some(82));
            let highest = after(&again, &missing).next.unwrap();
            assert_eq!(at_bound(&highest), Some(90));
            step = after(&highest, &missing);
        }
        assert_eq!(step.findings, [Finding::BoundMissed(at(82))]);
        // Then no other bound is looked for further up.
        if let Some(next) = step.next {
            let found = after(&next, &full(40)).findings;
            assert_eq!(found, [Finding::BoundMissed(at(57))]);
        }
    }
}

/// Every row that was met went: what is left is read from the top, and none of it is in doubt.
#[test]
fn a_walk_whose_rows_all_went_begins_again() {
    let capped = Observed { unasked: 7, ..page((84..=90).rev()) };
    let older = Observed { unasked: 7, ..page((78..=84).rev()) };
    let at_the_cap = walked([capped, older]);
    let gone = Observed { unasked: 7, served_before: 7, ..page((70..=76).rev()) };
    let mut step = after(&at_the_cap, &gone);
    while step.next.as_ref().is_some_and(|next| at_bound(next).is_some()) {
        step = after(&step.next.unwrap(), &gone);
    }
    let top = step.next.unwrap();
    let shorter = Observed { served_before: 7, ..page((74..=76).rev()) };
    let step = after(&top, &shorter);
    assert_eq!((step.findings, step.floor), (vec![], proven(74)));
    assert_eq!(
        at_bound(&step.next.unwrap()),
        Some(74),
        "at a cap no page is the last for being short"
    );
}

/// A vendor that shows a row only as long as it is not the bound.
#[test]
fn a_bound_is_looked_for_once() {
    let next = walked([full(90), full(82)]);
    let mut again = after(&after(&next, &full(73)).next.unwrap(), &full(82)).next.unwrap();
    assert_eq!(bound(&again), bound(&next));
    let step = after(&again, &full(73));
    assert_eq!(step.findings, [Finding::BoundMissed(at(74))]);
    again = step.next.unwrap();
    assert_eq!(bound(&again), utc(at(65) + TimeDelta::milliseconds(1)));
}

#[test]
fn only_the_first_page_counts_the_whole_walk() {
    assert!(KEYSET.total_is_whole(&KEYSET.first()));
    assert!(!KEYSET.total_is_whole(&walked([full(90)])));
}

#[test]
fn the_ends_of_time_do_not_panic() {
    for (inclusive, truncates) in [(false, false), (true, false), (true, true)] {
        let keyset = TimeKeyset { inclusive, truncates, skip: Some("skip"), ..KEYSET };
        for instant in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            let mark = Mark::new("1", Some(instant));
            let page = Observed { asked: 100, marks: vec![mark; 100], ..page([]) };
            let mut position = keyset.first();
            for _ in 0..6 {
                keyset.parameters(&position, 10);
                match keyset.next(&position, &page) {
                    Ok(Step { next: Some(next), .. }) => position = next,
                    _ => break,
                }
            }
        }
    }
}

#[test]
fn a_cursor_of_an_earlier_release_still_stands_where_it_stood() {
    let old = r#"{"bound":"2023-11-14T22:14:41Z","wide":false,"overlaps":true}"#;
    let at: KeysetPosition = serde_json::from_str(old).unwrap();
    assert_eq!(bound(&at), "2023-11-14T22:14:41.001000Z");
    assert_eq!(KEYSET.page_size(&at, 10, 100), 11, "a row comes again, though none was counted");
    assert!(serde_json::from_str::<KeysetPosition>("{}").is_err());
}
