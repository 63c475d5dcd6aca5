//! Walks by position: pages that overlap, and must join.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Finding, Mark, Observed, Stalled, Step, habitual_floor, older};

/// How many of the rows read last are remembered.
const TAIL: usize = 32;
/// How often an edge is looked for further up: by 1, 2, 4, 8, 16, 32 pages. A listing gives up where more pages than that bring
/// nothing new, so to look still further would not help it.
const STEPS_AT_AN_EDGE: u8 = 6;
/// So many rows of one time do not come in the same order twice by chance.
const NO_ACCIDENT: usize = 8;
/// How often a walk steps back in all, so that a vendor without any order is read to an end.
const STEPS: u8 = 64;

/// Where a walk by position stands.
///
/// Positions move while they are read: a row that arrives pushes the others down, one that goes pulls them up, past the edge
/// of a page that was not read yet. So each page is asked to begin before the end of what was read, and must show that it does.
///
/// Why that is enough: in a list with a fixed order, what was not read stands after what was. A page is a piece of the list
/// without gaps; if it holds a row read before, every unread row that was there throughout stands on it or after it, whatever
/// came or went in between. Where only rows of one instant change places, "a row read before" is to be one of another instant
/// than the last: no row of the last instant, read or not, stands before that one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The next page is to begin with this row, counted from the top of the list, or before it.
    pub(super) start: u64,
    /// How many rows from the top were read.
    pub(super) reached: u64,
    /// The last row of another instant than the last.
    anchor: u64,
    /// The rows read last, by their keys.
    tail: Vec<u64>,
    newest: Option<DateTime<Utc>>,
    oldest: Option<DateTime<Utc>>,
    /// The oldest instant a page ago.
    before: Option<DateTime<Utc>>,
    /// Whether the rows came newest first so far.
    falls: bool,
    /// Whether they came oldest first so far.
    rises: bool,
    /// Whether no page can begin before the rows of the last instant: the edge is in doubt already.
    #[serde(default)]
    is_loose: bool,
    /// Whether that doubt was not said yet, as the next page may show that nothing follows the edge.
    #[serde(default)]
    owes_doubt: bool,
    /// How often this edge was looked for further up.
    #[serde(default)]
    steps_here: u8,
    /// How often any edge was.
    #[serde(default)]
    steps: u8,
    /// Whether the last page was short though more may follow.
    #[serde(default)]
    was_short: bool,
    /// Whether an empty page came though the vendor says that another follows.
    #[serde(default)]
    was_hollow: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            start: 0,
            reached: 0,
            anchor: 0,
            tail: Vec::new(),
            newest: None,
            oldest: None,
            before: None,
            falls: true,
            rises: true,
            is_loose: false,
            owes_doubt: false,
            steps_here: 0,
            steps: 0,
            was_short: false,
            was_hollow: false,
        }
    }
}

/// How rows follow one another, as far as they were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// Newest first.
    Falling,
    /// Oldest first.
    Rising,
    /// By something else, or all of one time.
    Unknown,
}

impl Order {
    fn of(falls: bool, rises: bool) -> Self {
        match (falls, rises) {
            (true, false) => Self::Falling,
            (false, true) => Self::Rising,
            _ => Self::Unknown,
        }
    }
}

/// A page, as its machine understands it.
pub(super) struct Read<'a> {
    pub(super) page: &'a Observed,
    /// How many rows stand before it in the list.
    pub(super) start: u64,
    /// How many rows a full page has.
    pub(super) size: u32,
    /// Whether the vendor says in so many words that another page follows.
    pub(super) has_next: bool,
    /// Whether the machine can choose where a page begins.
    pub(super) can_choose: bool,
}

impl Read<'_> {
    /// How many rows from the top it reaches. The vendor's own pages stand where they stand, however many rows they show.
    fn end(&self) -> u64 {
        let rows = if self.can_choose { self.page.distinct() } else { self.size };
        self.start.saturating_add(rows.into())
    }

    fn is_short(&self) -> bool {
        self.page.rows() < self.size
    }

    /// Whether nothing tells a short page from one that the vendor cut short. A total alone does not: it may lag behind; nor does
    /// the size that the vendor says a page has.
    fn is_unexplained(&self) -> bool {
        let page = self.page;
        let looked_further = page.has_more == Some(false) && page.total.is_none();
        let is_told_twice = page.page_size.is_some() && page.total.is_some();
        !is_told_twice && !looked_further && !page.is_surely_short(0)
    }
}

/// Whether a page can begin at a row or before it, and reach beyond so many.
pub(super) type Reach<'a> = &'a dyn Fn(u64, u64) -> bool;

