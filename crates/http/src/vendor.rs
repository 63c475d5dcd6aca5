//! The facts of a vendor that its dialect and the command both read.

use callmux_core::{Field, PageBounds, Support, TimePrecision};
use chrono::TimeDelta;

/// What is known of a vendor without asking it.
#[derive(Clone, Copy, Debug)]
pub struct Vendor {
    /// The identifier: lower case, stable.
    pub id: &'static str,
    /// The name that people use.
    pub name: &'static str,
    /// Where its API is, unless the user says otherwise.
    pub base_url: &'static str,
    /// The list request, below the base.
    pub path: &'static str,
    /// The environment variable that holds its key.
    pub key_variable: &'static str,
    /// The environment variable that may hold another base URL.
    pub base_url_variable: &'static str,
    /// The vendor's page on listing calls.
    pub documentation: &'static str,
    /// Where the rows of an answer are.
    pub rows: RowsAt,
    /// How many rows a page may have.
    pub page: PageBounds,
    /// How many rows a page has where no number is asked for. A page with fewer was not cut short by a vendor that ignores the
    /// number.
    pub page_unasked: u32,
    /// The finest instant its time filter tells apart.
    pub precision: TimePrecision,
    /// The best support a condition on each field can have. A field that is missing is neither filtered nor reported.
    pub capabilities: &'static [(Field, Support)],
    /// How much more time than a range is asked for: zero where a range is served to the instant, `None` where no time can be
    /// bounded.
    pub padding: Option<TimeDelta>,
    /// Whether one call can be fetched by its id.
    pub can_get: bool,
    /// The pace that the vendor is known to allow; `None` where nobody has said.
    pub requests_per_minute: Option<u32>,
}

/// Where the rows of an answer are. An answer that is a list is one of rows, whatever is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowsAt {
    /// The answer is a list of them.
    List,
    /// This member of the answer is a list of them.
    Member(&'static str),
    /// This member of the answer is a list of them, or an object that has them by their index, as PHP writes a list with gaps.
    MemberOrKeyed(&'static str),
}

impl RowsAt {
    /// Whether a member that begins with this byte holds the rows.
    pub(crate) fn is_member(self, key: &str, first: u8) -> bool {
        match self {
            Self::List => false,
            Self::Member(name) => key == name && first == b'[',
            Self::MemberOrKeyed(name) => key == name && matches!(first, b'[' | b'{'),
        }
    }
}

impl Vendor {
    /// The best support that a condition on a field can have.
    #[must_use]
    pub fn support(&self, field: Field) -> Support {
        let found = self.capabilities.iter().find(|(of, _)| *of == field);
        found.map_or(Support::Unsupported, |(_, support)| *support)
    }
}
