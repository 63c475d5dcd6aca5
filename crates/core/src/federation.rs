//! Many providers as one.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::cursor::Cursor;
use crate::error::{Error, ErrorKind, Result};
use crate::filter::{CallFilter, Field};
use crate::page::{CallPage, Floor, PageRequest, PageSource};
use crate::provider::{CallProvider, PageBounds, ProviderInfo};
use crate::pushdown::{Pushdown, Support};
use crate::scan::{Reason, Release};

/// What a federation does when a member fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The listing ends with the member's error.
    #[default]
    Stop,
    /// The others go on; the certificate is incomplete and names the member.
    Continue,
}

/// Many providers as one, in the same order, with the same guarantees.
///
/// A listing ([`Calls`](crate::Calls)) reads each member by itself. For whoever asks for pages: a page asks, at the same time,
/// every member whose next calls may be due: those that have given none yet, and those whose last page has begun to be passed on.
/// So members are read ahead by at most a page each, whatever their number of calls.
///
/// ```
/// use callmux_core::{CallProvider, Federation, MemoryProvider, OnFailure};
/// use std::sync::Arc;
///
/// let members: Vec<Arc<dyn CallProvider>> = vec![Arc::new(MemoryProvider::new([]))];
/// let federation = Federation::new(members, OnFailure::Continue)?;
/// assert_eq!(federation.info().vendor.as_str(), "federation");
/// # Ok::<(), callmux_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Federation {
    info: ProviderInfo,
    members: Arc<[Arc<dyn CallProvider>]>,
    on_failure: OnFailure,
}

/// Where one member stands.
#[derive(Clone, Serialize, Deserialize)]
enum Member {
    /// Not asked yet.
    Start,
    /// More is to come.
    Next {
        cursor: Cursor,
        /// The newest instant that its later pages may hold; `None` where nothing is known.
        floor: Option<DateTime<Utc>>,
        /// The newest instant of its last page.
        newest: Option<DateTime<Utc>>,
    },
    /// Nothing is left.
    Done,
    /// It failed and is left out. Kept, so that a listing resumed later does not pass for complete.
    Failed(Reason),
}

impl Member {
    fn is_over(&self) -> bool {
        matches!(self, Self::Done | Self::Failed(_))
    }

    /// What may be given out, as far as this member may still give something.
    fn release(&self) -> Release {
        match self {
            Self::Start => Release::Nothing,
            Self::Next { floor, .. } => Release::by(*floor),
            Self::Done | Self::Failed(_) => Release::All,
        }
    }

    /// Whether it is to be asked now.
    fn is_due(&self, all: Release) -> bool {
        let newest = match self {
            Self::Next { newest, .. } => *newest,
            _ => None,
        };
        self.release().is_due(all, newest)
    }
}

impl Federation {
    /// A federation of these members.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if there is no member, or if two are the same account of the same vendor: their calls could not be
    /// told apart.
    pub fn new(
        members: impl IntoIterator<Item = Arc<dyn CallProvider>>,
        on_failure: OnFailure,
    ) -> Result<Self> {
        let members: Arc<[_]> = members.into_iter().collect();
        let mut names = BTreeSet::new();
        for member in members.iter() {
            let info = member.info();
            if !names.insert((&info.vendor, &info.account)) {
                let message = format!("two sources are called {}:{}", info.vendor, info.account);
                return Err(Error::new(ErrorKind::Config, message)
                    .with_remedy("give each account a label of its own"));
            }
        }
        if members.is_empty() {
            return Err(Error::new(ErrorKind::Config, "a federation needs at least one source"));
        }
        let identities: Vec<&str> =
            members.iter().map(|member| member.info().identity.as_str()).collect();
        let identity = format!("federation({})", identities.join(","));
        let mut info = ProviderInfo::new("federation".into(), "federation".into(), identity);
        let supported = |field: Field| {
            let of = |member: &Arc<dyn CallProvider>| {
                member.info().capabilities.get(&field).copied().unwrap_or(Support::Unsupported)
            };
            // The words are declared from the best support to the worst.
            (field, members.iter().map(of).max().unwrap_or(Support::Unsupported))
        };
        info.capabilities = Field::ALL.iter().copied().map(supported).collect();
        let bounds = |of: fn(PageBounds) -> u32| {
            members.iter().map(|member| of(member.info().page)).max().unwrap_or(1)
        };
        info.page =
            PageBounds { default: bounds(|page| page.default), max: bounds(|page| page.max) };
        info.can_get = members.iter().any(|member| member.info().can_get);
        if let Some(precision) = members.iter().map(|member| member.info().precision).min() {
            info.precision = precision;
        }
        Ok(Self { info, members, on_failure })
    }

    /// The members, in the order given.
    #[must_use]
    pub fn members(&self) -> &[Arc<dyn CallProvider>] {
        &self.members
    }

    /// What it does when a member fails.
    #[must_use]
    pub fn on_failure(&self) -> OnFailure {
        self.on_failure
    }

