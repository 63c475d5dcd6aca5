//! What may be concluded of two sides, in words.

use callmux_core::{Component, Currency, Decimal};
use serde::Serialize;

use super::bootstrap::differences;
use super::comparison::{CALLS, Candidate, Estimate, Scope};
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
    /// The side whose figure is the lower.
    pub cheaper: Key,
    /// The other one.
    pub dearer: Key,
    /// What was set side by side.
    pub basis: Basis,
    /// The cheaper side's cost per minute on this basis, weighted to the common mix; `None` where nothing can be compared.
    pub cheaper_amount: Option<Decimal>,
    /// The dearer side's.
    pub dearer_amount: Option<Decimal>,
    /// The dearer side's less the cheaper's.
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
    /// What they charge for differs, and no component is itemised by both.
    NotComparable,
    /// There are too few calls of some length to say how far the figures may be off.
    TooFewCalls,
}

pub(crate) fn pairs(
    candidates: &[Candidate<'_>],
    mix: &Mix,
    currency: Currency,
) -> Result<Vec<Pair>> {
    let supported: Vec<&Candidate<'_>> =
        candidates.iter().filter(|candidate| candidate.unsupported.is_none()).collect();
    let mut pairs = Vec::new();
    for (index, one) in supported.iter().enumerate() {
        for other in supported.iter().skip(index + 1) {
            pairs.push(pair(one, other, mix, currency)?);
        }
    }
    Ok(pairs)
}

fn pair(one: &Candidate<'_>, other: &Candidate<'_>, mix: &Mix, currency: Currency) -> Result<Pair> {
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
        Some([]) => None,
        _ => rate(one, components, mix)?.zip(rate(other, components, mix)?),
    };
    let Some((mine, theirs)) = rates else {
        let sentence = nothing_in_common(one, other, &basis);
        return Ok(Pair {
            cheaper: one.key.clone(),
            dearer: other.key.clone(),
            basis,
            cheaper_amount: None,
            dearer_amount: None,
            difference: None,
            verdict: Verdict::NotComparable,
            sentence,
        });
    };
    let (cheaper, dearer, low, high) =
        if mine <= theirs { (one, other, mine, theirs) } else { (other, one, theirs, mine) };
    let resamples = |side: &Candidate<'_>| mix.resample(side.ledger, components, &side.draws);
    let apart = differences(&resamples(dearer), &resamples(cheaper));
    let difference = Estimate::new(high.checked_sub(low).ok_or(Error::AMOUNTS)?, &apart);
    let verdict = match difference.low {
        None => Verdict::TooFewCalls,
        Some(low) if low > Decimal::ZERO => Verdict::Differ,
        Some(_) => Verdict::MayBeChance,
    };
    let mut pair = Pair {
        cheaper: cheaper.key.clone(),
        dearer: dearer.key.clone(),
        basis,
        cheaper_amount: Some(exact::rounded(low, exact::PLACES)),
        dearer_amount: Some(exact::rounded(high, exact::PLACES)),
        difference: Some(difference),
        verdict,
        sentence: String::new(),
    };
    pair.sentence = sentence(&pair, cheaper, dearer, currency);
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

/// The components that both sides have enough lines of, in every bucket of the mix.
fn both_itemise(one: &Candidate<'_>, other: &Candidate<'_>, mix: &Mix) -> Result<Vec<Component>> {
    let mut both = Vec::new();
    for &component in Component::ALL {
        let mut is_itemised = true;
        for side in [one, other] {
            let lines = side.ledger.scope.get(&component).map_or(0, |counts| counts.itemised);
            let sums = side.ledger.by_bucket(Some(component))?;
            is_itemised &= lines >= CALLS && mix.rate(&sums)?.is_some();
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
    cheaper: &Candidate<'_>,
    dearer: &Candidate<'_>,
    currency: Currency,
) -> String {
    let Pair { cheaper_amount, dearer_amount, .. } = pair;
    let rounded = |amount: Option<Decimal>| amount.map(|amount| exact::rounded(amount, PLACES));
    let least = pair.difference.as_ref().and_then(|difference| difference.low);
    // What is more must not read as nothing, nor two prices as one.
    let is_lost = rounded(*cheaper_amount) == rounded(*dearer_amount)
        || rounded(least) == Some(Decimal::ZERO);
    let places = if pair.verdict == Verdict::Differ && is_lost { exact::PLACES } else { PLACES };
    let money = |amount: Option<Decimal>| {
        amount.map_or_else(String::new, |amount| {
            format!("{} {currency}", exact::rounded(amount, places))
        })
    };
    let (before, of) = match &pair.basis {
        Basis::Totals { .. } => (String::new(), "A minute costs".to_owned()),
        Basis::Components { compared, differing } => (
            format!("{}. ", scopes_differ(cheaper, dearer, differing)),
            format!("Of what both itemise ({}), a minute costs", list(compared)),
        ),
    };
    let mut text = format!(
        "{before}{of} {} at {} and {} at {}, for calls of like length",
        money(*cheaper_amount),
        cheaper.name,
        money(*dearer_amount),
        dearer.name
    );
    let range = pair.difference.as_ref().and_then(|difference| difference.low.zip(difference.high));
    let range = range.map_or_else(String::new, |(low, high)| {
        format!("between {} and {}", money(Some(low)), money(Some(high)))
    });
    let more = money(pair.difference.as_ref().map(|difference| difference.amount));
    text.push_str(&match pair.verdict {
        Verdict::Differ => format!(": {more} more at {} ({range}, with 95 % confidence).", dearer.name),
        Verdict::MayBeChance => format!(
            ": the difference of {more} ({range}, with 95 % confidence) may be chance, so neither can be called cheaper."
        ),
        _ => ": there are too few calls of some lengths to tell that from chance.".to_owned(),
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

fn nothing_in_common(one: &Candidate<'_>, other: &Candidate<'_>, basis: &Basis) -> String {
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
    let words: Vec<String> =
        components.iter().map(|component| component.as_str().replace('_', " ")).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
