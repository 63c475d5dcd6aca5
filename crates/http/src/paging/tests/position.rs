//! Single pages of a walk by offset, which is a walk by position and nothing else.

use super::histories::OFFSET;
use super::*;

fn after(at: &OffsetPosition, page: &Observed) -> Step<OffsetPosition> {
    OFFSET.next(at, page).unwrap()
}

/// The place after these pages, none of which leaves a doubt.
fn walked(pages: impl IntoIterator<Item = Observed>) -> OffsetPosition {
    let step = |at, page| {
        let step = after(&at, &page);
        assert_eq!(step.findings, []);
        step.next.unwrap()
    };
    pages.into_iter().fold(OFFSET.first(), step)
}

/// Where a page begins, and how many rows it has where ten are wanted of a hundred at most.
fn asked(at: &OffsetPosition) -> (u64, u32) {
    let size = OFFSET.page_size(at, 10, 100);
    (OFFSET.parameters(at, size)[0].1.parse().unwrap(), size)
}

/// A page of a list whose rows are of the seconds below 100, that begins after so many of them.
fn from(skip: i64, rows: i64) -> Observed {
    Observed { asked: u32::try_from(rows).unwrap(), ..page((100 - skip - rows..100 - skip).rev()) }
}

#[test]
fn a_page_begins_with_a_row_before_the_last_instant() {
    for (times, expected) in [
        (vec![9, 8, 7, 6, 5, 4, 3, 2, 1, 0], (8, 12)),
        (vec![9, 8, 7, 6, 5, 4, 3, 0, 0, 0], (6, 14)),
        (vec![9, 0, 0, 0, 0, 0, 0, 0, 0, 0], (0, 20)),
        (vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 0], (0, 20)),
        // Oldest first, and in no order.
        (vec![0, 1, 2, 3, 4, 5, 6, 9, 9, 9], (6, 14)),
        (vec![5, 1, 2, 3, 4, 8, 6, 9, 9, 9], (6, 14)),
    ] {
        let next = walked([page(times.clone())]);
        assert_eq!(asked(&next), expected, "{times:?}");
    }
    let untimed = (0..10).map(|row| Mark::new(&row.to_string(), None)).collect();
    let next = walked([Observed { marks: untimed, ..page([]) }]);
    assert_eq!(asked(&next), (9, 11), "rows without a time do not tie");
    // A row that could not be read is no row of another time.
    let mut unread = full(90);
    unread.marks[8].at = None;
    assert_eq!(asked(&walked([unread])), (7, 13));
}

#[test]
fn a_page_that_does_not_join_is_asked_for_again_from_further_up() {
    let second = walked([from(0, 10)]);
    assert_eq!(asked(&second), (8, 12));
    // Rows 8 and 9 come again.
    assert_eq!(asked(&after(&second, &from(8, 12)).next.unwrap()), (18, 12));
    for (gone, page) in [
        ("the row before the last instant", from(9, 12)),
        ("both rows of the overlap", from(10, 12)),
        ("many", from(30, 12)),
        (
            "so many that the list is shorter than what was read",
            Observed { marks: vec![], ..from(0, 12) },
        ),
    ] {
        let step = after(&second, &page);
        assert_eq!((&step.findings, step.floor), (&vec![], None), "{gone}");
        let further_up = step.next.unwrap();
        assert_eq!(asked(&further_up), (0, 10), "{gone}");
        // The top joins by itself.
        let next = after(&further_up, &from(3, 10));
        assert_eq!((next.findings, next.floor), (vec![], habit(90)), "{gone}");
        assert_eq!(asked(&next.next.unwrap()), (8, 12), "{gone}");
    }
}

#[test]
fn steps_back_double_and_end_with_a_doubt() {
    let mut at = walked((0..200).map(|page| from(page * 10 - page, 11)));
    let (start, _) = asked(&at);
    let mut steps = Vec::new();
    let doubt = loop {
        // Nothing that was read before comes any more.
        let step = after(&at, &Observed { asked: 10, ..full(-5_000) });
        at = step.next.unwrap();
        if !step.findings.is_empty() {
            break step.findings;
        }
        steps.push((start - asked(&at).0) / 10);
    };
    assert_eq!(steps, [1, 2, 4, 8, 16, 32]);
    assert_eq!(doubt, [Finding::EdgeInDoubt(Some(at_second_of_the_last_row()))]);
    // It goes on from the page that is furthest up.
    assert_eq!(asked(&at).0, start - 320 + 8);
}

fn at_second_of_the_last_row() -> DateTime<Utc> {
    // The last page begins after 199 * 9 rows.
    at(99 - (199 * 9 + 10))
}

