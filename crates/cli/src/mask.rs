//! Secrets in a vendor's row, masked; nothing else is touched but white space between tokens.

use crate::links::mask_links;

/// What stands in the place of a secret.
const MASK: &str = "\"***\"";

/// How deep a row may be nested: the scan calls itself for each level.
const DEPTH: u32 = 256;

/// A row's JSON on one line, with the values of secret names and the signatures in links masked. The text of every other
/// number and string is as it was. Text that is no JSON, or that is nested too deep, is masked whole.
pub(crate) fn mask(json: &str) -> String {
    scan(json, DEPTH).map_or_else(|| MASK.to_owned(), |scanner| scanner.masked)
}

fn scan(json: &str, depth: u32) -> Option<Scanner<'_>> {
    let masked = String::with_capacity(json.len());
    let mut scanner = Scanner { rest: json, masked, depth, touched: false };
    scanner.value(false)?;
    scanner.rest.trim_start().is_empty().then_some(scanner)
}

struct Scanner<'a> {
    rest: &'a str,
    masked: String,
    depth: u32,
    /// Whether anything was masked.
    touched: bool,
}

impl<'a> Scanner<'a> {
    fn next(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, bytes: usize) -> Option<&'a str> {
        let (token, rest) = self.rest.split_at_checked(bytes)?;
        self.rest = rest;
        Some(token)
    }

    fn copy(&mut self, bytes: usize) -> Option<()> {
        let token = self.take(bytes)?;
        self.masked.push_str(token);
        Some(())
    }

    /// Copies one value, or drops it where it is hidden.
    fn value(&mut self, hidden: bool) -> Option<()> {
        self.depth = self.depth.checked_sub(1)?;
        let start = self.masked.len();
        match self.next()? {
            '{' => self.members(hidden)?,
            '[' => self.items(hidden)?,
            '"' => {
                let token = self.string()?;
                self.text(token)?;
            }
            _ => {
                let end = self.rest.find(|end: char| ",]}".contains(end) || end.is_whitespace());
                let end = end.unwrap_or(self.rest.len());
                // No value at all is no JSON, and would be met again and again.
                (end > 0).then_some(())?;
                self.copy(end)?;
            }
        }
        let nothing = matches!(self.masked.get(start..), Some("null" | "\"\"" | "{}" | "[]"));
        if hidden && !nothing {
            self.masked.truncate(start);
            self.masked.push_str(MASK);
            self.touched = true;
        }
        self.depth += 1;
        Some(())
    }

    /// Copies a string as it is written, unless there is a secret in what it says: a link may be written `https:\/\/`, its
    /// `&` as `\u0026`, and a whole document may be the text of a string.
    fn text(&mut self, token: &str) -> Option<()> {
        let text = decoded(token);
        let document = if text.trim_start().starts_with(['{', '[']) {
            scan(&text, self.depth).filter(|inner| inner.touched).map(|inner| inner.masked)
        } else {
            None
        };
        match document.or_else(|| mask_links(&text)) {
            None => self.masked.push_str(token),
            Some(masked) => {
                self.masked.push_str(&serde_json::to_string(&masked).ok()?);
                self.touched = true;
            }
        }
        Some(())
    }

    fn members(&mut self, hidden: bool) -> Option<()> {
        self.copy(1)?;
        while self.next()? != '}' {
            let token = self.string()?;
            let name = decoded(token);
            self.masked.push_str(token);
            (self.next()? == ':').then_some(())?;
            self.copy(1)?;
            self.value(hidden || is_secret(&name))?;
            if self.next()? == ',' {
                self.copy(1)?;
            }
        }
        self.copy(1)?;
        Some(())
    }

    fn items(&mut self, hidden: bool) -> Option<()> {
        self.copy(1)?;
        while self.next()? != ']' {
            self.value(hidden)?;
            if self.next()? == ',' {
                self.copy(1)?;
            }
        }
        self.copy(1)?;
        Some(())
    }

    /// The next token, which must be a string, with its quotes.
    fn string(&mut self) -> Option<&'a str> {
        (self.next()? == '"').then_some(())?;
        let mut escaped = false;
        for (index, byte) in self.rest.bytes().enumerate().skip(1) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => return self.take(index + 1),
                _ => {}
            }
        }
        None
    }
}

