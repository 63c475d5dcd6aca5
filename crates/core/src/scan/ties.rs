//! More calls at one instant than a page holds: told apart by other conditions that the vendor serves just so.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::pivot::pivot;
use super::reader::{Look, Reader, Traits};
use super::tally::Tally;
use super::walk::{Aside, Place, Walk};
use crate::call::{CallStatus, Channel, Direction};
use crate::error::Result;
use crate::filter::{CallFilter, DurationRange, Field, TimeRange};
use crate::page::{Floor, TieGroup};
use crate::provider::TimePrecision;

/// How often an instant is read again by skipping.
const READINGS: u32 = 3;

/// The conditions that part the calls of an instant, though not all of them: a call without the value is in no part. So only a
/// count can show that nothing is left.
const PARTING: [Field; 5] =
    [Field::Status, Field::Direction, Field::Channel, Field::Duration, Field::Agent];

/// What a part of an instant turned out to be.
enum Part {
    Whole,
    /// A page does not hold it; what the calls that came can be told apart by.
    Overfull(Vec<Traits>),
}

/// An instant read by skipping.
struct Skipped {
    met: Tally,
    /// How many rows the vendor holds there, by where those of another instant begin.
    rows: Option<u64>,
    new: u64,
}

/// The instant that is split.
struct Instant<'a> {
    /// How many rows the vendor holds there, where that is known.
    rows: Option<u64>,
    /// The rows met of it since it is split: what was met before may have gone.
    met: Tally,
    /// How many of them were new.
    new: u64,
    range: TimeRange,
    page: Option<NonZeroU32>,
    place: &'a Place,
    floor: Option<Floor>,
}

impl Reader {
    /// Reads all calls of an instant that no page holds; whether that is known to have met them all.
    pub(super) async fn split(
        &mut self,
        walk: &mut Walk,
        place: &Place,
        tie: TieGroup,
        floor: Option<Floor>,
    ) -> Result<bool> {
        let precision = self.asking.provider.info().precision;
        if precision == TimePrecision::Day {
            return Ok(false);
        }
        let Some(before) = tie.instant.checked_add_signed(precision.unit()) else {
            return Ok(false);
        };
        let range = TimeRange { since: Some(tie.instant), until: Some(before) };
        let mut instant = Instant {
            rows: tie.rows,
            met: Tally::default(),
            new: 0,
            range,
            page: NonZeroU32::new(self.asking.provider.info().page.max),
            place,
            floor,
        };
        self.fruitless = 0;
        // A vendor that answers with somewhat more than the instant is as good: what is read whole is.
        let base = self.asking.filter.within(range);
        if self.asking.provider.info().padding.is_none() {
            return Ok(false);
        }
        let first = match self.read_part(walk, &mut instant, &base).await? {
            Part::Whole => return Ok(true),
            Part::Overfull(first) => first,
        };
        if tie.rows.is_some() && self.skip_until_it_agrees(walk, &instant, &base).await? {
            return Ok(true);
        }
        if self.split_by_update(walk, &mut instant, &base, &first).await? {
            return Ok(true);
        }
        if self.split_by_values(walk, &mut instant, &base, &first).await? {
            return Ok(true);
        }
        // Some records may have been changed meanwhile, and be told apart by that.
        match self.read_part(walk, &mut instant, &base).await? {
            Part::Whole => Ok(true),
            Part::Overfull(now) => self.split_by_update(walk, &mut instant, &base, &now).await,
        }
    }

    /// By when their records were changed, oldest first: a record that changes meanwhile moves to a range that is still to be
    /// read. Every record has such a time or none is parted by it, so that nothing is left between the ranges.
    async fn split_by_update(
        &mut self,
        walk: &mut Walk,
        instant: &mut Instant<'_>,
        base: &CallFilter,
        first: &[Traits],
    ) -> Result<bool> {
        let Some(pivot) = middle_update(first, base.updated) else { return Ok(false) };
        let mut ranges = halves(base.updated, pivot);
        while let Some(range) = ranges.pop() {
            let part = CallFilter { updated: range, ..base.clone() };
            if self.is_spent() || !self.is_served(&part, Field::Updated) {
                return Ok(false);
            }
            if let Part::Overfull(traits) = self.read_part(walk, instant, &part).await? {
                let Some(pivot) = middle_update(&traits, range) else { return Ok(false) };
                ranges.extend(halves(range, pivot));
            }
        }
        Ok(true)
    }

