//! Cursors: opaque, serialisable, bound to a provider, a filter and a version.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::filter::CallFilter;

const PREFIX: &str = "cm1.";

/// Where a listing stands: an opaque token, to be given back to the provider that made it, with the same filter.
///
/// It holds no key and no content of a call. Parsing a text checks its form only; whether it belongs to a provider and
/// a filter is checked when it is used, and is an error of kind [`ErrorKind::InvalidCursor`] when it does not.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor(String);

#[derive(Serialize, Deserialize)]
struct Sealed<P> {
    /// Whose cursor this is.
    provider: String,
    /// The fingerprint of the filter.
    filter: String,
    position: P,
}

impl Cursor {
    /// Seals a position for the provider with this identity and this filter.
    ///
    /// # Errors
    /// [`ErrorKind::Unexpected`] if the position cannot be written as JSON.
    pub fn seal<P: Serialize>(identity: &str, filter: &CallFilter, position: &P) -> Result<Self> {
        let sealed = Sealed {
            provider: fingerprint(identity.as_bytes()),
            filter: filter_fingerprint(filter)?,
            position,
        };
        let json = serde_json::to_vec(&sealed).map_err(|source| {
            Error::new(ErrorKind::Unexpected, "the position could not be written")
                .with_source(source)
        })?;
        Ok(Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(json))))
    }

    /// Opens a cursor that this provider sealed for this filter.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidCursor`] if it is another provider's, another filter's, or damaged.
    pub fn open<P: DeserializeOwned>(&self, identity: &str, filter: &CallFilter) -> Result<P> {
        let json = decode(&self.0)?;
        let sealed: Sealed<P> = serde_json::from_slice(&json)
            .map_err(|_| invalid("it is damaged or was made by another version"))?;
        if sealed.provider != fingerprint(identity.as_bytes()) {
            return Err(invalid("it belongs to another source"));
        }
        if sealed.filter != filter_fingerprint(filter)? {
            return Err(invalid("it belongs to another filter"));
        }
        Ok(sealed.position)
    }

    /// Whether the provider with this identity sealed it, for whatever filter.
    pub(crate) fn is_of(&self, identity: &str) -> bool {
        let sealed = decode(&self.0)
            .ok()
            .and_then(|json| serde_json::from_slice::<Sealed<serde::de::IgnoredAny>>(&json).ok());
        sealed.is_some_and(|sealed| sealed.provider == fingerprint(identity.as_bytes()))
    }

    /// The token.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn invalid(why: &str) -> Error {
    Error::new(ErrorKind::InvalidCursor, format!("the cursor cannot be used: {why}")).with_remedy(
        "start the listing anew, or use the cursor with the source and the filter it was made for",
    )
}

fn decode(token: &str) -> Result<Vec<u8>> {
    let body = token.strip_prefix(PREFIX).ok_or_else(|| invalid("it is not a callmux cursor"))?;
    URL_SAFE_NO_PAD.decode(body).map_err(|_| invalid("it is damaged"))
}

fn filter_fingerprint(filter: &CallFilter) -> Result<String> {
    let json = serde_json::to_vec(filter).map_err(|source| {
        Error::new(ErrorKind::Unexpected, "the filter could not be written").with_source(source)
    })?;
    Ok(fingerprint(&json))
}

fn fingerprint(bytes: &[u8]) -> String {
    format!("{:016x}", crate::fingerprint(bytes))
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(token: &str) -> Result<Self> {
        decode(token)?;
        Ok(Self(token.to_owned()))
    }
}

impl TryFrom<String> for Cursor {
    type Error = Error;

    fn try_from(token: String) -> Result<Self> {
        decode(&token)?;
        Ok(Self(token))
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cursor({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::CallStatus;

    #[test]
    fn a_cursor_opens_only_where_it_was_sealed() {
        let filter = CallFilter::new().status([CallStatus::Completed]);
        let cursor = Cursor::seal("vapi/main", &filter, &(3, "x")).unwrap();
        assert_eq!(cursor.open::<(i32, String)>("vapi/main", &filter).unwrap(), (3, "x".into()));
        let parsed: Cursor = cursor.as_str().parse().unwrap();
        assert_eq!(parsed, cursor);
        for (identity, filter) in [("vapi/other", filter.clone()), ("vapi/main", CallFilter::new())]
        {
            let error = cursor.open::<(i32, String)>(identity, &filter).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidCursor);
        }
        // A position of another shape is another version's.
        assert!(cursor.open::<bool>("vapi/main", &filter).is_err());
    }

    #[test]
    fn garbage_is_refused_when_parsed() {
        for token in ["", "cm1.%%%", "cm0.e30", "e30"] {
            let error = token.parse::<Cursor>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidCursor, "{token}");
        }
    }
}
