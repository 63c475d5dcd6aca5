//! What an earlier run of a listing knew, carried into the certificate of a later one.

use callmux::{Certificate, Reason, SourceReport, Verdict};

/// A certificate, with the reasons that earlier runs had up to the place from which this one went on.
pub(crate) fn with_earlier(certificate: &Certificate, earlier: &[Reason]) -> Certificate {
    let mut whole = certificate.clone();
    // Before the end of a listing such rows are counted, and no reason yet.
    for reason in certificate.sources.iter().filter_map(rejected) {
        if !whole.reasons.contains(&reason) {
            whole.reasons.push(reason);
        }
    }
    for reason in earlier.iter().filter(|reason| is_lasting(reason)) {
        let added_up = whole.reasons.iter_mut().any(|known| add_rows(known, reason));
        if !added_up && !whole.reasons.contains(reason) {
            whole.reasons.push(reason.clone());
        }
    }
    if !whole.reasons.is_empty() {
        whole.verdict = Verdict::Incomplete;
    }
    whole
}

/// An error ended its run, and the next goes on from there; a source that a federation left out is named again by the cursor.
pub(crate) fn is_lasting(reason: &Reason) -> bool {
    !matches!(reason, Reason::NotFinished | Reason::Failed { .. })
}

fn rejected(source: &SourceReport) -> Option<Reason> {
    let SourceReport { vendor, account, rejected: rows, .. } = source.clone();
    (rows > 0).then_some(Reason::RejectedRows { vendor, account, rows })
}

/// Adds rows of one source up.
fn add_rows(known: &mut Reason, reason: &Reason) -> bool {
    let Reason::RejectedRows { vendor, account, rows } = known else { return false };
    match reason {
        Reason::RejectedRows { vendor: of, account: at, rows: more }
            if (of, at) == (vendor, account) =>
        {
            *rows = rows.saturating_add(*more);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(json: serde_json::Value) -> Certificate {
        serde_json::from_value(json).unwrap()
    }

    fn of(rejected: u64, verdict: &str, reasons: &serde_json::Value) -> Certificate {
        certificate(serde_json::json!({
            "verdict": verdict, "reasons": reasons, "limit_reached": false, "resumed": true,
            "sources": [{
                "vendor": "vapi", "account": "emea", "requests": 1, "retries": 0, "pages": 1, "rows": 9, "repeats": 0,
                "rejected": rejected, "filtered_here": 0, "met": 9, "order_repaired": 0, "order_late": 0,
            }],
        }))
    }

    fn rows(rows: u64) -> Reason {
        Reason::RejectedRows { vendor: "vapi".into(), account: "emea".into(), rows }
    }

    #[test]
    fn what_an_earlier_run_missed_is_missing_from_the_whole() {
        let complete = of(0, "complete", &serde_json::json!([]));
        assert!(with_earlier(&complete, &[]).is_complete());
        let whole = with_earlier(&complete, &[rows(2)]);
        assert_eq!((whole.verdict, whole.reasons), (Verdict::Incomplete, vec![rows(2)]));
    }

    #[test]
    fn rows_are_counted_before_the_end_and_added_up() {
        let running = of(1, "incomplete", &serde_json::json!([{ "kind": "not_finished" }]));
        let whole = with_earlier(&running, &[rows(2), Reason::NotFinished]);
        assert_eq!(whole.reasons, vec![Reason::NotFinished, rows(3)]);
    }

    #[test]
    fn an_error_of_an_earlier_run_is_over() {
        let complete = of(0, "complete", &serde_json::json!([]));
        let error = serde_json::json!({ "kind": "failed", "vendor": "vapi", "error": "timeout", "message": "no answer" });
        assert!(with_earlier(&complete, &[serde_json::from_value(error).unwrap()]).is_complete());
    }
}
