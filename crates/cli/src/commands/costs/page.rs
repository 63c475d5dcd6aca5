//! The page of a report: what it is made of, and its file.

use std::fs::{self, OpenOptions};
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

/// The file that the page is written to, at the end: until then an earlier page stays what it is.
#[derive(Debug)]
pub(crate) struct PageFile {
    path: PathBuf,
    /// It was not there before, and nothing is in it yet.
    is_new: bool,
}

impl PageFile {
    /// Makes sure that the file can be written, before anything is sent.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let is_new = !path.exists();
        let opened = OpenOptions::new().append(true).create(true).open(path);
        opened.map_err(|error| {
            Failure::usage(format!("--html: cannot write {}: {error}", path.display()))
        })?;
        Ok(Self { path: path.to_owned(), is_new })
    }

    pub(crate) fn write(mut self, html: &str) -> Result<(), Failure> {
        self.is_new = false;
        fs::write(&self.path, html).map_err(|error| {
            Failure::failed(format!("cannot write {}: {error}", self.path.display()))
        })
    }
}

impl Drop for PageFile {
    fn drop(&mut self) {
        if self.is_new {
            // A listing that failed leaves no empty page. That it cannot be removed is no news: it could be made.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_written_leaves_nothing_and_takes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        drop(PageFile::open(&path).unwrap());
        assert!(!path.exists());
        fs::write(&path, "earlier").unwrap();
        drop(PageFile::open(&path).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "earlier");
        PageFile::open(&path).unwrap().write("later").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "later");
        let nowhere = folder.path().join("nowhere/page.html");
        assert!(PageFile::open(&nowhere).unwrap_err().to_string().contains("cannot write"));
    }
}
