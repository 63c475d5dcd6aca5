//! Which lengths of call are set side by side.

use std::time::Duration;

use callmux_core::Decimal;

use super::buckets::BUCKETS;
use super::candidate::Candidate;
use super::comparison::Unsupported;
use super::rates::Mix;
use super::side::Sum;
use crate::error::Result;
use crate::exact;

/// How many calls each side needs in a bucket of lengths, for the bucket to count.
const CALLS_IN_BUCKET: u64 = 5;

/// The mix of the lengths that all sides have which can be compared; the others are marked.
///
/// Of all sets of sides in which each has at least half of its talk time in lengths that all of the set have, that of the most
/// sides is taken, then that of the most minutes. There are 247 sets at most.
pub(crate) fn common_mix(candidates: &mut [Candidate<'_>]) -> Result<Mix> {
    let able: Vec<usize> = (0..candidates.len())
        .filter(|&index| candidates.get(index).is_some_and(|of| of.unsupported.is_none()))
        .collect();
    let mut best: Option<(usize, Duration, Vec<usize>, Mix)> = None;
    for set in 0..1u32 << able.len() {
        let members: Vec<usize> = able
            .iter()
            .enumerate()
            .filter_map(|(bit, &index)| (set >> bit & 1 == 1).then_some(index))
            .collect();
        if members.len() < 2 {
            continue;
        }
        let sides: Vec<&Candidate<'_>> =
            members.iter().filter_map(|&index| candidates.get(index)).collect();
        let mix = mix_of(&sides)?;
        let is_better =
            best.as_ref().is_none_or(|best| (members.len(), mix.whole) > (best.0, best.1));
        if is_better && is_shared(&mix, &sides) {
            best = Some((members.len(), mix.whole, members, mix));
        }
    }
    let why = if able.len() < 2 {
        Unsupported::NothingToCompareWith
    } else {
        Unsupported::LengthsNotShared
    };
    let (compared, mix) = best.map_or_else(Default::default, |(_, _, set, mix)| (set, mix));
    for index in able.into_iter().filter(|index| !compared.contains(index)) {
        if let Some(candidate) = candidates.get_mut(index) {
            candidate.unsupported = Some(why);
        }
    }
    Ok(mix)
}

/// The mix of the lengths that all of these have enough calls of, and calls of like length.
pub(crate) fn mix_of(sides: &[&Candidate<'_>]) -> Result<Mix> {
    let mut mix = Mix::default();
    for bucket in 0..BUCKETS {
        let sums = sides.iter().filter_map(|side| side.by_bucket.get(&bucket));
        let sums: Vec<&Sum> = sums.filter(|sum| sum.calls >= CALLS_IN_BUCKET).collect();
        if sums.len() == sides.len() && are_of_like_length(&sums) {
            for sum in sums {
                mix.add(bucket, sum.talk)?;
            }
        }
    }
    Ok(mix)
}

/// Whether each of these has at least half of its talk time in the mix.
pub(crate) fn is_shared(mix: &Mix, sides: &[&Candidate<'_>]) -> bool {
    sides.iter().all(|side| side.shared_part(mix) >= Decimal::new(5, 1))
}

/// Whether the mean lengths are at most 15 % apart. Calls of two minutes and calls of three are in one bucket, and a fee for each
/// call makes the minutes of the first dearer.
fn are_of_like_length(sums: &[&Sum]) -> bool {
    let means = sums
        .iter()
        .filter_map(|sum| exact::seconds(sum.talk)?.checked_div(Decimal::from(sum.calls)));
    let (least, most) = means.fold((Decimal::MAX, Decimal::ZERO), |(least, most), mean| {
        (least.min(mean), most.max(mean))
    });
    least.checked_mul(Decimal::new(115, 2)).is_some_and(|limit| most <= limit)
}
