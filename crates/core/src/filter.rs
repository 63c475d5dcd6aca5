//! Which calls are meant. [`CallFilter::matches`] is the meaning, at every vendor.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::call::{Call, CallStatus, Channel, Direction, EndedReason, Labeled, Named, PhoneNumber};
use crate::ids::CallId;
use crate::money::Currency;
use crate::words::words;

words! {
    /// What a condition of a [`CallFilter`] is about.
    pub enum Field, "field" {
        /// [`CallFilter::placed`].
        Placed = "placed",
        /// [`CallFilter::updated`].
        Updated = "updated",
        /// [`CallFilter::status`].
        Status = "status",
        /// [`CallFilter::direction`].
        Direction = "direction",
        /// [`CallFilter::channel`].
        Channel = "channel",
        /// [`CallFilter::customer`].
        Customer = "customer",
        /// [`CallFilter::agent`].
        Agent = "agent",
        /// [`CallFilter::campaign`].
        Campaign = "campaign",
        /// [`CallFilter::ended_reason`].
        EndedReason = "ended_reason",
        /// [`CallFilter::duration`].
        Duration = "duration",
        /// [`CallFilter::cost`].
        Cost = "cost",
        /// [`CallFilter::ids`].
        Id = "id",
    }
}

/// A half-open range of instants: `since` belongs to it, `until` does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimeRange {
    /// The first instant of the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// The first instant after the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

impl TimeRange {
    /// Whether both ends are open, so that nothing is asked.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.since.is_none() && self.until.is_none()
    }

    /// Whether no instant can be in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!((self.since, self.until), (Some(since), Some(until)) if since >= until)
    }

    /// Whether an instant is in it. An open range takes an absent instant too; any bound refuses it.
    #[must_use]
    pub fn contains(&self, instant: Option<DateTime<Utc>>) -> bool {
        match instant {
            None => self.is_open(),
            Some(instant) => {
                self.since.is_none_or(|since| since <= instant)
                    && self.until.is_none_or(|until| instant < until)
            }
        }
    }
}

/// How the other party is matched. `Debug` shows no digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerMatch {
    /// The number is this one, compared by digits.
    Exact(PhoneNumber),
    /// The number contains these digits.
    Contains(PhoneNumber),
}

impl CustomerMatch {
    fn matches(&self, number: &PhoneNumber) -> bool {
        match self {
            Self::Exact(wanted) => number.same_as(wanted),
            Self::Contains(part) => number.contains(part),
        }
    }
}

/// A range of talk time; both ends belong to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DurationRange {
    /// The shortest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Duration>,
    /// The longest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Duration>,
}

/// A range of known totals in one currency; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CostRange {
    /// The currency; a total in another one is not in the range.
    pub currency: Currency,
    /// The least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Decimal>,
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Decimal>,
}

/// Which calls are meant: a conjunction in which each condition names one field.
///
/// A condition on an absent value does not match. The default filter matches every call. A set condition that is given
/// an empty set matches nothing. `Debug` shows no phone number.
///
/// ```
/// use callmux_core::{Call, CallFilter, CallStatus};
///
/// let filter = CallFilter::new().status([CallStatus::Completed, CallStatus::Failed]);
/// let mut call = Call::new("example", "main", "1");
/// assert!(!filter.matches(&call));
/// call.status = CallStatus::Failed.into();
/// assert!(filter.matches(&call));
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CallFilter {
    /// When the call was placed ([`Call::placed_at`]).
    #[serde(default, skip_serializing_if = "TimeRange::is_open")]
    pub placed: TimeRange,
    /// When its record was last changed.
    #[serde(default, skip_serializing_if = "TimeRange::is_open")]
    pub updated: TimeRange,
    /// Its status is one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<BTreeSet<CallStatus>>,
    /// Its direction is one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<BTreeSet<Direction>>,
    /// Its channel is one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<BTreeSet<Channel>>,
    /// The other party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerMatch>,
    /// The id of its agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The id of its campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// It ended for one of these reasons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_reason: Option<BTreeSet<EndedReason>>,
    /// Its talk time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<DurationRange>,
    /// Its total, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostRange>,
    /// Its id is one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<BTreeSet<CallId>>,
}

impl CallFilter {
    /// The filter that matches every call.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Placed at this instant or later.
    #[must_use]
    pub fn since(mut self, instant: DateTime<Utc>) -> Self {
        self.placed.since = Some(instant);
        self
    }

    /// Placed before this instant.
    #[must_use]
    pub fn until(mut self, instant: DateTime<Utc>) -> Self {
        self.placed.until = Some(instant);
        self
    }

    /// Last changed within this range.
    #[must_use]
    pub fn updated(mut self, range: TimeRange) -> Self {
        self.updated = range;
        self
    }

