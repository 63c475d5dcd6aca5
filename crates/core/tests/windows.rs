//! Windows read several at a time, and instants that no page holds: the answer is that of one window, one page.

// clippy.toml allows these in test functions, and does not see that all of this is test.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use async_trait::async_trait;
use callmux_core::{
    Call, CallFilter, CallPage, CallProvider, CallProviderExt as _, Cursor, Error, ErrorKind,
    Field, Floor, OrderKey, PageBounds, PageRequest, PageSource, Parts, ProviderInfo, Pushdown,
    Reason, Result, Served, SourcePlan, Support, TieGroup, TimePrecision,
};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

/// A vendor that is walked by time, a millisecond fine, whose answers take a while.
#[derive(Debug)]
struct Vendor {
    info: ProviderInfo,
    rows: Vec<Call>,
    counts: bool,
    /// How many bytes each row is said to be.
    row_bytes: u64,
    /// How many requests are under way, at most so far, and in all.
    under_way: AtomicUsize,
    most: AtomicUsize,
    asked: Mutex<Vec<CallFilter>>,
    /// The request that is not answered, counted from 1.
    failing: Option<usize>,
    /// How many calls are handed on at a time, before their page is whole.
    part: Option<usize>,
}

impl Vendor {
    fn new(mut rows: Vec<Call>, page: u32, exact: &[Field]) -> Self {
        rows.sort_by_key(|call| call.placed_at.map(Reverse));
        let mut info = ProviderInfo::new("vendor".into(), "main".into(), "vendor/main");
        info.page = PageBounds { default: page, max: page };
        info.precision = TimePrecision::Millisecond;
        info.padding = Some(TimeDelta::zero());
        info.capabilities = Field::ALL.iter().map(|&field| (field, Support::Client)).collect();
        info.capabilities.extend(exact.iter().map(|&field| (field, Support::Exact)));
        Self {
            info,
            rows,
            counts: false,
            row_bytes: 0,
            under_way: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            asked: Mutex::default(),
            failing: None,
            part: None,
        }
    }

    fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// The filter as far as the vendor serves it.
    fn served(&self, filter: &CallFilter) -> Vec<CallFilter> {
        let exact = |field: &Field| self.info.capabilities[field].is_exact();
        filter.fields().into_iter().filter(exact).map(|field| filter.only(field)).collect()
    }
}

#[async_trait]
impl CallProvider for Vendor {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    fn explain(&self, filter: &CallFilter) -> Result<Pushdown> {
        let mut plan = SourcePlan::new("vendor".into(), "main".into(), "rows");
        plan.conditions = filter
            .fields()
            .into_iter()
            .map(|field| (field, Served::new(self.info.capabilities[&field])))
            .collect();
        Ok(plan.into())
    }

