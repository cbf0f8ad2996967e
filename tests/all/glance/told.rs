//! What stands with an account although nothing failed is told: a drift, data that stand still, a
//! balance that does not come, a date that cannot be true.

use chrono::{Days, TimeDelta};
use serde_json::Value;

use super::{account, reading};
use crate::bank::{Account, Json, World};
use crate::daemon::process::{Service, today};
use crate::first_light::{day, families, id_of, one_account};
use crate::home::Home;
use crate::readers::tables;

/// Changes the account at the bank, whose data are those of a day, which comes.
fn on(home: &mut Home, today: &str, change: impl FnOnce(&mut Account)) {
    let id = id_of(home, "checking");
    home.bank.edit(|world| change(world.account_mut(&id)));
    home.day(day(today));
}

const DRIFT: &str = "note: smith/checking: drift 3.00 USD since 2026-03-05: the bank's balance is not what the rows say\n  help: run `sophtron-sync reconcile smith/checking`: it shows where they part\n";

#[test]
fn every_sync_tells_a_drift_while_it_lasts() {
    let mut home = reading(one_account());
    assert_eq!(home.run(&["sync"]).ends_with(0).err, "");
    on(&mut home, "2026-03-05", |account| {
        account.balance("1229.35");
    });
    let tried = home.run(&["sync", "--dry-run"]).ends_with(0).err;
    assert_eq!(tried, DRIFT, "and a dry run tells the one that would be");
    for _ in 0..2 {
        assert_eq!(home.run(&["sync"]).ends_with(0).err, DRIFT);
    }
    assert_eq!(home.run(&["sync", "smith/checking"]).ends_with(0).err, DRIFT);
    let shown = home.run(&["status"]).ends_with(0).out;
    assert!(shown.starts_with("the account has drift; oldest data"), "{shown}");
    assert!(shown.contains("-> run `sophtron-sync reconcile smith/checking`"), "{shown}");
    let monitor = home.run(&["status", "--check"]).ends_with(0).out;
    assert!(monitor.starts_with("OK: the account has drift; "), "{monitor}");
    let page = home.read("bank/status.html");
    assert!(page.contains("The account has drift") && !page.contains("ll is well"), "{page}");
    assert!(page.contains("sophtron-sync reconcile smith/checking"), "{page}");
    let told = account(&home);
    assert_eq!((&told["message"], &told["help"]), (&Value::Null, &Value::Null));
    on(&mut home, "2026-03-06", |account| account.fixed_balance = None);
    assert_eq!(home.run(&["sync"]).ends_with(0).err, "");
    assert!(home.run(&["status"]).out.starts_with("all is well"));
}

#[test]
fn every_sync_tells_data_that_stand_still() {
    let mut home = reading(one_account());
    home.sleep_until(day("2026-03-04") + Days::new(3));
    for _ in 0..2 {
        let told = home.run(&["sync"]).ends_with(0).err;
        assert!(told.starts_with("note: smith/checking: its data are 3 d old\n"), "{told}");
        assert!(told.contains("  help: the bank's data stand still though reads"), "{told}");
    }
}

#[test]
fn a_daemon_tells_a_drift_to_each_sync_beside_it_and_its_log_once() {
    let mut world = World::new(today());
    let login = world.add_user("smith").add_login("Sandbox Bank");
    login.add_account("Checking").opening("100.00").add_row_on(today(), "-1.00", "SHOP");
    let home = Home::in_memory(world);
    let settings = "refresh = \"never\"\n[schedule]\nevery = \"6h\"\njitter = \"0s\"";
    let start = today() - Days::new(30);
    home.configure_with(settings, &families(&home, &start.to_string()));
    let mut service = Service::start(&home);
    service.until("the first round is over", || home.path("bank/status.html").exists());
    let id = id_of(&home, "checking");
    home.bank.edit(|world| {
        let account = world.account_mut(&id);
        account.balance("102.00").add_row_on(today(), "-4.00", "LATE");
    });
    for _ in 0..2 {
        let told = home.run(&["sync"]).ends_with(0).err;
        assert!(told.contains("note: smith/checking: drift "), "{told}");
    }
    let log = service.log();
    let lines = |words: &str| log.lines().filter(|line| line.contains(words)).count();
    assert_eq!(lines("is not what the rows say"), 1, "{log}");
    assert_eq!(lines("added=1"), 2, "the first round, and what a sync beside it brought: {log}");
    assert_eq!(lines("written"), 2, "{log}");
}

