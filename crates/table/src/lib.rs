//! Calls as a table.
//!
//! [`COLUMNS`] is the one list of columns: name, kind, meaning and accessor. CSV, documentation and whatever else shows
//! calls in rows read it, so that a column means the same everywhere.
//!
//! * [`Cell`] is one value, typed; `Display` gives its plain text. What a call lacks is [`Cell::Absent`], never 0.
//! * [`CsvWriter`] writes a header and a row a call, with a guard against formulas in a vendor's text.
//! * [`DEFAULT_TABLE`] is the short list that fits a terminal, and [`printable`] makes text safe for one.
//! * [`markdown_table`] writes the columns as documentation.
//!
//! ```
//! use callmux_core::{Call, Cost, Money};
//! use callmux_table::{CsvWriter, column};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut call = Call::new("example", "main", "42");
//! call.cost = Cost::reported(Money::usd("0.0690".parse()?));
//! assert_eq!(column("cost").unwrap().cell(&call).to_string(), "0.0690");
//!
//! let columns = ["id", "cost", "cost_currency", "summary"].map(|name| *column(name).unwrap());
//! let mut csv = CsvWriter::with_columns(Vec::new(), columns)?;
//! csv.write(&call)?;
//! assert_eq!(csv.finish()?, b"id,cost,cost_currency,summary\n42,0.0690,USD,\n");
//! # Ok(())
//! # }
//! ```

mod cell;
mod column;
mod columns;
mod csv_writer;
mod figures;
mod printable;

pub use cell::Cell;
pub use column::{Column, Kind, markdown_table};
pub use columns::{COLUMNS, DEFAULT_TABLE, column};
pub use csv_writer::{CsvWriter, write_records};
pub use figures::{amount, minutes, percent, to_places};
pub use printable::printable;

/// Compiles the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
