//! Many accounts in memory, to be merged.

use std::sync::Arc;

use async_trait::async_trait;
use callmux::{
    Call, CallFilter, CallPage, CallProvider, Federation, MemoryProvider, OnFailure, PageRequest,
    ProviderInfo, Pushdown, Result, fingerprint,
};
use chrono::{DateTime, TimeDelta};

/// How many calls each account holds: a few pages. It is the same however many accounts there are, so that whatever a call costs
/// more among many is the merging.
pub const CALLS_EACH: u64 = 300;

/// So many accounts, whose calls lie among each other without a pattern.
///
/// # Panics
/// Where there is no account.
#[must_use]
pub fn federation(accounts: u64) -> Arc<dyn CallProvider> {
    let member = |account| -> Arc<dyn CallProvider> { Arc::new(Member::new(account)) };
    let federation = Federation::new((0..accounts).map(member), OnFailure::Stop);
    Arc::new(federation.expect("accounts of different names"))
}

/// Calls in memory under a name of their own.
#[derive(Debug)]
struct Member {
    info: ProviderInfo,
    calls: MemoryProvider,
}

impl Member {
    fn new(account: u64) -> Self {
        let name = account.to_string();
        let newest = DateTime::from_timestamp(1_790_000_000, 0).expect("an instant");
        let call = |number: u64| {
            let key = [account, number].map(u64::to_le_bytes).concat();
            let mut call = Call::new("memory", name.as_str(), format!("{number:032x}"));
            // Within a month. The high bits: the low ones of neighbouring keys are alike.
            let before = fingerprint(&key) >> 24 & 0xff_ffff_ffff;
            call.placed_at = Some(newest - TimeDelta::microseconds(before as i64 * 2));
            call
        };
        let calls = MemoryProvider::new((0..CALLS_EACH).map(call));
        let mut info = calls.info().clone();
        info.identity = format!("memory/{name}");
        info.account = name.into();
        Self { info, calls }
    }
}

#[async_trait]
impl CallProvider for Member {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    fn explain(&self, filter: &CallFilter) -> Result<Pushdown> {
        self.calls.explain(filter)
    }

    async fn list_page(&self, filter: &CallFilter, page: PageRequest) -> Result<CallPage> {
        self.calls.list_page(filter, page).await
    }

    async fn get(&self, id: &str) -> Result<Call> {
        self.calls.get(id).await
    }

    async fn check(&self) -> Result<()> {
        self.calls.check().await
    }
}
