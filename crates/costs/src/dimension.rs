//! What calls can be grouped by.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// What calls can be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Dimension {
    /// The vendor.
    Vendor,
    /// The label of the credential. Accounts that were given one label are one group.
    Account,
    /// The agent by its id, else by its name. An agent is one account's: agents of two accounts are two groups, though
    /// their ids be equal.
    Agent,
    /// The campaign, told apart as agents are.
    Campaign,
    /// The other party's number, by its digits, else its id, else its name. A number is one customer's whatever the account.
    Customer,
    /// Inbound or outbound.
    Direction,
    /// The medium.
    Channel,
    /// The normalised status.
    Status,
    /// Why the call ended.
    EndedReason,
    /// The day on which the call was placed, as `2026-01-31`, in the report's zone.
    Day,
    /// The week of ISO 8601 in which the call was placed, as `2026-W05`, in the report's zone.
    Week,
    /// The month in which the call was placed, as `2026-01`, in the report's zone.
    Month,
    /// The hour in which the call was placed, as `2026-01-31T09`, in the report's zone. The hour that a clock shows twice is one.
    Hour,
    /// What was paid for. A call is in the group of each component that its total has a line of; what its lines leave of the
    /// total, and a call whose cost is not known, are in the group without a component.
    Component,
    /// The model, voice or carrier that was paid for, told apart as components are.
    Model,
}

impl Dimension {
    /// Every dimension, in the order of declaration.
    pub const ALL: &'static [Self] = &[
        Self::Vendor,
        Self::Account,
        Self::Agent,
        Self::Campaign,
        Self::Customer,
        Self::Direction,
        Self::Channel,
        Self::Status,
        Self::EndedReason,
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Hour,
        Self::Component,
        Self::Model,
    ];

    /// The word for this dimension, as JSON and the command line write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Account => "account",
            Self::Agent => "agent",
            Self::Campaign => "campaign",
            Self::Customer => "customer",
            Self::Direction => "direction",
            Self::Channel => "channel",
            Self::Status => "status",
            Self::EndedReason => "ended_reason",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Hour => "hour",
            Self::Component => "component",
            Self::Model => "model",
        }
    }

    /// Whether it is of the time at which a call was placed.
    #[must_use]
    pub const fn is_time(self) -> bool {
        matches!(self, Self::Day | Self::Week | Self::Month | Self::Hour)
    }

    /// Whether a call may be in several groups, with a part of its cost in each.
    #[must_use]
    pub const fn divides_calls(self) -> bool {
        matches!(self, Self::Component | Self::Model)
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Dimension {
    type Err = UnknownDimension;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.iter().copied().find(|dimension| dimension.as_str() == word);
        known.ok_or_else(|| UnknownDimension { word: word.chars().take(60).collect() })
    }
}

impl Serialize for Dimension {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A word that is no [`Dimension`]. Its message lists those that are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownDimension {
    word: String,
}

impl fmt::Display for UnknownDimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<&str> = Dimension::ALL.iter().map(|known| known.as_str()).collect();
        write!(f, "cannot group by {:?}; expected one of: {}", self.word, known.join(", "))
    }
}

impl std::error::Error for UnknownDimension {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_and_another_is_refused_with_the_known_ones() {
        for &dimension in Dimension::ALL {
            assert_eq!(dimension.to_string().parse(), Ok(dimension));
        }
        let refused = "vendors".parse::<Dimension>().unwrap_err();
        assert_eq!(
            refused.to_string(),
            "cannot group by \"vendors\"; expected one of: vendor, account, agent, campaign, customer, \
             direction, channel, status, ended_reason, day, week, month, hour, component, model"
        );
        assert!("Vendor".parse::<Dimension>().is_err());
    }
}
