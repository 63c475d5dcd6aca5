//! A listing that is killed and goes on: every call exactly once, or it is said which may be there twice.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::process::{Child, Stdio};
use std::time::Duration;

use callmux::Call;
use callmux_testkit::Draw;

use crate::drift::{Drift, Key, wait};
use crate::support::{Sandbox, Vendor, all, arguments, sources, world};

const PAGE: usize = 20;

fn requests(vendors: &[Vendor]) -> usize {
    vendors.iter().map(|vendor| vendor.simulator.requests().len()).sum()
}

fn append_to(sandbox: &Sandbox, name: &str) -> Stdio {
    File::options().create(true).append(true).open(sandbox.path(name)).unwrap().into()
}

fn key(call: &Call) -> Key {
    (call.vendor.to_string(), call.id.to_string())
}

/// The calls of a file's lines, of which each is a whole one.
fn calls_in(text: &str) -> Vec<Key> {
    assert!(text.is_empty() || text.ends_with('\n'), "half a line");
    let call = |line| serde_json::from_str::<Call>(line).unwrap_or_else(|_| panic!("{line}"));
    text.lines().map(|line| key(&call(line))).collect()
}

fn is_pending(sandbox: &Sandbox) -> bool {
    std::fs::read_to_string(sandbox.path("place")).is_ok_and(|place| place.contains("\"pending\""))
}

fn has_ended(child: &mut Child) -> bool {
    child.try_wait().unwrap().is_some()
}

/// What became of the runs of a listing that was killed now and again.
#[derive(Debug, Default)]
struct Toll {
    kills: usize,
    /// Kills of a listing that had been killed before.
    resumed: usize,
    /// Kills while lines were being written.
    writing: usize,
}

/// How a listing is killed.
struct Kills<'a> {
    vendors: &'a [Vendor],
    seed: u64,
    times: usize,
    /// Whether calls go while it runs.
    deletions: bool,
    more: &'a [&'a str],
}

/// Lists with a checkpoint into a file, killed at moments that look random, while the vendors' calls change, until it has been
/// killed so often. Each file is held against what there was throughout.
fn survives(kills: &Kills<'_>) -> Toll {
    let Kills { vendors, seed, deletions, .. } = *kills;
    let words = ["calls", "-o", "ndjson", "--checkpoint", "place", "--rejects", "r", "-q"];
    let mut words = arguments(&words, &sources(vendors));
    for vendor in vendors {
        for option in [format!("page_size={PAGE}"), "requests_per_minute=0".to_owned()] {
            words.extend(["--option".to_owned(), format!("{}.{option}", vendor.name)]);
        }
    }
    words.extend(kills.more.iter().map(|&word| word.to_owned()));
    let mut draw = Draw::new(seed);
    let mut toll = Toll::default();
    while toll.kills < kills.times {
        let before = held(vendors);
        let drift = |vendor: &Vendor| Drift::of(vendor, seed, deletions);
        let drifts: Vec<Drift> = vendors.iter().map(drift).collect();
        let sandbox = Sandbox::new();
        let mut runs = 0;
        let (code, said) = loop {
            let asked = requests(vendors);
            let mut child =
                sandbox.command(&words).stdout(append_to(&sandbox, "out")).spawn().unwrap();
            if toll.kills < kills.times {
                // By what was asked, not by a clock: the machine may be busy with something else.
                let moment = asked + 2 + draw.index(8) * vendors.len();
                while requests(vendors) < moment && !has_ended(&mut child) {
                    wait(Duration::from_millis(1));
                }
                if draw.chance(2) {
                    while !is_pending(&sandbox) && !has_ended(&mut child) {}
                } else {
                    wait(Duration::from_micros(draw.up_to(3000).unsigned_abs()));
                }
                // It may have ended just now.
                let _ = child.kill();
            }
            let ended = child.wait_with_output().unwrap();
            let said = String::from_utf8(ended.stderr).unwrap();
            // Into a file it is always known what was written.
            assert!(!said.contains("twice") && !said.contains("half a line"), "{said}");
            if let Some(code) = ended.status.code() {
                break (code, said);
            }
            toll.kills += 1;
            toll.resumed += usize::from(runs > 0);
            toll.writing += usize::from(is_pending(&sandbox));
            runs += 1;
        };
        let gone = drifts.iter().flat_map(Drift::gone).collect();
        let listed = Listed { calls: calls_in(&sandbox.read("out")), runs, code, said };
        listed.is_held_against(&before, &gone);
    }
    toll
}

