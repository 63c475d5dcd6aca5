//! The record: what each path took when it was last written.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use crate::Result;

/// Where it stands.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.txt");

const HEADER: &str = "\
# Instructions a call, or an operation, of each hot path (benches/src/bin/counted). Written by
# .ci/instructions record
# callmux-core and callmux-http are still being changed: the numbers are recorded anew at the end of that.
";

/// Before each tool that it was recorded with.
const TOOL: &str = "with ";

/// What it says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Record {
    /// The tools that it was recorded with.
    pub(crate) tools: Vec<String>,
    /// Instructions by the path's name.
    pub(crate) instructions: BTreeMap<String, f64>,
}

impl Record {
    pub(crate) fn read() -> Result<Self> {
        Self::of(&fs::read_to_string(FILE).map_err(|error| format!("{FILE}: {error}"))?)
    }

    fn of(text: &str) -> Result<Self> {
        let mut record = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(tool) = line.strip_prefix(TOOL) {
                record.tools.push(tool.to_owned());
            } else {
                let (name, count) = line.split_once(' ').ok_or("a line without a count")?;
                record.instructions.insert(name.to_owned(), count.trim().parse()?);
            }
        }
        Ok(record)
    }

    /// Writes a record of these, in this order.
    pub(crate) fn write(tools: &[String], counted: &[(String, f64)]) -> Result<()> {
        fs::write(FILE, text(tools, counted)?).map_err(|error| format!("{FILE}: {error}").into())
    }
}

fn text(tools: &[String], counted: &[(String, f64)]) -> Result<String> {
    let mut text = HEADER.to_owned();
    for tool in tools {
        writeln!(text, "{TOOL}{tool}")?;
    }
    for (name, count) in counted {
        writeln!(text, "{name:<38}{count:>12.1}")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let tools = ["rustc 1.95.0 (59807616e 2026-04-14)", "valgrind-3.19.0"].map(str::to_owned);
        let counted = [("list/vapi/3000-bytes/1000-calls".to_owned(), 21_345.6)];
        let read = Record::of(&text(&tools, &counted).unwrap()).unwrap();
        assert_eq!(read.tools, tools);
        assert_eq!(read.instructions, BTreeMap::from(counted));
    }
}
