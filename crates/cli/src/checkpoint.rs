//! A listing's place, kept in a file.
//!
//! Lines are handed on in three steps: the file says which are about to be written, they are written, the file says that they are.
//! Whoever goes on after a kill finds in the output which of the lines are there.

use std::collections::VecDeque;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use callmux::{CallFilter, Certificate, Cursor, Reason};
use serde::{Deserialize, Serialize};

use crate::batch::Batch;
use crate::carried::{is_lasting, with_earlier};
use crate::exit::Failure;
use crate::journal::{Appended, Key, Written};
use crate::rejects::{AppendedRejects, Rejects};
use crate::stdout::Stdout;

/// How many of the calls given last are remembered. A cursor does not hold up to where an account was given once a call came too
/// late for its place; whoever goes on from there meets the pages in reading again.
pub(crate) const REMEMBERED: usize = 4096;

/// The version of the file's form.
const VERSION: u32 = 2;

/// What the file holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    /// The arguments that decide what is listed, as they were given.
    arguments: String,
    /// The filter that they meant then: `7d` means another range tomorrow.
    filter: CallFilter,
    place: Place,
    /// What is being written beyond the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pending: Option<Pending>,
    /// The certificate of the whole, once the listing came to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<Certificate>,
}

/// Where a listing stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    /// Where to go on; none at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cursor: Option<Cursor>,
    /// How many calls were given up to here: a limit counts them.
    pub(crate) given: u64,
    /// Calls that come after it and are in the output already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) already: Vec<Key>,
    /// Why the listing so far is not whole. One that goes on from here does not see it again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) reasons: Vec<Reason>,
}

/// What is being written.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pending {
    pub(crate) calls: Appended,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rejects: Option<AppendedRejects>,
    /// Where the listing stands once it is written.
    pub(crate) after: Place,
    /// The certificate of the whole, where that is its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) certificate: Option<Certificate>,
}

/// What was found of the lines that a run was writing when it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Recovered {
    /// Whole lines, and nothing else.
    Whole,
    /// Half a line as well, which was cut off.
    Half,
    /// It cannot be told: these calls may be written twice.
    Unknown(Vec<Key>),
}

/// The place of a listing, on disk.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    path: PathBuf,
    file: File,
    /// What earlier runs knew against the listing.
    earlier: Vec<Reason>,
    /// The calls that were given last, or that an earlier run remembered.
    remembered: VecDeque<Key>,
}

impl Checkpoint {
    /// Opens the place of a listing with these arguments, or starts one.
    pub(crate) fn open(
        path: &Path,
        arguments: String,
        filter: CallFilter,
    ) -> Result<Self, Failure> {
        let file = match fs::read(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => File {
                version: VERSION,
                arguments,
                filter,
                place: Place::default(),
                pending: None,
                certificate: None,
            },
            Err(error) => {
                return Err(Failure::failed(format!("cannot read {}: {error}", path.display())));
            }
            Ok(text) => {
                let refuse = |why: &str| Failure::usage(format!("{} {why}", path.display()));
                let file = read(&text).map_err(refuse)?;
                if file.arguments != arguments {
                    return Err(refuse(
                        "is the checkpoint of another listing; give the same sources and filter, or another file",
                    ));
                }
                file
            }
        };
        Ok(Self { path: path.to_owned(), file, earlier: Vec::new(), remembered: VecDeque::new() })
    }

    pub(crate) fn filter(&self) -> &CallFilter {
        &self.file.filter
    }

    pub(crate) fn place(&self) -> &Place {
        &self.file.place
    }

    /// The certificate of the whole, where the listing came to its end before.
    pub(crate) fn finished(&self) -> Option<&Certificate> {
        self.file.certificate.as_ref()
    }

    /// Finds out what of the lines that a run was writing when it ended is in the output, and moves the place accordingly.
    pub(crate) fn recover(&mut self, output: &Stdout, rejects: Option<&Rejects>) -> Recovered {
        let Some(pending) = self.file.pending.take() else { return Recovered::Whole };
        let written = pending.calls.written(|from, bytes| output.find(from, bytes));
        // Rejected rows are written before calls.
        let has_rejects = || match pending.rejects {
            Some(rows) if pending.calls.lines.is_empty() => {
                rejects.is_some_and(|file| file.has(rows))
            }
            _ => true,
        };
        if written == Written::All && has_rejects() {
            self.file.place = pending.after;
            self.file.certificate = pending.certificate;
            return Recovered::Whole;
        }
        if let (Some(rows), Some(file)) = (pending.rejects, rejects) {
            file.cut_off(rows);
        }
        let calls = pending.calls.lines.iter().map(|line| line.call.clone());
        match written {
            Written::Unknown => {
                let calls = calls.collect();
                // Until other lines are written: a run that is ended before has not told anybody.
                self.file.pending = Some(pending);
                Recovered::Unknown(calls)
            }
            // Only rejected rows, and not all of them: they are met again.
            Written::All => Recovered::Whole,
            Written::Part { lines, end, is_half } => {
                self.file.place.already.extend(calls.take(lines));
                if is_half && output.cut(end) { Recovered::Half } else { Recovered::Whole }
            }
        }
    }

