//! What changed between two periods, and why.

use std::time::Duration;

use callmux_core::{Currency, Decimal, add_exactly};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::exact;
use crate::key::{Key, serialize_key};
use crate::report::{Amounts, Report, Tally};

/// How the costs of one period differ from those of another, split into volume, length and price.
///
/// What calls of a group cost is their number, times the minutes of one, times the price of a minute. The change follows these one
/// after the other, in that order:
///
/// * `volume` = (calls after − calls before) × cost of a call before: more calls like the earlier ones.
/// * `length` = calls after × (minutes of a call after − before) × price of a minute before: longer calls at the earlier price.
/// * `price` = minutes after × (price of a minute after − before): dearer minutes.
/// * `untimed` = the change of what calls without a known talk time cost, which has neither a length nor a price of a minute.
///
/// `volume` and `length` are rounded half away from zero to six places, and `price` is what remains, so that the parts of each
/// group, and of all groups, sum to the change to the last digit. A group that is new or gone changed by volume alone; where
/// the earlier calls have no minutes, a change of length cannot be told from one of price and is in `price`. Only known costs are in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// Each group and currency.
    pub groups: Vec<GroupChange>,
    /// The sums over all groups, one a currency.
    pub overall: Vec<GroupChange>,
}

/// The change of one group in one currency.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GroupChange {
    /// What the calls share; empty for all of them.
    #[serde(flatten, serialize_with = "serialize_key")]
    pub key: Key,
    /// The currency.
    pub currency: Currency,
    /// The earlier figures.
    pub before: Period,
    /// The later figures.
    pub after: Period,
    /// `after.total − before.total`, which is also the sum of the four parts.
    pub change: Decimal,
    /// For more calls, or fewer.
    pub volume: Decimal,
    /// For longer calls, or shorter.
    pub length: Decimal,
    /// For dearer minutes, or cheaper.
    pub price: Decimal,
    /// For calls without a known talk time.
    pub untimed: Decimal,
}

/// The figures of one period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Period {
    /// All calls of the group, whatever their cost and its currency.
    pub calls: u64,
    /// Calls with a known cost in the currency.
    pub with_cost: u64,
    /// Calls of the group whose cost is not known.
    pub without_cost: u64,
    /// Talk time of the calls with a known cost in the currency. JSON writes seconds.
    #[serde(serialize_with = "exact::serialize_seconds")]
    pub seconds: Duration,
    /// What they cost; `None` where there are calls, and the cost of none is known.
    pub total: Option<Decimal>,
    /// How many of them have a known talk time: the calls that volume, length and price are worked out of.
    pub timed: u64,
    /// What those cost.
    pub timed_total: Decimal,
}

impl Change {
    /// The change from one report to another. Both must group by the same dimensions.
    ///
    /// # Errors
    /// [`Error::DimensionsDiffer`], or [`Error::Overflow`] where a part cannot be held.
    ///
    /// ```
    /// use callmux_core::{Call, Cost, Money};
    /// use callmux_costs::{Change, Report};
    /// use std::time::Duration;
    ///
    /// let report = |calls: &[(&str, u64)]| {
    ///     let mut report = Report::new([]);
    ///     for (dollars, minutes) in calls {
    ///         let mut call = Call::new("example", "main", "1");
    ///         call.cost = Cost::reported(Money::usd(dollars.parse().unwrap()));
    ///         call.durations.talk = Some(Duration::from_secs(minutes * 60));
    ///         report.add(&call).unwrap();
    ///     }
    ///     report
    /// };
    /// // One call of 2 minutes at 0.10 a minute; then two of 3 minutes at 0.12.
    /// let change = Change::between(&report(&[("0.20", 2)]), &report(&[("0.36", 3), ("0.36", 3)]))?;
    /// let all = &change.overall[0];
    /// assert_eq!(all.change.to_string(), "0.52");
    /// assert_eq!([all.volume, all.length, all.price].map(|part| part.to_string()), ["0.2", "0.2", "0.12"]);
    /// # Ok::<(), callmux_costs::Error>(())
    /// ```
    pub fn between(before: &Report, after: &Report) -> Result<Self> {
        let mut change = Self { groups: Vec::new(), overall: Vec::new() };
        for (key, before, after) in before.beside(after)? {
            for currency in currencies(before, after) {
                let group = GroupChange::new(&key, currency, before, after)?;
                change.overall_of(&group)?.absorb(&group)?;
                change.groups.push(group);
            }
        }
        change.overall.sort_by_key(|of| of.currency);
        for of in &mut change.overall {
            of.before = Period::of(Some(before.whole()), of.currency);
            of.after = Period::of(Some(after.whole()), of.currency);
        }
        Ok(change)
    }

    fn overall_of(&mut self, group: &GroupChange) -> Result<&mut GroupChange> {
        let at = self.overall.iter().position(|of| of.currency == group.currency);
        let at = at.unwrap_or_else(|| {
            self.overall.push(GroupChange::nothing(Key::default(), group.currency));
            self.overall.len() - 1
        });
        self.overall.get_mut(at).ok_or(Error::AMOUNTS)
    }
}

