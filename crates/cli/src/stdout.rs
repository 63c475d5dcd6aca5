//! Standard output that lines are appended to, and the file that it may be.

use std::fs::File;
use std::io::{self, Write as _};

/// Standard output, as a checkpoint needs it.
#[derive(Debug)]
pub(crate) struct Stdout {
    /// The file behind it, to be asked for its length and to be written to.
    file: Option<File>,
    /// The same, to be read: an output is open for writing only.
    readable: Option<File>,
}

/// What is found in a file from a place on.
pub(crate) struct Found {
    /// The length of the file.
    pub(crate) length: u64,
    /// What stands from the place on, as far as it was asked for; none where it may not be read.
    pub(crate) tail: Option<Vec<u8>>,
}

impl Stdout {
    /// The process's own.
    pub(crate) fn of_process() -> Self {
        let file = regular_file();
        // Where there is no such name, or the file may not be read, its length has to do.
        let readable = file.as_ref().and_then(|_| File::open("/dev/stdout").ok());
        Self { file, readable }
    }

    /// The length of the file that it is; none where it is none, or where that cannot be told.
    pub(crate) fn length(&self) -> Option<u64> {
        Some(self.file.as_ref()?.metadata().ok()?.len())
    }

    /// What the file holds from a place on, up to so many bytes.
    pub(crate) fn find(&self, from: u64, bytes: u64) -> Option<Found> {
        let length = self.length()?;
        let there = length.saturating_sub(from).min(bytes);
        let tail = self.readable.as_ref().and_then(|file| read_at(file, from, there));
        Some(Found { length, tail })
    }

    /// Cuts the file off; whether it could be.
    pub(crate) fn cut(&self, length: u64) -> bool {
        let cut = |file: &File| file.set_len(length).and_then(|()| file.sync_data()).is_ok();
        self.file.as_ref().is_some_and(cut)
    }

    /// Whether it is a file whose last line is not ended. Where it cannot be told, there is nothing to be done.
    pub(crate) fn ends_in_half_a_line(&self) -> bool {
        let last = self.length().and_then(|length| length.checked_sub(1));
        let (Some(last), Some(file)) = (last, &self.readable) else { return false };
        read_at(file, last, 1).is_some_and(|last| last != b"\n")
    }

    /// Writes lines, and sees to it that a file holds them.
    pub(crate) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        match &mut self.file {
            Some(file) => {
                file.write_all(lines)?;
                file.sync_data()
            }
            None => {
                let mut out = io::stdout().lock();
                out.write_all(lines)?;
                out.flush()
            }
        }
    }
}

#[cfg(unix)]
fn regular_file() -> Option<File> {
    use std::os::fd::AsFd as _;
    let file = File::from(io::stdout().as_fd().try_clone_to_owned().ok()?);
    file.metadata().is_ok_and(|about| about.is_file()).then_some(file)
}

#[cfg(not(unix))]
fn regular_file() -> Option<File> {
    None
}

/// Reads without moving the place at which the file is written, which some systems share.
#[cfg(unix)]
fn read_at(file: &File, from: u64, bytes: u64) -> Option<Vec<u8>> {
    use std::os::unix::fs::FileExt as _;
    let mut read = vec![0; usize::try_from(bytes).ok()?];
    file.read_exact_at(&mut read, from).ok().map(|()| read)
}

#[cfg(not(unix))]
fn read_at(_: &File, _: u64, _: u64) -> Option<Vec<u8>> {
    None
}

#[cfg(test)]
impl Stdout {
    /// A file in its place.
    pub(crate) fn of_file(path: &std::path::Path) -> Self {
        let file = File::options().create(true).append(true).open(path).unwrap();
        Self { file: Some(file), readable: Some(File::open(path).unwrap()) }
    }
}