    async fn list_page(&self, filter: &CallFilter, request: PageRequest) -> Result<CallPage> {
        let number = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(filter.clone());
            asked.len()
        };
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(under_way, Ordering::SeqCst);
        for _ in 0..3 {
            let mut has_waited = false;
            std::future::poll_fn(|context| {
                context.waker().wake_by_ref();
                if std::mem::replace(&mut has_waited, true) {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
        }
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        if self.failing == Some(number) {
            return Err(Error::new(ErrorKind::Unavailable, "it is down"));
        }

        let bound: Option<DateTime<Utc>> = match &request.cursor {
            None => None,
            Some(cursor) => cursor.open("vendor/main", filter)?,
        };
        let size = request.size.map_or(self.info.page.default, std::num::NonZeroU32::get);
        let size = size.min(self.info.page.max) as usize;
        let served = self.served(filter);
        let all: Vec<&Call> =
            self.rows.iter().filter(|row| served.iter().all(|one| one.matches(row))).collect();
        let below = |row: &&&Call| bound.is_none_or(|bound| row.placed_at <= Some(bound));
        let rows: Vec<&Call> = all.iter().filter(below).take(size).copied().collect();
        let mut source = PageSource::new("vendor".into(), "main".into());
        source.requests = 1;
        source.rows = rows.len() as u64;
        source.bytes = source.rows * self.row_bytes;
        source.total = self.counts.then_some(all.len() as u64).filter(|_| bound.is_none());
        let mut page = CallPage::default();
        if let (true, Some(oldest)) =
            (rows.len() == size, rows.last().and_then(|row| row.placed_at))
        {
            let next = if bound.is_none_or(|bound| oldest < bound) {
                oldest
            } else {
                source.ties = Some(TieGroup::new(oldest, self.info.page.max));
                oldest - TimeDelta::milliseconds(1)
            };
            page.next = Some(Cursor::seal("vendor/main", filter, &Some(next))?);
            page.floor = Some(Floor { at: next, proven: true });
            source.floor = page.floor;
        }
        let (matching, other): (Vec<&Call>, Vec<&Call>) =
            rows.into_iter().partition(|row| filter.matches(row));
        page.calls = matching.into_iter().cloned().collect();
        source.filtered = other
            .into_iter()
            .map(|row| callmux_core::FilteredRow { id: row.id.clone(), placed_at: row.placed_at })
            .collect();
        page.sources = vec![source];
        Ok(page)
    }

    async fn list_page_in_parts(
        &self,
        filter: &CallFilter,
        request: PageRequest,
        parts: &Parts,
    ) -> Result<CallPage> {
        let mut page = self.list_page(filter, request).await?;
        while let Some(part) = self.part.filter(|part| *part < page.calls.len()) {
            let mut handed_on = CallPage::default();
            handed_on.calls = page.calls.drain(..part).collect();
            let first = handed_on.calls[0].placed_at;
            handed_on.floor = first.map(|at| Floor { at, proven: false });
            let mut source = PageSource::new("vendor".into(), "main".into());
            source.rows = part as u64;
            source.bytes = source.rows * self.row_bytes;
            page.sources[0].rows -= source.rows;
            page.sources[0].bytes -= source.bytes;
            handed_on.sources = vec![source];
            parts.hand_on(handed_on).await;
        }
        Ok(page)
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

fn instant(millisecond: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_700_000_000_000 + millisecond).unwrap()
}

fn call(id: usize, placed: i64, updated: i64) -> Call {
    let mut call = Call::new("vendor", "main", id.to_string());
    call.placed_at = Some(instant(placed));
    call.times.updated = Some(instant(updated));
    call
}

/// What a listing gives, and its certificate.
fn list(calls: &mut callmux_core::Calls) -> Vec<OrderKey> {
    let mut given = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        while let Some(call) = calls.next().await {
            given.push(call.unwrap().order_key());
        }
    });
    given
}

fn sorted(rows: &[Call], filter: &CallFilter) -> Vec<OrderKey> {
    let mut keys: Vec<_> =
        rows.iter().filter(|row| filter.matches(row)).map(Call::order_key).collect();
    keys.sort();
    keys
}

/// Groups of calls that share an instant, each changed at an instant of its own.
fn world() -> impl Strategy<Value = Vec<Call>> {
    prop::collection::vec((0_i64..2_000, 1_usize..25), 0..40).prop_map(|groups| {
        let mut rows = Vec::new();
        for (placed, ties) in groups {
            for _ in 0..ties {
                let id = rows.len();
                rows.push(call(id, placed, 5_000 + id as i64 * 7 % 90));
            }
        }
        rows
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn windows_and_ties_change_nothing(
        rows in world(),
        page in 6_u32..15,
        concurrency in 1_u32..9,
        counts in any::<bool>(),
        has_end in any::<bool>(),
        part in prop::option::of(1_usize..9),
    ) {
        let mut vendor = Vendor::new(rows.clone(), page, &[Field::Placed, Field::Updated]);
        (vendor.counts, vendor.part) = (counts, part);
        let vendor = Arc::new(vendor);
        let mut filter = CallFilter::new().since(instant(100));
        if has_end {
            filter = filter.until(instant(1_900));
        }
        let mut calls = vendor.calls(filter.clone()).concurrency(concurrency);
        let given = list(&mut calls);
        let certificate = calls.certificate();
        prop_assert_eq!(given.len(), sorted(&rows, &filter).len(), "{}", certificate);
        prop_assert_eq!(given, sorted(&rows, &filter));
        // An instant whose records were also changed at one instant cannot be split by that.
        let inseparable = |reason: &Reason| matches!(reason, Reason::TiesBeyondPage { .. });
        prop_assert!(certificate.reasons.iter().all(inseparable), "{}", certificate);
        prop_assert!(vendor.most.load(Ordering::SeqCst) <= concurrency as usize);
    }

    #[test]
    fn a_listing_of_windows_resumes_where_it_stood(
        rows in world(),
        page in 6_u32..15,
        concurrency in (1_u32..9, 1_u32..9),
        stop in 0_usize..200,
    ) {
        let vendor = Arc::new(Vendor::new(rows.clone(), page, &[Field::Placed, Field::Updated]));
        let filter = CallFilter::new().since(instant(100)).until(instant(1_900));
        let whole = sorted(&rows, &filter);
        let mut calls = vendor.calls(filter.clone()).concurrency(concurrency.0);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut given = 0;
        runtime.block_on(async {
            while given < stop && calls.next().await.is_some() {
                given += 1;
            }
        });
        let Some(cursor) = calls.cursor() else { return Ok(()) };
        let mut rest = vendor.calls(filter).concurrency(concurrency.1).resume(cursor);
        let resumed = list(&mut rest);
        prop_assert_eq!(resumed.len(), whole.len() - given, "{} {}; {}", rest.certificate(), given, calls.certificate());
        prop_assert_eq!(resumed, &whole[given..]);
    }
}

/// A thousand calls, one each second.
fn steady() -> Vec<Call> {
    (0..1_000).map(|n| call(n, n as i64 * 1_000, 0)).collect()
}

#[test]
fn a_bounded_range_is_read_several_windows_at_a_time_with_few_more_requests() {
    let filter = CallFilter::new().since(instant(0)).until(instant(1_000_000));
    let read = |concurrency| {
        let vendor = Arc::new(Vendor::new(steady(), 10, &[Field::Placed]));
        let mut calls = vendor.calls(filter.clone()).concurrency(concurrency);
        assert_eq!(list(&mut calls).len(), 1_000);
        assert!(calls.certificate().is_complete());
        let windows = calls.certificate().sources[0].windows;
        (vendor.requests(), vendor.most.load(Ordering::SeqCst), windows)
    };
    let (alone, most, windows) = read(1);
    assert_eq!((most, windows), (1, 1));
    let (requests, most, windows) = read(8);
    assert_eq!(most, 8);
    assert!(windows > 8, "{windows}");
    assert!(requests * 10 <= alone * 12, "{requests} requests instead of {alone}");
}

#[test]
fn windows_are_read_ahead_as_far_as_what_they_hold_is_small() {
    let filter = CallFilter::new().since(instant(0)).until(instant(1_000_000));
    let most = |row_bytes| {
        let vendor = Vendor { row_bytes, ..Vendor::new(steady(), 10, &[Field::Placed]) };
        let vendor = Arc::new(vendor);
        assert_eq!(list(&mut vendor.calls(filter.clone()).concurrency(8)).len(), 1_000);
        vendor.most.load(Ordering::SeqCst)
    };
    assert_eq!(most(1 << 10), 8);
    let some = most(1 << 20);
    assert!((2..8).contains(&some), "{some} pages of ten MiB at once");
    // The next to be given out is read, however large its pages are.
    assert_eq!(most(1 << 30), 1);
}

#[test]
fn what_cannot_be_cut_is_read_as_one_window() {
    for (filter, limit) in [
        (CallFilter::new(), None),
        (CallFilter::new().until(instant(1_000_000)), None),
        (CallFilter::new().since(instant(0)), Some(900)),
    ] {
        let vendor = Arc::new(Vendor::new(steady(), 10, &[Field::Placed]));
        let mut calls = vendor.calls(filter).concurrency(8);
        if let Some(limit) = limit {
            calls = calls.limit(limit);
        }
        assert!(list(&mut calls).len() >= 900);
        assert_eq!(vendor.most.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn an_instant_is_split_by_when_its_records_were_changed() {
    let rows: Vec<Call> = (0..95).map(|n| call(n, 500, n as i64 / 3)).collect();
    let splits = |exact: &[Field]| {
        let vendor = Arc::new(Vendor::new(rows.clone(), 10, exact));
        let mut calls = vendor.calls(CallFilter::new());
        let given = list(&mut calls);
        (given, calls.certificate().clone())
    };
    let (given, certificate) = splits(&[Field::Placed, Field::Updated]);
    assert_eq!(given, sorted(&rows, &CallFilter::new()));
    assert!(certificate.is_complete(), "{certificate}");
    assert_eq!(certificate.sources[0].ties_split, 1);

    let (given, certificate) = splits(&[Field::Placed]);
    assert!(given.len() < 95);
    let ties = Reason::TiesBeyondPage {
        vendor: "vendor".into(),
        account: "main".into(),
        instant: instant(500),
        page: 10,
    };
    assert_eq!(certificate.reasons, [ties]);
}

#[test]
fn an_instant_is_split_by_status_where_the_vendor_counts() {
    use callmux_core::CallStatus::{self, Busy, Completed, Failed, NoAnswer};
    let mut rows: Vec<Call> = (0..37).map(|n| call(n, 500, 0)).collect();
    for (n, row) in rows.iter_mut().enumerate() {
        row.status = [Completed, Failed, Busy, NoAnswer][n % 4].into();
    }
    // One of its own kind, which no page of the whole instant shows and which is asked for last.
    rows[36].status = CallStatus::ALL[0].into();
    let mut vendor = Vendor::new(rows.clone(), 10, &[Field::Placed, Field::Status]);
    vendor.counts = true;
    let vendor = Arc::new(vendor);
    let mut calls = vendor.calls(CallFilter::new());
    assert_eq!(list(&mut calls), sorted(&rows, &CallFilter::new()));
    assert!(calls.certificate().is_complete(), "{}", calls.certificate());
}

#[test]
fn what_was_read_ahead_of_a_failure_is_neither_lost_nor_given_twice() {
    let filter = CallFilter::new().since(instant(0)).until(instant(1_000_000));
    let whole = sorted(&steady(), &filter);
    for failing in 1..40 {
        let mut vendor = Vendor::new(steady(), 10, &[Field::Placed]);
        vendor.failing = Some(failing);
        let vendor = Arc::new(vendor);
        let mut calls = vendor.calls(filter.clone()).concurrency(8);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (mut given, mut errors) = (Vec::new(), Vec::new());
        runtime.block_on(async {
            while let Some(item) = calls.next().await {
                match item {
                    Ok(call) => given.push(call.order_key()),
                    Err(error) => errors.push(error.kind()),
                }
            }
        });
        assert_eq!(errors, [ErrorKind::Unavailable]);
        assert!(!calls.certificate().is_complete());
        assert_eq!(given, whole[..given.len()], "request {failing}");
        let mut rest = vendor.calls(filter.clone()).resume(calls.cursor().unwrap());
        assert_eq!(list(&mut rest), whole[given.len()..], "request {failing}");
        assert!(rest.certificate().is_complete(), "{}", rest.certificate());
    }
}
