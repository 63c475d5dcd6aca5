//! What the page holds, for honest and for hostile calls.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail as tests may"
)]

use std::time::Duration;

use callmux_core::{
    Call, CallProviderExt, CallStatus, Certificate, Component, Cost, CostLine, CostScope, Currency,
    Decimal, ErrorKind, MemoryProvider, Money, Named, Reason, Verdict,
};
use callmux_costs::{Comparer, Conversion, Converter, Dimension, Report, Unsupported, Watch, Zone};
use callmux_page::Page;
use chrono::{DateTime, TimeDelta, Utc};
use roxmltree::{Document, Node, ParsingOptions};
use serde_json::Value;

const NOW: &str = "2026-10-01T08:30:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

/// A certificate of a listing that was read to its end.
fn whole() -> Certificate {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut listing =
            std::sync::Arc::new(MemoryProvider::new([])).calls(callmux_core::CallFilter::new());
        while listing.next().await.is_some() {}
        listing.certificate().clone()
    })
}

fn report(dimension: Dimension, calls: &[Call]) -> Report {
    let mut report = Report::new([dimension]);
    calls.iter().for_each(|call| report.add(call).unwrap());
    report
}

fn page_of(title: &str, calls: &[Call], conversion: Option<&Conversion>) -> String {
    certified(title, calls, conversion, &whole())
}

fn certified(
    title: &str,
    calls: &[Call],
    conversion: Option<&Conversion>,
    certificate: &Certificate,
) -> String {
    let mut comparer = Comparer::new(Dimension::Vendor);
    let mut watch = Watch::new([Dimension::Vendor], now());
    for call in calls {
        comparer.add(call).unwrap();
        watch.add(call);
    }
    let page = Page {
        title,
        filter: &[title.to_owned()],
        made_at: now(),
        zone: &Zone::utc(),
        by_vendor: &report(Dimension::Vendor, calls),
        by_day: &report(Dimension::Day, calls),
        by_agent: &report(Dimension::Agent, calls),
        by_campaign: &report(Dimension::Campaign, calls),
        comparisons: &comparer.comparisons().unwrap(),
        outliers: &watch.outliers().unwrap(),
        conversion,
        certificate,
    };
    page.html().unwrap()
}

/// A page that keeps what every page promises.
fn page(calls: &[Call]) -> String {
    let html = page_of("Calls", calls, None);
    check(&html);
    html
}

fn money(amount: &str, currency: Currency) -> Money {
    Money::new(amount.parse().unwrap(), currency)
}

fn usd(amount: &str) -> Money {
    money(amount, Currency::USD)
}

fn call(vendor: &str, id: usize, seconds: u64, cost: Cost) -> Call {
    let mut call = Call::new(vendor, vendor, id.to_string());
    call.placed_at = Some(now() - TimeDelta::hours(30) - TimeDelta::hours(id as i64 % 72));
    call.status = CallStatus::Completed.into();
    call.durations.talk = Some(Duration::from_secs(seconds));
    call.cost = cost;
    call
}

fn itemised(total: Money, lines: &[(Component, &str)]) -> Cost {
    let mut cost = Cost::reported(total);
    cost.scope = CostScope::new([Component::Platform], []);
    for (component, amount) in lines {
        cost.lines.push(CostLine::new(*component, "line", money(amount, total.currency)));
    }
    cost
}

/// Two vendors with calls of many lengths, enough to be compared.
fn business() -> Vec<Call> {
    let mut calls = Vec::new();
    for (vendor, price) in [("dear", 12), ("cheap", 8)] {
        for id in 0..120usize {
            let seconds = 20 + (id as u64 % 12) * 40;
            let total = Decimal::new(price, 2) * Decimal::from(seconds) / Decimal::from(60);
            let total = Money::usd(total.round_dp(6));
            let cost = itemised(total, &[(Component::Llm, "0.01"), (Component::Platform, "0.005")]);
            calls.push(call(vendor, id, seconds, cost));
        }
    }
    calls
}

