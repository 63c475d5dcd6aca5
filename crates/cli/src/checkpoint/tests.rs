use std::sync::Arc;

use callmux::{Call, CallProviderExt as _, MemoryProvider, Verdict};

use super::*;
use crate::journal::Line;

/// A folder with an output of a few bytes, and the checkpoint of a listing.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(bench.path("out"), "before\n").unwrap();
        fs::write(bench.path("r"), "reject\n").unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn output(&self) -> Stdout {
        Stdout::of_file(&self.path("out"))
    }

    fn rejects(&self) -> Rejects {
        Rejects::open(&self.path("r")).unwrap()
    }

    fn open(&self) -> Checkpoint {
        Checkpoint::open(&self.path("place"), "x".into(), filter()).unwrap()
    }

    /// Appends, and finds out as the next run does.
    fn recover(&self, output: &str, rejects: &str) -> (Checkpoint, Recovered) {
        self.output().append(output.as_bytes()).unwrap();
        self.rejects().append(rejects.as_bytes()).unwrap();
        let mut checkpoint = self.open();
        let recovered = checkpoint.recover(&self.output(), Some(&self.rejects()));
        checkpoint.begin().unwrap();
        (checkpoint, recovered)
    }
}

fn filter() -> CallFilter {
    CallFilter::new().agent("a")
}

fn cursor(number: u32) -> Cursor {
    Cursor::seal("p", &filter(), &number).unwrap()
}

fn certificate() -> Certificate {
    Arc::new(MemoryProvider::new([])).calls(CallFilter::new()).certificate().clone()
}

const LINES: [&str; 3] = ["{\"a\":1}\n", "{\"bb\":22}\n", "{}\n"];
const REJECTS: &str = "{\"r\":1}\n";

fn call(number: usize) -> Call {
    Call::new("vapi", "emea", number.to_string())
}

fn key(number: usize) -> Key {
    Key::of(&call(number))
}

fn batch() -> Batch {
    let lines = LINES.iter().enumerate();
    Batch {
        text: LINES.concat().into_bytes(),
        lines: lines.map(|(number, line)| Line::of(&call(number), line.as_bytes())).collect(),
        given: 3,
        ..Batch::default()
    }
}

/// The first step of a batch, from the place after one call.
fn begun(bench: &Bench, calls: &[Line], certificate: Option<Certificate>) -> (Place, Place) {
    let mut checkpoint = bench.open();
    checkpoint.begin().unwrap();
    let first = Place { cursor: Some(cursor(1)), given: 1, ..Place::default() };
    checkpoint.move_to(first.clone(), None).unwrap();
    let after = Place { cursor: Some(cursor(2)), given: 4, ..Place::default() };
    let calls = Appended { from: bench.output().length(), lines: calls.to_vec() };
    let rejects = bench.rejects().about_to_append(REJECTS.as_bytes());
    checkpoint
        .about_to_write(Pending { calls, rejects, after: after.clone(), certificate })
        .unwrap();
    (first, after)
}

#[test]
fn a_place_is_kept_with_the_filter_it_was_for() {
    let bench = Bench::new();
    let mut place = bench.open();
    place.begin().unwrap();
    let first = Place { cursor: Some(cursor(1)), given: 3, ..Place::default() };
    place.move_to(first.clone(), None).unwrap();

    let again = Checkpoint::open(&bench.path("place"), "x".into(), CallFilter::new()).unwrap();
    assert_eq!((again.filter(), again.place(), again.finished()), (&filter(), &first, None));
    place.move_to(first, Some(certificate())).unwrap();
    assert_eq!(bench.open().finished(), Some(&certificate()));
}

