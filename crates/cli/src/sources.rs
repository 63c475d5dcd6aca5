//! The accounts to list from.

use std::path::Path;
use std::sync::Arc;

use callmux::{CallProvider, Config, Environment, Federation, OnFailure, Registry, Source};

use crate::args::SourceArgs;
use crate::exit::Failure;

/// The configuration that is read where none is named.
const CONFIG: &str = "callmux.toml";

/// The accounts that the arguments name: those given, else those of the configuration, else those whose keys are set.
pub(crate) fn connect(args: &SourceArgs) -> Result<Vec<Arc<dyn CallProvider>>, Failure> {
    connect_with(args, None)
}

/// The same, asking for so many rows at a time.
pub(crate) fn connect_with(
    args: &SourceArgs,
    page_size: Option<u32>,
) -> Result<Vec<Arc<dyn CallProvider>>, Failure> {
    let environment = Environment::of_process();
    let registry = Registry::standard();
    let mut sources = named(args, &registry, &environment)?;
    apply_options(&mut sources, &args.options)?;
    if let Some(rows) = page_size {
        for source in &mut sources {
            source.options.insert("page_size".to_owned(), rows.to_string());
        }
    }
    let connect = |source: &Source| Ok(registry.connect_source(source, &environment)?);
    sources.iter().map(connect).collect()
}

/// The accounts as one provider.
pub(crate) fn federate(args: &SourceArgs) -> Result<Arc<dyn CallProvider>, Failure> {
    as_one(args, connect(args)?)
}

/// These accounts as one provider.
pub(crate) fn as_one(
    args: &SourceArgs,
    mut members: Vec<Arc<dyn CallProvider>>,
) -> Result<Arc<dyn CallProvider>, Failure> {
    if members.len() == 1
        && let Some(only) = members.pop()
    {
        return Ok(only);
    }
    let on_failure = if args.stop_on_failure { OnFailure::Stop } else { OnFailure::Continue };
    Ok(Arc::new(Federation::new(members, on_failure)?))
}

fn named(
    args: &SourceArgs,
    registry: &Registry,
    environment: &Environment,
) -> Result<Vec<Source>, Failure> {
    if !args.sources.is_empty() {
        return Ok(args.sources.clone());
    }
    let config = match &args.config {
        Some(path) => Some(Config::read(path)?),
        None if Path::new(CONFIG).exists() => Some(Config::read(Path::new(CONFIG))?),
        None => None,
    };
    if let Some(config) = config {
        if config.sources.is_empty() {
            return Err(Failure::usage(
                "the configuration names no account; add an [[account]] with a vendor",
            ));
        }
        return Ok(config.sources);
    }
    let sources = registry.sources_in(environment);
    if sources.is_empty() {
        let own = registry.entries().iter().filter(|entry| !entry.is_white_label());
        let variables: Vec<&str> = own.map(|entry| entry.vendor.key_variable).collect();
        let message = format!(
            "there is no source; set {}, write a {CONFIG}, or give --source VENDOR (`callmux demo` needs none)",
            variables.join(" or ")
        );
        return Err(Failure::usage(message));
    }
    Ok(sources)
}

fn apply_options(sources: &mut [Source], options: &[String]) -> Result<(), Failure> {
    for option in options {
        let parts = option.split_once('=').and_then(|(name, value)| {
            // A label may hold dots, an option's name does not.
            let (label, name) = name.rsplit_once('.')?;
            Some((label, name, value))
        });
        let Some((label, name, value)) = parts else {
            return Err(Failure::usage(format!(
                "--option {option:?} is not LABEL.NAME=VALUE, as in vapi.page_size=500"
            )));
        };
        let labels: Vec<String> = sources.iter().map(|source| source.label().to_owned()).collect();
        let mut meant = sources
            .iter_mut()
            .filter(|source| source.label() == label || full_name(source) == label);
        match (meant.next(), meant.next()) {
            (Some(source), None) => {
                source.options.insert(name.to_owned(), value.to_owned());
            }
            (Some(source), Some(_)) => {
                return Err(Failure::usage(format!(
                    "--option {option:?}: several sources are labelled {label:?}; write {}.{name}=…",
                    full_name(source)
                )));
            }
            (None, _) => {
                return Err(Failure::usage(format!(
                    "--option {option:?}: no source is labelled {label:?}; there are: {}",
                    labels.join(", ")
                )));
            }
        }
    }
    Ok(())
}

/// A label that two vendors' accounts share is told apart by the vendor.
fn full_name(source: &Source) -> String {
    format!("{}:{}", source.vendor, source.label())
}

/// An account as messages name it.
pub(crate) fn account_name(vendor: &str, account: &str) -> String {
    if vendor == account { vendor.to_owned() } else { format!("{vendor}:{account}") }
}