fn parsed<T>(html: &str, look: impl FnOnce(&Document<'_>) -> T) -> T {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(html, options)
        .unwrap_or_else(|error| panic!("not well formed: {error}"));
    look(&document)
}

fn has_class(node: Node<'_, '_>, class: &str) -> bool {
    node.attribute("class").is_some_and(|classes| classes.split(' ').any(|one| one == class))
}

/// Well formed, nothing from elsewhere, nothing that runs, and named for those who hear it.
fn check(html: &str) {
    parsed(html, |document| {
        let ids: Vec<&str> =
            document.descendants().filter_map(|node| node.attribute("id")).collect();
        let mut different = ids.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), ids.len(), "an id occurs twice");
        for node in document.descendants().filter(Node::is_element) {
            let name = node.tag_name().name();
            let forbidden =
                ["script", "iframe", "img", "link", "object", "embed", "form", "base", "image"];
            assert!(!forbidden.contains(&name), "{name}");
            for attribute in node.attributes() {
                let (name, value) = (attribute.name(), attribute.value());
                assert!(!name.starts_with("on"), "{name}");
                assert!(!["src", "srcset", "xlink:href", "action"].contains(&name), "{name}");
                if name == "href" {
                    assert!(value.starts_with('#'), "{value}");
                }
                if ["fill", "style", "stroke"].contains(&name) {
                    assert!(!value.contains("url(") || value.starts_with("url(#"), "{value}");
                }
                if ["aria-labelledby", "href"].contains(&name) {
                    for id in value.split(' ').map(|id| id.trim_start_matches('#')) {
                        assert!(ids.contains(&id), "nothing has the id {id}");
                    }
                }
            }
            match name {
                "html" => assert_eq!(node.attribute("lang"), Some("en")),
                "svg" if node.attribute("role") == Some("img") => {
                    assert!(node.children().any(|child| child.has_tag_name("title")));
                    assert!(node.children().any(|child| child.has_tag_name("desc")));
                }
                "th" => assert!(node.attribute("scope").is_some()),
                "table" => assert!(node.children().any(|child| child.has_tag_name("caption"))),
                _ => {}
            }
        }
        let rank = |node: Node<'_, '_>| {
            let name = node.tag_name().name();
            name.strip_prefix('h').and_then(|rank| rank.parse::<u8>().ok())
        };
        let ranks: Vec<u8> = document.descendants().filter_map(rank).collect();
        assert_eq!(ranks.iter().filter(|rank| **rank == 1).count(), 1);
        assert!(ranks.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{ranks:?}");
        let controls = |text: &str| {
            text.chars().any(|one| {
                matches!(one, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
                    || (one.is_control() && one != '\n')
            })
        };
        assert!(!controls(html), "a control character is left");
    });
    let style = html.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    for outside in ["url(", "@import", "http:", "https:", "//", "@font-face"] {
        assert!(!style.contains(outside), "{outside}");
    }
}

/// The exact value of a field in the row of a key.
fn value(html: &str, table: &str, key: &str, field: &str) -> Option<String> {
    parsed(html, |document| {
        let table = document
            .descendants()
            .find(|node| node.attribute("data-table") == Some(table))
            .unwrap_or_else(|| panic!("no table {table}"));
        let row = table
            .descendants()
            .find(|node| node.attribute("data-key") == Some(key))
            .unwrap_or_else(|| panic!("no row {key}"));
        let cell = row.descendants().find(|node| node.attribute("data-field") == Some(field));
        cell.unwrap_or_else(|| panic!("no {field}")).attribute("data-value").map(str::to_owned)
    })
}

fn rows(html: &str, table: &str) -> usize {
    parsed(html, |document| {
        let tables =
            document.descendants().filter(|node| node.attribute("data-table") == Some(table));
        tables
            .flat_map(|table| table.descendants())
            .filter(|node| node.has_attribute("data-key"))
            .count()
    })
}

fn marks(html: &str, chart: &str) -> usize {
    parsed(html, |document| {
        let charts =
            document.descendants().filter(|node| node.attribute("data-chart") == Some(chart));
        charts.flat_map(|chart| chart.descendants()).filter(|node| has_class(*node, "mark")).count()
    })
}

#[test]
fn a_page_of_a_business_has_every_section_and_exact_figures() {
    let calls = business();
    let html = page(&calls);
    let vendors = report(Dimension::Vendor, &calls).groups().unwrap();
    for group in &vendors {
        let vendor = group.key.value(Dimension::Vendor).unwrap();
        let exact = |field| value(&html, "vendors", vendor, field).unwrap();
        assert_eq!(exact("total"), group.totals.iter().next().unwrap().amount.to_string());
        assert_eq!(exact("per_minute"), group.per_minute[0].amount.unwrap().to_string());
        assert_eq!(exact("calls"), "120");
        assert_eq!(exact("coverage"), "1");
        assert_eq!(exact("seconds"), group.seconds.as_secs().to_string());
    }
    let days = report(Dimension::Day, &calls).groups().unwrap();
    assert_eq!(rows(&html, "days"), days.len());
    // Two components and what is not itemised, each day.
    assert_eq!(marks(&html, "days"), days.len() * 3);
    // Each side has a plain and an adjusted figure, and calls in four lengths.
    assert_eq!(marks(&html, "per-minute"), 4);
    let mut comparer = Comparer::new(Dimension::Vendor);
    calls.iter().for_each(|call| comparer.add(call).unwrap());
    let comparison = &comparer.comparisons().unwrap()[0];
    assert_eq!(rows(&html, "comparison-buckets"), comparison.buckets.len());
    let filled = comparison.sides.iter().flat_map(|side| &side.buckets).filter(|of| of.calls > 0);
    assert_eq!(marks(&html, "lengths"), filled.count());

    let adjusted = comparison.sides[0].mix_adjusted.unwrap();
    let side = comparison.sides[0].key.value(Dimension::Vendor).unwrap();
    for (field, exact) in
        [("amount", Some(adjusted.amount)), ("low", adjusted.low), ("high", adjusted.high)]
    {
        let shown = value(&html, "comparison-sides", side, &format!("mix_adjusted.{field}"));
        assert_eq!(shown, exact.map(|exact| exact.to_string()));
    }
    assert!(html.contains(&comparison.pairs[0].sentence));
    assert_eq!(value(&html, "components", "llm", "amount").as_deref(), Some("2.4"));
    assert!(html.contains("✓ Complete."));
}

#[test]
fn no_call_is_a_page_too() {
    let html = page(&[]);
    assert!(html.contains("No call matches."));
    assert!(html.contains("no cost is known"));
    assert!(!html.contains("0.0000"));
    assert_eq!(marks(&html, "days"), 0);
}

#[test]
fn one_call_is_compared_with_nothing() {
    let html = page(&[call("only", 1, 90, Cost::reported(usd("0.1035")))]);
    assert_eq!(value(&html, "vendors", "only", "total").as_deref(), Some("0.1035"));
    assert_eq!(value(&html, "vendors", "only", "per_minute").as_deref(), Some("0.069"));
    assert_eq!(marks(&html, "days"), 1);
    assert_eq!(
        value(&html, "comparison-sides", "only", "unsupported"),
        Some(Unsupported::TooFewCalls { counted: 1 }.to_string())
    );
}

#[test]
fn what_is_not_known_is_a_dash_and_never_zero() {
    let calls: Vec<Call> = (0..40).map(|id| call("late", id, 60, Cost::pending())).collect();
    let html = page(&calls);
    for field in ["total", "per_minute", "per_connected", "median"] {
        assert_eq!(value(&html, "vendors", "late", field), None, "{field}");
    }
    assert_eq!(value(&html, "vendors", "late", "coverage").as_deref(), Some("0"));
    assert!(!html.contains("0.0000"));
    assert!(html.contains("not known"));
    assert_eq!(rows(&html, "unbilled"), 20);
    assert_eq!(marks(&html, "days"), 0);
}

#[test]
fn a_day_whose_costs_are_not_all_known_is_marked_and_bounded() {
    let mut calls: Vec<Call> =
        (0..4).map(|id| call("a", id, 60, Cost::reported(usd("0.10")))).collect();
    calls[3].cost = Cost::pending();
    calls.iter_mut().for_each(|call| call.placed_at = Some(now()));
    let html = page(&calls);
    parsed(&html, |document| {
        let chart = document
            .descendants()
            .find(|node| node.attribute("data-chart") == Some("days"))
            .unwrap();
        assert_eq!(chart.descendants().filter(|node| has_class(*node, "incomplete")).count(), 1);
        let bound = |field: &str| {
            let node =
                document.descendants().find(|node| node.attribute("data-field") == Some(field));
            node.unwrap().attribute("data-value").unwrap().to_owned()
        };
        assert_eq!([bound("at_least"), bound("at_most")], ["0.3", "0.4"]);
    });
    assert_eq!(value(&html, "days", "2026-10-01", "coverage").as_deref(), Some("0.75"));
}

#[test]
fn two_currencies_are_never_added() {
    let mut calls = business();
    calls.extend(
        (0..50).map(|id| call("euro", id, 60, Cost::reported(money("0.2", Currency::EUR)))),
    );
    let html = page(&calls);
    for table in ["vendors", "days", "components", "agents"] {
        let currencies: Vec<String> = parsed(&html, |document| {
            let tables =
                document.descendants().filter(|node| node.attribute("data-table") == Some(table));
            tables.map(|table| table.attribute("data-currency").unwrap().to_owned()).collect()
        });
        assert_eq!(currencies, ["EUR", "USD"], "{table}");
    }
    assert_eq!(value(&html, "vendors", "euro", "total").as_deref(), Some("10"));
}

#[test]
fn amounts_below_zero_are_drawn_below_the_axis() {
    let cost = itemised(usd("1"), &[(Component::Llm, "1.5"), (Component::Telephony, "-0.2")]);
    let html =
        page(&[call("refund", 1, 60, cost), call("refund", 2, 60, Cost::reported(usd("-3")))]);
    parsed(&html, |document| {
        let chart = document
            .descendants()
            .find(|node| node.attribute("data-chart") == Some("days"))
            .unwrap();
        let number = |node: Node<'_, '_>, name: &str| -> f64 {
            node.attribute(name).unwrap().parse().unwrap()
        };
        let zero = chart.children().find(|node| has_class(*node, "zero")).unwrap();
        let zero = number(zero, "y1");
        let marks: Vec<_> = chart.descendants().filter(|node| has_class(*node, "mark")).collect();
        let below = marks.iter().filter(|mark| number(**mark, "y") >= zero - 0.01).count();
        let above = marks
            .iter()
            .filter(|mark| number(**mark, "y") + number(**mark, "height") <= zero + 0.01)
            .count();
        assert!(below >= 2 && above == 1, "{below} below, {above} above");
        assert!(marks.iter().all(|mark| number(*mark, "height") > 0.0));
    });
    assert_eq!(value(&html, "vendors", "refund", "total").as_deref(), Some("-2"));
}

#[test]
fn hostile_names_stay_text() {
    let long = "x".repeat(10_000);
    let hostile = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'onmouseover='alert(1)",
        "=cmd()",
        "two\nlines\r\n",
        "invoice\u{202e}fdp.exe",
        "\u{2066}\u{200f}\u{1b}[31m\0",
        "</style></title></table>&amp;&lt;",
        "]]>--><!--",
        "javascript:alert(1)",
        "http://example.org/x.png",
        "שלום",
        "",
        long.as_str(),
    ];
    let mut calls = Vec::new();
    for (index, name) in hostile.iter().enumerate() {
        for id in 0..40usize {
            let mut one = call(name, id, 30 + (id as u64) * 15, Cost::reported(usd("0.2")));
            one.account = (*name).into();
            one.id = format!("{name}{id}").into();
            one.agent = Named::of(Some((*name).to_owned()), Some((*name).to_owned()));
            one.campaign = Named::of(None, Some((*name).to_owned()));
            one.cost.lines = vec![
                CostLine::new(Component::Llm, *name, usd("0.1"))
                    .with_model(Some((*name).to_owned())),
            ];
            if index % 2 == 0 {
                one.cost.scope = CostScope::new([Component::Llm], [Component::Telephony]);
            } else {
                one.cost.scope = CostScope::new([Component::Llm, Component::Telephony], []);
            }
            if id == 0 {
                one.status = CallStatus::InProgress.into();
                one.cost = Cost::pending();
            }
            calls.push(one);
        }
    }
    for name in hostile {
        let html = page_of(name, &calls, None);
        check(&html);
        assert!(html.len() < 3_000_000, "{} bytes", html.len());
        // A long name is shown in short, though programs see all of it.
        parsed(&html, |document| {
            let longest =
                document.descendants().filter(Node::is_text).filter_map(|node| node.text());
            let longest = longest
                .filter(|text| text.contains("xxxx"))
                .filter(|text| *text != long)
                .map(str::len)
                .max();
            assert!(longest.is_none_or(|longest| longest < 800), "{longest:?}");
        });
    }
}

