//! A change is told once for each family and sync, with every file that it wrote.

use serde_json::json;

use super::{ALL, all_words, events, files_of, home, odd_row, script};
use crate::bank::{Json, Shown, history};
use crate::first_light::{day, families, one_account, with_line};
use crate::home::Home;

const START: &str = "2026-02-01";

fn one() -> Home {
    home(one_account(), START, ALL)
}

fn a_new_row(home: &mut Home, on: &str) {
    home.bank.edit(|world| {
        for account in world.accounts_mut() {
            account.add_row(on, "-1.00", "NEWS").shown(Shown::Now);
        }
    });
    home.day(day(on));
}

#[test]
fn a_change_has_its_full_shape_and_no_news_is_told_to_nobody() {
    let mut home = one();
    home.run(&["sync"]).ends_with(0);
    let first = events(&home);
    assert_eq!(first.len(), 1);
    let (mut event, files) = (first[0].clone(), files_of(&home, &first[0]));
    event["files"] = json!([]);
    let account = json!({"name": "checking", "state": "ok", "message": null, "help": null,
        "added": 3, "changed": 0, "vanished": 0, "balance": "1226.35"});
    let shape = json!({"version": 1, "event": "change", "at": "2026-03-04T12:00:00Z",
        "family": "smith", "solved": false, "accounts": [account], "files": []});
    assert_eq!(event, shape);
    let written = home.tree("bank").into_iter().map(|(name, ..)| format!("bank/{name}"));
    let written: Vec<String> = written.collect();
    assert_eq!(files, written, "every file, the shared ones among them");
    for args in [&["sync"][..], &["sync", "--full"], &["export"], &["sync", "--dry-run"]] {
        home.run(args).ends_with(0);
        assert_eq!(all_words(&home), [""; 0], "{args:?}");
    }
    a_new_row(&mut home, "2026-03-05");
    home.run(&["sync", "--dry-run"]).ends_with(0);
    assert_eq!(all_words(&home), [""; 0]);
    home.run(&["sync"]).ends_with(0);
    let second = events(&home);
    assert_eq!(second.len(), 1);
    assert_eq!(second[0]["accounts"][0]["added"], 1);
    assert_eq!(second[0]["accounts"][0]["balance"], "1225.35");
    let files = files_of(&home, &second[0]);
    assert!(files.contains(&"bank/smith/checking/2026.ledger".to_owned()), "{files:?}");
    assert!(files.contains(&"bank/accounts.csv".to_owned()), "{files:?}");
    assert!(!files.contains(&"bank/.gitignore".to_owned()), "{files:?}");
}

#[test]
fn each_family_that_changed_has_one_event_with_the_shared_files() {
    let world = history::two_families(7, day("2026-06-01"), day("2026-06-30"));
    let mut home = home(world, "2026-06-01", ALL);
    home.run(&["sync"]).ends_with(0);
    assert_eq!(all_words(&home), ["change smith", "change tremblay"]);
    home.bank.edit(|world| {
        let account = world.accounts_mut().next().expect("an account");
        account.add_row("2026-06-30", "-1.00", "NEWS").shown(Shown::Now);
    });
    home.day(day("2026-07-01"));
    home.run(&["sync"]).ends_with(0);
    let told = events(&home);
    assert_eq!(told.iter().map(super::words).collect::<Vec<_>>(), ["change smith"]);
    assert!(files_of(&home, &told[0]).contains(&"bank/accounts.csv".to_owned()));
}

/// A shared file tells something new of a family whose own files stand still.
#[test]
fn a_line_in_a_shared_file_is_its_familys_change() {
    let world = history::two_families(7, day("2026-06-01"), day("2026-06-30"));
    let home = home(world, "2026-06-01", ALL);
    home.run(&["sync"]).ends_with(0);
    let of_tremblay = home.bank.edit(|world| {
        let user = world.users.iter_mut().find(|user| user.name == "tremblay").expect("it");
        let account = &mut user.logins[0].accounts[0];
        account.set("AvailableBalance", Json::number(Some("4711.00")));
        account.suggestion.name.clone()
    });
    events(&home);
    home.run(&["sync"]).ends_with(0);
    assert!(home.read("bank/accounts.csv").contains("4711.00"), "{of_tremblay}");
    let told = events(&home);
    assert_eq!(told.iter().map(super::words).collect::<Vec<_>>(), ["change tremblay"]);
    assert_eq!(files_of(&home, &told[0]), ["bank/accounts.csv"]);
}

#[test]
fn what_a_failing_hook_missed_joins_the_next_event() {
    let mut home = one();
    script(&home, "note", "cat >> missed; exit 3");
    let ran = home.run(&["sync"]).ends_with(0);
    assert!(ran.err.contains("the hook on_change of smith"), "{}", ran.err);
    assert!(ran.err.contains("ended with exit status 3"), "{}", ran.err);
    script(&home, "note", "cat >> noted");
    home.run(&["sync"]).ends_with(0);
    assert_eq!(all_words(&home), [""; 0], "no news, no event");
    a_new_row(&mut home, "2026-03-05");
    home.run(&["sync"]).ends_with(0);
    let told = events(&home);
    assert_eq!(told.len(), 1);
    let files = files_of(&home, &told[0]);
    assert!(files.contains(&"bank/.gitignore".to_owned()), "from the first one: {files:?}");
    assert!(files.contains(&"bank/smith/declarations.ledger".to_owned()), "{files:?}");
    a_new_row(&mut home, "2026-03-06");
    home.run(&["sync"]).ends_with(0);
    assert!(!files_of(&home, &events(&home)[0]).contains(&"bank/.gitignore".to_owned()));
}

