//! Rows, decoded one at a time: a bad row costs only itself.

use std::collections::{BTreeSet, HashSet};

use callmux_core::{
    Call, CallFilter, CallId, CallPage, Field, FilteredRow, Floor, Named, PageSource, RawJson,
    Rejected, Support,
};
use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

use crate::dialect::{Dialect, Plan, RowError, Source};
use crate::document::{Rows, Taken, raw_row};
use crate::paging::Mark;
use crate::weight;
use crate::wire::Text;

/// What a page's rows turned out to be.
#[derive(Default)]
pub(crate) struct Decoded {
    pub(crate) calls: Vec<Call>,
    pub(crate) filtered: Vec<FilteredRow>,
    pub(crate) rejected: Vec<Rejected>,
    /// Every row, in the order sent. One that is sent twice counts once: it stands at one place in the vendor's list.
    pub(crate) marks: Vec<Mark>,
    /// How many rows were sent.
    pub(crate) rows: u32,
    /// How many of them were passed on before.
    pub(crate) passed_on: u32,
    /// About how many bytes it takes to hold the others.
    pub(crate) bytes: usize,
    /// Conditions that the vendor was asked to filter by, and that a row of its answer does not meet.
    pub(crate) not_as_asked: BTreeSet<Field>,
}

/// Decodes the rows of a page as they come, and checks each call against the filter.
pub(crate) struct Decoder<'a, D> {
    dialect: &'a D,
    source: &'a Source,
    filter: &'a CallFilter,
    plan: &'a Plan,
    keep_raw: bool,
    decoded: Decoded,
    /// The rows met, by their marks.
    marked: HashSet<u64>,
    /// The time of the first row that has one.
    first: Option<DateTime<Utc>>,
    /// The same of the rows that were not passed on: the newest of them.
    first_of_part: Option<DateTime<Utc>>,
    /// The time of the last row that has one.
    last: Option<DateTime<Utc>>,
    /// Whether no row so far is newer than the one before it.
    falls: bool,
    /// With how many bytes they are passed on.
    large: usize,
}

impl<'a, D: Dialect> Decoder<'a, D> {
    pub(crate) fn new(
        dialect: &'a D,
        source: &'a Source,
        (filter, plan): (&'a CallFilter, &'a Plan),
        keep_raw: bool,
        large: usize,
    ) -> Self {
        Self {
            dialect,
            source,
            filter,
            plan,
            keep_raw,
            decoded: Decoded::default(),
            marked: HashSet::new(),
            first: None,
            first_of_part: None,
            last: None,
            falls: true,
            large,
        }
    }

    pub(crate) fn finish(self) -> Decoded {
        self.decoded
    }

    /// The rows so far, once they are so many that they are not to be held, and where the time of the first allows it.
    pub(crate) fn part(
        &mut self,
        can_pass_on: impl FnOnce(DateTime<Utc>) -> bool,
    ) -> Option<CallPage> {
        if !self.falls || self.decoded.bytes < self.large || !can_pass_on(self.first?) {
            return None;
        }
        // What comes next is no newer than the last of these. As none of them is given out yet, a row that is out of its place by
        // as many is still put right.
        let at = self.first_of_part?;
        let mut source = PageSource::new(self.source.vendor.clone(), self.source.account.clone());
        source.rows = u64::from(self.decoded.rows - self.decoded.passed_on);
        source.bytes = self.decoded.bytes as u64;
        source.filtered = std::mem::take(&mut self.decoded.filtered);
        let mut part = CallPage::default();
        part.calls = std::mem::take(&mut self.decoded.calls);
        part.rejected = std::mem::take(&mut self.decoded.rejected);
        part.floor = Some(Floor { at, proven: false });
        part.sources = vec![source];
        (self.decoded.bytes, self.decoded.passed_on) = (0, self.decoded.rows);
        self.first_of_part = None;
        Some(part)
    }

    fn accept(&mut self, mut call: Call, raw: impl FnOnce() -> Option<RawJson>) {
        let mark = Mark::new(call.id.as_str(), call.placed_at);
        if self.marked.insert(mark.key) {
            self.decoded.marks.push(mark);
        }
        self.falls &= self.last.is_none_or(|last| call.placed_at <= Some(last));
        self.first = self.first.or(call.placed_at);
        self.first_of_part = self.first_of_part.or(call.placed_at);
        self.last = call.placed_at.or(self.last);
        imply(&mut call, self.filter, self.plan);
        if self.filter.matches(&call) {
            self.decoded.bytes += weight::of_trees(&call);
            call.raw = raw();
            self.decoded.calls.push(call);
        } else {
            self.decoded.not_as_asked.extend(unmet(&call, self.filter, self.plan));
            let row = FilteredRow { id: call.id, placed_at: call.placed_at };
            self.decoded.filtered.push(row);
        }
    }

    fn reject(&mut self, raw: &RawValue, reason: &RowError) {
        // Of rows that cannot be read nobody knows whether two are one.
        self.decoded.marks.push(Mark::new(raw.get(), None));
        let row = reject(self.source, self.decoded.rows as usize, raw, reason, self.last);
        self.decoded.rejected.push(row);
    }

    /// Takes a row of which it is known where it ends.
    fn take_raw(&mut self, raw: &RawValue) {
        match decode_row(self.dialect, self.source, raw) {
            Ok(call) => {
                let keep_raw = self.keep_raw;
                self.decoded.bytes += if keep_raw { raw.get().len() } else { 0 };
                self.accept(call, || keep_raw.then(|| RawJson::new(raw.to_owned())));
            }
            Err(reason) => self.reject(raw, &reason),
        }
    }
}

