//! Seeded worlds of calls: the same seed gives the same calls on every machine.

use chrono::{DateTime, TimeDelta, Utc};

/// How many calls a simulated vendor holds, and of what kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct World {
    /// Decides everything that is drawn.
    pub seed: u64,
    /// How many calls there are.
    pub calls: usize,
    /// How many calls share an instant at most; 1 for none.
    pub ties: usize,
    /// The newest call is placed just before this.
    pub until: DateTime<Utc>,
    /// The time that the calls are spread over.
    pub span: TimeDelta,
    /// How awkward they are.
    pub temper: Temper,
}

/// How awkward the calls of a world are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Temper {
    /// Every oddity that a vendor is known or feared to send, often: for tests.
    #[default]
    Awkward,
    /// Calls as a business has them, with amounts that follow from their length: to look at.
    Everyday,
}

impl World {
    /// A world of so many calls over the thirty days before 1 October 2026, some of which share an instant.
    #[must_use]
    pub fn new(seed: u64, calls: usize) -> Self {
        let until = DateTime::from_timestamp(1_790_812_800, 0).unwrap_or_default();
        Self { seed, calls, ties: 5, until, span: TimeDelta::days(30), temper: Temper::Awkward }
    }

    /// The same with other ties.
    #[must_use]
    pub fn with_ties(mut self, ties: usize) -> Self {
        self.ties = ties.max(1);
        self
    }

    /// The same with calls as a business has them.
    #[must_use]
    pub fn everyday(mut self) -> Self {
        self.temper = Temper::Everyday;
        self
    }

    /// Whether the calls are those of a business.
    #[must_use]
    pub fn is_everyday(&self) -> bool {
        self.temper == Temper::Everyday
    }

    /// Whether a call of an everyday world is so new that it may not be over yet.
    #[must_use]
    pub fn is_recent(&self, placed_at: DateTime<Utc>) -> bool {
        self.is_everyday() && self.until - placed_at < TimeDelta::minutes(20)
    }

    /// The same, ending at another instant.
    #[must_use]
    pub fn until(mut self, until: DateTime<Utc>) -> Self {
        self.until = until;
        self
    }

    /// The instant of each call, newest first, rounded down to a vendor's unit.
    #[must_use]
    pub fn instants(&self, unit: TimeDelta) -> Vec<DateTime<Utc>> {
        let mut draw = Draw::new(self.seed ^ 0x5eed);
        let unit = unit.num_microseconds().unwrap_or(1).max(1);
        let span = self.span.num_microseconds().unwrap_or(i64::MAX).max(1);
        let mut instants = Vec::with_capacity(self.calls);
        while instants.len() < self.calls {
            let back = draw.up_to(span) / unit * unit;
            let newest = self.until.timestamp_micros() / unit * unit - unit;
            let instant = DateTime::from_timestamp_micros(newest - back).unwrap_or(self.until);
            let ties = if draw.chance(4) { 1 + draw.index(self.ties) } else { 1 };
            let ties = ties.min(self.calls - instants.len());
            instants.extend(std::iter::repeat_n(instant, ties));
        }
        instants.sort_unstable_by(|a, b| b.cmp(a));
        instants
    }
}

/// Draws what a call is made of.
#[derive(Clone, Debug)]
pub struct Draw(fastrand::Rng);

impl Draw {
    /// A sequence of draws that a seed decides.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// A number from 0 up to, not including, a bound.
    pub fn up_to(&mut self, bound: i64) -> i64 {
        self.0.i64(0..bound.max(1))
    }

    /// An index into something of this length.
    pub fn index(&mut self, length: usize) -> usize {
        self.0.usize(0..length.max(1))
    }

    /// A number from 1 up to a bound, more often small than large, as the lengths of calls are: the product of two even draws.
    pub fn skewed(&mut self, most: i64) -> i64 {
        1 + self.up_to(most) * self.up_to(1000) / 1000
    }

    /// True once in so many draws.
    pub fn chance(&mut self, one_in: u32) -> bool {
        self.0.u32(0..one_in.max(1)) == 0
    }

    /// One of these.
    ///
    /// # Panics
    /// There is nothing to choose from.
    #[expect(clippy::expect_used, reason = "a mistake of the test's author")]
    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let index = self.index(choices.len());
        choices.get(index).expect("something to choose from")
    }

    /// A universally unique id, version 4.
    pub fn uuid(&mut self) -> String {
        let hex = format!("{:032x}", self.0.u128(..));
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!(
            "{}-{}-4{}-8{}-{}",
            part(0, 8),
            part(8, 12),
            part(13, 16),
            part(17, 20),
            part(20, 32)
        )
    }

    /// A fictitious telephone number, in one of the forms vendors store.
    pub fn phone_number(&mut self) -> String {
        match self.index(6) {
            0 => format!("+4930555{:05}", self.up_to(100_000)),
            1 => format!("+33639980{:03}", self.up_to(1000)),
            _ => format!("+1555010{:04}", self.up_to(60) * 7),
        }
    }

    /// A name in one of many languages.
    pub fn person(&mut self) -> &'static str {
        self.one_of::<&str>(&[
            "Ada Lovelace",
            "José Núñez",
            "Łukasz Żak",
            "Zoë 😀",
            "山田 太郎",
            "김민수",
            "علي حسن",
            "Ольга Петрова",
            "O'Brien, \"Bob\"",
            "שרה לוי",
            "Nguyễn Văn A",
            "",
        ])
    }

    /// What somebody says on the telephone, in one of many languages.
    pub fn sentence(&mut self) -> &'static str {
        self.one_of::<&str>(&[
            "Hello, how can I help you today?",
            "Guten Tag, hier ist Żaneta.",
            "Ça va, merci… à bientôt.",
            "もしもし、聞こえますか？",
            "مرحبا، معك سارة.",
            "Could you repeat that?\nThe line is bad.",
            "👍🏽 great, \"thank you\" \\ bye",
            "Да, конечно.",
        ])
    }

    /// An amount of dollars with the digits of a binary fraction's shortest text.
    pub fn dollars(&mut self, most: f64) -> f64 {
        match self.index(6) {
            0 => 0.0,
            1 => (self.0.f64() * most * 10_000.0).round() / 10_000.0,
            _ => self.0.f64() * most,
        }
    }
}
