//! The conformance suite is itself tested: providers that are wrong in one way each, and the check that must notice.
//!
//! The report reads as a table: `caught::FAULT::CHECK`. With `--nocapture`, each line says how it was noticed.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, Once};

use async_trait::async_trait;
use callmux::http::paging::{KeysetPosition, Observed, Paging, Stalled, Step, TimeKeyset};
use callmux::http::{
    Dialect, Envelope, EnvelopeError, Fault, HttpProvider, Plan, Request, Response, RowError,
    Source, Vendor,
};
use callmux::vapi::Vapi;
use callmux::{
    Call, CallFilter, CallPage, CallProvider, CallStatus, Cursor, Error, ErrorKind, Field,
    PageRequest, ProviderInfo, Pushdown, RawJson, Result, Support,
};
use callmux_testkit::conformance::{self, Http, Opened, Setup, Subject};
use callmux_testkit::{conformance_suite, sims};
use callmux_tests::{AUTOCALLS, BURKI, VAPI, VendorUnderTest};
use chrono::{SecondsFormat, SubsecRound as _, TimeDelta};

/// What is wrong with a dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaks {
    Right,
    StatusClaimedAndNotSent,
    UntilClaimedAndNotSent,
    UntilRoundedInward,
    OnlyTheFirstId,
    DurationForgotten,
    TheImpossible,
    AgentTrustedAndNotSent,
    StrictBound,
    FullPageForTheLast,
    TiesBeyondAPageSkipped,
    FloorTooLow,
    SmallPages,
    AnyAnswerForAnEmptyPage,
    PanicAtABadRow,
    IdMadeUp,
    UnknownStatusRefused,
    PlacedByStart,
    RefusedKeyTriedAgain,
    ThrottlingGivenUp,
    ForbiddenForUnauthenticated,
    GetWithoutTheId,
}

/// Vapi's dialect, wrong in one way. It declares the best of every field, so that no claim is refused for its declaration.
#[derive(Clone, Copy, Debug)]
struct Broken(Speaks);

const BEST: &[(Field, Support)] = &[
    (Field::Placed, Support::Exact),
    (Field::Updated, Support::Exact),
    (Field::Status, Support::Exact),
    (Field::Direction, Support::Exact),
    (Field::Channel, Support::Exact),
    (Field::Customer, Support::Exact),
    (Field::Agent, Support::Exact),
    (Field::Campaign, Support::Exact),
    (Field::EndedReason, Support::Exact),
    (Field::Duration, Support::Exact),
    (Field::Cost, Support::Exact),
    (Field::Id, Support::Exact),
];

impl Dialect for Broken {
    type Row<'a> = <Vapi as Dialect>::Row<'a>;
    type Paging = BrokenPaging;

    const VENDOR: Vendor = Vendor { capabilities: BEST, ..Vapi::VENDOR };

    fn paging(&self) -> BrokenPaging {
        let mut keyset = Vapi.paging();
        // `createdAtLt` leaves its instant out.
        keyset.inclusive = self.0 == Speaks::StrictBound;
        BrokenPaging(keyset, self.0)
    }

    fn plan(&self, filter: &CallFilter) -> Result<Plan> {
        let mut plan = Vapi.plan(filter)?;
        let drop = |plan: &mut Plan, name| plan.parameters.retain(|sent| sent.name != name);
        match self.0 {
            Speaks::StatusClaimedAndNotSent if filter.status.is_some() => {
                plan.serve(Field::Status, Support::Exact);
            }
            Speaks::UntilClaimedAndNotSent => drop(&mut plan, "createdAtLt"),
            Speaks::UntilRoundedInward => {
                if let Some(until) = filter.placed.until {
                    drop(&mut plan, "createdAtLt");
                    let inward = until.trunc_subsecs(3);
                    plan.send("createdAtLt", inward.to_rfc3339_opts(SecondsFormat::Millis, true));
                }
            }
            Speaks::OnlyTheFirstId => {
                drop(&mut plan, "id");
                let first = filter.ids.iter().flatten().next();
                first.into_iter().for_each(|id| plan.send("id", id.as_str()));
            }
            Speaks::DurationForgotten => drop_condition(&mut plan, Field::Duration),
            Speaks::TheImpossible => plan.impossible = None,
            Speaks::AgentTrustedAndNotSent if filter.agent.is_some() => {
                drop(&mut plan, "assistantId");
                plan.serve(Field::Agent, Support::Trusted);
            }
            _ => {}
        }
        Ok(plan)
    }