/// The currencies that either side has a total in, by their codes.
fn currencies(before: Option<&Tally>, after: Option<&Tally>) -> Vec<Currency> {
    let both = before.into_iter().chain(after);
    let billed =
        both.flat_map(|tally| tally.sums.money.iter()).filter(|(_, amounts)| amounts.calls > 0);
    let mut currencies: Vec<Currency> = billed.map(|(currency, _)| currency).collect();
    currencies.sort_unstable();
    currencies.dedup();
    currencies
}

impl Period {
    /// A period without a call, which cost nothing.
    fn none() -> Self {
        Self { total: Some(Decimal::ZERO), ..Self::default() }
    }

    fn of(tally: Option<&Tally>, currency: Currency) -> Self {
        let Some(tally) = tally else { return Self::none() };
        let counts = &tally.sums.counts;
        let amounts = tally.sums.money.get(currency);
        Self {
            calls: counts.calls,
            with_cost: amounts.map_or(0, |amounts| amounts.calls),
            without_cost: counts.calls.saturating_sub(counts.with_cost),
            seconds: amounts.map_or(Duration::ZERO, |amounts| amounts.timed.talk),
            total: match amounts {
                Some(amounts) if amounts.calls > 0 => Some(amounts.total.normalize()),
                _ => (counts.calls == 0).then_some(Decimal::ZERO),
            },
            timed: amounts.map_or(0, |amounts| amounts.timed.calls),
            timed_total: amounts.map_or(Decimal::ZERO, |amounts| amounts.timed.total.normalize()),
        }
    }
}

impl GroupChange {
    fn nothing(key: Key, currency: Currency) -> Self {
        let (before, after) = (Period::none(), Period::none());
        let [change, volume, length, price, untimed] = [Decimal::ZERO; 5];
        Self { key, currency, before, after, change, volume, length, price, untimed }
    }

    fn new(
        key: &Key,
        currency: Currency,
        before: Option<&Tally>,
        after: Option<&Tally>,
    ) -> Result<Self> {
        let nothing = Amounts::default();
        let amounts =
            |tally: Option<&Tally>| tally.and_then(|tally| tally.sums.money.get(currency)).cloned();
        let of = [before, after].map(|tally| amounts(tally).unwrap_or_else(|| nothing.clone()));
        let [untimed_before, untimed_after] =
            [&of[0], &of[1]].map(|amounts| less(amounts.total, amounts.timed.total));
        let parts = Parts::between(&of[0], &of[1]).ok_or(Error::AMOUNTS)?;
        Ok(Self {
            key: key.clone(),
            currency,
            before: Period::of(before, currency),
            after: Period::of(after, currency),
            change: less(of[1].total, of[0].total)?.normalize(),
            volume: parts.volume,
            length: parts.length,
            price: parts.price,
            untimed: less(untimed_after?, untimed_before?)?.normalize(),
        })
    }

    fn absorb(&mut self, group: &Self) -> Result<()> {
        let sum = |mine: Decimal, theirs: Decimal| {
            Ok::<_, Error>(add_exactly(mine, theirs).ok_or(Error::AMOUNTS)?.normalize())
        };
        self.change = sum(self.change, group.change)?;
        self.volume = sum(self.volume, group.volume)?;
        self.length = sum(self.length, group.length)?;
        self.price = sum(self.price, group.price)?;
        self.untimed = sum(self.untimed, group.untimed)?;
        Ok(())
    }
}

/// The parts of the change of timed calls.
struct Parts {
    volume: Decimal,
    length: Decimal,
    price: Decimal,
}

impl Parts {
    /// `None` where a part cannot be held.
    fn between(before: &Amounts, after: &Amounts) -> Option<Self> {
        let (before, after) = (&before.timed, &after.timed);
        let change = add_exactly(after.total, -before.total)?;
        let all_of = |volume: Decimal| Self { volume, length: Decimal::ZERO, price: Decimal::ZERO };
        // A group that is new, or gone, has no call that could be longer or dearer.
        if before.calls == 0 || after.calls == 0 {
            return Some(all_of(change.normalize()));
        }
        // Each part is one quotient, so that it is cut once: the difference of two that are cut may fall short of a half.
        let [calls_before, calls_after] = [before.calls, after.calls].map(Decimal::from);
        let part = |more: Decimal, of: Decimal| {
            let part = before.total.checked_mul(more)?.checked_div(of)?;
            Some(exact::rounded(part, exact::PLACES))
        };
        let volume = part(calls_after.checked_sub(calls_before)?, calls_before)?;
        let length = if before.talk.is_zero() {
            Decimal::ZERO
        } else {
            let (talk_before, talk_after) =
                (exact::seconds(before.talk)?, exact::seconds(after.talk)?);
            let at_length = talk_after.checked_mul(calls_before)?;
            let longer = at_length.checked_sub(talk_before.checked_mul(calls_after)?)?;
            part(longer, talk_before.checked_mul(calls_before)?)?
        };
        let price = add_exactly(add_exactly(change, -volume)?, -length)?;
        Some(Self { volume, length, price: price.normalize() })
    }
}

fn less(whole: Decimal, part: Decimal) -> Result<Decimal> {
    add_exactly(whole, -part).ok_or(Error::AMOUNTS)
}