    /// Adds what a member answered to the page, and says where the member now stands.
    fn take(
        &self,
        answer: Result<CallPage>,
        member: &ProviderInfo,
        page: &mut CallPage,
    ) -> Result<Member> {
        let answer = match answer.map_err(|error| named(error, member)) {
            Ok(answer) => answer,
            Err(error) if self.on_failure == OnFailure::Continue && may_be_left_out(&error) => {
                let mut source = PageSource::new(member.vendor.clone(), member.account.clone());
                source.requests = error.attempts();
                source.retries = error.attempts().saturating_sub(1);
                let reason = Reason::failed(&error);
                source.reasons.push(reason.clone());
                page.sources.push(source);
                return Ok(Member::Failed(reason));
            }
            Err(error) => return Err(error),
        };
        let newest = answer.calls.iter().filter_map(|call| call.placed_at).max();
        page.calls.extend(answer.calls);
        page.rejected.extend(answer.rejected);
        page.sources.extend(answer.sources);
        Ok(match answer.next {
            None => Member::Done,
            Some(cursor) => {
                Member::Next { cursor, floor: answer.floor.map(|floor| floor.at), newest }
            }
        })
    }
}

/// A wrong filter, cursor or setting that is found before anything is sent is the caller's mistake, and is never passed over.
pub(crate) fn may_be_left_out(error: &Error) -> bool {
    let is_mistake = matches!(
        error.kind(),
        ErrorKind::Unsupported | ErrorKind::InvalidCursor | ErrorKind::Config
    );
    error.attempts() > 0 || !is_mistake
}

/// An error names the member it comes from, if only by the name it has here.
pub(crate) fn named(error: Error, member: &ProviderInfo) -> Error {
    if error.vendor().is_some() {
        return error;
    }
    error.with_vendor(member.vendor.clone()).with_account(member.account.clone())
}

#[async_trait]
impl CallProvider for Federation {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    fn explain(&self, filter: &CallFilter) -> Result<Pushdown> {
        let mut pushdown = Pushdown::default();
        for member in self.members.iter() {
            pushdown.plans.extend(member.explain(filter)?.plans);
        }
        Ok(pushdown)
    }

    async fn list_page(&self, filter: &CallFilter, request: PageRequest) -> Result<CallPage> {
        let mut members = match &request.cursor {
            None => {
                // Before any request: a condition that one member cannot serve is an error of the whole.
                self.explain(filter)?;
                vec![Member::Start; self.members.len()]
            }
            Some(cursor) => cursor.open(&self.info.identity, filter)?,
        };
        let release = Release::of_all(members.iter().map(Member::release));
        let asked = members.iter().zip(self.members.iter()).map(|(member, provider)| {
            let cursor = match member {
                Member::Next { cursor, .. } => Some(cursor.clone()),
                Member::Start | Member::Done | Member::Failed(_) => None,
            };
            let request = PageRequest { cursor, ..request.clone() };
            let due = member.is_due(release);
            async move { if due { Some(provider.list_page(filter, request).await) } else { None } }
        });
        let answers = join_all(asked).await;

        let mut page = CallPage::default();
        for ((member, provider), answer) in members.iter_mut().zip(self.members.iter()).zip(answers)
        {
            if let Some(answer) = answer {
                *member = self.take(answer, provider.info(), &mut page)?;
            } else if let Member::Failed(reason) = member {
                let info = provider.info();
                let mut source = PageSource::new(info.vendor.clone(), info.account.clone());
                source.reasons.push(reason.clone());
                page.sources.push(source);
            }
        }
        if !members.iter().all(Member::is_over) {
            page.next = Some(Cursor::seal(&self.info.identity, filter, &members)?);
            page.floor = match Release::of_all(members.iter().map(Member::release)) {
                Release::Above(at) => Some(Floor { at, proven: false }),
                Release::Nothing | Release::All => None,
            };
        }
        Ok(page)
    }

    fn as_federation(&self) -> Option<&Federation> {
        Some(self)
    }

    async fn check(&self) -> Result<()> {
        join_all(self.members.iter().map(|member| member.check())).await.into_iter().collect()
    }

    async fn get(&self, id: &str) -> Result<Call> {
        let mut found = Vec::new();
        for answer in join_all(self.members.iter().map(|member| member.get(id))).await {
            match answer {
                Ok(call) => found.push(call),
                Err(error)
                    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Unsupported) => {}
                Err(error) => return Err(error),
            }
        }
        match (found.len(), found.pop()) {
            (1, Some(call)) => Ok(call),
            (0, _) => Err(Error::new(ErrorKind::NotFound, "no source has a call with this id")),
            _ => Err(Error::new(
                ErrorKind::InvalidRequest,
                "several sources have a call with this id",
            )
            .with_remedy("ask one source")),
        }
    }
}