#[test]
fn what_is_no_checkpoint_of_this_listing_is_refused() {
    let bench = Bench::new();
    bench.open().begin().unwrap();
    let path = bench.path("place");
    let refused = |arguments: &str| {
        let error = Checkpoint::open(&path, arguments.into(), filter()).unwrap_err();
        let Failure::Usage(message) = error else { panic!("{error}") };
        message
    };
    assert!(refused("y").contains("is the checkpoint of another listing; give the same sources"));
    let text = bench.read("place");
    for (text, says) in [
        (text.replace("\"version\":2", "\"version\":1"), "an earlier version of callmux"),
        // As version 1 wrote it.
        (
            r#"{"version":1,"arguments":"x","filter":{},"cursor":"cm1.e30"}"#.to_owned(),
            "remove it and start anew with an empty output, or finish the listing with that version",
        ),
        (text.replace("\"version\":2", "\"version\":3"), "a later version of callmux; go on with"),
        (text.replace("\"given\"", "\"gone\""), "is a damaged checkpoint; remove it"),
        ("{".to_owned(), "is not a checkpoint; give another file"),
        (String::new(), "is not a checkpoint; give another file"),
    ] {
        fs::write(&path, &text).unwrap();
        let refused = refused("x");
        assert!(refused.contains(says), "{text}: {refused}");
        // It is left as it is.
        assert_eq!(bench.read("place"), text);
    }
}

#[test]
fn all_lines_there_is_the_place_after_them() {
    for finished in [None, Some(certificate())] {
        let bench = Bench::new();
        let (_, after) = begun(&bench, &batch().lines, finished.clone());
        let (checkpoint, recovered) = bench.recover(&LINES.concat(), REJECTS);
        assert_eq!((recovered, checkpoint.place()), (Recovered::Whole, &after));
        assert_eq!(checkpoint.finished(), finished.as_ref());
        assert_eq!(bench.read("r"), format!("reject\n{REJECTS}"));
        // It is on disk, and asked only once.
        assert!(!bench.read("place").contains("pending"));
        assert_eq!(bench.open().place(), &after);
    }
}

#[test]
fn of_some_lines_the_whole_ones_are_not_written_again() {
    let text = LINES.concat();
    for length in 0..text.len() {
        let bench = Bench::new();
        let (first, _) = begun(&bench, &batch().lines, Some(certificate()));
        let there = &text[..length];
        let whole = there.matches('\n').count();
        let kept: String = LINES[..whole].concat();
        let (checkpoint, recovered) = bench.recover(there, &REJECTS[..length.min(REJECTS.len())]);
        let already: Vec<Key> = (0..whole).map(key).collect();
        assert_eq!(checkpoint.place(), &Place { already, ..first }, "{there:?}");
        assert_eq!(checkpoint.finished(), None);
        let is_half = kept.len() < length;
        assert_eq!(recovered, if is_half { Recovered::Half } else { Recovered::Whole });
        // Half a line is cut off, and rows that are met again.
        assert_eq!(bench.read("out"), format!("before\n{kept}"));
        assert_eq!(bench.read("r"), "reject\n");
    }
}

/// The calls that are there keep being known until they have been met, however often it is killed.
#[test]
fn what_is_known_is_known_until_it_is_met() {
    let bench = Bench::new();
    begun(&bench, &batch().lines, None);
    let (mut checkpoint, _) = bench.recover(&LINES[..2].concat(), "");
    let met = |known: &[Key], checkpoint: &mut Checkpoint| {
        let batch = Batch { known: known.to_vec(), given: 1, ..Batch::default() };
        checkpoint.after(&batch, Some(cursor(7)), &certificate())
    };
    let place = met(&[key(0)], &mut checkpoint);
    assert_eq!((place.already.as_slice(), place.given), ([key(1)].as_slice(), 2));
    checkpoint.move_to(place, None).unwrap();
    assert_eq!(bench.open().place().already, [key(1)]);
    assert_eq!(met(&[key(1)], &mut checkpoint).already, []);
    // Without a cursor it stands where it stood, and knows what was written since.
    let place = checkpoint.after(&batch(), None, &certificate());
    assert_eq!((place.already.len(), place.given, place.cursor), (4, 2, Some(cursor(7))));
}