    /// In one of these states.
    #[must_use]
    pub fn status(mut self, any_of: impl IntoIterator<Item = CallStatus>) -> Self {
        self.status = Some(any_of.into_iter().collect());
        self
    }

    /// In one of these directions.
    #[must_use]
    pub fn direction(mut self, any_of: impl IntoIterator<Item = Direction>) -> Self {
        self.direction = Some(any_of.into_iter().collect());
        self
    }

    /// Through one of these channels.
    #[must_use]
    pub fn channel(mut self, any_of: impl IntoIterator<Item = Channel>) -> Self {
        self.channel = Some(any_of.into_iter().collect());
        self
    }

    /// With this other party, compared by digits.
    #[must_use]
    pub fn customer(mut self, number: impl Into<PhoneNumber>) -> Self {
        self.customer = Some(CustomerMatch::Exact(number.into()));
        self
    }

    /// With an other party whose number contains these digits.
    #[must_use]
    pub fn customer_contains(mut self, digits: impl Into<PhoneNumber>) -> Self {
        self.customer = Some(CustomerMatch::Contains(digits.into()));
        self
    }

    /// Held by the agent with this id.
    #[must_use]
    pub fn agent(mut self, id: impl Into<String>) -> Self {
        self.agent = Some(id.into());
        self
    }

    /// In the campaign with this id.
    #[must_use]
    pub fn campaign(mut self, id: impl Into<String>) -> Self {
        self.campaign = Some(id.into());
        self
    }

    /// Ended for one of these reasons.
    #[must_use]
    pub fn ended_reason(mut self, any_of: impl IntoIterator<Item = EndedReason>) -> Self {
        self.ended_reason = Some(any_of.into_iter().collect());
        self
    }

    /// With a talk time in this range.
    #[must_use]
    pub fn duration(mut self, range: DurationRange) -> Self {
        self.duration = Some(range);
        self
    }

    /// With a known total in this range.
    #[must_use]
    pub fn cost(mut self, range: CostRange) -> Self {
        self.cost = Some(range);
        self
    }

    /// With one of these ids.
    #[must_use]
    pub fn ids<I: Into<CallId>>(mut self, any_of: impl IntoIterator<Item = I>) -> Self {
        self.ids = Some(any_of.into_iter().map(Into::into).collect());
        self
    }

    /// Whether a call is meant.
    #[must_use]
    pub fn matches(&self, call: &Call) -> bool {
        self.placed.contains(call.placed_at)
            && self.updated.contains(call.times.updated)
            && among(self.status.as_ref(), Some(&call.status.value))
            && among(self.direction.as_ref(), call.direction.as_ref())
            && among(self.channel.as_ref(), value(call.channel.as_ref()))
            && self.customer.as_ref().is_none_or(|wanted| {
                let number = call.customer.as_ref().and_then(|party| party.number.as_ref());
                number.is_some_and(|number| wanted.matches(number))
            })
            && has_id(self.agent.as_ref(), call.agent.as_ref())
            && has_id(self.campaign.as_ref(), call.campaign.as_ref())
            && among(self.ended_reason.as_ref(), value(call.ended_reason.as_ref()))
            && self.duration.is_none_or(|range| {
                call.durations.talk.is_some_and(|talk| within(range.min, talk, range.max))
            })
            && self.cost.is_none_or(|range| {
                call.cost.known_total().is_some_and(|total| {
                    total.currency == range.currency && within(range.min, total.amount, range.max)
                })
            })
            && among(self.ids.as_ref(), Some(&call.id))
    }

