//! What a stranger reads first.

use crate::support::Sandbox;

#[test]
fn every_help_text_has_the_exit_codes() {
    let sandbox = Sandbox::without_keys();
    let codes = "Exit codes: 0 complete, 1 failure, 2 usage, 3 incomplete, 4 a key was refused.";
    for words in [
        vec!["--help"],
        vec!["-h"],
        vec!["help"],
        vec!["demo", "--help"],
        vec!["calls", "--help"],
        vec!["calls", "-h"],
        vec!["costs", "--help"],
        vec!["explain", "--help"],
        vec!["check", "--help"],
        vec!["vendors", "--help"],
        vec!["simulate", "--help"],
        vec!["help", "calls"],
    ] {
        let ran = sandbox.run(&words);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{words:?}");
        assert!(ran.out.contains(codes), "{words:?}: {}", ran.out);
    }
}

#[test]
fn words_that_an_option_takes_are_in_its_help() {
    let sandbox = Sandbox::without_keys();
    let flat = |words: &[&str]| {
        let out = sandbox.run(words).out;
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let calls = flat(&["calls", "--help"]);
    let joined = |words: Vec<String>| words.join(", ");
    for words in [
        joined(callmux::CallStatus::ALL.iter().map(ToString::to_string).collect()),
        joined(callmux::Direction::ALL.iter().map(ToString::to_string).collect()),
        joined(callmux::Channel::ALL.iter().map(ToString::to_string).collect()),
        joined(callmux::EndedReason::ALL.iter().map(ToString::to_string).collect()),
    ] {
        assert!(calls.contains(&words), "{words}\n{calls}");
    }
    let by = joined(callmux_costs::Dimension::ALL.iter().map(ToString::to_string).collect());
    assert!(flat(&["costs", "--help"]).contains(&by));
    let place = |part: &str| calls.find(part).unwrap_or_else(|| panic!("no {part}"));
    assert!(place("Filter: ") < place("--id <ID") && place("--id <ID") < place("Output: "));
    assert!(place("Output: ") < place("--output <OUTPUT>"));
}

#[test]
fn without_a_command_it_says_which_there_are() {
    let sandbox = Sandbox::without_keys();
    let ran = sandbox.run::<&str>(&[]);
    assert_eq!(ran.code, 2);
    for command in ["demo", "calls", "costs", "explain", "check", "vendors", "simulate"] {
        assert!(ran.err.contains(&format!("\n  {command} ")), "{command}: {}", ran.err);
    }
}

#[test]
fn the_version_is_told_whatever_is_broken_around_it() {
    let version = format!("callmux {}\n", env!("CARGO_PKG_VERSION"));
    let bare = Sandbox::without_keys();
    // What a command would stumble over, were it read: a configuration, a filter of logs, roots, a proxy.
    let broken = Sandbox::without_keys()
        .with("CALLMUX_CONFIG", "no/such/callmux.toml")
        .with("RUST_LOG", "trace")
        .with("SSL_CERT_FILE", "no/such/roots.pem")
        .with("HTTPS_PROXY", "::");
    broken.write("callmux.toml", "this is no TOML");
    for sandbox in [bare, broken] {
        for word in ["--version", "-V"] {
            let ran = sandbox.run(&[word]);
            assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, version.as_str(), ""));
        }
    }
}
