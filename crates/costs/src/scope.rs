//! What totals say that they cover.

use callmux_core::{Component, CostScope};

use crate::few::Few;
use crate::grow::grow;

/// How many totals say that they include a component, and how many that they leave it out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stated {
    pub(crate) included: u64,
    pub(crate) excluded: u64,
}

grow!(Stated { included, excluded });

impl Stated {
    /// What one total says.
    pub(crate) fn by(scope: &CostScope) -> Few<Component, Self> {
        let mut stated: Few<Component, Self> = Few::default();
        stated.make_room(scope.includes.len() + scope.excludes.len());
        for &component in &scope.includes {
            stated.update(component, |stated| stated.included = 1);
        }
        for &component in &scope.excludes {
            stated.update(component, |stated| stated.excluded = 1);
        }
        stated
    }
}
