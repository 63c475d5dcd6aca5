//! What a listing can prove about itself.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::line::Dropped;
use super::order::Arrival;
use super::walk::Share;
use crate::error::{Error, ErrorKind};
use crate::filter::Field;
use crate::ids::{AccountId, VendorId};
use crate::words::words;

words! {
    /// Whether a listing is known to be whole.
    pub enum Verdict, "verdict" {
        /// Every call that matched during the whole listing was yielded, once. A limit that was asked for and reached
        /// counts as whole.
        Complete = "complete",
        /// It is not known to be; the reasons say why.
        Incomplete = "incomplete",
    }
}

/// Why a listing is not known to be complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// It was not read to its end.
    NotFinished,
    /// It ended with an error, or a member of a federation did.
    Failed {
        /// The vendor, where the error names one.
        #[serde(skip_serializing_if = "Option::is_none")]
        vendor: Option<VendorId>,
        /// The account, where the error names one.
        #[serde(skip_serializing_if = "Option::is_none")]
        account: Option<AccountId>,
        /// What went wrong, in one word.
        error: ErrorKind,
        /// What went wrong, in one line.
        message: String,
    },
    /// Rows that could not be understood.
    RejectedRows {
        /// The vendor.
        vendor: VendorId,
        /// The account.
        account: AccountId,
        /// How many.
        rows: u64,
    },
    /// More calls share one instant than the vendor's largest page holds, and they could not be told apart further.
    TiesBeyondPage {
        /// The vendor.
        vendor: VendorId,
        /// The account.
        account: AccountId,
        /// The instant.
        instant: DateTime<Utc>,
        /// How many rows the largest page holds.
        page: u32,
    },
    /// A whole page of rows without a readable time: nothing to go on from.
    UntimedBeyondPage {
        /// The vendor.
        vendor: VendorId,
        /// The account.
        account: AccountId,
        /// How many rows the page held.
        page: u32,
    },
    /// A vendor that is asked by time did not answer newest first, or not within the time asked for, so that its pages may
    /// overlap or leave gaps.
    OrderBroken {
        /// The vendor.
        vendor: VendorId,
        /// The account.
        account: AccountId,
    },
    /// The calls of an instant, met at the end of one page, were not met again at the start of the next: one of them went, or
    /// the vendor reads times otherwise than it writes them and left calls out.
    BoundMissed {
        /// The vendor.
        vendor: VendorId,
        /// The account.
        account: AccountId,
        /// The instant.
        instant: DateTime<Utc>,
    },
    /// Rows came that do not meet a condition which the vendor was asked to filter by: it ignored the condition, or their
    /// values could not be read.
    NotAsAsked {
        /// The vendor.
        vendor: VendorId,
        /// The account.
        account: AccountId,
        /// The condition's field.
        field: Field,
    },
    /// A page did not join the one before it, though they should overlap: calls between the two may be on neither.
    EdgeInDoubt {
        /// The vendor.
        vendor: VendorId,
        /// The account.
        account: AccountId,
        /// The oldest instant of the first of the two pages.
        #[serde(skip_serializing_if = "Option::is_none")]
        instant: Option<DateTime<Utc>>,
    },
    /// The vendor's own total exceeds the calls that were met.
    TotalDisagrees {
        /// The vendor.
        vendor: VendorId,
        /// The account.
        account: AccountId,
        /// What the vendor says it has.
        total: u64,
        /// How many different rows were met.
        met: u64,
    },
}

