//! `why`: the whole story of one row, in words and as JSON.

use serde_json::Value;

use super::{START, families, id_in_files, one_account, read, settled, synced, with_line};
use crate::bank::{Json, Shown};
use crate::home::Home;

/// The story of the one row of an id.
fn story(home: &Home, id: &str) -> Value {
    let told = home.run(&["why", id, "--json"]).ends_with(0).json();
    assert_eq!(told["version"], 1);
    let rows = told["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0].clone()
}

/// What is printed of it, which fits a terminal.
fn words(home: &Home, id: &str) -> String {
    let told = home.run(&["why", id]).ends_with(0).out;
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    told
}

fn events(story: &Value) -> Vec<&str> {
    let events = story["events"].as_array().expect("events").iter();
    events.map(|event| event["what"].as_str().expect("a text")).collect()
}

#[test]
fn a_row_that_was_changed_renamed_missed_lost_and_found_tells_all_of_it() {
    let mut home = synced();
    let id = id_in_files(&home, "COFFEE");
    read(&mut home, "2026-03-05", |account| {
        account.rows[2].amount = "-6.25".to_owned();
        account.rows[2].description = "COFFEE AND TIP".to_owned();
    });
    read(&mut home, "2026-03-06", |account| {
        account.rows[2].id("0123456789-renamed");
    });
    for today in ["2026-03-07", "2026-03-08", "2026-03-09"] {
        read(&mut home, today, |account| {
            account.rows[2].shown(Shown::Gone);
        });
        let told = story(&home, &id);
        let state = if today == "2026-03-09" { "vanished" } else { "booked" };
        assert_eq!(told["state"], state);
    }
    let told = words(&home, &id);
    assert!(told.contains("booked nowhere: vanished"), "{told}");
    read(&mut home, "2026-03-10", |account| {
        account.rows[2].shown(Shown::Now);
    });
    let told = story(&home, &id);
    assert_eq!(
        events(&told),
        [
            "changed",
            "called by another id",
            "missing from a good read, 1 in a row",
            "missing from a good read, 2 in a row",
            "vanished",
            "came back",
        ]
    );
    assert_eq!(
        (&told["state"], &told["first_seen"]),
        (&"booked".into(), &"2026-03-04T12:00:00Z".into())
    );
    assert_eq!(
        (&told["date"], &told["amount"], &told["currency"], &told["ledger"]),
        (&"2026-03-02".into(), &"-6.25".into(), &"USD".into(), &"Assets:Bank:Checking".into())
    );
    assert_eq!(
        (&told["other_side"], &told["rule"]),
        (&"Expenses:Unknown".into(), &"unknown_expense".into())
    );
    assert_eq!(told["service_ids"], serde_json::json!(["0123456789-renamed", id]));
    let change = |field: &str, old: &str, new: &str| serde_json::json!({"at": "2026-03-05T12:00:00Z", "taken": true, "field": field, "old": old, "new": new});
    let changes =
        [change("amount", "-5.25", "-6.25"), change("description", "COFFEE", "COFFEE AND TIP")];
    assert_eq!(told["changes"], serde_json::json!(changes));
    assert_eq!(story(&home, "0123456789-RENAMED"), told, "by any id that it ever had");
    let printed = words(&home, &id);
    for line in [
        "smith/checking, 2026-03-02, -6.25 USD, COFFEE AND TIP",
        "  the service also called it 0123456789-renamed",
        "  first seen 2026-03-04T12:00:00Z",
        "  2026-03-05T12:00:00Z: changed: amount -5.25 -> -6.25",
        "  2026-03-06T12:00:00Z: called by another id",
        "  2026-03-07T12:00:00Z: missing from a good read, 1 in a row",
        "  2026-03-09T12:00:00Z: vanished",
        "  2026-03-10T12:00:00Z: came back",
        "  booked on Assets:Bank:Checking against Expenses:Unknown (unknown_expense)",
    ] {
        assert!(printed.contains(line), "{line}\n{printed}");
    }
}

#[test]
fn a_row_that_is_booked_nowhere_says_why() {
    let mut world = one_account();
    let account = world.accounts_mut().next().expect("an account");
    account.add_row("2026-03-01", "-1.00", "ODD").id("odd").set("Type", Json::null());
    account.add_row("2026-03-30", "-1.00", "AHEAD").id("ahead").in_every_span();
    account.add_row("2026-03-03", "-2.00", "WAITS").id("waits").pending();
    let home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    let early = id_in_files(&home, "POS 0417 GREEN GROCER #12");
    home.reconfigure(
        "",
        &with_line(&families(&home, START), "checking", "start_date = 2026-03-01"),
    );
    home.run(&["export"]).ends_with(0);
    for (id, state, why) in [
        ("odd", "quarantined", "its type is neither DEBIT nor CREDIT"),
        ("ahead", "outside", "outside"),
        ("waits", "pending", "pending"),
        (early.as_str(), "before the start date", "before the start date"),
    ] {
        let told = story(&home, id);
        assert_eq!(told["state"], state);
        assert_eq!((&told["other_side"], &told["rule"]), (&Value::Null, &Value::Null), "{id}");
        assert_eq!(told["reason"].is_string(), state == "quarantined", "{id}");
        let printed = words(&home, id);
        assert!(printed.contains(&format!("booked nowhere: {why}")), "{printed}");
    }
    let told = home.run(&["why", "nobody"]).ends_with(2);
    assert!(told.err.contains("no row ever had the id nobody"), "{}", told.err);
    assert_eq!(told.out, "");
}

/// A new form that cannot be understood is quarantined alone; the row keeps its last good form.
#[test]
fn a_form_that_was_not_taken_is_told() {
    let mut home = synced();
    let id = id_in_files(&home, "COFFEE");
    read(&mut home, "2026-03-05", |account| {
        account.rows[2].set("Amount", Json::null());
        account.balance("1226.35");
    });
    let told = story(&home, &id);
    assert_eq!((&told["state"], &told["amount"]), (&"booked".into(), &"-5.25".into()));
    assert_eq!(events(&told), ["new form quarantined"]);
    let held = serde_json::json!([{
        "at": "2026-03-05T12:00:00Z", "taken": false, "field": "amount", "old": "-5.25", "new": null
    }]);
    assert_eq!(told["changes"], held);
    assert!(words(&home, &id).contains("a form that was not taken: amount -5.25 -> nothing"));
}

#[test]
fn texts_of_any_length_and_kind_fit_eighty_columns() {
    let mut home = synced();
    read(&mut home, "2026-03-05", |account| {
        account.add_row("2026-03-05", "-1.00", &"X".repeat(300)).id("long");
        account.add_row("2026-03-05", "-2.00", "red \u{1b}[31m text\nnext \u{202e}line").id("odd");
    });
    read(&mut home, "2026-03-06", |account| {
        account.rows[3].memo(&"Y".repeat(300));
    });
    assert!(words(&home, "long").contains("XXXX"));
    let told = words(&home, "odd");
    assert!(!told.contains('\u{1b}') && !told.contains('\u{202e}'), "{told:?}");
}
