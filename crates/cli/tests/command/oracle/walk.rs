//! Holds what the command printed against what the oracle worked out, key by key.

use serde_json::Value;

/// What the oracle does not work out: where, and why. A `*` is any place of a list.
const LEFT_OUT: [(&str, &str); 9] = [
    (
        "certificate",
        "what it says is of the listing, not of costs: listing.rs and the conformance suite look at it",
    ),
    ("before.certificate", "the same"),
    ("after.certificate", "the same"),
    (
        "comparisons.*.sides.*.mix_adjusted.low",
        "a bootstrap over blocks of sets of calls: another one, over the sets, is held against its width",
    ),
    ("comparisons.*.sides.*.mix_adjusted.high", "the same"),
    ("comparisons.*.pairs.*.difference.low", "the same"),
    ("comparisons.*.pairs.*.difference.high", "the same"),
    (
        "comparisons.*.pairs.*.sentence",
        "words: that its figures are those beside it is looked at on its own",
    ),
    (
        "comparisons.*.notes",
        "words: that they begin with the right figures is looked at on its own",
    ),
];

/// Holds what was printed against what was worked out. Each of `left_out` must be met: what is no longer printed is no longer
/// left out.
pub(super) fn check(what: &str, printed: &Value, expected: &Value, left_out: &[&str]) {
    let mut walk = Walk { left_out, met: Vec::new(), wrong: Vec::new() };
    for path in left_out {
        assert!(
            LEFT_OUT.iter().any(|(known, _)| known == path),
            "{path} is left out for no reason"
        );
    }
    walk.value(&mut Vec::new(), printed, expected);
    let missing = left_out.iter().find(|path| !walk.met.contains(path));
    assert_eq!(missing, None, "{what}: left out, and not printed");
    let count = walk.wrong.len();
    walk.wrong.truncate(30);
    assert!(count == 0, "{what}: {count} differ\n{}", walk.wrong.join("\n"));
}

struct Walk<'a> {
    left_out: &'a [&'a str],
    met: Vec<&'a str>,
    wrong: Vec<String>,
}

impl Walk<'_> {
    fn value(&mut self, path: &mut Vec<String>, printed: &Value, expected: &Value) {
        match (printed, expected) {
            (Value::Object(printed), Value::Object(expected)) => {
                for name in expected.keys().filter(|name| !printed.contains_key(*name)) {
                    self.say(path, &format!("{name} is missing"));
                }
                for (name, printed) in printed {
                    path.push(name.clone());
                    if !self.is_left_out(path) {
                        match expected.get(name) {
                            Some(expected) => self.value(path, printed, expected),
                            None => self.say(path, &format!("nobody worked this out: {printed}")),
                        }
                    }
                    path.pop();
                }
            }
            (Value::Array(printed), Value::Array(expected)) => {
                if printed.len() != expected.len() {
                    self.say(path, &format!("{} places for {}", printed.len(), expected.len()));
                }
                for (index, (printed, expected)) in printed.iter().zip(expected).enumerate() {
                    path.push(index.to_string());
                    self.value(path, printed, expected);
                    path.pop();
                }
            }
            _ if printed != expected => {
                self.say(path, &format!("{printed} is printed for {expected}"));
            }
            _ => {}
        }
    }

    fn is_left_out(&mut self, path: &[String]) -> bool {
        let is = |pattern: &&&str| {
            let parts = pattern.split('.');
            parts.clone().count() == path.len()
                && parts.zip(path).all(|(part, name)| {
                    part == name || part == "*" && name.parse::<usize>().is_ok()
                })
        };
        let pattern = self.left_out.iter().find(is).copied();
        self.met.extend(pattern);
        pattern.is_some()
    }

    fn say(&mut self, path: &[String], what: &str) {
        self.wrong.push(format!("{}: {what}", path.join(".")));
    }
}

#[test]
#[should_panic(expected = "groups.0.new: nobody worked this out: 1")]
fn a_figure_that_nobody_works_out_is_noticed() {
    let printed = serde_json::json!({ "groups": [{ "calls": 2, "new": 1 }] });
    check("groups", &printed, &serde_json::json!({ "groups": [{ "calls": 2 }] }), &[]);
}
