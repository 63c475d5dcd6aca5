//! An answer as it arrives: its rows are taken out one at a time, and what is around them is kept.
//!
//! No more of it is held than the rows that are not read yet, so that a page of any size takes little memory.

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::buffers::{Buffer, Buffers};
use crate::vendor::RowsAt;

/// How much is to arrive before rows are looked for: where a part ends within a row, the row is read twice as far as that.
const BATCH: usize = 512 * 1024;

/// Takes the rows of a document.
pub(crate) trait Rows {
    /// Takes the row at the beginning of a text.
    fn take(&mut self, text: &str) -> Taken;
}

/// Keeps each as it was sent.
impl Rows for Vec<Box<RawValue>> {
    fn take(&mut self, text: &str) -> Taken {
        match raw_row(text) {
            Ok(raw) => {
                self.push(raw.to_owned());
                Taken::Row(raw.get().len())
            }
            Err(taken) => taken,
        }
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It has so many bytes.
    Row(usize),
    /// The text ends within it.
    Incomplete,
    /// It is not JSON.
    Broken,
}

/// Why a document cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It ends too early.
    Cut,
    /// It is not JSON from this byte on.
    Broken(u64),
}

/// A document of which not all has arrived. Its rows are its items, where it is a list, or those of one of its members.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    rows_at: RowsAt,
    /// What has arrived and is not read.
    text: Buffer<'a>,
    /// The beginning of a character whose end has not arrived.
    split: Vec<u8>,
    /// How many bytes were read before that.
    read: u64,
    /// How many bytes are to be there before it is worth reading on.
    wanted: usize,
    /// The least of them.
    batch: usize,
    /// What is around the rows, with an empty list in their place.
    rest: String,
    at: At,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Start,
    /// A member of the outermost object, or its end where none is due.
    Member {
        is_due: bool,
    },
    /// What follows a member.
    Comma,
    /// A row, or the end of the rows where none is due.
    Row {
        list: List,
        is_due: bool,
    },
    /// What follows a row.
    RowComma {
        list: List,
    },
    /// Nothing that matters.
    Rest,
}

/// What holds the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct List {
    /// Rows by their keys, as PHP writes a list with gaps.
    is_keyed: bool,
    /// It is the whole document.
    is_outermost: bool,
}

/// Why reading stops.
enum Stop {
    /// More must arrive.
    Short,
    Broken,
}

impl<'a> Document<'a> {
    /// A document that has its rows there. Rows are looked for where so much has arrived, or this much as a rule.
    pub(crate) fn new(rows_at: RowsAt, buffers: &'a Buffers, batch: usize) -> Self {
        let batch = batch.min(BATCH);
        Self {
            rows_at,
            text: buffers.take(),
            split: Vec::new(),
            read: 0,
            wanted: batch,
            batch,
            rest: String::new(),
            at: At::Start,
        }
    }

    /// Takes what has arrived.
    pub(crate) fn push(&mut self, part: &[u8], rows: &mut impl Rows) {
        self.append(part);
        if self.text.len() >= self.wanted {
            // What cannot be read may only not be whole: a number that ends in its sign, say.
            let _ = self.read_on(rows);
            // What is left is read again: not before there is twice as much of it.
            self.wanted = self.batch.max(self.text.len().saturating_mul(2));
        }
    }

    /// Nothing more arrives: what is around the rows.
    pub(crate) fn finish(mut self, rows: &mut impl Rows) -> Result<String, Unread> {
        if !self.split.is_empty() {
            self.text.push(char::REPLACEMENT_CHARACTER);
        }
        match self.read_on(rows) {
            Stop::Broken => Err(Unread::Broken(self.read)),
            Stop::Short if matches!(self.at, At::Start | At::Rest) => {
                self.rest.truncate(self.rest.trim_ascii_end().len());
                Ok(self.rest)
            }
            Stop::Short => Err(Unread::Cut),
        }
    }

    /// Appends as text. One byte that is no text, in one call's words, must not cost the page.
    fn append(&mut self, part: &[u8]) {
        let joined;
        let mut rest = part;
        if !self.split.is_empty() {
            joined = [&self.split, part].concat();
            self.split.clear();
            rest = &joined;
        }
        while let Err(error) = std::str::from_utf8(rest).map(|text| self.text.push_str(text)) {
            let (valid, invalid) = rest.split_at(error.valid_up_to());
            self.text.push_str(&String::from_utf8_lossy(valid));
            let Some(length) = error.error_len() else {
                self.split.extend_from_slice(invalid);
                return;
            };
            self.text.push(char::REPLACEMENT_CHARACTER);
            rest = invalid.get(length..).unwrap_or_default();
        }
    }

