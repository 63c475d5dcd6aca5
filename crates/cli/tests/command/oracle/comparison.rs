//! The comparison of vendors, by docs/costs.md.

use num_rational::BigRational;
use serde_json::{Value, json};

use super::call::{COMPONENTS, Call};
use super::exact::{Amount, per_minute, rounded, rounded_to, seconds, whole};
use super::sums::shown;

/// The lengths with where they end, in seconds. A call of just so many seconds is in the one that ends there.
pub(super) const LENGTHS: [(&str, i128); 10] = [
    ("up to 15 s", 15),
    ("15 to 30 s", 30),
    ("30 s to 1 min", 60),
    ("1 min to 90 s", 90),
    ("90 s to 2 min", 120),
    ("2 to 3 min", 180),
    ("3 to 5 min", 300),
    ("5 to 10 min", 600),
    ("10 to 20 min", 1200),
    ("over 20 min", i128::MAX / 1000),
];

/// A call of which the cost and a talk time above 0 are known.
#[derive(Clone, Copy)]
pub(super) struct Counted<'a> {
    pub(super) call: &'a Call,
    pub(super) total: Amount,
    pub(super) millis: i128,
}

impl<'a> Counted<'a> {
    pub(super) fn of(call: &'a Call) -> Option<Self> {
        Some(Self { call, total: call.cost.total?, millis: call.talked()? })
    }

    pub(super) fn length(&self) -> usize {
        LENGTHS.iter().position(|(_, end)| self.millis <= end * 1000).unwrap()
    }

    /// What the lines of a component in the total come to; `None` where it has none.
    pub(super) fn component(&self, component: &str) -> Option<Amount> {
        let lines = self.call.cost.lines.iter();
        let of: Vec<Amount> = lines
            .filter(|line| line.component == component && !line.is_elsewhere)
            .map(|line| line.amount)
            .collect();
        (!of.is_empty()).then(|| of.into_iter().sum())
    }
}

/// One vendor.
pub(super) struct Side<'a> {
    pub(super) vendor: &'static str,
    pub(super) calls: Vec<&'a Call>,
    pub(super) counted: Vec<Counted<'a>>,
    /// Why it is left out of all comparing.
    left_out: Option<String>,
    /// Why it has no mix-adjusted figure.
    pub(super) unsupported: Option<String>,
}

/// What of calls is compared.
#[derive(Clone, Debug)]
pub(super) enum Of {
    Totals,
    Components(Vec<&'static str>),
}

/// The lengths that count for some sides, each with the talk time that those sides have in it.
pub(super) type Mix = Vec<(usize, i128)>;

/// All that is compared.
pub(super) struct Comparison<'a> {
    pub(super) sides: Vec<Side<'a>>,
    /// That of all sides; of none where no two are alike enough.
    pub(super) mix: Mix,
}

/// How much was charged for how long.
fn sum<'a>(calls: impl Iterator<Item = &'a Counted<'a>>) -> (usize, i128, Amount) {
    calls.fold((0, 0, Amount::ZERO), |(count, millis, total), call| {
        (count + 1, millis + call.millis, total + call.total)
    })
}

impl<'a> Side<'a> {
    fn new(vendor: &'static str, calls: &'a [Call]) -> Self {
        let calls: Vec<&Call> = calls.iter().filter(|call| call.vendor == vendor).collect();
        let counted: Vec<Counted<'_>> = calls.iter().copied().filter_map(Counted::of).collect();
        let mut side = Self { vendor, calls, counted, left_out: None, unsupported: None };
        let (talked, unknown, counted) =
            (side.talked().count(), side.talked_without_cost(), side.counted.len());
        side.left_out = match counted {
            0 => Some("no call has both a known cost and a talk time".to_owned()),
            1..30 => Some(format!(
                "30 calls with both a known cost and a talk time are needed, and it has {counted}"
            )),
            _ if unknown * 2 > talked => Some(format!(
                "the cost of {unknown} of its {talked} calls that talked is not known"
            )),
            _ => None,
        };
        side
    }

