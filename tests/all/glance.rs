//! How old everything is, wherever it is shown: `status`, a monitor's line, the page, the metrics.

mod metrics;
mod told;

use chrono::Days;
use serde_json::Value;

use crate::bank::{Account, Endpoint, Fault, Json, World};
use crate::first_light::{day, families, one_account, settled, with_line};
use crate::home::Home;
use metrics::{Sample, lint};

const METRICS: &str = "[files]\nmetrics = \"m.prom\"";

/// A home that only reads what the service has.
fn reading(world: World) -> Home {
    let home = Home::beside(world);
    home.configure_with(&format!("refresh = \"never\"\n{METRICS}"), &families(&home, "2026-01-01"));
    home.run(&["sync"]).ends_with(0);
    home
}

fn account(home: &Home) -> Value {
    home.run(&["status", "--json"]).ends_with(0).json()["families"][0]["accounts"][0].clone()
}

fn sample(home: &Home, name: &str) -> Vec<Sample> {
    let all = lint(&home.read("m.prom")).into_iter();
    all.filter(|sample| sample.name == format!("sophtron_sync_{name}")).collect()
}

fn seconds(home: &Home, name: &str) -> i64 {
    sample(home, name)[0].value.parse().expect("whole seconds")
}

#[test]
fn a_frozen_feed_grows_old_everywhere_though_reads_succeed() {
    let mut home = reading(one_account());
    let fresh = home.run(&["status", "--check"]).ends_with(0).out;
    assert_eq!(fresh, "OK: all is well; 1 account; oldest data 4 h; no daemon runs\n");
    assert!(home.read("bank/status.html").contains("data 4 h old"));
    let as_of = seconds(&home, "data_as_of_timestamp_seconds");
    for days in 1..=10 {
        home.sleep_until(day("2026-03-04") + Days::new(days));
        home.run(&["sync"]).ends_with(0);
        let now = home.now.timestamp();
        assert_eq!(seconds(&home, "data_as_of_timestamp_seconds"), as_of, "the bank's, not ours");
        assert_eq!(seconds(&home, "last_success_timestamp_seconds"), now);
        assert_eq!(seconds(&home, "written_timestamp_seconds"), now);
        let age = if days < 2 { "28 h".to_owned() } else { format!("{days} d") };
        assert!(home.read("bank/status.html").contains(&format!("data {age} old")), "{age}");
        assert!(home.run(&["status"]).out.contains(&format!("data {age} old")), "{age}");
        let state = sample(&home, "state").into_iter().find(|sample| sample.value == "1");
        let state = state.and_then(|sample| sample.label("state")).expect("one holds");
        assert_eq!(state, if days < 2 { "ok" } else { "stale" }, "after {days} days");
        let monitor = home.run(&["status", "--check"]);
        assert_eq!(monitor.code, if days < 2 { 0 } else { 2 }, "{}", monitor.out);
    }
    assert_eq!(account(&home)["state"], "stale");
    let monitor = home.run(&["status", "--check"]).ends_with(2).out;
    assert_eq!(monitor, "CRITICAL: smith/checking data 10 d old\n");
    home.run(&["status", "--check", "--max-age", "11d"]).ends_with(1);
    let shown = home.run(&["status"]).ends_with(0).out;
    assert!(
        shown.starts_with("the account needs you; oldest data 10 d; no daemon runs\n"),
        "{shown}"
    );
    assert!(shown.contains("-> the bank's data stand still though reads succeed"), "{shown}");
}

#[test]
fn a_monitor_is_told_of_each_trouble_in_one_line() {
    let new = settled(one_account(), "2026-01-01");
    let told = new.run(&["status", "--check"]).ends_with(1).out;
    assert_eq!(told, "WARNING: smith/checking never synced\n");
    let mut home = reading(one_account());
    home.now += chrono::TimeDelta::hours(13);
    let told = home.run(&["status", "--check"]).ends_with(1).out;
    assert!(told.starts_with("WARNING: smith/checking next attempt overdue by "), "{told}");
    assert!(home.run(&["status"]).out.contains("-> nothing syncs any more"));
    home.bank.edit(|world| {
        world.fault(Fault::Status(401)).on(Endpoint::Accounts);
    });
    home.run(&["sync"]).ends_with(77);
    let told = home.run(&["status", "--check"]).ends_with(2).out;
    assert_eq!(told, "CRITICAL: smith/checking the credentials are rejected\n");
}

