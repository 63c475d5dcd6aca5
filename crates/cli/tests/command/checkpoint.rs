//! A listing that is killed and goes on: every call at least once, few of them twice.

use std::collections::BTreeSet;
use std::fs::File;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use callmux::Call;

use crate::support::{Sandbox, VENDORS, Vendor, all, arguments, sources, world};

const PAGE: usize = 20;
const KILLS: usize = 20;

/// Waits, without a clock of its own.
fn wait(time: Duration) {
    let (_open, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(time);
}

fn requests(vendors: &[Vendor]) -> usize {
    vendors.iter().map(|vendor| vendor.simulator.requests().len()).sum()
}

/// Moments that look random and are the same on every run.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }
}

fn append_to(sandbox: &Sandbox, name: &str) -> Stdio {
    File::options().create(true).append(true).open(sandbox.path(name)).unwrap().into()
}

type Key = (String, String);

fn key(call: &Call) -> Key {
    (call.vendor.to_string(), call.id.to_string())
}

/// The calls of a file's lines. A kill in the middle of a write may leave half a line, which is no call.
fn calls_in(text: &str) -> Vec<Key> {
    text.lines()
        .filter_map(|line| serde_json::from_str::<Call>(line).ok())
        .map(|call| key(&call))
        .collect()
}

/// Lists with a checkpoint into a file, killing it now and again, and holds each round's file against what there is.
fn survives(vendors: &[Vendor], seed: u64) {
    let expected: BTreeSet<Key> = vendors
        .iter()
        .flat_map(|vendor| {
            vendor.simulator.rows().into_iter().map(|row| (vendor.name.to_owned(), row.id))
        })
        .collect();
    let mut words =
        arguments(&["calls", "-o", "ndjson", "--checkpoint", "place", "-q"], &sources(vendors));
    for vendor in vendors {
        words.extend(["--option".to_owned(), format!("{}.page_size={PAGE}", vendor.name)]);
    }
    let mut moments = Moments(seed);
    let (mut kills, mut resumed) = (0, 0);
    while kills < KILLS {
        let sandbox = Sandbox::new();
        let mut before = Vec::new();
        loop {
            let had_begun = std::fs::read_to_string(sandbox.path("place"))
                .is_ok_and(|place| place.contains("\"cursor\""));
            let asked = requests(vendors);
            let mut child =
                sandbox.command(&words).stdout(append_to(&sandbox, "out")).spawn().unwrap();
            if kills < KILLS {
                // By what was asked, not by a clock: the machine may be busy with something else.
                let moment = asked + 2 + moments.next(8) * vendors.len();
                while requests(vendors) < moment && child.try_wait().unwrap().is_none() {
                    wait(Duration::from_millis(1));
                }
                wait(Duration::from_micros(moments.next(3000) as u64));
                // It may have ended just now.
                let _ = child.kill();
            }
            let ended = child.wait_with_output().unwrap();
            let now = calls_in(&sandbox.read("out"));
            let seen: BTreeSet<&Key> = before.iter().collect();
            let repeats = now[before.len()..].iter().filter(|key| seen.contains(key)).count();
            // What a member's page in flight, and the one that is held back for its order, may hold.
            assert!(repeats <= 3 * PAGE * vendors.len(), "{repeats} repeats after a resume");
            before = now;
            if ended.status.code() == Some(0) {
                break;
            }
            assert_eq!(ended.status.code(), None, "{}", String::from_utf8_lossy(&ended.stderr));
            kills += 1;
            resumed += usize::from(had_begun);
        }
        let listed: BTreeSet<Key> = before.into_iter().collect();
        assert_eq!(listed, expected, "every call at least once");
    }
    assert!(resumed > 3, "{resumed} of {kills} kills hit a listing that had been killed before");
}

#[test]
fn a_listing_of_one_vendor_survives_being_killed() {
    for (seed, name) in VENDORS.iter().enumerate() {
        survives(&[Vendor::serve(name, &world(500))], seed as u64);
    }
}

#[test]
fn a_listing_of_several_vendors_survives_being_killed() {
    survives(&all(200), 11);
}

