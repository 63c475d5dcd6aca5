//! Pages asked for ahead of their turn: the answer is that of one page after the other.

// clippy.toml allows these in test functions, and does not see that all of this is test.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use callmux_core::{
    Call, CallFilter, CallPage, CallProvider, CallProviderExt as _, Calls, Cursor, EarlyPage,
    Error, ErrorKind, Floor, PageBounds, PageRequest, PageSource, Placed, ProviderInfo, Pushdown,
    ReadAhead, Result, SourcePlan,
};
use chrono::DateTime;
use proptest::prelude::*;

/// What becomes of the page after so many calls, if it is asked for ahead of its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Luck {
    Good,
    /// It fails after two requests.
    Fails,
    /// It is another than was likely: the page that begins so many calls later.
    Elsewhere(usize),
}

/// A vendor that skips calls, whose answers take their time.
#[derive(Debug)]
struct Vendor {
    info: ProviderInfo,
    calls: Vec<Call>,
    size: usize,
    /// By the number of the page, over and over: how long it takes, and its luck.
    pages: Vec<(u8, Luck)>,
    row_bytes: u64,
    /// The page that cannot be read.
    failing: Option<usize>,
    sent: AtomicUsize,
    under_way: AtomicUsize,
    most: AtomicUsize,
}

impl Vendor {
    fn new(calls: usize, size: usize, pages: Vec<(u8, Luck)>) -> Self {
        let call = |id: usize| {
            let mut call = Call::new("vendor", "main", id.to_string());
            call.placed_at = DateTime::from_timestamp(1_700_000_000 - id as i64, 0);
            call
        };
        let mut info = ProviderInfo::new("vendor".into(), "main".into(), "vendor/main");
        info.page = PageBounds { default: 10, max: 10 };
        Self {
            info,
            calls: (0..calls).map(call).collect(),
            size,
            pages,
            row_bytes: 0,
            failing: None,
            sent: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        }
    }

    fn luck(&self, start: usize) -> (u8, Luck) {
        self.pages[start / self.size % self.pages.len()]
    }

    fn start(&self, filter: &CallFilter, page: &PageRequest) -> usize {
        page.cursor.as_ref().map_or(0, |cursor| cursor.open("vendor/main", filter).unwrap())
    }

    fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    async fn answer(&self, start: usize) {
        self.sent.fetch_add(1, Ordering::SeqCst);
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(under_way, Ordering::SeqCst);
        for _ in 0..self.luck(start).0 {
            tokio::task::yield_now().await;
        }
        self.under_way.fetch_sub(1, Ordering::SeqCst);
    }

    fn page(&self, filter: &CallFilter, start: usize) -> CallPage {
        let mut page = CallPage::default();
        let end = self.calls.len().min(start + self.size);
        page.calls = self.calls.get(start..end).unwrap_or_default().to_vec();
        let mut source = PageSource::new("vendor".into(), "main".into());
        source.requests = 1;
        source.rows = page.calls.len() as u64;
        source.bytes = source.rows * self.row_bytes;
        page.sources = vec![source];
        if end < self.calls.len() {
            page.next = Some(Cursor::seal("vendor/main", filter, &end).unwrap());
            let last = page.calls.last().and_then(|call| call.placed_at);
            page.floor = last.map(|at| Floor { at, proven: true });
        }
        page
    }
}

#[async_trait]
impl CallProvider for Vendor {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    fn explain(&self, _: &CallFilter) -> Result<Pushdown> {
        Ok(SourcePlan::new("vendor".into(), "main".into(), "rows").into())
    }

    async fn list_page(&self, filter: &CallFilter, page: PageRequest) -> Result<CallPage> {
        let start = self.start(filter, &page);
        self.answer(start).await;
        if self.failing == Some(start) {
            let error = Error::new(ErrorKind::Unavailable, "it is down").with_attempts(1);
            return Err(error.with_vendor("vendor".into()).with_account("main".into()));
        }
        Ok(self.page(filter, start))
    }