#[test]
fn of_ten_thousand_agents_the_ten_dearest_are_shown() {
    let calls: Vec<Call> = (0..10_000usize)
        .map(|id| {
            let cost = Cost::reported(Money::usd(Decimal::new(id as i64, 4)));
            let mut one = call("many", id, 60, cost);
            one.agent = Named::of(Some(format!("agent-{id}")), None);
            one
        })
        .collect();
    let html = page(&calls);
    assert_eq!(rows(&html, "agents"), 10);
    assert_eq!(value(&html, "agents", "agent-9999", "total").as_deref(), Some("0.9999"));
    assert!(html.contains("9\u{202f}990 more are not shown."));
    assert!(html.len() < 500_000, "{} bytes", html.len());
}

#[test]
fn four_hundred_days_and_a_call_without_one() {
    let mut calls: Vec<Call> = (0..400usize)
        .map(|id| {
            let mut one = call("daily", id, 60, Cost::reported(usd("0.5")));
            one.placed_at = Some(now() - TimeDelta::days(id as i64));
            one
        })
        .collect();
    calls.remove(200);
    calls[0].placed_at = None;
    let html = page(&calls);
    // One day has no call, and one call no day.
    assert_eq!(marks(&html, "days"), 398);
    assert_eq!(rows(&html, "days"), 399);
    assert!(html.contains("1 call has no known day"));
    assert_eq!(value(&html, "days", "", "total").as_deref(), Some("0.5"));
}