impl Place {
    /// Whether the next page is asked for from further up than the walk has got.
    pub(super) fn looks_back(&self) -> bool {
        self.steps_here > 0
    }

    /// Whether the page before may have been the last, so that what it held is of little use on the next.
    pub(super) fn is_at_an_end(&self) -> bool {
        self.was_short
    }

    /// Whether the rows of one instant fill more than a page, so that the largest serves best.
    pub(super) fn is_wide(&self) -> bool {
        self.is_loose
    }

    /// Where a walk will stand that has read so many rows from the top, where nothing happens meanwhile: its next page begins with
    /// this row, or before it.
    pub(super) fn likely(start: u64, reached: u64) -> Self {
        Self { start, reached, ..Self::default() }
    }

    /// Whether nothing is known of the page that comes next but about where it stands.
    pub(super) fn is_plain(&self) -> bool {
        self.reached > 0 && !self.looks_back() && !self.is_at_an_end() && !self.is_wide()
    }

    pub(super) fn next(&self, read: &Read<'_>, reach: Reach<'_>) -> Result<Step<Self>, Stalled> {
        let is_empty = read.page.marks.is_empty();
        let is_hollow = is_empty && read.has_next;
        let joins = self.joins(read);
        if is_hollow && (joins || self.was_hollow || !read.can_choose) {
            return Err(Stalled("the vendor answered with an empty page before the last"));
        }
        if self.was_short && (joins || self.owes_doubt) && self.is_in_vain(read) {
            return Ok(Step::end());
        }
        if !joins && read.can_choose && self.can_step_back() {
            let mut further_up = self.stepped_back(read.page.asked);
            further_up.was_hollow |= is_hollow;
            return Ok(Step::to(further_up, habitual_floor(self.before)));
        }
        let is_doubtful = self.owes_doubt || !joins && !self.is_loose;
        let doubt = is_doubtful.then_some(Finding::EdgeInDoubt(self.oldest));
        if is_empty || self.is_last(read) {
            // A vendor that filters a page after it was cut says so.
            let is_more_said = read.page.has_more == Some(true) && read.page.total.is_none();
            let unread = is_more_said
                .then_some(Finding::EdgeInDoubt(older(self.oldest, read.page.oldest())));
            return Ok(Step::end().with(doubt.or(unread)));
        }
        let (next, loosened) = self.after(read, reach);
        Ok(Step::to(next, habitual_floor(self.oldest)).with(doubt).with(loosened))
    }

    fn order(&self) -> Order {
        Order::of(self.falls, self.rises)
    }

    /// Whether every row not read yet stands on the page or after it.
    pub(super) fn joins(&self, read: &Read<'_>) -> bool {
        if read.start == 0 {
            return true;
        }
        let page = read.page;
        if self.looks_back() && self.is_all_read(page) {
            return true;
        }
        let is_on_page = |key: &u64| page.marks.iter().any(|mark| mark.key == *key);
        let holds_a_row_read = self.tail.iter().any(is_on_page);
        if self.oldest.is_none() {
            return holds_a_row_read;
        }
        let holds_a_row_before_the_edge = match self.order() {
            Order::Falling => page.times().any(|at| Some(at) > self.oldest),
            Order::Rising => page.times().any(|at| Some(at) < self.newest),
            Order::Unknown => {
                let others = self.tail.len().saturating_sub(self.of_last());
                others == 0 || self.tail.iter().take(others).any(is_on_page)
            }
        };
        holds_a_row_read && holds_a_row_before_the_edge
    }

    /// Whether a list that keeps its order has the whole page before what was not read yet.
    fn is_all_read(&self, page: &Observed) -> bool {
        let is_older = |a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>| {
            a.zip(b).is_some_and(|(a, b)| a < b)
        };
        match self.order() {
            Order::Falling => page.falls() && is_older(self.oldest, page.oldest()),
            Order::Rising => page.rises() && is_older(page.newest(), self.newest),
            Order::Unknown => false,
        }
    }

    /// Whether a page that was asked for to see if a short one was the last shows that it was: it is not cut short itself, and
    /// ends with rows that were read, as near to the top as they were. An empty one shows nothing: rows above it went.
    fn is_in_vain(&self, read: &Read<'_>) -> bool {
        let page = read.page;
        let is_known = |mark: &Mark| self.tail.contains(&mark.key);
        let is_at_the_end = read.is_short() && page.rows() < page.served_before && !read.has_next;
        is_at_the_end
            && !page.marks.is_empty()
            && page.marks.iter().all(is_known)
            && (!self.owes_doubt || read.end() <= self.reached)
    }

