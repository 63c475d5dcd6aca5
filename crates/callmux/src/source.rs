//! A source as people write it: `VENDOR[:LABEL][@BASE_URL]`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// An account to list from, before anything is looked up.
///
/// ```
/// let source: callmux::Source = "vapi:emea@https://api.eu.vapi.ai".parse()?;
/// assert_eq!(source.vendor, "vapi");
/// assert_eq!(source.label(), "emea");
/// assert_eq!(source.key_variable("VAPI_API_KEY"), "VAPI_EMEA_API_KEY");
/// # Ok::<(), callmux::SourceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// The vendor, or a white-label of one.
    pub vendor: String,
    /// The label, where one was chosen.
    pub label: Option<String>,
    /// Where the API is, where it is not the vendor's own address.
    pub base_url: Option<String>,
    /// The environment variable that holds the key, where it is not the one that follows from vendor and label.
    pub key_env: Option<String>,
    /// The file that holds the key.
    pub key_file: Option<PathBuf>,
    /// Options of the vendor, by name.
    pub options: BTreeMap<String, String>,
}

/// A text that names no source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError(String);

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not a source; write VENDOR[:LABEL][@BASE_URL], as in vapi:emea@https://api.eu.vapi.ai",
            self.0
        )
    }
}

impl std::error::Error for SourceError {}

impl Source {
    /// The vendor's own account, at its own address.
    pub fn new(vendor: impl Into<String>) -> Self {
        Self {
            vendor: vendor.into(),
            label: None,
            base_url: None,
            key_env: None,
            key_file: None,
            options: BTreeMap::new(),
        }
    }

    /// The label; the vendor's name where none was chosen.
    #[must_use]
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.vendor)
    }

    /// The environment variable that holds the key: the one that was named, else the vendor's own, with the label in it where one
    /// was chosen (upper case, other characters than letters and digits as `_`).
    #[must_use]
    pub fn key_variable(&self, of_vendor: &str) -> String {
        if let Some(name) = &self.key_env {
            return name.clone();
        }
        let Some(label) = &self.label else { return of_vendor.to_owned() };
        let upper = |character: char| {
            if character.is_ascii_alphanumeric() { character.to_ascii_uppercase() } else { '_' }
        };
        let label: String = label.chars().map(upper).collect();
        match of_vendor.strip_suffix("_API_KEY") {
            Some(vendor) => format!("{vendor}_{label}_API_KEY"),
            None => format!("{of_vendor}_{label}"),
        }
    }
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let (name, base_url) = match text.split_once('@') {
            Some((name, base_url)) => (name, Some(base_url)),
            None => (text, None),
        };
        let (vendor, label) = match name.split_once(':') {
            Some((vendor, label)) => (vendor, Some(label)),
            None => (name, None),
        };
        let is_word = |text: &str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|character| character.is_alphanumeric() || "-_.".contains(character))
        };
        if !is_word(vendor) || !label.is_none_or(is_word) || base_url.is_some_and(str::is_empty) {
            return Err(SourceError(text.to_owned()));
        }
        let mut source = Self::new(vendor);
        source.label = label.map(str::to_owned);
        source.base_url = base_url.map(str::to_owned);
        Ok(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_part_by_part() {
        for (text, vendor, label, base_url) in [
            ("vapi", "vapi", None, None),
            ("vapi:emea", "vapi", Some("emea"), None),
            ("burki@http://127.0.0.1:80", "burki", None, Some("http://127.0.0.1:80")),
            ("autocalls:a-b@https://x/api", "autocalls", Some("a-b"), Some("https://x/api")),
        ] {
            let source: Source = text.parse().unwrap();
            assert_eq!(source.vendor, vendor);
            assert_eq!(source.label.as_deref(), label);
            assert_eq!(source.base_url.as_deref(), base_url);
        }
        for text in ["", ":x", "vapi:", "vapi@", "va pi", "vapi:a b", "@http://x"] {
            assert!(text.parse::<Source>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_label_becomes_part_of_the_variables_name() {
        let mut source: Source = "vapi:eu-2.x".parse().unwrap();
        assert_eq!(source.key_variable("VAPI_API_KEY"), "VAPI_EU_2_X_API_KEY");
        source.key_env = Some("MY_KEY".to_owned());
        assert_eq!(source.key_variable("VAPI_API_KEY"), "MY_KEY");
        assert_eq!(Source::new("vapi").key_variable("VAPI_API_KEY"), "VAPI_API_KEY");
    }
}