#[test]
fn a_balance_that_never_came_is_told() {
    let mut world = one_account();
    let nothing = |account: &mut Account| {
        account.set("Balance", Json::null()).set("AccountBalance", Json::null());
    };
    nothing(&mut world.users[0].logins[0].accounts[0]);
    let home = reading(world);
    let missing =
        "no balance came yet: until one does there is no opening balance, no assertion and no OFX";
    let shown = home.run(&["status"]).ends_with(0).out;
    assert!(shown.starts_with("the account has no balance; oldest data"), "{shown}");
    let words: Vec<&str> = shown.split_whitespace().collect();
    assert!(words.join(" ").contains(missing), "{shown}");
    assert_eq!(account(&home)["message"], missing);
    assert!(home.read("bank/status.html").contains(missing));
    assert!(!home.path("bank/smith/checking/2026.ofx").exists());
}

#[test]
fn a_balance_that_is_missing_once_is_not_forgotten() {
    let mut home = reading(one_account());
    let line = |home: &Home| tables::csv_table(&home.path("bank/accounts.csv"))[0].clone();
    let (before, balance) = (line(&home), account(&home)["balance"].clone());
    on(&mut home, "2026-03-05", |account| {
        account.set("Balance", Json::null()).set("AccountBalance", Json::null());
    });
    home.run(&["sync"]).ends_with(0);
    assert_eq!(line(&home), before, "the latest balance and its day");
    assert!(before["balance_date"] == "2026-03-04" && !before["balance"].is_empty());
    let told = account(&home);
    assert_eq!(told["balance"], balance);
    let words = "the last list of accounts had no balance: the one of 2026-03-04 is shown";
    assert_eq!(told["message"], words);
    assert!(home.run(&["status"]).out.starts_with("the account has no new balance"));
}

#[test]
fn a_date_that_cannot_be_true_is_an_unknown_age() {
    for (sent, dated) in [
        (Json::text("0001-01-01T00:00:00"), "2026-03-05"),
        (Json::null(), "2026-03-05"),
        (Json::text("2026-12-30T00:00:00"), "2026-12-30"),
    ] {
        let mut home = reading(one_account());
        let what = format!("{sent:?}");
        on(&mut home, "2026-03-05", |account| {
            account.add_row("2026-03-05", "-4.00", "COFFEE");
        });
        let id = id_of(&home, "checking");
        home.bank.edit(|world| world.account_mut(&id).last_updated = Some(sent));
        home.run(&["sync"]).ends_with(0);
        assert_eq!(account(&home)["data_as_of"], Value::Null, "{what}");
        let shown = home.run(&["status"]).ends_with(0).out;
        assert!(shown.contains("age unknown") && !shown.contains("oldest data"), "{shown}");
        let monitor = home.run(&["status", "--check"]).ends_with(1).out;
        assert_eq!(monitor, "WARNING: smith/checking age of its data unknown\n", "{what}");
        let line = &tables::csv_table(&home.path("bank/accounts.csv"))[0];
        assert_eq!(line["balance_date"], dated, "{what}");
        // It moves with no news either, and so proves nothing.
        home.now += TimeDelta::hours(1);
        home.bank.edit(|world| {
            let account = world.account_mut(&id);
            account.add_row("2026-03-05", "-1.00", "STAMP");
            account.add_row("2026-03-05", "1.00", "STAMP BACK");
        });
        let came = home.run(&["sync"]).ends_with(0).out;
        assert!(came.contains("2 new"), "{what}: {came}");
    }
}
