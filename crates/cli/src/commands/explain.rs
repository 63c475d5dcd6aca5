//! `callmux explain`: what would be sent.

use std::io::{self, Write as _};

use callmux::{CallProvider, Field, SourcePlan, Support};
use serde::Serialize;

use super::now;
use crate::args::{ExplainArgs, PlanFormat};
use crate::exit::{Failure, Outcome};
use crate::filter::filter;
use crate::sources::connect;
use crate::tables::grid;

pub(crate) fn run(args: &ExplainArgs) -> Result<Outcome, Failure> {
    let filter = filter(&args.filter, now())?;
    let mut plans = Vec::new();
    for provider in connect(&args.sources)? {
        for plan in provider.explain(&filter)?.plans {
            plans.push(Explained { page_size: page_size(&*provider), plan });
        }
    }
    let mut out = io::stdout().lock();
    match args.output {
        PlanFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &plans).map_err(io::Error::from)?;
            writeln!(out)?;
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

fn page_size(provider: &dyn CallProvider) -> u32 {
    provider.info().page.default
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
        let mut lines = vec![format!("{}:{}  {}", plan.vendor, plan.account, plan.endpoint)];
        if let Some(why) = &plan.impossible {
            lines.push(format!("  nothing is sent: {why}"));
            return lines.join("\n");
        }
        lines.extend(plan.sent.iter().map(|sent| format!("  {} = {}", sent.name, sent.value)));
        if !plan.conditions.is_empty() {
            let rows = plan.conditions.iter().map(|(field, served)| {
                vec![
                    "  ".to_owned(),
                    field.to_string(),
                    said(served.support).to_owned(),
                    served.note.clone().unwrap_or_default(),
                ]
            });
            lines.push(grid(&["  ", "condition", "served", "because"], rows, &[]));
        }
        let rows = if plan.is_exact() { "calls that match" } else { "rows that come back, whether they match or not" };
        lines.push(format!("  requests: one for each {} {rows}, and one more to see the end", self.page_size));
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
