//! What a family may ask for and when: waits after failures, the service's own limits, refused
//! credentials, and the month's budget.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::bank::{self, Endpoint, Fault, Shown, Story, Transport, World, family_toml};
use crate::home::Home;

/// A family with three logins, the first of which holds two accounts.
fn world() -> World {
    let mut world = World::new(bank::day("2026-03-04"));
    let user = world.add_user("smith");
    for names in [&["Checking", "Savings"][..], &["Card"], &["Loan"]] {
        let login = user.add_login("Sandbox Bank");
        for name in names {
            login.add_account(name).opening("100.00").add_row("2026-02-20", "-1.00", "SHOP");
        }
    }
    world
}

fn family(home: &Home) -> String {
    let base_url = home.bank.base_url();
    home.bank.edit(|world| family_toml(world.user("smith"), &base_url, bank::day("2026-02-01")))
}

/// No refresh is a part of what is counted here, unless a test wants it.
const NO_REFRESH: &str = "refresh = \"never\"";

/// A home that synced well, with news since.
fn with_news() -> Home {
    let mut home = Home::in_memory(world());
    home.configure_with(NO_REFRESH, &family(&home));
    home.run(&["sync"]).ends_with(0);
    home.bank.edit(|world| {
        for account in world.accounts_mut() {
            account.add_row("2026-03-05", "-1.00", "NEWS").shown(Shown::Now);
        }
    });
    home.day(bank::day("2026-03-05"));
    home.bank.forget_calls();
    home
}

/// The family as `status --json` tells it.
fn told(home: &Home) -> Value {
    home.run(&["status", "--json"]).ends_with(0).json()["families"][0].clone()
}

fn account(home: &Home, name: &str) -> Value {
    let told = told(home);
    let found =
        told["accounts"].as_array().and_then(|all| all.iter().find(|one| one["name"] == name));
    found.unwrap_or_else(|| panic!("no {name}")).clone()
}

fn wait(home: &Home, account: &Value) -> TimeDelta {
    let next = account["next_attempt"].as_str().and_then(|text| text.parse().ok());
    next.map_or_else(TimeDelta::zero, |next: DateTime<Utc>| next - home.now)
}

#[test]
fn waits_grow_with_each_failure_and_a_success_forgets_them() {
    let mut home = with_news();
    home.bank.edit(|world| {
        world.fault(Fault::Status(500)).on(Endpoint::Accounts);
    });
    for minutes in [1, 5, 15, 60, 60, 60] {
        home.run(&["sync"]).ends_with(69);
        let wait = wait(&home, &account(&home, "checking"));
        let own = TimeDelta::minutes(minutes);
        assert!(wait >= own && wait <= own + own / 10, "{wait} after {minutes} minutes");
        // Who syncs by hand does not wait.
        home.now += TimeDelta::seconds(10);
    }
    home.bank.edit(World::lift_faults);
    home.run(&["sync"]).ends_with(0);
    home.bank.edit(|world| {
        world.fault(Fault::Status(500)).on(Endpoint::Accounts);
    });
    home.run(&["sync"]).ends_with(69);
    assert!(wait(&home, &account(&home, "checking")) <= TimeDelta::seconds(66));
}

#[test]
fn accounts_that_failed_together_are_not_all_tried_again_together() {
    let home = with_news();
    home.bank.edit(|world| {
        world.fault(Fault::Status(500)).on(Endpoint::Accounts);
    });
    for _ in 0..4 {
        home.run(&["sync"]).ends_with(69);
    }
    let names = ["checking", "savings", "card", "loan"];
    let waits: std::collections::BTreeSet<_> =
        names.iter().map(|name| wait(&home, &account(&home, name))).collect();
    assert!(waits.len() > 1, "{waits:?}");
}

/// Of rows it binds their account, of the list the login.
#[test]
fn a_retry_after_binds_what_it_was_told_about() {
    let mut home = with_news();
    let id = account(&home, "checking")["id"].as_str().expect("an id").to_owned();
    home.bank.edit(|world| {
        world.fault(Fault::Limited(Some("600".to_owned()))).on(Endpoint::Transactions).about(&id);
    });
    home.run(&["sync"]).ends_with(75);
    assert_eq!(account(&home, "checking")["state"], "limited");
    assert_eq!(wait(&home, &account(&home, "checking")), TimeDelta::minutes(10));
    assert!(["savings", "card", "loan"].iter().all(|name| account(&home, name)["state"] == "ok"));
    home.bank.edit(|world| {
        world.lift_faults();
        let login = world.users[0].logins[1].id.clone();
        world.fault(Fault::Limited(Some("900".to_owned()))).on(Endpoint::Accounts).about(&login);
    });
    home.bank.forget_calls();
    home.run(&["sync"]).ends_with(75);
    let asked = home.bank.calls();
    assert!(asked.iter().all(|call| call.body["AccountID"] != id.as_str()), "it still has to wait");
    assert_eq!(wait(&home, &account(&home, "card")), TimeDelta::minutes(15));
    home.now += TimeDelta::minutes(11);
    home.bank.edit(World::lift_faults);
    home.bank.forget_calls();
    home.run(&["sync"]).ends_with(75);
    assert_eq!(account(&home, "checking")["state"], "ok");
    assert_eq!(home.bank.count(Endpoint::Accounts), 2, "the second login still has to wait");
    home.now += TimeDelta::minutes(5);
    home.run(&["sync"]).ends_with(0);
}

