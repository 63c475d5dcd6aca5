//! A vendor of any ways that the contract of a provider allows.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use async_trait::async_trait;
use callmux_core::{
    AccountId, Call, CallFilter, CallPage, CallProvider, Cursor, Field, FilteredRow, Floor,
    PageBounds, PageRequest, PageSource, ProviderInfo, Pushdown, Result, Served, SourcePlan,
    Support, VendorId,
};
use chrono::TimeDelta;
use proptest::prelude::*;

/// The ways of a vendor.
#[derive(Clone, Debug)]
pub(crate) struct Quirks {
    /// Ties come in another order than ours.
    reverses_ties: bool,
    /// It is told nothing of the filter, which is checked here.
    checked_here: bool,
    /// How many rows of the page before a page repeats.
    repeats: usize,
    /// Each so many pages, one is empty.
    empty_every: Option<usize>,
    /// Each so many pages, one promises nothing.
    silent_every: Option<usize>,
    /// How far above the next row its promise is.
    slack: i64,
    /// Whether its promises hold by the request itself.
    proven: bool,
    /// Whether it counts its rows.
    counts: bool,
}

pub(crate) fn quirks() -> impl Strategy<Value = Quirks> {
    let every = || prop::option::weighted(0.3, 2_usize..4);
    (
        any::<bool>(),
        any::<bool>(),
        0_usize..4,
        every(),
        every(),
        prop_oneof![Just(0), 0_i64..3000],
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(
                reverses_ties,
                checked_here,
                repeats,
                empty_every,
                silent_every,
                slack,
                proven,
                counts,
            )| Quirks {
                reverses_ties,
                checked_here,
                repeats,
                empty_every,
                silent_every,
                slack,
                proven,
                counts,
            },
        )
}

#[derive(Debug)]
pub(crate) struct Vendor {
    info: ProviderInfo,
    rows: Vec<Call>,
    quirks: Quirks,
}

impl Vendor {
    pub(crate) fn new(
        vendor: VendorId,
        account: AccountId,
        calls: Vec<Call>,
        quirks: Quirks,
    ) -> Self {
        let by_id: BTreeMap<_, Call> =
            calls.into_iter().map(|call| (call.id.clone(), call)).collect();
        let mut rows: Vec<Call> = by_id.into_values().collect();
        if quirks.reverses_ties {
            rows.reverse();
        }
        rows.sort_by_key(|call| call.placed_at.map(Reverse));
        let identity = format!("{vendor}/{account}");
        let mut info = ProviderInfo::new(vendor, account, identity);
        info.page = PageBounds { default: 5, max: 10 };
        info.capabilities = Field::ALL.iter().map(|&field| (field, Support::Exact)).collect();
        Self { info, rows, quirks }
    }
}

#[async_trait]
impl CallProvider for Vendor {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    fn explain(&self, filter: &CallFilter) -> Result<Pushdown> {
        let support = if self.quirks.checked_here { Support::Client } else { Support::Exact };
        let mut plan = SourcePlan::new(self.info.vendor.clone(), self.info.account.clone(), "rows");
        plan.conditions =
            filter.fields().into_iter().map(|field| (field, Served::new(support))).collect();
        Ok(plan.into())
    }

    async fn list_page(&self, filter: &CallFilter, request: PageRequest) -> Result<CallPage> {
        let quirks = &self.quirks;
        let (ordinal, offset): (usize, usize) = match &request.cursor {
            None => (0, 0),
            Some(cursor) => cursor.open(&self.info.identity, filter)?,
        };
        let size =
            request.size.map_or(self.info.page.default, |size| size.get().min(self.info.page.max));
        let due = |every: Option<usize>| every.is_some_and(|every| ordinal % every == 1);

        let rows: Vec<&Call> =
            self.rows.iter().filter(|row| quirks.checked_here || filter.matches(row)).collect();
        let is_empty = due(quirks.empty_every);
        let end = if is_empty { offset } else { (offset + size as usize).min(rows.len()) };
        let start = if is_empty { offset } else { offset.saturating_sub(quirks.repeats) };

        let mut page = CallPage::default();
        let mut source = PageSource::new(self.info.vendor.clone(), self.info.account.clone());
        source.requests = 1;
        source.rows = (end - start) as u64;
        source.total = quirks.counts.then_some(rows.len() as u64);
        for row in &rows[start..end] {
            if filter.matches(row) {
                page.calls.push((*row).clone());
            } else {
                let row = FilteredRow { id: row.id.clone(), placed_at: row.placed_at };
                source.filtered.push(row);
            }
        }
        if end < rows.len() {
            page.next = Some(Cursor::seal(&self.info.identity, filter, &(ordinal + 1, end))?);
            let newest_to_come = rows[end.saturating_sub(quirks.repeats)].placed_at;
            if !due(quirks.silent_every) {
                let slack = TimeDelta::milliseconds(quirks.slack);
                page.floor =
                    newest_to_come.map(|at| Floor { at: at + slack, proven: quirks.proven });
                source.floor = page.floor;
            }
        }
        page.sources.push(source);
        Ok(page)
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}
