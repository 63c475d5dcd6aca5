//! What a seed decides before the first request: the vendor, its list, its weather, and the question.

use std::fmt;

use super::table::Word;

/// The largest pages that vendors here have. Each is a type of its own ([`super::dialect`]), so there are only a few.
pub(super) const LARGEST_PAGES: [u32; 7] = [1, 2, 4, 7, 20, 100, 1000];

/// How many rows a page has where no number is asked for, as the vendor documents it.
pub(super) const fn documented_page(max: u32) -> u32 {
    match max {
        0..=2 => max,
        3..=4 => 3,
        5..=7 => 5,
        8..=20 => 10,
        21..=100 => 20,
        _ => 100,
    }
}

/// How a vendor's pages follow one another, as the figures name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A falling bound that lets its own instant through.
    KeysetInclusive,
    /// A falling bound that does not.
    KeysetExclusive,
    /// The first, at a vendor that stores and filters finer than it shows.
    KeysetInclusiveFiner,
    /// The second, at such a vendor.
    KeysetExclusiveFiner,
    /// Page numbers.
    PageNumber,
    /// Offsets.
    Offset,
    /// Tokens.
    Token,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::KeysetInclusive,
        Self::KeysetExclusive,
        Self::KeysetInclusiveFiner,
        Self::KeysetExclusiveFiner,
        Self::PageNumber,
        Self::Offset,
        Self::Token,
    ];

    pub(super) const fn is_keyset(self) -> bool {
        matches!(
            self,
            Self::KeysetInclusive
                | Self::KeysetExclusive
                | Self::KeysetInclusiveFiner
                | Self::KeysetExclusiveFiner
        )
    }

    pub(super) const fn is_inclusive(self) -> bool {
        matches!(self, Self::KeysetInclusive | Self::KeysetInclusiveFiner)
    }

    pub(super) const fn is_finer(self) -> bool {
        matches!(self, Self::KeysetInclusiveFiner | Self::KeysetExclusiveFiner)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::KeysetInclusive => "keyset <=",
            Self::KeysetExclusive => "keyset <",
            Self::KeysetInclusiveFiner => "keyset <=, stores finer",
            Self::KeysetExclusiveFiner => "keyset <, stores finer",
            Self::PageNumber => "page number",
            Self::Offset => "offset",
            Self::Token => "token",
        })
    }
}

/// How the range of time is put to the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    /// Half-open, to the unit.
    Exact,
    /// In whole grains of [`super::dialect::GRAIN_MS`], one more on each side.
    Coarse,
    /// Not at all.
    Unsent,
}

/// What the dialect knows of the vendor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) kind: Kind,
    pub(super) max: u32,
    pub(super) placed: Placed,
    pub(super) sends_status: bool,
    pub(super) sends_updated: bool,
    pub(super) has_skip: bool,
}

/// What the vendor's answers say beside the rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Says {
    pub(super) total: bool,
    pub(super) last_page: bool,
    pub(super) page: bool,
    pub(super) page_size: bool,
    pub(super) has_more: bool,
}

/// The order of the vendor's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListOrder {
    NewestFirst,
    /// Newest first, but for a few calls that are listed above their time.
    Backdated,
    OldestFirst,
}

/// What a vendor does that it should not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lie {
    /// It answers the first page whatever page is asked for.
    SamePage,
    /// It ignores the conditions on status and on the start of the range.
    IgnoresFilter,
    /// It answers its documented number of rows whatever number is asked for.
    IgnoresSize,
    /// It answers no more than this many rows, and does not say so.
    CapsSize(u32),
    /// It always promises another page.
    Endless,
    /// The page of this request is empty, or of the first after it where a reader can know better: at the start of a list that
    /// nobody counts it cannot be told from an empty list.
    EmptyPage(u64),
    /// The request of this number is answered with the page of the one before.
    PageBefore(u64),
    /// From the third page on its tokens lead back to the second.
    TokenCircle,
    /// Each page holds one row twice.
    TwiceOnPage,
    /// Its total is off by this many.
    WrongTotal(i64),
}

/// How often, in percent of the requests, something happens before a request is answered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rates {
    pub(super) arrive: u32,
    pub(super) arrive_late: u32,
    pub(super) join_tie: u32,
    pub(super) delete: u32,
    pub(super) delete_near: u32,
    pub(super) swap: u32,
    pub(super) change_status: u32,
    pub(super) change_status_near: u32,
    pub(super) expire: u32,
    /// How many rows one event may concern.
    pub(super) burst: u32,
    /// How many events there are at most: no world changes for ever.
    pub(super) events: u32,
}

