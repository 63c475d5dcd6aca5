//! Checkpoints: a listing resumed from any moment of another skips nothing.

use std::collections::BTreeSet;

use super::*;
use crate::federation::{Federation, OnFailure};
use crate::memory::MemoryProvider;

/// An account of its own over calls in memory, which keeps whoever asks waiting once a page.
#[derive(Debug)]
struct Account {
    info: ProviderInfo,
    memory: MemoryProvider,
}

impl Account {
    fn new(vendor: &str, calls: impl IntoIterator<Item = Call>) -> Self {
        let memory = MemoryProvider::new(calls);
        let mut info = memory.info().clone();
        info.vendor = vendor.into();
        info.account = "main".into();
        info.identity = format!("{vendor}/main");
        Self { info, memory }
    }
}

#[async_trait]
impl CallProvider for Account {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    fn explain(&self, filter: &CallFilter) -> Result<Pushdown> {
        self.memory.explain(filter)
    }

    async fn list_page(&self, filter: &CallFilter, page: PageRequest) -> Result<CallPage> {
        let mut waited = false;
        std::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        self.memory.list_page(filter, page).await
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

/// Twelve calls, three or four of them at each instant, the first without a time.
fn dense(vendor: &str) -> Vec<Call> {
    (0..12)
        .map(|n| {
            let mut call = call_of(vendor, &format!("{vendor}{:02}", n * 7 % 12), 100 - n / 4);
            if n < 3 {
                call.placed_at = None;
            }
            call
        })
        .collect()
}

fn sparse(vendor: &str) -> Vec<Call> {
    [100, 99, 90, 50].map(|second| call_of(vendor, &format!("{vendor}{second}"), second)).into()
}

fn providers() -> Vec<(&'static str, Arc<dyn CallProvider>)> {
    let member = |vendor: &str, calls: Vec<Call>| {
        Arc::new(Account::new(vendor, calls)) as Arc<dyn CallProvider>
    };
    let members = [
        member("one", dense("one")),
        member("two", sparse("two")),
        member("three", dense("three")),
    ];
    vec![
        ("memory", member("one", dense("one"))),
        ("federation", Arc::new(Federation::new(members, OnFailure::Stop).unwrap())),
    ]
}

fn collect(mut calls: Calls) -> Vec<Call> {
    let mut collected = Vec::new();
    loop {
        match poll(&mut calls) {
            Poll::Ready(Some(call)) => collected.push(call.unwrap()),
            Poll::Ready(None) => break,
            Poll::Pending => {}
        }
    }
    assert!(calls.certificate().is_complete(), "{}", calls.certificate());
    collected
}

fn keys(calls: &[Call]) -> Vec<crate::OrderKey> {
    calls.iter().map(Call::order_key).collect()
}

#[test]
fn resuming_from_any_moment_gives_out_all_that_was_not() {
    for (name, provider) in providers() {
        let whole = keys(&collect(Calls::new(Arc::clone(&provider), CallFilter::new())));
        assert!(whole.is_sorted() && whole.len() >= 12);
        for page_size in 1..=5 {
            for limit in [None, Some(1), Some(4), Some(7), Some(11)] {
                let start = || {
                    let calls = Calls::new(Arc::clone(&provider), CallFilter::new());
                    calls.page_size(page_size)
                };
                let mut calls = start();
                if let Some(limit) = limit {
                    calls = calls.limit(limit);
                }
                let mut given = 0;
                // A moment: before the first poll, after each item, and while a page is waited for.
                for moment in 0.. {
                    let resumed = match calls.cursor() {
                        Some(cursor) => keys(&collect(start().resume(cursor))),
                        None => whole.clone(),
                    };
                    let place = format!("{name}, {page_size} a page, moment {moment}");
                    assert!(resumed.is_sorted(), "{place}");
                    let missing = &whole[given..];
                    assert_eq!(resumed, missing, "{place}: after {given}");
                    match poll(&mut calls) {
                        Poll::Pending => {}
                        Poll::Ready(Some(call)) => {
                            assert_eq!(call.unwrap().order_key(), whole[given], "{place}");
                            given += 1;
                        }
                        Poll::Ready(None) => break,
                    }
                }
                assert_eq!(given as u64, limit.unwrap_or(whole.len() as u64));
            }
        }
    }
}

#[test]
fn a_checkpoint_moves_on_with_the_listing() {
    let provider: Arc<dyn CallProvider> =
        Arc::new(MemoryProvider::new((0..30).map(|n| call(&format!("{n:02}"), -n))));
    let start = || Calls::new(Arc::clone(&provider), CallFilter::new()).page_size(5);
    let mut calls = start();
    let mut given = 0;
    while step(&mut calls).is_some() {
        given += 1;
        let Some(cursor) = calls.cursor() else { continue };
        assert_eq!(collect(start().resume(cursor)).len() + given, 30);
    }
    assert_eq!(calls.cursor(), None, "it was read to its end");
}

/// The page that a listing resumed there asks for first.
fn goes_on_at(cursor: Option<Cursor>) -> Option<Cursor> {
    let script = Script::new([last([]).into()]);
    all(&mut listing(&script).resume(cursor.expect("a place to go on")));
    script.asked().first().expect("a page was asked for").cursor.clone()
}

#[test]
fn after_a_failure_the_cursor_is_where_it_failed() {
    let script = Script::new([
        page(1, [call("a", 9)]).with_floor(Some(8)).into(),
        page(2, [call("b", 8), call("c", 7)]).with_floor(Some(6)).into(),
        ErrorKind::Unavailable.into(),
        last([call("d", 6)]).into(),
    ]);
    let mut calls = listing(&script);
    let mut latest = Vec::new();
    while let Some(item) = step(&mut calls) {
        latest.push((word(item), goes_on_at(calls.cursor())));
    }
    let at = |position| Some(cursor(position));
    assert_eq!(
        latest,
        [
            ("a".into(), at(1)),
            ("b".into(), at(1)),
            ("c".into(), at(2)),
            ("!unavailable".to_owned(), at(2))
        ]
    );
    let mut resumed = listing(&script).resume(calls.cursor().unwrap());
    assert_eq!(all(&mut resumed), ["d"]);
    assert_eq!(script.asked().last().unwrap().cursor, at(2));
}

#[test]
fn after_a_failure_the_calls_that_were_held_are_not_repeated_and_none_is_skipped() {
    let pages = || [page(1, [call("a", 9), call("b", 8)]).into(), ErrorKind::Unavailable.into()];
    let mut calls = listing(&Script::new(pages()));
    assert_eq!(word(step(&mut calls).unwrap()), "a");
    assert_eq!(goes_on_at(calls.cursor()), None, "\"b\" is of the first page");
    let mut resumed = listing(&Script::new(pages())).resume(calls.cursor().unwrap());
    assert_eq!(all(&mut resumed), ["b", "!unavailable"]);
    assert_eq!(word(step(&mut calls).unwrap()), "b");
    assert_eq!(goes_on_at(calls.cursor()), Some(cursor(1)));
}

#[test]
fn a_budget_that_is_used_up_leaves_the_place_to_go_on() {
    let script =
        Script::new([page(1, [call("a", 9), call("b", 8)]).into(), last([call("c", 7)]).into()]);
    let mut calls = listing(&script).max_requests(1);
    assert_eq!(all(&mut calls), ["a", "b", "!budget"]);
    let mut resumed = listing(&script).resume(calls.cursor().unwrap());
    assert_eq!(all(&mut resumed), ["c"]);
}

#[test]
fn a_page_of_ones_own_is_a_place_to_go_on_too() {
    let script =
        Script::new([page(8, [call("a", 9), call("b", 8)]).into(), last([call("c", 7)]).into()]);
    let mut calls = listing(&script).resume(cursor(7));
    assert_eq!(calls.cursor(), Some(cursor(7)));
    assert_eq!(word(step(&mut calls).unwrap()), "a");
    assert_eq!(goes_on_at(calls.cursor()), Some(cursor(7)));
    assert_eq!(word(step(&mut calls).unwrap()), "b");
    assert_eq!(goes_on_at(calls.cursor()), Some(cursor(8)));
}

#[test]
fn a_cursor_of_another_filter_or_provider_is_refused() {
    for (name, provider) in providers() {
        let filter = CallFilter::new().until(instant(1000));
        let mut calls = Calls::new(Arc::clone(&provider), filter.clone()).page_size(1);
        let cursor = loop {
            assert!(!matches!(poll(&mut calls), Poll::Ready(None)));
            if let Some(cursor) = calls.cursor() {
                break cursor;
            }
        };
        let refused = |provider: &Arc<dyn CallProvider>, filter: CallFilter| {
            let mut calls = Calls::new(Arc::clone(provider), filter).resume(cursor.clone());
            let error = loop {
                if let Poll::Ready(item) = poll(&mut calls) {
                    break item.unwrap().unwrap_err();
                }
            };
            assert_eq!(error.kind(), ErrorKind::InvalidCursor, "{name}");
            assert!(matches!(poll(&mut calls), Poll::Ready(None)));
            assert!(!calls.certificate().is_complete());
        };
        refused(&provider, CallFilter::new());
        refused(&provider, filter.clone().since(instant(0)));
        for (other, provider) in providers() {
            if other != name {
                refused(&provider, filter.clone());
            }
        }
        // The right one is taken, even in another process.
        let text = cursor.to_string();
        let resumed = Calls::new(provider, filter).resume(text.parse().unwrap());
        let ids: BTreeSet<_> = collect(resumed).into_iter().map(|call| call.id).collect();
        assert!(!ids.is_empty());
    }
}

#[test]
fn what_was_known_against_a_listing_is_known_to_the_one_that_goes_on() {
    let broken = Reason::OrderBroken { vendor: "script".into(), account: "main".into() };
    let mut first = page(1, [call("a", 9), call("b", 8)]);
    first.sources[0].reasons.push(broken.clone());
    let mut calls = listing(&Script::new([first.into(), ErrorKind::Unavailable.into()]));
    assert_eq!(all(&mut calls), ["a", "b", "!unavailable"]);
    let mut resumed = listing(&Script::new([last([]).into()])).resume(calls.cursor().unwrap());
    assert!(all(&mut resumed).is_empty());
    assert_eq!(resumed.certificate().reasons, [broken]);
}

#[test]
fn what_was_given_past_a_failure_hides_nothing_that_belongs_before_it() {
    // "b" is given though the failed page may hold others of its instant, as it does: "aa", which comes before it.
    let mut calls = listing(&Script::new([
        page(1, [call("a", 9), call("b", 8)]).into(),
        ErrorKind::Unavailable.into(),
    ]));
    assert_eq!(all(&mut calls), ["a", "b", "!unavailable"]);
    let rest = Script::new([last([call("b", 8), call("aa", 8), call("c", 7)]).into()]);
    let mut resumed = listing(&rest).resume(calls.cursor().unwrap());
    assert_eq!(all(&mut resumed), ["aa", "c"]);
    assert!(resumed.certificate().is_complete(), "{}", resumed.certificate());
}
