//! What the oracle knows of a call, read from its row as the vendor sends it.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::value::RawValue;

use super::exact::Amount;

/// The components in the order in which reports list them.
pub(super) const COMPONENTS: [&str; 7] =
    ["telephony", "stt", "llm", "tts", "platform", "analysis", "other"];

/// A call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) vendor: &'static str,
    pub(super) id: String,
    pub(super) placed_at: Option<DateTime<Utc>>,
    pub(super) status: &'static str,
    /// Talk time in milliseconds, where it is known.
    pub(super) talk: Option<i128>,
    pub(super) agent: Option<Named>,
    pub(super) campaign: Option<Named>,
    pub(super) cost: Cost,
    /// When each turn of a dated transcript began, and when the call ended, in microseconds.
    pub(super) turns: Vec<i64>,
    pub(super) ended: Option<i64>,
}

/// An agent or a campaign: its id, or its name where there is no id; and its name beside an id.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) value: String,
    pub(super) name: Option<String>,
}

/// A cost. All simulated amounts are US dollars, which the readers check.
#[derive(Clone, Debug)]
pub(super) struct Cost {
    pub(super) state: &'static str,
    /// The total; `None` where it is not known.
    pub(super) total: Option<Amount>,
    pub(super) lines: Vec<Line>,
    /// What the total covers, and what it leaves out.
    pub(super) includes: Vec<&'static str>,
    pub(super) excludes: Vec<&'static str>,
}

/// A line of a cost.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) component: &'static str,
    pub(super) amount: Amount,
    pub(super) model: Option<String>,
    /// Somebody else charges for it, so that it is in no total.
    pub(super) is_elsewhere: bool,
}

impl Line {
    pub(super) fn new(component: &'static str, amount: Amount) -> Self {
        Self { component, amount, model: None, is_elsewhere: false }
    }
}

impl Cost {
    /// The states and the scope of semantics.md: a live call with no amount or 0 is pending, an amount is an estimate while the
    /// call is live, a call that is over has what is reported, 0 included. A component with a line in the total is covered, one
    /// with none but lines of others' is not.
    pub(super) fn new(
        total: Option<Amount>,
        is_live: bool,
        lines: Vec<Line>,
        covers: &[&'static str],
        leaves_out: &[&'static str],
    ) -> Self {
        let state = match total {
            None | Some(Amount::ZERO) if is_live => "pending",
            Some(_) if is_live => "estimated",
            Some(_) => "reported",
            None => "unavailable",
        };
        let in_total =
            |of: &&str| lines.iter().any(|line| line.component == *of && !line.is_elsewhere);
        let elsewhere =
            |of: &&str| lines.iter().any(|line| line.component == *of && line.is_elsewhere);
        let all = COMPONENTS.iter();
        let includes = |of: &&str| in_total(of) || covers.contains(of) && !elsewhere(of);
        let includes: Vec<_> = all.clone().filter(|of| includes(of)).copied().collect();
        let excludes = |of: &&str| !in_total(of) && (leaves_out.contains(of) || elsewhere(of));
        let excludes = all.filter(|of| excludes(of)).copied().collect();
        let total = total.filter(|_| state != "pending");
        Self { state, total, lines, includes, excludes }
    }

    /// The same where a 0 does not mean that the call was free.
    pub(super) fn with_zero_pending(mut self) -> Self {
        if self.total.is_some_and(Amount::is_zero) {
            (self.state, self.total) = ("pending", None);
        }
        self
    }
}

impl Call {
    pub(super) fn is_live(&self) -> bool {
        is_live(self.status)
    }

    /// The talk time, if the parties talked.
    pub(super) fn talked(&self) -> Option<i128> {
        self.talk.filter(|talk| *talk > 0)
    }
}

pub(super) fn is_live(status: &str) -> bool {
    ["scheduled", "queued", "ringing", "in_progress", "finishing"].contains(&status)
}

/// The amount of a field; a field that is missing or null is none. Simulated rows have no amount that is none.
pub(super) fn amount(field: Option<&RawValue>) -> Option<Amount> {
    field.map(|field| Amount::read(field.get()).unwrap_or_else(|| panic!("no amount: {field}")))
}

/// A time of UTC, in any of the three spellings.
pub(super) fn time(text: &str) -> DateTime<Utc> {
    let text = text.trim_end_matches('Z').replace('T', " ");
    NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f").unwrap().and_utc()
}