impl Rates {
    pub(super) fn is_calm(&self) -> bool {
        self.events == 0
    }
}

/// What goes wrong on the way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weather {
    /// In percent of the requests.
    pub(super) faults: u32,
    /// From this request on nothing is answered any more.
    pub(super) down_from: Option<u64>,
}

/// How ties are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ties {
    /// How many calls share an instant; 1 for none.
    pub(super) size: u32,
    /// How many such groups there are at most.
    pub(super) groups: u32,
    /// Whether their order changes with each request.
    pub(super) permuted: bool,
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Question {
    /// In milliseconds, and whether half a millisecond is added to it.
    pub(super) since: Option<(i64, bool)>,
    pub(super) until: Option<(i64, bool)>,
    pub(super) word: Option<Word>,
    pub(super) page_size: Option<u32>,
    pub(super) account_page_size: Option<u32>,
    pub(super) limit: Option<u64>,
    pub(super) max_requests: Option<u64>,
    pub(super) concurrency: u32,
    /// The listing is broken off after this many calls, where that is switched on.
    pub(super) break_after: Option<u64>,
}

/// The newest instant of every world before anything arrives: 1 October 2026, in milliseconds.
pub(super) const NEWEST_MS: i64 = 1_790_812_800_000;

/// What a seed decides before the first request.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub(super) seed: u64,
    pub(super) facts: Facts,
    pub(super) says: Says,
    pub(super) rows: u32,
    /// The time that the rows are spread over, in milliseconds.
    pub(super) span_ms: i64,
    pub(super) ties: Ties,
    pub(super) order: ListOrder,
    pub(super) lie: Option<Lie>,
    /// By how many requests the totals lag.
    pub(super) lag: usize,
    /// How many rows cannot be understood.
    pub(super) poison: u32,
    pub(super) rates: Rates,
    pub(super) weather: Weather,
    /// How far the local clock is ahead of the newest call, in milliseconds.
    pub(super) skew_ms: i64,
    pub(super) question: Question,
}

impl Scenario {
    /// How the vendor's pages follow one another.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.facts.kind
    }

    /// Whether nothing but calls that come, go and change stands in the way of a complete listing: the vendor neither lies nor
    /// sends rows that nobody can read, lists newest first, and passing faults pass. Ties are judged apart
    /// ([`Self::ties_fit`]).
    pub(super) fn is_plain(&self) -> bool {
        self.lie.is_none()
            && self.poison == 0
            && self.order == ListOrder::NewestFirst
            && self.weather.down_from.is_none()
            && self.question.max_requests.is_none()
    }

    /// What of the vendor is against a listing beside what happens to its calls, in a few words; nothing for a plain one.
    pub(super) fn circumstance(&self) -> String {
        let lie = self.lie.map(|lie| match lie {
            Lie::SamePage => "always the same page",
            Lie::IgnoresFilter => "filter ignored",
            Lie::IgnoresSize => "page size ignored",
            Lie::CapsSize(_) => "page size capped",
            Lie::Endless => "always one page more",
            Lie::EmptyPage(_) => "an empty page",
            Lie::PageBefore(_) => "a page again",
            Lie::TokenCircle => "tokens in a circle",
            Lie::TwiceOnPage => "rows twice on a page",
            Lie::WrongTotal(by) if by < 0 => "total too small",
            Lie::WrongTotal(_) => "total too large",
        });
        let order = match self.order {
            ListOrder::NewestFirst => None,
            ListOrder::Backdated => Some("back-dated rows"),
            ListOrder::OldestFirst => Some("oldest first"),
        };
        let others = [
            (self.lag > 0, "lagging totals"),
            (self.poison > 0, "unreadable rows"),
            (self.weather.down_from.is_some(), "vendor down"),
            (self.question.max_requests.is_some(), "few requests allowed"),
        ];
        let others = others.into_iter().filter_map(|(is_so, what)| is_so.then_some(what));
        lie.into_iter().chain(order).chain(others).collect::<Vec<_>>().join(", ")
    }

    /// Whether ties of this size can be read whole for certain. `largest` is the largest group of one instant among the rows
    /// that the vendor is asked for, `split` the largest that is left when each is split by `updated`.
    ///
    /// * A page by time that is full of one instant may be cut off: a group needs a page with room to spare, or one that it fills
    ///   and a total to prove it, or a skip in a fixed order, or to be split.
    /// * Pages by position are joined by a group's rows and one newer; page numbers only begin at multiples of their size, so they
    ///   need about twice the room. Where nothing changes and the order is fixed, a total proves any walk.
    /// * A token is the vendor's own affair.
    pub(super) fn ties_fit(&self, largest: u32, split: u32) -> bool {
        let max = self.facts.max;
        let proves = self.says.total && !self.ties.permuted && self.rates.is_calm();
        match self.facts.kind {
            Kind::Token => true,
            Kind::PageNumber => 2 * (largest + 2) <= max || proves,
            Kind::Offset => largest + 2 <= max || proves,
            _ => {
                largest < max
                    || self.says.total && largest == max && self.rates.is_calm()
                    || self.facts.has_skip && !self.ties.permuted && self.rates.is_calm()
                    || self.facts.sends_updated && split < max
            }
        }
    }

    /// How many rows a page has that is asked for as the listing is told to.
    pub(super) fn page_size(&self) -> u32 {
        let question = &self.question;
        let size = question.page_size.or(question.account_page_size);
        size.unwrap_or(documented_page(self.facts.max)).clamp(1, self.facts.max)
    }
}