    /// Whether rows of one time were seen to keep their places from one request to the next: all that are remembered came
    /// again as they came before, and so many of the last instant that it is no accident.
    fn keeps_order(&self, page: &Observed) -> bool {
        let again = page.marks.iter().map(|mark| mark.key).filter(|key| self.tail.contains(key));
        self.of_last().min(self.tail.len()) >= NO_ACCIDENT && again.eq(self.tail.iter().copied())
    }

    /// How many rows of the last instant were read. Those that are remembered are at the end of the tail.
    fn of_last(&self) -> usize {
        let of_last = self.reached.saturating_sub(self.anchor.saturating_add(1));
        usize::try_from(of_last).unwrap_or(usize::MAX)
    }

    /// A loose edge is in doubt wherever its page begins.
    fn can_step_back(&self) -> bool {
        !self.is_loose && self.steps_here < STEPS_AT_AN_EDGE && self.steps < STEPS
    }

    fn stepped_back(&self, size: u32) -> Self {
        let rows = u64::from(size.max(1)) << self.steps_here;
        Self {
            start: self.anchor.saturating_sub(rows),
            steps_here: self.steps_here + 1,
            steps: self.steps + 1,
            ..self.clone()
        }
    }

    /// Whether nothing follows a page, as far as it and the one before can tell. A full page is never the last for a total that
    /// says so: totals lag behind, and are counted before the rows are read.
    fn is_last(&self, read: &Read<'_>) -> bool {
        let page = read.page;
        if !read.is_short() {
            return page.has_more == Some(false)
                && page.total.is_none()
                && page.last_page.is_none();
        }
        // After one short page that was not the last, only a page that brings nothing is.
        if self.was_short {
            return !self.brings_more(read) && (self.is_loose || !self.is_cut(read));
        }
        let is_more_promised = read.has_next
            || page.total.is_some_and(|total| total > read.end())
            || read.is_unexplained();
        !is_more_promised
    }

    fn brings_more(&self, read: &Read<'_>) -> bool {
        read.end() > self.reached || self.looks_back()
    }

    /// Whether a page that brings nothing may have been cut short before it got to what is new.
    fn is_cut(&self, read: &Read<'_>) -> bool {
        read.is_short() && !self.brings_more(read) && !read.page.is_surely_short(0)
    }

    fn after(&self, read: &Read<'_>, reach: Reach<'_>) -> (Self, Option<Finding>) {
        let page = read.page;
        let is_cut = self.is_cut(read);
        let reached = if is_cut { self.reached } else { read.end() };
        let is_stuck = is_cut && self.was_short;
        let newest = self.newest.max(page.newest());
        let oldest = older(self.oldest, page.oldest());
        let falls = self.falls && page.falls();
        let rises = self.rises && page.rises();
        let last = page.times().last();
        let is_before_the_edge = |at: DateTime<Utc>| match Order::of(falls, rises) {
            Order::Falling => Some(at) > oldest,
            Order::Rising => Some(at) < newest,
            Order::Unknown => Some(at) != last,
        };
        let place = page.marks.iter().rposition(|mark| mark.at.is_some_and(is_before_the_edge));
        let anchor = match place {
            Some(place) => read.start.saturating_add(place as u64),
            // Without any time there are no ties.
            None if oldest.is_none() => reached.saturating_sub(1),
            None => self.anchor.min(read.start),
        };
        let fits = !is_stuck && reach(anchor, reached);
        let is_loose = !fits && read.can_choose;
        let start = match fits {
            true => anchor,
            false if reach(reached.saturating_sub(1), reached) => reached.saturating_sub(1),
            false => reached,
        };
        let kept = self.tail.iter().filter(|key| page.marks.iter().all(|mark| mark.key != **key));
        let tail: Vec<u64> = kept.copied().chain(page.marks.iter().map(|mark| mark.key)).collect();
        let owes_doubt = is_loose && is_stuck && self.keeps_order(page);
        let next = Self {
            start,
            reached,
            anchor,
            tail: tail.get(tail.len().saturating_sub(TAIL)..).unwrap_or_default().to_vec(),
            newest,
            oldest,
            before: self.oldest,
            falls,
            rises,
            is_loose,
            owes_doubt,
            steps_here: 0,
            steps: self.steps,
            was_short: read.is_short(),
            was_hollow: self.was_hollow && self.looks_back(),
        };
        let is_in_doubt = is_loose && !owes_doubt;
        (next, is_in_doubt.then_some(Finding::EdgeInDoubt(oldest)))
    }
}