    fn talked(&self) -> impl Iterator<Item = &&'a Call> {
        self.calls.iter().filter(|call| call.talked().is_some())
    }

    fn talked_without_cost(&self) -> usize {
        self.talked().filter(|call| call.cost.total.is_none()).count()
    }

    fn in_length(&self, length: usize) -> impl Iterator<Item = &Counted<'a>> {
        self.counted.iter().filter(move |call| call.length() == length)
    }

    fn millis(&self) -> i128 {
        self.counted.iter().map(|call| call.millis).sum()
    }

    /// Whether at least half of its talk time is in these lengths.
    fn has_half_in(&self, mix: &Mix) -> bool {
        let is_in = |call: &&Counted<'_>| mix.iter().any(|(length, _)| *length == call.length());
        let millis: i128 = self.counted.iter().filter(is_in).map(|call| call.millis).sum();
        millis * 2 >= self.millis()
    }

    /// The cost per minute weighted to the mix; `None` where the side has no minute of one of its lengths. Of components, each is
    /// over the calls that have a line of it, and they are added up.
    pub(super) fn rate(&self, mix: &Mix, of: &Of) -> Option<BigRational> {
        match of {
            Of::Totals => rate(mix, |length| {
                let (_, millis, total) = sum(self.in_length(length));
                per_minute(total, millis)
            }),
            Of::Components(components) => {
                let each = components.iter().map(|component| self.rate_of(mix, component));
                each.sum::<Option<BigRational>>()
            }
        }
    }

    fn rate_of(&self, mix: &Mix, component: &str) -> Option<BigRational> {
        rate(mix, |length| {
            let lines = self
                .in_length(length)
                .filter_map(|call| Some((call.component(component)?, call.millis)));
            let (total, millis) = lines
                .fold((Amount::ZERO, 0), |(total, millis), (amount, more)| {
                    (total + amount, millis + more)
                });
            per_minute(total, millis)
        })
    }

    fn count(&self, of: impl Fn(&Counted<'_>) -> bool) -> usize {
        self.counted.iter().filter(|call| of(call)).count()
    }

    /// How many totals cover a component, how many leave it out, how many itemise it.
    fn scope_counts(&self, component: &'static str) -> [usize; 3] {
        [
            self.count(|call| call.call.cost.includes.contains(&component)),
            self.count(|call| call.call.cost.excludes.contains(&component)),
            self.count(|call| call.component(component).is_some()),
        ]
    }

    fn scope(&self, component: &'static str) -> &'static str {
        let all = self.counted.len();
        match self.scope_counts(component) {
            [0, 0, _] => "unknown",
            [included, _, _] if included == all => "included",
            [_, excluded, _] if excluded == all => "excluded",
            _ => "partly",
        }
    }

    /// Calls that did not talk, and whose cost is known.
    fn silent(&self) -> Vec<&'a Call> {
        let is_silent = |call: &&&Call| call.talked().is_none() && call.cost.total.is_some();
        self.calls.iter().filter(is_silent).copied().collect()
    }

    fn figures(&self, mix: &Mix) -> Value {
        let silent = self.silent();
        let neither = |call: &&&Call| call.talked().is_none() && call.cost.total.is_none();
        let is_other = |call: &Counted<'_>| mix.iter().all(|(length, _)| *length != call.length());
        let is_mixed = self.unsupported.is_none();
        let other = if is_mixed { self.count(is_other) } else { 0 };
        let (counted, millis, total) = sum(self.counted.iter());
        let show = |rate: Option<BigRational>| shown(rate.map(|rate| rounded(&rate)));
        // A sum of no calls is no amount.
        let show_sum = |calls: usize, sum: Amount| shown((calls > 0).then_some(sum));
        let adjusted = self.rate(mix, &Of::Totals).filter(|_| is_mixed);
        let length = |length| {
            let (calls, millis, total) = sum(self.in_length(length));
            json!({
                "calls": calls, "seconds": seconds(millis), "total": show_sum(calls, total),
                "per_minute": show(per_minute(total, millis)),
            })
        };
        let lengths: Vec<Value> = (0..LENGTHS.len()).map(length).collect();
        let scope = COMPONENTS.iter().filter_map(|component| {
            let counts @ [included, excluded, itemised] = self.scope_counts(component);
            (counts != [0; 3]).then(|| {
                json!({
                    "component": component, "scope": self.scope(component),
                    "included": included, "excluded": excluded, "itemised": itemised,
                })
            })
        });
        json!({
            "key": { "vendor": self.vendor },
            "calls": self.calls.len(),
            "counted": counted,
            "left_out": {
                "without_cost": self.talked_without_cost(),
                "without_talk": silent.len(),
                "without_talk_total": show_sum(silent.len(), total_of(&silent)),
                "neither": self.calls.iter().filter(neither).count(),
                "other_lengths": other,
            },
            "seconds": seconds(millis),
            "total": show_sum(counted, total),
            "per_minute": show(per_minute(total, millis)),
            "mix_adjusted": adjusted.map(|rate| json!({ "amount": rounded(&rate).to_string() })),
            "unsupported": self.unsupported,
            "buckets": lengths,
            "scope": scope.collect::<Vec<_>>(),
        })
    }

    /// What is to be said of it: of how many calls that talked the cost is not known, where that is more than one in twenty; and
    /// what its calls cost that did not talk, where that is more than one in a hundred of what is compared.
    fn notes(&self) -> Vec<String> {
        let (talked, unknown, vendor) =
            (self.talked().count(), self.talked_without_cost(), self.vendor);
        let mut notes = Vec::new();
        if unknown * 20 > talked {
            notes.push(format!("The cost of {unknown} of {talked} calls that talked at {vendor} "));
        }
        let (silent, (_, _, counted)) = (self.silent(), sum(self.counted.iter()));
        let cost = total_of(&silent).fraction();
        if &cost * whole(100) > counted.fraction() {
            let (calls, cost) = (silent.len(), rounded_to(4, &cost));
            notes.push(format!(
                "{calls} calls at {vendor} did not talk, or not for a known time, and cost {cost} USD"
            ));
        }
        let is_unsaid = |call: &Counted<'_>| {
            let cost = &call.call.cost;
            cost.includes.is_empty() && cost.excludes.is_empty()
        };
        assert_eq!(self.count(is_unsaid), 0, "a total of {vendor} does not say what it covers");
        notes
    }
}

