//! The two ends of a call, and things that have an id and a name.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A phone number, SIP address or whatever else names an end of a call, kept as the vendor gave it.
///
/// Numbers are compared by their digits ([`PhoneNumber::same_as`]). `Debug` shows no digit of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Wraps the text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as the vendor, or the user, wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ASCII digits of the number; empty for an address without one.
    #[must_use]
    pub fn digits(&self) -> String {
        self.0.chars().filter(char::is_ascii_digit).collect()
    }

    /// What two spellings of one number share: the digits of a number; the text, in lower case, of an address
    /// (`sip:…`, `…@…`) or of a word such as `anonymous`.
    #[must_use]
    pub fn key(&self) -> String {
        let digits = self.digits();
        if digits.is_empty()
            || self.0.contains('@')
            || self.0.to_ascii_lowercase().starts_with("sip:")
        {
            self.0.trim().to_lowercase()
        } else {
            digits
        }
    }

    /// Whether two spellings name one number.
    ///
    /// ```
    /// use callmux_core::PhoneNumber;
    /// let number = PhoneNumber::new("+1 (555) 010-0100");
    /// assert!(number.same_as(&PhoneNumber::new("15550100100")));
    /// assert!(!number.same_as(&PhoneNumber::new("5550100100")));
    /// ```
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    /// Whether this number contains the digits of a part of one.
    #[must_use]
    pub fn contains(&self, part: &Self) -> bool {
        self.key().contains(&part.key())
    }
}

impl From<&str> for PhoneNumber {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(…)")
    }
}

/// One end of a call.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Party {
    /// The number or address, as the vendor gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<PhoneNumber>,
    /// The vendor's identifier of a saved number or contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// A name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Party {
    /// A party with these parts; `None` where all of them are missing.
    #[must_use]
    pub fn of(number: Option<String>, id: Option<String>, name: Option<String>) -> Option<Self> {
        if number.is_none() && id.is_none() && name.is_none() {
            return None;
        }
        Some(Self { number: number.map(PhoneNumber), id, name })
    }
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Party")
            .field("number", &self.number)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A thing that a vendor names by an identifier, a name, or both: an agent, a campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Named {
    /// The vendor's identifier, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name, which need not be unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Named {
    /// A thing with these parts; `None` where both are missing.
    #[must_use]
    pub fn of(id: Option<String>, name: Option<String>) -> Option<Self> {
        (id.is_some() || name.is_some()).then_some(Self { id, name })
    }

    /// The name, else the identifier: what a person reads.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.name.as_deref().or(self.id.as_deref())
    }
}
