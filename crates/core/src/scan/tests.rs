//! The listing against a provider that answers from a script, so that every page, fault and floor is chosen here.

mod certificate;
mod cursor;
mod ending;
mod federation;
mod limit;
mod order;
mod rejected;

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

use super::reader::BARREN_PAGES;
use super::*;
use crate::call::RawJson;
use crate::page::{CallPage, PageRequest};
use crate::page::{FilteredRow, Floor, PageSource, Rejected};
use crate::provider::{PageBounds, ProviderInfo};
use crate::pushdown::{Pushdown, Served, SourcePlan, Support};

/// What the script answers to one request.
enum Answer {
    Page(CallPage),
    Fail(Error),
    /// Never; says when the wait was given up.
    Hang(Arc<AtomicBool>),
}

impl From<CallPage> for Answer {
    fn from(page: CallPage) -> Self {
        Self::Page(page)
    }
}

impl From<ErrorKind> for Answer {
    fn from(kind: ErrorKind) -> Self {
        Self::Fail(Error::new(kind, "the script says so"))
    }
}

#[derive(Debug)]
struct Script {
    info: ProviderInfo,
    support: Support,
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<PageRequest>>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer")
    }
}

impl Script {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Arc<Self> {
        Self::of_vendor("script", answers)
    }

    fn of_vendor(vendor: &str, answers: impl IntoIterator<Item = Answer>) -> Arc<Self> {
        Arc::new(Self::with_support(vendor, Support::Exact, answers))
    }

    fn with_support(
        vendor: &str,
        support: Support,
        answers: impl IntoIterator<Item = Answer>,
    ) -> Self {
        let mut info = ProviderInfo::new(vendor.into(), "main".into(), format!("{vendor}/main"));
        info.page = PageBounds { default: 50, max: 100 };
        Self {
            info,
            support,
            answers: Mutex::new(answers.into_iter().collect()),
            asked: Mutex::default(),
        }
    }

    fn asked(&self) -> Vec<PageRequest> {
        self.asked.lock().unwrap().clone()
    }

    fn sizes_asked(&self) -> Vec<Option<u32>> {
        self.asked().iter().map(|request| request.size.map(NonZeroU32::get)).collect()
    }
}

#[async_trait]
impl CallProvider for Script {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    fn explain(&self, filter: &CallFilter) -> Result<Pushdown> {
        let mut plan =
            SourcePlan::new(self.info.vendor.clone(), self.info.account.clone(), "script");
        plan.conditions =
            filter.fields().into_iter().map(|field| (field, Served::new(self.support))).collect();
        Ok(plan.into())
    }

    async fn list_page(&self, _: &CallFilter, page: PageRequest) -> Result<CallPage> {
        self.asked.lock().unwrap().push(page);
        let answer =
            self.answers.lock().unwrap().pop_front().expect("more was asked than scripted");
        match answer {
            Answer::Page(page) => Ok(page),
            Answer::Fail(error) => Err(error),
            Answer::Hang(given_up) => {
                let _guard = OnDrop(given_up);
                std::future::pending().await
            }
        }
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

struct OnDrop(Arc<AtomicBool>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn instant(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
}

fn call(id: &str, second: i64) -> Call {
    call_of("script", id, second)
}

fn call_of(vendor: &str, id: &str, second: i64) -> Call {
    let mut call = Call::new(vendor, "main", id);
    call.placed_at = Some(instant(second));
    call
}

fn untimed(id: &str) -> Call {
    Call::new("script", "main", id)
}

fn rejected(id: Option<&str>, near: Option<i64>, raw: &str) -> Rejected {
    let raw = RawJson::new(RawValue::from_string(raw.to_owned()).unwrap());
    let mut row = Rejected::new("script".into(), "main".into(), 1, "no such type", raw);
    row.id = id.map(Into::into);
    row.near = near.map(instant);
    row
}

fn cursor(position: u32) -> Cursor {
    Cursor::seal("script/main", &CallFilter::new(), &position).unwrap()
}

/// The last page: these calls and nothing after them.
fn last(calls: impl IntoIterator<Item = Call>) -> CallPage {
    page_of("script", calls)
}

fn page_of(vendor: &str, calls: impl IntoIterator<Item = Call>) -> CallPage {
    let mut page = CallPage { calls: calls.into_iter().collect(), ..CallPage::default() };
    let mut source = PageSource::new(vendor.into(), "main".into());
    source.requests = 1;
    source.rows = page.calls.len() as u64;
    page.sources.push(source);
    page
}

/// A page with more to come, none of it newer than its last call.
fn page(next: u32, calls: impl IntoIterator<Item = Call>) -> CallPage {
    let mut page = last(calls);
    page.floor =
        page.calls.last().and_then(|call| call.placed_at).map(|at| Floor { at, proven: false });
    page.next = Some(cursor(next));
    page
}

impl CallPage {
    fn with_floor(mut self, second: Option<i64>) -> Self {
        self.floor = second.map(|second| Floor { at: instant(second), proven: false });
        self
    }

    /// A floor that the request itself bounds the later pages by.
    fn with_proven_floor(mut self, second: i64) -> Self {
        self.floor = Some(Floor { at: instant(second), proven: true });
        self.sources[0].floor = self.floor;
        self
    }

    fn with_rejected(mut self, row: Rejected) -> Self {
        self.rejected.push(row);
        self.sources[0].rows += 1;
        self
    }

    fn with_filtered(mut self, id: &str, second: i64) -> Self {
        self.sources[0].rows += 1;
        self.sources[0]
            .filtered
            .push(FilteredRow { id: id.into(), placed_at: Some(instant(second)) });
        self
    }

    fn with_total(mut self, total: u64) -> Self {
        self.sources[0].total = Some(total);
        self
    }
}

fn listing(script: &Arc<Script>) -> Calls {
    let provider: Arc<dyn CallProvider> = script.clone();
    Calls::new(provider, CallFilter::new())
}

/// What a script's listing gives out next, without waiting: `None` at the end.
fn step(calls: &mut Calls) -> Option<Result<Call>> {
    match poll(calls) {
        Poll::Ready(item) => item,
        Poll::Pending => panic!("a script answers at once"),
    }
}

fn poll(calls: &mut Calls) -> Poll<Option<Result<Call>>> {
    Pin::new(calls).poll_next(&mut Context::from_waker(Waker::noop()))
}

/// A call as its id, a rejected row as `?` and its id or text, another error as `!` and its kind.
fn word(item: Result<Call>) -> String {
    match item {
        Ok(call) => call.id.to_string(),
        Err(error) => match error.rejected() {
            Some(row) => {
                format!("?{}", row.id.as_ref().map_or(row.raw.get(), |id| id.as_str()))
            }
            None => format!("!{}", error.kind()),
        },
    }
}

fn all(calls: &mut Calls) -> Vec<String> {
    std::iter::from_fn(|| step(calls)).map(word).collect()
}
