//! Keeping secrets and personal data out of what is shown.

use secrecy::{ExposeSecret as _, SecretString};

/// What stands in the place of what is kept out.
const MASK: &str = "***";

/// A text of the vendor's that is fit to be shown: the key masked, and any run of seven digits or more (a phone number). After
/// a `+` or an area code in brackets, digits may be set apart by spaces, brackets, dots and hyphens, as numbers are written.
pub(crate) fn scrub(text: &str, key: &SecretString) -> String {
    let key = key.expose_secret();
    let text = if key.len() >= 4 { text.replace(key, MASK) } else { text.to_owned() };
    let mut scrubbed = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find(|first: char| first.is_ascii_digit() || "+(".contains(first))
    {
        let (before, number) = rest.split_at(start);
        let has_area_code = number.strip_prefix('(').is_some_and(|area| {
            area.trim_start_matches(|digit: char| digit.is_ascii_digit()).starts_with(')')
        });
        let is_set_apart = number.starts_with('+') || has_area_code;
        let belongs = |(index, character): &(usize, char)| {
            character.is_ascii_digit()
                || *index == 0
                || is_set_apart && " ().-".contains(*character)
        };
        let end: usize = number
            .char_indices()
            .take_while(belongs)
            .map(|(_, character)| character.len_utf8())
            .sum();
        let (number, after) = number.split_at(end);
        let last = number.rfind(|last: char| last.is_ascii_digit()).map_or(0, |last| last + 1);
        let (number, tail) = number.split_at(last);
        let is_number = number.bytes().filter(u8::is_ascii_digit).count() >= 7;
        scrubbed.push_str(before);
        match number.strip_prefix('+') {
            Some(_) if is_number => {
                scrubbed.push('+');
                scrubbed.push_str(MASK);
            }
            _ if is_number => scrubbed.push_str(MASK),
            _ => scrubbed.push_str(number),
        }
        scrubbed.push_str(tail);
        rest = after;
    }
    scrubbed.push_str(rest);
    scrubbed
}

/// A text as long as one line may be. Only for what is scrubbed already: a key that is cut in two is not found.
pub(crate) fn shorten(text: &str) -> String {
    const LONGEST: usize = 300;
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_phone_numbers_are_masked_and_little_else() {
        let key = SecretString::from("sk-12345678");
        let text = "key sk-12345678 may not call +15550100100 at 2026-01-31, limit 1000";
        assert_eq!(scrub(text, &key), "key *** may not call +*** at 2026-01-31, limit 1000");
        for (text, scrubbed) in [
            ("no +1 (555) 010-0100.", "no +***."),
            ("no (555) 010-0100!", "no ***!"),
            ("no +49.30.123 456 - sorry", "no +*** - sorry"),
            ("15550100100", "***"),
            ("(see 2026-01-31 12:00:00) (a) 1+1 + 2 (", "(see 2026-01-31 12:00:00) (a) 1+1 + 2 ("),
            ("(2026-01-31 12:00:00)", "(2026-01-31 12:00:00)"),
            ("+", "+"),
            ("", ""),
        ] {
            assert_eq!(scrub(text, &key), scrubbed);
        }
    }

    #[test]
    fn a_line_is_cut_between_characters() {
        assert_eq!(shorten("é"), "é");
        let long = shorten(&"é".repeat(301));
        assert_eq!((long.chars().count(), long.ends_with('…')), (301, true));
    }

    #[test]
    fn a_key_is_masked_before_the_line_is_cut() {
        let key = SecretString::from("3f2b8c1e-abcd-4f6d-9a51-7c0d5e6f0001");
        for before in 250..310 {
            let text = format!("{}{} is wrong", "x".repeat(before), key.expose_secret());
            assert!(!shorten(&scrub(&text, &key)).contains("3f2b"), "{before}");
        }
    }
}
