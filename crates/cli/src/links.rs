//! Links in a text, without what lets whoever holds them in.

/// What stands in the place of a secret.
const MASK: &str = "***";

/// The text with the credentials and the signatures in its links masked; `None` where there are none.
pub(crate) fn mask_links(text: &str) -> Option<String> {
    let mut masked = String::with_capacity(text.len());
    let mut touched = false;
    let mut rest = text;
    while let Some(index) = rest.find("://") {
        let (before, link) = rest.split_at(index + 3);
        let end = link.find(is_after_link).unwrap_or(link.len());
        let (link, after) = link.split_at(end);
        masked.push_str(before);
        touched |= push_masked(&mut masked, link);
        rest = after;
    }
    masked.push_str(rest);
    touched.then_some(masked)
}

fn is_after_link(character: char) -> bool {
    character.is_whitespace() || "\"'<>`".contains(character)
}

/// Adds a link from its host on, masked. Whether there was anything to mask.
fn push_masked(masked: &mut String, link: &str) -> bool {
    let (host, rest) = link.split_at(link.find(['/', '?', '#']).unwrap_or(link.len()));
    let mut touched = false;
    match host.rsplit_once('@') {
        Some((_, host)) => {
            masked.push_str(MASK);
            masked.push('@');
            masked.push_str(host);
            touched = true;
        }
        None => masked.push_str(host),
    }
    for part in rest.split_inclusive(['?', '&', '#', ';']) {
        match part.split_once('=') {
            Some((name, value)) if is_signature(name) && !value.is_empty() => {
                masked.push_str(name);
                masked.push('=');
                masked.push_str(MASK);
                masked.extend(value.chars().last().filter(|end| "?&#;".contains(*end)));
                touched = true;
            }
            _ => masked.push_str(part),
        }
    }
    touched
}

fn is_signature(name: &str) -> bool {
    let name = name.to_lowercase();
    let holds = ["signature", "credential", "secret", "policy", "apikey", "accesskey", "password"];
    holds.iter().any(|part| name.contains(part))
        || ["token", "key", "jwt", "auth"].iter().any(|end| name.ends_with(end))
        || name == "sig"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lets_in_is_masked_and_nothing_else() {
        for (text, expected) in [
            (
                "https://x/y.wav?X-Amz-Expires=1800&X-Amz-Signature=abc",
                Some("https://x/y.wav?X-Amz-Expires=1800&X-Amz-Signature=***"),
            ),
            ("https://x/y?sig=a%2Fb&sp=r#token=c", Some("https://x/y?sig=***&sp=r#token=***")),
            ("https://u:p@x:8080/y?a=b@c", Some("https://***@x:8080/y?a=b@c")),
            (
                "see https://x?key=1 and https://y?a=2, key=3",
                Some("see https://x?key=*** and https://y?a=2, key=3"),
            ),
            (
                "<a href=\"wss://x?access_token=1\">key=2</a>",
                Some("<a href=\"wss://x?access_token=***\">key=2</a>"),
            ),
            ("https://x/y?keyword=a&tokens=7&sig=", None),
            ("really? key=1", None),
            ("a@b.example, 1://2", None),
            ("://", None),
            ("", None),
        ] {
            assert_eq!(mask_links(text).as_deref(), expected, "{text}");
        }
    }
}
