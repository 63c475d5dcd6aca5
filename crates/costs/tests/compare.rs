//! Sides set side by side: figures worked out in fractions, what is concluded of them, and how often that is right.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

mod ratio;

use std::collections::BTreeMap;
use std::time::Duration;

use callmux_core::{Call, Component, Cost, CostLine, CostScope, Currency, Decimal, Money, Named};
use callmux_costs::{
    Basis, Comparer, Comparison, Dimension, Error, Estimate, Pair, Scope, SideFigures, Unsupported,
    Verdict,
};
use chrono::DateTime;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ratio::Ratio;

use Component::{Llm, Platform, Stt, Telephony, Transfer, Tts};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// As many calls of one vendor, all of one length and cost, with ids of their own.
fn calls(vendor: &str, count: u64, seconds: u64, amount: &str) -> Vec<Call> {
    let call = |index| {
        let id = format!("{seconds} s, {amount}, {index}");
        let mut call = Call::new(vendor, "main", id);
        call.durations.talk = Some(Duration::from_secs(seconds));
        call.cost = Cost::reported(Money::usd(decimal(amount)));
        call.cost.scope = CostScope::new([Platform], []);
        call
    };
    (0..count).map(call).collect()
}

fn pending(vendor: &str, count: u64) -> Vec<Call> {
    let mut calls = calls(vendor, count, 60, "9");
    calls.iter_mut().for_each(|call| call.cost = Cost::pending());
    calls
}

fn with_scope(mut calls: Vec<Call>, includes: &[Component], excludes: &[Component]) -> Vec<Call> {
    for call in &mut calls {
        call.cost.scope = CostScope::new(includes.iter().copied(), excludes.iter().copied());
    }
    calls
}

fn with_line(mut calls: Vec<Call>, component: Component, amount: &str) -> Vec<Call> {
    for call in &mut calls {
        let line = CostLine::new(component, "line", Money::usd(decimal(amount)));
        call.cost.lines.push(line);
    }
    calls
}

fn compare_by<'a>(by: Dimension, calls: impl IntoIterator<Item = &'a Call>) -> Vec<Comparison> {
    let mut comparer = Comparer::new(by);
    calls.into_iter().for_each(|call| comparer.add(call).unwrap());
    comparer.comparisons().unwrap()
}

fn compare(calls: &[Vec<Call>]) -> Comparison {
    let mut comparisons = compare_by(Dimension::Vendor, calls.iter().flatten());
    assert_eq!(comparisons.len(), 1, "one currency");
    comparisons.remove(0)
}

fn side<'a>(comparison: &'a Comparison, vendor: &str) -> &'a SideFigures {
    let is_it = |side: &&SideFigures| side.key.value(Dimension::Vendor) == Some(vendor);
    comparison.sides.iter().find(is_it).unwrap()
}

fn adjusted(comparison: &Comparison, vendor: &str) -> Decimal {
    side(comparison, vendor).mix_adjusted.unwrap().amount
}

fn weights(comparison: &Comparison) -> Vec<String> {
    let counted = comparison.buckets.iter().filter_map(|bucket| bucket.weight.map(|w| (bucket, w)));
    counted.map(|(bucket, weight)| format!("{}: {weight}", bucket.lengths)).collect()
}

fn range(of: Estimate) -> (Decimal, Decimal) {
    (of.low.unwrap(), of.high.unwrap())
}

/// What a sentence must and must not say, whatever else is in it.
fn check_sentence(pair: &Pair) {
    let sentence = &pair.sentence;
    match pair.verdict {
        Verdict::Differ => assert!(sentence.contains(" more at "), "{sentence}"),
        _ => {
            let claimed = sentence.replace("neither can be called cheaper", "");
            for claim in ["cheaper", "dearer", " more at ", " less at "] {
                assert!(!claimed.contains(claim), "{sentence}");
            }
        }
    }
    let is_chance = sentence.contains("neither can be called cheaper");
    assert_eq!(is_chance, pair.verdict == Verdict::MayBeChance, "{sentence}");
    let is_comparable = pair.verdict != Verdict::NotComparable;
    assert_eq!(pair.difference.is_some(), is_comparable);
    assert_eq!(pair.lower_amount.is_some() && pair.higher_amount.is_some(), is_comparable);
    assert_eq!(sentence.contains("nothing can be concluded"), !is_comparable, "{sentence}");
}

#[test]
fn figures_are_weighted_to_the_talk_time_of_all_sides() {
    let comparison = compare(&[
        calls("a", 30, 60, "0.12"),
        calls("a", 10, 240, "0.40"),
        calls("b", 10, 60, "0.15"),
        calls("b", 40, 240, "0.30"),
    ]);
    // 30 + 10 minutes of calls of a minute, 40 + 160 minutes of calls of four.
    let (short, long) = (Ratio::new(40, 240), Ratio::new(200, 240));
    assert_eq!(weights(&comparison), ["30 s to 1 min: 0.166667", "3 to 5 min: 0.833333"]);
    let mix = |of_short: &str, of_long: &str| {
        short.times(Ratio::text(of_short)).plus(long.times(Ratio::text(of_long)))
    };
    // By the minute: a 0.12 and 0.10, b 0.15 and 0.075.
    assert_eq!(mix("0.12", "0.10"), Ratio::new(31, 300));
    assert_eq!(adjusted(&comparison, "a"), mix("0.12", "0.10").six_places());
    assert_eq!(adjusted(&comparison, "b"), mix("0.15", "0.075").six_places());
    // Unweighted, they are what all minutes cost.
    assert_eq!(side(&comparison, "a").per_minute, Some(Ratio::new(76, 700).six_places()));
    assert_eq!(side(&comparison, "b").per_minute, Some(Ratio::new(135, 1700).six_places()));
    // Calls of a length all cost the same, so nothing is left to chance.
    let pair = &comparison.pairs[0];
    let difference = mix("0.12", "0.10").less(mix("0.15", "0.075")).six_places();
    let found = pair.difference.unwrap();
    assert_eq!((found.amount, range(found)), (difference, (difference, difference)));
    assert_eq!(pair.verdict, Verdict::Differ);
    assert_eq!(pair.lower.to_string(), "b");
    assert_eq!(
        pair.sentence,
        "A minute costs 0.0875 USD at b and 0.1033 USD at a, for calls of like length: 0.0158 USD more at a (between \
         0.0158 USD and 0.0158 USD, with 95 % confidence)."
    );
}

