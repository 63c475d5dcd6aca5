//! The comparison of vendors, by docs/costs.md.

use num_rational::BigRational;
use serde_json::{Value, json};

use super::call::{COMPONENTS, Call};
use super::exact::{Amount, per_minute, rounded, seconds, whole};
use super::sums::shown;

/// The lengths with where they end, in seconds. A call of just so many seconds is in the one that ends there.
pub(super) const LENGTHS: [(&str, i128); 7] = [
    ("up to 30 s", 30),
    ("30 s to 1 min", 60),
    ("1 to 2 min", 120),
    ("2 to 5 min", 300),
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
    pub(super) unsupported: Option<String>,
}

/// What of calls is compared.
#[derive(Clone, Debug)]
pub(super) enum Of {
    Totals,
    Components(Vec<&'static str>),
}

/// The lengths that count, each with the talk time that all sides have in it.
pub(super) type Mix = Vec<(usize, i128)>;

/// All that is compared.
pub(super) struct Comparison<'a> {
    pub(super) sides: Vec<Side<'a>>,
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
        let mut side = Self { vendor, calls, counted, unsupported: None };
        let (talked, unknown, counted) =
            (side.talked().count(), side.talked_without_cost(), side.counted.len());
        side.unsupported = match counted {
            0 => Some("no call has both a known cost and a talk time".to_owned()),
            1..30 => Some(format!(
                "only {counted} calls have both a known cost and a talk time; 30 are needed"
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

    /// Which part of its talk time is in lengths that count.
    fn part_in(&self, mix: &Mix) -> BigRational {
        let is_in = |call: &&Counted<'_>| mix.iter().any(|(length, _)| *length == call.length());
        let millis: i128 = self.counted.iter().filter(is_in).map(|call| call.millis).sum();
        whole(millis) / whole(self.millis())
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

    fn figures(&self, mix: &Mix) -> Value {
        let silent = || {
            let is_silent = |call: &&&Call| call.talked().is_none() && call.cost.total.is_some();
            self.calls.iter().filter(is_silent)
        };
        let silent_total: Amount = silent().filter_map(|call| call.cost.total).sum();
        let is_other = |call: &Counted<'_>| mix.iter().all(|(length, _)| *length != call.length());
        let other = if self.unsupported.is_some() { 0 } else { self.count(is_other) };
        let (counted, millis, total) = sum(self.counted.iter());
        let show = |rate: Option<BigRational>| shown(rate.map(|rate| rounded(&rate)));
        let adjusted = self.rate(mix, &Of::Totals).filter(|_| self.unsupported.is_none());
        let length = |length| {
            let (calls, millis, total) = sum(self.in_length(length));
            json!({
                "calls": calls, "seconds": seconds(millis), "total": total.to_string(),
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
                "without_talk": silent().count(),
                "without_talk_total": silent_total.to_string(),
                "other_lengths": other,
            },
            "seconds": seconds(millis),
            "total": total.to_string(),
            "per_minute": show(per_minute(total, millis)),
            "mix_adjusted": adjusted.map(|rate| json!({ "amount": rounded(&rate).to_string() })),
            "unsupported": self.unsupported,
            "buckets": lengths,
            "scope": scope.collect::<Vec<_>>(),
        })
    }
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
        let mix = common_mix(&mut sides);
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
        let pairs: Vec<Value> = self.pairs().iter().map(|pair| pair.json(&self.mix)).collect();
        json!({
            "comparisons": [{
                "by": "vendor", "currency": "USD", "buckets": buckets, "sides": sides,
                "sides_left_out": 0, "pairs": pairs,
            }],
        })
    }

    pub(super) fn pairs(&self) -> Vec<Pair<'_>> {
        let able: Vec<&Side<'_>> =
            self.sides.iter().filter(|side| side.unsupported.is_none()).collect();
        let mut pairs = Vec::new();
        for (index, one) in able.iter().enumerate() {
            pairs.extend(able[index + 1..].iter().map(|other| Pair::new(one, other, &self.mix)));
        }
        pairs
    }

    /// How many of the calls that talked have no known cost, of the vendors of which that is more than one in twenty.
    pub(super) fn unknown(&self) -> Vec<(&'static str, usize, usize)> {
        let of = |side: &Side<'_>| (side.vendor, side.talked_without_cost(), side.talked().count());
        let sides = self.sides.iter().map(of);
        sides.filter(|(_, unknown, talked)| unknown * 20 > *talked).collect()
    }
}

/// The lengths in which every side has five calls. A side of which less than half is in them is no longer a side, the worst
/// first; the others may then share more.
fn common_mix(sides: &mut [Side<'_>]) -> Mix {
    loop {
        let able = || sides.iter().filter(|side| side.unsupported.is_none());
        if able().count() < 2 {
            for side in sides.iter_mut().filter(|side| side.unsupported.is_none()) {
                side.unsupported = Some("there is no other side that can be compared".to_owned());
            }
            return Mix::new();
        }
        let counts = |length: &usize| able().all(|side| side.in_length(*length).count() >= 5);
        let talk = |length: usize| {
            (length, able().map(|side| sum(side.in_length(length)).1).sum::<i128>())
        };
        let mix: Mix = (0..LENGTHS.len()).filter(counts).map(talk).collect();
        let half = BigRational::new(1.into(), 2.into());
        let parts = sides.iter().enumerate().filter(|(_, side)| side.unsupported.is_none());
        let least = parts.map(|(index, side)| (side.part_in(&mix), index)).min();
        match least {
            Some((part, index)) if part < half => {
                let why = "less than half of its minutes are in calls of lengths that the other sides have too";
                sides[index].unsupported = Some(why.to_owned());
            }
            _ => return mix,
        }
    }
}

/// Two sides.
pub(super) struct Pair<'a> {
    one: &'a Side<'a>,
    other: &'a Side<'a>,
    pub(super) of: Of,
    differing: Vec<&'static str>,
    uncertain: Vec<&'static str>,
}

impl<'a> Pair<'a> {
    fn new(one: &'a Side<'a>, other: &'a Side<'a>, mix: &Mix) -> Self {
        let scopes = |component| [one.scope(component), other.scope(component)];
        let is_differing = |component: &&&'static str| {
            let scopes = scopes(component);
            scopes == ["included", "excluded"] || scopes == ["excluded", "included"]
        };
        let is_uncertain = |component: &&&'static str| {
            let [mine, theirs] = scopes(component);
            mine != theirs || mine == "partly"
        };
        let differing: Vec<_> = COMPONENTS.iter().filter(is_differing).copied().collect();
        let uncertain = COMPONENTS.iter().filter(is_uncertain).copied().collect();
        // What both itemise: with as many lines as a side needs calls, and in each length that counts.
        let is_itemised = |side: &Side<'_>, component: &'static str| {
            side.scope_counts(component)[2] >= 30 && side.rate_of(mix, component).is_some()
        };
        let both = COMPONENTS.iter().filter(|component| **component != "other");
        let both = both.filter(|of| is_itemised(one, of) && is_itemised(other, of)).copied();
        let of = if differing.is_empty() { Of::Totals } else { Of::Components(both.collect()) };
        Self { one, other, of, differing, uncertain }
    }