    /// The fields that a condition names, in their order of declaration.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let conditions = [
            (Field::Placed, !self.placed.is_open()),
            (Field::Updated, !self.updated.is_open()),
            (Field::Status, self.status.is_some()),
            (Field::Direction, self.direction.is_some()),
            (Field::Channel, self.channel.is_some()),
            (Field::Customer, self.customer.is_some()),
            (Field::Agent, self.agent.is_some()),
            (Field::Campaign, self.campaign.is_some()),
            (Field::EndedReason, self.ended_reason.is_some()),
            (Field::Duration, self.duration.is_some()),
            (Field::Cost, self.cost.is_some()),
            (Field::Id, self.ids.is_some()),
        ];
        conditions.into_iter().filter_map(|(field, named)| named.then_some(field)).collect()
    }

    /// The same filter with the condition on one field alone.
    #[must_use]
    pub fn only(&self, field: Field) -> Self {
        let mut only = Self::default();
        match field {
            Field::Placed => only.placed = self.placed,
            Field::Updated => only.updated = self.updated,
            Field::Status => only.status.clone_from(&self.status),
            Field::Direction => only.direction.clone_from(&self.direction),
            Field::Channel => only.channel.clone_from(&self.channel),
            Field::Customer => only.customer.clone_from(&self.customer),
            Field::Agent => only.agent.clone_from(&self.agent),
            Field::Campaign => only.campaign.clone_from(&self.campaign),
            Field::EndedReason => only.ended_reason.clone_from(&self.ended_reason),
            Field::Duration => only.duration = self.duration,
            Field::Cost => only.cost = self.cost,
            Field::Id => only.ids.clone_from(&self.ids),
        }
        only
    }

    /// The same filter, of a range of instants only.
    pub(crate) fn within(&self, range: TimeRange) -> Self {
        let since = self.placed.since.max(range.since);
        let until = match (self.placed.until, range.until) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self { placed: TimeRange { since, until }, ..self.clone() }
    }

    /// Whether it is the other filter, of whatever instants.
    pub(crate) fn differs_in_placed_only(&self, other: &Self) -> bool {
        Self { placed: other.placed, ..self.clone() } == *other
    }

    /// The condition that no call can satisfy, if there is one. Such a filter sends nothing.
    #[must_use]
    pub fn impossible(&self) -> Option<Field> {
        fn empty<T>(set: Option<&BTreeSet<T>>) -> bool {
            set.is_some_and(BTreeSet::is_empty)
        }
        fn inverted<T: PartialOrd>(min: Option<T>, max: Option<T>) -> bool {
            matches!((min, max), (Some(min), Some(max)) if min > max)
        }
        let conditions = [
            (Field::Placed, self.placed.is_empty()),
            (Field::Updated, self.updated.is_empty()),
            (Field::Status, empty(self.status.as_ref())),
            (Field::Direction, empty(self.direction.as_ref())),
            (Field::Channel, empty(self.channel.as_ref())),
            (Field::EndedReason, empty(self.ended_reason.as_ref())),
            (Field::Duration, self.duration.is_some_and(|range| inverted(range.min, range.max))),
            (Field::Cost, self.cost.is_some_and(|range| inverted(range.min, range.max))),
            (Field::Id, empty(self.ids.as_ref())),
        ];
        conditions.into_iter().find_map(|(field, impossible)| impossible.then_some(field))
    }
}

fn value<T>(labeled: Option<&Labeled<T>>) -> Option<&T> {
    labeled.map(|labeled| &labeled.value)
}

fn among<T: Ord>(wanted: Option<&BTreeSet<T>>, value: Option<&T>) -> bool {
    wanted.is_none_or(|wanted| value.is_some_and(|value| wanted.contains(value)))
}

fn has_id(wanted: Option<&String>, named: Option<&Named>) -> bool {
    wanted.is_none_or(|wanted| named.and_then(|named| named.id.as_ref()) == Some(wanted))
}

fn within<T: PartialOrd + Copy>(min: Option<T>, value: T, max: Option<T>) -> bool {
    min.is_none_or(|min| min <= value) && max.is_none_or(|max| value <= max)
}

