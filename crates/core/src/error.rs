//! One error type: a word wide, opaque, with a closed kind.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::filter::Field;
use crate::ids::{AccountId, VendorId};
use crate::page::Rejected;
use crate::words::words;

/// A result with callmux's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

words! {
    /// What went wrong, in one word.
    pub enum ErrorKind, "error kind" {
        /// A setting is missing or wrong.
        Config = "config",
        /// The key is missing, wrong or revoked.
        Unauthenticated = "unauthenticated",
        /// The key is good and may not do this.
        Forbidden = "forbidden",
        /// There is no such call, or no such address.
        NotFound = "not_found",
        /// The vendor refused the request's parameters.
        InvalidRequest = "invalid_request",
        /// The vendor can neither filter by a field nor report it, or cannot do what was asked.
        Unsupported = "unsupported",
        /// A cursor of another source, filter or version.
        InvalidCursor = "invalid_cursor",
        /// The vendor is throttling.
        RateLimited = "rate_limited",
        /// No answer in time.
        Timeout = "timeout",
        /// The vendor could not be reached, or is failing.
        Unavailable = "unavailable",
        /// The calls asked for are older than the vendor keeps or shows them.
        RetentionWindow = "retention_window",
        /// The answer, or a row of it, could not be understood.
        Malformed = "malformed",
        /// A listing that does not move forward.
        Stalled = "stalled",
        /// A limit that the caller set was used up.
        Budget = "budget",
        /// None of the above.
        Unexpected = "unexpected",
    }
}

/// What went wrong, where, and what to do: one line by `Display`, no secret in it.
///
/// It is one word wide. Questions about it are methods, so that it can grow.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    remedy: Option<Cow<'static, str>>,
    vendor: Option<VendorId>,
    account: Option<AccountId>,
    status: Option<u16>,
    retry_after: Option<Duration>,
    attempts: u32,
    transient: Option<bool>,
    rejected: Option<Rejected>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of a kind. The message is one line without a full stop and without any secret.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            remedy: None,
            vendor: None,
            account: None,
            status: None,
            retry_after: None,
            attempts: 0,
            transient: None,
            rejected: None,
            source: None,
        }))
    }

    /// The error for a condition that a vendor can neither filter by nor report.
    pub fn unsupported(vendor: &VendorId, field: Field, why: &str) -> Self {
        Self::new(ErrorKind::Unsupported, format!("cannot filter by {field}: {why}"))
            .with_vendor(vendor.clone())
            .with_remedy("leave this condition out, or leave this source out")
    }

    /// The error that stands for a row that could not be understood.
    #[must_use]
    pub fn rejected_row(rejected: Rejected) -> Self {
        let id = rejected.id.as_ref().map(|id| format!(" (call {id})")).unwrap_or_default();
        let message = format!("row {}{id} was not understood: {}", rejected.row, rejected.reason);
        let mut error = Self::new(ErrorKind::Malformed, message)
            .with_vendor(rejected.vendor.clone())
            .with_account(rejected.account.clone());
        error.0.rejected = Some(rejected);
        error
    }

    /// Names the vendor.
    #[must_use]
    pub fn with_vendor(mut self, vendor: VendorId) -> Self {
        self.0.vendor = Some(vendor);
        self
    }

    /// Names the account.
    #[must_use]
    pub fn with_account(mut self, account: AccountId) -> Self {
        self.0.account = Some(account);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<Cow<'static, str>>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }

    /// Keeps the HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Keeps how long the vendor asked to wait.
    #[must_use]
    pub fn with_retry_after(mut self, delay: Option<Duration>) -> Self {
        self.0.retry_after = delay;
        self
    }

    /// Keeps how many times it was tried.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Says whether trying again may help, where the kind does not tell.
    #[must_use]
    pub fn with_transience(mut self, transient: bool) -> Self {
        self.0.transient = Some(transient);
        self
    }

    /// Keeps the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What went wrong, in one word.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether trying again may help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.0.transient.unwrap_or(matches!(
            self.0.kind,
            ErrorKind::RateLimited | ErrorKind::Timeout | ErrorKind::Unavailable
        ))
    }

    /// How long the vendor asked to wait, if it did.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The HTTP status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The vendor it happened at.
    #[must_use]
    pub fn vendor(&self) -> Option<&VendorId> {
        self.0.vendor.as_ref()
    }

    /// The account it happened in.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        self.0.account.as_ref()
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.0.remedy.as_deref()
    }

    /// How many times it was tried; 0 where nothing was sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The row that could not be understood, if this is about one. A listing goes on after such an error.
    #[must_use]
    pub fn rejected(&self) -> Option<&Rejected> {
        self.0.rejected.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(vendor) = &inner.vendor {
            write!(f, "{vendor}")?;
            if let Some(account) = &inner.account
                && account.as_str() != vendor.as_str()
            {
                write!(f, ":{account}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&inner.message)?;
        if inner.attempts > 1 {
            write!(f, " (tried {} times)", inner.attempts)?;
        }
        if let Some(remedy) = &inner.remedy {
            write!(f, "; {remedy}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut shown = f.debug_struct("Error");
        shown.field("kind", &inner.kind).field("message", &inner.message);
        shown.field("vendor", &inner.vendor).field("account", &inner.account);
        shown.field("status", &inner.status).field("attempts", &inner.attempts);
        shown.field("retry_after", &inner.retry_after).field("source", &inner.source);
        shown.finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_what_where_and_what_to_do() {
        let error = Error::new(ErrorKind::Unauthenticated, "the key was refused (401)")
            .with_vendor("vapi".into())
            .with_account("emea".into())
            .with_status(401)
            .with_attempts(1)
            .with_remedy("check VAPI_EMEA_API_KEY");
        assert_eq!(
            error.to_string(),
            "vapi:emea: the key was refused (401); check VAPI_EMEA_API_KEY"
        );
        assert!(!error.is_transient());
    }

    #[test]
    fn an_error_is_one_word_wide_and_can_be_sent() {
        fn sendable<T: Send + Sync + 'static>() {}
        sendable::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
