//! Secrets in a vendor's row, masked; nothing else is touched but white space between tokens.

/// What stands in the place of a secret.
const MASK: &str = "\"***\"";

/// A row's JSON on one line, with the values of secret names and the signatures in links masked. The text of every other
/// number and string is as it was. Text that is no JSON is masked whole.
pub(crate) fn mask(json: &str) -> String {
    let mut scanner = Scanner { rest: json, masked: String::with_capacity(json.len()) };
    if scanner.value(false).is_none() || !scanner.rest.trim_start().is_empty() {
        return MASK.to_owned();
    }
    scanner.masked
}

struct Scanner<'a> {
    rest: &'a str,
    masked: String,
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
        let start = self.masked.len();
        match self.next()? {
            '{' => self.members(hidden)?,
            '[' => self.items(hidden)?,
            '"' => {
                let token = self.string()?;
                self.masked.push_str(&mask_link(token));
            }
            _ => {
                let end = self.rest.find(|end: char| ",]}".contains(end) || end.is_whitespace());
                self.copy(end.unwrap_or(self.rest.len()))?;
            }
        }
        let nothing = matches!(self.masked.get(start..), Some("null" | "\"\"" | "{}" | "[]"));
        if hidden && !nothing {
            self.masked.truncate(start);
            self.masked.push_str(MASK);
        }
        Some(())
    }

    fn members(&mut self, hidden: bool) -> Option<()> {
        self.copy(1)?;
        while self.next()? != '}' {
            let name = self.string()?;
            self.masked.push_str(name);
            (self.next()? == ':').then_some(())?;
            self.copy(1)?;
            self.value(hidden || is_secret(name))?;
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

/// Whether a member's name says that its value is a secret. Counts of tokens are none.
fn is_secret(quoted: &str) -> bool {
    let name: String =
        quoted.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let holds = ["secret", "password", "authtoken", "apikey", "privatekey", "authorization"];
    holds.iter().any(|part| name.contains(part))
        || name.ends_with("token")
        || matches!(name.as_str(), "credentials" | "headers" | "controlurl" | "listenurl")
}

/// A string token with the signatures of a link in it masked.
fn mask_link(token: &str) -> String {
    let Some((address, query)) =
        token.split_once('?').filter(|(address, _)| address.contains("://"))
    else {
        return token.to_owned();
    };
    let (query, quote) = query.strip_suffix('"').map_or((query, ""), |query| (query, "\""));
    let parameter = |parameter: &str| match parameter.split_once('=') {
        Some((name, _)) if is_signature(name) => format!("{name}=***"),
        _ => parameter.to_owned(),
    };
    let query: Vec<String> = query.split('&').map(parameter).collect();
    format!("{address}?{}{quote}", query.join("&"))
}

fn is_signature(name: &str) -> bool {
    let name = name.to_lowercase();
    ["signature", "token", "credential", "key", "policy", "secret"]
        .iter()
        .any(|part| name.contains(part))
        || name == "sig"
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
            (r#"{"q":"really? key=1"}"#, r#"{"q":"really? key=1"}"#),
            ("{\n  \"a\" : [ ]\n}", r#"{"a":[]}"#),
            ("17", "17"),
            ("{\"a\":", MASK),
            ("\"open", MASK),
            ("{} {}", MASK),
        ] {
            assert_eq!(mask(row), expected, "{row}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[\\[\\]{}:,\"\\\\a1 é]{0,40}") {
            mask(&text);
        }
    }
}
