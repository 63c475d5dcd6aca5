//! How instants are written in a request.

use std::str::FromStr;

use callmux_core::{Error, ErrorKind};
use chrono::{DateTime, Timelike as _, Utc};

/// How instants are written in a request. Both mean UTC; the fraction has six digits, or is left out where it is zero.
///
/// Burki's public server keeps times without a zone, and compares a time that has one in the zone of its database session. Where
/// that zone is not UTC, only [`Naive`](Self::Naive) asks for what is meant; the other form then shifts every bound, and calls
/// are lost without a sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeFormat {
    /// `zulu`: `2026-01-01T00:00:00Z`, as the vendor's documents write it.
    #[default]
    Zulu,
    /// `naive`: `2026-01-01T00:00:00`, for a server of one's own whose database session is not in UTC.
    Naive,
}

impl TimeFormat {
    /// What writes an instant thus.
    pub(crate) fn writer(self) -> fn(DateTime<Utc>) -> String {
        match self {
            Self::Zulu => |instant| naive(instant) + "Z",
            Self::Naive => naive,
        }
    }
}

fn naive(instant: DateTime<Utc>) -> String {
    let is_whole = instant.nanosecond() == 0;
    let format = if is_whole { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M:%S%.6f" };
    instant.format(format).to_string()
}

impl FromStr for TimeFormat {
    type Err = Error;

    /// # Errors
    /// [`ErrorKind::Config`] for a word that is neither `zulu` nor `naive`.
    fn from_str(word: &str) -> Result<Self, Error> {
        match word {
            "zulu" => Ok(Self::Zulu),
            "naive" => Ok(Self::Naive),
            _ => Err(Error::new(
                ErrorKind::Config,
                "unknown time format; expected one of: zulu, naive",
            )
            .with_vendor("burki".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_has_six_digits_or_none() {
        for (instant, zulu) in [
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
            ("2026-04-15T12:00:00.5Z", "2026-04-15T12:00:00.500000Z"),
            ("2026-04-15T11:00:00.000001Z", "2026-04-15T11:00:00.000001Z"),
            ("0987-04-15T11:00:00Z", "0987-04-15T11:00:00Z"),
        ] {
            let instant = instant.parse().unwrap();
            assert_eq!(TimeFormat::Zulu.writer()(instant), zulu);
            assert_eq!(TimeFormat::Naive.writer()(instant), zulu.trim_end_matches('Z'));
        }
    }

    #[test]
    fn a_format_is_read_from_its_word() {
        assert_eq!("zulu".parse::<TimeFormat>().unwrap(), TimeFormat::default());
        assert_eq!("naive".parse::<TimeFormat>().unwrap(), TimeFormat::Naive);
        let error = "Zulu".parse::<TimeFormat>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }
}
