//! Charts as SVG: as wide as their place, with text that keeps its size.
//!
//! Places across are in percent of the chart's width, so that one drawing fits a telephone and a desk; places down are in pixels.

#![allow(clippy::float_arithmetic, reason = "places in a chart are no amounts")]

mod days;
mod dots;
mod lengths;
mod scale;

use maud::{Markup, html};

pub(crate) use days::{Day, Parts, days};
pub(crate) use dots::{dots, legend as dots_legend};
pub(crate) use lengths::{Bar, Bars, lengths};

/// A chart with its name and its description in words.
struct Chart<'a> {
    /// The value of `data-chart`.
    of: &'a str,
    /// What its ids begin with.
    id: String,
    title: String,
    description: String,
    currency: Option<String>,
    /// The height of what is drawn, without the room for the names of the axes.
    height: f64,
}

impl Chart<'_> {
    fn markup(&self, drawing: &Markup) -> Markup {
        let (title, description) = (format!("{}-title", self.id), format!("{}-desc", self.id));
        html! {
            svg.chart role="img" aria-labelledby={ (title) " " (description) } data-chart=(self.of)
                data-currency=[self.currency.as_deref()] height=(number(self.height)) {
                title id=(title) { (self.title) }
                desc id=(description) { (self.description) }
                (drawing)
            }
        }
    }
}

/// A number as SVG reads it, to a hundredth.
fn number(value: f64) -> String {
    let value = if value.is_finite() { value } else { 0.0 };
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A place across, in percent.
fn percent(part: f64) -> String {
    let value = if part.is_finite() { part * 100.0 } else { 0.0 };
    let text = format!("{value:.3}");
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

fn line(class: &str, from: (&str, &str), to: (&str, &str)) -> Markup {
    html! { line class=(class) x1=(from.0) y1=(from.1) x2=(to.0) y2=(to.1) {} }
}