impl Reason {
    /// An error as a reason.
    #[must_use]
    pub fn failed(error: &Error) -> Self {
        Self::Failed {
            vendor: error.vendor().cloned(),
            account: error.account().cloned(),
            error: error.kind(),
            message: error.to_string(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinished => f.write_str("the listing was not read to its end"),
            Self::Failed { message, .. } => f.write_str(message),
            Self::RejectedRows { vendor, account, rows } => {
                write!(f, "{}: {rows} rows were not understood", name(vendor, account))
            }
            Self::TiesBeyondPage { vendor, account, instant, page } => write!(
                f,
                "{}: more calls share {instant} than a page of {page} holds",
                name(vendor, account)
            ),
            Self::UntimedBeyondPage { vendor, account, page } => write!(
                f,
                "{}: a page of {page} rows held no readable time to go on from",
                name(vendor, account)
            ),
            Self::OrderBroken { vendor, account } => {
                let name = name(vendor, account);
                write!(f, "{name}: the answers are not newest first, or not of the time asked for")
            }
            Self::BoundMissed { vendor, account, instant } => write!(
                f,
                "{}: the calls of {instant} were not met again where the next page had to begin",
                name(vendor, account)
            ),
            Self::NotAsAsked { vendor, account, field } => write!(
                f,
                "{}: rows came that do not meet the condition on {field}, which the vendor was asked to filter by",
                name(vendor, account)
            ),
            Self::EdgeInDoubt { vendor, account, instant } => {
                write!(f, "{}: two pages did not join", name(vendor, account))?;
                if let Some(instant) = instant {
                    write!(f, " at {instant}")?;
                }
                f.write_str(", so calls between them may be on neither")
            }
            Self::TotalDisagrees { vendor, account, total, met } => write!(
                f,
                "{}: the vendor counts {total} calls, {met} were met",
                name(vendor, account)
            ),
        }
    }
}

fn name(vendor: &VendorId, account: &AccountId) -> String {
    if vendor.as_str() == account.as_str() {
        vendor.to_string()
    } else {
        format!("{vendor}:{account}")
    }
}

/// What one account contributed to a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SourceReport {
    /// The vendor.
    pub vendor: VendorId,
    /// The account.
    pub account: AccountId,
    /// Requests sent, retries included.
    pub requests: u64,
    /// Retries among them.
    pub retries: u64,
    /// Pages read.
    pub pages: u64,
    /// Rows received.
    pub rows: u64,
    /// Rows received again, or that could not be told from such, and dropped.
    pub repeats: u64,
    /// Rows that could not be understood, as far as they were given out: none beyond a limit.
    pub rejected: u64,
    /// Rows received that the filter, checked here, does not mean.
    pub filtered_here: u64,
    /// Different rows met, whether they matched or not.
    pub met: u64,
    /// The time windows that were read: one, unless several were to be read at a time.
    #[serde(default)]
    pub windows: u64,
    /// Instants at which no page holds all calls, and of which all were met nevertheless.
    #[serde(default)]
    pub ties_split: u64,
    /// Requests among those sent that were needed to split instants, and to settle what did not agree with the vendor's count.
    #[serde(default)]
    pub extra_requests: u64,
    /// The vendor's own count for what it was asked, where it gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Calls that came out of order and were put in their place.
    pub order_repaired: u64,
    /// Calls that came too late to be put in their place, and were yielded where they came.
    pub order_late: u64,
}

/// What a listing can prove about itself. `Display` is a summary in one line; serde writes all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Certificate {
    /// Whether the listing is known to be whole.
    pub verdict: Verdict,
    /// Why it is not; empty where it is.
    pub reasons: Vec<Reason>,
    /// When the first page was asked for, by the providers' clock, if they have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<DateTime<Utc>>,
    /// Whether the listing ended because its limit was reached.
    pub limit_reached: bool,
    /// Whether the listing went on from another's cursor. Then the sources' counts are of what came after it; the verdict and
    /// the reasons are of both, but for errors, and rows that the other did not understand.
    pub resumed: bool,
    /// What each account contributed.
    pub sources: Vec<SourceReport>,
}

impl Certificate {
    pub(super) fn unfinished() -> Self {
        Self {
            verdict: Verdict::Incomplete,
            reasons: vec![Reason::NotFinished],
            as_of: None,
            limit_reached: false,
            resumed: false,
            sources: Vec::new(),
        }
    }