/// A vendor whose calls are longer looks cheaper by the minute, and is dearer at every length.
#[test]
fn a_vendor_with_longer_calls_is_not_cheaper_for_that() {
    let comparison = compare(&[
        calls("long", 10, 60, "0.30"),
        calls("long", 90, 600, "1.20"),
        calls("short", 90, 60, "0.25"),
        calls("short", 10, 600, "1.00"),
    ]);
    let (long, short) = (side(&comparison, "long"), side(&comparison, "short"));
    // By the minute: 111/910 and 32.5/190.
    assert_eq!(long.per_minute, Some(Ratio::new(111, 910).six_places()));
    assert_eq!(short.per_minute, Some(Ratio::new(325, 1900).six_places()));
    assert!(long.per_minute < short.per_minute);
    // Like for like: 1/11 of the minutes are in short calls.
    let mix = |of_short: &str, of_long: &str| {
        let of_long = Ratio::new(10, 11).times(Ratio::text(of_long));
        Ratio::new(1, 11).times(Ratio::text(of_short)).plus(of_long).six_places()
    };
    assert_eq!(adjusted(&comparison, "long"), mix("0.30", "0.12"));
    assert_eq!(adjusted(&comparison, "short"), mix("0.25", "0.10"));
    let pair = &comparison.pairs[0];
    assert_eq!((pair.lower.to_string(), pair.verdict), ("short".to_owned(), Verdict::Differ));
    assert!(pair.sentence.contains("more at long"), "{}", pair.sentence);
    check_sentence(pair);
}

#[test]
fn only_calls_with_both_a_cost_and_talk_time_count_and_the_others_are_shown() {
    let mut untalked = calls("a", 3, 60, "0.50");
    untalked[0].durations.talk = None;
    untalked[1].durations.talk = Some(Duration::ZERO);
    untalked[2].durations.talk = Some(Duration::ZERO);
    untalked[2].cost = Cost::pending();
    let comparison = compare(&[
        calls("a", 40, 60, "0.10"),
        untalked,
        pending("a", 2),
        calls("a", 4, 400, "9"),
        calls("b", 40, 60, "0.10"),
    ]);
    let a = side(&comparison, "a");
    assert_eq!((a.calls, a.counted), (49, 44));
    assert_eq!((a.left_out.without_cost, a.left_out.without_talk), (2, 2));
    assert_eq!(a.left_out.without_talk_total, Some(decimal("1")));
    // Four calls are too few for a length: they are in what a minute costs, and not in the mix.
    assert_eq!(a.left_out.other_lengths, 4);
    assert_eq!(adjusted(&comparison, "a"), decimal("0.1"));
    assert_eq!(weights(&comparison), ["30 s to 1 min: 1"]);
    assert_eq!(a.total, Some(decimal("40")));
    assert_eq!(a.seconds, Duration::from_secs(40 * 60 + 1600));
    assert_eq!(a.per_minute, Some(Ratio::new(40 * 60, 40 * 60 + 1600).six_places()));
}

#[test]
fn each_reason_why_a_side_cannot_be_compared_is_given() {
    let enough = || calls("enough", 30, 60, "0.10");
    let reason = |calls: Vec<Call>| {
        let vendor = calls[0].vendor.to_string();
        let comparison = compare(&[enough(), calls]);
        let side = side(&comparison, &vendor);
        assert_eq!(side.mix_adjusted.is_some(), side.unsupported.is_none());
        // Two sides that only lack lengths in common are a pair of which nothing can be concluded.
        let is_pair = matches!(side.unsupported, None | Some(Unsupported::LengthsNotShared));
        assert_eq!(comparison.pairs.len(), usize::from(is_pair));
        let comparable = comparison.pairs.iter().filter(|of| of.verdict != Verdict::NotComparable);
        assert_eq!(comparable.count(), usize::from(side.unsupported.is_none()));
        comparison.pairs.iter().for_each(check_sentence);
        side.unsupported
    };
    assert_eq!(reason(calls("a", 30, 60, "0.10")), None);
    assert_eq!(reason(calls("a", 29, 60, "0.10")), Some(Unsupported::TooFewCalls { counted: 29 }));
    assert_eq!(reason(pending("a", 100)), Some(Unsupported::NothingKnown));

    // Half of them is not more than half.
    assert_eq!(reason([calls("a", 30, 60, "0.10"), pending("a", 30)].concat()), None);
    assert_eq!(
        reason([calls("a", 30, 60, "0.10"), pending("a", 31)].concat()),
        Some(Unsupported::CostMostlyUnknown { talked: 61, without_cost: 31 })
    );

    // Half of the talk time is not less than half.
    assert_eq!(reason([calls("a", 30, 60, "0.10"), calls("a", 3, 600, "1")].concat()), None);
    assert_eq!(
        reason([calls("a", 30, 60, "0.10"), calls("a", 3, 601, "1")].concat()),
        Some(Unsupported::LengthsNotShared)
    );

    let alone = compare(&[enough()]);
    assert_eq!(alone.sides[0].unsupported, Some(Unsupported::NothingToCompareWith));
    let alone = compare(&[enough(), calls("a", 5, 60, "0.10")]);
    assert_eq!(side(&alone, "enough").unsupported, Some(Unsupported::NothingToCompareWith));
    for side in &alone.sides {
        assert_eq!(side.mix_adjusted, None);
    }
    assert!(alone.pairs.is_empty() && weights(&alone).is_empty());
}

