//! What may be concluded of two sides, in words.

use callmux_core::{Component, Currency, Decimal};
use serde::Serialize;

use super::bootstrap::differences;
use super::candidate::Candidate;
use super::comparison::{Estimate, Scope};
use super::mixes::{is_shared, mix_of};
use super::rates::Mix;
use crate::error::{Error, Result};
use crate::exact;
use crate::key::Key;

/// Decimal places of amounts in sentences, unless a difference would be lost in them.
const PLACES: u32 = 4;

/// What may be concluded of two sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Pair {
    /// The side whose figure is the lower, by chance or not; the one with more minutes where there is none.
    pub lower: Key,
    /// The other one.
    pub higher: Key,
    /// What was set side by side.
    pub basis: Basis,
    /// The lower cost per minute on this basis, weighted to the mix of the two; `None` where nothing can be compared.
    pub lower_amount: Option<Decimal>,
    /// The higher one.
    pub higher_amount: Option<Decimal>,
    /// The higher less the lower.
    pub difference: Option<Estimate>,
    /// What may be concluded.
    pub verdict: Verdict,
    /// The same in words.
    pub sentence: String,
}

/// What of two sides was set side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Basis {
    /// The totals: no component is known to be in most of one side's and to be left out of most of the other's.
    Totals {
        /// Components that may be in one side's totals only, since totals do not say, or differ.
        uncertain: Vec<Component>,
    },
    /// The lines of the components that both itemise: the totals cover different things.
    Components {
        /// These components.
        compared: Vec<Component>,
        /// Components that are in one side's totals, or most of them, and are left out of the other's, or most of them.
        differing: Vec<Component>,
    },
}

/// What may be concluded of two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// One costs more, by more than chance explains.
    Differ,
    /// The difference may be chance.
    MayBeChance,
    /// Both cost the same, in every resample.
    Same,
    /// What they charge for differs, and no component is itemised by both; or their calls have too few lengths in common.
    NotComparable,
    /// There are too few calls of some length, or they are of too few days, agents and campaigns, to say how far the figures may be
    /// off.
    TooFewCalls,
}