/// Logins run side by side: what is on its way comes, and nothing more is sent.
#[test]
fn a_refused_key_stops_all_logins_of_its_family_at_once() {
    let home = with_news();
    let wait = Duration::from_millis(400);
    home.bank.edit(|world| {
        let logins: Vec<_> = world.users[0].logins.iter().map(|login| login.id.clone()).collect();
        world.fault(Fault::Status(401)).on(Endpoint::Accounts).about(&logins[0]);
        for slow in &logins[1..] {
            world.fault(Fault::Transport(Transport::SlowHead(wait))).about(slow);
        }
    });
    home.run(&["sync"]).ends_with(77);
    let asked = home.bank.calls();
    assert!(asked.len() <= 3, "one list a login, and no rows: {asked:?}");
    for name in ["checking", "savings", "card", "loan"] {
        let told = account(&home, name);
        assert_eq!((&told["state"], &told["next_attempt"]), (&"rejected".into(), &Value::Null));
        assert_eq!(told["last_success"], "2026-03-04T12:00:00Z", "{told}");
    }
    home.bank.forget_calls();
    home.run(&["sync"]).ends_with(77);
    assert_eq!(home.bank.calls().len(), 0);
}

/// Whatever was read before the refusal is kept, and the family is rejected all the same.
#[test]
fn a_key_that_is_refused_late_keeps_what_was_read() {
    let home = with_news();
    let id = account(&home, "savings")["id"].as_str().expect("an id").to_owned();
    home.bank.edit(|world| {
        world.fault(Fault::Status(401)).on(Endpoint::Transactions).about(&id);
    });
    home.run(&["sync", "smith/checking", "smith/savings"]).ends_with(77);
    assert!(home.read("bank/smith/checking/2026.ledger").contains("* NEWS"));
    for (name, last_success) in
        [("checking", "2026-03-05T12:00:00Z"), ("savings", "2026-03-04T12:00:00Z")]
    {
        let told = account(&home, name);
        assert_eq!(
            (&told["state"], &told["next_attempt"]),
            (&"rejected".into(), &Value::Null),
            "{told}"
        );
        assert_eq!(told["last_success"], last_success);
    }
}

/// A forbidden question is no wrong key where others are answered; where none is, it is.
#[test]
fn a_forbidden_question_is_told_apart_from_a_wrong_key() {
    for endpoint in [Endpoint::Accounts, Endpoint::Transactions] {
        let home = with_news();
        home.bank.edit(|world| {
            world.fault(Fault::Status(403)).on(endpoint);
        });
        home.run(&["sync"]).ends_with(1);
        assert_eq!(account(&home, "card")["state"], "failed");
        assert!(account(&home, "card")["next_attempt"].is_string());
    }
    let home = with_news();
    home.bank.edit(|world| {
        world.fault(Fault::Status(403));
    });
    let said = home.run(&["sync"]).ends_with(77).err;
    assert!(said.contains("403"), "{said}");
    home.bank.forget_calls();
    home.run(&["sync"]).ends_with(77);
    home.run(&["credentials", "check", "smith"]).ends_with(77);
    assert_eq!(home.bank.calls().len(), 1, "the check alone");
}

/// The bank's name is looked up once; a trouble with it is none with the name.
#[test]
fn a_name_that_could_not_be_asked_for_is_asked_for_again() {
    let home = Home::in_memory(world());
    home.configure(&family(&home));
    home.bank.edit(|world| {
        world.fault(Fault::body("<html></html>")).on(Endpoint::InstitutionById);
    });
    home.run(&["sync"]).ends_with(0);
    home.bank.edit(World::lift_faults);
    home.bank.forget_calls();
    home.run(&["sync"]).ends_with(0);
    assert_eq!(home.bank.count(Endpoint::InstitutionById), 3);
    home.run(&["sync"]).ends_with(0);
    assert_eq!(home.bank.count(Endpoint::InstitutionById), 3);
}