    /// Reads the whole instant again, by skipping, until a reading brings nothing new and as many different rows as the vendor
    /// was found to hold. One that orders its ties anew each time is not read so.
    async fn skip_until_it_agrees(
        &mut self,
        walk: &mut Walk,
        instant: &Instant<'_>,
        base: &CallFilter,
    ) -> Result<bool> {
        for _ in 0..READINGS {
            let skipped = self.skip_through(walk, instant, base).await?;
            if skipped.new == 0 && skipped.rows == Some(skipped.met.within(instant.range)) {
                return Ok(true);
            }
            if self.is_spent() {
                break;
            }
        }
        Ok(false)
    }

    async fn skip_through(
        &mut self,
        walk: &mut Walk,
        instant: &Instant<'_>,
        base: &CallFilter,
    ) -> Result<Skipped> {
        let look = instant.look(base);
        let mut skipped = Skipped { met: Tally::default(), rows: None, new: 0 };
        let mut cursor = None;
        loop {
            let glimpse = self.look(walk, &look, cursor, Some(&mut skipped.met)).await?;
            skipped.new += glimpse.new;
            skipped.rows = glimpse.ties.and_then(|tie| tie.rows);
            match glimpse.next {
                Some(next) if skipped.rows.is_none() && !self.is_spent() => cursor = Some(next),
                _ => return Ok(skipped),
            }
        }
    }

    /// By values that a call may have or not, until as many were met as the vendor holds. What went meanwhile counts among those
    /// met: only a pass that brings nothing new tells.
    async fn split_by_values(
        &mut self,
        walk: &mut Walk,
        instant: &mut Instant<'_>,
        base: &CallFilter,
        first: &[Traits],
    ) -> Result<bool> {
        for index in 0..PARTING.len() {
            for _ in 0..READINGS {
                (instant.met, instant.new) = (Tally::default(), 0);
                if !self.split_by_value(walk, instant, (base, index), first).await? {
                    break;
                }
                if instant.new == 0 && self.counts_the_same(walk, instant, base).await? {
                    return Ok(true);
                }
            }
            if self.is_spent() {
                return Ok(false);
            }
        }
        Ok(false)
    }