pub(crate) fn pairs(candidates: &[Candidate<'_>], currency: Currency) -> Result<Vec<Pair>> {
    let able: Vec<&Candidate<'_>> =
        candidates.iter().filter(|candidate| candidate.unsupported.is_none()).collect();
    let together = able.len() * able.len().saturating_sub(1) / 2;
    let mut pairs = Vec::with_capacity(together);
    for (index, one) in able.iter().enumerate() {
        for other in able.iter().skip(index + 1) {
            pairs.push(pair(one, other, currency, together)?);
        }
    }
    Ok(pairs)
}

fn pair(
    one: &Candidate<'_>,
    other: &Candidate<'_>,
    currency: Currency,
    together: usize,
) -> Result<Pair> {
    let mix = &mix_of(&[one, other])?;
    let shares_lengths = is_shared(mix, &[one, other]);
    let (mut differing, mut uncertain) = (Vec::new(), Vec::new());
    for &component in Component::ALL {
        let mostly = [one, other].map(|side| side.mostly_includes(component));
        let (mine, theirs) = (one.scope(component), other.scope(component));
        // A few calls that say nothing, or otherwise, do not make the others' totals alike.
        if matches!(mostly, [Some(mine), Some(theirs)] if mine != theirs) {
            differing.push(component);
        } else if mine != theirs || mine == Scope::Partly {
            uncertain.push(component);
        }
    }
    let basis = if differing.is_empty() {
        Basis::Totals { uncertain }
    } else {
        Basis::Components { compared: both_itemise(one, other, mix)?, differing }
    };
    let components = match &basis {
        Basis::Totals { .. } => None,
        Basis::Components { compared, .. } => Some(compared.as_slice()),
    };
    let rates = match components {
        _ if !shares_lengths => None,
        Some([]) => None,
        _ => rate(one, components, mix)?.zip(rate(other, components, mix)?),
    };
    let Some((mine, theirs)) = rates else {
        let sentence = nothing_in_common(one, other, &basis, shares_lengths);
        return Ok(Pair {
            lower: one.key.clone(),
            higher: other.key.clone(),
            basis,
            lower_amount: None,
            higher_amount: None,
            difference: None,
            verdict: Verdict::NotComparable,
            sentence,
        });
    };
    let (lower, higher, low, high) =
        if mine <= theirs { (one, other, mine, theirs) } else { (other, one, theirs, mine) };
    let resamples = |side: &Candidate<'_>| mix.resample(side.ledger, components, &side.draws);
    let apart = differences(&resamples(higher), &resamples(lower));
    let amount = high.checked_sub(low).ok_or(Error::AMOUNTS)?;
    let difference = Estimate::one_of(together, amount, &apart);
    let verdict = match difference.low.zip(difference.high) {
        None => Verdict::TooFewCalls,
        Some((low, _)) if low > Decimal::ZERO => Verdict::Differ,
        Some((low, high)) if low.is_zero() && high.is_zero() && difference.amount.is_zero() => {
            Verdict::Same
        }
        Some(_) => Verdict::MayBeChance,
    };
    let mut pair = Pair {
        lower: lower.key.clone(),
        higher: higher.key.clone(),
        basis,
        lower_amount: Some(exact::rounded(low, exact::PLACES)),
        higher_amount: Some(exact::rounded(high, exact::PLACES)),
        difference: Some(difference),
        verdict,
        sentence: String::new(),
    };
    pair.sentence = sentence(&pair, lower, higher, currency);
    Ok(pair)
}

/// A side's cost per minute by the mix, of its totals or of these components.
fn rate(
    side: &Candidate<'_>,
    components: Option<&[Component]>,
    mix: &Mix,
) -> Result<Option<Decimal>> {
    let Some(components) = components else { return mix.rate(&side.by_bucket) };
    let mut sum = Decimal::ZERO;
    for &component in components {
        let Some(rate) = mix.rate(&side.ledger.by_bucket(Some(component))?)? else {
            return Ok(None);
        };
        sum = sum.checked_add(rate).ok_or(Error::AMOUNTS)?;
    }
    Ok(Some(sum))
}

/// The components that nearly all calls of both sides have lines of, nine in ten, in every bucket of the mix: where a line is rare, the
/// minutes of the calls that have one are not those that it is paid for.
fn both_itemise(one: &Candidate<'_>, other: &Candidate<'_>, mix: &Mix) -> Result<Vec<Component>> {
    let mut both = Vec::new();
    for &component in Component::ALL {
        let mut is_itemised = true;
        for side in [one, other] {
            let lines = side.ledger.scope.get(component).map_or(0, |counts| counts.itemised);
            let sums = side.ledger.by_bucket(Some(component))?;
            let are_most = lines.saturating_mul(10) >= side.counted.calls.saturating_mul(9);
            is_itemised &= are_most && mix.rate(&sums)?.is_some();
        }
        // What is none of the named components is not one thing.
        if is_itemised && component != Component::Other {
            both.push(component);
        }
    }
    Ok(both)
}

fn sentence(
    pair: &Pair,
    lower: &Candidate<'_>,
    higher: &Candidate<'_>,
    currency: Currency,
) -> String {
    let Pair { lower_amount, higher_amount, .. } = pair;
    let rounded = |amount: Option<Decimal>| amount.map(|amount| exact::rounded(amount, PLACES));
    let least = pair.difference.as_ref().and_then(|difference| difference.low);
    let apart = rounded(pair.difference.as_ref().map(|difference| difference.amount));
    let shown_apart =
        rounded(*higher_amount).zip(rounded(*lower_amount)).map(|(high, low)| high - low);
    // What is more must not read as nothing, two prices not as one, nor their difference as another than is seen.
    let is_lost = rounded(least) == Some(Decimal::ZERO)
        || shown_apart == Some(Decimal::ZERO)
        || shown_apart != apart;
    let places = if pair.verdict == Verdict::Differ && is_lost { exact::PLACES } else { PLACES };
    let money = |amount: Option<Decimal>| {
        amount.map_or_else(String::new, |amount| {
            format!("{} {currency}", exact::rounded(amount, places))
        })
    };
    let (before, of) = match &pair.basis {
        Basis::Totals { .. } => (String::new(), "A minute costs".to_owned()),
        Basis::Components { compared, differing } => (
            format!("{}. ", scopes_differ(lower, higher, differing)),
            format!("Of what both itemise ({}), a minute costs", list(compared)),
        ),
    };
    let mut text = format!(
        "{before}{of} {} at {} and {} at {}, for calls of like length",
        money(*lower_amount),
        lower.name,
        money(*higher_amount),
        higher.name
    );
    let range = pair.difference.as_ref().and_then(|difference| difference.low.zip(difference.high));
    let range = range.map_or_else(String::new, |(low, high)| {
        format!("between {} and {}", money(Some(low)), money(Some(high)))
    });
    let more = money(pair.difference.as_ref().map(|difference| difference.amount));
    text.push_str(&match pair.verdict {
        Verdict::Differ => format!(": {more} more at {} ({range}, with 95 % confidence).", higher.name),
        Verdict::MayBeChance => format!(
            ": the difference of {more} ({range}, with 95 % confidence) may be chance, so neither can be called cheaper."
        ),
        Verdict::Same => ": the same.".to_owned(),
        _ => ": there are too few calls of some lengths, or of too few days, agents and campaigns, to tell that from chance."
            .to_owned(),
    });
    match &pair.basis {
        Basis::Components { .. } => {
            text.push_str(" Nothing is concluded of what else they charge.");
        }
        Basis::Totals { uncertain } if !uncertain.is_empty() => {
            let verb = if uncertain.len() == 1 { "is" } else { "are" };
            text.push_str(&format!(
                " It is not certain that {} {verb} in both totals alike.",
                list(uncertain)
            ));
        }
        Basis::Totals { .. } => {}
    }
    text
}

fn nothing_in_common(
    one: &Candidate<'_>,
    other: &Candidate<'_>,
    basis: &Basis,
    shares_lengths: bool,
) -> String {
    if !shares_lengths {
        return format!(
            "The calls of {} and {} have too few lengths in common: nothing can be concluded of their prices.",
            one.name, other.name
        );
    }
    let differ = match basis {
        Basis::Components { differing, .. } => scopes_differ(one, other, differing),
        Basis::Totals { .. } => "The calls share no length".to_owned(),
    };
    format!(
        "{differ}, and no component is itemised by both: nothing can be concluded of their prices."
    )
}

fn scopes_differ(one: &Candidate<'_>, other: &Candidate<'_>, differing: &[Component]) -> String {
    let part = |side: &Candidate<'_>, without: &Candidate<'_>| {
        let included = differing.iter().copied();
        let included: Vec<Component> =
            included.filter(|&of| side.mostly_includes(of) == Some(true)).collect();
        let is_partly = |&of: &Component| {
            [side, without].iter().any(|of_side| of_side.scope(of) == Scope::Partly)
        };
        let (with, without, words) = (&side.name, &without.name, list(&included));
        let text = if included.iter().any(is_partly) {
            format!("{words} in most totals of {with}, and left out of most of {without}")
        } else {
            format!("{words} in the totals of {with} and not in those of {without}")
        };
        (!included.is_empty()).then_some(text)
    };
    let parts: Vec<String> = [part(one, other), part(other, one)].into_iter().flatten().collect();
    format!("The totals cannot be compared: {}", parts.join("; "))
}

fn list(components: &[Component]) -> String {
    let words: Vec<&str> = components.iter().map(|component| component.in_words()).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
