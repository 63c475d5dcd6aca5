//! Pages as the vendor's framework sends them, whole and trimmed, and how they follow one another.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

mod support;

use callmux_autocalls::Autocalls;
use callmux_core::{CallFilter, CallProvider as _, CallProviderExt as _, ErrorKind, PageRequest};
use callmux_http::Answer;
use support::{file, ok, provider};

/// Rows, page, last page, size, total, and whether a next page is named.
type Seen = (usize, Option<u64>, Option<u64>, Option<u32>, Option<u64>, Option<bool>);

fn seen(body: &[u8]) -> Seen {
    let Answer { rows, envelope } = Answer::read(&Autocalls::default(), body).unwrap();
    assert_eq!(envelope.next_token, None);
    (
        rows.len(),
        envelope.page,
        envelope.last_page,
        envelope.page_size,
        envelope.total,
        envelope.has_more,
    )
}

#[test]
fn every_form_of_the_metadata_is_read() {
    let full = |rows, page, last, size, total, more| {
        (rows, Some(page), Some(last), Some(size), Some(total), Some(more))
    };
    for (name, expected) in [
        ("documented/list_calls.autocalls_docs.json", full(1, 1, 10, 15, 150, true)),
        (
            "documented/list_calls.intellixent_docs_trimmed.json",
            (1, Some(1), Some(10), Some(15), Some(150), None),
        ),
        (
            "documented/list_calls.otonistark_field_list.json",
            (1, Some(1), Some(1), Some(15), Some(1), None),
        ),
        (
            "documented/list_calls.famulor_docs_2025_trimmed_meta.json",
            (2, Some(1), Some(1), Some(15), Some(2), None),
        ),
        ("documented/list_calls.famulor_docs_2026.json", full(2, 1, 4, 15, 52, true)),
        ("list_calls.synthetic_mixed_page.json", full(7, 1, 1, 15, 7, false)),
        ("list_calls.integrator_fixture_sparse_rows.json", (2, None, None, None, Some(2), None)),
        ("paginator/laravel8.data_as_keyed_object.json", full(1, 1, 3, 2, 5, true)),
        ("paginator/laravel8.string_per_page.json", full(2, 1, 3, 2, 5, true)),
        ("paginator/laravel10.page1_of_3.json", full(2, 1, 3, 2, 5, true)),
        ("paginator/laravel12.page1_of_3.json", full(2, 1, 3, 2, 5, true)),
        ("paginator/laravel12.page3_of_3_last.json", full(1, 3, 3, 2, 5, false)),
        ("paginator/laravel12.beyond_last_page.json", full(0, 4, 3, 2, 5, false)),
        ("paginator/laravel12.no_rows.json", full(0, 1, 1, 15, 0, false)),
        ("paginator/laravel12.middle_of_40_ellipsis.json", full(1, 20, 40, 100, 4000, true)),
        ("paginator/laravel12.with_query_string.json", full(2, 1, 3, 2, 5, true)),
        ("observed/page-first.json", full(15, 1, 334, 15, 5000, true)),
        ("observed/page-middle.json", full(2, 1200, 2500, 2, 5000, true)),
        ("observed/page-last.json", full(8, 313, 313, 16, 5000, false)),
        ("observed/page-beyond-last.json", full(0, 314, 313, 16, 5000, false)),
        ("observed/page-zero.json", full(2, 1, 2500, 2, 5000, true)),
        ("observed/page-int-max.json", full(2, i64::MAX as u64, 2500, 2, 5000, false)),
        ("observed/empty-filter.json", full(0, 1, 1, 15, 0, false)),
        ("observed/filter-links-drop-query.json", full(2, 2, 668, 2, 1335, true)),
        ("observed/quirk-with-query.json", full(2, 1, 668, 2, 1335, true)),
        ("observed/quirk-lenient-per-page-1000.json", full(0, 1, 1, 100, 0, false)),
        ("observed/quirk-trimmed-1.json", (2, Some(1), Some(668), Some(2), Some(1335), None)),
        ("observed/quirk-trimmed-2.json", (2, None, None, Some(2), Some(1335), None)),
        ("observed/style-12-page.json", full(2, 1, 668, 2, 1335, true)),
    ] {
        assert_eq!(seen(&file(name)), expected, "{name}");
    }
    let meta = br#"{"data": [{}], "links": {"next": null},
        "meta": {"current_page": 2, "last_page": "9", "per_page": 1, "total": 9, "from": 2}}"#;
    assert_eq!(seen(meta), (1, Some(2), Some(9), Some(1), Some(9), None));
    let nothing =
        br#"{"data": {}, "total": -1, "per_page": "many", "last_page": null, "meta": []}"#;
    assert_eq!(seen(nothing), (0, None, None, None, None, None));
}

