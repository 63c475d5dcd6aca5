//! The file that keeps rows which could not be understood.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use callmux::Rejected;
use serde::{Deserialize, Serialize};

use crate::exit::Failure;
use crate::mask::mask;

/// The file that such rows are appended to.
#[derive(Debug)]
pub(crate) struct Rejects {
    file: File,
}

/// Rows that are about to be appended to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppendedRejects {
    /// The length of the file before them.
    from: u64,
    bytes: u64,
}

impl Rejects {
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let file =
            File::options().create(true).append(true).open(path).map_err(|error| {
                Failure::usage(format!("cannot write {}: {error}", path.display()))
            })?;
        Ok(Self { file })
    }

    /// What is about to be appended, as a checkpoint knows it; none where the file is something else.
    pub(crate) fn about_to_append(&self, rows: &[u8]) -> Option<AppendedRejects> {
        let from = self.length()?;
        Some(AppendedRejects { from, bytes: rows.len() as u64 })
    }

    pub(crate) fn append(&mut self, rows: &[u8]) -> io::Result<()> {
        self.file.write_all(rows)
    }

    /// Sees to it that what was written is there, where it is a file.
    pub(crate) fn sync(&self) -> io::Result<()> {
        if self.length().is_some() { self.file.sync_data() } else { Ok(()) }
    }

    /// Whether all that was about to be appended is there.
    pub(crate) fn has(&self, rows: AppendedRejects) -> bool {
        self.length() == rows.from.checked_add(rows.bytes)
    }

    /// Cuts off what was about to be appended, as far as it is there: its rows are met again. Nothing is cut off what anybody
    /// else wrote; a row may be there twice then.
    pub(crate) fn cut_off(&self, rows: AppendedRejects) {
        let ours = rows.from..=rows.from.saturating_add(rows.bytes);
        if self.length().is_some_and(|length| ours.contains(&length)) {
            // Where it cannot be cut, a row is there twice.
            let _ = self.file.set_len(rows.from);
        }
    }

    fn length(&self) -> Option<u64> {
        self.file.metadata().ok().filter(std::fs::Metadata::is_file).map(|about| about.len())
    }
}

/// A row that could not be understood, whole, on a line of its own.
pub(crate) fn reject_line(row: &Rejected) -> String {
    let mut line = serde_json::json!({
        "vendor": row.vendor,
        "account": row.account,
        "row": row.row,
        "id": row.id,
        "reason": row.reason,
    })
    .to_string();
    line.pop();
    format!("{line},\"raw\":{}}}\n", mask(row.raw.get()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_being_written_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r");
        std::fs::write(&path, "a\n").unwrap();
        let mut file = Rejects::open(&path).unwrap();
        let rows = file.about_to_append(b"bb\ncc\n").unwrap();
        for (there, kept, has) in [
            ("", "a\n", false),
            ("bb\nc", "a\n", false),
            ("bb\ncc\n", "a\n", true),
            ("bb\ncc\nd\n", "a\nbb\ncc\nd\n", false),
        ] {
            file.append(there.as_bytes()).unwrap();
            assert_eq!(file.has(rows), has, "{there:?}");
            file.cut_off(rows);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), kept, "{there:?}");
        }
        // Shorter than before: it is another file.
        std::fs::write(&path, "\n").unwrap();
        file.cut_off(rows);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "\n");
    }
}