#[test]
fn a_side_of_other_lengths_does_not_keep_two_that_are_alike_from_being_compared() {
    // The one of other lengths has the fewest minutes, then the most.
    for (seconds, count) in [(20, 30), (1300, 1000)] {
        let comparison = compare(&[
            calls("a", 100, 200, "0.30"),
            calls("b", 90, 200, "0.20"),
            calls("odd", count, seconds, "0.10"),
        ]);
        let unsupported = |vendor| side(&comparison, vendor).unsupported;
        assert_eq!(unsupported("odd"), Some(Unsupported::LengthsNotShared), "{seconds}");
        assert_eq!((unsupported("a"), unsupported("b")), (None, None), "{seconds}");
        let verdict = |one: &str, other: &str| {
            let is_it = |pair: &&Pair| {
                let names = [pair.lower.to_string(), pair.higher.to_string()];
                names.contains(&one.to_owned()) && names.contains(&other.to_owned())
            };
            comparison.pairs.iter().find(is_it).unwrap().verdict
        };
        assert_eq!(verdict("a", "b"), Verdict::Differ);
        assert_eq!(verdict("a", "odd"), Verdict::NotComparable);
        assert_eq!(verdict("b", "odd"), Verdict::NotComparable);
        comparison.pairs.iter().for_each(check_sentence);
    }
    // Two pairs that share nothing: one mix for all is that of the two with more minutes; as pairs, both are compared.
    let comparison = compare(&[
        calls("a", 100, 200, "0.30"),
        calls("b", 40, 20, "0.10"),
        calls("c", 90, 200, "0.20"),
        calls("d", 40, 20, "0.05"),
    ]);
    assert_eq!(
        (adjusted(&comparison, "a"), adjusted(&comparison, "c")),
        (decimal("0.09"), decimal("0.06"))
    );
    assert_eq!(side(&comparison, "b").unsupported, Some(Unsupported::LengthsNotShared));
    assert_eq!(side(&comparison, "d").unsupported, Some(Unsupported::LengthsNotShared));
    let differ = comparison.pairs.iter().filter(|pair| pair.verdict == Verdict::Differ);
    let differ: Vec<String> =
        differ.map(|pair| format!("{} {}", pair.lower, pair.higher)).collect();
    assert_eq!(differ, ["c a", "d b"]);
}

#[test]
fn a_third_side_changes_nothing_of_a_pair() {
    let [a, b] = ["a", "b"].map(|vendor| {
        let dear = if vendor == "a" { ("0.12", "0.40") } else { ("0.10", "0.44") };
        [calls(vendor, 40, 60, dear.0), calls(vendor, 40, 240, dear.1)].concat()
    });
    let alone = compare(&[a.clone(), b.clone()]);
    let beside = compare(&[a, b, calls("c", 5000, 60, "0.10"), calls("c", 20, 240, "0.40")]);
    let of_both =
        |pair: &&Pair| ![&pair.lower, &pair.higher].iter().any(|key| key.to_string() == "c");
    let pair = beside.pairs.iter().find(of_both).unwrap();
    assert_eq!(
        (pair.lower_amount, pair.higher_amount),
        (alone.pairs[0].lower_amount, alone.pairs[0].higher_amount)
    );
    assert_eq!(pair.verdict, alone.pairs[0].verdict);
    // The figures beside each other are of one mix for all, which is another one.
    assert_ne!(adjusted(&beside, "a"), adjusted(&alone, "a"));
}

#[test]
fn calls_of_one_bucket_and_unlike_lengths_are_not_set_side_by_side() {
    // The same tariff at both: 0.05 a call and 0.05 a minute. Minutes of shorter calls are dearer, within a bucket too.
    let tariff = |vendor: &str, seconds: u64| {
        let cost = Ratio::new(5, 100).plus(Ratio::new(5 * seconds as i128, 6000)).six_places();
        calls(vendor, 60, seconds, &cost.to_string())
    };
    for (one, other, is_alike) in [(190, 295, false), (240, 276, true), (240, 277, false)] {
        let comparison = compare(&[tariff("a", one), tariff("b", other)]);
        let verdict = comparison.pairs[0].verdict;
        assert_eq!(verdict == Verdict::NotComparable, !is_alike, "{one} and {other}");
        assert_eq!(weights(&comparison).is_empty(), !is_alike);
        check_sentence(&comparison.pairs[0]);
    }
}