/// What a listing that was killed now and again has left.
struct Listed {
    calls: Vec<Key>,
    runs: usize,
    code: i32,
    said: String,
}

impl Listed {
    /// Against the calls that were there before, but for those that went.
    fn is_held_against(&self, before: &BTreeSet<Key>, gone: &BTreeSet<Key>) {
        let Self { calls, runs, code, said } = self;
        let listed: BTreeSet<&Key> = calls.iter().collect();
        assert_eq!(listed.len(), calls.len(), "after {runs} kills, some are there twice");
        assert!(matches!(code, 0 | 3), "{code}: {said}");
        let missing = before.difference(gone).filter(|key| !listed.contains(key));
        // Where pages are numbered, a call that goes between two runs pulls another past their edge, and the second run cannot
        // find it; but it knows that there is an edge.
        let is_owned_up_to = |key: &&Key| {
            key.0 == "autocalls" && *code == 3 && said.contains("autocalls: two pages did not join")
        };
        let lost: Vec<_> = missing.filter(|key| gone.is_empty() || !is_owned_up_to(key)).collect();
        assert!(lost.is_empty(), "after {runs} kills, code {code}, lost: {lost:?}\n{said}");
    }
}

fn held(vendors: &[Vendor]) -> BTreeSet<Key> {
    let of = |vendor: &Vendor| {
        let ids = vendor.simulator.rows().into_iter().map(|row| row.id);
        ids.map(|id| (vendor.name.to_owned(), id)).collect::<Vec<_>>()
    };
    vendors.iter().flat_map(of).collect()
}

/// Fifty kills, of each vendor alone and of all together.
#[test]
fn killed_at_any_instant_each_call_is_there_once() {
    let mut tolls = Vec::new();
    let mut kill = |vendors: &[Vendor], times, deletions, more: &[&str]| {
        let seed = tolls.len() as u64;
        tolls.push(survives(&Kills { vendors, seed, times, deletions, more }));
    };
    let one = |name| [Vendor::serve(name, &world(300))];
    let windows = ["--from", "2025-01-01", "--to", "2026-12-31", "--concurrency", "3"];
    kill(&one("vapi"), 8, true, &[]);
    kill(&one("vapi"), 6, true, &windows);
    kill(&one("burki"), 10, true, &[]);
    kill(&one("autocalls"), 8, true, &[]);
    kill(&one("autocalls"), 6, false, &[]);
    kill(&all(150), 12, true, &[]);
    let sum = |of: fn(&Toll) -> usize| tolls.iter().map(of).sum::<usize>();
    assert_eq!(sum(|toll| toll.kills), 50);
    assert!(sum(|toll| toll.resumed) > 15, "{tolls:?}");
    assert!(sum(|toll| toll.writing) > 10, "{tolls:?}");
}

