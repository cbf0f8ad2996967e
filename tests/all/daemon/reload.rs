//! Edits take effect while it runs, and only what they change is asked for.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use sophtron_sync::daemon::signals::Signal;
use sophtron_sync::sophtron::Pace;

use super::live::Daemon;
use super::{calls, families, home, started, world_on};
use crate::bank::{self, Endpoint, Fault, Transport};
use crate::home::Home;

const SETTINGS: &str = "refresh = \"never\"\n[schedule]\nevery = \"1h\"\njitter = \"0s\"\n";

/// Long enough for a reload that nothing holds up, and whatever it would ask.
fn a_while() {
    std::thread::sleep(Duration::from_millis(700));
}

/// The families that asked since the requests were last forgotten.
fn askers(home: &Home) -> BTreeSet<String> {
    home.bank.calls().into_iter().filter_map(|call| call.user).collect()
}

/// The accounts whose rows were asked for.
fn asked(home: &Home) -> BTreeSet<String> {
    let rows = home.bank.calls().into_iter();
    let rows = rows.filter(|call| call.endpoint == Some(Endpoint::Transactions));
    rows.filter_map(|call| call.body["AccountID"].as_str().map(str::to_owned)).collect()
}

fn id_of(home: &Home, family: &str, name: &str) -> String {
    home.bank.edit(|world| {
        let mut accounts = world.user(family).accounts();
        accounts.find(|account| account.suggestion.name == name).expect("it has it").id.clone()
    })
}

fn both(home: &Home) -> String {
    families(home, &["smith", "jones"])
}

/// The part of a configuration that is about one account.
fn without_account(text: &str, id: &str) -> String {
    let parts = text.split("\n[[family.account]]").collect::<Vec<_>>();
    let kept = parts.iter().map(|part| match part.split_once("\n[[family]]") {
        Some((own, next)) if own.contains(id) => format!("\u{0}\n[[family]]{next}"),
        None if part.contains(id) => "\u{0}".to_owned(),
        _ => (*part).to_owned(),
    });
    kept.collect::<Vec<_>>().join("\n[[family.account]]").replace("\n[[family.account]]\u{0}", "")
}

#[test]
fn another_format_is_written_without_a_request() {
    let home = home("every = \"1h\"");
    let daemon = started(&home);
    home.reconfigure("refresh = \"never\"\n[files]\nformats = [\"csv\"]\n", &both(&home));
    daemon.until("only csv is left", || !home.path("bank/all.ledger").exists());
    assert_eq!(calls(&home), 0);
    let _ = daemon.stop();
}

#[test]
fn other_ledger_accounts_are_written_without_a_request() {
    let home = home("every = \"1h\"");
    let daemon = started(&home);
    home.reconfigure(SETTINGS, &both(&home).replace(":Checking", ":Renamed"));
    daemon.until("they are renamed", || {
        ["smith", "jones"].iter().all(|family| {
            home.read(&format!("bank/{family}/checking/2026.ledger")).contains(":Renamed")
        })
    });
    a_while();
    assert_eq!(calls(&home), 0);
}

#[test]
fn a_family_that_is_removed_keeps_its_files_and_is_asked_for_no_more() {
    let home = home("every = \"1h\"");
    let daemon = started(&home);
    let kept = home.tree("bank/jones");
    home.reconfigure(SETTINGS, &families(&home, &["smith"]));
    daemon.until("it is gone from what is shared", || {
        !home.read("bank/accounts.csv").contains("jones")
    });
    assert!(home.read("bank/all.ledger").contains("jones"), "its history stays");
    daemon.pass(TimeDelta::hours(2));
    daemon.until("the other one is asked", || calls(&home) > 0);
    a_while();
    assert_eq!(askers(&home), BTreeSet::from(["smith".to_owned()]));
    assert!(home.tree("bank/jones") == kept, "its files changed");

    // It comes back, and alone is asked.
    home.bank.forget_calls();
    home.reconfigure(SETTINGS, &both(&home));
    daemon.until("it is back", || home.read("bank/accounts.csv").contains("jones"));
    daemon.until("it is asked", || calls(&home) > 0);
    a_while();
    assert_eq!(askers(&home), BTreeSet::from(["jones".to_owned()]));
}

#[test]
fn a_new_family_alone_is_asked_at_once() {
    let mut world = world_on(bank::day("2026-03-04"));
    let login = world.add_user("brown").add_login("Sandbox Bank");
    login.add_account("Checking").opening("7.00").add_row("2026-02-25", "-3.00", "LATECOMER");
    let home = Home::in_memory(world);
    let all = families(&home, &["smith", "jones", "brown"]);
    home.configure_with(SETTINGS, &all);
    home.reconfigure(SETTINGS, &both(&home));
    let daemon = started(&home);
    home.reconfigure(SETTINGS, &all);
    let file = home.path("bank/brown/checking/2026.ledger");
    daemon.until("its files are written", || file.exists());
    a_while();
    assert_eq!(askers(&home), BTreeSet::from(["brown".to_owned()]));
}

#[test]
fn new_keys_are_taken_and_their_family_alone_is_asked() {
    let home = home("every = \"1h\"");
    let daemon = started(&home);
    let key = "TmV3IGtleSBmb3IgdGhlIHNhbmRib3ggYmFuaywgMzIgYg==";
    let id = home.bank.edit(|world| {
        let user = world.user_mut("smith");
        key.clone_into(&mut user.access_key);
        user.id.clone()
    });
    let lines = format!("user_id = \"{id}\"\naccess_key = \"{key}\"\n");
    home.run_with(&["credentials", "set", "smith"], &lines).ends_with(0);
    daemon.until("it asks", || calls(&home) > 0);
    a_while();
    assert_eq!(askers(&home), BTreeSet::from(["smith".to_owned()]));
    assert!(home.bank.calls().iter().all(|call| call.status == 200));
}

