//! How figures and names are written for people.

use std::time::Duration;

use callmux_core::{Component, CostState, Decimal};
use callmux_costs::{Dimension, Key, KeyPart, Zone};
use callmux_table::printable;
use chrono::{DateTime, NaiveDate, Utc};
use maud::{Markup, html};

/// What separates thousands. It is no decimal sign in any country, and lines do not break at it.
const SEPARATOR: char = '\u{202f}';

/// How many characters of a name are shown.
const NAME: usize = 60;

/// An amount to four places; what is something is no zero.
pub(crate) fn amount(amount: Decimal) -> String {
    grouped(&callmux_table::amount(amount))
}

/// A share in percent, rounded towards zero: what is nearly all is not all. What is something is no zero.
pub(crate) fn share(share: Decimal) -> String {
    format!("{}\u{a0}%", grouped(&callmux_table::percent(share)))
}

/// Whole numbers.
pub(crate) fn count(count: u64) -> String {
    grouped(&count.to_string())
}

/// A count with its noun.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Minutes to a tenth.
pub(crate) fn minutes(time: Duration) -> String {
    grouped(&callmux_table::minutes(time))
}

/// Seconds as JSON writes them: whole where they are, else the number nearest to them.
pub(crate) fn exact_seconds(time: Duration) -> String {
    if time.subsec_nanos() == 0 {
        return time.as_secs().to_string();
    }
    let exact = format!("{}.{:09}", time.as_secs(), time.subsec_nanos());
    exact.parse::<f64>().map_or(exact, |number| number.to_string())
}

