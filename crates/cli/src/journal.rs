//! What a checkpoint knows of the lines that are being written, and what a file that holds some of them shows.

use callmux::{AccountId, Call, CallId, VendorId, fingerprint};
use serde::{Deserialize, Serialize};

use crate::stdout::Found;

/// The stable key of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    pub(crate) vendor: VendorId,
    pub(crate) account: AccountId,
    pub(crate) id: CallId,
}

impl Key {
    pub(crate) fn of(call: &Call) -> Self {
        let Call { vendor, account, id, .. } = call;
        Self { vendor: vendor.clone(), account: account.clone(), id: id.clone() }
    }
}

/// A call's line, by what tells whether it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) call: Key,
    /// Its length, the end of the line included.
    bytes: u64,
    /// A checksum: another file may have a fitting length, and a machine that lost its power a length without the bytes.
    sum: u64,
}

impl Line {
    /// The line of a call, its end included.
    pub(crate) fn of(call: &Call, line: &[u8]) -> Self {
        Self { call: Key::of(call), bytes: line.len() as u64, sum: fingerprint(line) }
    }
}

/// Lines that are about to be appended to a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Appended {
    /// The length of the file before them; none where the output is no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<u64>,
    pub(crate) lines: Vec<Line>,
}

/// How much of what was to be appended is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    All,
    /// So many whole lines, which end here, and perhaps a part of the next.
    Part {
        lines: usize,
        end: u64,
        is_half: bool,
    },
    /// It is no file, or not as it would be if these lines and nothing else had been written to it.
    Unknown,
}

impl Appended {
    fn bytes(&self) -> u64 {
        self.lines.iter().fold(0, |sum, line| sum.saturating_add(line.bytes))
    }

    /// How much of it is there, by what is found from its beginning on.
    pub(crate) fn written(&self, find: impl FnOnce(u64, u64) -> Option<Found>) -> Written {
        if self.lines.is_empty() {
            return Written::All;
        }
        let Some(from) = self.from else { return Written::Unknown };
        let Some(Found { length, tail }) = find(from, self.bytes()) else {
            return Written::Unknown;
        };
        // Shorter, it is another file; longer, somebody else wrote to it.
        let Some(mut left) = length.checked_sub(from).filter(|left| *left <= self.bytes()) else {
            return Written::Unknown;
        };
        let mut tail = tail.as_deref();
        let mut whole = 0;
        for line in &self.lines {
            let Some(after) = left.checked_sub(line.bytes) else { break };
            if let Some(bytes) = tail {
                let at = usize::try_from(line.bytes).ok().and_then(|at| bytes.split_at_checked(at));
                let at = at.filter(|(first, _)| fingerprint(first) == line.sum);
                let Some((_, rest)) = at else { return Written::Unknown };
                tail = Some(rest);
            }
            left = after;
            whole += 1;
        }
        if whole == self.lines.len() {
            Written::All
        } else {
            Written::Part { lines: whole, end: length - left, is_half: left > 0 }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [&str; 3] = ["{\"a\":1}\n", "{\"bb\":22}\n", "{}\n"];

    fn appended(from: Option<u64>) -> Appended {
        let line = |text: &&str| {
            let call = Call::new("vapi", "emea", *text);
            Line::of(&call, text.as_bytes())
        };
        Appended { from, lines: LINES.iter().map(line).collect() }
    }

    /// What is found of a file that held ten bytes before.
    fn found(after: &[u8]) -> Option<Found> {
        Some(Found { length: 10 + after.len() as u64, tail: Some(after.to_vec()) })
    }

    #[test]
    fn whole_lines_are_counted_at_every_length() {
        let text = LINES.concat();
        for length in 0..=text.len() {
            let there = &text[..length];
            let lines = there.matches('\n').count();
            let end = there.rfind('\n').map_or(0, |last| last + 1);
            let expected = if lines == LINES.len() {
                Written::All
            } else {
                Written::Part { lines, end: 10 + end as u64, is_half: end < length }
            };
            let appended = appended(Some(10));
            assert_eq!(appended.written(|_, _| found(there.as_bytes())), expected, "{there:?}");
            // Where it cannot be read, its length tells.
            let length = 10 + length as u64;
            assert_eq!(appended.written(|_, _| Some(Found { length, tail: None })), expected);
        }
    }

    #[test]
    fn another_file_is_not_taken_for_it() {
        let text = LINES.concat();
        let appended = appended(Some(10));
        let longer = format!("{text}{{}}\n");
        assert_eq!(appended.written(|_, _| found(longer.as_bytes())), Written::Unknown);
        let shorter = Some(Found { length: 9, tail: Some(Vec::new()) });
        assert_eq!(appended.written(|_, _| shorter), Written::Unknown);
        assert_eq!(appended.written(|_, _| None), Written::Unknown);
        // Of a fitting length, but of other bytes.
        let mut other = text.clone().into_bytes();
        other[9] = 0;
        assert_eq!(appended.written(|_, _| found(&other)), Written::Unknown);
        // Its first line is there, though; the second is not whole.
        let part = appended.written(|_, _| found(&other[..11]));
        assert_eq!(part, Written::Part { lines: 1, end: 18, is_half: true });
    }

    #[test]
    fn of_a_pipe_nothing_is_known_but_that_nothing_is_there() {
        assert_eq!(appended(None).written(|_, _| found(b"")), Written::Unknown);
        let nothing = Appended { from: None, lines: Vec::new() };
        assert_eq!(nothing.written(|_, _| None), Written::All);
    }

    #[test]
    fn a_damaged_length_is_no_length() {
        let mut appended = appended(Some(10));
        appended.lines[0].bytes = u64::MAX;
        assert_eq!(
            appended.written(|_, _| found(b"{}")),
            Written::Part { lines: 0, end: 10, is_half: true }
        );
    }
}
