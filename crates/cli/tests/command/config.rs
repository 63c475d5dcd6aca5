//! Accounts: a configuration, labels, keys, options, white-labels.

use crate::support::{KEY, Sandbox, Vendor, world};

#[test]
fn a_configuration_names_accounts_keys_and_options() {
    let vapi = Vendor::serve("vapi", &world(30));
    let autocalls = Vendor::serve("autocalls", &world(20));
    let sandbox = Sandbox::without_keys().with("ACME", KEY);
    let config = format!(
        r#"
        [[account]]
        vendor = "vapi"
        label = "emea"
        base_url = "{}"
        key_file = "keys/vapi.key"
        options = {{ page_size = 7 }}

        [[account]]
        vendor = "autocalls"
        label = "acme"
        base_url = "{}"
        key_env = "ACME"
        options = {{ zone = "Europe/Berlin", currency = "EUR" }}
        "#,
        vapi.base_url, autocalls.base_url
    );
    std::fs::create_dir_all(sandbox.path("etc/keys")).unwrap();
    sandbox.write("etc/accounts.toml", &config);
    sandbox.write("etc/keys/vapi.key", &format!("{KEY}\n"));

    let ran = sandbox.run(&["calls", "--config", "etc/accounts.toml", "-o", "ndjson"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let calls = ran.calls();
    let of = |account: &str| calls.iter().filter(|call| call.account.as_str() == account).count();
    assert_eq!((of("emea"), of("acme")), (30, 20));
    assert_eq!(vapi.asked()[0].get("limit"), Some("7"));
    let currency = calls.iter().find_map(|call| Some(call.cost.total?.currency.to_string()));
    assert!(currency.is_some());
    assert!(
        calls.iter().filter(|call| call.account.as_str() == "acme").all(|call| {
            call.cost.total.is_none_or(|total| total.currency.to_string() == "EUR")
        })
    );

    // An option of the command line wins; the same file is found by its name, or by the variable.
    let words = ["explain", "-o", "json", "--option", "emea.page_size=9"];
    let explained = sandbox.run(&[&words[..], &["--config", "etc/accounts.toml"]].concat());
    assert_eq!(explained.json()[0]["page_size"], 9);
    let by_variable = sandbox.with("CALLMUX_CONFIG", "etc/accounts.toml");
    assert_eq!(by_variable.run(&["check"]).out, "vapi:emea  ok\nautocalls:acme  ok\n");
    let here = Sandbox::without_keys().with("ACME", KEY);
    here.write("callmux.toml", &config.replace("keys/vapi.key", "k"));
    here.write("k", KEY);
    assert_eq!(here.run(&["check"]).code, 0);

    // Sources of the command line are all there is.
    let alone = here.run(&["check", "-s", "vapi"]);
    assert_eq!(
        (alone.code, alone.err.as_str()),
        (2, "error: vapi: no key is set; set VAPI_API_KEY\n")
    );
}

#[test]
fn a_broken_configuration_is_told_by_its_line() {
    let sandbox = Sandbox::new();
    for (text, says) in [
        ("", "names no account"),
        ("[[account]]\nvendor = \"vapi\nkey_env = 1", "line 2"),
        ("\n[[account]]\nvender = \"vapi\"\n", "line 3: unknown field `vender`"),
        ("[[account]]\nvendor = \"bland\"\n", "unknown vendor \"bland\""),
        (
            "[[account]]\nvendor = \"vapi\"\nkey_env = \"A\"\nkey_file = \"b\"\n",
            "both key_env and key_file",
        ),
        (
            "[[account]]\nvendor = \"vapi\"\nlabel = \"eu\"\nkey_file = \"none\"\n",
            "vapi:eu: cannot read the key file none",
        ),
        ("[[account]]\nvendor = \"vapi\"\noptions = { zone = \"UTC\" }\n", "vapi: option \"zone\""),
        (
            "[[account]]\nvendor = \"vapi\"\n[[account]]\nvendor = \"vapi\"\n",
            "two sources are called vapi",
        ),
    ] {
        sandbox.write("callmux.toml", text);
        let ran = sandbox.run(&["calls"]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{text}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{text}: {}", ran.err);
        assert!(ran.err.contains(says), "{text}: {}", ran.err);
    }
}

#[test]
fn a_label_has_a_key_of_its_own() {
    let vapi = Vendor::serve("vapi", &world(8));
    let burki = Vendor::serve("burki", &world(8));
    let labeled =
        |vendor: &Vendor, label: &str| format!("{}:{label}@{}", vendor.name, vendor.base_url);
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["calls", "-s", &labeled(&vapi, "eu-2.x")]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (2, "error: vapi:eu-2.x: no key is set; set VAPI_EU_2_X_API_KEY\n")
    );

    let sandbox = sandbox.with("VAPI_EU_2_X_API_KEY", KEY).with("BURKI_EU_2_X_API_KEY", KEY);
    let one = labeled(&vapi, "eu-2.x");
    let ran = sandbox.run(&["calls", "-s", &one, "--option", "eu-2.x.page_size=3", "-o", "ndjson"]);
    assert!(ran.calls().iter().all(|call| call.account.as_str() == "eu-2.x"));
    assert_eq!(vapi.asked()[0].get("limit"), Some("3"));

    // Two vendors' accounts may have one label: then an option says which is meant.
    let two = labeled(&burki, "eu-2.x");
    let words = ["explain", "-s", &one, "-s", &two, "-o", "ndjson", "--option"];
    let unclear = sandbox.run(&[&words[..], &["eu-2.x.page_size=3"]].concat());
    assert_eq!(unclear.code, 2);
    assert!(
        unclear.err.contains("several sources") && unclear.err.contains("vapi:eu-2.x.page_size"),
        "{}",
        unclear.err
    );
    let clear = sandbox.run(&[&words[..], &["burki:eu-2.x.page_size=3"]].concat());
    assert_eq!(clear.code, 0, "{}", clear.err);
    let sizes: Vec<serde_json::Value> =
        clear.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&sizes[0]["page_size"], &sizes[1]["page_size"]), (&200.into(), &3.into()));
}

