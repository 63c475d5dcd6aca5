//! Which side is cheaper, what changed, what stands out; and answers to what can hardly be asked.

use serde_json::{Value, json};

use crate::support::{Answers, Sandbox, all, arguments, sources};

/// A listing of Vapi's that has just these rows.
fn vapi(rows: &Value) -> (Answers, String) {
    let answers = Answers::with("200 OK", "application/json", &rows.to_string());
    let source = format!("--source=vapi@http://{}", answers.address);
    (answers, source)
}

/// A call of Vapi's that was held for so many seconds, some day before today.
fn held(id: &str, seconds: u32, fields: &Value) -> Value {
    let mut row = json!({
        "id": id, "status": "ended", "type": "webCall",
        "createdAt": "2026-01-15T10:00:00.000Z",
        "startedAt": "2026-01-15T10:00:00.000Z",
        "endedAt": format!("2026-01-15T10:{:02}:{:02}.000Z", seconds / 60, seconds % 60),
    });
    for (name, value) in fields.as_object().unwrap() {
        row[name] = value.clone();
    }
    row
}

#[test]
fn sides_are_compared_in_a_table_in_json_and_in_csv() {
    let vendors = all(300);
    let sandbox = Sandbox::new();
    let names = sources(&vendors);
    let run = |format: &str| sandbox.run(&arguments(&["costs", "--compare", "-o", format], &names));
    let table = run("table");
    assert_eq!(table.code, 0, "{}", table.err);
    let json = run("json").json();
    let comparison = &json["comparisons"][0];
    assert_eq!(comparison["by"], "vendor");
    assert!(json["certificate"]["verdict"] == "complete");
    for part in [
        "mix adjusted",
        "Cost per minute by length of call:",
        "What the totals cover:",
        "alike in length alone",
    ] {
        assert!(table.out.contains(part), "{part}: {}", table.out);
    }
    let csv = run("csv").out;
    let sides = comparison["sides"].as_array().unwrap();
    assert_eq!(csv.lines().count(), sides.len() + 1);
    for side in sides {
        let name = side["key"]["vendor"].as_str().unwrap();
        let line = csv.lines().find(|line| line.starts_with(name)).unwrap();
        let figure = match &side["mix_adjusted"] {
            Value::Null => side["unsupported"].as_str().unwrap(),
            estimate => estimate["amount"].as_str().unwrap(),
        };
        assert!(line.contains(figure), "{line} lacks {figure}");
    }
    for pair in comparison["pairs"].as_array().unwrap() {
        assert!(table.out.contains(pair["sentence"].as_str().unwrap()), "{}", table.out);
    }
    let agents =
        sandbox.run(&arguments(&["costs", "--compare=agent", "-o", "json"], &names)).json();
    assert_eq!(agents["comparisons"][0]["by"], "agent");
    assert_eq!(agents["comparisons"][0]["sides"].as_array().unwrap().len(), 8);
    assert!(agents["comparisons"][0]["sides_left_out"].as_u64().unwrap() > 0);
}

#[test]
fn a_change_names_both_periods_and_its_parts_sum_to_it() {
    let vendors = all(300);
    let sandbox = Sandbox::new();
    let names = sources(&vendors);
    let words = ["costs", "--from", "2026-06-01", "--to", "2026-09-30", "--against", "previous"];
    let run =
        |format: &str| sandbox.run(&arguments(&[&words[..], &["-o", format]].concat(), &names));
    let json = run("json").json();
    assert_eq!(json["before"]["since"], "2026-01-30T00:00:00Z");
    assert_eq!(json["before"]["until"], json["after"]["since"]);
    assert_eq!(json["after"]["until"], "2026-10-01T00:00:00Z");
    for period in ["before", "after"] {
        assert_eq!(json[period]["certificate"]["verdict"], "complete");
    }
    let amount = |of: &Value, name: &str| -> callmux::Decimal {
        of[name].as_str().unwrap().parse().unwrap()
    };
    let groups = json["change"]["groups"].as_array().unwrap();
    let overall = &json["change"]["overall"][0];
    for of in groups.iter().chain([overall]) {
        let parts: callmux::Decimal =
            ["volume", "length", "price", "untimed"].iter().map(|name| amount(of, name)).sum();
        assert_eq!(parts, amount(of, "change"), "{of}");
    }
    let changes: callmux::Decimal = groups.iter().map(|of| amount(of, "change")).sum();
    assert_eq!(changes, amount(overall, "change"));

    let table = run("table").out;
    assert!(
        table.starts_with(
            "before: 2026-01-30T00:00:00Z to 2026-06-01T00:00:00Z\nafter:  2026-06-01"
        ),
        "{table}"
    );
    assert!(table.contains("Not in it: calls whose cost is not known"), "{table}");
    assert_eq!(run("csv").out.lines().count(), groups.len() + 1);

    // The same two ranges, the earlier one in words.
    let named = [
        "costs",
        "--from",
        "2026-06-01",
        "--to",
        "2026-09-30",
        "--against",
        "2026-01-30..2026-05-31",
    ];
    let again = sandbox.run(&arguments(&[&named[..], &["-o", "json"]].concat(), &names)).json();
    assert_eq!(again["change"], json["change"]);
}