/// A plain number with its thousands separated.
pub(crate) fn grouped(number: &str) -> String {
    let (whole, fraction) = number.split_once('.').map_or((number, None), |(w, f)| (w, Some(f)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut text = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(SEPARATOR);
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A day, as `12 Sep 2026`.
pub(crate) fn day(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

/// An instant by the clock of a zone, to the minute.
pub(crate) fn instant(instant: DateTime<Utc>, zone: &Zone) -> String {
    zone.local(instant).format("%Y-%m-%d %H:%M").to_string()
}

/// A dash in the place of a figure, with its meaning for those who hear the page.
pub(crate) fn dash(meaning: &str) -> Markup {
    html! { span aria-hidden="true" { "–" } span.unseen { (meaning) } }
}

/// A vendor's text, harmless and isolated.
pub(crate) fn name(text: &str) -> Markup {
    if text.is_empty() {
        return html! { span.absent { "(empty)" } };
    }
    html! { bdi { (shortened(text, NAME)) } }
}

/// A vendor's text, harmless and in one piece, for an attribute.
pub(crate) fn attribute(text: &str) -> String {
    printable(text).into_owned()
}

/// A vendor's text, harmless, of so many characters at most.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let text = printable(text);
    if text.chars().nth(most).is_none() {
        return text.into_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// What the calls of a group share.
pub(crate) fn key(key: &Key) -> Markup {
    if key.parts().is_empty() {
        return html! { "All calls" };
    }
    html! {
        @for (index, of) in key.parts().iter().enumerate() {
            @if index > 0 { ", " }
            (part(of))
        }
    }
}

/// The value of a dimension, with the name it goes by and whose it is.
pub(crate) fn part(part: &KeyPart) -> Markup {
    let owner = part.owner.as_ref().map(|owner| {
        let (vendor, account) = (owner.vendor.as_str(), owner.account.as_str());
        (vendor, Some(account).filter(|account| *account != vendor))
    });
    html! {
        @match (&part.value, &part.name) {
            (None, _) => span.absent { "(none)" },
            (Some(value), None) => (name(value)),
            (Some(value), Some(called)) => { (name(called)) " " small { (name(value)) } }
        }
        @if let Some((vendor, account)) = owner {
            " " small {
                "at " (name(vendor))
                @if let Some(account) = account { " (" (name(account)) ")" }
            }
        }
    }
}

/// What identifies a group to a program: the values of its key.
pub(crate) fn key_value(key: &Key) -> String {
    let values: Vec<&str> =
        key.parts().iter().map(|part| part.value.as_deref().unwrap_or_default()).collect();
    attribute(&values.join(", "))
}

/// A sentence in which names of groups occur: those that could reorder or swamp it are isolated and shortened.
pub(crate) fn sentence<'a>(text: &str, keys: impl Iterator<Item = &'a Key>) -> Markup {
    let names: Vec<String> = keys
        .map(ToString::to_string)
        .filter(|name| !name.is_empty() && (!name.is_ascii() || name.len() > NAME))
        .collect();
    let mut pieces = Vec::new();
    let mut rest = text;
    let next = |rest: &str| {
        let found = names.iter().filter_map(|name| Some((rest.find(name.as_str())?, name.len())));
        found.min_by_key(|&(at, length)| (at, std::cmp::Reverse(length)))
    };
    while let Some((at, length)) = next(rest) {
        let (before, from) = rest.split_at(at);
        let (named, after) = from.split_at(length);
        pieces.push(html! { (attribute(before)) (name(named)) });
        rest = after;
    }
    html! { @for piece in &pieces { (piece) } (attribute(rest)) }
}

/// The same as plain text, where nothing can be isolated.
pub(crate) fn plain_key(key: &Key, most: usize) -> String {
    match key.to_string() {
        empty if empty.is_empty() => "(empty)".to_owned(),
        text => shortened(&text, most),
    }
}

/// What a component is to a reader, as a name.
pub(crate) fn component(component: Component) -> String {
    let words = component.in_words();
    let first = words.chars().next().into_iter().flat_map(char::to_uppercase);
    first.chain(words.chars().skip(1)).collect()
}

/// What a state of a cost is to a reader.
pub(crate) fn state(state: CostState) -> String {
    match state {
        CostState::Pending => "still to come".to_owned(),
        CostState::BilledElsewhere => "billed by somebody else".to_owned(),
        CostState::Unavailable => "not reported".to_owned(),
        CostState::Free => "free of charge".to_owned(),
        another => words(another.as_str()),
    }
}

/// What a dimension is to a reader.
pub(crate) fn dimension(dimension: Dimension) -> String {
    words(dimension.as_str())
}

fn words(word: &str) -> String {
    word.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn figures_have_their_thousands_apart() {
        assert_eq!(amount(decimal("-1234567.5")), "-1\u{202f}234\u{202f}567.5000");
        assert_eq!(amount(decimal("0.00004")), "<0.0001");
        assert_eq!(share(decimal("0.0001")), "<0.1\u{a0}%");
        assert_eq!(share(decimal("12.5")), "1\u{202f}250.0\u{a0}%");
    }

    #[test]
    fn times_are_written_as_json_and_as_minutes() {
        assert_eq!(exact_seconds(Duration::from_secs(90)), "90");
        assert_eq!(exact_seconds(Duration::from_millis(90_300)), "90.3");
        assert_eq!(minutes(Duration::from_secs(90)), "1.5");
        assert_eq!(minutes(Duration::from_secs(123_456 * 60)), "123\u{202f}456.0");
        assert_eq!(minutes(Duration::MAX).split('.').count(), 2);
    }

    #[test]
    fn thousands_are_separated() {
        for (number, text) in
            [("1", "1"), ("999", "999"), ("1000", "1\u{202f}000"), ("-1000.5", "-1\u{202f}000.5")]
        {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn names_are_harmless_and_short() {
        assert_eq!(name("<b>\u{202e}x\ny").into_string(), "<bdi>&lt;b&gt;\u{fffd}x y</bdi>");
        assert_eq!(shortened(&"x".repeat(10_000), 60).chars().count(), 60);
        assert_eq!(shortened("four", 4), "four");
    }

    #[test]
    fn names_in_sentences_are_isolated_and_short() {
        let key = |vendor: &str| {
            let mut report = callmux_costs::Report::new([Dimension::Vendor]);
            report.add(&callmux_core::Call::new(vendor, "main", "1")).unwrap();
            report.groups().unwrap().remove(0).key
        };
        let keys = [key("plain"), key("\u{5e9}\u{5dc}"), key(&"<x>".repeat(100))];
        let text = format!("at plain, {}; at {}\u{202e}.", keys[1], keys[2]);
        let short = format!("{}&lt;x…", "&lt;x&gt;".repeat(19));
        assert_eq!(
            sentence(&text, keys.iter()).into_string(),
            format!("at plain, <bdi>\u{5e9}\u{5dc}</bdi>; at <bdi>{short}</bdi>\u{fffd}.")
        );
    }
}