/// The vendor's key would be sent to somebody else's server.
#[test]
fn a_white_label_does_not_get_the_vendors_key() {
    let ran = Sandbox::new().run(&["explain", "-s", "famulor"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_eq!(ran.err, "error: autocalls:famulor: no key is set; set AUTOCALLS_FAMULOR_API_KEY\n");
    let sandbox = Sandbox::without_keys().with("AUTOCALLS_FAMULOR_API_KEY", KEY);
    let ran = sandbox.run(&["explain", "-s", "famulor", "-o", "json"]);
    assert_eq!(ran.json()[0]["endpoint"], "GET https://app.famulor.de/api/user/calls");
    assert_eq!(ran.json()[0]["account"], "famulor");

    let brands = Sandbox::without_keys().run(&["vendors", "--white-labels"]);
    assert_eq!(brands.code, 0);
    for brand in ["intellixent", "otonistark", "famulor"] {
        assert!(brands.out.lines().any(|line| line.starts_with(brand)), "{}", brands.out);
    }
}

#[test]
fn keys_of_the_environment_are_sources() {
    let vapi = Vendor::serve("vapi", &world(8));
    let burki = Vendor::serve("burki", &world(8));
    let sandbox = Sandbox::without_keys()
        .with("VAPI_API_KEY", KEY)
        .with("BURKI_API_KEY", KEY)
        .with("VAPI_BASE_URL", &vapi.base_url)
        .with("BURKI_BASE_URL", &burki.base_url);
    let ran = sandbox.run(&["calls", "-o", "ndjson"]);
    assert_eq!((ran.code, ran.calls().len()), (0, 16), "{}", ran.err);
    let blank = sandbox.with("BURKI_API_KEY", "  ");
    assert_eq!(blank.run(&["calls", "-o", "ndjson"]).calls().len(), 8);
}

#[test]
fn the_capability_table_names_every_field_and_vendor() {
    let sandbox = Sandbox::without_keys();
    let table = sandbox.run(&["vendors"]).out;
    let json = sandbox.run(&["vendors", "-o", "json"]).json();
    for field in callmux::Field::ALL {
        assert!(table.lines().any(|line| line.starts_with(field.as_str())), "{field}\n{table}");
        for vendor in json.as_array().unwrap() {
            assert!(vendor["filters"][field.as_str()].is_string(), "{field}");
        }
    }
    let options = sandbox.run(&["vendors", "--options"]).out;
    for (vendor, option) in [("autocalls", "zone"), ("burki", "time_format"), ("vapi", "page_size")]
    {
        let is_it = |line: &str| line.split_whitespace().take(2).eq([vendor, option]);
        assert!(options.lines().any(is_it), "{vendor} {option}\n{options}");
    }
    assert_eq!(sandbox.run(&["vendors", "-o", "ndjson"]).out.lines().count(), 3);
}
