//! What commands print, and what they leave alone.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{day, files, id_of, one_account, settled, two_families};
use crate::bank::{Endpoint, Shown};
use crate::home::Home;

const START: &str = "2026-01-01";

fn synced() -> Home {
    let home = settled(one_account(), START);
    home.run(&["sync"]).ends_with(0);
    home
}

#[test]
fn a_dry_run_tells_what_would_come_and_changes_nothing() {
    let mut home = synced();
    let id = id_of(&home, "checking");
    home.bank.edit(|world| {
        let account = world.account_mut(&id);
        account.add_row("2026-03-03", "-7.00", "NEWS").shown(Shown::Now);
    });
    home.sleep_until(day("2026-03-06"));
    let told = || home.run(&["status", "--json"]).ends_with(0).json()["families"][0].clone();
    let (books, before) = (home.tree("bank"), told());
    home.bank.forget_calls();
    let dry = home.run(&["sync", "--dry-run"]).ends_with(0).out;
    assert!(dry.contains("smith/checking: would bring 1 new"), "{dry}");
    assert!(!dry.contains("written"), "{dry}");
    assert_eq!(home.bank.count(Endpoint::RefreshLogin), 0, "no job is started");
    assert!(home.tree("bank") == books, "no file");
    let after = told();
    assert_eq!(after["accounts"], before["accounts"], "and nothing in the store");
    let used = |told: &Value| told["requests"]["used"].as_u64().expect("a number");
    let calls = home.bank.calls().len() as u64;
    assert!(calls > 0 && used(&after) == used(&before) + calls, "but each request counts");
    assert_eq!(home.run(&["sync", "--dry-run"]).ends_with(0).out, dry);
    let wet = home.run(&["sync", "--no-refresh"]).ends_with(0).out;
    assert!(wet.contains("smith/checking: 1 new"), "{wet}");
}

#[test]
fn a_dry_run_of_a_new_home_keeps_and_writes_nothing() {
    let home = settled(one_account(), START);
    let dry = home.run(&["sync", "--dry-run"]).ends_with(0).out;
    assert!(dry.contains("would bring 3 new"), "{dry}");
    assert_eq!(files(&home, "bank"), BTreeMap::new());
    let told = home.run(&["status", "--json"]).ends_with(0).json();
    assert_eq!(told["families"][0]["accounts"][0]["state"], "new");
}

#[test]
fn one_family_or_one_account_is_synced_alone() {
    let home = two_families("2026-05-01", "2026-06-30");
    home.run(&["sync", "smith/joint-checking", "smith/water"]).ends_with(0);
    let folders = |family: &str| -> Vec<String> {
        let all = files(&home, &format!("bank/{family}")).into_keys();
        let mut folders: Vec<_> =
            all.filter_map(|name| Some(name.split_once('/')?.0.to_owned())).collect();
        folders.dedup();
        folders
    };
    assert_eq!(folders("smith"), ["joint-checking", "water"]);
    assert_eq!(folders("tremblay"), [""; 0]);
    home.run(&["sync", "tremblay"]).ends_with(0);
    assert_eq!((folders("smith").len(), folders("tremblay").len()), (2, 7));
    for (wrong, near) in [("smit", "smith"), ("smith/watr", "water")] {
        let told = home.run(&["sync", wrong]).ends_with(2).err;
        assert!(told.contains(near), "{told}");
    }
}

#[test]
fn an_account_is_printed_in_each_format_as_it_is_written() {
    let home = synced();
    home.bank.forget_calls();
    for format in ["ledger", "csv", "ofx"] {
        let printed = home.run(&["export", "--stdout", format, "smith/checking"]).ends_with(0).out;
        assert_eq!(printed, home.read(&format!("bank/smith/checking/2026.{format}")), "{format}");
        let cut = ["--from", "2026-02-20", "--to", "2026-02-28"];
        let args = ["export", "--stdout", format, "smith/checking"];
        let printed = home.run(&[&args[..], &cut[..]].concat()).ends_with(0).out;
        let has = |word: &str| printed.contains(word);
        assert!(has("PAYROLL") && !has("COFFEE") && !has("GREEN GROCER"), "{printed}");
        assert!(!has("Opening balance"), "it lies before the cut");
        if format != "ledger" {
            assert!(has("1231.60"), "the balance is that of the whole books: {printed}");
        }
    }
    assert_eq!(home.bank.calls().len(), 0);
    let before = home.tree("bank");
    for (args, exit, word) in [
        (vec!["export", "--stdout", "qif", "smith/checking"], 2, "ledger, csv, ofx"),
        (vec!["export", "--stdout", "csv", "smith"], 2, "FAMILY/ACCOUNT"),
        (vec!["export", "--stdout", "csv", "smith/cheking"], 2, "checking"),
        (vec!["export", "--stdout", "csv", "smiht/checking"], 2, "smith"),
        (vec!["export", "--from", "2026-02-20"], 2, "--stdout"),
        (vec!["export", "--stdout", "csv", "smith/checking", "--from", "20 Feb"], 2, "YYYY-MM-DD"),
    ] {
        let told = home.run(&args).ends_with(exit);
        assert!(told.err.contains(word) && told.out.is_empty(), "{args:?}: {}", told.err);
    }
    assert!(home.tree("bank") == before);
}

