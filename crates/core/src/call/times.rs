//! Instants and lengths by role, never guessed from one another.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// When things happened to a call, as its vendor reports them, in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Times {
    /// The vendor made the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<DateTime<Utc>>,
    /// Sound began to flow, or dialling began: each vendor's page says which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<DateTime<Utc>>,
    /// The other party answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<DateTime<Utc>>,
    /// The call was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<DateTime<Utc>>,
    /// The vendor last changed the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<DateTime<Utc>>,
    /// It was, or is, to be placed at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<DateTime<Utc>>,
}

impl Times {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How long a call was, by role. JSON writes seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Durations {
    /// How long the parties were connected, as the vendor reports or dates it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<f64>"))]
    pub talk: Option<Duration>,
    /// How long the vendor charges for.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<f64>"))]
    pub billed: Option<Duration>,
}

impl Durations {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The time between two instants, where both are known and in order.
    #[must_use]
    pub fn between(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Option<Duration> {
        (to? - from?).to_std().ok()
    }
}

/// Seconds as a JSON number, to the microsecond.
mod seconds {
    use super::Duration;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            None => serializer.serialize_none(),
            Some(duration) if duration.subsec_nanos() == 0 => {
                serializer.serialize_u64(duration.as_secs())
            }
            Some(duration) => serializer.serialize_f64(duration.as_secs_f64()),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let Some(seconds) = Option::<f64>::deserialize(deserializer)? else { return Ok(None) };
        let duration = Duration::try_from_secs_f64(seconds).map_err(D::Error::custom)?;
        // A binary fraction is a hair off the decimal one it stands for; vendors report no finer than microseconds.
        let micros = (duration.subsec_nanos() + 500) / 1000;
        Ok(Some(Duration::from_secs(duration.as_secs()) + Duration::from_micros(micros.into())))
    }
}