    /// The cheaper side and the dearer one, with what a minute costs at each.
    pub(super) fn sorted(&self, mix: &Mix) -> Option<[(&'a Side<'a>, BigRational); 2]> {
        if matches!(&self.of, Of::Components(components) if components.is_empty()) {
            return None;
        }
        let one = (self.one, self.one.rate(mix, &self.of)?);
        let other = (self.other, self.other.rate(mix, &self.of)?);
        Some(if one.1 <= other.1 { [one, other] } else { [other, one] })
    }

    fn json(&self, mix: &Mix) -> Value {
        let basis = match &self.of {
            Of::Totals => json!({ "totals": { "uncertain": self.uncertain } }),
            Of::Components(compared) => {
                json!({ "components": { "compared": compared, "differing": self.differing } })
            }
        };
        match self.sorted(mix) {
            None => json!({
                "cheaper": { "vendor": self.one.vendor }, "dearer": { "vendor": self.other.vendor },
                "basis": basis, "cheaper_amount": null, "dearer_amount": null, "difference": null,
                "verdict": "not_comparable",
            }),
            Some([(cheaper, low), (dearer, high)]) => json!({
                "cheaper": { "vendor": cheaper.vendor }, "dearer": { "vendor": dearer.vendor },
                "basis": basis,
                "cheaper_amount": rounded(&low).to_string(),
                "dearer_amount": rounded(&high).to_string(),
                "difference": { "amount": rounded(&(high - low)).to_string() },
            }),
        }
    }
}
