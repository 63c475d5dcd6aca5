//! How long calls were.

use callmux_costs::{Comparison, Lengths, SideFigures};
use maud::{Markup, html};

use super::section;
use crate::charts::{self, Bars};
use crate::page::Figures;
use crate::text;

/// A small chart for each side of each comparison.
pub(crate) fn lengths(figures: &Figures<'_>) -> Markup {
    let comparisons = figures.page.comparisons;
    section(
        "lengths",
        "How long calls were",
        &html! {
            @if comparisons.iter().all(|comparison| comparison.sides.is_empty()) {
                p.empty { "No call has both a known cost and a talk time." }
            } @else {
                p {
                    "Calls by minutes of talk, in percent of each vendor's calls that have a known cost and a talk time. "
                    "The counts are in the table of buckets above."
                }
                @for comparison in comparisons {
                    @if comparisons.len() > 1 { h3 { (comparison.currency) } }
                    (multiples(comparison))
                }
            }
        },
    )
}

fn multiples(comparison: &Comparison) -> Markup {
    let mut all: Vec<Bars> = comparison
        .sides
        .iter()
        .enumerate()
        .map(|(index, side)| bars(comparison, side, index))
        .collect();
    let largest = |bars: &Bars| bars.bars.iter().map(|(_, calls)| bars.thousandths(*calls)).max();
    let most = all.iter().filter_map(largest).max().unwrap_or_default();
    all.iter_mut().for_each(|bars| bars.most = most);
    html! {
        div.multiples {
            @for (side, bars) in comparison.sides.iter().zip(&all) {
                figure.chart-box {
                    figcaption { (text::key(&side.key)) " " small { (text::counted(side.counted, "call", "calls")) } }
                    (charts::lengths(bars))
                }
            }
        }
    }
}

fn bars(comparison: &Comparison, side: &SideFigures, index: usize) -> Bars {
    let buckets = comparison.buckets.iter().zip(&side.buckets);
    Bars {
        id: format!("{}-{index}", comparison.currency),
        name: text::plain_key(&side.key, 60),
        currency: comparison.currency.to_string(),
        bars: buckets.map(|(bucket, of)| (short(bucket.lengths), of.calls)).collect(),
        most: 0,
    }
}

/// A range of lengths in minutes, as short as an axis needs it.
fn short(lengths: Lengths) -> String {
    let minutes = |time: std::time::Duration| match time.as_secs() {
        30 => "½".to_owned(),
        seconds => (seconds / 60).to_string(),
    };
    match lengths.up_to {
        None => format!(">{}", minutes(lengths.above)),
        Some(to) if lengths.above.is_zero() => format!("≤{}", minutes(to)),
        Some(to) => format!("{}–{}", minutes(lengths.above), minutes(to)),
    }
}
