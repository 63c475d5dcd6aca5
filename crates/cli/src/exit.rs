//! How the command ends.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use callmux::{Certificate, Error, ErrorKind, Reason};

use crate::args::Cli;

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All there is.
    Complete,
    /// Not known to be all there is.
    Incomplete,
    /// A source failed, and said so; others were listed.
    SourceFailed,
    /// A source refused its key, and said so; others were listed.
    KeyRefused,
}

impl Outcome {
    /// What a certificate means for the exit code.
    pub(crate) fn of(certificate: &Certificate) -> Self {
        let kinds = certificate.reasons.iter().filter_map(|reason| match reason {
            Reason::Failed { error, .. } => Some(*error),
            _ => None,
        });
        let kinds: Vec<ErrorKind> = kinds.collect();
        if kinds.contains(&ErrorKind::Unauthenticated) {
            Self::KeyRefused
        } else if !kinds.is_empty() {
            Self::SourceFailed
        } else if certificate.is_complete() {
            Self::Complete
        } else {
            Self::Incomplete
        }
    }

    /// That of two listings together: the one that counts where several hold.
    pub(crate) fn worse(self, other: Self) -> Self {
        let order = [Self::KeyRefused, Self::SourceFailed, Self::Incomplete];
        order.into_iter().find(|outcome| [self, other].contains(outcome)).unwrap_or(self)
    }

    fn code(self) -> u8 {
        match self {
            Self::Complete => 0,
            Self::SourceFailed => 1,
            Self::Incomplete => 3,
            Self::KeyRefused => 4,
        }
    }
}

/// Why a command could not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was asked makes no sense.
    Usage(String),
    /// It failed.
    Failed(String),
    /// A source, or a setting of it.
    Callmux(Error),
    /// Whoever read standard output has gone.
    ClosedPipe,
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }

    /// What fails before anything was sent is for whoever wrote the command line to put right.
    pub(crate) fn before_the_start(self) -> Self {
        match self {
            Self::Failed(message) => Self::Usage(message),
            other => other,
        }
    }

    fn code(&self) -> u8 {
        match self {
            Self::ClosedPipe => 0,
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Callmux(error) => match error.kind() {
                // Nothing was sent: the command line or the configuration is to be put right.
                _ if error.attempts() == 0 && is_about_usage(error.kind()) => 2,
                ErrorKind::Unauthenticated => 4,
                _ => 1,
            },
        }
    }
}

fn is_about_usage(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Config
            | ErrorKind::Unauthenticated
            | ErrorKind::Unsupported
            | ErrorKind::InvalidCursor
            | ErrorKind::InvalidRequest
    )
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Callmux(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::ClosedPipe
        } else {
            Self::Failed(format!("cannot write: {error}"))
        }
    }
}

impl From<callmux_costs::Error> for Failure {
    fn from(error: callmux_costs::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) | Self::Failed(message) => f.write_str(message),
            Self::Callmux(error) => write!(f, "{error}"),
            Self::ClosedPipe => f.write_str("the reader has gone"),
        }
    }
}

/// Says what went wrong, and gives the exit code.
pub(crate) fn report(outcome: Result<Outcome, Failure>) -> ExitCode {
    match outcome {
        Ok(outcome) => ExitCode::from(outcome.code()),
        Err(failure) => {
            if !matches!(failure, Failure::ClosedPipe) {
                say(&format!("error: {failure}"));
            }
            ExitCode::from(failure.code())
        }
    }
}

/// A line on standard error. That nobody reads it is no reason to fail.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", callmux_table::printable(line));
}

/// The same for what is good to know, unless nothing but errors is wanted.
pub(crate) fn note(cli: &Cli, line: &str) {
    if !cli.quiet {
        say(line);
    }
}

/// Whether standard error takes colours.
pub(crate) fn stderr_is_coloured() -> bool {
    io::stderr().is_terminal() && callmux::Environment::of_process().get("NO_COLOR").is_none()
}