#[test]
fn a_page_wholly_above_is_gone_on_from() {
    let at = walked((0..9).map(|page| from(page * 9, 11)));
    let further_up = after(&at, &from(85, 12)).next.unwrap();
    // Too far up for a row of the last to be on it: in a list that falls, it is before what was not read.
    let next = after(&further_up, &from(20, 5)).next.unwrap();
    assert_eq!(asked(&next).0, asked(&further_up).0 + 4);
}

#[test]
fn ties_that_no_page_holds_are_put_in_doubt() {
    let times = |ties: usize| [9, 8].into_iter().chain(std::iter::repeat_n(0, ties));
    let observed = |ties| Observed { asked: ties as u32 + 2, ..page(times(ties)) };
    // The row before them, the ties, and one beyond.
    let fits = after(&OFFSET.first(), &observed(98));
    assert_eq!((&fits.findings, asked(&fits.next.unwrap())), (&vec![], (1, 100)));
    let loose = after(&OFFSET.first(), &observed(99));
    assert_eq!(loose.findings, [Finding::EdgeInDoubt(Some(at(0)))]);
    // The largest page, from the last row on, whether it joins or not.
    let loose = loose.next.unwrap();
    assert_eq!(asked(&loose), (100, 100));
    let next = after(&loose, &page((-9..0).rev().chain([-10])));
    assert_eq!((next.findings, asked(&next.next.unwrap())), (vec![], (108, 12)));
}

#[test]
fn the_end_is_a_short_page_that_joins_and_that_nothing_contradicts() {
    let second = walked([from(0, 10)]);
    let short = || Observed { page_size: Some(12), asked: 12, ..from(8, 5) };
    for (page, ends, why) in [
        (short(), true, "short"),
        (Observed { total: Some(13), ..short() }, true, "as many as are counted"),
        (Observed { total: Some(12), ..short() }, true, "more than are counted"),
        (Observed { total: Some(14), ..short() }, false, "one more is counted"),
        (Observed { has_more: Some(false), ..short() }, true, "said to be the last"),
        (Observed { has_more: Some(true), ..short() }, false, "said not to be the last"),
        (Observed { asked: 12, ..from(10, 5) }, false, "it does not join"),
        (Observed { asked: 12, marks: vec![], ..from(8, 5) }, false, "empty, it does not join"),
        (Observed { page_size: Some(5), ..short() }, false, "full, of the vendor's own size"),
        (
            Observed { page_size: None, unasked: 5, ..short() },
            false,
            "nothing tells that it is short",
        ),
        (
            Observed { page_size: None, unasked: 5, served_before: 6, ..short() },
            true,
            "more came before",
        ),
        (
            Observed { page_size: None, unasked: 5, total: Some(13), ..short() },
            false,
            "a count may lag behind a vendor that caps its pages",
        ),
        (from(8, 12), false, "full"),
        (Observed { total: Some(20), ..from(8, 12) }, false, "full, whatever is counted"),
        (
            Observed { total: Some(20), has_more: Some(false), ..from(8, 12) },
            false,
            "full, and what is said comes of the count",
        ),
        (
            Observed { has_more: Some(false), ..from(8, 12) },
            true,
            "full, and one more was looked for",
        ),
    ] {
        let step = after(&second, &page);
        assert_eq!(step.next.is_none(), ends, "{why}");
        assert_eq!(step.findings, [], "{why}");
    }
}

#[test]
fn a_short_page_that_is_not_the_last_is_gone_on_from_until_nothing_comes() {
    let short = |skip, rows| Observed { total: Some(50), asked: 20, ..from(skip, rows) };
    let third = walked([short(0, 10), short(8, 5)]);
    assert_eq!(asked(&third), (11, 12));
    assert_eq!(after(&third, &short(11, 2)).next, None, "nothing more comes");
    assert!(after(&third, &short(11, 3)).next.is_some(), "another row comes");
    // Fewer rows than ever came are all there are; as many may be cut short before what is new.
    let cut = |served_before| Observed { served_before, unasked: 0, ..short(11, 2) };
    assert_eq!(after(&third, &cut(3)).next, None);
    let step = after(&third, &cut(2));
    assert_eq!(step.findings, [Finding::EdgeInDoubt(Some(at(87)))]);
    let loose = step.next.unwrap();
    assert_eq!(asked(&loose), (12, 100));
    assert_eq!(after(&loose, &Observed { unasked: 0, ..short(12, 1) }).next, None);
}

