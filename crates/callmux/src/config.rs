//! Accounts from a `callmux.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use callmux_core::{Error, ErrorKind, Result};
use serde::Deserialize;

use crate::source::Source;

/// The accounts of a configuration file.
///
/// ```
/// let config = callmux::Config::parse(r#"
///     [[account]]
///     vendor = "vapi"
///     label = "emea"
///     base_url = "https://api.eu.vapi.ai"
///     key_env = "VAPI_EMEA_API_KEY"    # the default for this label; or: key_file = "vapi.key"
///     options = { page_size = 250 }
/// "#)?;
/// assert_eq!(config.sources[0].label(), "emea");
/// # Ok::<(), callmux::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// The accounts, in the order of the file.
    pub sources: Vec<Source>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    account: Vec<Account>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    vendor: String,
    label: Option<String>,
    base_url: Option<String>,
    key_env: Option<String>,
    key_file: Option<PathBuf>,
    #[serde(default)]
    options: BTreeMap<String, toml::Value>,
}

impl Config {
    /// Reads a file. A `key_file` in it is relative to its folder.
    ///
    /// # Errors
    /// [`ErrorKind::Config`]: it cannot be read, or a setting is unknown or makes no sense.
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let text = fs::read_to_string(path).map_err(|error| {
            Error::new(ErrorKind::Config, format!("cannot read {name}: {error}"))
        })?;
        let mut config = Self::parse(&text)
            .map_err(|error| Error::new(ErrorKind::Config, format!("{name}: {error}")))?;
        for source in &mut config.sources {
            if let (Some(file), Some(folder)) = (&mut source.key_file, path.parent()) {
                *file = folder.join(&*file);
            }
        }
        Ok(config)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// [`ErrorKind::Config`]: a setting is unknown or makes no sense.
    pub fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text).map_err(|error| {
            // The parser's own picture of the line is left out: it may show a key that was put there by mistake.
            let line = error.span().map_or(1, |span| {
                text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1)
            });
            Error::new(ErrorKind::Config, format!("line {line}: {}", error.message()))
                .with_remedy("an account has vendor, label, base_url, key_env or key_file, and options; never a key")
        })?;
        let sources = file.account.into_iter().map(Account::source).collect::<Result<_>>()?;
        Ok(Self { sources })
    }
}

impl Account {
    fn source(self) -> Result<Source> {
        let name = match &self.label {
            Some(label) => format!("{}:{label}", self.vendor),
            None => self.vendor.clone(),
        };
        let mut source: Source = name.parse().map_err(|error: crate::SourceError| {
            Error::new(ErrorKind::Config, error.to_string())
        })?;
        if self.key_env.is_some() && self.key_file.is_some() {
            return Err(Error::new(
                ErrorKind::Config,
                format!("{name} has both key_env and key_file"),
            )
            .with_remedy("keep one of them"));
        }
        source.base_url = self.base_url;
        if self.key_env.as_ref().is_some_and(|variable| !is_variable(variable)) {
            // It is not shown: it may be the key itself.
            let message = format!("key_env of {name} is not the name of an environment variable");
            return Err(Error::new(ErrorKind::Config, message)
                .with_remedy("name the variable that holds the key, such as VAPI_EMEA_API_KEY"));
        }
        source.key_env = self.key_env;
        source.key_file = self.key_file;
        for (option, value) in self.options {
            let value = match value {
                toml::Value::String(text) => text,
                other => other.to_string(),
            };
            source.options.insert(option, value);
        }
        Ok(source)
    }
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_read_in_order_and_key_files_are_found_beside_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("callmux.toml");
        let text = "[[account]]\nvendor='burki'\nkey_file='k'\n[[account]]\nvendor='autocalls'\nlabel='b'\noptions={zone='Europe/Berlin',page_size=50}\n";
        fs::write(&path, text).unwrap();
        let config = Config::read(&path).unwrap();
        assert_eq!(config.sources[0].key_file, Some(folder.path().join("k")));
        assert_eq!(config.sources[1].options["page_size"], "50");
        assert_eq!(config.sources[1].options["zone"], "Europe/Berlin");
    }

    #[test]
    fn mistakes_are_named_by_line_and_show_no_key() {
        for (text, says) in [
            ("[[account]]\nvendor='vapi'\nkey='sk-secret'\n", "key"),
            ("[[acount]]\nvendor='vapi'\n", "acount"),
            ("[[account]]\nlabel='x'\n", "vendor"),
            ("[[account]]\nvendor='vapi'\nkey_env='A'\nkey_file='b'\n", "both"),
            ("[[account]]\nvendor='vapi'\nkey_env='sk-secret'\n", "key_env of vapi"),
            ("[[account]]\nvendor='va pi'\n", "not a source"),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(says), "{error}");
            assert!(!format!("{error} {error:?}").contains("sk-secret"), "{error:?}");
        }
    }
}
