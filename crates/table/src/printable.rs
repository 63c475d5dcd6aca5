//! A vendor's text on a terminal.

use std::borrow::Cow;

/// A text that is safe to write into one line of a terminal.
///
/// Line breaks and tabs become spaces. Every other control character, which could move the cursor, recolour the screen or
/// set a title, and every mark that changes the direction of writing, which could make a line read otherwise than it is
/// stored, becomes `�`. Nothing else is changed: letters of every script stay, those written from right to left included.
///
/// ```
/// use callmux_table::printable;
/// assert_eq!(printable("Anna\n\u{1b}[31mred"), "Anna �[31mred");
/// assert_eq!(printable("שלום"), "שלום");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(|character| replacement(character).is_none()) {
        return Cow::Borrowed(text);
    }
    let safe = text.chars().map(|character| replacement(character).unwrap_or(character));
    Cow::Owned(safe.collect())
}

fn replacement(character: char) -> Option<char> {
    match character {
        // Tab, line feed, vertical tab, form feed, carriage return, next line; line and paragraph separator.
        '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        // Unicode's Bidi_Control: Arabic letter mark, left-to-right and right-to-left mark, embeddings, overrides, isolates.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some(char::REPLACEMENT_CHARACTER)
        }
        _ if character.is_control() => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_text_is_made_harmless() {
        for (hostile, safe) in [
            ("two\r\nlines", "two  lines"),
            ("a\tb\u{b}c\u{c}d\u{85}e\u{2028}f\u{2029}g", "a b c d e f g"),
            ("\u{1b}]0;title\u{7}", "�]0;title�"),
            ("\u{1b}[2J\u{1b}[1;1H", "�[2J�[1;1H"),
            // The one-character form of `ESC [`, which some terminals obey.
            ("\u{9b}31m", "�31m"),
            ("\0\u{8}\u{7f}", "���"),
            ("invoice\u{202e}fdp.exe", "invoice�fdp.exe"),
            ("\u{2066}a\u{2069}\u{200f}b\u{61c}", "�a��b�"),
        ] {
            assert_eq!(printable(hostile), safe);
        }
    }

    #[test]
    fn honest_text_is_borrowed_as_it_is() {
        for text in ["", "Anna", "مرحبا", "שלום", "naïve café", "=cmd()", "👩‍👩‍👧", "می‌خواهم", "�"]
        {
            assert!(matches!(printable(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_keeps_a_control_character(text in any::<String>()) {
            let safe = printable(&text);
            prop_assert!(!safe.chars().any(char::is_control));
            prop_assert_eq!(safe.chars().count(), text.chars().count());
            let again = printable(&safe);
            prop_assert_eq!(&again, &safe);
        }
    }
}