/// A cursor that does not say up to where calls were given has them met again.
#[test]
fn after_a_broken_order_the_last_calls_are_remembered() {
    let bench = Bench::new();
    let mut checkpoint = bench.open();
    checkpoint.begin().unwrap();
    let so_far = |late| {
        let json = serde_json::json!({
            "verdict": "incomplete", "reasons": [], "limit_reached": false, "resumed": false,
            "sources": [{
                "vendor": "vapi", "account": "emea", "requests": 1, "retries": 0, "pages": 1, "rows": 9, "repeats": 0,
                "rejected": 0, "filtered_here": 0, "met": 9, "order_repaired": 0, "order_late": late,
            }],
        });
        serde_json::from_value::<Certificate>(json).unwrap()
    };
    let of = |numbers: std::ops::Range<usize>| Batch {
        lines: numbers.map(|number| Line::of(&call(number), b"{}\n")).collect(),
        ..Batch::default()
    };
    let place = checkpoint.after(&of(0..3), Some(cursor(1)), &so_far(0));
    assert_eq!(place.already, []);
    let place = checkpoint.after(&of(3..5), Some(cursor(2)), &so_far(1));
    assert_eq!(place.already, (0..5).map(key).collect::<Vec<_>>());
    // Not for ever.
    let place = checkpoint.after(&of(5..REMEMBERED + 2), Some(cursor(3)), &so_far(1));
    assert_eq!(place.already, (2..REMEMBERED + 2).map(key).collect::<Vec<_>>());
    // The next run knows them, and goes on remembering them if the order is broken again.
    checkpoint.move_to(place, None).unwrap();
    let mut again = bench.open();
    again.begin().unwrap();
    let place = again.after(&of(0..1), Some(cursor(4)), &so_far(1));
    assert_eq!((place.already.len(), place.already.last()), (REMEMBERED, Some(&key(0))));
}

#[test]
fn another_output_is_told_from_the_one_that_was_written() {
    let calls: Vec<Key> = (0..3).map(key).collect();
    let longer = LINES.concat() + "{}\n";
    for there in [longer.as_str(), "{\"other\":\"file\"}\n", "{\"a\":2}\n"] {
        let bench = Bench::new();
        let (first, _) = begun(&bench, &batch().lines, None);
        let (checkpoint, recovered) = bench.recover(there, REJECTS);
        assert_eq!(recovered, Recovered::Unknown(calls.clone()), "{there:?}");
        assert_eq!(checkpoint.place(), &first);
        assert_eq!(bench.read("out"), format!("before\n{there}"));
        // A run that is killed before it writes leaves the question to the next.
        assert_eq!(bench.recover("", "").1, Recovered::Unknown(calls.clone()));
    }
    // Shorter than it was.
    let bench = Bench::new();
    begun(&bench, &batch().lines, None);
    fs::write(bench.path("out"), "b\n").unwrap();
    assert_eq!(bench.recover("", "").1, Recovered::Unknown(calls.clone()));
}

#[test]
fn rejected_rows_alone_are_told_by_their_own_file() {
    for (there, has) in [("", false), ("{\"r", false), (REJECTS, true)] {
        let bench = Bench::new();
        let (first, after) = begun(&bench, &[], None);
        let (checkpoint, recovered) = bench.recover("", there);
        assert_eq!(recovered, Recovered::Whole);
        assert_eq!(checkpoint.place(), if has { &after } else { &first });
        assert_eq!(bench.read("r"), format!("reject\n{}", if has { REJECTS } else { "" }));
    }
}

/// Rows met again are counted once: what is known against a listing belongs to a place.
#[test]
fn reasons_go_with_the_place() {
    let bench = Bench::new();
    let rows = |rows| Reason::RejectedRows { vendor: "vapi".into(), account: "emea".into(), rows };
    let mut checkpoint = bench.open();
    let first = Place { cursor: Some(cursor(1)), reasons: vec![rows(1)], ..Place::default() };
    checkpoint.move_to(first, None).unwrap();
    checkpoint.begin().unwrap();
    let mut so_far = certificate();
    so_far.reasons.push(rows(2));
    let after = checkpoint.after(&batch(), Some(cursor(2)), &so_far);
    assert_eq!(after.reasons, [rows(3)]);
    let calls = Appended { from: bench.output().length(), lines: batch().lines };
    checkpoint.about_to_write(Pending { calls, rejects: None, after, certificate: None }).unwrap();
    // Nothing of it is there: the rows of that page will be met again.
    let (checkpoint, _) = bench.recover("", "");
    let mut whole = certificate();
    whole.reasons = vec![rows(2)];
    whole.verdict = Verdict::Complete;
    let whole = checkpoint.whole(&whole);
    assert_eq!((whole.verdict, whole.reasons), (Verdict::Incomplete, vec![rows(3)]));
}