/// Rows that are not understood are kept once each, and counted once each, as calls are.
#[test]
fn killed_at_any_instant_each_rejected_row_is_there_once() {
    let vapi = Vendor::serve("vapi", &world(300));
    let mut rows = vapi.simulator.rows();
    rows.sort_by_key(|row| std::cmp::Reverse(row.placed_at));
    let broken: BTreeSet<String> =
        rows.iter().skip(7).step_by(6).map(|row| row.id.clone()).collect();
    for id in &broken {
        vapi.simulator.poison(id, &format!(r#"{{"id":"{id}","cost":1,"cost":2}}"#));
    }
    let source = vapi.source();
    let words = ["calls", "-s", &source, "-o", "ndjson", "--checkpoint", "place", "--rejects", "r"];
    let more = ["--option", "vapi.page_size=20", "--certificate", "c", "-q"];
    let words = [&words[..], &more].concat();
    let sandbox = Sandbox::new();
    let mut kills = 0;
    let code = loop {
        let asked = vapi.asked().len();
        let mut child = sandbox.command(&words).stdout(append_to(&sandbox, "out")).spawn().unwrap();
        if kills < 12 {
            while vapi.asked().len() < asked + 2 && !has_ended(&mut child) {
                wait(Duration::from_micros(200));
            }
            while !is_pending(&sandbox) && !has_ended(&mut child) {}
            let _ = child.kill();
        }
        if let Some(code) = child.wait_with_output().unwrap().status.code() {
            break code;
        }
        kills += 1;
    };
    assert!(kills > 3, "{kills} kills");
    assert_eq!(code, 3);
    let kept = sandbox.read("r");
    let row = |line| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let kept: Vec<String> =
        kept.lines().map(|line| row(line)["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kept.iter().cloned().collect::<BTreeSet<_>>(), broken);
    assert_eq!(kept.len(), broken.len(), "after {kills} kills, each once");
    assert_eq!(sandbox.json("c")["reasons"][0]["rows"], broken.len());
    let calls = calls_in(&sandbox.read("out"));
    assert_eq!(calls.len(), 300 - broken.len());
    assert_eq!(calls.iter().collect::<BTreeSet<_>>().len(), calls.len());
}

/// A write that ends in the middle of a line, as on a full disk: here for a limit on the size of files, which ends the process too.
#[cfg(target_os = "linux")]
#[test]
fn of_a_batch_that_is_half_written_the_rest_is_written() {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Command;

    for vendor in all(300) {
        let sandbox = Sandbox::new();
        let (source, option) = (vendor.source(), format!("{}.page_size=20", vendor.name));
        let words = ["calls", "-s", &source, "-o", "ndjson", "--checkpoint", "place"];
        let whole = sandbox.command(&[&words[..], &["--option", &option]].concat());
        let mut whole_lines = String::new();
        let mut cut = 0;
        // Blocks of 512 bytes, and one more than an even number: pages of memory are not written in one piece either.
        for blocks in [21, 61, 101, 141] {
            let mut limited = Command::new("sh");
            let limit = format!("ulimit -c 0; ulimit -f {blocks}; exec \"$0\" \"$@\"");
            limited.args(["-c", &limit]).arg(whole.get_program()).args(whole.get_args());
            limited
                .env_clear()
                .envs(whole.get_envs().filter_map(|(name, value)| Some((name, value?))));
            limited.current_dir(sandbox.path("")).stdin(Stdio::null()).stderr(Stdio::piped());
            let ran = limited.stdout(append_to(&sandbox, "out")).output().unwrap();
            let said = String::from_utf8(ran.stderr).unwrap();
            assert!(ran.status.signal().is_some(), "{} {said}", ran.status);
            assert!(!said.contains("twice"), "{said}");
            cut += usize::from(said.contains("half a line, which was being written"));
            let out = sandbox.read("out");
            let end = out.rfind('\n').map_or(0, |end| end + 1);
            // Lines that are there stay.
            assert!(out.starts_with(&whole_lines) && end > whole_lines.len());
            whole_lines = out[..end].to_owned();
        }
        assert!(cut > 1, "{cut} half lines cut off");
        let mut whole = whole;
        let ran = whole.stdout(append_to(&sandbox, "out")).output().unwrap();
        assert_eq!(ran.status.code(), Some(0));
        let out = sandbox.read("out");
        assert!(out.starts_with(&whole_lines));
        let calls = calls_in(&out);
        assert_eq!(calls.len(), 300);
        assert_eq!(calls.into_iter().collect::<BTreeSet<_>>(), held(&[vendor]));
    }
}

/// A pipe does not show what was written to it.
#[test]
fn into_a_pipe_what_may_be_there_twice_is_named() {
    let vapi = Vendor::serve("vapi", &world(200));
    let sandbox = Sandbox::new();
    let source = vapi.source();
    let words = ["calls", "-s", &source, "-o", "ndjson", "--checkpoint", "place", "-q"];
    // Nobody reads, so it stands in the middle of writing.
    let mut child = sandbox.command(&words).spawn().unwrap();
    let mut is_writing = false;
    for _ in 0..10_000 {
        is_writing = is_pending(&sandbox);
        if is_writing || has_ended(&mut child) {
            break;
        }
        wait(Duration::from_millis(1));
    }
    let mut out = child.stdout.take().unwrap();
    let mut first = vec![0; 1000];
    out.read_exact(&mut first).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(is_writing);
    out.read_to_end(&mut first).unwrap();
    let first = String::from_utf8_lossy(&first).into_owned();
    let end = first.rfind('\n').map_or(0, |end| end + 1);
    let first = calls_in(&first[..end]);
    assert!(!first.is_empty() && first.len() < 200, "{} lines", first.len());

    let second = sandbox.run(&words);
    assert_eq!(second.code, 0, "{}", second.err);
    let line = second.err.lines().find(|line| line.contains("may be there twice: ")).unwrap();
    let (count, named) = line.split_once("may be there twice: ").unwrap();
    let named: BTreeSet<Key> = named
        .split(", ")
        .map(|name| name.split_once(' ').unwrap())
        .map(|(vendor, id)| (vendor.to_owned(), id.to_owned()))
        .collect();
    assert!(count.starts_with(&format!("{} calls ", named.len())), "{line}");
    let second = calls_in(&second.out);
    let repeated: BTreeSet<Key> =
        first.iter().filter(|key| second.contains(key)).cloned().collect();
    assert_eq!(repeated.len(), first.len());
    assert!(repeated.is_subset(&named), "{repeated:?} {line}");
    assert_eq!(first.into_iter().chain(second).collect::<BTreeSet<_>>(), held(&[vapi]));
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
    // It ended by itself, so it is known what was written.
    assert!(!second.err.contains("twice"), "{}", second.err);

    let all: Vec<Call> = first.calls().into_iter().chain(second.calls()).collect();
    assert_eq!(all.iter().map(key).collect::<BTreeSet<_>>().len(), 300);
    assert_eq!(all.len(), 300, "each of them once");
    assert!(all.is_sorted_by_key(Call::order_key));
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
    // Nor does one of another version go on.
    let place = sandbox.read("place").replace("\"version\":2", "\"version\":1");
    sandbox.write("place", &place);
    let old = sandbox.run(&words);
    assert_eq!((old.code, old.out.as_str()), (2, ""));
    assert!(old.err.contains("place is a checkpoint of an earlier version"), "{}", old.err);
    assert!(old.err.contains("remove it and start anew with an empty output"), "{}", old.err);
}

/// A limit is a limit of the whole, however often it is gone on with.
#[test]
fn a_limit_counts_what_earlier_runs_gave() {
    for vendor in all(200) {
        let sandbox = Sandbox::new();
        let source = vendor.source();
        let option = format!("{}.page_size=20", vendor.name);
        let words = [
            "calls",
            "-s",
            &source,
            "-o",
            "ndjson",
            "--checkpoint",
            "place",
            "--limit",
            "70",
            "--option",
            &option,
        ];
        let mut given = Vec::new();
        let mut runs = 0;
        loop {
            let ran = sandbox.run(&[&words[..], &["--max-requests", "2"]].concat());
            given.extend(ran.calls());
            runs += 1;
            match ran.code {
                0 => break,
                1 => assert!(ran.err.contains("more than 2 requests"), "{}", ran.err),
                code => panic!("{code}: {}", ran.err),
            }
        }
        assert!(runs > 1);
        let whole = vendor.library(callmux::CallFilter::new());
        // What a run gives out past its end, others of the same instant follow in the next: all of them, each once.
        let keys = |calls: &[Call]| calls.iter().map(key).collect::<BTreeSet<_>>();
        assert_eq!(given.len(), 70, "{}", vendor.name);
        assert_eq!(keys(&given), keys(&whole[..70]), "{}", vendor.name);
    }
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
        "--rejects",
        "r",
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
        assert_eq!(certificate["reasons"][0]["rows"], 1);
        assert_eq!(sandbox.read("r").lines().count(), 1);
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
        let own = out.strip_prefix(held).unwrap();
        assert_eq!(calls_in(own.strip_prefix('\n').unwrap_or(own)).len(), 9, "{held:?}");
        assert!(out.lines().all(|line| !line.is_empty()), "{held:?}");
        if cfg!(target_os = "linux") {
            assert_eq!(said.contains("half a line"), says, "{held:?}: {said}");
        }
    }
}