    /// Keeps what the arguments mean now, and what was recovered, before anything is asked for.
    pub(crate) fn begin(&mut self) -> Result<(), Failure> {
        self.earlier.clone_from(&self.file.place.reasons);
        self.remembered = self.file.place.already.iter().cloned().collect();
        self.write().map_err(Failure::before_the_start)
    }

    /// A certificate of this run, with what earlier runs knew.
    pub(crate) fn whole(&self, certificate: &Certificate) -> Certificate {
        with_earlier(certificate, &self.earlier)
    }

    /// The place of a listing that has given a batch and stands at this cursor, with what it knows against itself.
    pub(crate) fn after(
        &mut self,
        batch: &Batch,
        cursor: Option<Cursor>,
        so_far: &Certificate,
    ) -> Place {
        let mut place = self.file.place.clone();
        let written = batch.lines.iter().map(|line| line.call.clone());
        self.remembered.extend(written.clone());
        self.remembered.drain(..self.remembered.len().saturating_sub(REMEMBERED));
        let Some(cursor) = cursor else {
            // There is nowhere to go on but before these calls.
            place.already.extend(written);
            return place;
        };
        place.cursor = Some(cursor);
        place.given = place.given.saturating_add(batch.given);
        if so_far.sources.iter().any(|source| source.order_late > 0) {
            place.already = self.remembered.iter().cloned().collect();
        } else {
            place.already.retain(|key| !batch.known.contains(key));
        }
        place.reasons = self.whole(so_far).reasons;
        place.reasons.retain(is_lasting);
        place
    }

    /// The first step: says what is about to be written.
    pub(crate) fn about_to_write(&mut self, pending: Pending) -> Result<(), Failure> {
        self.file.pending = Some(pending);
        self.write()
    }

    /// The last step: it is written.
    pub(crate) fn has_written(&mut self) -> Result<(), Failure> {
        match self.file.pending.take() {
            None => Ok(()),
            Some(pending) => self.move_to(pending.after, pending.certificate),
        }
    }

    /// Keeps a place, if it is a new one, and the certificate of the whole, if the listing came to its end there.
    pub(crate) fn move_to(
        &mut self,
        place: Place,
        certificate: Option<Certificate>,
    ) -> Result<(), Failure> {
        if place == self.file.place && certificate.is_none() {
            return Ok(());
        }
        self.file.place = place;
        self.file.pending = None;
        self.file.certificate = certificate;
        self.write()
    }

    /// Writes the file whole or not at all.
    fn write(&self) -> Result<(), Failure> {
        let failed = |error: std::io::Error| {
            Failure::failed(format!("cannot write {}: {error}", self.path.display()))
        };
        let mut beside = self.path.clone().into_os_string();
        beside.push(".new");
        let json = serde_json::to_vec(&self.file).map_err(|error| failed(error.into()))?;
        let mut new = fs::File::create(&beside).map_err(failed)?;
        new.write_all(&json).and_then(|()| new.sync_all()).map_err(failed)?;
        fs::rename(&beside, &self.path).map_err(failed)?;
        sync_folder(&self.path);
        Ok(())
    }
}

/// Reads a file, or says why it cannot be gone on from.
fn read(text: &[u8]) -> Result<File, &'static str> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let Ok(Versioned { version }) = serde_json::from_slice(text) else {
        return Err("is not a checkpoint; give another file, or remove it to start anew");
    };
    if version < VERSION {
        return Err(
            "is a checkpoint of an earlier version of callmux, which this one cannot go on from; remove it and start anew \
             with an empty output, or finish the listing with that version",
        );
    }
    if version > VERSION {
        return Err(
            "is a checkpoint of a later version of callmux; go on with that version, or remove it and start anew with an \
             empty output",
        );
    }
    serde_json::from_slice(text)
        .map_err(|_| "is a damaged checkpoint; remove it and start anew with an empty output")
}

/// Keeps a renamed file's name through a loss of power, where the system has a way to. A kill does not need it.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = fs::File::open(folder.unwrap_or(Path::new(".")));
    let _ = folder.and_then(|folder| folder.sync_all());
}

#[cfg(test)]
mod tests;
