//! Calls, written one by one.

use std::io::{self, BufWriter, StdoutLock, Write};
use std::time::Duration;

use callmux::Call;
use callmux_table::{Cell, CsvWriter, DEFAULT_TABLE};
use chrono::SecondsFormat;

use crate::args::CallsFormat;
use crate::mask::mask;
use crate::tables::grid;

/// How many calls a table holds before it is written, so that its memory is bounded.
const TABLE_ROWS: usize = 1000;

/// Writes calls to standard output in a format.
pub(crate) struct Output {
    format: Format,
}

enum Format {
    Table { out: Out, waiting: Vec<Vec<String>> },
    Json { out: Out, written: u64 },
    Ndjson { out: Out, line: Vec<u8> },
    Csv(Box<CsvWriter<Out>>),
}

const HALF_A_SECOND: Duration = Duration::from_millis(500);

type Out = BufWriter<StdoutLock<'static>>;

fn stdout() -> Out {
    BufWriter::with_capacity(64 * 1024, io::stdout().lock())
}

impl Output {
    pub(crate) fn new(format: CallsFormat) -> io::Result<Self> {
        let format = match format {
            CallsFormat::Table => Format::Table { out: stdout(), waiting: Vec::new() },
            CallsFormat::Json => Format::Json { out: stdout(), written: 0 },
            CallsFormat::Ndjson => Format::Ndjson { out: stdout(), line: Vec::new() },
            CallsFormat::Csv => Format::Csv(Box::new(CsvWriter::new(stdout())?)),
        };
        Ok(Self { format })
    }

    pub(crate) fn write(&mut self, call: &Call) -> io::Result<()> {
        match &mut self.format {
            Format::Table { out, waiting } => {
                waiting.push(table_row(call));
                if waiting.len() >= TABLE_ROWS { write_table(out, waiting) } else { Ok(()) }
            }
            Format::Json { out, written } => {
                out.write_all(if *written == 0 { b"[\n" } else { b",\n" })?;
                *written += 1;
                write_json(out, call)
            }
            Format::Ndjson { out, line } => {
                line.clear();
                write_line(line, call)?;
                // At once: the buffer is handed on at the end of a line, so that a listing that is killed leaves whole ones.
                out.write_all(line)
            }
            Format::Csv(out) => out.write(call),
        }
    }

    /// Hands on what is buffered.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        match &mut self.format {
            Format::Table { out, waiting } => {
                write_table(out, waiting)?;
                out.flush()
            }
            Format::Json { out, .. } | Format::Ndjson { out, .. } => out.flush(),
            Format::Csv(out) => out.flush(),
        }
    }

    /// The end of a listing that did not fail. After a failure this is not called, so that a JSON array stays open and
    /// cannot be taken for a whole one.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        if let Format::Json { out, written } = &mut self.format {
            out.write_all(if *written == 0 { b"[]\n" } else { b"\n]\n" })?;
        }
        self.flush()
    }
}

/// Writes a call as a line of its own.
pub(crate) fn write_line(out: &mut Vec<u8>, call: &Call) -> io::Result<()> {
    write_json(out, call)?;
    out.push(b'\n');
    Ok(())
}

fn write_json(out: &mut impl Write, call: &Call) -> io::Result<()> {
    if call.raw.is_none() {
        return serde_json::to_writer(&mut *out, call).map_err(io::Error::from);
    }
    // The row is put back by its text, so that no digit of it changes.
    let mut call = call.clone();
    let raw = call.raw.take().map(|raw| mask(raw.get())).unwrap_or_default();
    let json = serde_json::to_string(&call)?;
    let open = json.strip_suffix('}').unwrap_or(&json);
    write!(out, "{open},\"raw\":{raw}}}")
}

/// A call as the cells of a table.
pub(crate) fn table_row(call: &Call) -> Vec<String> {
    DEFAULT_TABLE
        .iter()
        .map(|column| callmux_table::printable(&readable(&column.cell(call))).into_owned())
        .collect()
}

/// A cell for people: whole seconds. CSV and JSON have every digit.
fn readable(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Instant(at) => at.to_rfc3339_opts(SecondsFormat::Secs, true),
        Cell::Seconds(length) => length.saturating_add(HALF_A_SECOND).as_secs().to_string(),
        other => other.to_string(),
    }
}

/// Calls as a table.
pub(crate) fn write_table(out: &mut impl Write, rows: &mut Vec<Vec<String>>) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = DEFAULT_TABLE.iter().map(|column| column.name).collect();
    let is_number = |name: &&str| matches!(*name, "talk_seconds" | "price");
    let right: Vec<usize> = names
        .iter()
        .enumerate()
        .filter(|(_, name)| is_number(name))
        .map(|(index, _)| index)
        .collect();
    writeln!(out, "{}", grid(&names, std::mem::take(rows), &right))
}
