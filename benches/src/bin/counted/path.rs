//! The hot paths, by name.

use std::fmt;

use callmux_benches::Vendor;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    /// A listing of a vendor, through all of callmux but the network. Of 0 bytes: rows as short as the simulator's own.
    List { vendor: Vendor, bytes: usize, calls: u64 },
    /// A listing of so many accounts in memory.
    Merge { accounts: u64 },
    /// A call added to a report by agent and day.
    Report,
    /// A call added to a comparison of vendors.
    Comparer,
    /// A decimal read from a number's text.
    Decimal,
    /// A call checked against a filter.
    Matches,
    /// A call written as a line of JSON.
    Ndjson { vendor: Vendor },
}

/// How many calls a listing has whose growth is judged.
pub(crate) const FEW: u64 = 1_000;
/// Some thirty times as many.
pub(crate) const MANY: u64 = 30_000;

impl Path {
    /// Those whose count is on record.
    pub(crate) fn recorded() -> Vec<Self> {
        let list = |vendor, bytes, calls| Self::List { vendor, bytes, calls };
        let lists = Vendor::ALL
            .into_iter()
            .flat_map(|vendor| [list(vendor, 3_000, 1_000), list(vendor, 27_000, 300)]);
        let merges = [1, 10, 100].into_iter().map(|accounts| Self::Merge { accounts });
        let rest = [Self::Report, Self::Comparer, Self::Decimal, Self::Matches];
        let ndjson = Vendor::ALL.into_iter().map(|vendor| Self::Ndjson { vendor });
        lists.chain(merges).chain(rest).chain(ndjson).collect()
    }

    /// Listings of which only the growth is judged, of few calls and of many. The shortest rows: of them, what is done
    /// for each call among the others is the largest part.
    pub(crate) fn growing() -> Vec<[Self; 2]> {
        let list = |vendor, calls| Self::List { vendor, bytes: 0, calls };
        Vendor::ALL.into_iter().map(|vendor| [list(vendor, FEW), list(vendor, MANY)]).collect()
    }

    /// The path of a name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let all = Self::recorded().into_iter().chain(Self::growing().into_iter().flatten());
        all.into_iter().find(|path| path.to_string() == name)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match *self {
            Self::List { vendor, bytes, calls } => {
                format!("list/{}/{bytes}-bytes/{calls}-calls", vendor.id())
            }
            Self::Merge { accounts } => format!("merge/{accounts}"),
            Self::Report => "costs/report-by-agent-and-day".to_owned(),
            Self::Comparer => "costs/comparer-by-vendor".to_owned(),
            Self::Decimal => "money/decimal".to_owned(),
            Self::Matches => "check/matches".to_owned(),
            Self::Ndjson { vendor } => format!("ndjson/{}", vendor.id()),
        };
        f.pad(&name)
    }
}