#[test]
fn conversions_are_accounted_for() {
    let rates = ["EUR=1.08@2026-09-01".parse().unwrap()];
    let mut converter = Converter::new(Currency::USD, rates, Zone::utc()).unwrap();
    let calls = [
        call("a", 1, 60, Cost::reported(money("2", Currency::EUR))),
        call("a", 2, 60, Cost::reported(money("3", "GBP".parse().unwrap()))),
    ];
    let calls: Vec<Call> =
        calls.iter().map(|call| converter.convert(call).unwrap().into_owned()).collect();
    let html = page_of("Converted", &calls, Some(&converter.conversion()));
    check(&html);
    assert_eq!(value(&html, "conversion", "EUR", "rate").as_deref(), Some("1.08"));
    assert_eq!(value(&html, "conversion", "EUR", "amount").as_deref(), Some("2"));
    assert!(html.contains("3.0000 GBP"));
}

#[test]
fn a_listing_that_may_lack_calls_says_so_first_and_why() {
    let mut certificate = whole();
    certificate.verdict = Verdict::Incomplete;
    let message = "<b>\u{202e}bad\u{7}</b>\nanswer".to_owned();
    let (vendor, account, error) = (None, None, ErrorKind::Unavailable);
    certificate.reasons =
        vec![Reason::NotFinished, Reason::Failed { vendor, account, error, message }];
    let html = certified("Calls", &business(), None, &certificate);
    check(&html);
    let warned = html.find("This listing is not known to be complete.").unwrap();
    assert!(warned < html.find("Total spent").unwrap());
    assert!(html.contains("the listing was not read to its end"));
    assert!(html.contains("&lt;b&gt;\u{fffd}bad\u{fffd}&lt;/b&gt; answer"));
    assert!(!html.contains("✓ Complete."));
}

