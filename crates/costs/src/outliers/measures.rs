//! What is looked at of a call.

use std::fmt;

use callmux_core::{Call, Currency, Decimal, Transcript};
use serde::{Serialize, Serializer};

use crate::exact;

/// What a call may stand out by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Measure {
    /// Cost per minute of talk, of calls of a minute or longer: shorter ones are dear by the minute wherever a started minute is
    /// charged whole.
    CostPerMinute(Currency),
    /// Talk time, in seconds, above zero.
    Length,
    /// The longest time, in seconds, in which nobody began to speak: between two turns of a dated transcript, or after the last one
    /// until the end.
    Silence,
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CostPerMinute(currency) => write!(f, "cost per minute, {currency}"),
            Self::Length => f.write_str("length, seconds"),
            Self::Silence => f.write_str("silence, seconds"),
        }
    }
}

impl Measure {
    /// The word for the measure, as JSON and CSV write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CostPerMinute(_) => "cost_per_minute",
            Self::Length => "length",
            Self::Silence => "silence",
        }
    }

    /// Whether a call can stand out by too little of it as well.
    pub(crate) const fn is_two_sided(self) -> bool {
        matches!(self, Self::CostPerMinute(_))
    }

    /// The currency of a cost.
    #[must_use]
    pub const fn currency(self) -> Option<Currency> {
        match self {
            Self::CostPerMinute(currency) => Some(currency),
            Self::Length | Self::Silence => None,
        }
    }
}

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What can be measured of a call.
pub(crate) fn measures(call: &Call) -> impl Iterator<Item = (Measure, Decimal)> {
    [cost_per_minute(call), length(call), silence(call)].into_iter().flatten()
}

fn cost_per_minute(call: &Call) -> Option<(Measure, Decimal)> {
    let talk = call.durations.talk.filter(|talk| talk.as_secs() >= 60)?;
    let total = call.cost.known_total()?;
    // A rate that is too large to be held is left to the report, which refuses the total.
    let rate = exact::per_minute(total.amount, talk).ok()??;
    Some((Measure::CostPerMinute(total.currency), rate))
}

fn length(call: &Call) -> Option<(Measure, Decimal)> {
    let talk = call.durations.talk.filter(|talk| !talk.is_zero())?;
    Some((Measure::Length, exact::seconds(talk)?.normalize()))
}

fn silence(call: &Call) -> Option<(Measure, Decimal)> {
    let Some(Transcript::Turns(turns)) = &call.transcript else { return None };
    let mut begun: Vec<_> = turns.iter().filter_map(|turn| turn.at).collect();
    begun.sort_unstable();
    // An end before the last turn is not the end of it.
    begun.extend(call.times.ended.filter(|ended| begun.last().is_some_and(|last| last < ended)));
    let pauses = begun.iter().zip(begun.iter().skip(1)).map(|(one, next)| *next - *one);
    Some((Measure::Silence, exact::seconds(pauses.max()?.to_std().ok()?)?.normalize()))
}
