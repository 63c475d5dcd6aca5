//! Random histories: a list that changes before every request, walked by each machine. Every row that was there throughout is
//! met, or the walk says that it may not be.

use proptest::prelude::*;

use super::model::{Habits, Order, Says, Serves, UNIT, Vendor, Walk, walk};
use super::*;

/// What happens to a list between two requests.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// So many rows arrive on top.
    Arrive(u8),
    /// A row is entered at some time of the past.
    Enter(i64),
    /// So many rows go, from this place on.
    Go(u16, u8),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (1..30_u8).prop_map(Change::Arrive),
        (0..40_i64).prop_map(Change::Enter),
        (any::<u16>(), 1..4_u8).prop_map(|(place, rows)| Change::Go(place, rows)),
        // From the top, where a walk has been.
        (0..30_u16, 1..40_u8).prop_map(|(place, rows)| Change::Go(place, rows)),
    ]
}

/// What happens before each request; nothing after the last.
fn history() -> impl Strategy<Value = Vec<Vec<Change>>> {
    let quiet = Just(Vec::new());
    let busy = proptest::collection::vec(change(), 1..3);
    proptest::collection::vec(prop_oneof![2 => quiet, 3 => busy], 0..14)
}

/// Rows whose times are drawn from few units, so that they tie, or from many.
#[derive(Clone, Copy, Debug)]
struct World {
    rows: usize,
    units: i64,
    fine: i64,
    seed: u64,
}

impl World {
    /// Times in ticks.
    fn ticks(self) -> Vec<Option<i64>> {
        let mut draw = fastrand::Rng::with_seed(self.seed);
        let tick = |_| Some(draw.i64(0..self.units) * UNIT + draw.i64(0..self.fine));
        (0..self.rows).map(tick).collect()
    }
}

fn world() -> impl Strategy<Value = World> {
    let units = prop_oneof![Just(3_i64), Just(40), Just(2_000)];
    let fine = prop_oneof![Just(1_i64), Just(UNIT)];
    (0..160_usize, units, fine, any::<u64>()).prop_map(|(rows, units, fine, seed)| World {
        rows,
        units,
        fine,
        seed,
    })
}

/// The size that is wanted, and the largest.
fn sizes() -> impl Strategy<Value = (u32, u32)> {
    prop_oneof![
        (1..40_u32, Just(40_u32)),
        (1..12_u32, Just(12_u32)),
        (3..60_u32).prop_map(|max| (max, max)),
    ]
}

fn happen(vendor: &mut Vendor, changes: &[Change]) {
    for change in changes {
        match *change {
            Change::Arrive(rows) => {
                for _ in 0..rows {
                    let newest = vendor.newest();
                    vendor.insert(newest + i64::from(rows % 3) * UNIT);
                }
            }
            Change::Enter(unit) => vendor.insert(unit * UNIT),
            Change::Go(place, rows) => (0..rows).for_each(|_| vendor.delete(place.into())),
        }
    }
}

fn walked<P: Paging>(
    paging: &P,
    vendor: &mut Vendor,
    sizes: (u32, u32),
    history: &[Vec<Change>],
) -> Walk {
    let mut history = history.iter();
    walk(paging, vendor, sizes, |vendor| {
        happen(vendor, history.next().map(Vec::as_slice).unwrap_or_default());
    })
}

/// No row that was there throughout is missing in silence, and the walk took no more requests than pages and steps back.
fn check(vendor: &Vendor, walk: &Walk) -> Result<(), TestCaseError> {
    let kept = vendor.kept();
    let lost: Vec<&u64> = kept.difference(&walk.seen).collect();
    prop_assert!(
        lost.is_empty() || walk.is_in_doubt(),
        "{} rows are lost in silence: {walk:?}\n{:?}",
        lost.len(),
        vendor.habits
    );
    Ok(())
}

fn says() -> impl Strategy<Value = Says> {
    prop_oneof![
        Just(Says::Nothing),
        Just(Says::Next),
        Just(Says::Total(0)),
        // Behind what is there, so that it hides what is lost.
        Just(Says::Total(-30)),
        Just(Says::Total(-1)),
        Just(Says::Total(7)),
    ]
}

fn by_position() -> impl Strategy<Value = Habits> {
    let order = prop_oneof![3 => Just(Order::NewestFirst), 1 => Just(Order::OldestFirst), 1 => Just(Order::ById)];
    let serves = prop_oneof![
        4 => Just(Serves::AsAsked),
        1 => (5..30_u32).prop_map(Serves::Capped),
    ];
    (order, any::<bool>(), says(), serves, any::<bool>()).prop_map(
        |(order, permutes, says, serves, echoes)| Habits {
            order,
            permutes,
            says,
            serves,
            echoes,
            ..Habits::default()
        },
    )
}

fn by_time() -> impl Strategy<Value = Habits> {
    let serves = prop_oneof![
        3 => Just(Serves::AsAsked),
        1 => (5..30_u32).prop_map(Serves::Capped),
        1 => Just(Serves::Always(5)),
    ];
    let total = prop_oneof![Just(Says::Nothing), Just(Says::Total(0)), Just(Says::Total(-3))];
    (any::<bool>(), total, serves, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(permutes, says, serves, echoes, inclusive, truncates)| Habits {
            permutes,
            says,
            serves,
            echoes,
            inclusive,
            truncates,
            ..Habits::default()
        },
    )
}

