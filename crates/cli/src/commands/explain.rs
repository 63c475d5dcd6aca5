//! `callmux explain`: what would be sent.

use std::io::{self, Write as _};

use callmux::{CallFilter, Field, SourcePlan, Support};
use serde::Serialize;

use super::now;
use crate::args::{ExplainArgs, PlanFormat};
use crate::exit::{Failure, Outcome};
use crate::filter::filter;
use crate::sources::{account_name, as_one, connect_with};
use crate::tables::grid;

pub(crate) fn run(args: &ExplainArgs) -> Result<Outcome, Failure> {
    let filter = filter(&args.filter, now())?;
    let mut plans = Vec::new();
    for provider in connect_with(&args.sources, page_size(args, &filter)?)? {
        for plan in provider.explain(&filter)?.plans {
            plans.push(Explained { page_size: provider.info().page.default, plan });
        }
    }
    let mut out = io::stdout().lock();
    match args.output {
        PlanFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &plans).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        PlanFormat::Ndjson => {
            for explained in &plans {
                serde_json::to_writer(&mut out, explained).map_err(io::Error::from)?;
                writeln!(out)?;
            }
        }
        PlanFormat::Table => {
            for (index, explained) in plans.iter().enumerate() {
                if index > 0 {
                    writeln!(out)?;
                }
                writeln!(out, "{}", explained.text())?;
            }
        }
    }
    Ok(Outcome::Complete)
}

/// The rows that a listing with these arguments would ask for at a time, where they say so: a limit makes pages smaller
/// where every row is a match, as [`callmux::Calls::limit`] does.
fn page_size(args: &ExplainArgs, filter: &CallFilter) -> Result<Option<u32>, Failure> {
    // All sources as one, since a listing asks all for the same; what a listing would refuse is refused here too.
    let provider = as_one(&args.sources, connect_with(&args.sources, None)?)?;
    let is_exact = provider.explain(filter)?.is_exact();
    let Some(limit) = args.limit.filter(|_| is_exact) else { return Ok(args.page_size) };
    let wanted = u32::try_from(limit.saturating_add(1)).unwrap_or(u32::MAX);
    Ok(Some(args.page_size.unwrap_or(provider.info().page.default).min(wanted)))
}

#[derive(Serialize)]
struct Explained {
    #[serde(flatten)]
    plan: SourcePlan,
    /// How many rows a request asks for.
    page_size: u32,
}

impl Explained {
    fn text(&self) -> String {
        let plan = &self.plan;
        let name = account_name(plan.vendor.as_str(), plan.account.as_str());
        let mut lines = vec![format!("{name}  {}", plan.endpoint)];
        if let Some(why) = &plan.impossible {
            lines.push(format!("  nothing is sent: {why}"));
            return lines.join("\n");
        }
        lines.extend(plan.sent.iter().map(|sent| format!("  {} = {}", sent.name, sent.value)));
        if !plan.conditions.is_empty() {
            let rows = plan.conditions.iter().map(|(field, served)| {
                let note = served.note.clone().unwrap_or_default();
                vec![field.to_string(), said(served.support).to_owned(), note]
            });
            let table = grid(&["condition", "served", "because"], rows, &[]);
            lines.extend(table.lines().map(|line| format!("  {line}")));
        }
        let rows = if plan.is_exact() {
            "calls that match"
        } else {
            "rows that come back, whether they match or not"
        };
        lines.push(format!(
            "  requests: one for each {} {rows}, and at most one more to see the end; more where many calls share an instant",
            self.page_size
        ));
        lines.join("\n")
    }
}

/// A support in words.
pub(crate) fn said(support: Support) -> &'static str {
    match support {
        Support::Exact => "sent",
        Support::Trusted => "sent, trusted",
        Support::Narrowed => "sent wider, checked here",
        Support::Client => "checked here",
        _ => "cannot be answered",
    }
}

/// The fields in the order of the tables.
pub(crate) fn fields() -> &'static [Field] {
    Field::ALL
}
