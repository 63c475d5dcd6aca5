//! What calls cost, as one HTML page for whoever pays.
//!
//! [`Page`] writes one file that needs nothing else: no script, no font, no request. It reads well on a telephone, on a desk and on
//! paper, light and dark, and says of every figure how much of it is known: what is not known is a dash, never 0.
//!
//! Text of a vendor is escaped, loses its control characters and marks of direction, and is isolated from the text around it.
//!
//! # For programs
//!
//! Tables carry the exact figures beside those for people:
//!
//! * A `<table>` has `data-table`: `vendors`, `days`, `components`, `comparison-sides`, `comparison-buckets`, `comparison-scope`,
//!   `agents`, `campaigns`, `outliers`, `outlier-groups`, `stuck`, `unbilled`, `certificate` or `conversion`. There is one of each
//!   currency where amounts are of one, which `data-currency` names.
//! * A row of a table's body has `data-key`: the value of its key, empty where it has none, with control characters and marks of
//!   direction replaced. A row of a table's foot has none.
//! * A figure has `data-field`, its name in JSON, and `data-value`, the text that JSON has for it; a figure that is not known has no
//!   `data-value`. The parts of a day have the fields `components.llm` and the like. Of a figure of one side or vendor in a table of
//!   several, `data-side` or `data-vendor` says whose it is.
//! * A chart is an `<svg>` with `data-chart`: `days`, `per-minute` or `lengths`. What it shows are its elements of class `mark`: the
//!   parts of a day that are not 0, the points of a side, the bars of the lengths that a side has calls of.

// Money is decimal; this keeps it so. Places in a chart are no money.
#![deny(clippy::float_arithmetic)]

mod charts;
mod figures;
mod page;
mod sections;
mod style;
mod text;

pub use page::Page;

/// Compiles the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
