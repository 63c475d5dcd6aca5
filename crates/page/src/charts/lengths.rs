//! How long the calls of one side were.

use maud::{Markup, html};

use super::{Chart, line, number, percent};
use crate::text;

const HEIGHT: f64 = 110.0;

/// The calls of a side of about one length.
pub(crate) struct Bar {
    /// The range of lengths, in words.
    pub(crate) lengths: String,
    /// Where it ends, as the axis has it.
    pub(crate) end: Option<String>,
    pub(crate) calls: u64,
}

/// The calls of a side by length.
pub(crate) struct Bars {
    /// What ids of this chart end with.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) currency: String,
    pub(crate) bars: Vec<Bar>,
    /// How high the axis is: the largest part that any side has in one bucket, in thousandths.
    pub(crate) most: u64,
}

impl Bars {
    /// Calls in thousandths of all.
    pub(crate) fn thousandths(&self, calls: u64) -> u64 {
        let all: u128 = self.bars.iter().map(|bar| u128::from(bar.calls)).sum();
        let part = (u128::from(calls) * 1000).checked_div(all).unwrap_or_default();
        u64::try_from(part).unwrap_or(1000)
    }
}

/// The chart of one side.
pub(crate) fn lengths(of: &Bars) -> Markup {
    let chart = Chart {
        of: "lengths",
        id: format!("chart-lengths-{}", of.id),
        title: format!("Calls by length: {}", of.name),
        description: description(of),
        currency: Some(of.currency.clone()),
        height: HEIGHT,
    };
    let slots = of.bars.len().max(1) as f64;
    let bars = of.bars.iter().enumerate().map(|(index, bar)| {
        let part = of.thousandths(bar.calls);
        let height = HEIGHT * part as f64 / of.most.max(1) as f64;
        let left = (index as f64 + 0.1) / slots;
        let [middle, right] = [0.5, 1.0].map(|more| percent((index as f64 + more) / slots));
        (percent(left), middle, right, height, part, bar)
    });
    chart.markup(&html! {
        @for (left, middle, right, height, part, bar) in bars {
            g {
                title { (bar.lengths) ": " (text::counted(bar.calls, "call", "calls")) }
                @if bar.calls > 0 {
                    rect.mark.length x=(left) width=(percent(0.8 / slots)) y=(number(HEIGHT - height.max(1.0)))
                        height=(number(height.max(1.0))) {}
                    text.tick x=(middle) y=(number(HEIGHT - height - 5.0)) text-anchor="middle" { (whole_percent(part)) }
                }
                @if let Some(end) = &bar.end {
                    (line("zero", (&right, &number(HEIGHT)), (&right, &number(HEIGHT + 4.0))))
                    text.tick x=(right) y=(number(HEIGHT + 17.0)) text-anchor="middle" { (end) }
                }
            }
        }
        line.zero x1="0" y1=(number(HEIGHT)) x2="100%" y2=(number(HEIGHT)) {}
    })
}

fn whole_percent(thousandths: u64) -> String {
    match thousandths {
        0..5 => "<1".to_owned(),
        part => ((part + 5) / 10).to_string(),
    }
}

fn description(of: &Bars) -> String {
    let bars = of.bars.iter().filter(|bar| bar.calls > 0);
    let parts: Vec<String> = bars
        .map(|bar| format!("{}: {}", bar.lengths, text::counted(bar.calls, "call", "calls")))
        .collect();
    if parts.is_empty() {
        return "No call of this side has both a known cost and a talk time.".to_owned();
    }
    format!("{}.", parts.join("; "))
}
