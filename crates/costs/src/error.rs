//! What can go wrong in a report.

use crate::dimension::Dimension;

/// A result with this crate's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why calls could not be added, merged or summed. The report is left as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A sum needs more digits than its type holds. It is refused, since a rounded sum would pass for an exact one.
    #[error("the sum of {what} is too large to be held exactly")]
    Overflow {
        /// What was summed.
        what: &'static str,
    },
    /// Two reports were to be merged that do not group by the same dimensions in the same order.
    #[error(
        "a report by {} cannot be merged with a report by {}",
        list(.mine),
        list(.theirs)
    )]
    DimensionsDiffer {
        /// What this report groups by.
        mine: Vec<Dimension>,
        /// What the other one groups by.
        theirs: Vec<Dimension>,
    },
    /// A rate of exchange that cannot be used beside the others.
    #[error("the rate {rate}: {why}")]
    Rate {
        /// The rate.
        rate: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl Error {
    pub(crate) const AMOUNTS: Self = Self::Overflow { what: "amounts" };
    pub(crate) const CONVERTED: Self = Self::Overflow { what: "converted amounts" };
    pub(crate) const CREDITS: Self = Self::Overflow { what: "credits" };
    pub(crate) const CALLS: Self = Self::Overflow { what: "calls" };
    pub(crate) const SECONDS: Self = Self::Overflow { what: "talk time" };
}

fn list(dimensions: &[Dimension]) -> String {
    if dimensions.is_empty() {
        return "nothing".to_owned();
    }
    let words: Vec<&str> = dimensions.iter().map(|dimension| dimension.as_str()).collect();
    words.join(", ")
}
