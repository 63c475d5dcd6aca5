//! What is held against the page.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::figures;

/// What a browser sees of the page.
pub(crate) const LOOK: &str = r#"
const figures = row => [...row.querySelectorAll('[data-field]')].map(cell => ({
    field: cell.dataset.field, value: cell.dataset.value ?? null,
    side: cell.dataset.side ?? null, vendor: cell.dataset.vendor ?? null, shown: cell.innerText.trim(),
}));
const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
return {
    title: document.title,
    lang: document.documentElement.lang,
    headings: document.querySelectorAll('h1').length,
    scripts: document.querySelectorAll('script, iframe, object, embed, link, img').length,
    handlers: [...document.querySelectorAll('*')].filter(element => [...element.attributes].some(of => of.name.startsWith('on'))).length,
    repeated_ids: ids.filter((id, index) => ids.indexOf(id) !== index),
    width: document.documentElement.scrollWidth,
    screen: document.documentElement.clientWidth,
    text: document.body.innerText,
    charts: [...document.querySelectorAll('svg[data-chart]')].map(svg => ({
        chart: svg.dataset.chart,
        named: svg.getAttribute('role') === 'img' && !!svg.querySelector('title')?.textContent.trim(),
        marks: svg.querySelectorAll('.mark').length,
        seen: [...svg.querySelectorAll('.mark')].filter(mark => {
            const box = mark.getBoundingClientRect();
            return box.width > 0 || box.height > 0;
        }).length,
    })),
    tables: [...document.querySelectorAll('table[data-table]')].map(table => ({
        table: table.dataset.table, currency: table.dataset.currency ?? null,
        caption: table.caption?.innerText.trim() ?? '',
        rows: [...table.tBodies].flatMap(body => [...body.rows]).map(row => ({
            key: row.dataset.key ?? null, measure: row.dataset.measure ?? null,
            currency: row.dataset.currency ?? null, figures: figures(row),
        })),
    })),
};
"#;

#[derive(Debug, Deserialize)]
pub(crate) struct Look {
    title: String,
    lang: String,
    headings: usize,
    scripts: usize,
    handlers: usize,
    repeated_ids: Vec<String>,
    width: f64,
    screen: f64,
    pub(crate) text: String,
    charts: Vec<Chart>,
    tables: Vec<Table>,
}

#[derive(Debug, Deserialize)]
struct Chart {
    chart: String,
    named: bool,
    marks: usize,
    seen: usize,
}

#[derive(Debug, Deserialize)]
struct Table {
    table: String,
    currency: Option<String>,
    caption: String,
    rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    key: Option<String>,
    measure: Option<String>,
    currency: Option<String>,
    figures: Vec<Figure>,
}

#[derive(Debug, Deserialize)]
struct Figure {
    field: String,
    value: Option<String>,
    side: Option<String>,
    vendor: Option<String>,
    shown: String,
}

/// What the command answers in JSON, to the questions that the page answers.
pub(crate) struct Answers {
    pub(crate) vendors: Value,
    pub(crate) days: Value,
    pub(crate) agents: Value,
    pub(crate) campaigns: Value,
    pub(crate) comparison: Value,
    pub(crate) outliers: Value,
}

/// What is wrong with the page as one screen shows it.
pub(crate) fn layout(look: &Look) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |is_right: bool, what: String| {
        if !is_right {
            wrong.push(what);
        }
    };
    check(!look.title.trim().is_empty(), "it has no title".to_owned());
    check(look.lang == "en", format!("its language is {:?}", look.lang));
    check(look.headings == 1, format!("it has {} main headings", look.headings));
    check(look.scripts == 0, format!("it has {} scripts, frames or links", look.scripts));
    check(look.handlers == 0, format!("{} elements run something", look.handlers));
    check(look.repeated_ids.is_empty(), format!("ids that come twice: {:?}", look.repeated_ids));
    check(
        look.width <= look.screen,
        format!("it is {} wide on a screen of {}", look.width, look.screen),
    );
    for Chart { chart, named, marks, seen } in &look.charts {
        check(*named, format!("the chart {chart} has no name"));
        check(seen == marks, format!("the chart {chart} shows {seen} of {marks} marks"));
    }
    for Table { table, caption, .. } in &look.tables {
        check(!caption.is_empty(), format!("the table {table} has no caption"));
    }
    wrong
}

/// What the page should have charts of and has not.
pub(crate) fn missing_charts(look: &Look) -> Vec<String> {
    let drawn: BTreeSet<&str> =
        look.charts.iter().filter(|chart| chart.marks > 0).map(|of| of.chart.as_str()).collect();
    let wanted = ["days", "per-minute", "lengths"].into_iter();
    wanted.filter(|chart| !drawn.contains(chart)).map(|chart| format!("no chart {chart}")).collect()
}

/// The figures of the page that are not those of the JSON; and how many were held against it.
pub(crate) fn figures(look: &Look, answers: &Answers) -> (Vec<String>, usize) {
    let (mut wrong, mut held) = (Vec::new(), 0);
    for table in &look.tables {
        for row in &table.rows {
            for figure in &row.figures {
                let Some(candidates) = expected(table, row, figure, answers) else {
                    wrong.push(format!("{}: nothing is known of {}", table.table, figure.field));
                    continue;
                };
                held += 1;
                if !candidates.contains(&figure.value) {
                    wrong.push(format!(
                        "{} {:?} {}: {:?} on the page, {candidates:?} in JSON",
                        table.table, row.key, figure.field, figure.value
                    ));
                }
                let is_unknown = figure.value.is_none();
                let shows_zero = figure.shown.starts_with('0');
                if is_unknown && (shows_zero || figure.shown.is_empty()) {
                    wrong.push(format!(
                        "{} {}: unknown is shown as {:?}",
                        table.table, figure.field, figure.shown
                    ));
                }
            }
        }
        let rows = rows(table, answers);
        if rows.is_some_and(|rows| rows != table.rows.len()) {
            wrong.push(format!("{}: {} rows, {rows:?} in JSON", table.table, table.rows.len()));
        }
    }
    (wrong, held)
}