/// A resumed listing asks for the page it stood at, not for the first.
#[test]
fn it_goes_on_where_it_stood_with_what_the_arguments_meant_then() {
    let vapi = Vendor::serve("vapi", &world(300));
    let sandbox = Sandbox::new();
    let source = vapi.source();
    let words = [
        "calls",
        "-s",
        &source,
        "-o",
        "ndjson",
        "--checkpoint",
        "place",
        "--from",
        "3650d",
        "--option",
        "vapi.page_size=20",
    ];
    let first = sandbox.run(&[&words[..], &["--max-requests", "6"]].concat());
    assert_eq!(first.code, 1, "{}", first.err);
    let asked = vapi.asked().len();
    assert_eq!(asked, 6);
    let second = sandbox.run(&words);
    assert_eq!(second.code, 0, "{}", second.err);
    assert!(second.err.contains("going on from the checkpoint"), "{}", second.err);

    let all: Vec<Call> = first.calls().into_iter().chain(second.calls()).collect();
    assert_eq!(all.iter().map(key).collect::<BTreeSet<_>>().len(), 300);
    assert!(all.len() <= 300 + 2 * PAGE, "{} lines", all.len());
    let queries = vapi.asked();
    assert!(queries[6].get("createdAtLe").is_some() || queries[6].get("createdAtLt").is_some());
    // `3650d` was read once.
    let since: BTreeSet<_> =
        queries.iter().map(|query| query.get("createdAtGe").map(str::to_owned)).collect();
    assert_eq!(since.len(), 1);

    // Once at its end, it stays there: nothing is sent, and nothing is written.
    let sent = vapi.simulator.requests().len();
    let third = sandbox.run(&words);
    assert_eq!((third.code, third.out.as_str()), (0, ""));
    assert!(third.err.contains("came to its end before; remove the checkpoint"), "{}", third.err);
    assert_eq!(vapi.simulator.requests().len(), sent);
    // Another listing does not take its place.
    let other = sandbox.run(&[&words[..], &["--status", "completed"]].concat());
    assert_eq!((other.code, other.out.as_str()), (2, ""));
    assert!(other.err.contains("place is the checkpoint of another listing"), "{}", other.err);
}

/// A listing of which a part was incomplete is incomplete, though it was resumed after that part.
#[test]
fn what_was_missing_before_is_missing_after() {
    let vapi = Vendor::serve("vapi", &world(300));
    let mut rows = vapi.simulator.rows();
    rows.sort_by_key(|row| std::cmp::Reverse(row.placed_at));
    let (id, text) = (rows[10].id.clone(), rows[10].text.clone());
    vapi.simulator.poison(&id, "null");
    let sandbox = Sandbox::new();
    let source = vapi.source();
    let words = [
        "calls",
        "-s",
        &source,
        "-o",
        "ndjson",
        "--checkpoint",
        "place",
        "--certificate",
        "c",
        "--option",
        "vapi.page_size=20",
    ];
    let first = sandbox.run(&[&words[..], &["--max-requests", "6"]].concat());
    assert_eq!(first.code, 1, "{}", first.err);
    vapi.simulator.poison(&id, &text);
    for _ in 0..2 {
        let again = sandbox.run(&words);
        assert_eq!(again.code, 3, "{}", again.err);
        assert!(again.err.lines().last().unwrap().starts_with("incomplete: "), "{}", again.err);
        let certificate = sandbox.json("c");
        assert_eq!(certificate["verdict"], "incomplete");
        assert_eq!(certificate["reasons"].as_array().unwrap().len(), 1);
        assert_eq!(certificate["reasons"][0]["kind"], "rejected_rows");
    }
}

/// What a full disk or a kill cut off must not be glued to what follows.
#[test]
fn half_a_line_stays_alone() {
    let vapi = Vendor::serve("vapi", &world(9));
    for (held, says) in [("{\"vendor\":\"va", true), ("{}\n", false), ("", false)] {
        let sandbox = Sandbox::new();
        sandbox.write("out", held);
        let source = vapi.source();
        let words = ["calls", "-s", &source, "-o", "ndjson", "--checkpoint", "place"];
        let ran = sandbox.command(&words).stdout(append_to(&sandbox, "out")).output().unwrap();
        assert_eq!(ran.status.code(), Some(0));
        let said = String::from_utf8(ran.stderr).unwrap();
        let out = sandbox.read("out");
        assert_eq!(calls_in(&out).len(), 9, "{held:?}");
        assert!(out.lines().all(|line| !line.is_empty()), "{held:?}");
        if cfg!(target_os = "linux") {
            assert_eq!(said.contains("half a line"), says, "{held:?}: {said}");
        }
    }
}
