//! Whether a count is as it was recorded.

use std::fmt;

/// How far a count may be from the record. Two runs of one build differ by less than a tenth of this.
const TOLERANCE: f64 = 0.05;

/// What a count is beside the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// As recorded.
    Same,
    /// More than was recorded: something got slower.
    More,
    /// Less than was recorded: a gain, that is lost unnoticed unless it is recorded.
    Less,
    /// There is no record of it.
    New,
}

impl Verdict {
    pub(crate) fn of(recorded: Option<f64>, counted: f64) -> Self {
        match recorded.map(|recorded| counted / recorded) {
            None => Self::New,
            Some(ratio) if ratio > 1.0 + TOLERANCE => Self::More,
            Some(ratio) if ratio < 1.0 - TOLERANCE => Self::Less,
            Some(_) => Self::Same,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Same => "",
            Self::More => "MORE than recorded",
            Self::Less => "LESS: record it anew, so that the gain is kept",
            Self::New => "NEW: record it",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_a_gain_and_what_is_not_on_record_are_told_from_what_is_as_it_was() {
        for (counted, verdict) in [
            (94.0, Verdict::Less),
            (96.0, Verdict::Same),
            (104.0, Verdict::Same),
            (106.0, Verdict::More),
        ] {
            assert_eq!(Verdict::of(Some(100.0), counted), verdict, "{counted}");
        }
        assert_eq!(Verdict::of(None, 100.0), Verdict::New);
    }
}