    fn as_read_ahead(&self) -> Option<&dyn ReadAhead> {
        Some(self)
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl ReadAhead for Vendor {
    fn likely_next(&self, filter: &CallFilter, page: &PageRequest) -> Option<Cursor> {
        let next = match (page.cursor.is_some(), self.start(filter, page) + self.size) {
            (true, next) if next < self.calls.len() => next,
            _ => return None,
        };
        let next = match self.luck(next).1 {
            Luck::Elsewhere(calls) => next + calls,
            _ => next,
        };
        Some(Cursor::seal("vendor/main", filter, &next).unwrap())
    }

    async fn read_ahead(&self, filter: &CallFilter, page: PageRequest) -> EarlyPage {
        let start = self.start(filter, &page);
        self.answer(start).await;
        if self.luck(start).1 == Luck::Fails || self.failing == Some(start) {
            self.sent.fetch_add(1, Ordering::SeqCst);
            return EarlyPage::new(2, "it failed");
        }
        EarlyPage::new(1, start)
    }

    fn place(&self, filter: &CallFilter, page: &PageRequest, early: EarlyPage) -> Result<Placed> {
        let wanted = self.start(filter, page);
        Ok(match early.into_answer::<usize>() {
            Ok(start) if start == wanted => Placed::Here(Box::new(self.page(filter, start))),
            Ok(start) if start > wanted => Placed::Later(EarlyPage::new(1, start)),
            Ok(_) | Err(_) => Placed::Missed,
        })
    }
}

/// The ids that a listing gives, and whether it failed.
fn list(listing: &mut Calls) -> (Vec<usize>, bool) {
    let (mut given, mut has_failed) = (Vec::new(), false);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        while let Some(call) = listing.next().await {
            match call {
                Ok(call) => given.push(call.id.as_str().parse().unwrap()),
                Err(_) => has_failed = true,
            }
        }
    });
    (given, has_failed)
}

fn pages() -> impl Strategy<Value = Vec<(u8, Luck)>> {
    let luck = prop_oneof![
        6 => Just(Luck::Good),
        1 => Just(Luck::Fails),
        1 => (1_usize..20).prop_map(Luck::Elsewhere),
    ];
    prop::collection::vec((0_u8..6, luck), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn reading_ahead_changes_nothing(
        calls in 0_usize..200,
        size in 1_usize..11,
        pages in pages(),
        at_once in 1_u32..9,
    ) {
        let vendor = Arc::new(Vendor::new(calls, size, pages));
        let mut listing = vendor.calls(CallFilter::new()).concurrency(at_once);
        prop_assert_eq!(list(&mut listing), ((0..calls).collect(), false));
        let certificate = listing.certificate();
        prop_assert!(certificate.is_complete(), "{}", certificate);
        prop_assert!(vendor.most.load(Ordering::SeqCst) <= at_once as usize);
        prop_assert_eq!(certificate.requests(), vendor.sent() as u64, "each is counted once");
    }

    #[test]
    fn a_page_that_fails_fails_in_its_turn(
        pages in pages(),
        failing in 0_usize..20,
        at_once in 1_u32..9,
    ) {
        let mut vendor = Vendor::new(200, 10, pages);
        vendor.failing = Some(failing * 10);
        let vendor = Arc::new(vendor);
        let mut listing = vendor.calls(CallFilter::new()).concurrency(at_once);
        prop_assert_eq!(list(&mut listing), ((0..failing * 10).collect(), true));
        let sent = vendor.sent();
        prop_assert_eq!(listing.certificate().requests(), sent as u64, "each is counted once");
        prop_assert!(sent <= 3 * (failing + 1) + 4 * at_once as usize, "{} requests", sent);
    }
}

#[test]
fn so_many_pages_are_under_way_as_may_be() {
    for at_once in 1..9 {
        let vendor = Arc::new(Vendor::new(400, 10, vec![(20, Luck::Good)]));
        let mut listing = vendor.calls(CallFilter::new()).concurrency(at_once);
        assert_eq!(list(&mut listing).0.len(), 400);
        assert_eq!(vendor.most.load(Ordering::SeqCst), at_once as usize);
        assert_eq!(vendor.sent(), 40, "each page is asked for once");
    }
}

#[test]
fn nothing_is_read_ahead_that_may_not_be_needed_or_held() {
    let vendor = |row_bytes| {
        let mut vendor = Vendor::new(400, 10, vec![(3, Luck::Good)]);
        vendor.row_bytes = row_bytes;
        Arc::new(vendor)
    };
    let limited = vendor(1);
    let mut listing = limited.calls(CallFilter::new()).concurrency(8).limit(15);
    assert_eq!(list(&mut listing).0.len(), 15);
    assert_eq!((limited.most.load(Ordering::SeqCst), limited.sent()), (1, 2));

    let budgeted = vendor(1);
    let mut listing = budgeted.calls(CallFilter::new()).concurrency(8).max_requests(40);
    assert_eq!(list(&mut listing), ((0..400).collect(), false), "40 requests are enough");

    // Pages of 16 MiB: one more is held.
    let large = vendor((16 << 20) / 10);
    let mut listing = large.calls(CallFilter::new()).concurrency(8);
    assert_eq!(list(&mut listing).0.len(), 400);
    assert!(large.most.load(Ordering::SeqCst) <= 3);
}

#[test]
fn nothing_is_asked_for_that_nobody_waits_for() {
    let vendor = Arc::new(Vendor::new(400, 10, vec![(1, Luck::Good)]));
    let mut listing = vendor.calls(CallFilter::new()).concurrency(4);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        for _ in 0..30 {
            listing.next().await.unwrap().unwrap();
        }
    });
    let sent = vendor.sent();
    assert!(sent <= 3 + 2 * 4, "{sent} requests for three pages");
}