#[test]
fn what_was_paid_for_calls_without_talk_is_said() {
    let silent = |count: u64, amount: &str| {
        let mut calls = calls("a", count, 7, amount);
        calls.iter_mut().for_each(|call| call.durations.talk = Some(Duration::ZERO));
        calls
    };
    let notes = |calls: Vec<Call>| {
        let all = [self::calls("a", 100, 60, "0.10"), calls];
        compare(&[all.concat(), self::calls("b", 100, 60, "0.11")]).notes.join(" ")
    };
    let said = "500 calls at a did not talk, or not for a known time, and cost 25 USD";
    assert!(notes(silent(500, "0.05")).contains(said));
    // One in a hundred of what is compared is not worth a word.
    assert!(!notes(silent(1, "0.10")).contains("did not talk"));
    assert!(notes(silent(1, "0.11")).contains("did not talk"));
}

#[test]
fn too_few_calls_of_some_lengths_cannot_be_told_from_chance() {
    let few = |vendor: &str, amount: &str| -> Vec<Call> {
        let lengths = [20, 50, 100, 200, 400, 800, 1600];
        lengths.iter().flat_map(|&seconds| calls(vendor, 5, seconds, amount)).collect()
    };
    let comparison = compare(&[few("a", "0.10"), few("b", "0.90")]);
    let pair = &comparison.pairs[0];
    assert_eq!(pair.verdict, Verdict::TooFewCalls);
    let difference = pair.difference.unwrap();
    assert_eq!((difference.low, difference.high), (None, None));
    assert!(pair.sentence.contains("there are too few calls of some lengths"), "{}", pair.sentence);
    check_sentence(pair);
}

#[test]
fn calls_of_few_days_and_agents_cannot_be_told_from_chance() {
    let of = |vendor: &str, amount: &str, days: u64| {
        let mut calls = calls(vendor, 120, 60, amount);
        for (index, call) in calls.iter_mut().enumerate() {
            let day = index as u64 % days;
            call.placed_at = DateTime::from_timestamp(day as i64 * 86_400 + index as i64, 0);
        }
        calls
    };
    let verdict = |days| compare(&[of("a", "0.10", days), of("b", "0.90", days)]).pairs.remove(0);
    let few = verdict(9);
    assert_eq!(few.verdict, Verdict::TooFewCalls);
    assert!(few.sentence.contains("of too few days, agents and campaigns"), "{}", few.sentence);
    assert_eq!(verdict(30).verdict, Verdict::Differ);
}

#[test]
fn a_component_is_included_excluded_partly_or_unknown() {
    let some = |scopes: &[(&[Component], &[Component])]| {
        let calls = scopes.iter().enumerate().map(|(index, (includes, excludes))| {
            let calls = calls("a", 20, 60 + index as u64, "0.10");
            with_scope(calls, includes, excludes)
        });
        let comparison = compare(&calls.collect::<Vec<_>>());
        let scopes = comparison.sides[0].scope.iter();
        scopes.map(|of| (of.component, of.scope, of.included, of.excluded)).collect::<Vec<_>>()
    };
    assert_eq!(some(&[(&[], &[]), (&[], &[])]), []);
    assert_eq!(
        some(&[(&[Llm], &[Tts]), (&[Llm], &[Tts])]),
        [(Llm, Scope::Included, 40, 0), (Tts, Scope::Excluded, 0, 40)]
    );
    assert_eq!(
        some(&[(&[Llm], &[Tts]), (&[], &[])]),
        [(Llm, Scope::Partly, 20, 0), (Tts, Scope::Partly, 0, 20)]
    );
    assert_eq!(some(&[(&[Llm], &[]), (&[], &[Llm])]), [(Llm, Scope::Partly, 20, 20)]);
    // A line says nothing of a scope that nobody stated.
    let lined = with_line(with_scope(calls("a", 3, 60, "1"), &[], &[]), Llm, "0.5");
    let scope = compare(&[lined]).sides[0].scope[0];
    assert_eq!((scope.component, scope.scope, scope.itemised), (Llm, Scope::Unknown, 3));
}

#[test]
fn what_totals_cover_decides_what_is_set_side_by_side() {
    type Of<'a> = (&'a [Component], &'a [Component]);
    let basis = |one: Of<'_>, other: Of<'_>| {
        let of = |vendor, (includes, excludes): Of<'_>| {
            with_scope(calls(vendor, 40, 60, "0.10"), includes, excludes)
        };
        compare(&[of("a", one), of("b", other)]).pairs.remove(0)
    };
    let totals = |uncertain: &[Component]| Basis::Totals { uncertain: uncertain.to_vec() };
    let differ = |differing: &[Component]| Basis::Components {
        compared: Vec::new(),
        differing: differing.to_vec(),
    };
    for (one, other, expected) in [
        ((&[Llm][..], &[][..]), (&[Llm][..], &[][..]), totals(&[])),
        ((&[Llm], &[Tts]), (&[Llm], &[Tts]), totals(&[])),
        ((&[Llm, Tts], &[]), (&[Llm], &[]), totals(&[Tts])),
        ((&[Llm], &[Tts]), (&[Llm], &[]), totals(&[Tts])),
        ((&[Telephony], &[]), (&[], &[Telephony]), differ(&[Telephony])),
        ((&[Telephony], &[Llm]), (&[Llm, Tts], &[Telephony]), differ(&[Telephony, Llm])),
    ] {
        let pair = basis(one, other);
        assert_eq!(pair.basis, expected);
        let is_comparable = matches!(pair.basis, Basis::Totals { .. });
        assert_eq!(pair.verdict == Verdict::NotComparable, !is_comparable);
        check_sentence(&pair);
    }
    let pair = basis((&[Llm, Tts, Telephony], &[]), (&[Llm], &[]));
    assert!(
        pair.sentence.ends_with(
            "It is not certain that telephony and text to speech are in both totals alike."
        ),
        "{}",
        pair.sentence
    );
    let pair = basis((&[Telephony], &[Llm]), (&[Llm], &[Telephony]));
    assert_eq!(
        pair.sentence,
        "The totals cannot be compared: telephony in the totals of a and not in those of b; language model in the totals of b and \
         not in those of a, and no component is itemised by both: nothing can be concluded of their prices."
    );
}

