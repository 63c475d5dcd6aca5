//! How long calls were.

use std::time::Duration;

use callmux_costs::{Comparison, Lengths, SideFigures};
use maud::{Markup, html};

use super::section;
use crate::charts::{self, Bar, Bars};
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
                    "Calls by their minutes of talk, in percent of each vendor's calls that have a known cost and a talk time. "
                "The counts are in the table of lengths above."
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
    let largest = |bars: &Bars| bars.bars.iter().map(|bar| bars.thousandths(bar.calls)).max();
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
        bars: buckets.map(|(bucket, of)| bar(bucket.lengths, of.calls)).collect(),
        most: 0,
    }
}

fn bar(lengths: Lengths, calls: u64) -> Bar {
    Bar { lengths: lengths.to_string(), end: lengths.up_to.map(minutes), calls }
}

/// A length in minutes, as short as an axis needs it.
fn minutes(time: Duration) -> String {
    let quarter = match time.as_secs() % 60 {
        0 => "",
        15 => "¼",
        30 => "½",
        45 => "¾",
        _ => return format!("{} s", text::count(time.as_secs())),
    };
    match time.as_secs() / 60 {
        0 => quarter.to_owned(),
        whole => format!("{}{quarter}", text::count(whole)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_lengths_are_minutes_in_quarters() {
        let ends = [15, 30, 60, 90, 165, 1200, 50].map(|end| minutes(Duration::from_secs(end)));
        assert_eq!(ends, ["¼", "½", "1", "1½", "2¾", "20", "50 s"]);
    }
}
