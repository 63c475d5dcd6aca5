//! What totals say that they cover.

use std::collections::BTreeMap;

use callmux_core::{Component, CostScope};

use crate::error::Result;
use crate::report::count;

/// How many totals say that they include a component, and how many that they leave it out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stated {
    pub(crate) included: u64,
    pub(crate) excluded: u64,
}

impl Stated {
    /// What one total says.
    pub(crate) fn by(scope: &CostScope) -> BTreeMap<Component, Self> {
        let mut stated: BTreeMap<Component, Self> = BTreeMap::new();
        for &component in &scope.includes {
            stated.entry(component).or_default().included = 1;
        }
        for &component in &scope.excludes {
            stated.entry(component).or_default().excluded = 1;
        }
        stated
    }

    pub(crate) fn plus(self, other: Self) -> Result<Self> {
        Ok(Self {
            included: count(self.included, other.included)?,
            excluded: count(self.excluded, other.excluded)?,
        })
    }
}