/// What a string token says. Half a surrogate pair says nothing that Rust can hold, and leaves the token as it is but for
/// the escapes that links are written with.
fn decoded(token: &str) -> String {
    serde_json::from_str(token).unwrap_or_else(|_| {
        token.trim_matches('"').replace("\\/", "/").replace("\\u0026", "&").replace("\\u003d", "=")
    })
}

/// Whether a member's name says that its value is a secret. Counts of tokens and ids of credentials are none.
fn is_secret(name: &str) -> bool {
    let name: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let holds = [
        "secret",
        "password",
        "passphrase",
        "authtoken",
        "apikey",
        "accesskey",
        "privatekey",
        "signingkey",
        "encryptionkey",
    ];
    let ends = ["token", "jwt", "signature", "authorization", "cookie"];
    holds.iter().any(|part| name.contains(part))
        || ends.iter().any(|end| name.ends_with(end))
        || matches!(
            name.as_str(),
            "credential" | "credentials" | "headers" | "controlurl" | "listenurl"
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn secrets_are_masked_and_every_other_text_stays() {
        for (row, expected) in [
            (r#"{"a": 1e+21, "b": 0.10, "c": "x\"}, y"}"#, r#"{"a":1e+21,"b":0.10,"c":"x\"}, y"}"#),
            (
                r#"{"twilioAuthToken":"abc","x":[{"api_key":5}]}"#,
                r#"{"twilioAuthToken":"***","x":[{"api_key":"***"}]}"#,
            ),
            (
                r#"{"headers":{"authorization":"Bearer x"},"credentials":[]}"#,
                r#"{"headers":"***","credentials":[]}"#,
            ),
            (
                r#"{"promptTokens":813,"callToken":null}"#,
                r#"{"promptTokens":813,"callToken":null}"#,
            ),
            (
                r#"{"u":"https://x/y.wav?X-Amz-Expires=1800&X-Amz-Signature=abc"}"#,
                r#"{"u":"https://x/y.wav?X-Amz-Expires=1800&X-Amz-Signature=***"}"#,
            ),
            // As PHP and Go write links.
            (
                r#"{"u":"https:\/\/x\/y?a=1\u0026sig=abc","v":"https:\/\/x\/y?a=1"}"#,
                r#"{"u":"https://x/y?a=1&sig=***","v":"https:\/\/x\/y?a=1"}"#,
            ),
            (r#"{"auth\u0054oken":"abc"}"#, r#"{"auth\u0054oken":"***"}"#),
            (
                r#"{"body":"{\"apiKey\": \"abc\", \"n\": 1}","b":"{\"n\": 1}","c":"[see"}"#,
                r#"{"body":"{\"apiKey\":\"***\",\"n\":1}","b":"{\"n\": 1}","c":"[see"}"#,
            ),
            (
                r#"{"awsAccessKeyId":"A","x-vapi-signature":"s","authorizationId":"i","credentialId":"c"}"#,
                r#"{"awsAccessKeyId":"***","x-vapi-signature":"***","authorizationId":"i","credentialId":"c"}"#,
            ),
            (r#"{"half":"\ud83d https:\/\/x"}"#, r#"{"half":"\ud83d https:\/\/x"}"#),
            (r#"{"half":"\ud83d https:\/\/x?sig=a"}"#, r#"{"half":"\\ud83d https://x?sig=***"}"#),
            (
                r#"{"cost":0.014204399999999999,"n":1e-7}"#,
                r#"{"cost":0.014204399999999999,"n":1e-7}"#,
            ),
            (r#"{"q":"really? key=1"}"#, r#"{"q":"really? key=1"}"#),
            ("{\n  \"a\" : [ ]\n}", r#"{"a":[]}"#),
            ("17", "17"),
            ("{\"a\":", MASK),
            ("\"open", MASK),
            ("[}", MASK),
            ("{} {}", MASK),
        ] {
            assert_eq!(mask(row), expected, "{row}");
        }
    }

    #[test]
    fn no_depth_is_too_deep() {
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(mask(&deep(200)), deep(200));
        assert_eq!(mask(&deep(200_000)), MASK);
        assert_eq!(mask(&"{\"a\":".repeat(200_000)), MASK);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[\\[\\]{}:,\"\\\\a1 é]{0,40}") {
            mask(&text);
        }
    }
}
