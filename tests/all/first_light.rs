//! From an empty home to files on disk: what an owner sees, with a bank beside and readers behind.

mod commands;
mod failing;
mod households;
mod money;
mod quiet;
mod refreshing;
mod rows;
mod same_bytes;
mod settings;
mod survival;
mod truth;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::Value;

use crate::bank::{World, family_toml, history};
use crate::home::Home;

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// Both families from a day until another, synced from the first day on.
fn two_families(from: &str, until: &str) -> Home {
    settled(history::two_families(7, day(from), day(until)), from)
}

/// A home in which each account is configured as its bank suggests, from a day on.
pub(crate) fn settled(world: World, start: &str) -> Home {
    let home = Home::beside(world);
    home.configure(&families(&home, start));
    home
}

/// The configuration of every family of a home's bank.
pub(crate) fn families(home: &Home, start: &str) -> String {
    let base_url = home.bank.base_url();
    home.bank.edit(|world| {
        let toml = |user| family_toml(user, &base_url, day(start));
        world.users.iter().map(toml).collect::<Vec<_>>().join("\n")
    })
}

/// The same configuration with a line more for the family or account of that name.
pub(crate) fn with_line(families: &str, name: &str, line: &str) -> String {
    let named = format!("name = \"{name}\"\n");
    assert!(families.contains(&named), "no {name} in {families}");
    families.replacen(&named, &format!("{named}{line}\n"), 1)
}

/// The family `smith` with one account `checking`: 1000.00, three rows in February and March 2026.
pub(crate) fn one_account() -> World {
    let mut world = World::new(day("2026-03-04"));
    let account = world.add_user("smith").add_login("Sandbox Bank").add_account("Checking");
    account.opening("1000.00").add_row("2026-02-10", "-18.4", "POS 0417 GREEN GROCER #12");
    account.add_row("2026-02-27", "250.00", "PAYROLL");
    account.add_row("2026-03-02", "-5.25", "COFFEE");
    world
}

/// The `AccountID` of an account by its configured name.
pub(crate) fn id_of(home: &Home, name: &str) -> String {
    home.bank.edit(|world| {
        let found = world.accounts().find(|account| account.suggestion.name == name);
        found.unwrap_or_else(|| panic!("no account {name}")).id.clone()
    })
}

/// The files below a folder of a home, by name.
pub(crate) fn files(home: &Home, folder: &str) -> BTreeMap<String, Vec<u8>> {
    home.tree(folder).into_iter().map(|(name, bytes, _)| (name, bytes)).collect()
}

/// What `status --json` says of an account, `FAMILY/ACCOUNT`.
pub(crate) fn status(home: &Home, account: &str) -> Value {
    let (family, name) = account.split_once('/').expect("FAMILY/ACCOUNT");
    let told = home.run(&["status", "--json"]).ends_with(0).json();
    let named = |list: &Value, name: &str| {
        let mut items = list.as_array().expect("a list").iter();
        items.find(|item| item["name"] == name).unwrap_or_else(|| panic!("no {name}")).clone()
    };
    named(&named(&told["families"], family)["accounts"], name)
}

/// Without its table every query of a row fails, and nothing can be rendered.
#[test]
fn a_sync_without_news_queries_no_row_and_renders_nothing() {
    let home = two_families("2026-05-01", "2026-06-30");
    home.run(&["sync"]).ends_with(0);
    let rename = |from: &str, to: &str| {
        let store = rusqlite::Connection::open(home.path("state/store.sqlite")).expect("a store");
        store.execute_batch(&format!("ALTER TABLE {from} RENAME TO {to}")).expect("a table");
    };
    rename("transaction_row", "put_aside");
    home.run(&["export"]).ends_with(0);
    let quiet = home.run(&["sync"]).ends_with(0);
    assert_eq!(quiet.out.matches("nothing new").count(), 14, "{}", quiet.out);
    std::fs::remove_file(home.path("bank/smith/all.ledger")).expect("a file");
    home.run(&["export"]).ends_with(74);
    rename("put_aside", "transaction_row");
    home.run(&["export"]).ends_with(0);
}