impl<D: Dialect> Rows for Decoder<'_, D> {
    /// A good row is read once. Where that fails it is found where the row ends, so that it costs only itself.
    fn take(&mut self, text: &str) -> Taken {
        if text.starts_with('{') && !self.keep_raw {
            let mut rows = serde_json::Deserializer::from_str(text).into_iter::<D::Row<'_>>();
            match rows.next() {
                Some(Ok(row)) => {
                    if let Ok(call) = self.dialect.call(row, self.source) {
                        self.decoded.rows += 1;
                        self.decoded.bytes += rows.byte_offset();
                        self.accept(call, || None);
                        return Taken::Row(rows.byte_offset());
                    }
                }
                Some(Err(error)) if error.is_eof() => return Taken::Incomplete,
                _ => {}
            }
        }
        match raw_row(text) {
            Ok(raw) => {
                self.decoded.rows += 1;
                self.decoded.bytes += raw.get().len();
                self.take_raw(raw);
                Taken::Row(raw.get().len())
            }
            Err(taken) => taken,
        }
    }
}

impl Decoded {
    /// Leaves out the calls newer than this, all of which were given before. Rows that could not be read stay.
    pub(crate) fn leave_out_above(&mut self, newest: DateTime<Utc>) {
        let is_new = |placed_at: Option<DateTime<Utc>>| placed_at.is_none_or(|at| at <= newest);
        self.calls.retain(|call| is_new(call.placed_at));
        self.filtered.retain(|row| is_new(row.placed_at));
    }
}

/// One row as a call.
pub(crate) fn decode_row<D: Dialect>(
    dialect: &D,
    source: &Source,
    raw: &RawValue,
) -> Result<Call, RowError> {
    // A list would be read as the fields in their order.
    if !raw.get().starts_with('{') {
        return Err(RowError::new("it is not an object"));
    }
    let mended;
    let read = match serde_json::from_str::<D::Row<'_>>(raw.get()) {
        Ok(row) => Ok(row),
        Err(error) => match without_half_characters(raw.get()) {
            None => Err(error),
            Some(text) => {
                mended = text;
                serde_json::from_str(&mended)
            }
        },
    };
    // serde's own message may quote the row, so only its place is kept.
    let row = read.map_err(|error| {
        RowError::new(format!("its JSON is not of the expected shape (column {})", error.column()))
    })?;
    dialect.call(row, source)
}

/// The text with each escaped half of a character replaced, if there is one. A vendor that cuts a text in the middle of an
/// emoji sends such a half (`\ud83d`); no text can hold it, and it must not cost the row.
pub(crate) fn without_half_characters(json: &str) -> Option<String> {
    let mut mended = String::with_capacity(json.len());
    let mut rest = json;
    let mut found = false;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let length = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(_), _) => 6,
            // Any other escape is a backslash and one more.
            (None, _) => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (escape, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        let is_half = length == 6 && matches!(unit(escape), Some(0xd800..=0xdfff));
        found |= is_half;
        mended.push_str(if is_half { r"\ufffd" } else { escape });
        rest = after;
    }
    mended.push_str(rest);
    found.then_some(mended)
}

/// The UTF-16 unit that an escape at the start of a text stands for.
fn unit(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix(r"\u")?.get(..4)?, 16).ok()
}

/// The conditions that a filtered row should have met, by what the vendor was asked: those that are sent just so, and a time
/// range that is sent at all where the row shows no time.
fn unmet(call: &Call, filter: &CallFilter, plan: &Plan) -> impl Iterator<Item = Field> {
    plan.conditions.iter().filter_map(|(&field, served)| {
        let is_sent = served.support != Support::Client;
        let is_unread = field == Field::Placed && is_sent && call.placed_at.is_none();
        let is_unmet = is_unread || served.support.is_exact() && !filter.only(field).matches(call);
        is_unmet.then_some(field)
    })
}

/// Writes into the call what the vendor vouched for and does not show.
fn imply(call: &mut Call, filter: &CallFilter, plan: &Plan) {
    let write = |named: &mut Option<Named>, id: Option<&String>| {
        let named = named.get_or_insert_default();
        named.id = named.id.take().or_else(|| id.cloned());
    };
    if plan.is_trusted(Field::Agent) {
        write(&mut call.agent, filter.agent.as_ref());
    }
    if plan.is_trusted(Field::Campaign) {
        write(&mut call.campaign, filter.campaign.as_ref());
    }
}

/// A row by its number, counted from 1.
fn reject(
    source: &Source,
    number: usize,
    raw: &RawValue,
    reason: &RowError,
    near: Option<DateTime<Utc>>,
) -> Rejected {
    #[derive(serde::Deserialize)]
    struct OnlyId {
        #[serde(default)]
        id: Text,
    }
    let id = serde_json::from_str::<OnlyId>(raw.get()).ok().and_then(|row| row.id.0);
    let mut rejected = Rejected::new(
        source.vendor.clone(),
        source.account.clone(),
        number,
        reason.to_string(),
        RawJson::new(raw.to_owned()),
    );
    rejected.id = id.map(CallId::new);
    rejected.near = near;
    rejected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_is_replaced_and_nothing_else_is_touched() {
        for (json, mended) in [
            (r#""cut \ud83d""#, Some(r#""cut \ufffd""#)),
            (r#""\ude00 \ud83d\ude00 \ud83d\n""#, Some(r#""\ufffd \ud83d\ude00 \ufffd\n""#)),
            (r#""\ud83d\ud83d\ude00é""#, Some(r#""\ufffd\ud83d\ude00é""#)),
            (r#""\\ud83d""#, None),
            (r#""\ud83d\ude00 \u00e9 \"é""#, None),
            (r"\", None),
            (r"\é", None),
            (r"\u12", None),
        ] {
            assert_eq!(without_half_characters(json).as_deref(), mended, "{json}");
        }
    }
}