/// It may be all that the vendor serves at a time. Nothing follows a row read before, or else rows went.
#[test]
fn a_page_after_a_short_one_ends_the_walk_only_with_a_row_that_was_read() {
    let short = || Observed { asked: 12, unasked: 0, served_before: 10, ..from(8, 10) };
    let third = walked([from(0, 10), short()]);
    assert_eq!(asked(&third), (16, 12));
    let shown = |page: Observed| Observed { asked: 12, unasked: 0, served_before: 10, ..page };
    assert_eq!(after(&third, &shown(from(16, 2))), Step::end());
    for (page, why) in [
        (shown(page([])), "many rows above went"),
        (shown(from(17, 1)), "the row before the last instant went"),
        (shown(from(18, 2)), "both rows of the overlap went"),
        (shown(from(16, 3)), "another row comes"),
        (Observed { served_before: 2, ..shown(from(16, 2)) }, "it may be cut short itself"),
        (Observed { asked: 2, ..shown(from(16, 2)) }, "it is full"),
    ] {
        assert!(after(&third, &page).next.is_some(), "{why}");
    }
    // Nothing new comes, and yet more is said to follow: rows were left out of a page that was cut before.
    let promised = Observed { has_more: Some(true), ..shown(from(16, 2)) };
    assert_eq!(
        after(&third, &promised),
        Step::end().with(Some(Finding::EdgeInDoubt(Some(at(82)))))
    );
    // A count is held against what was read.
    let counted = Observed { total: Some(40), ..promised };
    assert_eq!(after(&third, &counted), Step::end());
}

/// Twenty rows of one time, that come again as they came, may be all there are or all that is served at a time. The page from
/// the last of them on tells.
#[test]
fn a_doubt_about_ties_waits_for_the_page_that_settles_it() {
    let shown =
        |times: Vec<i64>| Observed { unasked: 0, asked: 40, served_before: 20, ..page(times) };
    let ties = |rows| shown([9].into_iter().chain(std::iter::repeat_n(0, rows)).collect());
    let last = |rows: usize| {
        let marks = ties(19).marks.split_off(20 - rows);
        Observed { marks, ..shown(vec![]) }
    };
    let probe = walked([ties(19)]);
    assert_eq!(asked(&probe), (0, 30));
    let waits = after(&probe, &ties(19));
    assert_eq!(waits.findings, []);
    let waits = waits.next.unwrap();
    assert_eq!(asked(&waits), (19, 100));
    assert_eq!(after(&waits, &last(1)), Step::end());
    let doubt = [Finding::EdgeInDoubt(Some(at(0)))];
    for (page, why) in [
        (last(2), "it reaches beyond what was read"),
        (shown(vec![-1]), "another row"),
        (shown((-30..0).rev().collect()), "another page"),
        (shown(vec![]), "a row went"),
        (Observed { served_before: 1, ..last(1) }, "it may be cut short itself"),
    ] {
        assert_eq!(after(&waits, &page).findings, doubt, "{why}");
    }
    // It is said once.
    let next = after(&waits, &shown((-30..0).rev().collect())).next.unwrap();
    assert_eq!(after(&next, &shown((-40..-28).rev().collect())).findings, []);

    // Rows that change places may have changed with one that was not read; and a few come in the same order by chance.
    let mut moved = ties(19);
    moved.marks.swap(10, 15);
    assert_eq!(after(&probe, &moved).findings, doubt);
    let few = || Observed { served_before: 0, ..ties(7) };
    assert_eq!(after(&walked([few()]), &few()).findings, doubt);
    let enough = || Observed { served_before: 0, ..ties(8) };
    assert_eq!(after(&walked([enough()]), &enough()).findings, []);
}

/// Ten rows were sent, one of them twice: nine places of the list, and no short page.
#[test]
fn a_row_sent_twice_is_one_place_of_the_list() {
    let twice = || Observed { sent: 10, asked: 10, unasked: 100, ..from(0, 9) };
    let next = after(&OFFSET.first(), &twice()).next.unwrap();
    assert_eq!(asked(&next), (7, 12));
    assert_eq!(after(&OFFSET.first(), &Observed { sent: 9, ..twice() }).next, None);
}

#[test]
fn an_empty_page_before_the_last_is_looked_into_once() {
    let empty = || Observed { has_more: Some(true), ..page([]) };
    assert!(OFFSET.next(&OFFSET.first(), &empty()).is_err(), "at the top");
    let further_up = after(&walked([from(0, 10)]), &empty()).next.unwrap();
    assert!(OFFSET.next(&further_up, &empty()).is_err(), "again");
    let more = Observed { has_more: Some(true), ..from(0, 10) };
    let second = after(&further_up, &more).next.unwrap();
    assert!(OFFSET.next(&second, &empty()).is_err(), "in the same place");
    assert!(OFFSET.next(&second, &from(8, 12)).is_ok());
    // It is forgotten when a page came.
    let third = after(&second, &from(8, 12)).next.unwrap();
    assert!(OFFSET.next(&third, &empty()).is_ok());
}

/// A vendor that ignores what it is asked to skip gives pages with nothing new for ever: the listing counts those.
#[test]
fn one_page_for_ever_does_not_loop_inside() {
    let mut at = OFFSET.first();
    for _ in 0..200 {
        match OFFSET.next(&at, &full(90)) {
            Ok(Step { next: Some(next), .. }) => at = next,
            other => panic!("{other:?}"),
        }
    }
}
