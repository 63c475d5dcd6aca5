//! Texts of a query as pydantic, which the server is built on, reads them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _};

/// An integer as pydantic reads it from a text: `+10`, `1_0` and `10.0` are some.
pub(super) fn integer(text: &str) -> Option<i128> {
    let text = text.trim();
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
            whole
        }
        Some(_) => return None,
        None => text,
    };
    let digits = whole.strip_prefix(['+', '-']).unwrap_or(whole);
    if digits.split('_').any(|part| part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    whole.replace('_', "").parse().ok()
}

/// An instant as pydantic reads it from a text, cut to the microsecond, and whether it named its zone.
pub(super) fn instant(text: &str) -> Result<(NaiveDateTime, bool), &'static str> {
    const OUTSIDE: &str = "day value is outside expected range";
    const EXTRA: &str = "unexpected extra characters at the end of the input";
    if let Ok(number) = text.parse::<f64>() {
        // Beyond the year 2603 seconds are taken for milliseconds.
        let seconds = if number.abs() > 2e10 { number / 1000.0 } else { number };
        let micros = (seconds * 1e6).round() as i64;
        let instant = DateTime::from_timestamp_micros(micros).ok_or(OUTSIDE)?;
        return Ok((instant.naive_utc(), true));
    }
    let (date, rest) = text.split_at_checked(10).ok_or("input is too short")?;
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").map_err(|_| OUTSIDE)?;
    if rest.is_empty() {
        return Ok((date.and_time(NaiveTime::MIN), false));
    }
    let time = rest.strip_prefix(['T', 't', ' ', '_']).ok_or(EXTRA)?;
    let (time, offset) = match time.find(['Z', 'z', '+', '-']) {
        None => (time, None),
        Some(at) => {
            let (time, zone) = time.split_at(at);
            (time, Some(offset(zone).ok_or(EXTRA)?))
        }
    };
    let time = time.replace(',', ".");
    let fraction = time.split_once('.').map(|(_, fraction)| fraction.len());
    let read = |format| NaiveTime::parse_from_str(&time, format);
    let time = read("%H:%M:%S%.f").or_else(|_| read("%H:%M")).map_err(|_| EXTRA)?;
    if time.nanosecond() >= 1_000_000_000 || fraction.is_some_and(|digits| digits > 9) {
        return Err(EXTRA);
    }
    let time = time.with_nanosecond(time.nanosecond() / 1000 * 1000).unwrap_or(time);
    let local = date.and_time(time);
    Ok((local - offset.unwrap_or_default(), offset.is_some()))
}

/// `Z`, or hours and minutes with or without a colon.
fn offset(zone: &str) -> Option<TimeDelta> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(TimeDelta::zero());
    }
    let digits = zone.get(1..)?.replace(':', "");
    let number = |part: Option<&str>| part?.parse::<i64>().ok();
    let minutes = number(digits.get(..2))? * 60 + number(digits.get(2..).filter(|m| m.len() == 2))?;
    Some(TimeDelta::minutes(if zone.starts_with('-') { -minutes } else { minutes }))
}
