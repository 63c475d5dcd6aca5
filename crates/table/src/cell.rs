//! One value of one call.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use callmux_core::Decimal;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

/// One value of one call, borrowed from it where it can be.
///
/// `Display` writes the plain text that CSV has, without any guard: text of a vendor comes out as it came in. `Debug`
/// shows the kind only, since a cell may hold a phone number or what was said.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Cell<'a> {
    /// The call has no such value. Its text is empty.
    Absent,
    /// Text.
    Text(Cow<'a, str>),
    /// An instant; its text is RFC 3339 in UTC.
    Instant(DateTime<Utc>),
    /// A length; its text is seconds as an exact decimal.
    Seconds(Duration),
    /// An exact number; its text has the vendor's own digits.
    Decimal(Decimal),
    /// Yes or no; its text is `true` or `false`.
    Boolean(bool),
    /// A JSON text.
    Json(Cow<'a, str>),
}

impl<'a> Cell<'a> {
    pub(crate) fn text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Absent, |text| Self::Text(Cow::Borrowed(text)))
    }

    pub(crate) fn instant(instant: Option<DateTime<Utc>>) -> Self {
        instant.map_or(Self::Absent, Self::Instant)
    }

    pub(crate) fn seconds(length: Option<Duration>) -> Self {
        length.map_or(Self::Absent, Self::Seconds)
    }

    pub(crate) fn decimal(number: Option<Decimal>) -> Self {
        number.map_or(Self::Absent, Self::Decimal)
    }

    pub(crate) fn json(value: Option<&impl Serialize>) -> Self {
        // What is given here are maps with text keys and lists of plain values, which always have a JSON text.
        value
            .and_then(|value| serde_json::to_string(value).ok())
            .map_or(Self::Absent, |text| Self::Json(Cow::Owned(text)))
    }

    /// Whether the call has no such value.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.pad(""),
            Self::Text(text) | Self::Json(text) => f.pad(text),
            Self::Instant(at) => f.pad(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            Self::Seconds(length) => f.pad(&seconds(*length)),
            Self::Decimal(number) => f.pad(&number.to_string()),
            Self::Boolean(yes) => f.pad(if *yes { "true" } else { "false" }),
        }
    }
}

impl fmt::Debug for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "Absent",
            Self::Text(_) => "Text(…)",
            Self::Instant(_) => "Instant(…)",
            Self::Seconds(_) => "Seconds(…)",
            Self::Decimal(_) => "Decimal(…)",
            Self::Boolean(_) => "Boolean(…)",
            Self::Json(_) => "Json(…)",
        })
    }
}

/// Seconds in decimal, with no more places than the length has.
fn seconds(length: Duration) -> String {
    let (whole, nanoseconds) = (length.as_secs(), length.subsec_nanos());
    if nanoseconds == 0 {
        return whole.to_string();
    }
    let text = format!("{whole}.{nanoseconds:09}");
    text.trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_text() {
        let instant = |text: &str| Cell::Instant(text.parse().unwrap());
        for (cell, text) in [
            (Cell::Absent, ""),
            (Cell::text(Some("a,b")), "a,b"),
            (instant("2026-01-31T23:30:00+01:00"), "2026-01-31T22:30:00Z"),
            (instant("2026-01-31T22:30:00.120Z"), "2026-01-31T22:30:00.120Z"),
            (Cell::Seconds(Duration::from_secs(100)), "100"),
            (Cell::Seconds(Duration::from_millis(63_050)), "63.05"),
            (Cell::Seconds(Duration::new(u64::MAX, 1)), "18446744073709551615.000000001"),
            (Cell::Decimal("0.08000000".parse().unwrap()), "0.08000000"),
            (Cell::Boolean(false), "false"),
            (Cell::json(Some(&["a", "\n"])), r#"["a","\n"]"#),
        ] {
            assert_eq!(cell.to_string(), text);
        }
        assert_eq!(format!("[{:>4}]", Cell::Boolean(true)), "[true]");
        assert_eq!(format!("[{:>4}]", Cell::Absent), "[    ]");
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(format!("{:?}", Cell::text(Some("+15550100100"))), "Text(…)");
    }
}
