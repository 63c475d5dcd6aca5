//! A listing's place, kept in a file.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use callmux::{CallFilter, Certificate, Cursor, Reason};
use serde::{Deserialize, Serialize};

use crate::carried::{is_lasting, with_earlier};
use crate::exit::Failure;

/// The version of the file's form.
const VERSION: u32 = 1;

/// What the file holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    /// The arguments that decide what is listed, as they were given.
    arguments: String,
    /// The filter that they meant then: `7d` means another range tomorrow.
    filter: CallFilter,
    /// Where to go on; none at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor: Option<Cursor>,
    /// Why the listing so far is not whole. One that goes on from here does not see it again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Reason>,
    /// The certificate of the whole, once the listing came to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<Certificate>,
}

/// The place of a listing, on disk.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    path: PathBuf,
    file: File,
    /// What earlier runs knew against the listing.
    earlier: Vec<Reason>,
}

impl Checkpoint {
    /// Opens the place of a listing with these arguments, or starts one.
    pub(crate) fn open(
        path: &Path,
        arguments: String,
        filter: CallFilter,
    ) -> Result<Self, Failure> {
        let name = path.display();
        let file = match fs::read(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let (cursor, reasons, certificate) = (None, Vec::new(), None);
                File { version: VERSION, arguments, filter, cursor, reasons, certificate }
            }
            Err(error) => return Err(Failure::failed(format!("cannot read {name}: {error}"))),
            Ok(text) => {
                let file: File = serde_json::from_slice(&text)
                    .map_err(|_| Failure::usage(format!("{name} is not a checkpoint of this version of callmux; remove it to start anew")))?;
                if file.version != VERSION {
                    return Err(Failure::usage(format!(
                        "{name} is a checkpoint of another version of callmux; remove it to start anew"
                    )));
                }
                if file.arguments != arguments {
                    return Err(Failure::usage(format!(
                        "{name} is the checkpoint of another listing; give the same sources and filter, or another file"
                    )));
                }
                file
            }
        };
        let earlier = file.reasons.clone();
        Ok(Self { path: path.to_owned(), file, earlier })
    }

    pub(crate) fn filter(&self) -> &CallFilter {
        &self.file.filter
    }

    pub(crate) fn cursor(&self) -> Option<&Cursor> {
        self.file.cursor.as_ref()
    }

    /// The certificate of the whole, where the listing came to its end before.
    pub(crate) fn finished(&self) -> Option<&Certificate> {
        self.file.certificate.as_ref()
    }

    /// Keeps what the arguments mean now, before there is a place.
    pub(crate) fn begin(&self) -> Result<(), Failure> {
        self.write().map_err(Failure::before_the_start)
    }

    /// A certificate of this run, with what earlier runs knew.
    pub(crate) fn whole(&self, certificate: &Certificate) -> Certificate {
        with_earlier(certificate, &self.earlier)
    }

    /// Keeps a place, if it is a new one, with what is known against the way to it. What was given out before must have been
    /// handed on.
    pub(crate) fn keep(
        &mut self,
        cursor: Option<Cursor>,
        so_far: &Certificate,
    ) -> Result<(), Failure> {
        if cursor.is_none() || cursor == self.file.cursor {
            return Ok(());
        }
        self.file.cursor = cursor;
        self.file.reasons = self.whole(so_far).reasons;
        self.file.reasons.retain(is_lasting);
        self.write()
    }

    /// The listing came to its end, with this certificate of the whole.
    pub(crate) fn finish(&mut self, whole: Certificate) -> Result<(), Failure> {
        self.file.certificate = Some(whole);
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
        fs::rename(&beside, &self.path).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use callmux::CallProviderExt as _;

    use super::*;

    #[test]
    fn a_place_is_kept_with_the_filter_it_was_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("place");
        let filter = CallFilter::new().agent("a");
        let mut place = Checkpoint::open(&path, "x".into(), filter.clone()).unwrap();
        let cursor = Cursor::seal("p", &filter, &1).unwrap();
        place.begin().unwrap();
        let provider = Arc::new(callmux::MemoryProvider::new([]));
        let certificate = provider.calls(CallFilter::new()).certificate().clone();
        place.keep(Some(cursor.clone()), &certificate).unwrap();

        let again = Checkpoint::open(&path, "x".into(), CallFilter::new()).unwrap();
        assert_eq!(
            (again.filter(), again.cursor(), again.finished()),
            (&filter, Some(&cursor), None)
        );
        place.finish(certificate.clone()).unwrap();
        let again = Checkpoint::open(&path, "x".into(), filter.clone()).unwrap();
        assert_eq!(again.finished(), Some(&certificate));

        let other = Checkpoint::open(&path, "y".into(), filter.clone()).unwrap_err();
        assert!(matches!(other, Failure::Usage(_)), "{other}");
        fs::write(&path, "{").unwrap();
        assert!(matches!(Checkpoint::open(&path, "x".into(), filter), Err(Failure::Usage(_))));
    }
}
