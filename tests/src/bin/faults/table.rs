//! The faults: what a careless hand would write.

/// A fault.
pub(crate) struct Fault {
    /// What is wrong.
    pub(crate) name: &'static str,
    /// Where.
    pub(crate) file: &'static str,
    /// What stands there, once in the file.
    pub(crate) sound: &'static str,
    /// What is put in its place.
    pub(crate) broken: &'static str,
}

const fn fault(
    name: &'static str,
    file: &'static str,
    sound: &'static str,
    broken: &'static str,
) -> Fault {
    Fault { name, file, sound, broken }
}

const WALK: &str = "crates/core/src/scan/walk.rs";
const READER: &str = "crates/core/src/scan/reader.rs";
const SCOUT: &str = "crates/core/src/scan/scout.rs";
const SOURCE: &str = "crates/core/src/scan/source.rs";
const ORDER: &str = "crates/core/src/scan/order.rs";
const PLACE: &str = "crates/core/src/scan/place.rs";
const TIES: &str = "crates/core/src/scan/ties.rs";
const SETTLE: &str = "crates/core/src/scan/settle.rs";
const KEYSET: &str = "crates/http/src/paging/keyset.rs";
const POSITION: &str = "crates/http/src/paging/position.rs";
const LISTING: &str = "crates/core/src/scan/mod.rs";