#[test]
fn one_call_that_says_nothing_does_not_make_other_scopes_comparable() {
    let silent = with_scope(calls("with", 1, 61, "0.15"), &[], &[]);
    let comparison = compare(&[
        with_scope(calls("with", 99, 60, "0.15"), &[Platform, Telephony], &[]),
        silent,
        with_scope(calls("without", 100, 60, "0.10"), &[Platform], &[Telephony]),
    ]);
    let pair = &comparison.pairs[0];
    // 99 in 100 totals have telephony, and none of the other's: the other is not cheaper, it is incomplete.
    assert_eq!(pair.verdict, Verdict::NotComparable, "{}", pair.sentence);
    let said = "telephony in most totals of with, and left out of most of without";
    assert!(pair.sentence.contains(said), "{}", pair.sentence);
    let of = side(&comparison, "with").scope.iter().find(|of| of.component == Telephony).unwrap();
    assert_eq!(of.scope, Scope::Partly);
    check_sentence(pair);
}

#[test]
fn totals_that_say_nothing_of_what_they_cover_are_said_to() {
    let unsaid = |vendor: &str, amount: &str| with_scope(calls(vendor, 40, 60, amount), &[], &[]);
    let comparison = compare(&[unsaid("a", "0.10"), unsaid("b", "0.20")]);
    for vendor in ["a", "b"] {
        let note = format!("40 of 40 counted calls at {vendor} do not say what");
        assert!(comparison.notes.iter().any(|of| of.contains(&note)), "{:?}", comparison.notes);
    }
    let said = compare(&[calls("a", 40, 60, "0.10"), calls("b", 40, 60, "0.20")]);
    assert!(said.notes.iter().all(|note| !note.contains("do not say")), "{:?}", said.notes);
}

#[test]
fn where_totals_differ_what_both_itemise_is_compared_and_nothing_else() {
    let with = with_scope(calls("with", 40, 120, "0.30"), &[Llm, Tts, Telephony], &[]);
    let with = with_line(with_line(with, Llm, "0.04"), Tts, "0.03");
    let without = with_scope(calls("without", 40, 120, "0.20"), &[Llm, Stt], &[Telephony]);
    let without = with_line(with_line(without, Llm, "0.06"), Stt, "0.01");
    let comparison = compare(&[with, without]);
    let pair = &comparison.pairs[0];
    let expected = Basis::Components { compared: vec![Llm], differing: vec![Telephony] };
    assert_eq!(pair.basis, expected);
    assert_eq!(
        (pair.lower.to_string(), pair.lower_amount, pair.higher_amount),
        ("with".to_owned(), Some(decimal("0.02")), Some(decimal("0.03")))
    );
    assert_eq!(
        pair.sentence,
        "The totals cannot be compared: telephony in the totals of with and not in those of without. Of what both itemise \
         (language model), a minute costs 0.02 USD at with and 0.03 USD at without, for calls of like length: 0.01 USD more at without \
         (between 0.01 USD and 0.01 USD, with 95 % confidence). Nothing is concluded of what else they charge."
    );
    // The figures of the sides are of their totals still.
    assert_eq!(adjusted(&comparison, "with"), decimal("0.15"));
    assert_eq!(adjusted(&comparison, "without"), decimal("0.1"));
    check_sentence(pair);
}

#[test]
fn a_component_of_too_few_lines_is_not_compared() {
    let with = |lines: usize| {
        let mut calls = with_scope(calls("with", 60, 60, "0.15"), &[Llm, Telephony], &[]);
        let lined = with_line(calls.split_off(60 - lines), Llm, "0.02");
        let without = with_scope(self::calls("without", 60, 60, "0.15"), &[Llm], &[Telephony]);
        compare(&[calls, lined, with_line(without, Llm, "0.05")]).pairs.remove(0).basis
    };
    let basis = |compared: &[Component]| Basis::Components {
        compared: compared.to_vec(),
        differing: vec![Telephony],
    };
    // Nine in ten, so that the minutes of the calls that have one are nearly all minutes.
    assert_eq!(with(54), basis(&[Llm]));
    assert_eq!(with(53), basis(&[]));
    // A word for what is none of the others is not one thing.
    let other = |vendor, includes, excludes| {
        with_line(
            with_scope(calls(vendor, 60, 60, "1"), includes, excludes),
            Component::Other,
            "0.1",
        )
    };
    let sides = [other("a", &[Transfer], &[]), other("b", &[], &[Transfer])];
    assert_eq!(compare(&sides).pairs[0].verdict, Verdict::NotComparable);
}

