//! The page of a report: what it is made of, and its file.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use callmux::{Call, Certificate};
use callmux_costs::{Comparer, Conversion, Dimension, Report, Watch, Zone};
use callmux_page::Page;
use chrono::{DateTime, Utc};

use crate::exit::Failure;

/// All that the page shows, from one pass over the calls.
pub(crate) struct PageReports {
    zone: Zone,
    by_vendor: Report,
    by_day: Report,
    by_agent: Report,
    by_campaign: Report,
    vendors: Comparer,
    watch: Watch,
}

impl PageReports {
    /// `now` says which calls are overdue.
    pub(crate) fn new(zone: Zone, now: DateTime<Utc>) -> Self {
        let by = |dimension| Report::new([dimension]).in_zone(zone.clone());
        Self {
            by_vendor: by(Dimension::Vendor),
            by_day: by(Dimension::Day),
            by_agent: by(Dimension::Agent),
            by_campaign: by(Dimension::Campaign),
            vendors: Comparer::new(Dimension::Vendor),
            watch: Watch::new([Dimension::Vendor], now),
            zone,
        }
    }

    pub(crate) fn add(&mut self, call: &Call) -> Result<(), Failure> {
        let reports =
            [&mut self.by_vendor, &mut self.by_day, &mut self.by_agent, &mut self.by_campaign];
        for report in reports {
            report.add(call)?;
        }
        self.vendors.add(call)?;
        self.watch.add(call);
        Ok(())
    }

    pub(crate) fn by_vendor(&self) -> &Report {
        &self.by_vendor
    }

    pub(crate) fn vendors(&self) -> &Comparer {
        &self.vendors
    }

    pub(crate) fn html(&self, about: &AboutPage<'_>) -> Result<String, Failure> {
        let page = Page {
            title: "What calls cost",
            filter: about.filter,
            made_at: about.made_at,
            zone: &self.zone,
            by_vendor: &self.by_vendor,
            by_day: &self.by_day,
            by_agent: &self.by_agent,
            by_campaign: &self.by_campaign,
            comparisons: &self.vendors.comparisons()?,
            outliers: &self.watch.outliers()?,
            conversion: about.conversion,
            certificate: about.certificate,
        };
        Ok(page.html()?)
    }
}

/// What the page says of the listing.
pub(crate) struct AboutPage<'a> {
    pub(crate) filter: &'a [String],
    pub(crate) made_at: DateTime<Utc>,
    pub(crate) conversion: Option<&'a Conversion>,
    pub(crate) certificate: &'a Certificate,
}

/// The file that the page is written to, at the end and as a whole: until then an earlier page stays what it is.
#[derive(Debug)]
pub(crate) struct PageFile {
    path: PathBuf,
    /// What is written first, and then renamed; `None` where the page is no file of its own, such as a device or a pipe.
    part: Option<PathBuf>,
}

impl PageFile {
    /// Makes sure that the file can be written, before anything is sent.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let cannot = |error: &io::Error| {
            Failure::usage(format!("--html: cannot write {}: {error}", path.display()))
        };
        let is_there = path.symlink_metadata().is_ok();
        if is_there {
            OpenOptions::new()
                .append(true)
                .create(true)
                .open(path)
                .map_err(|error| cannot(&error))?;
        }
        // What is a link is written where it leads.
        let path = if is_there {
            path.canonicalize().map_err(|error| cannot(&error))?
        } else {
            path.to_owned()
        };
        if is_there && !path.is_file() {
            return Ok(Self { path, part: None });
        }
        let mut part = path.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        File::create(&part).map_err(|error| cannot(&error))?;
        Ok(Self { path, part: Some(part) })
    }

    /// Whether another name is one of the same file.
    pub(crate) fn is(&self, other: &Path) -> bool {
        let whole = |path: &Path| match path.canonicalize() {
            Ok(whole) => Some(whole),
            // What is not there yet is in a folder that is.
            Err(_) => Some(folder(path).canonicalize().ok()?.join(path.file_name()?)),
        };
        whole(&self.path).is_some_and(|path| whole(other) == Some(path))
    }

    pub(crate) fn write(mut self, html: &str) -> Result<(), Failure> {
        let written = match &self.part {
            None => fs::write(&self.path, html),
            Some(part) => fs::write(part, html).and_then(|()| fs::rename(part, &self.path)),
        };
        written.map_err(|error| {
            Failure::failed(format!("cannot write {}: {error}", self.path.display()))
        })?;
        self.part = None;
        Ok(())
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl Drop for PageFile {
    fn drop(&mut self) {
        if let Some(part) = &self.part {
            // A listing that failed leaves no page. That it cannot be removed is no news: it could be made.
            let _ = fs::remove_file(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_page_that_is_not_written_leaves_nothing_and_takes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        drop(PageFile::open(&path).unwrap());
        assert_eq!(names(folder.path()), [""; 0]);
        fs::write(&path, "earlier").unwrap();
        drop(PageFile::open(&path).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "earlier");
        PageFile::open(&path).unwrap().write("later").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "later");
        assert_eq!(names(folder.path()), ["page.html"]);
        let nowhere = folder.path().join("nowhere/page.html");
        for unwritable in [nowhere.as_path(), folder.path()] {
            assert!(PageFile::open(unwritable).unwrap_err().to_string().contains("cannot write"));
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_link_is_written_where_it_leads_and_a_device_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (link, target) = (folder.path().join("link"), folder.path().join("page.html"));
        std::os::unix::fs::symlink(&target, &link).unwrap();
        PageFile::open(&link).unwrap().write("page").unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "page");
        assert!(link.symlink_metadata().unwrap().is_symlink());
        let page = PageFile::open(&link).unwrap();
        assert!(page.is(&target) && page.is(&link) && !page.is(&folder.path().join("other")));
        PageFile::open(Path::new("/dev/null")).unwrap().write("page").unwrap();
        let full = PageFile::open(Path::new("/dev/full")).unwrap().write("page").unwrap_err();
        assert!(full.to_string().contains("cannot write /dev/full"));
    }

    #[test]
    fn two_names_of_a_file_that_is_not_there_are_one() {
        let folder = tempfile::tempdir().unwrap();
        let page = PageFile::open(&folder.path().join("page.html")).unwrap();
        assert!(page.is(&folder.path().join("./page.html")));
        assert!(!page.is(&folder.path().join("page.json")));
    }
}
