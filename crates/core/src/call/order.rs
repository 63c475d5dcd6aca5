//! The one order of every listing.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Call;
use crate::ids::{AccountId, CallId, VendorId};

/// Where a call stands in a listing: calls without a time first, then newest first, then by vendor, account and id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OrderKey {
    // `None` sorts before `Some`, which is what the order asks for.
    placed_at: Option<Reverse<DateTime<Utc>>>,
    vendor: VendorId,
    account: AccountId,
    id: CallId,
}

impl OrderKey {
    pub(super) fn of(call: &Call) -> Self {
        Self::at(call.placed_at, call.vendor.clone(), call.account.clone(), call.id.clone())
    }

    pub(crate) fn at(
        placed_at: Option<DateTime<Utc>>,
        vendor: VendorId,
        account: AccountId,
        id: CallId,
    ) -> Self {
        Self { placed_at: placed_at.map(Reverse), vendor, account, id }
    }

    /// The instant, if the call has one.
    #[must_use]
    pub fn placed_at(&self) -> Option<DateTime<Utc>> {
        self.placed_at.map(|Reverse(instant)| instant)
    }
}