/// The groups of an answer that have this key.
fn groups<'a>(
    answer: &'a Value,
    dimension: &'a str,
    key: &'a str,
) -> impl Iterator<Item = &'a Value> {
    let groups = answer["groups"].as_array().into_iter().flatten();
    groups.filter(move |group| plain_key(&group["key"][dimension]) == key)
}

/// A key as the page writes it: an absent one is empty, and marks that could turn or break text are replaced.
fn plain_key(key: &Value) -> String {
    callmux_table::printable(key.as_str().unwrap_or_default()).into_owned()
}

/// What JSON has in the place of a figure: more than one answer where agents of two accounts have one id. `None` where nothing is
/// known of such a figure.
fn expected(
    table: &Table,
    row: &Row,
    figure: &Figure,
    answers: &Answers,
) -> Option<Vec<Option<String>>> {
    let currency = row.currency.as_deref().or(table.currency.as_deref());
    let key = row.key.as_deref().unwrap_or_default();
    let field = figure.field.as_str();
    let of_groups = |answer: &Value, dimension: &str| {
        groups(answer, dimension, key).map(|group| figures::group(group, currency, field)).collect()
    };
    let comparison = || {
        let all = answers.comparison["comparisons"].as_array()?.iter();
        all.into_iter().find(|of| of["currency"].as_str() == currency)
    };
    let side = |name: &str| {
        let mut sides = comparison()?["sides"].as_array()?.iter();
        sides.find(|side| plain_key(&side["key"]["vendor"]) == name)
    };
    let standouts = || answers.outliers["outliers"]["groups"].as_array().into_iter().flatten();
    let of_measure = |group: &&Value| {
        group["measure"].as_str() == row.measure.as_deref()
            && group["currency"].as_str() == currency
    };
    Some(match table.table.as_str() {
        "vendors" => of_groups(&answers.vendors, "vendor"),
        "days" => of_groups(&answers.days, "day"),
        "agents" => of_groups(&answers.agents, "agent"),
        "campaigns" => of_groups(&answers.campaigns, "campaign"),
        "components" => {
            let group = match &figure.vendor {
                None => &answers.vendors["overall"],
                Some(vendor) => groups(&answers.vendors, "vendor", vendor).next()?,
            };
            let name =
                if key == "unattributed" { key.to_owned() } else { format!("components.{key}") };
            match field {
                "share" => {
                    let mut parts = group["components"].as_array()?.iter();
                    let part = parts.find(|part| {
                        part["component"] == key && part["currency"].as_str() == currency
                    });
                    vec![part.and_then(|part| figures::plain(part, "share"))]
                }
                _ => vec![figures::group(group, currency, &name)],
            }
        }
        "comparison-sides" => vec![figures::side(side(key)?, field)],
        "comparison-buckets" => {
            let buckets = comparison()?["buckets"].as_array()?;
            let index = buckets.iter().position(|bucket| bucket["lengths"] == key)?;
            match &figure.side {
                None => vec![figures::plain(buckets.get(index)?, field)],
                Some(name) => vec![figures::plain(&side(name)?["buckets"][index], field)],
            }
        }
        "comparison-scope" => {
            let of = side(figure.side.as_deref()?)?["scope"].as_array()?.iter();
            let scope = of.into_iter().find(|of| of["component"] == key);
            vec![scope.map_or_else(|| Some("unknown".to_owned()), |of| figures::plain(of, "scope"))]
        }
        "outlier-groups" => {
            let group = standouts().filter(of_measure);
            let group = group.filter(|group| plain_key(&group["key"]["vendor"]) == key);
            group.map(|group| figures::plain(group, field)).collect()
        }
        "outliers" => {
            let group = standouts().filter(of_measure);
            let calls = group.flat_map(|group| {
                let calls = group["farthest"].as_array().into_iter().flatten();
                calls.map(move |call| (group, call))
            });
            let call = calls.filter(|(_, call)| plain_key(&call["id"]) == key);
            call.map(|(group, call)| {
                figures::plain(call, field).or_else(|| figures::plain(group, field))
            })
            .collect()
        }
        "certificate" => {
            let mut sources = answers.vendors["certificate"]["sources"].as_array()?.iter();
            vec![figures::plain(sources.find(|source| plain_key(&source["vendor"]) == key)?, field)]
        }
        "stuck" | "unbilled" => {
            vec![figures::plain(&answers.outliers["outliers"][&table.table], field)]
        }
        _ => return None,
    })
}

/// How many rows a table should have; `None` where that is for the page to choose.
fn rows(table: &Table, answers: &Answers) -> Option<usize> {
    let groups = |answer: &Value| answer["groups"].as_array().map(Vec::len);
    let has_one_currency =
        answers.vendors["overall"]["totals"].as_array().is_some_and(|totals| totals.len() <= 1);
    match table.table.as_str() {
        "vendors" if has_one_currency => groups(&answers.vendors),
        "days" if has_one_currency => groups(&answers.days),
        "agents" if has_one_currency => groups(&answers.agents).map(|groups| groups.min(10)),
        "certificate" => answers.vendors["certificate"]["sources"].as_array().map(Vec::len),
        _ => None,
    }
}
