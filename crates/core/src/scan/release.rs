//! How far what is held may be given out, by what may still come.

use chrono::{DateTime, Utc};

/// What may be given out, because nothing that belongs before it can come any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Release {
    /// Nothing: even a row without a time, which comes before all others, may tie with one of the next page.
    #[default]
    Nothing,
    /// What is newer than this.
    Above(DateTime<Utc>),
    /// All: nothing more comes.
    All,
}

impl Release {
    /// By what a source may still give: nothing newer than its floor, or anything where there is none.
    pub(crate) fn by(floor: Option<DateTime<Utc>>) -> Self {
        floor.map_or(Self::Nothing, Self::Above)
    }

    /// What may be given out where several sources may still give something.
    pub(crate) fn of_all(sources: impl IntoIterator<Item = Self>) -> Self {
        sources.into_iter().fold(Self::All, |all, one| match (all, one) {
            (Self::Nothing, _) | (_, Self::Nothing) => Self::Nothing,
            (Self::All, other) | (other, Self::All) => other,
            (Self::Above(one), Self::Above(other)) => Self::Above(one.max(other)),
        })
    }

    /// Whether the source that this is of is to be asked now: it holds the others up, or its last page, whose newest instant is
    /// given, has begun to be passed on.
    pub(crate) fn is_due(self, all: Self, newest: Option<DateTime<Utc>>) -> bool {
        match (self, all) {
            (Self::All, _) => false,
            (Self::Nothing, _) => true,
            // Somebody else is not known yet: only those are asked.
            (Self::Above(_), Self::Nothing | Self::All) => false,
            (Self::Above(own), Self::Above(floor)) => own >= floor || newest > Some(floor),
        }
    }
}
