//! Rates of exchange from the command line.

use std::fs;
use std::path::Path;

use callmux::Currency;
use callmux_costs::{Conversion, Converter, Rate, Zone};

use crate::args::CostsArgs;
use crate::exit::Failure;

/// A converter, if there is something to convert by.
pub(super) fn converter(args: &CostsArgs, zone: Zone) -> Result<Option<Converter>, Failure> {
    let mut rates = args.fx.clone();
    if let Some(path) = &args.fx_file {
        rates.extend(read(path)?);
    }
    if rates.is_empty() {
        return match args.currency {
            None => Ok(None),
            Some(currency) => Err(Failure::usage(format!(
                "--currency {currency}: there is no rate to convert by; give --fx EUR=1.08@2026-01-01, or --fx-file"
            ))),
        };
    }
    let to = args.currency.unwrap_or(Currency::USD);
    let converter = Converter::new(to, rates, zone);
    converter.map(Some).map_err(|error| Failure::usage(format!("--fx: {error}")))
}

/// The rates of a file: one a line; what follows a `#` is a remark.
fn read(path: &Path) -> Result<Vec<Rate>, Failure> {
    let at = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("--fx-file: cannot read {at}: {error}")))?;
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.split('#').next()));
    let lines = lines.map(|(number, line)| (number, line.unwrap_or_default().trim()));
    let rate = |(number, line): (usize, &str)| {
        line.parse()
            .map_err(|error| Failure::usage(format!("--fx-file: {at}, line {number}: {error}")))
    };
    lines.filter(|(_, line)| !line.is_empty()).map(rate).collect()
}

/// What was converted at which rates, a line each.
pub(super) fn lines(conversion: &Conversion) -> Vec<String> {
    let to = conversion.to;
    let mut lines: Vec<String> = conversion
        .rates
        .iter()
        .map(|rate| {
            let since = rate.since.map_or_else(String::new, |day| format!(", from {day} on"));
            format!(
                "Converted at 1 {from} = {rate} {to}{since}: {amount} {from} of {calls}",
                from = rate.from,
                rate = rate.rate,
                amount = rate.amount,
                calls = calls(rate.calls)
            )
        })
        .collect();
    lines.extend(conversion.unconverted.iter().map(|left| {
        format!(
            "Not converted, for want of a rate on the day: {} {} of {}",
            left.amount,
            left.currency,
            calls(left.calls)
        )
    }));
    lines
}

fn calls(count: u64) -> String {
    if count == 1 { "1 call".to_owned() } else { format!("{count} calls") }
}

/// The rates in one text, for a column.
pub(super) fn in_one(conversion: &Conversion) -> String {
    let rate = |rate: &callmux_costs::ConversionRate| {
        let since = rate.since.map_or_else(String::new, |day| format!("@{day}"));
        format!("{}={}{since}", rate.from, rate.rate)
    };
    let rates: Vec<String> = conversion.rates.iter().map(rate).collect();
    format!("{} in {}", rates.join(" "), conversion.to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_rate_a_line_and_remarks() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, "# rates of the bank\nEUR=1.08@2026-01-01 # January\n\n GBP=1.27\r\n")
            .unwrap();
        let rates: Vec<String> = read(file.path()).unwrap().iter().map(Rate::to_string).collect();
        assert_eq!(rates, ["EUR=1.08@2026-01-01", "GBP=1.27"]);
        fs::write(&file, "EUR=1\nEUR\n").unwrap();
        let refused = read(file.path()).unwrap_err().to_string();
        assert!(refused.contains("line 2") && refused.contains("no ="), "{refused}");
    }
}
