use super::*;
use proptest::prelude::*;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Row {
    text: Text,
    whole: Whole,
    number: Number,
    flag: Flag,
    amount: Amount,
    object: Object,
    loose: Loose<Inner>,
    items: Items<Inner>,
}

#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default)]
struct Inner {
    amount: Amount,
}

fn row(field: &str, json: &str) -> Row {
    serde_json::from_str(&format!(r#"{{"{field}":{json},"text2":1}}"#)).unwrap()
}

#[test]
fn what_is_of_a_kind_is_read() {
    assert_eq!(row("text", r#""a""#).text.as_deref(), Some("a"));
    assert_eq!(row("text", "7").text.as_deref(), Some("7"));
    assert_eq!(row("text", "true").text.as_deref(), Some("true"));
    assert_eq!(row("whole", r#""480336""#).whole.0, Some(480_336));
    assert_eq!(row("whole", "15.0").whole.0, Some(15));
    assert_eq!(row("whole", "1.5").whole.0, None);
    assert_eq!(row("whole", "18446744073709551615").whole.0, None);
    assert_eq!(row("number", r#""8.5""#).number.0, Some(8.5));
    assert_eq!(row("flag", r#""false""#).flag.0, Some(false));
    assert_eq!(row("object", r#"["a"]"#).object.0.unwrap().get("0"), Some(&Value::from("a")));
}

#[test]
fn amounts_keep_every_digit() {
    for (json, expected) in [
        (r#""0.08000000""#, "0.08000000"),
        ("0.014204399999999999", "0.014204399999999999"),
        ("4.2e-7", "0.00000042"),
        ("1", "1"),
        ("123456789.123456789", "123456789.123456789"),
    ] {
        assert_eq!(row("amount", json).amount.exact().unwrap().to_string(), expected);
        let nested = row("items", &format!(r#"[{{"amount":{json}}}]"#)).items.0;
        assert_eq!(nested[0].amount.exact().unwrap().to_string(), expected);
    }
    for json in ["null", r#""""#, "{}", "[ ]"] {
        assert_eq!(row("amount", json).amount, Amount::Absent);
    }
    for json in [r#""free""#, "true", r#"{"a":1}"#, "[1]", "1e999"] {
        assert!(row("amount", json).amount.unreadable().is_some(), "{json}");
    }
}

#[test]
fn an_item_of_another_kind_costs_only_itself() {
    let items = row("items", r#"[null, {"amount":1}, "x", 3, [], {"amount":{}}]"#).items.0;
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].amount, Amount::Exact(Decimal::ONE));
}

/// Any JSON, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}|amount", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_in_a_field_loses_the_row(json in any_json()) {
        for field in ["text", "whole", "number", "flag", "amount", "object", "loose", "items"] {
            let text = format!(r#"{{"{field}":{json}}}"#);
            prop_assert!(serde_json::from_str::<Row>(&text).is_ok(), "{}", text);
        }
    }

    #[test]
    fn absent_forms_are_absent(form in prop_oneof![Just("null"), Just("\"\""), Just("{}"), Just("[]")]) {
        prop_assert!(row("text", form).text.0.is_none());
        prop_assert!(row("whole", form).whole.0.is_none());
        prop_assert!(row("number", form).number.0.is_none());
        prop_assert!(row("object", form).object.0.is_none());
        prop_assert!(row("items", form).items.0.is_empty());
    }
}

#[test]
fn two_numbers_never_become_one_text() {
    for number in ["18446744073709551616", "18446744073709551617", "1e300"] {
        assert_eq!(row("text", number).text.as_deref(), None, "{number}");
    }
    assert_eq!(row("text", "18446744073709551615").text.as_deref(), Some("18446744073709551615"));
    assert_eq!(row("text", "-1.5").text.as_deref(), Some("-1.5"));
}

#[test]
fn a_word_is_a_short_text_and_nothing_else() {
    for (json, word) in [
        (r#""bot""#, Some("bot")),
        (r#""caf\u00e9""#, Some("café")),
        (r#""""#, None),
        (r#""twenty-three bytes long""#, Some("twenty-three bytes long")),
        (r#""twenty-four bytes long..""#, None),
        ("7", None),
        ("null", None),
        (r#"["bot"]"#, None),
    ] {
        assert_eq!(serde_json::from_str::<Word>(json).unwrap().as_deref(), word, "{json}");
    }
}
