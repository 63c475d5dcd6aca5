//! How a listing begins, waits and ends.

use super::*;

#[test]
fn nothing_is_sent_before_the_first_poll() {
    let script = Script::new([last([call("a", 9)]).into()]);
    let mut calls = listing(&script).limit(5).page_size(10).keep_raw().max_requests(3);
    assert!(script.asked().is_empty());
    assert!(!calls.certificate().is_complete());
    assert_eq!(calls.certificate().reasons, [Reason::NotFinished]);
    assert_eq!(all(&mut calls), ["a"]);
    assert_eq!(script.asked().len(), 1);
}

#[test]
fn it_is_a_stream_that_may_go_to_another_thread() {
    fn a_sendable_stream<T: Stream<Item = Result<Call>> + Send + Unpin + 'static>(_: &T) {}
    a_sendable_stream(&listing(&Script::new([])));
}

#[tokio::test]
async fn next_gives_what_the_stream_gives() {
    use futures_util::StreamExt as _;

    let pages = || [page(1, [call("a", 9), call("b", 8)]).into(), last([call("c", 8)]).into()];
    let mut calls = listing(&Script::new(pages()));
    let mut by_next = Vec::new();
    while let Some(item) = Calls::next(&mut calls).await {
        by_next.push(word(item));
    }
    let by_stream: Vec<String> = listing(&Script::new(pages())).map(word).collect().await;
    assert_eq!(by_next, ["a", "b", "c"]);
    assert_eq!(by_stream, by_next);
}

#[test]
fn a_fatal_error_comes_once_after_what_is_held_and_then_nothing() {
    let script = Script::new([
        page(1, [call("a", 9), call("c", 8), call("b", 8)]).into(),
        ErrorKind::Forbidden.into(),
        last([call("never", 7)]).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a", "b", "c", "!forbidden"]);
    for _ in 0..3 {
        assert!(step(&mut calls).is_none());
    }
    assert_eq!(script.asked().len(), 2, "nothing is asked after a failure");
    let certificate = calls.certificate();
    assert!(!certificate.is_complete());
    let [Reason::Failed { error, .. }] = certificate.reasons.as_slice() else {
        panic!("{:?}", certificate.reasons)
    };
    assert_eq!(*error, ErrorKind::Forbidden);
}

#[test]
fn a_first_page_that_fails_is_an_error_and_no_empty_listing() {
    let mut calls = listing(&Script::new([ErrorKind::Unauthenticated.into()]));
    assert_eq!(all(&mut calls), ["!unauthenticated"]);
    assert!(!calls.certificate().is_complete());
}

#[test]
fn an_empty_page_with_a_next_goes_on() {
    let script = Script::new([
        page(1, []).into(),
        page(2, []).with_floor(Some(9)).into(),
        last([call("a", 9)]).into(),
    ]);
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a"]);
    assert!(calls.certificate().is_complete());
}

#[test]
fn an_empty_listing_is_complete() {
    let mut calls = listing(&Script::new([last([]).into()]));
    assert!(all(&mut calls).is_empty());
    assert!(calls.certificate().is_complete());
}

#[test]
fn pages_that_bring_nothing_new_end_as_stalled() {
    let barren = |count: u32| {
        let repeat = move || page(1, [call("a", 9)]);
        (0..=count).map(move |_| repeat().into())
    };
    // The first page is not barren.
    let script = Script::new(barren(BARREN_PAGES));
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a", "!stalled"]);
    assert_eq!(script.asked().len() as u32, BARREN_PAGES + 1);
    assert!(!calls.certificate().is_complete());

    let script = Script::new(barren(BARREN_PAGES - 1).chain([last([call("b", 8)]).into()]));
    let mut calls = listing(&script);
    assert_eq!(all(&mut calls), ["a", "b"]);
    assert!(calls.certificate().is_complete());
}

#[test]
fn only_pages_in_a_row_are_counted_as_stalling() {
    let mut answers: Vec<Answer> = Vec::new();
    for round in 0..3 {
        answers.extend((1..BARREN_PAGES).map(|_| page(1, []).into()));
        // A row that is filtered here or rejected is new, too.
        answers.push(match round {
            0 => page(1, []).with_filtered("x", 9).into(),
            1 => page(1, []).with_rejected(rejected(Some("y"), None, "1")).into(),
            _ => page(1, [call("a", 8)]).into(),
        });
    }
    answers.push(last([]).into());
    assert_eq!(all(&mut listing(&Script::new(answers))), ["?y", "a"]);
}

#[test]
fn dropping_the_listing_cancels_the_page_it_waits_for() {
    let given_up = Arc::new(AtomicBool::new(false));
    let script = Script::new([page(1, [call("a", 9)]).into(), Answer::Hang(Arc::clone(&given_up))]);
    let mut calls = listing(&script);
    assert!(poll(&mut calls).is_pending());
    assert!(poll(&mut calls).is_pending(), "waiting asks for nothing again");
    assert_eq!(script.asked().len(), 2);
    assert!(!given_up.load(Ordering::SeqCst));
    drop(calls);
    assert!(given_up.load(Ordering::SeqCst));
    assert_eq!(Arc::strong_count(&script), 1, "nothing outlives the listing");
}

#[test]
fn debug_shows_no_call() {
    let script = Script::new([last([call("a-secret-id", 9), call("b", 8)]).into()]);
    let mut calls = listing(&script);
    assert!(step(&mut calls).is_some());
    assert!(!format!("{calls:?}").contains("secret"));
}
