//! Figures as people read them.

use std::time::Duration;

use callmux::Decimal;
use callmux_costs::Key;
use callmux_table::{Cell, printable};

/// What stands for a figure that is not known.
pub(super) const UNKNOWN: &str = "-";

/// An amount for people, to four places: what is not known is a dash, and what is something is no zero.
pub(super) fn rounded(amount: Option<Decimal>) -> String {
    let Some(amount) = amount else { return UNKNOWN.to_owned() };
    let rounded = amount.round_dp(4);
    match (rounded.is_zero(), amount.is_zero(), amount.is_sign_negative()) {
        (true, false, false) => "<0.0001".to_owned(),
        (true, false, true) => ">-0.0001".to_owned(),
        _ => format!("{rounded:.4}"),
    }
}

/// A difference for people: a rise has its sign too.
pub(super) fn signed(amount: Decimal) -> String {
    let text = rounded(Some(amount));
    if amount > Decimal::ZERO && !text.starts_with('<') { format!("+{text}") } else { text }
}

/// A share in percent, rounded down: what is nearly all is not all.
pub(super) fn share(share: Option<Decimal>) -> String {
    let Some(share) = share else { return UNKNOWN.to_owned() };
    format!("{:.1} %", (share * Decimal::from(100)).trunc_with_scale(1))
}

/// Minutes, to a tenth.
pub(super) fn minutes(time: Duration) -> String {
    let tenths = (time.as_millis() + 3000) / 6000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The parts of a key, each as a cell of a table.
pub(super) fn key_cells(key: &Key) -> Vec<String> {
    key.parts().iter().map(|part| printable(&part.to_string()).into_owned()).collect()
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
    fn a_figure_for_people_never_pretends() {
        for (amount, shown) in [
            ("12.34567", "12.3457"),
            ("100", "100.0000"),
            ("0", "0.0000"),
            ("0.00004", "<0.0001"),
            ("-0.00004", ">-0.0001"),
            ("-0.0038", "-0.0038"),
        ] {
            assert_eq!(rounded(decimal(amount)), shown);
        }
        assert_eq!(rounded(None), "-");
        for (part, shown) in
            [("1", "100.0 %"), ("0.999888", "99.9 %"), ("0.5", "50.0 %"), ("0", "0.0 %")]
        {
            assert_eq!(share(decimal(part)), shown);
        }
        assert_eq!(share(None), "-");
    }

    #[test]
    fn a_rise_is_told_from_a_fall() {
        for (amount, shown) in
            [("1.5", "+1.5000"), ("-1.5", "-1.5000"), ("0", "0.0000"), ("0.00001", "<0.0001")]
        {
            assert_eq!(signed(decimal(amount).unwrap()), shown);
        }
        assert_eq!(minutes(Duration::from_secs(90)), "1.5");
    }
}