#[test]
fn what_stands_out_is_named() {
    let mut rows: Vec<Value> =
        (0..30).map(|id| held(&format!("usual-{id}"), 120 + id, &json!({ "cost": 0.2 }))).collect();
    rows.push(held("dear", 130, &json!({ "cost": 9.5 })));
    rows.push(held("long", 1800, &json!({ "cost": 3.0 })));
    rows.push(json!({ "id": "stuck", "status": "in-progress", "createdAt": "2026-01-15T09:00:00.000Z", "cost": 0 }));
    rows.push(held("unbilled", 125, &json!({})));
    let (_vapi, source) = vapi(&json!(rows));
    let run = |format: &str| Sandbox::new().run(&["costs", &source, "--outliers", "-o", format]);
    let json = run("json").json();
    let of = |measure: &str| {
        let groups = json["outliers"]["groups"].as_array().unwrap();
        let group = groups.iter().find(|group| group["measure"] == measure).unwrap();
        let named = group["farthest"].as_array().unwrap().iter();
        named.map(|outlier| outlier["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (of("cost_per_minute"), of("length")),
        (vec!["dear".to_owned()], vec!["long".to_owned()])
    );
    assert_eq!(json["outliers"]["stuck"]["oldest"][0]["id"], "stuck");
    assert_eq!(json["outliers"]["unbilled"]["calls"], 1);
    let table = run("table").out;
    for part in [
        "dear",
        "long",
        "1 call is still live after a day",
        "1 call is over, and without a cost after a day",
    ] {
        assert!(table.contains(part), "{part}: {table}");
    }
    let kinds: Vec<String> = run("csv")
        .out
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["cost_per_minute", "length", "stuck", "unbilled"]);
}

#[test]
fn amounts_are_converted_at_the_rates_that_are_given_and_shown() {
    let row = |id: u32, currency: Value, day: u32| {
        json!({
            "id": id, "call_sid": format!("CA{id}"), "assistant_id": 1, "status": "completed", "duration": 60,
            "started_at": format!("2026-01-{day:02}T10:00:00Z"), "total_cost": 0.5, "cost_currency": currency,
        })
    };
    let rows = [
        row(4, json!("USD"), 20),
        row(3, json!("GBP"), 20),
        row(2, json!("EUR"), 20),
        row(1, json!("EUR"), 10),
    ];
    let page = json!({ "items": rows, "total": 4, "skip": 0, "limit": 1000 });
    let burki = Answers::with("200 OK", "application/json", &page.to_string());
    let source = format!("--source=burki@http://{}", burki.address);
    let sandbox = Sandbox::new();
    sandbox.write("rates", "EUR=1.2@2026-01-15 # the bank's\n");
    let run = |words: &[&str]| sandbox.run(&[&["costs", &source], words].concat());

    // Without rates each currency has a row of its own.
    let apart = run(&["-o", "json"]).json();
    assert_eq!(
        apart["overall"]["totals"],
        json!([
            { "amount": "1", "currency": "EUR" },
            { "amount": "0.5", "currency": "GBP" },
            { "amount": "0.5", "currency": "USD" },
        ])
    );
    assert!(apart.get("conversion").is_none());

    let converted = run(&["--fx", "EUR=1.1@2026-01-01", "--fx-file", "rates", "-o", "json"]).json();
    assert_eq!(
        converted["overall"]["totals"],
        json!([
            { "amount": "0.5", "currency": "GBP" },
            // 0.5 and 0.5 × 1.1 and 0.5 × 1.2.
            { "amount": "1.65", "currency": "USD" },
        ])
    );
    assert_eq!(converted["conversion"]["rates"][1]["rate"], "1.2");
    assert_eq!(
        converted["conversion"]["unconverted"],
        json!([{ "currency": "GBP", "calls": 1, "amount": "0.5" }])
    );

    let table = run(&["--fx", "EUR=1.1", "--fx", "GBP=1.3@2026-01-20"]).out;
    for line in [
        "Converted at 1 EUR = 1.1 USD: 1 EUR of 2 calls",
        "Converted at 1 GBP = 1.3 USD, from 2026-01-20 on: 0.5 GBP of 1 call",
    ] {
        assert!(table.contains(line), "{table}");
    }
    let missing = run(&["--fx", "EUR=1.1"]).out;
    assert!(
        missing.contains("Not converted, for want of a rate on the day: 0.5 GBP of 1 call"),
        "{missing}"
    );
    let csv = run(&["--fx", "EUR=1.1", "--fx", "GBP=1.3", "-o", "csv"]).out;
    assert!(
        csv.lines()
            .all(|line| line.ends_with(",rates") || line.ends_with(",EUR=1.1 GBP=1.3 in USD")),
        "{csv}"
    );
}

#[test]
fn questions_that_make_no_sense_are_refused_in_words() {
    let source = "--source=vapi@http://127.0.0.1:9";
    for (words, says) in [
        (vec!["--fx", "EUR"], "EUR=1.08"),
        (vec!["--fx", "EUR=0"], "not above 0"),
        (vec!["--fx", "USD=1"], "converts the currency to itself"),
        (vec!["--fx", "EUR=1", "--fx", "EUR=2"], "another one"),
        (vec!["--fx-file", "nowhere"], "cannot read nowhere"),
        (vec!["--currency", "EUR"], "no rate to convert by"),
        (vec!["--currency", "euro"], "not a currency code"),
        (vec!["--against", "previous"], "give --from"),
        (vec!["--against", "soon"], "give `previous`, or a range"),
        (
            vec!["--from", "7d", "--against", "previous", "--by", "vendor,day"],
            "no day is in both ranges",
        ),
        (vec!["--compare", "--outliers"], "cannot be used with"),
        (vec!["--compare", "--by", "agent"], "cannot be used with"),
        (vec!["--outliers", "--by", "vendor,component"], "--by component is of parts"),
        (vec!["--compare=campaign"], "vendor, account, agent"),
        (vec!["--from", "7d", "--against", "previous", "--html", "x"], "cannot be used with"),
    ] {
        let ran = Sandbox::new().run(&[&["costs", source], &words[..]].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{words:?}: {}", ran.err);
        assert!(ran.err.contains(says), "{words:?}: {}", ran.err);
    }
}

#[test]
fn without_a_known_cost_nothing_is_concluded() {
    let pending = |id: &str| json!({ "id": id, "status": "in-progress", "createdAt": "2026-01-15T10:00:00.000Z", "cost": 0 });
    for rows in [json!([]), json!([pending("1")]), json!([pending("1"), pending("2")])] {
        let (_vapi, source) = vapi(&rows);
        let run = |words: &[&str]| {
            let ran = Sandbox::new().run(&[&["costs", &source], words].concat());
            assert_eq!(ran.code, 0, "{}", ran.err);
            ran.out
        };
        assert!(
            run(&["--compare"])
                .contains("No call has a known cost, so there is nothing to compare.")
        );
        let change = run(&["--against", "2026-01-01..2026-01-31"]);
        assert!(change.contains("No call has a known cost in either period."), "{change}");
        assert!(run(&["--outliers"]).contains("No call stands out from its own group."));
        let table = run(&[]);
        assert!(!table.contains("0.0000"), "unknown is no zero: {table}");
    }
}

#[test]
fn one_vendor_and_one_call_are_no_comparison() {
    let (_vapi, source) = vapi(&json!([held("1", 60, &json!({ "cost": 0.1 }))]));
    let one = Sandbox::new().run(&["costs", &source, "--compare"]).out;
    let why = "vapi cannot be compared: 30 calls with both a known cost and a talk time are needed, and it has 1.";
    assert!(one.contains(why), "{one}");
    let many: Vec<Value> =
        (0..40).map(|id| held(&id.to_string(), 60, &json!({ "cost": 0.1 }))).collect();
    let (_vapi, source) = vapi(&json!(many));
    let alone = Sandbox::new().run(&["costs", &source, "--compare"]).out;
    assert!(alone.contains("vapi cannot be compared: there is no other side"), "{alone}");
}

#[test]
fn hostile_names_are_harmless_in_every_form() {
    let names = [
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "two\nlines",
        "\u{202e}gnp.exe",
        "\u{7}bell",
    ];
    let rows: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(id, name)| {
            held(&format!("{name}{id}"), 60, &json!({ "cost": 0.1, "assistant": { "name": name } }))
        })
        .collect();
    let (_vapi, source) = vapi(&json!(rows));
    for question in [&["--by", "agent"][..], &["--compare=agent"], &["--outliers", "--by", "agent"]]
    {
        let run = |format: &str| {
            let ran =
                Sandbox::new().run(&[&["costs", &source], question, &["-o", format]].concat());
            assert_eq!(ran.code, 0, "{}", ran.err);
            ran.out
        };
        let table = run("table");
        assert!(!table.contains(['\u{202e}', '\u{7}']) && !table.contains("two\nlines"), "{table}");
        let csv = run("csv");
        assert!(!csv.lines().any(|line| line.starts_with('=')), "{csv}");
        // JSON has what came.
        serde_json::from_str::<Value>(&run("json")).unwrap();
    }
}

/// Whatever a vendor sends, no figure is too large to be shown, and no day too late to be one.
#[test]
fn amounts_and_days_at_the_ends_are_shown() {
    let vast = "1000000000000000000000000000";
    let mut rows = vec![held("vast", 60, &json!({ "cost": vast }))];
    rows[0]["createdAt"] = json!("+262142-12-31T23:59:59");
    let (_vapi, source) = vapi(&json!(rows));
    for question in [&["--by", "day"][..], &["--compare"], &["--outliers"]] {
        for format in ["table", "json", "csv"] {
            let words =
                ["costs", &source, "--tz", "Asia/Tokyo", "--html", "page.html", "-o", format];
            let sandbox = Sandbox::new();
            let ran = sandbox.run(&[&words[..], question].concat());
            assert_eq!(ran.code, 0, "{question:?} {format}: {}", ran.err);
            assert!(question != ["--by", "day"] || ran.out.contains(vast), "{}", ran.out);
            assert!(sandbox.read("page.html").contains(vast));
        }
    }
    // A line that is far larger than the total, which refunds nearly all of it.
    let lines = json!([{ "type": "vapi", "cost": 1e15 }]);
    let (_vapi, source) =
        vapi(&json!([held("1", 60, &json!({ "cost": "0.000000000001", "costs": lines }))]));
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["costs", &source, "--html", "page.html"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(sandbox.read("page.html").ends_with("</html>"));
}

/// One name does not make every line of a table as long as it is.
#[test]
fn a_long_name_is_shown_short_and_written_whole() {
    let long = "n".repeat(100_000);
    let rows = [&long, "short"].map(|name| {
        let fields = json!({ "cost": 0.1, "assistant": { "name": name } });
        held(&format!("{name}-id"), 60, &fields)
    });
    let (_vapi, source) = vapi(&json!(rows));
    for question in [&["--by", "agent"][..], &["--compare=agent"], &["--outliers"]] {
        let run = |format: &str| {
            Sandbox::new().run(&[&["costs", &source, "-o", format], question].concat()).out
        };
        // Sentences have it whole.
        assert!(run("table").len() < 10 * long.len(), "{question:?}");
        assert!(question == ["--outliers"] || run("json").contains(&long));
    }
}

/// Agents of two accounts may have one id and one name. They are two agents, and rows say which is which.
#[test]
fn agents_that_are_called_alike_are_told_apart() {
    let assistant =
        json!({ "cost": 0.1, "assistantId": "a1", "assistant": { "name": "Front Desk" } });
    let rows: Vec<Value> = (0..40).map(|id| held(&id.to_string(), 60, &assistant)).collect();
    let (vapi, _) = vapi(&json!(rows));
    let sources =
        ["north", "south"].map(|label| format!("--source=vapi:{label}@http://{}", vapi.address));
    let sandbox = Sandbox::new().with("VAPI_NORTH_API_KEY", "n").with("VAPI_SOUTH_API_KEY", "s");
    let earlier = ["--from", "2026-01-01", "--against", "2026-01-01..2026-01-31"];
    for (question, tables) in [
        (&["--by", "agent"][..], 1),
        (&["--compare=agent"], 3),
        (&[&earlier[..], &["--by", "agent"]].concat(), 1),
    ] {
        let ran = sandbox.run(&[&["costs", &sources[0], &sources[1]], question].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        for label in ["north", "south"] {
            let row = format!("Front Desk (a1) of vapi/{label} ");
            let met = ran.out.lines().filter(|line| line.starts_with(&row)).count();
            assert_eq!(met, tables, "{question:?}: {}", ran.out);
        }
    }
    // One account needs no such word.
    let alone = sandbox.run(&["costs", &sources[0], "--by", "agent"]).out;
    assert!(alone.contains("Front Desk (a1) ") && !alone.contains("of vapi"), "{alone}");
}

/// A table that is passed on says itself what it lacks.
#[test]
fn a_table_of_a_part_says_so() {
    let rows = [held("1", 60, &json!({ "cost": 0.1 })), json!({ "status": "ended" })];
    let (_vapi, source) = vapi(&json!(rows));
    let earlier = ["--from", "2026-01-01", "--against", "2026-01-01..2026-01-31"];
    for (question, says, times) in [
        (&["--by", "vendor"][..], "Not all calls are known to be in it: incomplete", 1),
        (&["--compare"], "Not all calls are known to be in it: incomplete", 1),
        (&["--outliers"], "Not all calls are known to be in it: incomplete", 1),
        (&earlier, "period are known to be in it: incomplete", 2),
    ] {
        let ran = Sandbox::new().run(&[&["costs", &source], question].concat());
        assert_eq!(ran.code, 3, "{}", ran.err);
        assert_eq!(ran.out.matches(says).count(), times, "{}", ran.out);
    }
    // Nor is a month that has begun a month.
    let until = |to: &str| {
        let words = ["costs", &source, "--from", "2026-01-01", "--to", to, "--against", "previous"];
        Sandbox::new().run(&words).out
    };
    let open = until("9998-12-31");
    assert!(open.contains("The later period is not over: calls are still to come."), "{open}");
    assert!(!until("2026-01-31").contains("not over"));
}

/// What is left out of a comparison is all that is not counted.
#[test]
fn every_call_is_counted_or_left_out() {
    let mut rows: Vec<Value> =
        (0..31).map(|id| held(&id.to_string(), 60, &json!({ "cost": 0.1 }))).collect();
    rows.push(held("talked", 60, &json!({})));
    rows.push(held("silent", 0, &json!({ "cost": 0.01 })));
    for id in ["pending", "queued"] {
        rows.push(json!({ "id": id, "status": "queued", "createdAt": "2026-01-15T10:00:00.000Z", "cost": 0 }));
    }
    let (_vapi, source) = vapi(&json!(rows));
    let out = Sandbox::new().run(&["costs", &source, "--compare"]).out;
    let left_out = "Left out of vapi: 1 without a known cost, 1 without talk, 2 with neither, or with a cost in another \
                    currency.";
    assert!(out.contains(left_out), "{out}");
}

/// The page is what was asked for, whether or not the first lines are all that is read of the rest.
#[test]
fn a_page_is_written_though_the_reader_has_gone() {
    let (_vapi, source) = vapi(&json!([held("1", 60, &json!({ "cost": 0.1 }))]));
    let sandbox = Sandbox::new();
    let mut child = sandbox.command(&["costs", &source, "--html", "page.html"]).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    assert!(sandbox.read("page.html").ends_with("</html>"));
}

#[test]
fn a_page_and_a_certificate_are_two_files() {
    let (_vapi, source) = vapi(&json!([held("1", 60, &json!({ "cost": 0.1 }))]));
    let sandbox = Sandbox::new();
    sandbox.write("earlier", "an earlier page");
    for (page, certificate) in [("new", "new"), ("./new", "new"), ("earlier", "./earlier")] {
        let words = ["costs", &source, "--html", page, "--certificate", certificate];
        let ran = sandbox.run(&words);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(ran.err.contains("the same file"), "{}", ran.err);
    }
    assert!(!sandbox.path("new").exists());
    assert_eq!(sandbox.read("earlier"), "an earlier page");
    let ran = sandbox.run(&["costs", &source, "--html", "page", "--certificate", "certificate"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(sandbox.json("certificate")["verdict"], "complete");
}

/// Agents of two accounts may have one id, and are two.
#[test]
fn csv_says_whose_agent_it_is() {
    let row = |dollars: f64| {
        held(
            "1",
            60,
            &json!({ "cost": dollars, "assistantId": "7", "assistant": { "name": "Sales" } }),
        )
    };
    let (_red, red) = vapi(&json!([row(0.1)]));
    let (_blue, blue) = vapi(&json!([row(0.2)]));
    let [red, blue] = [(red, "red"), (blue, "blue")]
        .map(|(source, label)| source.replace("vapi@", &format!("vapi:{label}@")));
    let sandbox = Sandbox::new()
        .with("VAPI_RED_API_KEY", crate::support::KEY)
        .with("VAPI_BLUE_API_KEY", crate::support::KEY);
    let csv = sandbox.run(&["costs", &red, &blue, "--by", "agent", "-o", "csv"]).out;
    let starts: Vec<String> =
        csv.lines().map(|line| line.split(',').take(5).collect::<Vec<_>>().join(",")).collect();
    assert_eq!(
        starts,
        [
            "agent,agent_name,agent_vendor,agent_account,calls",
            "7,Sales,vapi,blue,1",
            "7,Sales,vapi,red,1"
        ]
    );
}

#[test]
fn a_call_that_no_sum_can_hold_is_named() {
    let (_vapi, source) = vapi(&json!([
        held("sane", 60, &json!({ "cost": 0.1 })),
        held("absurd", 60, &json!({ "cost": "79228162514264337593543950335" })),
    ]));
    let ran = Sandbox::new().run(&["costs", &source]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    // They share an instant, and come by their ids.
    assert!(
        ran.err
            .contains("too large to be held exactly: it could be until the call sane of vapi vapi"),
        "{}",
        ran.err
    );
}

#[test]
fn ranges_that_overlap_are_said_to() {
    let (_vapi, source) = vapi(&json!([held("1", 60, &json!({ "cost": 0.1 }))]));
    let run = |against: &str| {
        Sandbox::new()
            .run(&[
                "costs",
                &source,
                "--from",
                "2026-01-10",
                "--to",
                "2026-01-20",
                "--against",
                against,
            ])
            .out
    };
    assert!(run("2026-01-01..2026-01-10").contains("The two ranges overlap"));
    assert!(!run("previous").contains("overlap"));
    assert!(!run("2026-01-21..2026-01-30").contains("overlap"));
}

/// Cents taken for dollars, a missing price for 0, amounts rounded to whole cents: from a vendor's own payload to what is printed.
#[test]
fn the_three_faults_of_public_code_stay_out() {
    // Two ended calls of 0.069 and 0.0658 dollars, with lines of as many digits as 0.014204399999999999; and a queued one at 0.
    let ended = include_str!("../../../vapi/tests/data/2025-06-outbound-voicemail-vapi-sip.json");
    let queued = include_str!("../../../vapi/tests/data/2025-08-outbound-queued-twilio.json");
    let mut rows: Vec<Value> = serde_json::from_str(queued).unwrap();
    rows.extend(serde_json::from_str::<Vec<Value>>(ended).unwrap());
    let (_vapi, source) = vapi(&json!(rows));
    let run = |format: &str| Sandbox::new().run(&["costs", &source, "-o", format]).out;

    let all = &serde_json::from_str::<Value>(&run("json")).unwrap()["overall"];
    assert_eq!((&all["with_cost"], &all["without_cost"]), (&json!(2), &json!(1)));
    assert_eq!(all["totals"], json!([{ "amount": "0.1348", "currency": "USD" }]));
    let quantiles = &all["quantiles"][0];
    assert_eq!([&quantiles["min"], &quantiles["max"]], ["0.0658", "0.069"]);
    // A minute of 101.645 seconds, neither a hundredfold nor rounded: 0.1348 × 60 ÷ 101.645.
    assert_eq!(all["seconds_with_cost"], json!(101.645));
    assert_eq!(all["per_minute"][0]["amount"], "0.079571");
    let component = |name: &str| {
        let components = all["components"].as_array().unwrap();
        let part = components.iter().find(|part| part["component"] == name).unwrap();
        part["amount"].as_str().unwrap().to_owned()
    };
    assert_eq!(component("voicemail_detection"), "0.028445399999999999");
    assert_eq!(component("analysis"), "0.0002886");
    // The dearest of the known ones bounds the unknown one; nothing says that it is free.
    assert_eq!(
        all["bounds"],
        json!([{ "currency": "USD", "unknown": 1, "at_least": "0.1348", "at_most": "0.2038" }])
    );
    assert_eq!(all["coverage"], "0.666666");

    let table = run("table");
    assert!(table.contains("0.1348") && table.contains("66.6 %"), "{table}");
    assert!(!table.contains("13.48") && !table.contains("0.13 "), "{table}");
    assert!(run("csv").contains(",0.1348,"), "every digit is in CSV too");
}