#[test]
fn a_difference_too_small_for_four_places_is_not_written_as_nothing() {
    // A thousand hours at 0.10001 and at 0.10003 a minute are 1.20 dollars apart, and certainly so.
    let comparison = compare(&[calls("a", 60, 60, "0.10001"), calls("b", 60, 60, "0.10003")]);
    let pair = &comparison.pairs[0];
    assert_eq!(pair.verdict, Verdict::Differ);
    assert!(!pair.sentence.contains(" 0 USD"), "{}", pair.sentence);
    assert!(pair.sentence.contains("0.10001 USD at a and 0.10003 USD at b"), "{}", pair.sentence);
    let comparison = compare(&[calls("a", 60, 60, "0.10003"), calls("b", 60, 60, "0.10003")]);
    let pair = &comparison.pairs[0];
    assert_eq!((pair.verdict, pair.difference.unwrap().amount), (Verdict::Same, Decimal::ZERO));
    assert!(pair.sentence.ends_with(": the same."), "{}", pair.sentence);
    check_sentence(pair);
}

#[test]
fn agents_of_one_name_in_two_accounts_are_told_apart_in_words_too() {
    let of = |account: &str, amount: &str| {
        let mut calls = calls("v", 60, 60, amount);
        for call in &mut calls {
            call.account = account.into();
            call.agent = Named::of(Some("1".into()), Some("Sales".into()));
        }
        calls
    };
    let calls = [of("red", "0.10"), of("blue", "0.20")].concat();
    let comparison = compare_by(Dimension::Agent, &calls).remove(0);
    let sentence = &comparison.pairs[0].sentence;
    assert!(sentence.contains("0.1 USD at Sales (1) of v/red"), "{sentence}");
    assert!(sentence.contains("0.2 USD at Sales (1) of v/blue"), "{sentence}");
}

#[test]
fn currencies_are_compared_apart() {
    let mut euros = [calls("a", 40, 60, "0.20"), calls("b", 40, 60, "0.30")].concat();
    for call in &mut euros {
        call.cost.total = call.cost.total.map(|total| Money::new(total.amount, Currency::EUR));
    }
    let dollars = [calls("a", 40, 60, "0.40"), calls("c", 40, 60, "0.50")].concat();
    let all = compare_by(Dimension::Vendor, euros.iter().chain(&dollars));
    let shown: Vec<_> = all.iter().map(|of| (of.currency, of.pairs[0].sentence.clone())).collect();
    assert_eq!(shown[0].0, Currency::EUR);
    assert!(
        shown[0].1.starts_with("A minute costs 0.2 EUR at a and 0.3 EUR at b"),
        "{}",
        shown[0].1
    );
    assert!(
        shown[1].1.starts_with("A minute costs 0.4 USD at a and 0.5 USD at c"),
        "{}",
        shown[1].1
    );
    assert!(all.iter().all(|of| of.sides.len() == 2));
}

#[test]
fn eight_sides_are_compared_and_the_others_are_counted() {
    let sides: Vec<Vec<Call>> =
        (0..10).map(|index| calls(&format!("v{index}"), 30 + index, 60, "0.10")).collect();
    let comparison = compare(&sides);
    assert_eq!((comparison.sides.len(), comparison.sides_left_out), (8, 2));
    assert_eq!(comparison.sides[0].key.to_string(), "v9");
    assert_eq!(comparison.pairs.len(), 8 * 7 / 2);
    assert!(comparison.notes.iter().any(|note| note.contains("2 are left out")));
}

#[test]
fn costs_that_are_not_known_are_never_taken_for_nothing() {
    // Pending calls with a zero that means "not yet" would halve what a minute costs.
    let mut zeros = pending("a", 30);
    zeros.iter_mut().for_each(|call| call.cost.total = Some(Money::usd(Decimal::ZERO)));
    let comparison = compare(&[calls("a", 30, 60, "0.10"), zeros, calls("b", 60, 60, "0.10")]);
    assert_eq!(adjusted(&comparison, "a"), decimal("0.1"));
    assert_eq!(side(&comparison, "a").per_minute, Some(decimal("0.1")));
    let note = "The cost of 30 of 60 calls that talked at a is not known";
    assert!(comparison.notes.iter().any(|of| of.contains(note)), "{:?}", comparison.notes);
}

#[test]
fn what_cannot_be_held_is_refused_and_changes_nothing() {
    let mut comparer = Comparer::new(Dimension::Vendor);
    let mut call = calls("a", 1, 60, "1").remove(0);
    comparer.add(&call).unwrap();
    let before = serde_json::to_string(&comparer.comparisons().unwrap()).unwrap();
    call.cost.total = Some(Money::usd(Decimal::MAX));
    assert!(matches!(comparer.add(&call), Err(Error::Overflow { .. })));
    assert_eq!(serde_json::to_string(&comparer.comparisons().unwrap()).unwrap(), before);
    // Each can be held, and the two together cannot.
    let mut other = Comparer::new(Dimension::Vendor);
    other.add(&call).unwrap();
    assert!(matches!(comparer.merge(&other), Err(Error::Overflow { .. })));
    assert_eq!(serde_json::to_string(&comparer.comparisons().unwrap()).unwrap(), before);
    let other = Comparer::new(Dimension::Agent);
    assert!(matches!(comparer.merge(&other), Err(Error::DimensionsDiffer { .. })));
}