#[test]
fn an_export_under_other_settings_is_a_change() {
    let home = one();
    home.run(&["sync"]).ends_with(0);
    events(&home);
    let other = format!("[files]\nunknown_expense = \"Expenses:Other\"\n{ALL}");
    home.reconfigure(&other, &families(&home, START));
    home.run(&["export"]).ends_with(0);
    let told = events(&home);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["accounts"][0]["added"], 0);
    let files = files_of(&home, &told[0]);
    assert!(files.contains(&"bank/smith/checking/2026.ledger".to_owned()), "{files:?}");
    assert!(!files.contains(&"bank/smith/checking/2026.ofx".to_owned()), "{files:?}");
}

#[test]
fn a_renamed_account_is_a_change_of_the_files_that_went_and_came() {
    let home = one();
    home.run(&["sync"]).ends_with(0);
    events(&home);
    home.run(&["rename", "smith/checking", "daily"]).ends_with(0);
    let told = events(&home);
    assert_eq!(told.iter().map(super::words).collect::<Vec<_>>(), ["change smith"]);
    assert_eq!(told[0]["accounts"][0]["name"], "daily");
    let files = files_of(&home, &told[0]);
    for name in ["smith/checking/2026.ofx", "smith/daily/2026.ofx", "smith/all.ledger"] {
        assert!(files.contains(&format!("bank/{name}")), "{name} in {files:?}");
    }
    home.run(&["sync"]).ends_with(0);
    assert_eq!(all_words(&home), [""; 0], "told once");
}

#[test]
fn a_file_that_was_removed_stands_in_the_event() {
    let mut world = one_account();
    let account = world.accounts_mut().next().expect("an account");
    account.add_row("2026-03-04", "-9.00", "WAITS").pending();
    let mut home = home(world, START, ALL);
    home.run(&["sync"]).ends_with(0);
    events(&home);
    home.bank.edit(|world| {
        let account = world.accounts_mut().next().expect("an account");
        account.rows.last_mut().expect("a row").shown(Shown::Gone);
    });
    home.day(day("2026-03-05"));
    home.run(&["sync"]).ends_with(0);
    let told = events(&home);
    assert!(!home.path("bank/smith/checking/pending.csv").exists());
    let files = files_of(&home, &told[0]);
    assert!(files.contains(&"bank/smith/checking/pending.csv".to_owned()), "{files:?}");
    assert!(!files.contains(&"bank/smith/checking/2026.ledger".to_owned()), "{files:?}");
}

/// Also what was removed by hand comes back without a word.
#[test]
fn putting_an_edited_file_back_is_no_change() {
    let home = home(one_account(), START, "[hooks]\non_change = [\"./note\"]\n");
    home.run(&["sync"]).ends_with(0);
    events(&home);
    let ledger = home.read("bank/smith/checking/2026.ledger");
    home.write("bank/smith/checking/2026.ledger", "; mine\n");
    std::fs::remove_file(home.path("bank/smith/checking/2026.csv")).expect("a file");
    home.run(&["sync"]).ends_with(0);
    assert_eq!(home.read("bank/smith/checking/2026.ledger"), ledger);
    assert!(home.path("bank/smith/checking/2026.csv").exists());
    assert_eq!(all_words(&home), [""; 0]);
}

#[test]
fn a_family_may_have_hooks_of_its_own_or_none() {
    let world = history::two_families(7, day("2026-06-01"), day("2026-06-30"));
    let home = home(world, "2026-06-01", ALL);
    script(&home, "own", "cat >> owned");
    let families = families(&home, "2026-06-01");
    let own = "[family.hooks]\non_change = [\"./own\"]";
    let (smith, tremblay) = families.split_at(families.rfind("[[family]]").expect("two"));
    let smith = with_line(smith, "smith", "paused = false").replacen(
        "[[family.account]]",
        &format!("{own}\n[[family.account]]"),
        1,
    );
    home.reconfigure(ALL, &format!("{smith}{tremblay}"));
    home.run(&["sync"]).ends_with(0);
    assert_eq!(all_words(&home), ["change tremblay"]);
    assert!(home.read("owned").contains("\"family\":\"smith\""));
}

#[test]
fn path_units_see_the_last_event_of_each_family() {
    let world = history::two_families(7, day("2026-06-01"), day("2026-06-30"));
    let mut home = home(world, "2026-06-01", "");
    std::fs::create_dir(home.path("run")).expect("a folder");
    let folder = home.path("run").display().to_string();
    home.variables.push(("RUNTIME_DIRECTORY".to_owned(), folder));
    home.run(&["sync"]).ends_with(0);
    let page = |home: &Home, name: &str| -> serde_json::Value {
        serde_json::from_str(&home.read(&format!("run/{name}"))).expect("JSON")
    };
    let changed = page(&home, "changed.json");
    assert_eq!(changed["version"], 1);
    let of = |page: &serde_json::Value| -> Vec<String> {
        page["events"].as_array().expect("a list").iter().map(super::words).collect()
    };
    assert_eq!(of(&changed), ["change smith", "change tremblay"]);
    assert!(!home.path("run/attention.json").exists());
    odd_row(&home, "2026-07-01");
    home.day(day("2026-07-01"));
    home.run(&["sync"]).ends_with(0);
    assert_eq!(of(&page(&home, "attention.json")), ["attention smith"]);
}
