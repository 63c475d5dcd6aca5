//! How many requests the walk of a list that does not change takes.

use super::histories::{NUMBERS, OFFSET};
use super::model::{Habits, Order, UNIT, Vendor, walk};
use super::*;

fn requests<P: Paging>(paging: &P, rows: i64, sizes: (u32, u32)) -> u64 {
    let habits = Habits { inclusive: false, ..Habits::default() };
    let mut vendor = Vendor::new(habits, (0..rows).map(|row| Some(row * UNIT)));
    let walk = walk(paging, &mut vendor, sizes, |_| {});
    assert_eq!(walk.seen.len() as i64, rows, "{sizes:?}");
    assert!(!walk.is_in_doubt(), "{walk:?}");
    walk.requests
}

const KEYSET: TimeKeyset = TimeKeyset {
    until: "until",
    inclusive: false,
    truncates: false,
    unit: TimeDelta::milliseconds(1),
    limit: "limit",
    skip: None,
    format: super::model::format,
};

/// Numbers of rows, of some hundred pages at most.
fn numbers_of_rows(page: u32) -> impl Iterator<Item = i64> {
    let rows = [0, 1, 2, 7, 99, 100, 101, 1_000, 5_000];
    rows.into_iter().filter(move |rows| rows / i64::from(page) <= 200)
}

#[test]
fn walks_by_time_and_by_offset_take_a_request_a_page() {
    for sizes in [(1, 100), (2, 100), (7, 100), (50, 100), (100, 100), (1_000, 1_000)] {
        for rows in numbers_of_rows(sizes.0) {
            let pages = (rows as u64).div_ceil(sizes.0.into());
            let most = pages + pages / 10 + 2;
            let (keyset, offset) = (requests(&KEYSET, rows, sizes), requests(&OFFSET, rows, sizes));
            assert!(keyset <= most && offset <= most, "{rows} {sizes:?}: {keyset}, {offset}");
        }
    }
}

/// Pages of one size cannot overlap. Where the size wanted is the largest, the smaller ones that do cost a seventh more; this is
/// the least there is, as the page that reaches furthest is always the best to take.
#[test]
fn walks_by_number_take_little_more() {
    for (sizes, more) in [((1, 100), 10), ((7, 100), 10), ((50, 100), 10), ((100, 100), 7)] {
        for rows in numbers_of_rows(sizes.0) {
            let pages = (rows as u64).div_ceil(sizes.0.into());
            let most = pages + pages.div_ceil(more) + 2;
            let numbers = requests(&NUMBERS, rows, sizes);
            assert!(numbers <= most, "{rows} {sizes:?}: {numbers} of {most}");
        }
    }
}

/// What comes again of a page whose size is the largest takes the place of other rows: one in sixteen, or half where they tie.
#[test]
fn what_a_walk_by_time_reads_again_costs_little() {
    for size in [20, 30, 50, 100, 300, 1_000] {
        for rows in numbers_of_rows(size) {
            let pages = (rows as u64).div_ceil(size.into());
            let taken = requests(&KEYSET, rows, (size, size));
            assert!(taken <= pages * 115 / 100 + 2, "{rows} by {size}: {taken} of {pages}");
        }
    }
    for max in [2, 3, 4, 7, 20, 100] {
        // A row above the ties, or below, is on the page with them.
        for ties in 1..i64::from(max) {
            let rows = (ties * 40).max(60);
            let habits = Habits { inclusive: false, unasked: max, ..Habits::default() };
            let ticks = (0..rows).map(|row| Some(row / ties * UNIT));
            let mut vendor = Vendor::new(habits, ticks);
            let walk = walk(&KEYSET, &mut vendor, (max, max), |_| {});
            assert_eq!(walk.seen.len() as i64, rows, "{ties} ties, {max} a page");
            assert!(!walk.is_in_doubt(), "{ties} ties, {max} a page: {walk:?}");
            // Where each page begins with the oldest instant of the one before.
            let (mut begins, mut least) = (0, 1);
            while begins + i64::from(max) < rows {
                begins = (begins + i64::from(max) - 1) / ties * ties;
                least += 1;
            }
            let most = least * 2 + 2;
            assert!(
                walk.requests <= most,
                "{ties} ties, {max} a page: {} of {most}",
                walk.requests
            );
        }
    }
}

/// A list of one instant takes a request more, to see in which order it comes.
#[test]
fn one_instant_is_looked_at_from_the_top_once() {
    for (order, is_in_doubt, rows) in [
        (Order::NewestFirst, false, 5),
        (Order::OldestFirst, false, 5),
        (Order::NewestFirst, false, 25),
        (Order::OldestFirst, true, 25),
    ] {
        // The oldest instant fills a page, and no more.
        let habits = Habits { order, unasked: 10, ..Habits::default() };
        let ticks = (0..rows).map(|row| Some((row / 5) * UNIT));
        let mut vendor = Vendor::new(habits, ticks);
        let keyset = TimeKeyset { inclusive: true, ..KEYSET };
        let walk = walk(&keyset, &mut vendor, (5, 100), |_| {});
        assert_eq!(walk.is_in_doubt(), is_in_doubt, "{order:?} {rows}: {walk:?}");
        assert!(is_in_doubt || walk.seen.len() == rows as usize, "{order:?} {rows}");
        if rows == 5 || is_in_doubt {
            assert_eq!(walk.requests, 3, "{order:?} {rows}: a page, that again, and the top");
        }
        let expected: &[Finding] = if is_in_doubt { &[Finding::OrderBroken] } else { &[] };
        assert_eq!(walk.findings, expected);
    }
}
