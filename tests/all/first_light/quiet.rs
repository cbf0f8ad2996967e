//! What changes on disk when nothing, or one row, is new.

use std::collections::BTreeSet;

use super::{day, files, id_of, two_families};
use crate::bank::{Json, Shown};
use crate::home::Home;

const FROM: &str = "2026-05-01";
const UNTIL: &str = "2026-06-30";

#[test]
fn a_second_sync_without_news_changes_nothing_and_costs_one_request_a_login() {
    let home = two_families(FROM, UNTIL);
    home.run(&["sync"]).ends_with(0);
    let before = home.tree("bank");
    assert!(before.len() > 50, "{} files", before.len());
    home.bank.forget_calls();
    home.run(&["sync"]).ends_with(0);
    assert!(home.tree("bank") == before, "a byte or a time changed");
    assert_eq!(home.bank.calls().len(), 4, "four logins");
    assert_eq!(home.bank.violations(), [""; 0]);
}

#[test]
fn the_same_rows_under_a_newer_date_change_nothing() {
    let mut home = two_families(FROM, UNTIL);
    home.run(&["sync"]).ends_with(0);
    let before = home.tree("bank");
    home.bank.edit(|world| {
        for account in world.accounts_mut() {
            account.last_updated = Some(Json::text("2026-06-30T11:30:00.1"));
        }
    });
    home.run(&["sync"]).ends_with(0);
    assert!(home.tree("bank") == before, "later on that day");
    home.bank.edit(|world| world.accounts_mut().for_each(|account| account.last_updated = None));
    for today in ["2026-07-01", "2026-07-02"] {
        home.day(day(today));
        home.bank.forget_calls();
        home.run(&["sync"]).ends_with(0);
        assert!(home.bank.calls().len() > 4, "rows were read");
        assert!(home.tree("bank") == before, "{today}");
    }
    home.run(&["export"]).ends_with(0);
    assert!(home.tree("bank") == before, "and an export writes nothing");
}

#[test]
fn data_without_a_date_is_read_each_time_and_changes_nothing() {
    for told in [Json::null(), Json::text(""), Json::text("soon")] {
        let mut world = super::one_account();
        world.accounts_mut().for_each(|account| account.last_updated = Some(told.clone()));
        let mut home = super::settled(world, "2026-01-01");
        home.run(&["sync", "--no-refresh"]).ends_with(0);
        let before = home.tree("bank");
        for today in ["2026-03-04", "2026-03-05", "2026-03-20"] {
            home.day(day(today));
            home.run(&["sync", "--no-refresh"]).ends_with(0);
            assert!(home.tree("bank") == before, "{told} {today}");
        }
    }
}

/// The lines that a file lost and those that it won, where one piece of it changed.
fn hunk(before: &[u8], after: &[u8]) -> (Vec<String>, Vec<String>) {
    let lines = |bytes: &[u8]| -> Vec<String> {
        String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect()
    };
    let (mut lost, mut won) = (lines(before), lines(after));
    while lost.last().is_some() && lost.last() == won.last() {
        lost.pop();
        won.pop();
    }
    let same = lost.iter().zip(&won).take_while(|(old, new)| old == new).count();
    (lost.split_off(same), won.split_off(same))
}

/// Lines that stand in only one of two versions of a file.
fn changed_lines(before: &[u8], after: &[u8]) -> (Vec<String>, Vec<String>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (before, after) = (text(before), text(after));
    let only = |one: &str, other: &str| {
        let there: BTreeSet<&str> = other.lines().collect();
        one.lines().filter(|line| !there.contains(line)).map(str::to_owned).collect()
    };
    (only(&before, &after), only(&after, &before))
}

/// Adds a row to the checking account; the bank tells it with the balance, minutes later.
fn add_row(home: &Home, on: &str, amount: &str, text: &str) {
    let id = id_of(home, "joint-checking");
    home.bank.edit(|world| {
        let account = world.account_mut(&id);
        account.add_row(on, amount, text).shown(Shown::Now);
        account.publish(day(UNTIL));
    });
}

#[test]
fn one_new_row_is_one_hunk_in_one_ledger_file() {
    let home = two_families(FROM, UNTIL);
    home.run(&["sync"]).ends_with(0);
    let before = files(&home, "bank");
    add_row(&home, UNTIL, "-7.77", "NEW TODAY");
    home.run(&["sync"]).ends_with(0);
    let after = files(&home, "bank");
    let changed: Vec<_> =
        after.keys().filter(|name| before.get(*name) != after.get(*name)).collect();
    let account = "smith/joint-checking/2026";
    let expected = [
        "accounts.csv",
        "smith/assertions.journal",
        "smith/balances.csv",
        &format!("{account}.csv"),
        &format!("{account}.ledger"),
        &format!("{account}.ofx"),
    ];
    assert_eq!(changed, expected);
    let ledger = format!("{account}.ledger");
    let (lost, won) = hunk(&before[&ledger], &after[&ledger]);
    assert_eq!(lost, [""; 0]);
    assert_eq!(won.iter().filter(|line| line.contains("* NEW TODAY")).count(), 1);
    assert_eq!(won.len(), 5, "an empty line, a title, an id, two postings: {won:?}");
    let csv = format!("{account}.csv");
    let (lost, won) = hunk(&before[&csv], &after[&csv]);
    assert_eq!((lost.len(), won.len()), (0, 1), "{won:?}");
}

#[test]
fn a_late_row_changes_only_the_lines_that_it_explains() {
    let home = two_families(FROM, UNTIL);
    home.run(&["sync"]).ends_with(0);
    let before = files(&home, "bank");
    add_row(&home, "2026-06-20", "-7.77", "LATE");
    home.run(&["sync"]).ends_with(0);
    let after = files(&home, "bank");
    let ledger = "smith/joint-checking/2026.ledger";
    let (lost, won) = hunk(&before[ledger], &after[ledger]);
    assert_eq!((lost.len(), won.len()), (0, 5), "{won:?}");
    let csv = "smith/joint-checking/2026.csv";
    let (lost, won) = changed_lines(&before[csv], &after[csv]);
    assert_eq!(won.len(), lost.len() + 1, "one line more, the balances behind it: {won:?}");
    let is_behind = |line: &String| line.as_str() >= "2026-06-20";
    assert!(lost.iter().chain(&won).all(is_behind), "{won:?}");
    let ofx = "smith/joint-checking/2026.ofx";
    let (lost, won) = changed_lines(&before[ofx], &after[ofx]);
    let rows = |lines: &[String]| lines.iter().filter(|line| line.contains("<STMTTRN>")).count();
    assert_eq!((rows(&lost), rows(&won)), (0, 1));
    assert_eq!((lost.len(), won.len()), (1, 2), "the row and the balance: {won:?}");
}
