//! Calls as CSV.

use std::borrow::Cow;
use std::fmt;
use std::io;

use callmux_core::Call;

use crate::cell::Cell;
use crate::column::Column;
use crate::columns::COLUMNS;

/// Writes calls as CSV (RFC 4180, lines ended by `\n`): a header, then a row a call.
///
/// Instants are RFC 3339 in UTC, lengths are seconds, decimals have the vendor's own digits, absent values are empty.
///
/// **Formulas.** A spreadsheet runs a cell that begins like a formula, and what a customer says or a vendor names can begin
/// so. A cell of text that begins with `=`, `+`, `-`, `@`, tab, carriage return or line feed is therefore written with an
/// apostrophe before it, which spreadsheets take as "this is text". A phone number is left as it is: a `+` and then only
/// digits, spaces, brackets, dots and hyphens. Numbers, instants and JSON cannot be formulas and are not touched. Who needs
/// every text to the byte takes JSON.
pub struct CsvWriter<W: io::Write> {
    csv: csv::Writer<W>,
    columns: Cow<'static, [Column]>,
}

impl<W: io::Write> CsvWriter<W> {
    /// Writes the header of every column.
    ///
    /// # Errors
    /// Whatever the writer fails with.
    pub fn new(writer: W) -> io::Result<Self> {
        Self::start(writer, Cow::Borrowed(COLUMNS))
    }

    /// Writes the header of these columns, in this order.
    ///
    /// # Errors
    /// Whatever the writer fails with.
    pub fn with_columns(writer: W, columns: impl IntoIterator<Item = Column>) -> io::Result<Self> {
        Self::start(writer, Cow::Owned(columns.into_iter().collect()))
    }

    fn start(writer: W, columns: Cow<'static, [Column]>) -> io::Result<Self> {
        let mut csv = csv::Writer::from_writer(writer);
        csv.write_record(columns.iter().map(|column| column.name)).map_err(plain)?;
        Ok(Self { csv, columns })
    }

    /// Writes a call. Rows are buffered until [`flush`](Self::flush) or [`finish`](Self::finish).
    ///
    /// # Errors
    /// Whatever the writer fails with.
    pub fn write(&mut self, call: &Call) -> io::Result<()> {
        for column in &*self.columns {
            let cell = column.cell(call);
            self.csv.write_field(safe_text(&cell).as_bytes()).map_err(plain)?;
        }
        self.csv.write_record(None::<&[u8]>).map_err(plain)
    }

    /// Hands all rows so far to the writer, and flushes it.
    ///
    /// # Errors
    /// Whatever the writer fails with.
    pub fn flush(&mut self) -> io::Result<()> {
        self.csv.flush()
    }

    /// Flushes, and gives the writer back.
    ///
    /// # Errors
    /// Whatever the writer fails with.
    pub fn finish(self) -> io::Result<W> {
        self.csv.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

impl<W: io::Write> fmt::Debug for CsvWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The buffer holds rows.
        f.debug_struct("CsvWriter").field("columns", &self.columns.len()).finish_non_exhaustive()
    }
}

/// Writes any table as CSV: a header, then its records, by the rules of [`CsvWriter`].
///
/// # Errors
/// Whatever the writer fails with.
pub fn write_records<'a, W: io::Write>(
    writer: W,
    header: &[String],
    records: impl IntoIterator<Item = Vec<Cell<'a>>>,
) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(writer);
    csv.write_record(header).map_err(plain)?;
    for record in records {
        for cell in &record {
            csv.write_field(safe_text(cell).as_bytes()).map_err(plain)?;
        }
        csv.write_record(None::<&[u8]>).map_err(plain)?;
    }
    csv.flush()
}

/// The writer's own error, so that a closed pipe can still be told from a full disk.
fn plain(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("CSV could not be written: {kind:?}")),
    }
}

fn safe_text<'a>(cell: &'a Cell<'_>) -> Cow<'a, str> {
    match cell {
        Cell::Text(text) if is_formula(text) => Cow::Owned(format!("'{text}")),
        Cell::Text(text) | Cell::Json(text) => Cow::Borrowed(text),
        Cell::Absent => Cow::Borrowed(""),
        other => Cow::Owned(other.to_string()),
    }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_phone_number(text)
}

fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    digits.starts_with(|first: char| first.is_ascii_digit() || first == '(')
        && digits.chars().all(|digit| digit.is_ascii_digit() || " ().-".contains(digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for text in [
            "=1+1",
            "=cmd|' /C calc'!A0",
            "@SUM(A1)",
            "-2+3",
            "-5",
            "+1+1",
            "+1-cmd",
            "+",
            "+-1",
            "+A1",
            "\t=1",
            "\r=1",
            "\n=1",
        ] {
            let cell = Cell::text(Some(text));
            assert_eq!(safe_text(&cell), format!("'{text}"), "{text:?}");
        }
        for text in [
            "",
            "Anna",
            "'=1",
            "a=1",
            " =1",
            "+15550100100",
            "+1 (555) 010-0100",
            "+(49) 30.123",
            "555-0100",
        ] {
            let cell = Cell::text(Some(text));
            assert_eq!(safe_text(&cell), text);
        }
        let negative = Cell::Decimal("-0.0001".parse().unwrap());
        assert_eq!(safe_text(&negative), "-0.0001");
    }

    #[derive(Debug)]
    struct ClosedPipe;

    impl io::Write for ClosedPipe {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_told_as_one() {
        let mut csv = CsvWriter::new(ClosedPipe).unwrap();
        let call = Call::new("example", "main", "1");
        let error = (0..10_000).find_map(|_| csv.write(&call).err()).unwrap();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(csv.finish().unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
