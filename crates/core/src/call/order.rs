//! The one order of every listing.

use std::cmp::{Ordering, Reverse};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Call;
use crate::ids::{AccountId, CallId, VendorId};

/// What a key is made of, in the order in which it counts.
type Place<'a> = (Option<Reverse<DateTime<Utc>>>, &'a VendorId, &'a AccountId, &'a CallId);

fn place(call: &Call) -> Place<'_> {
    (call.placed_at.map(Reverse), &call.vendor, &call.account, &call.id)
}

impl Call {
    /// Where it is from the place of another: the same as comparing their keys.
    pub(crate) fn compare_place(&self, other: &Self) -> Ordering {
        place(self).cmp(&place(other))
    }
}

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

    /// Where it is from the place of a call: the same as comparing it with the call's own key.
    pub(crate) fn compare_to(&self, call: &Call) -> Ordering {
        let (at, vendor, account, id) = place(call);
        (self.placed_at, &self.vendor, &self.account, &self.id).cmp(&(at, vendor, account, id))
    }

    /// The instant, if the call has one.
    #[must_use]
    pub fn placed_at(&self) -> Option<DateTime<Utc>> {
        self.placed_at.map(|Reverse(instant)| instant)
    }
}
