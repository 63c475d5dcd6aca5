//! The vendors, in a table.

use std::fmt;
use std::fs;
use std::sync::Arc;

use callmux_core::{CallProvider, Error, ErrorKind, Result};
use callmux_http::{Clock, Dialect, Environment, HttpProviderBuilder, Transport, Vendor};

use crate::options::{COMMON, OptionError, OptionInfo, VendorOptions};
use crate::source::Source;

/// A vendor, or a white-label of one, that sources can name.
#[derive(Clone, Copy, Debug)]
pub struct VendorEntry {
    /// What a source calls it.
    pub name: &'static str,
    /// Its address, where it is not that of the vendor whose API it is.
    pub base_url: &'static str,
    /// The vendor whose API it is.
    pub vendor: Vendor,
    /// Options of its own.
    pub options: &'static [OptionInfo],
    connect: fn(Connection) -> Result<Arc<dyn CallProvider>>,
}

impl VendorEntry {
    /// The entry of a vendor, by the function that connects to it: most call [`Connection::finish`] with the vendor's builder.
    #[must_use]
    pub const fn new(
        vendor: Vendor,
        options: &'static [OptionInfo],
        connect: fn(Connection) -> Result<Arc<dyn CallProvider>>,
    ) -> Self {
        Self { name: vendor.id, base_url: vendor.base_url, vendor, options, connect }
    }

    /// Whether this is a white-label of another entry.
    #[must_use]
    pub fn is_white_label(&self) -> bool {
        self.name != self.vendor.id
    }

    /// The options that its accounts have: those of every vendor, and its own.
    pub fn all_options(&self) -> impl Iterator<Item = &'static OptionInfo> {
        COMMON.iter().chain(self.options)
    }
}

/// What an account is connected with. `Debug` does not show the key.
pub struct Connection {
    label: String,
    base_url: Option<String>,
    key: String,
    key_hint: String,
    transport: Option<Arc<dyn Transport>>,
    clock: Option<Arc<dyn Clock>>,
    options: VendorOptions,
    of_vendor: &'static [OptionInfo],
}

impl Connection {
    /// The provider that a builder makes with this.
    ///
    /// # Errors
    /// An option that nobody took, or whose value makes no sense, and what the builder refuses.
    pub fn finish<D: Dialect>(
        self,
        builder: HttpProviderBuilder<D>,
    ) -> Result<Arc<dyn CallProvider>> {
        let Self { label, base_url, key, key_hint, transport, clock, mut options, of_vendor } =
            self;
        let refused = |error: OptionError| {
            Error::new(ErrorKind::Config, error.to_string())
                .with_vendor(D::VENDOR.id.into())
                .with_account(label.as_str().into())
        };
        let mut builder = options.apply_common(builder).map_err(refused)?;
        options.finish(of_vendor).map_err(refused)?;
        builder = builder.account(label.as_str()).key_hint(key_hint);
        // An empty key stays unset, so that the error says which variable to set.
        if !key.is_empty() {
            builder = builder.key(key);
        }
        if let Some(base_url) = base_url {
            builder = builder.base_url(base_url);
        }
        if let Some(transport) = transport {
            builder = builder.transport(transport);
        }
        if let Some(clock) = clock {
            builder = builder.clock(clock);
        }
        Ok(Arc::new(builder.build()?))
    }

    /// Takes an option of the vendor's own out and reads it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`]: the value makes no sense; `read` says what would.
    pub fn option<T>(
        &mut self,
        vendor: &Vendor,
        name: &'static str,
        read: impl FnOnce(&str) -> std::result::Result<T, String>,
    ) -> Result<Option<T>> {
        self.options.take(name, read).map_err(|error| {
            Error::new(ErrorKind::Config, error.to_string())
                .with_vendor(vendor.id.into())
                .with_account(self.label.as_str().into())
        })
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("label", &self.label)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// The vendors that sources can name. [`Registry::standard`] has those that this crate was built with; more can be added.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    entries: Vec<VendorEntry>,
    transport: Option<Arc<dyn Transport>>,
    clock: Option<Arc<dyn Clock>>,
}

impl Registry {
    /// The vendors that this crate was built with, white-labels after them.
    #[must_use]
    pub fn standard() -> Self {
        let mut registry = Self::default();
        #[cfg(feature = "autocalls")]
        registry
            .entries
            .push(autocalls("autocalls", callmux_autocalls::Autocalls::VENDOR.base_url));
        #[cfg(feature = "vapi")]
        registry.entries.push(VendorEntry::new(callmux_vapi::Vapi::VENDOR, &[], |connection| {
            connection.finish(callmux_vapi::builder(""))
        }));
        #[cfg(feature = "burki")]
        registry.entries.push(VendorEntry::new(
            callmux_burki::Burki::VENDOR,
            &[OptionInfo {
                name: "time_format",
                doc: "how instants are sent: zulu (default), or naive for a server whose database is not in UTC",
            }],
            |mut connection| {
                let read = |text: &str| text.parse().map_err(|_| "zulu or naive".to_owned());
                let format =
                    connection.option(&callmux_burki::Burki::VENDOR, "time_format", read)?;
                let dialect =
                    callmux_burki::Burki::with_time_format(format.unwrap_or_default());
                connection.finish(callmux_burki::builder_with(dialect, ""))
            },
        ));
        #[cfg(feature = "autocalls")]
        registry.entries.extend(
            callmux_autocalls::BRANDS
                .iter()
                .filter(|brand| brand.slug != callmux_autocalls::Autocalls::VENDOR.id)
                .map(|brand| autocalls(brand.slug, brand.base_url)),
        );
        registry
    }