/// One line: what is needed to know which kind of history this was.
impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { facts, says, ties, question, rates, .. } = self;
        write!(f, "seed {}: {}, max {}", self.seed, facts.kind, facts.max)?;
        write!(f, ", {} rows over {} ms", self.rows, self.span_ms)?;
        if ties.size > 1 {
            let order = if ties.permuted { "permuted" } else { "stable" };
            write!(f, ", {} ties of {} ({order})", ties.groups, ties.size)?;
        }
        for (is_so, what) in [
            (says.total, "total"),
            (says.last_page, "last_page"),
            (says.page, "page"),
            (says.page_size, "page_size"),
            (says.has_more, "has_more"),
            (facts.has_skip, "skip"),
            (facts.sends_status, "status sent"),
            (facts.sends_updated, "updated sent"),
        ] {
            if is_so {
                write!(f, ", {what}")?;
            }
        }
        if facts.placed != Placed::Exact {
            write!(f, ", placed {:?}", facts.placed)?;
        }
        if self.order != ListOrder::NewestFirst {
            write!(f, ", {:?}", self.order)?;
        }
        if let Some(lie) = self.lie {
            write!(f, ", LIE {lie:?}")?;
        }
        if self.lag > 0 {
            write!(f, ", totals lag by {}", self.lag)?;
        }
        if self.poison > 0 {
            write!(f, ", {} poison", self.poison)?;
        }
        if !rates.is_calm() {
            write!(f, ", up to {} events of {}:", rates.events, rates.burst)?;
            for (rate, what) in [
                (rates.arrive, "arrive"),
                (rates.arrive_late, "arrive late"),
                (rates.join_tie, "join tie"),
                (rates.delete, "delete"),
                (rates.delete_near, "delete near"),
                (rates.swap, "swap"),
                (rates.change_status, "status"),
                (rates.change_status_near, "status near"),
                (rates.expire, "expire"),
            ] {
                if rate > 0 {
                    write!(f, " {what} {rate}%")?;
                }
            }
        }
        if self.weather.faults > 0 {
            write!(f, ", {}% faults", self.weather.faults)?;
        }
        if let Some(request) = self.weather.down_from {
            write!(f, ", down from request {request}")?;
        }
        write!(f, "; asked")?;
        if let Some((at, half)) = question.since {
            write!(f, " since {}{}", at - NEWEST_MS, if half { ".5" } else { "" })?;
        }
        if let Some((at, half)) = question.until {
            write!(f, " until {}{}", at - NEWEST_MS, if half { ".5" } else { "" })?;
        }
        if let Some(word) = question.word {
            write!(f, " {word:?}")?;
        }
        write!(f, " page {}", self.page_size())?;
        if let Some(limit) = question.limit {
            write!(f, " limit {limit}")?;
        }
        if let Some(most) = question.max_requests {
            write!(f, " max_requests {most}")?;
        }
        write!(f, " x{}", question.concurrency)
    }
}
