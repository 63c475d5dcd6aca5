//! JSON as Python writes it: floats look otherwise there.

use serde_json::Value;

/// The text of a value: `1e+21`, `3.15e-05`, `100.0`.
pub(super) fn python(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                format!("{}:{}", Value::from(name.as_str()), python(value))
            };
            let fields: Vec<String> = fields.iter().map(field).collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(python).collect();
            format!("[{}]", items.join(","))
        }
        Value::Number(number) if number.is_f64() => float(number.as_f64().unwrap_or(0.0)),
        other => other.to_string(),
    }
}

/// The shortest digits that name the float, with an exponent below 1e-4 and from 1e16.
fn float(number: f64) -> String {
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..16).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        _ => format!("{number:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::float;

    #[test]
    fn floats_have_pythons_digits_and_exponents() {
        for (number, text) in [
            (0.0, "0.0"),
            (100.0, "100.0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (3.15e-5, "3.15e-05"),
            (1e-4, "0.0001"),
            (1e-7, "1e-07"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e21, "1.5e+21"),
            (-2.5e-10, "-2.5e-10"),
        ] {
            assert_eq!(float(number), text);
        }
    }
}
