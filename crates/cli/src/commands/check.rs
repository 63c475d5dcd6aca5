//! `callmux check`: are the keys good.

use std::io::{self, Write as _};

use callmux::ErrorKind;

use crate::args::SourceArgs;
use crate::exit::{Failure, Outcome};
use crate::sources::{account_name, connect};

pub(crate) async fn run(args: &SourceArgs) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Complete;
    let mut out = io::stdout().lock();
    for provider in connect(args)? {
        let info = provider.info();
        let name = account_name(info.vendor.as_str(), info.account.as_str());
        match provider.check().await {
            Ok(()) => writeln!(out, "{name}  ok")?,
            Err(error) => {
                writeln!(out, "{name}  {}", error.kind())?;
                crate::exit::say(&format!("error: {error}"));
                if error.kind() == ErrorKind::Unauthenticated {
                    outcome = Outcome::KeyRefused;
                } else if outcome == Outcome::Complete {
                    outcome = Outcome::SourceFailed;
                }
                if args.stop_on_failure {
                    break;
                }
            }
        }
    }
    Ok(outcome)
}