    fn envelope(&self, body: &str) -> std::result::Result<Envelope, EnvelopeError> {
        let envelope = Vapi.envelope(body);
        match self.0 {
            Speaks::AnyAnswerForAnEmptyPage => Ok(envelope.unwrap_or_default()),
            _ => envelope,
        }
    }

    fn call(&self, row: Self::Row<'_>, source: &Source) -> std::result::Result<Call, RowError> {
        let call = Vapi.call(row, source);
        match self.0 {
            Speaks::PanicAtABadRow => Ok(call.unwrap()),
            Speaks::IdMadeUp => Ok(call.unwrap_or_else(|_| source.call("unknown"))),
            Speaks::UnknownStatusRefused => call
                .ok()
                .filter(|call| call.status.value != CallStatus::Unknown)
                .ok_or_else(|| RowError::new("it has an unknown status")),
            Speaks::PlacedByStart => {
                let mut call = call?;
                call.placed_at = call.times.started.or(call.placed_at);
                Ok(call)
            }
            _ => call,
        }
    }

    fn get_path(&self, id: &str) -> Option<String> {
        match self.0 {
            Speaks::GetWithoutTheId => Some("/call".to_owned()),
            _ => Vapi.get_path(id),
        }
    }

    fn classify(&self, request: &Request, response: &Response, fault: Fault) -> Fault {
        let mut fault = Vapi.classify(request, response, fault);
        match (self.0, response.status) {
            (Speaks::RefusedKeyTriedAgain, 401) => fault.transient = true,
            (Speaks::ThrottlingGivenUp, 429) => fault.transient = false,
            (Speaks::ForbiddenForUnauthenticated, 403) => fault.kind = ErrorKind::Unauthenticated,
            _ => {}
        }
        fault
    }
}

fn drop_condition(plan: &mut Plan, field: Field) {
    plan.conditions.remove(&field);
}

/// Vapi's paging, wrong in one way.
#[derive(Clone, Copy, Debug)]
struct BrokenPaging(TimeKeyset, Speaks);

impl Paging for BrokenPaging {
    type Position = KeysetPosition;

    fn first(&self) -> KeysetPosition {
        self.0.first()
    }

    fn page_size(&self, at: &KeysetPosition, wanted: u32, max: u32) -> u32 {
        let wanted = if self.1 == Speaks::SmallPages { wanted / 4 } else { wanted };
        self.0.page_size(at, wanted, max)
    }

    fn parameters(&self, at: &KeysetPosition, page_size: u32) -> Vec<(&'static str, String)> {
        self.0.parameters(at, page_size)
    }

    fn next(
        &self,
        at: &KeysetPosition,
        page: &Observed,
    ) -> std::result::Result<Step<KeysetPosition>, Stalled> {
        let mut page = page.clone();
        if self.1 == Speaks::TiesBeyondAPageSkipped {
            // As if no page could be larger.
            page.max = page.asked;
        }
        let mut step = self.0.next(at, &page)?;
        match self.1 {
            Speaks::FullPageForTheLast if page.rows() == page.asked => step.next = None,
            Speaks::TiesBeyondAPageSkipped => step.findings.clear(),
            Speaks::FloorTooLow => {
                step.floor.iter_mut().for_each(|floor| floor.at -= TimeDelta::days(1));
            }
            _ => {}
        }
        Ok(step)
    }

    fn total_is_whole(&self, at: &KeysetPosition) -> bool {
        self.0.total_is_whole(at)
    }
}

/// A provider of a dialect that is wrong in one way.
fn speaks(wrong: Speaks) -> impl Subject {
    Http::new(sims::vapi::simulate, move |link| {
        link.connect(HttpProvider::builder(Broken(wrong), ""))
    })
}

