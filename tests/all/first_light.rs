//! From an empty home to files on disk, and what a second sync costs.

use chrono::NaiveDate;

use crate::bank::{family_toml, history};
use crate::home::Home;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn two_families() -> Home {
    let (from, until) = (day("2026-05-01"), day("2026-06-30"));
    let home = Home::beside(history::two_families(7, from, until));
    let base_url = home.bank.base_url();
    let families = home.bank.edit(|world| {
        let toml = |user| family_toml(user, &base_url, from);
        world.users.iter().map(toml).collect::<Vec<_>>().join("\n")
    });
    home.configure(&families);
    home
}

#[test]
fn a_second_sync_without_news_changes_nothing_and_costs_one_request_a_login() {
    let home = two_families();
    home.run(&["sync"]).ends_with(0);
    let before = home.tree("bank");
    assert!(before.len() > 50, "{} files", before.len());
    home.bank.forget_calls();
    home.run(&["sync"]).ends_with(0);
    assert!(home.tree("bank") == before, "a byte or a time changed");
    assert_eq!(home.bank.calls().len(), 4, "four logins");
    assert_eq!(home.bank.violations(), [""; 0]);
}

/// Without its table every query of a row fails, and nothing can be rendered.
#[test]
fn a_sync_without_news_queries_no_row_and_renders_nothing() {
    let home = two_families();
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
