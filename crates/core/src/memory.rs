//! Calls in memory: the specification that every other provider is held against.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::call::{Call, OrderKey};
use crate::cursor::Cursor;
use crate::error::{Error, ErrorKind, Result};
use crate::filter::{CallFilter, Field};
use crate::ids::{AccountId, CallId, VendorId};
use crate::page::{CallPage, Floor, PageRequest, PageSource};
use crate::provider::{CallProvider, PageBounds, ProviderInfo};
use crate::pushdown::{Pushdown, Served, SourcePlan, Support};

/// Lists calls that are held in memory, in the one order, each filter served exactly.
///
/// It is the specification: another provider is right when no filter, page size, fault or arrival can tell it from this one
/// over the same calls. It also serves tests and examples.
///
/// The calls may be of several vendors and accounts. A later call with the key of an earlier one replaces it.
#[derive(Debug, Clone)]
pub struct MemoryProvider {
    info: ProviderInfo,
    calls: Arc<BTreeMap<OrderKey, Call>>,
}

#[derive(Serialize, Deserialize)]
struct After {
    placed_at: Option<DateTime<Utc>>,
    vendor: VendorId,
    account: AccountId,
    id: CallId,
}

impl MemoryProvider {
    /// A provider of these calls.
    pub fn new(calls: impl IntoIterator<Item = Call>) -> Self {
        let mut by_key = BTreeMap::new();
        for call in calls {
            let key = (call.vendor.clone(), call.account.clone(), call.id.clone());
            by_key.insert(key, call);
        }
        let calls: BTreeMap<_, _> =
            by_key.into_values().map(|call| (call.order_key(), call)).collect();
        let mut info = ProviderInfo::new("memory".into(), "memory".into(), "memory/memory");
        info.capabilities = Field::ALL.iter().map(|&field| (field, Support::Exact)).collect();
        info.page = PageBounds { default: 100, max: 1000 };
        info.can_get = true;
        info.padding = Some(TimeDelta::zero());
        Self { info, calls: Arc::new(calls) }
    }

    fn sources(&self, matching: &[&Call]) -> Vec<PageSource> {
        let mut totals: BTreeMap<(&VendorId, &AccountId), u64> = BTreeMap::new();
        for call in matching {
            *totals.entry((&call.vendor, &call.account)).or_default() += 1;
        }
        let source = |((vendor, account), total): ((&VendorId, &AccountId), u64)| {
            let mut source = PageSource::new(vendor.clone(), account.clone());
            source.total = Some(total);
            source
        };
        totals.into_iter().map(source).collect()
    }
}

#[async_trait]
impl CallProvider for MemoryProvider {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    fn explain(&self, filter: &CallFilter) -> Result<Pushdown> {
        let mut plan =
            SourcePlan::new(self.info.vendor.clone(), self.info.account.clone(), "memory");
        plan.conditions =
            filter.fields().into_iter().map(|field| (field, Served::new(Support::Exact))).collect();
        plan.impossible = filter.impossible().map(|field| format!("no call can match: {field}"));
        Ok(plan.into())
    }

    async fn list_page(&self, filter: &CallFilter, page: PageRequest) -> Result<CallPage> {
        let after = match &page.cursor {
            None => None,
            Some(cursor) => {
                let after: After = cursor.open(&self.info.identity, filter)?;
                Some(OrderKey::at(after.placed_at, after.vendor, after.account, after.id))
            }
        };
        let size =
            page.size.map_or(self.info.page.default, |size| size.get().min(self.info.page.max));
        let size = usize::try_from(size).unwrap_or(usize::MAX);

        let matching: Vec<&Call> =
            self.calls.values().filter(|call| filter.matches(call)).collect();
        let mut rest = self
            .calls
            .iter()
            .filter(|(key, call)| {
                after.as_ref().is_none_or(|after| *key > after) && filter.matches(call)
            })
            .map(|(_, call)| call);
        let mut calls: Vec<Call> = rest.by_ref().take(size).cloned().collect();

        let mut result = CallPage {
            total: Some(matching.len() as u64),
            sources: self.sources(&matching),
            ..CallPage::default()
        };
        if let (Some(_), Some(last)) = (rest.next(), calls.last()) {
            let position = After {
                placed_at: last.placed_at,
                vendor: last.vendor.clone(),
                account: last.account.clone(),
                id: last.id.clone(),
            };
            result.next = Some(Cursor::seal(&self.info.identity, filter, &position)?);
            result.floor = last.placed_at.map(|at| Floor { at, proven: true });
        }
        for source in &mut result.sources {
            source.floor = result.floor;
            let own = |call: &&Call| call.vendor == source.vendor && call.account == source.account;
            source.rows = calls.iter().filter(own).count() as u64;
        }
        if !page.keep_raw {
            calls.iter_mut().for_each(|call| call.raw = None);
        }
        result.calls = calls;
        Ok(result)
    }

    async fn get(&self, id: &str) -> Result<Call> {
        let found = self.calls.values().find(|call| call.id.as_str() == id);
        found.cloned().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "there is no call with this id")
                .with_vendor(self.info.vendor.clone())
        })
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::RawJson;

    #[tokio::test]
    async fn raw_rows_are_given_only_where_they_are_asked_for() {
        let mut call = Call::new("example", "main", "1");
        let row = serde_json::value::RawValue::from_string("{}".to_owned()).unwrap();
        call.raw = Some(RawJson::new(row));
        let memory = MemoryProvider::new([call.clone()]);
        for keep_raw in [true, false] {
            let request = PageRequest { keep_raw, ..PageRequest::first() };
            let page = memory.list_page(&CallFilter::new(), request).await.unwrap();
            assert_eq!(page.calls[0].raw, call.raw.clone().filter(|_| keep_raw));
        }
    }
}
