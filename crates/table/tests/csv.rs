//! What is written as CSV, read again.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

mod full;

use callmux_core::{Call, Named};
use callmux_table::{COLUMNS, CsvWriter, DEFAULT_TABLE, column};
use proptest::prelude::*;

use full::full_call;

/// The header and the rows, as any reader of CSV sees them.
fn read(bytes: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(bytes);
    let texts = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let header = texts(reader.headers().unwrap());
    let rows = reader.records().map(|record| texts(&record.unwrap())).collect();
    (header, rows)
}

fn written(calls: &[Call]) -> Vec<u8> {
    let mut csv = CsvWriter::new(Vec::new()).unwrap();
    for call in calls {
        csv.write(call).unwrap();
    }
    csv.finish().unwrap()
}

#[test]
fn every_cell_reads_back() {
    let calls = [full_call(), Call::new("example", "main", "42")];
    let (header, rows) = read(&written(&calls));
    let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    assert_eq!(header, names);
    assert_eq!(rows.len(), calls.len());
    for (row, call) in rows.iter().zip(&calls) {
        assert_eq!(row.len(), COLUMNS.len());
        for (text, column) in row.iter().zip(COLUMNS) {
            assert_eq!(*text, column.cell(call).to_string(), "{}", column.name);
        }
    }
    assert_eq!(rows[1].iter().filter(|text| !text.is_empty()).count(), 6);
}

#[test]
fn no_call_is_a_header() {
    let bytes = written(&[]);
    assert_eq!(read(&bytes).1.len(), 0);
    assert!(bytes.starts_with(b"vendor,account,id,") && bytes.ends_with(b"\n"));
}

#[test]
fn chosen_columns_in_their_order() {
    let mut csv = CsvWriter::with_columns(Vec::new(), DEFAULT_TABLE.iter().copied()).unwrap();
    csv.write(&full_call()).unwrap();
    csv.flush().unwrap();
    let text = String::from_utf8(csv.finish().unwrap()).unwrap();
    assert_eq!(
        text,
        "placed_at,vendor,account,status,direction,customer,agent,talk_seconds,price\n\
         2026-01-05T10:00:00Z,example,main,completed,outbound,+15550100100,Sales,63.5,1.30 USD\n"
    );
}

#[test]
fn hostile_names_stay_in_their_cells_and_are_no_formula() {
    let mut call = full_call();
    call.agent =
        Named::of(Some("@12".into()), Some("=HYPERLINK(\"http://evil\",\"x\")\n,\"".into()));
    call.summary = Some("-1+cmd|' /C calc'!A0".into());
    let (header, rows) = read(&written(&[call.clone(), call]));
    let text = |name: &str| {
        let index = header.iter().position(|column| column == name).unwrap();
        rows[1][index].as_str()
    };
    assert_eq!(rows.len(), 2);
    assert_eq!(text("agent_id"), "'@12");
    assert_eq!(text("agent_name"), "'=HYPERLINK(\"http://evil\",\"x\")\n,\"");
    assert_eq!(text("summary"), "'-1+cmd|' /C calc'!A0");
    assert_eq!(text("customer_number"), "+15550100100");
}

#[test]
fn debug_shows_no_row() {
    let mut csv = CsvWriter::new(Vec::new()).unwrap();
    csv.write(&full_call()).unwrap();
    assert_eq!(format!("{csv:?}"), format!("CsvWriter {{ columns: {}, .. }}", COLUMNS.len()));
}

proptest! {
    #[test]
    fn any_text_stays_one_cell_and_never_begins_like_a_formula(texts in prop::collection::vec(any::<String>(), 1..5)) {
        let columns = ["id", "summary", "cost"].map(|name| *column(name).unwrap());
        let mut csv = CsvWriter::with_columns(Vec::new(), columns).unwrap();
        for text in &texts {
            let mut call = Call::new("example", "main", "1");
            call.summary = Some(format!("={text}"));
            csv.write(&call).unwrap();
            call.summary = Some(text.clone());
            csv.write(&call).unwrap();
        }
        let (_, rows) = read(&csv.finish().unwrap());
        prop_assert_eq!(rows.len(), texts.len() * 2);
        for (pair, text) in rows.chunks(2).zip(&texts) {
            prop_assert_eq!(&pair[0], &["1".to_owned(), format!("'={text}"), String::new()]);
            prop_assert_eq!(pair[1][1].strip_prefix('\'').unwrap_or(&pair[1][1]), text.strip_prefix('\'').unwrap_or(text));
        }
    }
}
