//! The figures of many histories.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::judge::Breach;
use super::run::{Ending, Outcome};
use super::scenario::Kind;

/// How many histories with a breach are described.
const DESCRIBED: usize = 5;

/// The figures of the histories of one kind, or of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many there were.
    pub histories: u64,
    /// How many ended complete, incomplete, with an error.
    pub endings: BTreeMap<Ending, u64>,
    /// How many were honest.
    pub honest: u64,
    /// How many of those ended complete.
    pub honest_complete: u64,
    /// How many were honest but for ties that cannot be read whole for certain.
    pub pathological: u64,
    /// How many of those ended complete.
    pub pathological_complete: u64,
    /// How many honest ones had totals that lag.
    pub lagging: u64,
    /// How many of those ended complete.
    pub lagging_complete: u64,
    /// How many histories had a breach.
    pub violated: u64,
    /// Pages answered in honest histories without a limit that ended complete, and what a perfect reader needs for them.
    pub pages: (u64, u64),
}

impl Figures {
    /// The share of the honest histories that ended complete, in percent; `None` if there was none.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        share(self.honest_complete, self.honest)
    }

    fn add(&mut self, outcome: &Outcome) {
        let is_complete = outcome.ending == Ending::Complete;
        self.histories += 1;
        *self.endings.entry(outcome.ending).or_default() += 1;
        self.violated += u64::from(!outcome.violations.is_empty());
        if outcome.has_pathological_ties {
            self.pathological += 1;
            self.pathological_complete += u64::from(is_complete);
        }
        if !outcome.is_honest {
            return;
        }
        if outcome.has_lagging_totals {
            self.lagging += 1;
            self.lagging_complete += u64::from(is_complete);
            return;
        }
        self.honest += 1;
        self.honest_complete += u64::from(is_complete);
        if let (true, Some(perfect)) = (is_complete, outcome.perfect) {
            self.pages.0 += outcome.pages;
            self.pages.1 += perfect;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.histories += other.histories;
        for (ending, count) in &other.endings {
            *self.endings.entry(*ending).or_default() += count;
        }
        self.honest += other.honest;
        self.honest_complete += other.honest_complete;
        self.pathological += other.pathological;
        self.pathological_complete += other.pathological_complete;
        self.lagging += other.lagging;
        self.lagging_complete += other.lagging_complete;
        self.violated += other.violated;
        self.pages.0 += other.pages.0;
        self.pages.1 += other.pages.1;
    }

    fn ended(&self, ending: Ending) -> u64 {
        self.endings.get(&ending).copied().unwrap_or(0)
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| 100.0 * part as f64 / whole as f64)
}

/// What became of many histories.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// By the way that pages follow one another.
    pub kinds: BTreeMap<Kind, Figures>,
    /// How many histories had each breach, by circumstance and kind, and the first of their seeds.
    pub breaches: BTreeMap<(Breach, String, Kind), (u64, BTreeSet<u64>)>,
    /// Why honest histories were not complete, and the first of their seeds.
    pub reasons: BTreeMap<(String, Kind), (u64, BTreeSet<u64>)>,
    /// The histories of the first seeds with a breach.
    pub described: BTreeMap<(Breach, u64), String>,
}