#[test]
fn hostile_names_and_ids_change_no_figure() {
    let names = ["", "a\u{0}b", "\u{202e}txet", "x\n</script>{}%s", "cheaper"];
    for name in names {
        let mut hostile = calls(name, 40, 60, "0.10");
        for (index, call) in hostile.iter_mut().enumerate() {
            call.id = format!("{name}{index}").into();
        }
        let comparison = compare(&[hostile, calls("b", 40, 60, "0.20")]);
        assert_eq!(adjusted(&comparison, name), decimal("0.1"));
        assert_eq!(comparison.pairs[0].verdict, Verdict::Differ);
    }
}

/// A random sequence of its own, so that the worlds have nothing in common with the resamples: xorshift64*.
struct Chance(u64);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end
    }
}

/// Calls of one to five minutes that cost so many microdollars a minute in the mean, give or take a half.
fn world(chance: &mut Chance, vendor: &str, microdollars: u64) -> Vec<Call> {
    let call = |index: usize| {
        let mut call = Call::new(vendor, "main", format!("{index:04}"));
        let seconds = 61 + chance.below(240);
        call.durations.talk = Some(Duration::from_secs(seconds));
        let permille = 500 + chance.below(1001);
        let amount = i64::try_from(microdollars * permille * seconds / 60).unwrap();
        call.cost = Cost::reported(Money::usd(Decimal::new(amount, 9)));
        call
    };
    (0..100).map(call).collect()
}

const WORLDS: u64 = 200;

#[test]
fn an_interval_covers_the_truth_about_as_often_as_it_says() {
    let truth = decimal("0.02");
    let mut covered = 0;
    for seed in 1..=WORLDS {
        let chance = &mut Chance::new(seed);
        let comparison = compare(&[world(chance, "a", 100_000), world(chance, "b", 120_000)]);
        let pair = &comparison.pairs[0];
        let (low, high) = range(pair.difference.unwrap());
        // The difference is the dearer's less the cheaper's, and by chance the dearer may be the other one.
        let truth = if pair.higher.to_string() == "b" { truth } else { -truth };
        covered += u64::from((low..=high).contains(&truth));
        check_sentence(pair);
    }
    let share = covered * 100 / WORLDS;
    assert!((88..=99).contains(&share), "{covered} of {WORLDS}");
}

#[test]
fn of_equal_sides_neither_is_called_cheaper_in_most_worlds() {
    let mut chance_said = 0;
    for seed in 1..=WORLDS {
        let chance = &mut Chance::new(1000 + seed);
        let comparison = compare(&[world(chance, "a", 100_000), world(chance, "b", 100_000)]);
        let pair = &comparison.pairs[0];
        chance_said += u64::from(pair.verdict == Verdict::MayBeChance);
        check_sentence(pair);
    }
    let share = chance_said * 100 / WORLDS;
    assert!((88..=99).contains(&share), "{chance_said} of {WORLDS}");
}

/// Calls whose cost goes up and down with the day and the agent: what many calls of one day say is said once.
#[test]
fn calls_that_vary_together_are_not_taken_for_many_witnesses() {
    let clustered = |chance: &mut Chance, vendor: &str| {
        let mut calls = world(chance, vendor, 100_000);
        for (index, call) in calls.iter_mut().enumerate() {
            call.placed_at = DateTime::from_timestamp((index as i64 % 30) * 86_400, 0);
        }
        let factors: Vec<Decimal> = (0..30).map(|_| Decimal::from(70 + chance.below(61))).collect();
        for (index, call) in calls.iter_mut().enumerate() {
            let total = call.cost.total.as_mut().unwrap();
            total.amount = (total.amount * factors[index % 30] / Decimal::ONE_HUNDRED).round_dp(6);
        }
        calls
    };
    let mut chance_said = 0;
    for seed in 1..=WORLDS {
        let chance = &mut Chance::new(9000 + seed);
        let comparison = compare(&[clustered(chance, "a"), clustered(chance, "b")]);
        chance_said += u64::from(comparison.pairs[0].verdict == Verdict::MayBeChance);
    }
    let share = chance_said * 100 / WORLDS;
    assert!((85..=99).contains(&share), "{chance_said} of {WORLDS}");
}

/// Eight equal sides are twenty-eight pairs, each of which could seem to differ.
#[test]
fn of_many_equal_sides_seldom_any_is_called_cheaper() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let (mut misled, worlds) = (0, 40);
    for seed in 1..=worlds {
        let chance = &mut Chance::new(7000 + seed);
        let sides = names.map(|name| world(chance, name, 100_000));
        let comparison = compare(&sides);
        assert_eq!(comparison.pairs.len(), 28);
        let differs = |pair: &Pair| pair.verdict == Verdict::Differ;
        misled += u64::from(comparison.pairs.iter().any(differs));
    }
    assert!(misled * 100 / worlds <= 12, "{misled} of {worlds}");
}

/// Where buckets end, from the page's own words: 15, 30, 60 and 90 seconds, 2, 3, 5, 10 and 20 minutes, each in the bucket that ends there.
fn bucket(seconds: u64) -> usize {
    [15, 30, 60, 90, 120, 180, 300, 600, 1200].iter().filter(|&&end| seconds > end).count()
}