    /// The same with a vendor more: one of a crate that this one does not know. It takes the place of one of the same name.
    #[must_use]
    pub fn with(mut self, entry: VendorEntry) -> Self {
        self.entries.retain(|known| known.name != entry.name);
        self.entries.push(entry);
        self
    }

    /// All connections go through this transport instead of one of their own.
    #[must_use]
    pub fn with_transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// All connections wait on this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The vendors, white-labels after them.
    #[must_use]
    pub fn entries(&self) -> &[VendorEntry] {
        &self.entries
    }

    /// The entry of a name.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], listing the vendors there are.
    pub fn entry(&self, name: &str) -> Result<&VendorEntry> {
        self.entries.iter().find(|entry| entry.name == name).ok_or_else(|| {
            let own = self.entries.iter().filter(|entry| !entry.is_white_label());
            let names: Vec<&str> = own.map(|entry| entry.name).collect();
            let white_labels = self.entries.len() - names.len();
            let remedy = format!(
                "use one of {}, or one of the {white_labels} white-labels that `callmux vendors` lists",
                names.join(", ")
            );
            Error::new(ErrorKind::Config, format!("unknown vendor {name:?}")).with_remedy(remedy)
        })
    }

    /// Connects to a source, given as text. Nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for an unknown vendor or a setting that makes no sense, [`ErrorKind::Unauthenticated`] where there is no
    /// key.
    pub fn connect(
        &self,
        source: &str,
        environment: &Environment,
    ) -> Result<Arc<dyn CallProvider>> {
        let source: Source = source.parse().map_err(|error: crate::SourceError| {
            Error::new(ErrorKind::Config, error.to_string())
        })?;
        self.connect_source(&source, environment)
    }

    /// Connects to a source. Nothing is sent.
    ///
    /// # Errors
    /// As [`connect`](Self::connect), and [`ErrorKind::Config`] where a key file cannot be read.
    pub fn connect_source(
        &self,
        source: &Source,
        environment: &Environment,
    ) -> Result<Arc<dyn CallProvider>> {
        let entry = self.entry(&source.vendor)?;
        // A white-label has a key of its own: the vendor's would be sent to somebody else's server.
        let mut named = source.clone();
        if entry.is_white_label() {
            named.label.get_or_insert_with(|| entry.name.to_owned());
        }
        let variable = named.key_variable(entry.vendor.key_variable);
        let (key, key_hint) = match &source.key_file {
            None => (environment.get(&variable).unwrap_or_default().to_owned(), variable),
            Some(path) => {
                let hint = format!("the key file {}", path.display());
                let key = fs::read_to_string(path).map_err(|error| {
                    Error::new(ErrorKind::Config, format!("cannot read {hint}: {error}"))
                        .with_vendor(entry.vendor.id.into())
                        .with_account(source.label().into())
                })?;
                (key.trim().to_owned(), hint)
            }
        };
        let own = (entry.base_url != entry.vendor.base_url).then_some(entry.base_url);
        let from_environment = || environment.get(entry.vendor.base_url_variable);
        let base_url = source
            .base_url
            .as_deref()
            .or(own)
            .or_else(|| from_environment().filter(|_| named.label.is_none()));
        (entry.connect)(Connection {
            label: source.label().to_owned(),
            base_url: base_url.map(str::to_owned),
            key,
            key_hint,
            transport: self.transport.clone(),
            clock: self.clock.clone(),
            options: VendorOptions::new(source.options.clone()),
            of_vendor: entry.options,
        })
    }

    /// The vendors whose own key variable is set.
    #[must_use]
    pub fn sources_in(&self, environment: &Environment) -> Vec<Source> {
        self.entries
            .iter()
            .filter(|entry| !entry.is_white_label())
            .filter(|entry| environment.get(entry.vendor.key_variable).is_some())
            .map(|entry| Source::new(entry.name))
            .collect()
    }
}

#[cfg(feature = "autocalls")]
fn autocalls(name: &'static str, base_url: &'static str) -> VendorEntry {
    use callmux_autocalls::{Autocalls, builder_with};
    VendorEntry {
        name,
        base_url,
        vendor: Autocalls::VENDOR,
        options: &[
            OptionInfo {
                name: "zone",
                doc: "the time zone of instants written without one: UTC (default), +02:00, Europe/Berlin",
            },
            OptionInfo {
                name: "currency",
                doc: "the currency of amounts, which the rows do not name: USD (default)",
            },
        ],
        connect: |mut connection| {
            let zone = connection.option(&Autocalls::VENDOR, "zone", crate::options::zone)?;
            let read =
                |text: &str| text.parse().map_err(|_| "a currency code such as USD".to_owned());
            let currency = connection.option(&Autocalls::VENDOR, "currency", read)?;
            let mut dialect = Autocalls::default();
            if let Some(zone) = zone {
                dialect = dialect.with_zone(zone);
            }
            if let Some(currency) = currency {
                dialect = dialect.with_currency(currency);
            }
            connection.finish(builder_with(dialect, ""))
        },
    }
}