#[test]
fn what_cannot_be_read_is_unknown_to_a_monitor() {
    let home = reading(one_account());
    home.write("state/store.sqlite", "no store at all, but long enough to look like a file");
    let told = home.run(&["status", "--check"]).ends_with(3);
    assert!(told.out.starts_with("UNKNOWN: ") && told.out.contains("damaged"), "{}", told.out);
    assert_eq!(told.err, "");
    home.write("sophtron-sync.toml", "output_dir = 3\n");
    let told = home.run(&["status", "--check"]).ends_with(3).out;
    assert!(told.starts_with("UNKNOWN: ") && told.lines().count() == 1, "{told}");
    home.run(&["status", "--check", "--json"]).ends_with(2);
    home.run(&["status", "--max-age", "36h"]).ends_with(2);
}

#[test]
fn metrics_name_what_is_known_and_nothing_else() {
    let home = reading(one_account());
    let rows: Vec<_> = sample(&home, "rows").iter().map(|it| it.value.clone()).collect();
    assert_eq!(rows, ["3", "0", "0"]);
    assert_eq!(sample(&home, "drift")[0].value, "0");
    assert_eq!(sample(&home, "requests")[0].value, home.bank.calls().len().to_string());
    assert_eq!(sample(&home, "requests_limit")[0].value, "10000");
    home.bank.edit(|world| {
        let account = &mut world.users[0].logins[0].accounts[0];
        account.balance("1229.35");
    });
    home.run(&["sync"]).ends_with(0);
    assert_eq!(sample(&home, "drift")[0].value, "3");
    let new = Home::beside(one_account());
    new.configure_with(METRICS, &families(&new, "2026-01-01"));
    new.run(&["export"]).ends_with(0);
    let told = |name| sample(&new, name).len();
    assert_eq!((told("data_as_of_timestamp_seconds"), told("drift")), (0, 0), "not known is not 0");
    assert_eq!((told("state"), told("written_timestamp_seconds")), (10, 1));
}

/// The overview as the store keeps it, and as it is counted anew from all rows.
fn kept_and_counted(home: &Home) -> (Value, Value) {
    let kept = account(home);
    let store = rusqlite::Connection::open(home.path("state/store.sqlite")).expect("a store");
    assert!(store.execute("DELETE FROM tally", []).expect("a table") > 0);
    (kept, account(home))
}

#[test]
fn what_is_kept_of_rows_is_what_counting_them_gives() {
    let mut home = reading(one_account());
    let check = |home: &Home, what: &str| {
        let (kept, counted) = kept_and_counted(home);
        assert_eq!(kept, counted, "{what}");
        home.run(&["export"]).ends_with(0);
        kept
    };
    check(&home, "at first");
    let on = |home: &mut Home, to: &str, change: &dyn Fn(&mut Account)| {
        home.day(day(to));
        home.bank.edit(|world| change(&mut world.users[0].logins[0].accounts[0]));
        home.run(&["sync"]).ends_with(0);
    };
    on(&mut home, "2026-03-05", &|account| {
        account.add_row("2026-03-05", "-4.00", "COFFEE").pending();
        account.balance("1229.35");
    });
    let told = check(&home, "a drift and a pending row");
    assert_eq!((&told["drift"]["amount"], &told["pending"]), (&"3.00".into(), &1.into()));
    home.run(&["reconcile", "smith/checking", "--accept"]).ends_with(0);
    assert_eq!(check(&home, "an entry of the owner")["drift"], Value::Null);
    on(&mut home, "2026-03-06", &|account| {
        account.add_row("2026-03-06", "-5.00", "ODD").set("Amount", Json::null());
    });
    assert_eq!(check(&home, "a row without an amount")["quarantined"], 1);
    let toml = with_line(&families(&home, "2026-02-20"), "checking", "amount_sign = \"inverted\"");
    home.reconfigure(&format!("refresh = \"never\"\n{METRICS}"), &toml);
    home.run(&["export"]).ends_with(0);
    check(&home, "other settings");
}

#[test]
fn status_fits_eighty_columns_whatever_the_names_are() {
    let home = Home::beside(one_account());
    let long = "a-name-of-just-forty-characters-in-all-x";
    let toml = families(&home, "2026-01-01").replace("\"checking\"", &format!("\"{long}\""));
    home.configure(&toml);
    for _ in 0..2 {
        let told = home.run(&["status", "-v"]).ends_with(0).out;
        assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
        assert!(told.contains(long), "{told}");
        home.run(&["sync"]).ends_with(0);
    }
}