#[test]
fn calls_that_stand_out_or_never_end_are_named() {
    let mut calls = business();
    calls[7].cost = Cost::reported(usd("99"));
    calls[7].id = "the-dear-one".into();
    calls[9].status = CallStatus::InProgress.into();
    calls[9].id = "the-stuck-one".into();
    calls[11].cost = Cost::pending();
    calls[11].id = "the-unbilled-one".into();
    let html = page(&calls);
    assert!(value(&html, "outliers", "the-dear-one", "value").is_some());
    assert!(value(&html, "outliers", "the-dear-one", "high").is_some());
    assert_eq!([rows(&html, "outliers"), rows(&html, "stuck"), rows(&html, "unbilled")], [1, 1, 1]);
    assert!(
        html.contains("data-key=\"the-stuck-one\"")
            && html.contains("data-key=\"the-unbilled-one\"")
    );
}

#[test]
fn programs_read_what_json_writes() {
    let mut calls = business();
    calls.iter_mut().for_each(|call| {
        call.durations.talk = call.durations.talk.map(|talk| talk + Duration::from_micros(30_700));
    });
    let html = page(&calls);
    let text = |json: &Value| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    for group in report(Dimension::Vendor, &calls).groups().unwrap() {
        let json = serde_json::to_value(&group).unwrap();
        let key = json["key"]["vendor"].as_str().unwrap();
        for (field, json) in [
            ("calls", &json["calls"]),
            ("seconds", &json["seconds"]),
            ("total", &json["totals"][0]["amount"]),
            ("per_minute", &json["per_minute"][0]["amount"]),
            ("per_connected", &json["per_connected"][0]["amount"]),
            ("per_completed", &json["per_completed"][0]["amount"]),
            ("median", &json["quantiles"][0]["median"]),
            ("p95", &json["quantiles"][0]["p95"]),
            ("coverage", &json["coverage"]),
            ("coverage_by_seconds", &json["coverage_by_seconds"]),
        ] {
            assert_eq!(value(&html, "vendors", key, field), Some(text(json)), "{field}");
        }
    }
}

#[test]
fn a_small_page_as_a_whole() {
    let cost = itemised(usd("0.1035"), &[(Component::Llm, "0.06")]);
    let html = page(&[call("example", 1, 90, cost)]);
    let main = html.split("<main>").nth(1).unwrap().replace("><", ">\n<");
    insta::assert_snapshot!(main);
}
