//! A call's cost from a vendor's amounts, by the same rules for every vendor.

use callmux_core::{Component, Cost, CostLine, CostScope, CostState, Currency, Decimal, Money};

use crate::wire::Amount;

/// Makes a [`Cost`] from a total and lines as they were sent.
///
/// What is absent stays unknown; a zero on a live call is pending; an amount that cannot be read exactly is kept as the vendor's
/// text and never guessed.
#[derive(Debug)]
pub struct Bill {
    currency: Currency,
    cost: Cost,
}

impl Bill {
    /// A bill with this total, for a call that is over or still live.
    #[must_use]
    pub fn new(currency: Currency, total: &Amount, is_live: bool) -> Self {
        let mut cost = match total {
            Amount::Exact(amount) if is_live && *amount == Decimal::ZERO => Cost::pending(),
            Amount::Exact(amount) => {
                let mut cost = Cost::reported(Money::new(*amount, currency));
                if is_live {
                    cost.state = CostState::Estimated;
                }
                cost
            }
            Amount::Absent if is_live => Cost::pending(),
            Amount::Absent | Amount::Unreadable(_) => Cost::unavailable(),
        };
        cost.unreadable = total.unreadable().map(str::to_owned);
        Self { currency, cost }
    }

    /// Adds a line, if the vendor gave an amount for it.
    pub fn line(&mut self, component: Component, label: &str, amount: &Amount) {
        self.line_with(component, label, amount, |line| line);
    }

    /// Adds a line with its details, if the vendor gave an amount for it.
    pub fn line_with(
        &mut self,
        component: Component,
        label: &str,
        amount: &Amount,
        details: impl FnOnce(CostLine) -> CostLine,
    ) {
        if let Some(amount) = amount.exact() {
            let line = CostLine::new(component, label, Money::new(amount, self.currency));
            self.cost.lines.push(details(line));
        } else if let Some(text) = amount.unreadable() {
            self.cost.unreadable.get_or_insert_with(|| text.to_owned());
        }
    }

    /// Whether no line was added yet.
    #[must_use]
    pub fn has_no_lines(&self) -> bool {
        self.cost.lines.is_empty()
    }

    /// Says that a total of zero does not mean that the call was free: it is still to come.
    pub fn zero_is_pending(&mut self) {
        if self.cost.total.is_some_and(|total| total.amount == Decimal::ZERO) {
            self.cost.total = None;
            self.cost.state = CostState::Pending;
        }
    }

    /// The cost, with what its total covers: the scope given, and each component that has a line in it. A component of which
    /// every line is billed elsewhere is left out.
    #[must_use]
    pub fn finish(mut self, mut scope: CostScope) -> Cost {
        if self.cost.total.is_some() {
            let lines = &self.cost.lines;
            for line in lines.iter().filter(|line| line.billed_elsewhere) {
                scope.includes.remove(&line.component);
                scope.excludes.insert(line.component);
            }
            for line in lines.iter().filter(|line| line.in_total) {
                scope.includes.insert(line.component);
                scope.excludes.remove(&line.component);
            }
            self.cost.scope = scope;
        }
        self.cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_state_says_what_is_known() {
        for (total, is_live, state, is_summed) in [
            ("0.5", false, CostState::Reported, true),
            ("0", false, CostState::Reported, true),
            ("0", true, CostState::Pending, false),
            ("0.000", true, CostState::Pending, false),
            ("0.5", true, CostState::Estimated, true),
            ("null", true, CostState::Pending, false),
            ("null", false, CostState::Unavailable, false),
            ("\"free\"", false, CostState::Unavailable, false),
        ] {
            let cost =
                Bill::new(Currency::USD, &amount(total), is_live).finish(CostScope::default());
            assert_eq!((cost.state, cost.known_total().is_some()), (state, is_summed), "{total}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_kept_and_never_guessed() {
        let mut bill = Bill::new(Currency::USD, &amount("1"), false);
        bill.line(Component::Llm, "llm", &amount("\"many\""));
        bill.line(Component::Tts, "tts", &amount("null"));
        bill.line(Component::Stt, "stt", &amount("0"));
        let cost = bill.finish(CostScope::default());
        assert_eq!(cost.lines.len(), 1);
        assert_eq!(cost.unreadable.as_deref(), Some("many"));
    }

    #[test]
    fn the_scope_leaves_out_what_is_wholly_billed_elsewhere() {
        let mut bill = Bill::new(Currency::USD, &amount("1"), false);
        for (component, is_elsewhere) in [
            (Component::Tts, true),
            (Component::Llm, true),
            (Component::Llm, false),
            (Component::Telephony, false),
        ] {
            let details =
                |line: CostLine| if is_elsewhere { line.billed_elsewhere() } else { line };
            bill.line_with(component, "line", &amount("0"), details);
        }
        let scope = CostScope::new([Component::Platform, Component::Tts], [Component::Telephony]);
        let cost = bill.finish(scope);
        let expected = CostScope::new(
            [Component::Platform, Component::Llm, Component::Telephony],
            [Component::Tts],
        );
        assert_eq!(cost.scope, expected);
        assert_eq!(cost.unattributed(), cost.total, "a line billed elsewhere is in no total");
    }

    #[test]
    fn a_zero_can_be_said_to_be_pending() {
        let mut bill = Bill::new(Currency::USD, &amount("0"), false);
        bill.zero_is_pending();
        assert_eq!(bill.finish(CostScope::default()), Cost::pending());
    }
}