impl fmt::Debug for CallFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("CallFilter");
        for field in self.fields() {
            let value: &dyn fmt::Debug = match field {
                Field::Placed => &self.placed,
                Field::Updated => &self.updated,
                Field::Status => &self.status,
                Field::Direction => &self.direction,
                Field::Channel => &self.channel,
                Field::Customer => &self.customer,
                Field::Agent => &self.agent,
                Field::Campaign => &self.campaign,
                Field::EndedReason => &self.ended_reason,
                Field::Duration => &self.duration,
                Field::Cost => &self.cost,
                Field::Id => &self.ids,
            };
            shown.field(field.as_str(), value);
        }
        shown.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::Cost;
    use crate::money::Money;

    fn instant(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
    }

    fn call() -> Call {
        let mut call = Call::new("example", "main", "7");
        call.placed_at = Some(instant(10));
        call.times.updated = Some(instant(20));
        call.status = Labeled::new(CallStatus::Completed, "ended");
        call.direction = Some(Direction::Inbound);
        call.channel = Some(Channel::Phone.into());
        call.customer =
            crate::call::Party::of(Some("+1 (555) 010-0100".into()), None, Some("Ada".into()));
        call.agent = Named::of(Some("a1".into()), None);
        call.campaign = Named::of(Some("c1".into()), None);
        call.ended_reason = Some(EndedReason::Busy.into());
        call.durations.talk = Some(Duration::from_secs(60));
        call.cost = Cost::reported(Money::usd(Decimal::new(5, 2)));
        call
    }

    /// One condition a field that the call above meets, and one that it does not.
    fn conditions() -> Vec<(Field, CallFilter, CallFilter)> {
        let all = CallFilter::new;
        let cents = |min, max| CostRange {
            currency: Currency::USD,
            min: Some(Decimal::new(min, 2)),
            max: Some(Decimal::new(max, 2)),
        };
        let seconds = |min, max| DurationRange {
            min: Some(Duration::from_secs(min)),
            max: Some(Duration::from_secs(max)),
        };
        let range =
            |since, until| TimeRange { since: Some(instant(since)), until: Some(instant(until)) };
        vec![
            (Field::Placed, all().since(instant(10)).until(instant(11)), all().until(instant(10))),
            (Field::Updated, all().updated(range(20, 21)), all().updated(range(21, 30))),
            (
                Field::Status,
                all().status([CallStatus::Completed, CallStatus::Busy]),
                all().status([CallStatus::Busy]),
            ),
            (
                Field::Direction,
                all().direction([Direction::Inbound]),
                all().direction([Direction::Outbound]),
            ),
            (Field::Channel, all().channel([Channel::Phone]), all().channel([Channel::Web])),
            (Field::Customer, all().customer("1-555-010-0100"), all().customer("555-010-0100")),
            (Field::Customer, all().customer_contains("0100100"), all().customer_contains("999")),
            (Field::Agent, all().agent("a1"), all().agent("A1")),
            (Field::Campaign, all().campaign("c1"), all().campaign("")),
            (
                Field::EndedReason,
                all().ended_reason([EndedReason::Busy]),
                all().ended_reason([EndedReason::NoAnswer]),
            ),
            (Field::Duration, all().duration(seconds(60, 60)), all().duration(seconds(61, 90))),
            (Field::Cost, all().cost(cents(5, 5)), all().cost(cents(6, 9))),
            (Field::Id, all().ids(["7", "8"]), all().ids(["8"])),
        ]
    }

    #[test]
    fn each_condition_means_its_own_field() {
        let call = call();
        let mut named = BTreeSet::new();
        for (field, met, unmet) in conditions() {
            assert!(met.matches(&call), "{field}: {met:?}");
            assert!(!unmet.matches(&call), "{field}: {unmet:?}");
            assert_eq!(met.fields(), [field]);
            assert_eq!(met.only(field), met);
            assert_eq!(met.impossible(), None);
            named.insert(field);
        }
        assert_eq!(named.len(), Field::ALL.len(), "a field has no test");
        assert!(CallFilter::new().matches(&call));
        assert!(CallFilter::new().fields().is_empty());
    }

    #[test]
    fn a_condition_on_an_absent_value_does_not_match() {
        let bare = Call::new("example", "main", "1");
        for (field, met, _) in conditions() {
            assert!(!met.matches(&bare), "{field}");
        }
    }

    #[test]
    fn all_conditions_hold_together() {
        let call = call();
        for (field, met, unmet) in conditions() {
            let both = CallFilter::new().ids(["7"]).status([CallStatus::Completed]);
            assert!(both.matches(&call));
            // A met condition beside an unmet one does not save it.
            let mut filter = unmet;
            if field == Field::Id {
                filter.agent = Some("a1".into());
            } else {
                filter.ids = both.ids;
            }
            assert!(!filter.matches(&call), "{field}");
            assert!(met.matches(&call), "{field}");
        }
    }

    #[test]
    fn impossible_filters_are_known_without_a_call() {
        let swapped = CallFilter::new().since(instant(5)).until(instant(5));
        assert_eq!(swapped.impossible(), Some(Field::Placed));
        assert_eq!(CallFilter::new().status([]).impossible(), Some(Field::Status));
        assert_eq!(CallFilter::new().ids(Vec::<CallId>::new()).impossible(), Some(Field::Id));
        let range =
            DurationRange { min: Some(Duration::from_secs(2)), max: Some(Duration::from_secs(1)) };
        assert_eq!(CallFilter::new().duration(range).impossible(), Some(Field::Duration));
    }

    #[test]
    fn pending_and_foreign_totals_are_outside_every_cost_range() {
        let any = CostRange { currency: Currency::USD, min: None, max: None };
        let mut call = call();
        assert!(CallFilter::new().cost(any).matches(&call));
        call.cost.state = crate::cost::CostState::Pending;
        assert!(!CallFilter::new().cost(any).matches(&call));
        call.cost = Cost::reported(Money::new(Decimal::ONE, Currency::EUR));
        assert!(!CallFilter::new().cost(any).matches(&call));
    }

    #[test]
    fn debug_shows_no_phone_number() {
        let shown = format!("{:?} {:?}", CallFilter::new().customer("+15550100100"), call());
        assert!(!shown.contains("0100") && !shown.contains("Ada"), "{shown}");
    }

    #[test]
    fn a_filter_reads_back_from_its_json_and_refuses_unknown_conditions() {
        for (_, met, _) in conditions() {
            let json = serde_json::to_string(&met).unwrap();
            assert_eq!(serde_json::from_str::<CallFilter>(&json).unwrap(), met, "{json}");
        }
        assert!(serde_json::from_str::<CallFilter>(r#"{"stauts":["completed"]}"#).is_err());
    }
}
