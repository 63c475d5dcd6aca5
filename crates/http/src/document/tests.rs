//! A document read in parts is the document read at once, wherever it is cut.

use proptest::prelude::*;

use super::*;

type Read = (Vec<String>, Result<String, Unread>);

/// Reads a document that arrives in parts of these lengths, over and over.
fn read_in(parts: &[usize], rows_at: RowsAt, body: &[u8]) -> Read {
    let buffers = Buffers::default();
    let mut document = Document::new(rows_at, &buffers, 1);
    let mut rows: Vec<Box<RawValue>> = Vec::new();
    let (mut rest, mut lengths) = (body, parts.iter().cycle());
    while !rest.is_empty() {
        let length = lengths.next().copied().unwrap_or(usize::MAX).clamp(1, rest.len());
        let (part, after) = rest.split_at(length);
        document.push(part, &mut rows);
        rest = after;
    }
    let around = document.finish(&mut rows);
    (rows.iter().map(|row| row.get().to_owned()).collect(), around)
}

fn read(rows_at: RowsAt, body: &str) -> Read {
    read_in(&[usize::MAX], rows_at, body.as_bytes())
}

fn read_as(rows: &[&str], around: &str) -> Read {
    (rows.iter().map(|row| (*row).to_owned()).collect(), Ok(around.to_owned()))
}

const DATA: RowsAt = RowsAt::MemberOrKeyed("data");
const ITEMS: RowsAt = RowsAt::Member("items");

#[test]
fn rows_are_found_wherever_they_are_and_an_empty_list_takes_their_place() {
    for (rows_at, body, rows, around) in [
        (RowsAt::List, " [ {\"a\": [1]} ,2,\n\"]\"] ", &[r#"{"a": [1]}"#, "2", "\"]\""][..], "[]"),
        (RowsAt::List, "[]", &[], "[]"),
        (RowsAt::List, "[null]x", &["null"], "[]x"),
        (ITEMS, r#"[{}]"#, &["{}"], "[]"),
        (ITEMS, r#"{"items": [{}, []], "total": 7}"#, &["{}", "[]"], r#"{"items": [],"total": 7}"#),
        (ITEMS, r#"{"n": {"items": [1]}, "items":[]}"#, &[], r#"{"n": {"items": [1]},"items":[]}"#),
        (ITEMS, r#"{"items": {"0": {}}}"#, &[], r#"{"items": {"0": {}}}"#),
        (ITEMS, r#"{"items": null}"#, &[], r#"{"items": null}"#),
        (ITEMS, r#"{"it\u0065ms": [1]}"#, &["1"], r#"{"it\u0065ms": []}"#),
        (ITEMS, r#"{"items": [1], "items": [2]}"#, &["1", "2"], r#"{"items": [],"items": []}"#),
        (
            DATA,
            r#"{"data": {"2": {}, "1": 5}, "a": "}"}"#,
            &["{}", "5"],
            r#"{"data": [],"a": "}"}"#,
        ),
        (RowsAt::List, r#"{"data": [1]}"#, &[], r#"{"data": [1]}"#),
        (ITEMS, "7", &[], "7"),
        (ITEMS, " \n", &[], ""),
        (ITEMS, "{}", &[], "{}"),
    ] {
        assert_eq!(read(rows_at, body), read_as(rows, around), "{body}");
    }
}

#[test]
fn what_ends_too_early_is_cut_and_what_is_no_json_is_broken() {
    for (body, unread) in [
        ("[", Unread::Cut),
        ("[{", Unread::Cut),
        ("[{}", Unread::Cut),
        ("[{},", Unread::Cut),
        ("[12", Unread::Cut),
        (r#"{"items": [{"a": "]}"#, Unread::Cut),
        (r#"{"items": []"#, Unread::Cut),
        (r#"{"items": [], "total": 12"#, Unread::Cut),
        (r#"{"items""#, Unread::Cut),
        ("{", Unread::Cut),
        ("[}", Unread::Broken(1)),
        ("[{}}", Unread::Broken(3)),
        ("[{},]", Unread::Broken(4)),
        ("[1 2]", Unread::Broken(3)),
        ("[nul]", Unread::Broken(1)),
        (r#"{"items": [{}], }"#, Unread::Broken(16)),
        (r#"{"items" [1]}"#, Unread::Broken(1)),
        ("{7: 8}", Unread::Broken(1)),
    ] {
        assert_eq!(read(ITEMS, body).1, Err(unread), "{body}");
    }
}

#[test]
fn a_byte_that_is_no_text_is_replaced_and_nothing_else_is() {
    let body = b"[\"caf\xe9\", \"\xf0\x9f\x98\", \"\xf0\x9f\x98\x80 \xc3\xa9\"]\xc3";
    for part in 1..body.len() {
        let (rows, around) = read_in(&[part], RowsAt::List, body);
        assert_eq!(rows, ["\"caf\u{fffd}\"", "\"\u{fffd}\"", "\"😀 é\""], "{part}");
        assert_eq!(around.as_deref(), Ok("[]\u{fffd}"), "{part}");
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<i32>().prop_map(Into::into),
        "[a-z\"\\\\{}\\[\\],:é😀]{0,8}".prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Into::into),
            prop::collection::btree_map("[a-z]{0,5}", inner, 0..3)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn any_rows_are_found_however_the_document_arrives(
        rows in prop::collection::vec(any_json(), 0..6),
        before in any_json(),
        after in any_json(),
        parts in prop::collection::vec(1_usize..40, 1..5),
    ) {
        let rows: Vec<String> = rows.iter().map(ToString::to_string).collect();
        let body = format!(r#"{{"before":{before},"items":[{}],"after":{after}}}"#, rows.join(", "));
        let around = format!(r#"{{"before":{before},"items":[],"after":{after}}}"#);
        let read = read_in(&parts, ITEMS, body.as_bytes());
        prop_assert_eq!(read, (rows, Ok(around)));
    }

    #[test]
    fn any_bytes_are_read_alike_however_they_arrive(
        body in prop_oneof![
            "[\\[\\]{},:\"a1 \\\\]{0,24}".prop_map(String::into_bytes),
            r#"\{"items":[\[\]{},:"a1]{0,16}"#.prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..24),
        ],
        parts in prop::collection::vec(1_usize..9, 1..5),
    ) {
        prop_assert_eq!(read_in(&parts, ITEMS, &body), read_in(&[usize::MAX], ITEMS, &body));
    }
}