/// The mix-adjusted figures of two sides by their definition; `None` where they share less than half.
fn by_definition(sides: [&[Call]; 2]) -> Option<([Decimal; 2], BTreeMap<usize, Decimal>)> {
    let mut sums: [BTreeMap<usize, (u64, Ratio, Ratio)>; 2] = Default::default();
    for (side, calls) in sides.iter().enumerate() {
        for call in *calls {
            let talk = call.durations.talk.unwrap();
            let of =
                sums[side].entry(bucket(talk.as_secs())).or_insert((0, Ratio::ZERO, Ratio::ZERO));
            of.0 += 1;
            of.1 = of.1.plus(Ratio::of(call.cost.known_total().unwrap().amount));
            of.2 = of.2.plus(Ratio::seconds(talk).over(Ratio::count(60)));
        }
    }
    let shared: Vec<usize> = (0..10)
        .filter(|bucket| sums.iter().all(|side| side.get(bucket).is_some_and(|of| of.0 >= 5)))
        // Of like length: neither mean more than 15 % above the other.
        .filter(|bucket| {
            let [one, other] =
                [0, 1].map(|side| sums[side][bucket].2.over(Ratio::count(sums[side][bucket].0)));
            let limit = Ratio::new(115, 100);
            one <= other.times(limit) && other <= one.times(limit)
        })
        .collect();
    let minutes = |side: &BTreeMap<usize, (u64, Ratio, Ratio)>| {
        Ratio::sum(shared.iter().map(|bucket| side[bucket].2))
    };
    for side in &sums {
        let whole = Ratio::sum(side.values().map(|of| of.2));
        if minutes(side).times(Ratio::count(2)) < whole {
            return None;
        }
    }
    let whole = minutes(&sums[0]).plus(minutes(&sums[1]));
    let weight = |bucket: &usize| sums[0][bucket].2.plus(sums[1][bucket].2).over(whole);
    let rate = |side: &BTreeMap<usize, (u64, Ratio, Ratio)>| {
        let weighted = |bucket| weight(bucket).times(side[bucket].1.over(side[bucket].2));
        Ratio::sum(shared.iter().map(weighted)).six_places()
    };
    let weights = shared.iter().map(|bucket| (*bucket, weight(bucket).six_places())).collect();
    Some(([rate(&sums[0]), rate(&sums[1])], weights))
}

fn side_of(vendor: &'static str) -> impl Strategy<Value = Vec<Call>> {
    // Few different lengths and whole tenths, so that fractions of them fit.
    let call = (select(vec![10u64, 30, 60, 90, 120, 240, 300, 301, 600]), 0i64..100_000);
    vec(call, 30..60).prop_map(move |calls| {
        let call = |(index, (seconds, amount)): (usize, &(u64, i64))| {
            let mut call = Call::new(vendor, "main", index.to_string());
            call.durations.talk = Some(Duration::from_secs(*seconds));
            call.cost = Cost::reported(Money::usd(Decimal::new(*amount, 5)));
            call
        };
        calls.iter().enumerate().map(call).collect()
    })
}

proptest! {
    // Each case resamples two sides a thousand times.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn figures_are_what_their_definitions_give(a in side_of("a"), b in side_of("b")) {
        let comparison = compare(&[a.clone(), b.clone()]);
        let Some((rates, weights)) = by_definition([&a, &b]) else {
            prop_assert_eq!(comparison.pairs[0].verdict, Verdict::NotComparable);
            return Ok(());
        };
        prop_assert_eq!([adjusted(&comparison, "a"), adjusted(&comparison, "b")], rates);
        let shown: BTreeMap<usize, Decimal> = comparison
            .buckets
            .iter()
            .enumerate()
            .filter_map(|(index, bucket)| Some((index, bucket.weight?)))
            .collect();
        prop_assert_eq!(&shown, &weights);
        let sum: Decimal = shown.values().sum();
        // Each is rounded by half of the last of six places at most.
        prop_assert!((sum - Decimal::ONE).abs() <= Decimal::new(5 * 10, 7), "{}", sum);
        let pair = &comparison.pairs[0];
        prop_assert!(pair.lower_amount <= pair.higher_amount);
        let (low, high) = range(pair.difference.unwrap());
        prop_assert!(low <= high);
        prop_assert_eq!(pair.verdict == Verdict::Differ, low > Decimal::ZERO);
        check_sentence(pair);
        for side in &comparison.sides {
            let (low, high) = range(side.mix_adjusted.unwrap());
            prop_assert!(low <= high && low >= Decimal::ZERO);
        }
    }

    #[test]
    fn neither_order_nor_windows_change_a_character(
        (calls, shuffled) in (side_of("a"), side_of("b"), side_of("c"))
            .prop_map(|(a, b, c)| [a, b, c].concat())
            .prop_flat_map(|calls| (Just(calls.clone()), Just(calls).prop_shuffle())),
        cuts in vec(0usize..=150, 0..4),
    ) {
        let text = |comparer: &Comparer| serde_json::to_string(&comparer.comparisons().unwrap()).unwrap();
        let held = |calls: &[Call]| {
            let mut comparer = Comparer::new(Dimension::Vendor);
            calls.iter().for_each(|call| comparer.add(call).unwrap());
            comparer
        };
        let whole = text(&held(&calls));
        prop_assert_eq!(&text(&held(&shuffled)), &whole);
        let mut cuts: Vec<usize> = cuts.iter().map(|&cut| cut.min(calls.len())).collect();
        cuts.extend([0, calls.len()]);
        cuts.sort_unstable();
        let mut merged = Comparer::new(Dimension::Vendor);
        for window in cuts.windows(2).rev() {
            merged.merge(&held(&shuffled[window[0]..window[1]])).unwrap();
        }
        prop_assert_eq!(&text(&merged), &whole);
    }
}
