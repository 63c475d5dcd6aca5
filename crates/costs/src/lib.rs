//! What calls cost, and how sure that number is.
//!
//! A [`Report`] reads calls one by one and holds one tally a group, so its memory grows with the groups and not with the
//! calls. Every sum is exact, kept per currency, and says what it covers:
//!
//! * An amount counts only where [`Cost::known_total`](callmux_core::Cost::known_total) gives one. A cost that is
//!   pending, unavailable or billed elsewhere is counted as a call without a cost, never as 0.
//! * Currencies are never mixed, and credits are not money.
//! * Components and what is not itemised add up to the total, to the last digit.
//! * A sum that an exact decimal cannot hold is an [`Error`], never a rounded number.
//!
//! ```
//! use callmux_core::{Call, Cost, Money};
//! use callmux_costs::{Dimension, Report};
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut known = Call::new("example", "main", "1");
//! known.durations.talk = Some(Duration::from_secs(90));
//! known.cost = Cost::reported(Money::usd("0.1035".parse()?));
//! let mut pending = Call::new("example", "main", "2");
//! pending.cost = Cost::pending();
//!
//! let mut report = Report::new([Dimension::Vendor]);
//! for call in [&known, &pending] {
//!     report.add(call)?;
//! }
//! let groups = report.groups()?;
//! assert_eq!(groups[0].totals.iter().next().unwrap().to_string(), "0.1035 USD");
//! assert_eq!(groups[0].per_minute[0].amount.unwrap().to_string(), "0.069");
//! assert_eq!(groups[0].coverage.unwrap().to_string(), "0.5");
//! # Ok(())
//! # }
//! ```

// Money is decimal; this keeps it so.
#![deny(clippy::float_arithmetic)]

mod change;
mod compare;
mod dimension;
mod error;
mod exact;
mod few;
mod fx;
mod groups;
mod grow;
mod key;
mod many;
mod names;
mod outliers;
mod report;
mod scope;
mod spread;
mod zone;

pub use change::{Change, GroupChange, Period};
pub use compare::{
    Basis, Bucket, Comparer, Comparison, Estimate, LeftOut, Lengths, Pair, Scope, ScopeOf,
    SideBucket, SideFigures, Unsupported, Verdict,
};
pub use dimension::{Dimension, UnknownDimension};
pub use error::{Error, Result};
pub use fx::{Conversion, ConversionRate, Converter, InvalidRate, Rate, Unconverted};
pub use key::{Key, KeyPart, Owner};
pub use outliers::{CallRef, Measure, NAMED, Outlier, Outliers, OverdueCalls, Standout, Watch};
pub use report::{
    Bounds, ComponentTotal, Coverage, Elsewhere, Group, PerCall, PerMinute, Quantiles, Report,
    TotalsScope,
};
pub use zone::Zone;

/// Compiles the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