impl fmt::Debug for Federation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.members.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryProvider;
    use crate::provider::CallProviderExt;

    fn call(vendor: &str, id: u32, second: i64) -> Call {
        let mut call = Call::new(vendor, "main", id.to_string());
        call.placed_at = DateTime::from_timestamp(1_700_000_000 + second, 0);
        call
    }

    /// A member whose info names an account of its own, as a vendor's would.
    #[derive(Debug)]
    struct Member {
        info: ProviderInfo,
        memory: MemoryProvider,
        fails: bool,
    }

    impl Member {
        fn new(vendor: &str, calls: Vec<Call>) -> Self {
            let memory = MemoryProvider::new(calls);
            let mut info = memory.info().clone();
            info.vendor = vendor.into();
            info.account = "main".into();
            Self { info, memory, fails: false }
        }
    }

    #[async_trait]
    impl CallProvider for Member {
        fn info(&self) -> &ProviderInfo {
            &self.info
        }
        fn explain(&self, filter: &CallFilter) -> Result<Pushdown> {
            self.memory.explain(filter)
        }
        async fn list_page(&self, filter: &CallFilter, page: PageRequest) -> Result<CallPage> {
            if self.fails {
                return Err(Error::new(ErrorKind::Unavailable, "it is down")
                    .with_vendor(self.info.vendor.clone()));
            }
            self.memory.list_page(filter, page).await
        }
        async fn check(&self) -> Result<()> {
            Ok(())
        }
    }

    fn members() -> (Member, Member) {
        let dense = (0..50).map(|n| call("dense", n, i64::from(n / 3))).collect();
        let sparse = (0..9).map(|n| call("sparse", n, i64::from(n) * 40)).collect();
        (Member::new("dense", dense), Member::new("sparse", sparse))
    }

    #[tokio::test]
    async fn members_are_merged_in_the_one_order() {
        let (dense, sparse) = members();
        let mut expected: Vec<Call> = dense.memory_calls().chain(sparse.memory_calls()).collect();
        expected.sort_by_key(Call::order_key);
        for size in [1, 2, 7, 100] {
            let (dense, sparse) = members();
            let all: [Arc<dyn CallProvider>; 2] = [Arc::new(dense), Arc::new(sparse)];
            let federation = Arc::new(Federation::new(all, OnFailure::Stop).unwrap());
            let mut calls = federation.calls(CallFilter::new()).page_size(size);
            let mut got = Vec::new();
            while let Some(call) = calls.next().await {
                got.push(call.unwrap());
            }
            assert_eq!(got, expected, "page size {size}");
            assert!(calls.certificate().is_complete());
            assert_eq!(calls.certificate().sources.len(), 2);
        }
    }

    impl Member {
        fn memory_calls(&self) -> impl Iterator<Item = Call> + use<> {
            let name = self.info.vendor.clone();
            let (count, step): (u32, fn(u32) -> i64) = if name.as_str() == "dense" {
                (50, |n| i64::from(n / 3))
            } else {
                (9, |n| i64::from(n) * 40)
            };
            (0..count).map(move |n| call(name.as_str(), n, step(n)))
        }
    }

    #[tokio::test]
    async fn a_failed_member_is_named_and_hides_no_other() {
        let (dense, mut sparse) = members();
        sparse.fails = true;
        let all: [Arc<dyn CallProvider>; 2] = [Arc::new(dense), Arc::new(sparse)];

        let going_on = Arc::new(Federation::new(all.clone(), OnFailure::Continue).unwrap());
        let mut calls = going_on.calls(CallFilter::new());
        let mut count = 0;
        while let Some(call) = calls.next().await {
            call.unwrap();
            count += 1;
        }
        assert_eq!(count, 50);
        let certificate = calls.certificate();
        assert!(!certificate.is_complete());
        assert!(format!("{certificate}").contains("sparse"), "{certificate}");

        let stopping = Arc::new(Federation::new(all, OnFailure::Stop).unwrap());
        let mut calls = stopping.calls(CallFilter::new());
        let mut errors = Vec::new();
        while let Some(item) = calls.next().await {
            errors.extend(item.err().map(|error| error.kind()));
        }
        assert_eq!(errors, [ErrorKind::Unavailable]);
        assert!(!calls.certificate().is_complete());
    }

    #[test]
    fn what_is_found_before_anything_is_sent_is_never_passed_over() {
        let wrong = Error::new(ErrorKind::Config, "no base URL");
        assert!(!may_be_left_out(&wrong));
        // A server that redirects elsewhere: the member fails, and hides no other.
        assert!(may_be_left_out(&wrong.with_attempts(1)));
        assert!(may_be_left_out(&Error::new(ErrorKind::Unavailable, "it is down")));
    }

    #[test]
    fn two_accounts_of_one_name_and_no_member_are_refused() {
        let (one, _) = members();
        let (two, _) = members();
        let all: [Arc<dyn CallProvider>; 2] = [Arc::new(one), Arc::new(two)];
        assert_eq!(Federation::new(all, OnFailure::Stop).unwrap_err().kind(), ErrorKind::Config);
        assert_eq!(Federation::new([], OnFailure::Stop).unwrap_err().kind(), ErrorKind::Config);
    }
}