    /// By one condition, and where a part is still too large by those after it; whether as many were met as there are.
    async fn split_by_value(
        &mut self,
        walk: &mut Walk,
        instant: &mut Instant<'_>,
        (base, index): (&CallFilter, usize),
        first: &[Traits],
    ) -> Result<bool> {
        let mut parts = self.finer(base, index, first);
        while let Some((part, by)) = parts.pop() {
            if self.is_spent() {
                return Ok(false);
            }
            if let Part::Overfull(traits) = self.read_part(walk, instant, &part).await? {
                // A range of lengths can be halved again; the others are parted by the next condition.
                let is_length = PARTING.get(by) == Some(&Field::Duration);
                let next = if is_length { by } else { by + 1 };
                let finer = (next..PARTING.len()).map(|by| self.finer(&part, by, &traits));
                parts.extend(finer.into_iter().find(|parts| !parts.is_empty()).unwrap_or_default());
            }
            if instant.is_met() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The parts of a filter's calls by one more condition, those that the vendor serves just so.
    fn finer(&self, filter: &CallFilter, by: usize, traits: &[Traits]) -> Vec<(CallFilter, usize)> {
        let Some(&field) = PARTING.get(by) else { return Vec::new() };
        let parts = parts_of(filter, field, traits).into_iter();
        parts.filter(|part| self.is_served(part, field)).map(|part| (part, by)).collect()
    }

    /// Whether the vendor still counts as many rows of the instant as when it was asked first.
    async fn counts_the_same(
        &mut self,
        walk: &mut Walk,
        instant: &mut Instant<'_>,
        base: &CallFilter,
    ) -> Result<bool> {
        let look = Look { size: Some(NonZeroU32::MIN), ..instant.look(base) };
        let mut rows = self.look(walk, &look, None, None).await?.total;
        if rows.is_none() {
            rows = self.skip_through(walk, instant, base).await?.rows;
        }
        Ok(rows == instant.rows)
    }

    /// Reads a part of an instant, as far as a page holds it.
    async fn read_part(
        &mut self,
        walk: &mut Walk,
        instant: &mut Instant<'_>,
        filter: &CallFilter,
    ) -> Result<Part> {
        let look = instant.look(filter);
        let mut cursor = None;
        let mut traits = Vec::new();
        let mut is_first = true;
        loop {
            let glimpse = self.look(walk, &look, cursor, Some(&mut instant.met)).await?;
            if is_first && filter.differs_in_placed_only(&self.asking.filter) {
                instant.rows = glimpse.total.or(instant.rows);
            }
            is_first = false;
            instant.new += glimpse.new;
            let is_full = instant.page.is_some_and(|page| glimpse.rows >= u64::from(page.get()));
            traits.extend(glimpse.calls);
            if is_full || glimpse.ties.is_some() || glimpse.doubts {
                return Ok(Part::Overfull(traits));
            }
            match glimpse.next {
                Some(next) if !self.is_spent() => cursor = Some(next),
                Some(_) => return Ok(Part::Overfull(traits)),
                None => return Ok(Part::Whole),
            }
        }
    }
}

impl<'a> Instant<'a> {
    /// Whether as many rows were met as the vendor holds there.
    fn is_met(&self) -> bool {
        self.rows.is_some_and(|rows| self.met.len() >= rows)
    }

    fn look<'b>(&self, filter: &'b CallFilter) -> Look<'b>
    where
        'a: 'b,
    {
        Look { filter, size: self.page, place: self.place, floor: self.floor, why: Aside::Split }
    }
}

/// An instant in the middle of those at which these records were changed, so that some are on either side.
fn middle_update(traits: &[Traits], range: TimeRange) -> Option<DateTime<Utc>> {
    let pivot = pivot(traits.iter().map(|of| of.updated).collect::<Option<_>>()?)?;
    let is_inside = range.since.is_none_or(|since| since < pivot)
        && range.until.is_none_or(|until| pivot < until);
    is_inside.then_some(pivot)
}

/// The two halves of a range, the older one last, to be taken first.
fn halves(range: TimeRange, pivot: DateTime<Utc>) -> Vec<TimeRange> {
    vec![
        TimeRange { since: Some(pivot), until: range.until },
        TimeRange { since: range.since, until: Some(pivot) },
    ]
}

/// The parts of a filter's calls by one more condition.
fn parts_of(filter: &CallFilter, field: Field, traits: &[Traits]) -> Vec<CallFilter> {
    fn each<T: Copy + Ord>(all: &[T], among: Option<&BTreeSet<T>>) -> Vec<BTreeSet<T>> {
        let wanted = |value: &&T| among.is_none_or(|among| among.contains(value));
        all.iter().filter(wanted).map(|value| BTreeSet::from([*value])).collect()
    }
    let with = |change: &dyn Fn(&mut CallFilter)| {
        let mut part = filter.clone();
        change(&mut part);
        part
    };
    match field {
        Field::Status => each(CallStatus::ALL, filter.status.as_ref())
            .into_iter()
            .map(|one| with(&|part| part.status = Some(one.clone())))
            .collect(),
        Field::Direction => each(Direction::ALL, filter.direction.as_ref())
            .into_iter()
            .map(|one| with(&|part| part.direction = Some(one.clone())))
            .collect(),
        Field::Channel => each(Channel::ALL, filter.channel.as_ref())
            .into_iter()
            .map(|one| with(&|part| part.channel = Some(one.clone())))
            .collect(),
        Field::Duration => {
            let Some((shorter, longer)) =
                middle_length(filter.duration.unwrap_or_default(), traits)
            else {
                return Vec::new();
            };
            [shorter, longer]
                .into_iter()
                .map(|range| with(&|part| part.duration = Some(range)))
                .collect()
        }
        Field::Agent if filter.agent.is_none() => {
            let agents: BTreeSet<_> = traits.iter().filter_map(|of| of.agent.as_ref()).collect();
            agents.into_iter().map(|agent| with(&|part| part.agent = Some(agent.clone()))).collect()
        }
        _ => Vec::new(),
    }
}

/// Two ranges of length with some of the calls in either.
fn middle_length(
    range: DurationRange,
    traits: &[Traits],
) -> Option<(DurationRange, DurationRange)> {
    // In whole seconds, as vendors filter by length.
    let lengths = traits.iter().filter_map(|of| of.talk.as_ref().map(Duration::as_secs));
    let pivot = pivot(lengths.collect())?;
    let below = Duration::from_secs(pivot.checked_sub(1)?);
    let pivot = Duration::from_secs(pivot);
    let is_inside =
        range.min.is_none_or(|min| min < pivot) && range.max.is_none_or(|max| pivot <= max);
    is_inside.then_some((
        DurationRange { min: range.min, max: Some(below) },
        DurationRange { min: Some(pivot), max: range.max },
    ))
}
