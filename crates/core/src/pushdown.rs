//! How well each condition of a filter is served: what is sent, what is checked here.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::filter::Field;
use crate::ids::{AccountId, VendorId};
use crate::words::words;

words! {
    /// How a condition is served at a vendor. Whatever the claim, every call is checked again here.
    pub enum Support, "support" {
        /// Sent; the vendor does just that.
        Exact = "exact",
        /// Sent; the vendor does just that, and its rows do not show the value. The value asked for is written into the call.
        Trusted = "trusted",
        /// Sent; a superset comes back and is checked here.
        Narrowed = "narrowed",
        /// Not sent; checked here.
        Client = "client",
        /// The vendor neither filters by it nor reports it: an error, before any request.
        Unsupported = "unsupported",
    }
}

impl Support {
    /// Whether the vendor returns just the calls that meet the condition.
    #[must_use]
    pub const fn is_exact(self) -> bool {
        matches!(self, Self::Exact | Self::Trusted)
    }
}

/// How one condition is served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Served {
    /// How well.
    pub support: Support,
    /// Why, where that is not plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Served {
    /// A condition served thus.
    #[must_use]
    pub const fn new(support: Support) -> Self {
        Self { support, note: None }
    }

    /// A condition served thus, for a reason.
    pub fn because(support: Support, note: impl Into<String>) -> Self {
        Self { support, note: Some(note.into()) }
    }
}

/// A parameter as it is sent, before percent-encoding. `Debug` hides the value: it may be a phone number.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct SentParameter {
    /// The vendor's name for it.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl fmt::Debug for SentParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=…", self.name)
    }
}

/// What one account is asked for a filter, and what is left to check here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SourcePlan {
    /// The vendor.
    pub vendor: VendorId,
    /// The account.
    pub account: AccountId,
    /// Where the request goes, without its parameters.
    pub endpoint: String,
    /// The parameters of the first request.
    pub sent: Vec<SentParameter>,
    /// How each condition of the filter is served.
    pub conditions: BTreeMap<Field, Served>,
    /// Why nothing is sent, where no call of this vendor can match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impossible: Option<String>,
}

impl SourcePlan {
    /// A plan that sends nothing yet.
    #[must_use]
    pub fn new(vendor: VendorId, account: AccountId, endpoint: impl Into<String>) -> Self {
        Self {
            vendor,
            account,
            endpoint: endpoint.into(),
            sent: Vec::new(),
            conditions: BTreeMap::new(),
            impossible: None,
        }
    }

    /// Whether every condition is served exactly, so that each row the vendor sends is a match.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.conditions.values().all(|served| served.support.is_exact())
    }
}

/// How a filter is served: one plan for each account that is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Pushdown {
    /// The plans, in the order of the accounts.
    pub plans: Vec<SourcePlan>,
}

impl Pushdown {
    /// Whether each row that any vendor sends is a match.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.plans.iter().all(SourcePlan::is_exact)
    }

    /// Whether a condition is served just so by every account, and the filter is not known to be in vain.
    pub(crate) fn serves(&self, field: Field) -> bool {
        let serves = |plan: &SourcePlan| {
            let served = plan.conditions.get(&field);
            plan.impossible.is_none() && served.is_some_and(|served| served.support.is_exact())
        };
        !self.plans.is_empty() && self.plans.iter().all(serves)
    }
}

impl From<SourcePlan> for Pushdown {
    fn from(plan: SourcePlan) -> Self {
        Self { plans: vec![plan] }
    }
}