/// What is wrong with a wrapper around a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wraps {
    Right,
    DurationDropped,
    UnsupportedDropped,
    EmptyPageForTheLast,
    EndJudgedAfterTheCheck,
    SizeForALimit,
    ForeignCursorForNone,
    PlaceKeptHere,
    APageSkipped,
    FilteredRowsCounted,
    TotalOfThePage,
    AllRowsOfAPageOrNone,
    BadRowsHidden,
    ABadRowForAGoodOne,
    RowsKeptUnasked,
    RowsRewritten,
    ExplainedTooWell,
    ExplainedInPart,
    KeyInDebug,
    NumberInErrors,
    AskedTwice,
    AskedWhenOpened,
    NothingChecked,
    AnotherCallGot,
    EndByTheFirstTotal,
    ACallLostForEachThatGoes,
    TimelessCallsDropped,
}

/// A wrapper around a provider, wrong in one way.
struct Wrapper {
    inner: Arc<dyn CallProvider>,
    wrong: Wraps,
    key: String,
    place: Mutex<Option<Cursor>>,
    /// The rows of the listing so far, and its first total.
    rows: Mutex<(u64, Option<u64>)>,
}

impl std::fmt::Debug for Wrapper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = if self.wrong == Wraps::KeyInDebug { self.key.as_str() } else { "…" };
        f.debug_struct("Wrapper").field("inner", &self.inner).field("key", &shown).finish()
    }
}

impl Wrapper {
    /// The filter that the wrapped provider sees.
    fn filter(&self, filter: &CallFilter) -> CallFilter {
        let mut filter = filter.clone();
        match self.wrong {
            Wraps::DurationDropped => filter.duration = None,
            Wraps::UnsupportedDropped => {
                filter.campaign = None;
                filter.ended_reason = None;
                filter.updated = callmux::TimeRange::default();
            }
            _ => {}
        }
        filter
    }

    async fn page(&self, filter: &CallFilter, mut request: PageRequest) -> Result<CallPage> {
        let is_first = request.cursor.is_none();
        if self.wrong == Wraps::RowsKeptUnasked {
            request.keep_raw = true;
        }
        if self.wrong == Wraps::PlaceKeptHere && !is_first {
            request.cursor.clone_from(&self.place.lock().unwrap());
        }
        if self.wrong == Wraps::AskedTwice {
            self.inner.list_page(filter, request.clone()).await?;
        }
        let size = request.size.map(|size| size.get() as usize);
        let mut page = self.inner.list_page(filter, request.clone()).await;
        if self.wrong == Wraps::ForeignCursorForNone
            && page.as_ref().is_err_and(|error| error.kind() == ErrorKind::InvalidCursor)
        {
            request.cursor = None;
            page = self.inner.list_page(filter, request.clone()).await;
        }
        let mut page = page?;
        match self.wrong {
            Wraps::EmptyPageForTheLast if page.calls.is_empty() => page.next = None,
            Wraps::EndJudgedAfterTheCheck if size.is_some_and(|size| page.calls.len() < size) => {
                page.next = None;
            }
            Wraps::SizeForALimit if size.is_some() => page.next = None,
            Wraps::PlaceKeptHere => self.place.lock().unwrap().clone_from(&page.next),
            Wraps::APageSkipped => {
                if let Some(next) = page.next.take() {
                    request.cursor = Some(next);
                    page.next = self.inner.list_page(filter, request).await?.next;
                }
            }
            Wraps::FilteredRowsCounted => {
                page.total = Some(page.sources.iter().map(|source| source.rows).sum());
            }
            Wraps::TotalOfThePage => page.total = Some(page.calls.len() as u64),
            Wraps::AllRowsOfAPageOrNone if !page.rejected.is_empty() => {
                return Err(Error::new(ErrorKind::Malformed, "a row cannot be read"));
            }
            Wraps::BadRowsHidden => page.rejected.clear(),
            Wraps::ABadRowForAGoodOne => {
                page.calls.truncate(page.calls.len().saturating_sub(page.rejected.len()));
            }
            Wraps::RowsRewritten => page.calls.iter_mut().for_each(|call| {
                call.raw = call.raw.take().map(|raw| {
                    let value: serde_json::Value = serde_json::from_str(raw.get()).unwrap();
                    RawJson::new(serde_json::value::to_raw_value(&value).unwrap())
                });
            }),
            Wraps::EndByTheFirstTotal => {
                let mut so_far = self.rows.lock().unwrap();
                if is_first {
                    *so_far = (0, page.sources[0].total);
                }
                so_far.0 += page.sources[0].rows;
                if so_far.1.is_some_and(|total| so_far.0 >= total) {
                    page.next = None;
                }
                // Told of it, the listing would count again and read on.
                page.sources[0].total = None;
            }
            Wraps::ACallLostForEachThatGoes => {
                let mut so_far = self.rows.lock().unwrap();
                let total = page.sources[0].total.take();
                if !is_first && total < so_far.1 {
                    page.calls.pop();
                }
                so_far.1 = total;
            }
            Wraps::TimelessCallsDropped => page.calls.retain(|call| call.placed_at.is_some()),
            _ => {}
        }
        Ok(page)
    }
}

