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
    /// The day on which the call was placed, as `2026-01-31`, in the report's zone.
    Day,
    /// The month in which the call was placed, as `2026-01`, in the report's zone.
    Month,
    /// The normalised status.
    Status,
}

impl Dimension {
    /// Every dimension, in the order of declaration.
    pub const ALL: &'static [Self] = &[
        Self::Vendor,
        Self::Account,
        Self::Agent,
        Self::Campaign,
        Self::Day,
        Self::Month,
        Self::Status,
    ];

    /// The word for this dimension, as JSON and the command line write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Account => "account",
            Self::Agent => "agent",
            Self::Campaign => "campaign",
            Self::Day => "day",
            Self::Month => "month",
            Self::Status => "status",
        }
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
            "cannot group by \"vendors\"; expected one of: vendor, account, agent, campaign, day, month, status"
        );
        assert!("Vendor".parse::<Dimension>().is_err());
    }
}