#[test]
fn another_schedule_holds_at_once() {
    let home = home("every = \"4h\"\njitter = \"0s\"");
    let mut daemon = Daemon::watched(&home);
    daemon.until_it_rests();
    home.bank.forget_calls();
    home.reconfigure(SETTINGS, &both(&home));
    let hour = daemon.now() + TimeDelta::hours(1);
    daemon.until_status("next sync 13:00");
    assert_eq!(daemon.until_it_rests(), hour);
    assert_eq!(calls(&home), 0);
    daemon.set(hour);
    daemon.until("both are asked", || calls(&home) == 2);
}

#[test]
fn an_account_that_is_removed_keeps_its_files_and_one_that_is_added_is_asked_alone() {
    let home = home("every = \"1h\"");
    let daemon = started(&home);
    let (all, savings) = (both(&home), id_of(&home, "smith", "savings"));
    let kept = home.tree("bank/smith/savings");
    let without = without_account(&all, &savings);
    assert!(!without.contains(&savings) && without.contains(&id_of(&home, "jones", "savings")));
    home.reconfigure(SETTINGS, &without);
    a_while();
    assert_eq!(calls(&home), 0);
    home.bank.edit(|world| {
        let account = world.account_mut(&savings);
        account.add_row("2026-03-02", "4.00", "WHILE AWAY");
    });
    daemon.pass(TimeDelta::hours(2));
    daemon.until("both are asked", || askers(&home).len() == 2);
    a_while();
    assert_eq!(asked(&home), BTreeSet::new(), "its rows were asked for");
    assert!(home.tree("bank/smith/savings") == kept, "its files changed");
    home.bank.forget_calls();
    home.reconfigure(SETTINGS, &all);
    daemon.until("its news come", || {
        home.read("bank/smith/savings/2026.ledger").contains("WHILE AWAY")
    });
    a_while();
    assert_eq!(askers(&home), BTreeSet::from(["smith".to_owned()]));
    assert_eq!(asked(&home), BTreeSet::from([savings]));
}

#[test]
fn an_earlier_start_is_read_at_once() {
    let mut world = world_on(bank::day("2026-03-04"));
    let login = &mut world.user_mut("smith").logins[0];
    login.accounts[0].add_row("2026-01-10", "-9.00", "LONG AGO");
    let home = Home::in_memory(world);
    home.configure_with(SETTINGS, &both(&home));
    let daemon = started(&home);
    assert!(!home.read("bank/smith/checking/2026.ledger").contains("LONG AGO"));
    let (mine, others) = (families(&home, &["smith"]), families(&home, &["jones"]));
    let text =
        format!("{}\n{others}", mine.replace("start_date = 2026-02-01", "start_date = 2026-01-01"));
    home.reconfigure(SETTINGS, &text);
    daemon.until("the old row is there", || {
        home.read("bank/smith/checking/2026.ledger").contains("LONG AGO")
    });
    a_while();
    assert_eq!(askers(&home), BTreeSet::from(["smith".to_owned()]));
}

#[test]
fn an_edit_takes_effect_while_a_bank_hangs_and_the_sync_is_taken_up_anew() {
    let mut home = home("every = \"1h\"");
    home.pace = Pace::default();
    let daemon = started(&home);
    home.bank.edit(|world| {
        let hang = Fault::Transport(Transport::SlowHead(Duration::from_secs(30)));
        world.fault(hang).on(Endpoint::Accounts);
    });
    daemon.signal(Signal::SyncNow);
    daemon.until("both ask", || calls(&home) == 2);
    home.bank.edit(bank::World::lift_faults);
    let saved = Instant::now();
    home.reconfigure(
        "refresh = \"never\"\n[schedule]\nevery = \"1h\"\n[files]\nformats = [\"csv\"]\n",
        &both(&home),
    );
    daemon.until("it is in force", || !home.path("bank/all.ledger").exists());
    assert!(saved.elapsed() < Duration::from_secs(2), "{:?}", saved.elapsed());
    daemon.until("the syncs are taken up anew", || calls(&home) == 4);
    let (end, took) = daemon.stop();
    assert_eq!(end.expect("a good end").code(), 0);
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[test]
fn what_waits_for_the_next_start_is_told_and_the_rest_is_taken() {
    let home = home("every = \"1h\"");
    let mut daemon = Daemon::watched(&home);
    daemon.until_it_rests();
    let good = home.read("sophtron-sync.toml");
    let other = good.replace("state_dir = \"state\"", "state_dir = \"elsewhere\"");
    home.write("sophtron-sync.toml", &other.replace(":Checking", ":Renamed"));
    daemon.until("the rest is taken", || {
        home.read("bank/smith/checking/2026.ledger").contains(":Renamed")
    });
    daemon.until_status("state_dir and control_socket changed");
    assert!(!home.path("elsewhere").exists());
    home.write("sophtron-sync.toml", &format!("control_socket = \"my.sock\"\n{good}"));
    daemon.until_status("toml: control_socket changed");
    home.write("sophtron-sync.toml", &good);
    daemon.until_status("next sync");
}