#[async_trait]
impl CallProvider for Wrapper {
    fn info(&self) -> &ProviderInfo {
        self.inner.info()
    }

    fn explain(&self, filter: &CallFilter) -> Result<Pushdown> {
        let mut pushdown = self.inner.explain(&self.filter(filter))?;
        for plan in &mut pushdown.plans {
            match self.wrong {
                Wraps::ExplainedTooWell => {
                    plan.conditions.values_mut().for_each(|served| served.support = Support::Exact);
                }
                Wraps::ExplainedInPart => drop(plan.sent.pop()),
                _ => {}
            }
        }
        Ok(pushdown)
    }

    async fn list_page(&self, filter: &CallFilter, request: PageRequest) -> Result<CallPage> {
        let page = self.page(&self.filter(filter), request).await;
        if self.wrong == Wraps::NumberInErrors {
            let said = serde_json::to_string(&filter.customer).unwrap();
            return page.map_err(|error| Error::new(error.kind(), format!("{error}, for {said}")));
        }
        page
    }

    async fn get(&self, id: &str) -> Result<Call> {
        if self.wrong == Wraps::AnotherCallGot {
            let page = self.inner.list_page(&CallFilter::new(), PageRequest::first()).await?;
            return Ok(page.calls[0].clone());
        }
        self.inner.get(id).await
    }

    async fn check(&self) -> Result<()> {
        if self.wrong == Wraps::NothingChecked {
            return Ok(());
        }
        self.inner.check().await
    }
}

/// A vendor's provider in a wrapper that is wrong in one way.
struct Wrapped(VendorUnderTest, Wraps);

impl Subject for Wrapped {
    fn open(&self, setup: &Setup) -> Opened {
        let Opened { provider: inner, simulators } = self.0.open(setup);
        if self.1 == Wraps::AskedWhenOpened {
            let provider = Arc::clone(&inner);
            // A check runs this inside of a runtime, which cannot run another on its own thread.
            let ask = || conformance::run(async { drop(provider.check().await) });
            std::thread::scope(|scope| scope.spawn(ask).join().unwrap());
        }
        let key = setup.key.clone();
        let wrapper =
            Wrapper { inner, wrong: self.1, key, place: Mutex::default(), rows: Mutex::default() };
        Opened { provider: Arc::new(wrapper), simulators }
    }
}

fn wraps(wrong: Wraps) -> Wrapped {
    Wrapped(VAPI, wrong)
}

/// The wrong providers are made of these, with nothing wrong: so what is noticed below is the fault, and not what carries it.
struct Control;

impl Subject for Control {
    fn open(&self, setup: &Setup) -> Opened {
        let Opened { provider: inner, simulators } = speaks(Speaks::Right).open(setup);
        let wrapper = Wrapper {
            inner,
            wrong: Wraps::Right,
            key: setup.key.clone(),
            place: Mutex::default(),
            rows: Mutex::default(),
        };
        Opened { provider: Arc::new(wrapper), simulators }
    }
}