fn keyset(habits: Habits, skips: bool) -> TimeKeyset {
    TimeKeyset {
        until: "until",
        inclusive: habits.inclusive,
        truncates: habits.truncates,
        unit: if habits.truncates {
            TimeDelta::microseconds(UNIT)
        } else {
            TimeDelta::microseconds(1)
        },
        limit: "limit",
        skip: skips.then_some("skip"),
        format: super::model::format,
    }
}

pub(super) const OFFSET: Offset = Offset { skip: "skip", limit: "limit" };
pub(super) const NUMBERS: PageNumber = PageNumber { page: "page", page_size: "limit" };

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn offsets_lose_nothing(
        habits in by_position(), world in world(), sizes in sizes(), history in history(),
    ) {
        let mut vendor = Vendor::new(habits, world.ticks());
        let walk = walked(&OFFSET, &mut vendor, sizes, &history);
        check(&vendor, &walk)?;
    }

    #[test]
    fn page_numbers_lose_nothing(
        habits in by_position(), world in world(), sizes in sizes(), history in history(),
    ) {
        // A vendor that serves pages of its own and does not say so shows it by nothing.
        let echoes = habits.echoes || habits.serves != Serves::AsAsked;
        let mut vendor = Vendor::new(Habits { echoes, ..habits }, world.ticks());
        let walk = walked(&NUMBERS, &mut vendor, sizes, &history);
        check(&vendor, &walk)?;
    }

    #[test]
    fn keysets_lose_nothing(
        habits in by_time(), world in world(), untimed in 0..20_usize, sizes in sizes(),
        skips in any::<bool>(), history in history(),
    ) {
        let ticks = world.ticks().into_iter().chain(std::iter::repeat_n(None, untimed));
        let mut vendor = Vendor::new(habits, ticks);
        let walk = walked(&keyset(habits, skips), &mut vendor, sizes, &history);
        check(&vendor, &walk)?;
    }

    /// Rows that go, a few before every other request, take no other with them, and leave no doubt.
    #[test]
    fn rows_that_go_leave_no_doubt(
        seed in any::<u64>(), rows in 100..400_usize, (wanted, max) in (8..40_u32, Just(100_u32)),
        echoes in any::<bool>(), inclusive in any::<bool>(),
        says in prop_oneof![Just(Says::Nothing), Just(Says::Next), Just(Says::Total(0))],
        gone in proptest::collection::vec((any::<u16>(), 1..4_usize), 0..30),
    ) {
        let habits = Habits { echoes, inclusive, says, unasked: 7, ..Habits::default() };
        let world = World { rows, units: 2_000, fine: 1, seed };
        let vendor = Vendor::new(habits, world.ticks());
        let go = |vendor: &mut Vendor| {
            let before = usize::try_from(vendor.requests).unwrap();
            let gone = gone.get(before / 2).filter(|_| before % 2 == 1);
            if let Some((place, rows)) = gone {
                // Around where the walk is.
                let reached = before * wanted as usize;
                let place = (reached + usize::from(*place) % 60).saturating_sub(50);
                (0..*rows).for_each(|_| vendor.delete(place));
            }
        };
        let (mut by_offset, mut by_number, mut by_time) =
            (vendor.clone(), vendor.clone(), vendor);
        let walks = [
            walk(&OFFSET, &mut by_offset, (wanted, max), go),
            walk(&NUMBERS, &mut by_number, (wanted, max), go),
            walk(&keyset(habits, false), &mut by_time, (wanted, max), go),
        ];
        for (walk, vendor) in walks.into_iter().zip([by_offset, by_number, by_time]) {
            prop_assert!(vendor.kept().is_subset(&walk.seen), "{walk:?}");
            prop_assert!(walk.findings.is_empty() && walk.stalled.is_none(), "{walk:?}");
        }
    }

    /// Where the vendor does what it is asked, and nothing changes, nothing is in doubt but ties that no page holds.
    #[test]
    fn an_idle_list_is_read_without_a_doubt(
        world in world(), (wanted, max) in sizes(), permutes in any::<bool>(), echoes in any::<bool>(),
        inclusive in any::<bool>(), skips in any::<bool>(),
        says in prop_oneof![Just(Says::Nothing), Just(Says::Next), Just(Says::Total(0))],
    ) {
        let habits = Habits { permutes, echoes, inclusive, says, unasked: 100, ..Habits::default() };
        let mut counts = std::collections::HashMap::new();
        for tick in world.ticks().into_iter().flatten() {
            *counts.entry(tick).or_insert(0_u32) += 1;
        }
        let most = counts.into_values().max().unwrap_or(0);
        let vendor = Vendor::new(habits, world.ticks());
        let all = vendor.kept();
        let offset = walk(&OFFSET, &mut vendor.clone(), (wanted, max), |_| {});
        let keyset = walk(&keyset(habits, skips), &mut vendor.clone(), (wanted, max), |_| {});
        let numbers = walk(&NUMBERS, &mut vendor.clone(), (wanted, max), |_| {});
        // A row before the ties, the ties, and one beyond. Pages that are numbered begin at few places.
        for (walk, holds) in [(offset, max - 1), (keyset, max - 1), (numbers, max / 6)] {
            prop_assert!(
                most >= holds || walk.findings.is_empty(),
                "{most} of {holds}, {wanted} of {max}, {world:?}, {walk:?}"
            );
            if most < holds {
                prop_assert!(walk.stalled.is_none(), "{walk:?}");
                prop_assert_eq!(&walk.seen, &all);
            }
        }
    }
}
