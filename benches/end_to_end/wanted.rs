//! What the command line asks for.

use callmux_benches::Vendor;

use crate::tables::{TABLES, Table};

/// What is to be measured.
pub(crate) struct Wanted {
    /// How often each measurement is taken.
    pub(crate) runs: usize,
    pub(crate) vendors: Vec<Vendor>,
    pub(crate) tables: Vec<Table>,
    /// A million calls too, where memory is measured.
    pub(crate) million: bool,
    /// A target that is not met is a failure.
    pub(crate) check: bool,
}

impl Wanted {
    /// Tables and vendors by name, all of them where none is named.
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut wanted =
            Self { runs: 5, vendors: vec![], tables: vec![], million: false, check: false };
        while let Some(argument) = arguments.next() {
            let vendor = Vendor::ALL.into_iter().find(|vendor| vendor.id() == argument);
            let table = TABLES.into_iter().find(|table| table.name == argument);
            match (argument.as_str(), vendor, table) {
                ("--runs", ..) => {
                    let runs = arguments.next().and_then(|runs| runs.parse().ok());
                    wanted.runs = runs.filter(|runs| *runs > 0).ok_or("--runs N, from 1")?;
                }
                ("--million", ..) => wanted.million = true,
                ("--check", ..) => wanted.check = true,
                (_, Some(vendor), _) => wanted.vendors.push(vendor),
                (_, _, Some(table)) => wanted.tables.push(table),
                _ => return Err(format!("{argument:?} is no table, no vendor and no option")),
            }
        }
        if wanted.vendors.is_empty() {
            wanted.vendors = Vendor::ALL.to_vec();
        }
        if wanted.tables.is_empty() {
            wanted.tables = TABLES.to_vec();
        }
        Ok(wanted)
    }
}