fn with_budget(home: &Home, requests: usize) {
    home.reconfigure(&format!("{NO_REFRESH}\nmonthly_requests = {requests}"), &family(home));
}

fn used(home: &Home) -> usize {
    let requests = told(home)["requests"].clone();
    usize::try_from(requests["used"].as_u64().expect("a number")).expect("small")
}

#[test]
fn every_call_is_counted_and_status_shows_the_budget() {
    let home = Home::in_memory(world());
    home.configure(&family(&home));
    home.run(&["sync"]).ends_with(0);
    home.run(&["credentials", "check"]).ends_with(0);
    home.run(&["accounts"]).ends_with(0);
    home.bank.edit(|world| {
        world.fault(Fault::Status(500)).on(Endpoint::Accounts);
    });
    home.run(&["sync"]).ends_with(69);
    assert_eq!(used(&home), home.bank.calls().len(), "polls, failures and tries too");
    with_budget(&home, 5000);
    assert_eq!(told(&home)["requests"]["limit"], 5000);
    let line = format!("smith, {} of 5000 requests in 2026-03", used(&home));
    assert!(home.run(&["status"]).out.contains(&line), "{line}");
}

#[test]
fn a_family_whose_budget_is_used_up_waits_for_the_next_month() {
    let mut home = with_news();
    let before = home.tree("bank");
    with_budget(&home, used(&home));
    let said = home.run(&["sync"]).ends_with(75).err;
    assert!(said.contains("budget of requests (`monthly_requests`) is used up"), "{said}");
    for name in ["checking", "savings", "card", "loan"] {
        let told = account(&home, name);
        assert_eq!(
            (&told["state"], &told["next_attempt"]),
            (&"limited".into(), &"2026-04-01T00:00:00Z".into())
        );
        assert_eq!(told["last_success"], "2026-03-04T12:00:00Z");
    }
    home.now += TimeDelta::days(20);
    home.run(&["sync"]).ends_with(75);
    assert_eq!(home.bank.calls().len(), 0, "not by hand either");
    assert!(home.tree("bank") == before);
    home.sleep_until(bank::day("2026-04-01"));
    home.run(&["sync", "--no-refresh"]).ends_with(0);
    assert!(home.read("bank/smith/card/2026.ledger").contains("* NEWS"));
    assert_eq!(used(&home), home.bank.calls().len(), "a new month, a new count");
}

#[test]
fn a_larger_budget_counts_at_once() {
    let home = with_news();
    with_budget(&home, used(&home));
    home.run(&["sync"]).ends_with(75);
    with_budget(&home, 8000);
    home.run(&["sync"]).ends_with(0);
}

/// Where it ends in the middle of a sync, what was read is kept, and not a call more is sent.
#[test]
fn a_budget_that_ends_in_a_sync_keeps_what_was_read() {
    let home = with_news();
    let budget = used(&home) + 4;
    with_budget(&home, budget);
    home.run(&["sync"]).ends_with(75);
    assert_eq!((home.bank.calls().len(), used(&home)), (4, budget));
    let names = ["checking", "savings", "card", "loan"];
    let read =
        |name: &&str| home.read(&format!("bank/smith/{name}/2026.ledger")).contains("* NEWS");
    for name in names {
        assert_eq!(account(&home, name)["state"] == "ok", read(&name), "{name}");
    }
    let asked_for = home.bank.count(Endpoint::Transactions);
    assert_eq!(
        names.iter().filter(|name| read(name)).count(),
        asked_for,
        "all that was read is kept"
    );
    assert!(asked_for > 0, "three lists leave room for rows");
}

#[test]
fn banks_are_not_asked_above_four_fifths_of_the_budget_and_reads_go_on() {
    let mut home = with_news();
    home.bank.edit(|world| {
        for login in &mut world.users[0].logins {
            login.refresh = Story::running(0);
        }
    });
    home.sleep_until(bank::day("2026-03-06"));
    while used(&home) < 40 {
        home.run(&["credentials", "check"]).ends_with(0);
    }
    let budget = |requests: usize| {
        home.reconfigure(&format!("monthly_requests = {requests}"), &family(&home));
    };
    budget(used(&home) * 5 / 4);
    let said = home.run(&["sync"]).ends_with(0).err;
    assert!(said.contains("no bank is asked for new data above 80 %"), "{said}");
    assert_eq!(home.bank.count(Endpoint::RefreshLogin), 0);
    assert!(home.read("bank/smith/loan/2026.ledger").contains("* NEWS"));
    budget(8000);
    home.run(&["sync"]).ends_with(0);
    assert_eq!(home.bank.count(Endpoint::RefreshLogin), 3);
}