#[test]
fn an_account_that_was_never_synced_is_not_printed() {
    let home = settled(one_account(), START);
    home.run(&["sync", "--dry-run"]).ends_with(0);
    let told = home.run(&["export", "--stdout", "csv", "smith/checking"]).ends_with(1).err;
    assert!(told.contains("never synced"), "{told}");
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn status_as_json_has_every_key_with_and_without_data() {
    let account = [
        "available",
        "balance",
        "currency",
        "data_as_of",
        "drift",
        "help",
        "id",
        "last_attempt",
        "last_success",
        "message",
        "name",
        "next_attempt",
        "pending",
        "quarantined",
        "state",
        "transactions",
    ];
    let home = settled(one_account(), START);
    for synced in [false, true] {
        if synced {
            home.run(&["sync"]).ends_with(0);
        }
        let told = home.run(&["status", "--json"]).ends_with(0).json();
        assert_eq!(keys(&told), ["daemon", "families", "now", "version"]);
        assert_eq!(told["version"], 1);
        assert_eq!(told["now"], "2026-03-04T12:00:00Z");
        assert_eq!(told["daemon"], json!({"running": false, "pid": null, "config_error": null}));
        let family = &told["families"][0];
        assert_eq!(keys(family), ["accounts", "name", "requests"]);
        assert_eq!(keys(&family["requests"]), ["limit", "month", "used"]);
        assert_eq!(family["requests"]["month"], "2026-03");
        assert_eq!(family["requests"]["used"], home.bank.calls().len());
        assert_eq!(keys(&family["accounts"][0]), account, "synced: {synced}");
    }
    let mut told = home.run(&["status", "--json"]).ends_with(0).json()["families"][0].clone();
    let id = id_of(&home, "checking");
    let next = told["accounts"][0]["next_attempt"].take();
    let next = next.as_str().expect("a round is planned");
    // Six hours later, and up to ten minutes of jitter.
    assert!(("2026-03-04T18:00:00Z"..="2026-03-04T18:10:00Z").contains(&next), "{next}");
    assert_eq!(
        told["accounts"][0],
        json!({
            "name": "checking", "id": id, "state": "ok", "message": null, "help": null,
            "data_as_of": "2026-03-04T07:12:09Z", "last_attempt": "2026-03-04T12:00:00Z",
            "last_success": "2026-03-04T12:00:00Z", "next_attempt": null,
            "balance": "1226.35", "available": "1226.35", "currency": "USD", "drift": null,
            "transactions": 3, "pending": 0, "quarantined": 0,
        })
    );
}

#[test]
fn status_works_beside_a_store_that_is_not_there_and_fits_eighty_columns() {
    let home = two_families("2026-05-01", "2026-06-30");
    std::fs::remove_dir_all(home.path("state")).unwrap_or_default();
    home.run(&["status"]).ends_with(0);
    home.run(&["sync"]).ends_with(0);
    for args in [vec!["status"], vec!["status", "-v"], vec!["accounts"]] {
        let told = home.run(&args).ends_with(0).out;
        assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
        assert!(!told.contains('\u{1b}'), "no colour but on a terminal");
    }
}

#[test]
fn accounts_lists_what_is_behind_the_credentials_linked_or_not() {
    let home = settled(one_account(), START);
    home.bank.edit(|world| {
        let unlinked = world.users[0].logins[0].add_account("New Savings");
        unlinked.opening("5.00").kind("Savings");
    });
    let told = home.run(&["accounts", "--json"]).ends_with(0).json();
    assert_eq!(keys(&told), ["accounts", "version"]);
    let listed = told["accounts"].as_array().expect("a list");
    let wanted = [
        "balance",
        "currency",
        "data_as_of",
        "family",
        "id",
        "institution",
        "linked",
        "login",
        "mask",
        "name",
        "type",
    ];
    assert!(listed.iter().all(|account| keys(account) == wanted), "{told}");
    let linked: Vec<_> = listed.iter().map(|account| account["linked"].clone()).collect();
    assert_eq!(linked, [json!("checking"), json!(null)]);
    assert_eq!(listed[0]["institution"], "Sandbox Bank");
    assert_eq!(files(&home, "bank"), BTreeMap::new());
}

#[test]
fn a_second_program_on_the_same_folders_is_told_who_holds_them() {
    let home = synced();
    for folder in ["state", "bank"] {
        let held = sophtron_sync::files::Lock::take(&home.path(folder), ".sophtron-sync.lock");
        let held = held.expect("nobody holds it");
        let told = home.run(&["sync"]).ends_with(75).err;
        assert!(told.contains(&std::process::id().to_string()), "{told}");
        home.run(&["status"]).ends_with(0);
        drop(held);
    }
    home.run(&["sync"]).ends_with(0);
}
