//! Figures as people read them.

use std::collections::BTreeMap;

use callmux::Decimal;
use callmux_costs::{Dimension, Key, KeyPart};
use callmux_table::{Cell, printable};

/// What stands for a figure that is not known.
pub(super) const UNKNOWN: &str = "-";

/// An amount for people: what is not known is a dash.
pub(super) fn rounded(amount: Option<Decimal>) -> String {
    amount.map_or_else(|| UNKNOWN.to_owned(), callmux_table::amount)
}

/// A difference for people: a rise has its sign too.
pub(super) fn signed(amount: Decimal) -> String {
    let text = rounded(Some(amount));
    if amount > Decimal::ZERO && !text.starts_with('<') { format!("+{text}") } else { text }
}

/// A share in percent.
pub(super) fn share(share: Option<Decimal>) -> String {
    share.map_or_else(|| UNKNOWN.to_owned(), |share| format!("{} %", callmux_table::percent(share)))
}

/// How many characters of a vendor's text a cell has room for.
const ROOM: usize = 120;

/// The parts of each key, each as a cell of a table. Agents of two accounts may have one id and one name: keys that would read alike
/// say whose they are.
pub(super) fn key_cells<'a>(keys: impl Iterator<Item = &'a Key>) -> Vec<Vec<String>> {
    let keys: Vec<&Key> = keys.collect();
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    for key in &keys {
        *met.entry(key.to_string()).or_default() += 1;
    }
    let cells = |key: &Key| {
        let is_shared = met.get(&key.to_string()).is_some_and(|&times| times > 1);
        let cell = |part: &KeyPart| match part.owner.as_ref().filter(|_| is_shared) {
            Some(owner) => {
                format!(
                    "{} of {}",
                    shown(&part.to_string()),
                    shown(&format!("{}/{}", owner.vendor, owner.account))
                )
            }
            None => shown(&part.to_string()),
        };
        key.parts().iter().map(cell).collect()
    };
    keys.into_iter().map(cells).collect()
}

/// A vendor's text, harmless and not longer than a cell: every line of a table is as wide as its widest cell.
pub(super) fn shown(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(ROOM) {
        None => text.into_owned(),
        Some(_) => text.chars().take(ROOM - 1).chain(['…']).collect(),
    }
}

/// The columns of CSV for the parts of a key: an agent or a campaign has its name and whose it is beside its id.
pub(super) fn key_header(dimensions: &[Dimension]) -> Vec<String> {
    let columns = |of: &Dimension| {
        let more: &[&str] = if is_owned(*of) { &["_name", "_vendor", "_account"] } else { &[] };
        std::iter::once("")
            .chain(more.iter().copied())
            .map(|end| format!("{of}{end}"))
            .collect::<Vec<_>>()
    };
    dimensions.iter().flat_map(columns).collect()
}

/// The parts of a key, a cell for each of those columns.
pub(super) fn key_record(key: &Key) -> Vec<Cell<'static>> {
    let cells = |part: &KeyPart| {
        let mut cells = vec![text(part.value.clone())];
        if is_owned(part.dimension) {
            let owner = part.owner.as_ref();
            cells.push(text(part.name.clone()));
            cells.push(text(owner.map(|owner| owner.vendor.to_string())));
            cells.push(text(owner.map(|owner| owner.account.to_string())));
        }
        cells
    };
    key.parts().iter().flat_map(cells).collect()
}

fn is_owned(dimension: Dimension) -> bool {
    matches!(dimension, Dimension::Agent | Dimension::Campaign)
}

/// A text for CSV.
pub(super) fn text(text: Option<String>) -> Cell<'static> {
    text.map_or(Cell::Absent, |text| Cell::Text(text.into()))
}

/// A number for CSV; one that is not known is empty.
pub(super) fn number(number: Option<Decimal>) -> Cell<'static> {
    number.map_or(Cell::Absent, Cell::Decimal)
}

/// A count for CSV.
pub(super) fn count(count: u64) -> Cell<'static> {
    Cell::Decimal(count.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Option<Decimal> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn what_is_not_known_is_a_dash() {
        assert_eq!([rounded(None), share(None)], ["-", "-"]);
        assert_eq!(rounded(decimal("12.34567")), "12.3457");
        assert_eq!(share(decimal("0.999888")), "99.9 %");
    }

    #[test]
    fn a_rise_is_told_from_a_fall() {
        for (amount, shown) in
            [("1.5", "+1.5000"), ("-1.5", "-1.5000"), ("0", "0.0000"), ("0.00001", "<0.0001")]
        {
            assert_eq!(signed(decimal(amount).unwrap()), shown);
        }
    }
}
