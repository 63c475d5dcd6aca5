//! Keeping secrets and personal data out of what is shown.

use secrecy::{ExposeSecret as _, SecretString};

/// A text of the vendor's that is fit to be shown: the key masked, and any run of seven digits or more (a phone number).
pub(crate) fn scrub(text: &str, key: &SecretString) -> String {
    let key = key.expose_secret();
    let text = if key.len() >= 4 { text.replace(key, "***") } else { text.to_owned() };
    let mut scrubbed = String::with_capacity(text.len());
    let mut digits = String::new();
    for character in text.chars().chain(['\0']) {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        scrubbed.push_str(if digits.len() >= 7 { "***" } else { &digits });
        digits.clear();
        if character != '\0' {
            scrubbed.push(character);
        }
    }
    scrubbed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_phone_numbers_are_masked_and_little_else() {
        let key = SecretString::from("sk-12345678");
        let text = "key sk-12345678 may not call +15550100100 at 2026-01-31, limit 1000";
        assert_eq!(scrub(text, &key), "key *** may not call +*** at 2026-01-31, limit 1000");
    }
}
