//! What a comparison is to be read with.

use callmux_core::{Currency, Decimal};

use super::candidate::Candidate;
use crate::exact;

pub(crate) fn notes(
    candidates: &[Candidate<'_>],
    sides_left_out: u64,
    currency: Currency,
) -> Vec<String> {
    let mut notes = vec![
        "Calls are made alike in length alone: not in agent, direction, channel, outcome or quality.".to_owned(),
        "Intervals are of 95 %, for all pairs together. They take calls of one day, agent and campaign to vary together, and \
         say nothing of what is not known."
            .to_owned(),
    ];
    if sides_left_out > 0 {
        notes.push(format!(
            "The {} sides with the most minutes are compared; {sides_left_out} are left out.",
            candidates.len()
        ));
    }
    for Candidate { name, side, ledger, counted, .. } in candidates {
        let (talked, unknown) = (side.talked, side.talked_without_cost);
        // One in twenty.
        if unknown.saturating_mul(20) > talked {
            notes.push(format!(
                "The cost of {unknown} of {talked} calls that talked at {name} is not known; if those are dearer or \
                 cheaper than the others, its figures may mislead."
            ));
        }
        let (silent, cost) = (ledger.silent, ledger.silent_total);
        // One in a hundred.
        let is_much =
            cost.checked_mul(Decimal::ONE_HUNDRED).is_none_or(|cost| cost > counted.total);
        if silent > 0 && is_much {
            let cost = exact::rounded(cost, 4);
            notes.push(format!(
                "{silent} calls at {name} did not talk, or not for a known time, and cost {cost} {currency}: that is in no cost per minute."
            ));
        }
        let (unsaid, calls) = (ledger.without_scope, counted.calls);
        if unsaid > 0 {
            notes.push(format!(
                "The totals of {unsaid} of {calls} counted calls at {name} do not say what they cover."
            ));
        }
    }
    notes
}