fn total_of(calls: &[&Call]) -> Amount {
    calls.iter().filter_map(|call| call.cost.total).sum()
}

/// The sum of weight × cost per minute, over the lengths of a mix.
fn rate(mix: &Mix, of_length: impl Fn(usize) -> Option<BigRational>) -> Option<BigRational> {
    let all: i128 = mix.iter().map(|(_, millis)| millis).sum();
    let weighted =
        |(length, millis): &(usize, i128)| Some(whole(*millis) / whole(all) * of_length(*length)?);
    mix.iter().map(weighted).sum::<Option<BigRational>>().filter(|_| !mix.is_empty())
}

impl<'a> Comparison<'a> {
    pub(super) fn new(calls: &'a [Call]) -> Self {
        let vendors = ["autocalls", "burki", "vapi"];
        let mut sides: Vec<Side<'_>> =
            vendors.into_iter().map(|vendor| Side::new(vendor, calls)).collect();
        // The one with the most minutes comes first.
        sides.sort_by_key(|side| -side.millis());
        let (in_mix, mix) = common_mix(&sides).unwrap_or_default();
        let able = sides.iter().filter(|side| side.left_out.is_none()).count();
        for (index, side) in sides.iter_mut().enumerate() {
            let why = if able < 2 {
                "there is no other side that can be compared"
            } else {
                "its calls and those of the other sides have too few lengths in common"
            };
            side.unsupported = side
                .left_out
                .clone()
                .or_else(|| (!in_mix.contains(&index)).then(|| why.to_owned()));
        }
        Self { sides, mix }
    }

    pub(super) fn json(&self) -> Value {
        let all: i128 = self.mix.iter().map(|(_, millis)| millis).sum();
        let bucket = |(index, (name, _)): (usize, &(&str, i128))| {
            let in_mix = self.mix.iter().find(|(length, _)| *length == index);
            let weight = in_mix.map(|(_, millis)| rounded(&(whole(*millis) / whole(all))));
            json!({ "lengths": name, "weight": shown(weight) })
        };
        let buckets: Vec<Value> = LENGTHS.iter().enumerate().map(bucket).collect();
        let sides: Vec<Value> = self.sides.iter().map(|side| side.figures(&self.mix)).collect();
        let pairs: Vec<Value> = self.pairs().iter().map(Pair::json).collect();
        json!({
            "comparisons": [{
                "by": "vendor", "currency": "USD", "buckets": buckets, "sides": sides,
                "sides_left_out": 0, "pairs": pairs,
            }],
        })
    }

    /// Each two sides that are not left out of all comparing.
    pub(super) fn pairs(&self) -> Vec<Pair<'_>> {
        let able: Vec<&Side<'_>> =
            self.sides.iter().filter(|side| side.left_out.is_none()).collect();
        let mut pairs = Vec::new();
        for (index, one) in able.iter().enumerate() {
            pairs.extend(able[index + 1..].iter().map(|other| Pair::new(one, other)));
        }
        pairs
    }

    /// How each of its notes begins.
    pub(super) fn notes(&self) -> Vec<String> {
        let of_all = ["Calls are made alike in length alone: ", "Intervals are of 95 %, "];
        let of_all = of_all.into_iter().map(str::to_owned);
        of_all.chain(self.sides.iter().flat_map(Side::notes)).collect()
    }
}

