//! What a column is.

use std::fmt;
use std::fmt::Write;

use callmux_core::Call;

use crate::cell::Cell;

/// What the cells of a column hold, where they are not absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Text.
    Text,
    /// An instant in UTC.
    Instant,
    /// A length in seconds.
    Seconds,
    /// An exact decimal number.
    Decimal,
    /// Yes or no.
    Boolean,
    /// A JSON text.
    Json,
}

impl Kind {
    /// The word for this kind, as documentation writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Instant => "instant",
            Self::Seconds => "seconds",
            Self::Decimal => "decimal",
            Self::Boolean => "boolean",
            Self::Json => "json",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A column: what it is called, what it holds, what that means, and how it is read from a call.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Column {
    /// Its name, in `snake_case`; stable.
    pub name: &'static str,
    /// What its cells hold.
    pub kind: Kind,
    /// What it means, in one line of Markdown.
    pub doc: &'static str,
    pub(crate) read: for<'a> fn(&'a Call) -> Cell<'a>,
}

impl Column {
    /// This column's value of a call.
    #[must_use]
    pub fn cell<'a>(&self, call: &'a Call) -> Cell<'a> {
        (self.read)(call)
    }
}

/// Columns as a table in Markdown, for documentation.
///
/// ```
/// use callmux_table::{COLUMNS, markdown_table};
/// assert!(markdown_table(COLUMNS).contains("| `vendor` | text |"));
/// ```
#[must_use]
pub fn markdown_table(columns: &[Column]) -> String {
    let mut table = String::from("| column | kind | meaning |\n| --- | --- | --- |\n");
    for Column { name, kind, doc, .. } in columns {
        let doc = doc.replace('|', "\\|");
        // Writing to a String cannot fail.
        let _ = writeln!(table, "| `{name}` | {kind} | {doc} |");
    }
    table
}