#[test]
fn rows_keyed_by_index_come_in_the_order_sent() {
    let body = br#"{"data": {"3": {"id": 1}, "1": {"id": 2}, "2": {"id": 3}}}"#;
    let rows = Answer::read(&Autocalls::default(), body).unwrap().rows;
    assert_eq!(
        rows.iter().map(|row| row.get()).collect::<Vec<_>>(),
        [r#"{"id": 1}"#, r#"{"id": 2}"#, r#"{"id": 3}"#]
    );
}

#[test]
fn what_is_no_list_of_calls_is_said_to_be_none() {
    for body in [
        "[]",
        "{}",
        "null",
        "7",
        r#"{"data": null}"#,
        r#"{"data": "x"}"#,
        r#"{"data": 7}"#,
        r#"{"message": "ok"}"#,
        r#"{"data": [}"#,
        r#"{"data": [{"id": 1}"#,
    ] {
        assert!(Answer::read(&Autocalls::default(), body.as_bytes()).is_err(), "{body}");
    }
}

fn body(ids: std::ops::Range<u32>, rest: &str) -> String {
    let row =
        |id| format!(r#"{{"id": {id}, "created_at": "2026-10-12 10:00:{:02}"}}"#, 59 - id % 60);
    let rows: Vec<String> = ids.map(row).collect();
    format!(r#"{{"data": [{}] {rest}}}"#, rows.join(","))
}

/// How many requests it takes to list these pages, of twenty rows wanted, and how many calls come of it.
async fn listed(pages: Vec<String>) -> (usize, usize) {
    let (account, canned) = provider(pages.into_iter().map(ok).collect());
    let mut listing = account.calls(CallFilter::new()).page_size(20);
    let mut calls = 0;
    while let Some(call) = listing.next().await {
        call.unwrap();
        calls += 1;
    }
    (canned.asked().len(), calls)
}

/// After twenty rows, page 2 of 18 is asked for: the last two come again.
#[tokio::test]
async fn a_walk_ends_by_whichever_number_is_there() {
    let link = r#", "next_page_url": "https://elsewhere.example/api/user/calls?page=2""#;
    let no_link = r#", "next_page_url": null"#;
    for (pages, expected) in [
        // A short page is the last, if nothing else is said.
        (vec![body(0..9, "")], (1, 9)),
        (vec![body(0..9, r#", "last_page": 1, "total": 9, "per_page": 20"#)], (1, 9)),
        (vec![body(0..0, "")], (1, 0)),
        // Longer than a page that nobody gave a size for, and short: the vendor's size and its count, in either documented
        // form, tell it from one that was cut. The size alone does not, so the page behind it is looked at.
        (
            vec![body(
                0..17,
                r#", "current_page": 1, "last_page": 1, "per_page": 20, "total": 17"#,
            )],
            (1, 17),
        ),
        (vec![body(0..17, r#", "per_page": 20, "total": 17"#)], (1, 17)),
        (vec![body(0..17, r#", "per_page": 20"#), body(15..17, r#", "per_page": 15"#)], (2, 17)),
        // A full page is not the last for a number that says so: it may have been counted before the rows were read.
        (vec![body(0..20, r#", "last_page": 1"#), body(18..20, r#", "last_page": 2"#)], (2, 20)),
        (
            vec![
                body(0..20, r#", "total": 20, "per_page": "20""#),
                body(18..21, r#", "total": 21, "per_page": "18""#),
            ],
            (2, 21),
        ),
        (
            vec![body(0..20, r#", "total": 20, "next_page_url": null"#), body(18..21, no_link)],
            (2, 21),
        ),
        // Only a link, which looks beyond the page and is not followed.
        (vec![body(0..20, no_link)], (1, 20)),
        (vec![body(0..20, link), body(18..36, no_link)], (2, 36)),
        // Nothing at all.
        (vec![body(0..20, ""), body(18..20, "")], (2, 20)),
        // A short page that is said not to be the last: what comes again, and nothing more, is.
        (vec![body(0..9, r#", "last_page": 2"#), body(7..9, r#", "last_page": 2"#)], (2, 9)),
        // The walk is over with the second page. That three more were counted is a matter for the listing: it has the vendor
        // count once more, by a page of one row, and now it counts what was read.
        (
            vec![
                body(0..9, r#", "total": 12"#),
                body(7..9, r#", "total": 12"#),
                body(0..1, r#", "total": 9"#),
            ],
            (3, 9),
        ),
    ] {
        assert_eq!(listed(pages).await, expected);
    }
}

#[tokio::test]
async fn the_next_page_is_asked_for_by_number_with_the_whole_filter() {
    let first = r#", "current_page": 1, "last_page": 2, "total": 23, "per_page": 20,
        "next_page_url": "https://elsewhere.example/api/user/calls?page=2""#;
    let second = r#", "current_page": 2, "last_page": 2, "total": 23, "per_page": 18"#;
    let (account, canned) = provider(vec![ok(body(0..20, first)), ok(body(18..23, second))]);
    let filter = CallFilter::new().agent("7").status([callmux_core::CallStatus::Busy]);
    let mut listing = account.calls(filter).page_size(20);
    while listing.next().await.is_some() {}
    let base = "https://app.autocalls.ai/api/user/calls?status=busy&assistant_id=7";
    assert_eq!(
        canned.asked(),
        [format!("{base}&page=1&per_page=20"), format!("{base}&page=2&per_page=18")]
    );
}

#[tokio::test]
async fn an_answer_of_another_page_is_noticed() {
    let (account, _) = provider(vec![ok(file("observed/page-middle.json"))]);
    let error = account.list_page(&CallFilter::new(), PageRequest::first()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stalled);
}

#[tokio::test]
async fn the_agent_that_was_asked_for_is_written_into_the_calls() {
    let (account, _) = provider(vec![ok(file("observed/page-first.json"))]);
    let filter = CallFilter::new().agent("7").campaign("9");
    let page = account.list_page(&filter, PageRequest::first()).await.unwrap();
    assert_eq!(page.calls.len(), 15);
    let total = Some(5000);
    assert_eq!(page.total, total, "both conditions are vouched for");
    for call in &page.calls {
        let agent = call.agent.as_ref().unwrap();
        assert_eq!(agent.id.as_deref(), Some("7"));
        assert!(agent.name.is_some());
        assert_eq!(call.campaign.as_ref().unwrap().id.as_deref(), Some("9"));
    }
}