pub(crate) const FAULTS: &[Fault] = &[
    fault(
        "a row met before is given again",
        "crates/core/src/scan/seen.rs",
        "Entry::Occupied(_) => Sight::Repeat,",
        "Entry::Occupied(_) => Sight::New,",
    ),
    fault(
        "a row that comes to match is dropped as a repeat",
        "crates/core/src/scan/seen.rs",
        "known.into_mut().matched = true;\n                Sight::NowMatching",
        "known.into_mut().matched = true;\n                Sight::Repeat",
    ),
    fault(
        "a window forgets its edge",
        SOURCE,
        "Some(TimeRange { since: Some(since), until: Some(edge) }),",
        "Some(TimeRange { since: Some(since), until: Some(edge - self.unit) }),",
    ),
    fault(
        "a scout keeps the instant that its page ends within",
        SCOUT,
        "instants(page).chain(self.passed_on).filter(|at| *at > floor.at).min()",
        "Some(floor.at)",
    ),
    fault(
        "a scout is cut above what was passed on",
        SCOUT,
        "!is_plain || self.passed_on.is_some_and(|at| at <= floor.at)",
        "!is_plain",
    ),
    fault(
        "requests for pages of no use are not counted",
        "crates/core/src/scan/line.rs",
        "dropped.requests += u64::from(requests);",
        "dropped.requests += u64::from(requests.min(0));",
    ),
    fault(
        "pages are asked for ahead without end where none is of use",
        "crates/core/src/scan/ahead.rs",
        "self.allowed /= 2;\n        self.next = None;",
        "self.allowed /= 1;",
    ),
    fault(
        "an instant that no page holds passes for split",
        READER,
        "if self.split(walk, place, *tie, held).await? {",
        "if self.split(walk, place, *tie, held).await? || tie.page > 0 {",
    ),
    fault(
        "the vendor's count is not held against what was met",
        "crates/core/src/scan/tally.rs",
        "self.least.filter(|least| *least > self.len())",
        "self.least.filter(|least| *least > self.len() && false)",
    ),
    fault(
        "one call less than counted is as good",
        SETTLE,
        "if total <= met {",
        "if total <= met + 1 {",
    ),
    fault(
        "one call less at an instant is as good",
        TIES,
        "self.rows.is_some_and(|rows| self.met.len() >= rows)",
        "self.rows.is_some_and(|rows| self.met.len() + 1 >= rows)",
    ),
    fault(
        "a gap between the halves of an instant",
        TIES,
        "TimeRange { since: range.since, until: Some(pivot) },",
        "TimeRange { since: range.since, until: Some(pivot - chrono::TimeDelta::milliseconds(1)) },",
    ),
    fault(
        "a tie is given out before it is whole",
        ORDER,
        "(Release::Above(floor), Some(placed_at)) => placed_at > floor,",
        "(Release::Above(floor), Some(placed_at)) => placed_at >= floor,",
    ),
    fault(
        "the slowest account does not hold back the others",
        "crates/core/src/scan/release.rs",
        "Self::Above(one.max(other))",
        "Self::Above(one.min(other))",
    ),
    fault(
        "a resumed listing repeats what was given",
        PLACE,
        "given: source.given.clone().filter(|_| !source.is_disordered),",
        "given: source.given.clone().filter(|_| source.is_disordered),",
    ),
    fault(
        "a resumed listing skips the rest of a page",
        PLACE,
        "cursor: held.cloned().unwrap_or_else(|| window.resume_at.clone()),",
        "cursor: window.resume_at.clone().or_else(|| held.cloned().flatten()),",
    ),
    fault(
        "a resumed listing takes the order within an instant for the vendor's",
        WALK,
        "self.is_below_given |= call.placed_at < after.placed_at();",
        "self.is_below_given = true;",
    ),
    fault(
        "what was read ahead of a failed window is not read again",
        SOURCE,
        "            window.forget();\n",
        "",
    ),
    fault(
        "a member that failed is not named",
        LISTING,
        "self.certificate.add([reason.clone()]);\n                let left_out",
        "let left_out",
    ),
    fault(
        "a walk with nothing new goes on for ever",
        READER,
        "if walk.barren() >= BARREN_PAGES {",
        "if walk.barren() == u32::MAX {",
    ),
    fault(
        "an exclusive bound is the oldest instant itself",
        KEYSET,
        "self.after(bound.duration_trunc(self.unit).unwrap_or(bound))\n    }",
        "bound\n    }",
    ),
    fault(
        "an instant that is shown cut off is sent cut off",
        KEYSET,
        "if self.inclusive && !self.truncates {\n            return bound;",
        "if self.inclusive {\n            return bound;",
    ),
    fault(
        "a short page is always the last",
        KEYSET,
        "if is_short && is_surely_short && !at.is_capped && !is_contradicted {",
        "if is_short {",
    ),
    fault(
        "the largest page is not asked for where ties fill a page",
        KEYSET,
        "let can_widen = page.asked < page.max && served == page.asked;",
        "let can_widen = page.asked < page.max && served > page.asked;",
    ),
    fault(
        "ties that no page holds are left out without a word",
        KEYSET,
        ".with(Some(Finding::Ties(TieGroup::new(oldest, rows))))",
        ".with(None)",
    ),
    fault(
        "a bound whose rows are not met again passes",
        KEYSET,
        "at.overlaps && at.within.is_none() && newest < at.bound",
        "at.overlaps && at.within.is_some() && newest < at.bound",
    ),
    fault(
        "a skip within an instant leaves a row out",
        KEYSET,
        "within: Some(counted - 1)",
        "within: Some(counted + 1)",
    ),
    fault(
        "the order of a walk by time is not looked at",
        KEYSET,
        "let disorder = (!page.falls()).then_some",
        "let disorder = page.marks.is_empty().then_some",
    ),
    fault("pages by position do not overlap", POSITION, "true => anchor,", "true => reached,"),
    fault(
        "any page joins the one before",
        POSITION,
        "holds_a_row_read && holds_a_row_before_the_edge",
        "holds_a_row_read || holds_a_row_before_the_edge || self.falls || !self.falls",
    ),
    fault(
        "a row of the last instant is enough to join",
        POSITION,
        "holds_a_row_read && holds_a_row_before_the_edge",
        "holds_a_row_read",
    ),
    fault(
        "a page that does not join is not looked for further up, and not doubted",
        POSITION,
        ".then_some(Finding::EdgeInDoubt(self.oldest));",
        ".then_some(Finding::EdgeInDoubt(self.oldest)).filter(|_| self.steps > 250);",
    ),
    fault(
        "a full page is the last if the total says so",
        POSITION,
        "&& page.total.is_none()\n                && page.last_page.is_none();",
        "|| page.total.is_some_and(|total| total <= read.end());",
    ),
    fault(
        "a row sent twice counts for two places",
        "crates/http/src/rows.rs",
        "if self.marked.insert(mark.key) {",
        "if self.marked.insert(mark.key) || !self.decoded.marks.is_empty() {",
    ),
    fault(
        "an empty page with a token is the last",
        "crates/http/src/paging/token.rs",
        "if page.has_more == Some(false) {",
        "if page.has_more == Some(false) || page.marks.is_empty() {",
    ),
];