    /// Whether the listing is known to be whole.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.verdict == Verdict::Complete
    }

    /// Requests sent to all sources, retries included.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.sources.iter().map(|source| source.requests).sum()
    }

    pub(super) fn source_of(&mut self, vendor: &VendorId, account: &AccountId) -> usize {
        let is_it = |source: &SourceReport| source.vendor == *vendor && source.account == *account;
        if let Some(index) = self.sources.iter().position(is_it) {
            return index;
        }
        self.sources.push(SourceReport {
            vendor: vendor.clone(),
            account: account.clone(),
            requests: 0,
            retries: 0,
            pages: 0,
            rows: 0,
            repeats: 0,
            rejected: 0,
            filtered_here: 0,
            met: 0,
            windows: 0,
            ties_split: 0,
            extra_requests: 0,
            total: None,
            order_repaired: 0,
            order_late: 0,
        });
        self.sources.len() - 1
    }

    fn source(&mut self, index: usize, count: impl FnOnce(&mut SourceReport)) {
        if let Some(source) = self.sources.get_mut(index) {
            count(source);
        }
    }

    /// Counts what an account contributed to a page.
    pub(super) fn count_share(&mut self, (vendor, account): (&VendorId, &AccountId), share: Share) {
        self.as_of = match (self.as_of, share.asked_at) {
            (Some(first), Some(now)) => Some(first.min(now)),
            (first, now) => first.or(now),
        };
        self.add(share.reasons);
        if share.is_broken {
            let (vendor, account) = (vendor.clone(), account.clone());
            self.add([Reason::OrderBroken { vendor, account }]);
        }
        let index = self.source_of(vendor, account);
        self.source(index, |source| {
            source.requests += share.requests;
            source.retries += share.retries;
            source.pages += u64::from(share.is_page);
            source.rows += share.rows;
            source.repeats += share.repeats;
            source.met += share.met;
            source.filtered_here += share.filtered;
            source.ties_split += share.ties_split;
            source.extra_requests += if share.is_extra { share.requests } else { 0 };
            source.total = source.total.or(share.total);
        });
    }

    pub(super) fn count_window(&mut self, vendor: &VendorId, account: &AccountId) {
        if let Some(source) = self
            .sources
            .iter_mut()
            .find(|source| source.vendor == *vendor && source.account == *account)
        {
            source.windows += 1;
        }
    }

    /// Adds reasons that are not known yet.
    pub(super) fn add(&mut self, reasons: impl IntoIterator<Item = Reason>) {
        for reason in reasons {
            if !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
    }

    pub(super) fn count_failed_page(&mut self, error: &Error) {
        let (Some(vendor), Some(account)) = (error.vendor(), error.account()) else { return };
        if error.attempts() > 0 {
            let index = self.source_of(vendor, account);
            self.source(index, |source| {
                source.requests += u64::from(error.attempts());
                source.retries += u64::from(error.attempts() - 1);
            });
        }
    }

    /// Counts what was sent for pages that were of no use.
    pub(super) fn count_dropped(&mut self, index: usize, dropped: Dropped) {
        self.source(index, |source| {
            source.requests += dropped.requests;
            source.retries += dropped.retries;
        });
    }

    pub(super) fn count_rejected(&mut self, index: usize) {
        self.source(index, |source| source.rejected += 1);
    }

    pub(super) fn count_order(&mut self, index: usize, arrival: Arrival) {
        self.source(index, |source| match arrival {
            Arrival::InOrder => {}
            Arrival::Repaired => source.order_repaired += 1,
            Arrival::TooLate => source.order_late += 1,
        });
    }

    pub(super) fn limit_reached(&mut self) {
        self.limit_reached = true;
    }

    /// Settles the verdict. Sources are listed in the order given.
    pub(super) fn finish(&mut self, failure: Option<&Error>, order: &[(VendorId, AccountId)]) {
        self.reasons.retain(|reason| *reason != Reason::NotFinished);
        self.sources.sort_by_key(|source| {
            let is_it = |(vendor, account): &(VendorId, AccountId)| {
                source.vendor == *vendor && source.account == *account
            };
            order.iter().position(is_it).unwrap_or(order.len())
        });
        for source in &self.sources {
            if source.rejected > 0 {
                self.reasons.push(Reason::RejectedRows {
                    vendor: source.vendor.clone(),
                    account: source.account.clone(),
                    rows: source.rejected,
                });
            }
        }
        self.add(failure.map(Reason::failed));
        self.verdict =
            if self.reasons.is_empty() { Verdict::Complete } else { Verdict::Incomplete };
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.verdict)?;
        if self.limit_reached {
            f.write_str(" (limit reached)")?;
        }
        let sum = |of: fn(&SourceReport) -> u64| self.sources.iter().map(of).sum::<u64>();
        let counted =
            |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let rows = counted(sum(|source| source.rows), "row");
        write!(f, ": {rows} in {}", counted(sum(|source| source.requests), "request"))?;
        for (count, what) in [
            (sum(|source| source.retries), "tried again"),
            (sum(|source| source.repeats), "repeats dropped"),
            (sum(|source| source.filtered_here), "filtered here"),
            (sum(|source| source.rejected), "not understood"),
            (sum(|source| source.order_repaired), "put in order"),
            (sum(|source| source.order_late), "out of order"),
            (sum(|source| source.ties_split), "instants split"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        for (index, reason) in self.reasons.iter().enumerate() {
            f.write_str(if index == 0 { "; because " } else { "; " })?;
            write!(f, "{reason}")?;
        }
        Ok(())
    }
}