/// The lengths in which each of the sides has five calls, and in which the largest of their mean lengths is at most 15 % above the
/// smallest.
fn lengths_in_common(sides: &[&Side<'_>]) -> Mix {
    let talk = |length: usize| {
        let sums = sides.iter().map(|side| sum(side.in_length(length)));
        let sums: Vec<(usize, i128, Amount)> = sums.collect();
        if sums.iter().any(|(calls, _, _)| *calls < 5) {
            return None;
        }
        let means = sums.iter().map(|(calls, millis, _)| whole(*millis) / whole(*calls));
        let (least, most) = (means.clone().min()?, means.max()?);
        let is_like = most * whole(100) <= least * whole(115);
        is_like.then(|| (length, sums.iter().map(|(_, millis, _)| millis).sum()))
    };
    (0..LENGTHS.len()).filter_map(talk).collect()
}

/// The places of the most sides of which each has at least half of its talk time in the lengths that count for them, with those
/// lengths; of as many sides, those with the most talk time in them.
fn common_mix(sides: &[Side<'_>]) -> Option<(Vec<usize>, Mix)> {
    let sets = (0..1usize << sides.len()).map(|set| {
        let is_in = |place: &usize| set >> place & 1 == 1;
        (0..sides.len()).filter(is_in).collect::<Vec<usize>>()
    });
    let mixed = sets.filter_map(|places| {
        let set: Vec<&Side<'_>> = places.iter().map(|place| &sides[*place]).collect();
        let mix = lengths_in_common(&set);
        let is_able = |side: &&Side<'_>| side.left_out.is_none() && side.has_half_in(&mix);
        (set.len() >= 2 && set.iter().all(is_able)).then_some((places, mix))
    });
    let talk = |mix: &Mix| mix.iter().map(|(_, millis)| millis).sum::<i128>();
    mixed.max_by_key(|(places, mix)| (places.len(), talk(mix)))
}

/// Two sides, with a mix of their own.
pub(super) struct Pair<'a> {
    one: &'a Side<'a>,
    other: &'a Side<'a>,
    pub(super) mix: Mix,
    pub(super) of: Of,
    differing: Vec<&'static str>,
    uncertain: Vec<&'static str>,
}

impl<'a> Pair<'a> {
    fn new(one: &'a Side<'a>, other: &'a Side<'a>) -> Self {
        let mix = lengths_in_common(&[one, other]);
        // Whether more than half of the totals include a component, and whether more than half exclude it.
        let majorities = |side: &Side<'_>, component| {
            let [included, excluded, _] = side.scope_counts(component);
            [included, excluded].map(|count| count * 2 > side.counted.len())
        };
        let is_differing = |component: &&&'static str| {
            let [[includes, excludes], [others_include, others_exclude]] =
                [one, other].map(|side| majorities(side, **component));
            includes && others_exclude || excludes && others_include
        };
        let is_uncertain = |component: &&&'static str| {
            let [mine, theirs] = [one.scope(component), other.scope(component)];
            mine != theirs || mine == "partly"
        };
        let differing: Vec<_> = COMPONENTS.iter().filter(is_differing).copied().collect();
        let uncertain = COMPONENTS.iter().filter(is_uncertain).copied().collect();
        // What both itemise: nine in ten calls have a line, and some call in each length that counts, where any does.
        let is_itemised = |side: &Side<'_>, component: &'static str| {
            let has_line = |call: &Counted<'_>| call.component(component).is_some();
            let is_in = |length: usize| side.in_length(length).any(has_line);
            side.count(has_line) * 10 >= side.counted.len() * 9
                && !mix.is_empty()
                && mix.iter().all(|(length, _)| is_in(*length))
        };
        let both = COMPONENTS.iter().filter(|component| **component != "other");
        let both = both.filter(|of| is_itemised(one, of) && is_itemised(other, of)).copied();
        let of = if differing.is_empty() { Of::Totals } else { Of::Components(both.collect()) };
        Self { one, other, mix, of, differing, uncertain }
    }

    /// The side with the lower figure and the other, with what a minute costs at each; `None` where nothing is concluded.
    pub(super) fn sorted(&self) -> Option<[(&'a Side<'a>, BigRational); 2]> {
        if ![self.one, self.other].iter().all(|side| side.has_half_in(&self.mix))
            || matches!(&self.of, Of::Components(components) if components.is_empty())
        {
            return None;
        }
        let one = (self.one, self.one.rate(&self.mix, &self.of)?);
        let other = (self.other, self.other.rate(&self.mix, &self.of)?);
        Some(if one.1 <= other.1 { [one, other] } else { [other, one] })
    }

    fn json(&self) -> Value {
        let basis = match &self.of {
            Of::Totals => json!({ "totals": { "uncertain": self.uncertain } }),
            Of::Components(compared) => {
                json!({ "components": { "compared": compared, "differing": self.differing } })
            }
        };
        match self.sorted() {
            None => json!({
                "lower": { "vendor": self.one.vendor }, "higher": { "vendor": self.other.vendor },
                "basis": basis, "lower_amount": null, "higher_amount": null, "difference": null,
                "verdict": "not_comparable",
            }),
            Some([(lower, low), (higher, high)]) => json!({
                "lower": { "vendor": lower.vendor }, "higher": { "vendor": higher.vendor },
                "basis": basis,
                "lower_amount": rounded(&low).to_string(),
                "higher_amount": rounded(&high).to_string(),
                "difference": { "amount": rounded(&(high - low)).to_string() },
            }),
        }
    }
}