impl Report {
    pub(super) fn add(&mut self, outcome: &Outcome) {
        self.kinds.entry(outcome.kind).or_default().add(outcome);
        let breaches: BTreeSet<Breach> =
            outcome.violations.iter().map(|violation| violation.breach).collect();
        for breach in breaches {
            let key = (breach, outcome.circumstance.clone(), outcome.kind);
            count(&mut self.breaches, key, 1, [outcome.seed]);
        }
        for violation in &outcome.violations {
            let line = format!("{violation}\n    {}", outcome.history);
            self.described.entry((violation.breach, outcome.seed)).or_insert(line);
        }
        self.keep_first();
        if outcome.is_honest && !outcome.has_lagging_totals && outcome.ending != Ending::Complete {
            for reason in &outcome.reasons {
                count(&mut self.reasons, (reason.clone(), outcome.kind), 1, [outcome.seed]);
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (kind, figures) in &other.kinds {
            self.kinds.entry(*kind).or_default().merge(figures);
        }
        for (key, (times, seeds)) in other.breaches {
            count(&mut self.breaches, key, times, seeds);
        }
        for (key, (times, seeds)) in other.reasons {
            count(&mut self.reasons, key, times, seeds);
        }
        self.described.extend(other.described);
        self.keep_first();
    }

    /// Of each breach the first few, whichever thread they came from.
    fn keep_first(&mut self) {
        let mut kept: BTreeMap<Breach, usize> = BTreeMap::new();
        self.described.retain(|(breach, _), _| {
            let kept = kept.entry(*breach).or_default();
            *kept += 1;
            *kept <= DESCRIBED
        });
    }

    /// All kinds together.
    #[must_use]
    pub fn all(&self) -> Figures {
        let mut all = Figures::default();
        for figures in self.kinds.values() {
            all.merge(figures);
        }
        all
    }
}

fn count<K: Ord>(
    counts: &mut BTreeMap<K, (u64, BTreeSet<u64>)>,
    key: K,
    times: u64,
    seeds: impl IntoIterator<Item = u64>,
) {
    let (total, first) = counts.entry(key).or_default();
    *total += times;
    first.extend(seeds);
    while first.len() > DESCRIBED {
        first.pop_last();
    }
}

/// The figures as a table, then the breaches, then why honest histories were not complete.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<24}{:>10}{:>10}{:>12}{:>8}{:>9}{:>10}{:>9}{:>22}{:>18}{:>10}",
            "paging",
            "histories",
            "complete",
            "incomplete",
            "error",
            "honest",
            "complete",
            "share",
            "ties beyond pages",
            "lagging totals",
            "requests"
        )?;
        let rows = self.kinds.iter().map(|(kind, figures)| (kind.to_string(), figures.clone()));
        for (name, figures) in rows.chain([("all".to_owned(), self.all())]) {
            let percent = |value: Option<f64>| {
                value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2} %"))
            };
            let of = |part: u64, whole: u64| format!("{part} of {whole}");
            let (asked, perfect) = figures.pages;
            let ratio = share(asked, perfect).map(|percent| percent / 100.0);
            writeln!(
                f,
                "{name:<24}{:>10}{:>10}{:>12}{:>8}{:>9}{:>10}{:>9}{:>22}{:>18}{:>10}",
                figures.histories,
                figures.ended(Ending::Complete),
                figures.ended(Ending::Incomplete),
                figures.ended(Ending::Failed),
                figures.honest,
                figures.honest_complete,
                percent(figures.share()),
                of(figures.pathological_complete, figures.pathological),
                of(figures.lagging_complete, figures.lagging),
                ratio.map_or_else(|| "-".to_owned(), |ratio| format!("x {ratio:.2}")),
            )?;
        }
        writeln!(f, "\nhistories with a breach: {}", self.all().violated)?;
        for ((breach, circumstance, kind), (times, seeds)) in by_count(&self.breaches) {
            writeln!(f, "{times:>8}  {breach}, {circumstance}, {kind}: seeds {}", list(seeds))?;
        }
        for line in self.described.values() {
            writeln!(f, "  {line}")?;
        }
        writeln!(f, "\nwhy honest histories were not complete:")?;
        for ((reason, kind), (times, seeds)) in by_count(&self.reasons) {
            writeln!(f, "{times:>8}  {reason}, {kind}: seeds {}", list(seeds))?;
        }
        Ok(())
    }
}

/// The most frequent first.
fn by_count<K>(counts: &BTreeMap<K, (u64, BTreeSet<u64>)>) -> Vec<(&K, &(u64, BTreeSet<u64>))> {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|(_, (times, _))| std::cmp::Reverse(*times));
    counts
}

fn list(seeds: &BTreeSet<u64>) -> String {
    seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")
}