    /// Reads as far as it goes.
    fn read_on(&mut self, rows: &mut impl Rows) -> Stop {
        let mut done = 0;
        let stop = loop {
            let rest = self.text.get(done..).unwrap_or_default();
            let text = if self.at == At::Rest { rest } else { rest.trim_ascii_start() };
            done += rest.len() - text.len();
            match step(self.at, self.rows_at, text, rows, &mut self.rest) {
                Ok((read, next)) => {
                    done += read;
                    self.at = next;
                }
                Err(stop) => break stop,
            }
        };
        self.read += done as u64;
        self.text.drain(..done);
        stop
    }
}

/// Reads the next thing of a text that begins with it: how many bytes it has, and what comes next.
fn step(
    at: At,
    rows_at: RowsAt,
    text: &str,
    rows: &mut impl Rows,
    rest: &mut String,
) -> Result<(usize, At), Stop> {
    let first = text.bytes().next().ok_or(Stop::Short)?;
    match (at, first) {
        (At::Start, b'[') => {
            rest.push_str("[]");
            let list = List { is_keyed: false, is_outermost: true };
            Ok((1, At::Row { list, is_due: false }))
        }
        (At::Start, b'{') if rows_at != RowsAt::List => {
            rest.push('{');
            Ok((1, At::Member { is_due: false }))
        }
        (At::Member { is_due: false } | At::Comma, b'}') => {
            rest.push('}');
            Ok((1, At::Rest))
        }
        (At::Comma, b',') => {
            rest.push(',');
            Ok((1, At::Member { is_due: true }))
        }
        (At::Member { .. }, b'"') => {
            let (key, value) = key(text)?;
            let after = text.get(value..).unwrap_or_default();
            let opens = after.bytes().next().ok_or(Stop::Short)?;
            rest.push_str(text.get(..value).unwrap_or_default());
            if rows_at.is_member(&key, opens) {
                rest.push_str("[]");
                let list = List { is_keyed: opens == b'{', is_outermost: false };
                return Ok((value + 1, At::Row { list, is_due: false }));
            }
            let length = match value_at(after) {
                Ok(length) => length,
                Err(stop) => {
                    rest.truncate(rest.len() - value);
                    return Err(stop);
                }
            };
            rest.push_str(after.get(..length).unwrap_or_default());
            Ok((value + length, At::Comma))
        }
        (At::Row { list, is_due: false } | At::RowComma { list }, b']' | b'}')
            if list.is_keyed == (first == b'}') =>
        {
            Ok((1, if list.is_outermost { At::Rest } else { At::Comma }))
        }
        (At::RowComma { list }, b',') => Ok((1, At::Row { list, is_due: true })),
        (At::Row { list, .. }, _) => {
            let start = if list.is_keyed { key(text)?.1 } else { 0 };
            match rows.take(text.get(start..).unwrap_or_default()) {
                Taken::Row(length) => Ok((start + length, At::RowComma { list })),
                Taken::Incomplete => Err(Stop::Short),
                Taken::Broken => Err(Stop::Broken),
            }
        }
        (At::Start | At::Rest, _) => {
            rest.push_str(text);
            Ok((text.len(), At::Rest))
        }
        (At::Member { .. } | At::Comma | At::RowComma { .. }, _) => Err(Stop::Broken),
    }
}

/// A key and its colon: the key, and where its value begins.
fn key(text: &str) -> Result<(String, usize), Stop> {
    let mut keys = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let key = found(keys.next())?;
    let end = keys.byte_offset();
    let after = text.get(end..).unwrap_or_default().trim_ascii_start();
    let value = after.strip_prefix(':').ok_or(match after.is_empty() {
        true => Stop::Short,
        false => Stop::Broken,
    })?;
    Ok((key, text.len() - value.trim_ascii_start().len()))
}

/// How many bytes a value has. Of a number nobody knows where it ends before something follows.
fn value_at(text: &str) -> Result<usize, Stop> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    found(values.next())?;
    let end = values.byte_offset();
    if end == text.len() { Err(Stop::Short) } else { Ok(end) }
}

fn found<T>(read: Option<serde_json::Result<T>>) -> Result<T, Stop> {
    match read {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) if error.is_eof() => Err(Stop::Short),
        Some(Err(_)) => Err(Stop::Broken),
        None => Err(Stop::Short),
    }
}

/// The JSON of the row at the beginning of a text.
pub(crate) fn raw_row(text: &str) -> Result<&RawValue, Taken> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    match found(values.next()) {
        // A number may go on.
        Ok(raw)
            if values.byte_offset() == text.len() && !raw.get().starts_with(['{', '[', '"']) =>
        {
            Err(Taken::Incomplete)
        }
        Ok(raw) => Ok(raw),
        Err(Stop::Short) => Err(Taken::Incomplete),
        Err(Stop::Broken) => Err(Taken::Broken),
    }
}

#[cfg(test)]
mod tests;