mod control {
    use super::*;
    conformance_suite!(Control);
}

thread_local! {
    /// Whether a panic of this thread is what is hoped for.
    static HOPED_FOR: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Runs a check that must fail, and says how it did.
fn must_fail(fault: &str, check: &str, run: impl FnOnce()) {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !HOPED_FOR.get() {
                loud(panic);
            }
        }));
    });
    HOPED_FOR.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(run));
    HOPED_FOR.set(false);
    let Err(panic) = outcome else { panic!("{check} did not notice {fault}") };
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref().copied()).unwrap_or_default();
    println!("{fault} → {check}: {}", said.lines().next().unwrap_or_default());
}

macro_rules! caught {
    ($($fault:ident: $subject:expr => $($check:ident)+;)+) => {
        mod caught {
            $(mod $fault {
                use super::super::*;
                $(
                    #[test]
                    fn $check() {
                        let subject = $subject;
                        must_fail(stringify!($fault), stringify!($check), || {
                            conformance::run(conformance::$check(&subject));
                        });
                    }
                )+
            })+
        }
    };
}

caught! {
    // What a plan may get wrong.
    a_status_claimed_exact_and_not_sent: speaks(Speaks::StatusClaimedAndNotSent) => exact_means_exact;
    an_until_claimed_exact_and_not_sent: speaks(Speaks::UntilClaimedAndNotSent) => exact_means_exact;
    an_until_rounded_inward: speaks(Speaks::UntilRoundedInward) => equals_memory_for_any_filter_and_page_size;
    only_the_first_of_many_ids_sent: speaks(Speaks::OnlyTheFirstId) => equals_memory_for_any_filter_and_page_size;
    a_condition_not_accounted_for: speaks(Speaks::DurationForgotten) => claims_no_more_than_it_declares;
    an_impossible_filter_sent: speaks(Speaks::TheImpossible) => sends_nothing_for_what_cannot_match_or_be_asked;
    an_agent_written_though_not_vouched_for: speaks(Speaks::AgentTrustedAndNotSent) => exact_means_exact;

    // What paging may get wrong.
    a_strict_bound_that_loses_ties: speaks(Speaks::StrictBound)
        => lists_each_call_once_in_order equals_memory_for_any_filter_and_page_size;
    a_full_page_taken_for_the_last: speaks(Speaks::FullPageForTheLast) => lists_each_call_once_in_order;
    ties_beyond_a_small_page_skipped: speaks(Speaks::TiesBeyondAPageSkipped) => equals_memory_for_any_filter_and_page_size;
    a_floor_below_what_still_comes: speaks(Speaks::FloorTooLow) => equals_memory_for_any_filter_and_page_size;
    pages_smaller_than_asked_for: speaks(Speaks::SmallPages) => asks_no_more_often_than_it_must;
    an_empty_page_taken_for_the_last: wraps(Wraps::EmptyPageForTheLast) => equals_memory_for_any_filter_and_page_size;
    an_end_judged_after_the_check: wraps(Wraps::EndJudgedAfterTheCheck) => a_limit_counts_matches;
    a_page_size_taken_for_a_limit: wraps(Wraps::SizeForALimit) => lists_each_call_once_in_order;
    a_page_skipped: wraps(Wraps::APageSkipped) => lists_each_call_once_in_order;
    an_end_told_by_the_first_total: Wrapped(AUTOCALLS, Wraps::EndByTheFirstTotal) => arrivals_during_a_listing_lose_nothing;
    a_call_lost_for_each_that_goes: Wrapped(AUTOCALLS, Wraps::ACallLostForEachThatGoes)
        => deletions_during_a_listing_are_not_hidden;
    calls_without_a_time_dropped: Wrapped(BURKI, Wraps::TimelessCallsDropped) => lists_each_call_once_in_order;
    every_page_asked_for_twice: wraps(Wraps::AskedTwice) => asks_no_more_often_than_it_must;

    // What an envelope and a row may get wrong.
    any_answer_taken_for_an_empty_page: speaks(Speaks::AnyAnswerForAnEmptyPage)
        => ends_with_an_error_when_faults_persist;
    a_page_lost_for_one_row: wraps(Wraps::AllRowsOfAPageOrNone) => one_bad_row_is_one_bad_row;
    a_total_of_the_page_alone: wraps(Wraps::TotalOfThePage) => exact_means_exact;
    a_total_that_counts_filtered_rows: wraps(Wraps::FilteredRowsCounted) => exact_means_exact;
    a_panic_at_a_bad_row: speaks(Speaks::PanicAtABadRow) => one_bad_row_is_one_bad_row;
    an_id_made_up_for_a_bad_row: speaks(Speaks::IdMadeUp) => one_bad_row_is_one_bad_row;
    bad_rows_hidden: wraps(Wraps::BadRowsHidden) => one_bad_row_is_one_bad_row;
    a_bad_row_in_the_place_of_a_good_one: wraps(Wraps::ABadRowForAGoodOne)
        => bad_rows_do_not_count_toward_a_limit;
    an_unknown_status_refused: speaks(Speaks::UnknownStatusRefused) => lists_each_call_once_in_order;
    another_time_than_the_vendor_filters_by: speaks(Speaks::PlacedByStart) => exact_means_exact;
    rows_written_anew: Wrapped(AUTOCALLS, Wraps::RowsRewritten) => keeps_rows_to_the_byte;
    rows_kept_unasked: wraps(Wraps::RowsKeptUnasked) => keeps_rows_to_the_byte;

    // What a wrapper may get wrong.
    a_condition_dropped: wraps(Wraps::DurationDropped) => equals_memory_for_any_filter_and_page_size;
    an_unsupported_condition_dropped: Wrapped(BURKI, Wraps::UnsupportedDropped) => sends_nothing_for_what_cannot_match_or_be_asked;
    a_foreign_cursor_taken_for_none: wraps(Wraps::ForeignCursorForNone) => refuses_foreign_cursors;
    a_place_kept_beside_the_cursor: wraps(Wraps::PlaceKeptHere) => resumes_from_every_cursor;
    an_explanation_better_than_declared: wraps(Wraps::ExplainedTooWell) => claims_no_more_than_it_declares exact_means_exact;
    an_explanation_that_leaves_a_parameter_out: wraps(Wraps::ExplainedInPart) => sends_what_it_explains;
    a_request_when_opened: wraps(Wraps::AskedWhenOpened) => sends_nothing_before_it_is_polled;

    // What an answer to a fault, a key or an id may get wrong.
    a_refused_key_tried_again: speaks(Speaks::RefusedKeyTriedAgain) => tells_a_good_key_from_a_bad_one;
    throttling_given_up_on: speaks(Speaks::ThrottlingGivenUp) => rides_out_passing_faults ends_with_an_error_when_faults_persist;
    another_kind_of_error: speaks(Speaks::ForbiddenForUnauthenticated) => ends_with_an_error_when_faults_persist;
    a_check_that_asks_nobody: wraps(Wraps::NothingChecked) => tells_a_good_key_from_a_bad_one;
    a_list_fetched_for_one_call: speaks(Speaks::GetWithoutTheId) => gives_one_call_by_its_id;
    another_call_fetched: wraps(Wraps::AnotherCallGot) => gives_one_call_by_its_id;
    a_key_in_debug: wraps(Wraps::KeyInDebug) => shows_no_secret;
    a_number_in_errors: wraps(Wraps::NumberInErrors) => shows_no_secret;
}

/// A check that no fault here fails might be one that cannot fail.
#[test]
fn every_check_catches_something() {
    let this = std::env::current_exe().unwrap();
    let listed = std::process::Command::new(this).arg("--list").output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let names = || listed.lines().filter_map(|line| line.strip_suffix(": test"));
    let checks: Vec<&str> = names().filter_map(|name| name.strip_prefix("control::")).collect();
    assert!(checks.len() >= 20, "{checks:?}");
    for check in checks {
        let catches =
            |name: &str| name.starts_with("caught::") && name.ends_with(&format!("::{check}"));
        assert!(names().any(catches), "no fault here is caught by {check}");
    }
}
