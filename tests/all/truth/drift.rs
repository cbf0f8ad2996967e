//! A balance that the rows do not explain is named at once, with its amount and its first day.

use super::{
    BOOKS, START, checks_hold, drift, families, id_in_files, is_true, read, settled, status,
    synced, with_line,
};
use crate::bank::{Available, Json, Shown};
use crate::first_light::{files, one_account};
use crate::home::Home;
use crate::readers::{ledgers, tables};

const ASSERTIONS: &str = "bank/smith/assertions.journal";

fn three_since(day: &str) -> (String, String) {
    ("3.00".to_owned(), day.to_owned())
}

/// The last line of `balances.csv`: its day, and its drift.
fn last_line(home: &Home) -> (String, String) {
    let lines = tables::csv_table(&home.path("bank/smith/balances.csv"));
    let last = lines.last().expect("a line");
    (last["date"].clone(), last["drift"].clone())
}

#[test]
fn a_balance_that_moved_by_three_is_named_until_it_returns() {
    let mut home = synced();
    read(&mut home, "2026-03-05", |account| {
        account.balance("1229.35");
    });
    assert_eq!(drift(&home), Some(three_since("2026-03-05")), "in the very sync");
    assert_eq!(last_line(&home), ("2026-03-05".to_owned(), "3.00".to_owned()));
    assert!(home.read(ASSERTIONS).contains("; drift: 3.00 USD since 2026-03-05"));
    checks_hold(&home);
    read(&mut home, "2026-03-06", |account| {
        account.add_row("2026-03-06", "-4.00", "INNOCENT");
        account.balance("1225.35");
    });
    assert_eq!(
        drift(&home),
        Some(three_since("2026-03-05")),
        "an innocent row changes nothing of it"
    );
    assert!(home.read(ASSERTIONS).contains("drift: 3.00 USD since 2026-03-05"));
    checks_hold(&home);
    read(&mut home, "2026-03-07", |account| account.fixed_balance = None);
    assert_eq!(drift(&home), None);
    assert!(!home.read(ASSERTIONS).contains("drift"));
    assert_eq!(last_line(&home), ("2026-03-07".to_owned(), "0.00".to_owned()));
    is_true(&home, START, &[]);
}

/// A balance may move without a newer date of the data.
#[test]
fn a_balance_that_moves_under_the_same_date_is_named_too() {
    let home = &mut synced();
    read(home, "2026-03-04", |account| {
        account.balance("1229.35");
    });
    assert_eq!(drift(home), Some(three_since("2026-03-04")));
    read(home, "2026-03-04", |account| {
        account.last_updated = Some(Json::null());
    });
    assert_eq!(drift(home), Some(three_since("2026-03-04")), "nor does the drift hang on a date");
    read(home, "2026-03-04", |account| account.fixed_balance = None);
    assert_eq!(drift(home), None);
    is_true(home, START, &[]);
}

#[test]
fn a_row_taken_out_in_silence_is_booked_until_three_reads_miss_it() {
    for balance_follows in [true, false] {
        let mut home = synced();
        let id = id_in_files(&home, "COFFEE");
        for (nth, today) in (1..).zip(["2026-03-05", "2026-03-06", "2026-03-07"]) {
            let told = read(&mut home, today, |account| {
                let row = account.rows.iter_mut().find(|row| row.description == "COFFEE");
                row.expect("a coffee").shown(Shown::Gone);
                account.fixed_balance = (!balance_follows).then(|| "1226.35".to_owned());
            });
            let is_booked = home.read(BOOKS).contains("* COFFEE");
            assert_eq!(is_booked, nth < 3, "after {nth} reads without it");
            assert_eq!(drift(&home).is_some(), balance_follows == is_booked, "{nth}");
            if is_booked || balance_follows {
                checks_hold(&home);
            } else {
                // The bank still counts what it does not send any more: cron hears of it.
                assert!(ledgers::hledger_check(&home.path("bank/smith/checks.journal")).is_err());
            }
            let why = home.run(&["why", &id]).ends_with(0).out;
            if nth < 3 {
                assert!(
                    why.contains(&format!("missing from a good read, {nth} in a row")),
                    "{why}"
                );
                assert!(!told.out.contains("vanished"), "{}", told.out);
            } else {
                assert!(told.out.contains("1 vanished"), "{}", told.out);
                assert!(told.out.contains("2026-03-02 COFFEE, id"), "{}", told.out);
                assert!(told.out.contains(&id), "{}", told.out);
                assert!(why.contains("booked nowhere: vanished"), "{why}");
            }
        }
        if balance_follows {
            is_true(&home, START, &[]);
        }
        let told = read(&mut home, "2026-03-08", |account| {
            account.show(Shown::Gone, Shown::Now);
            account.fixed_balance = None;
        });
        assert!(told.out.contains("1 back again"), "{}", told.out);
        assert_eq!(id_in_files(&home, "COFFEE"), id, "under its old id");
        is_true(&home, START, &[]);
    }
}

#[test]
fn a_row_missed_once_or_twice_is_as_if_it_never_was_missed() {
    let mut home = synced();
    let before = home.tree("bank/smith/checking");
    for (today, shown) in
        [("2026-03-05", Shown::Gone), ("2026-03-06", Shown::Gone), ("2026-03-07", Shown::Now)]
    {
        read(&mut home, today, |account| {
            let row = account.rows.iter_mut().find(|row| row.description == "COFFEE");
            row.expect("a coffee").shown(shown);
        });
    }
    assert!(home.tree("bank/smith/checking") == before);
    assert_eq!(drift(&home), None);
    for today in ["2026-03-08", "2026-03-09"] {
        read(&mut home, today, |account| account.show(Shown::Now, Shown::Now));
    }
    read(&mut home, "2026-03-10", |account| {
        let row = account.rows.iter_mut().find(|row| row.description == "COFFEE");
        row.expect("a coffee").shown(Shown::Gone);
    });
    assert!(home.read(BOOKS).contains("* COFFEE"), "three in a row, not three in all");
}

/// No agreement since counted it, so that the checks hold while its return is told as drift.
#[test]
fn a_vanished_row_that_comes_back_while_the_balance_stands_is_drift() {
    let mut home = synced();
    let id = id_in_files(&home, "COFFEE");
    for today in ["2026-03-05", "2026-03-06", "2026-03-07"] {
        read(&mut home, today, |account| {
            let row = account.rows.iter_mut().find(|row| row.description == "COFFEE");
            row.expect("a coffee").shown(Shown::Gone);
        });
    }
    is_true(&home, START, &[]);
    read(&mut home, "2026-03-08", |account| {
        account.fixed_balance = Some(account.reported());
        account.show(Shown::Gone, Shown::Now);
    });
    assert_eq!(drift(&home), Some(("5.25".to_owned(), "2026-03-08".to_owned())));
    assert_eq!(id_in_files(&home, "COFFEE"), id, "under its old id");
    checks_hold(&home);
    read(&mut home, "2026-03-09", |account| {
        account.fixed_balance = None;
    });
    is_true(&home, START, &[]);
}

/// What is available moves with pending rows.
#[test]
fn what_is_available_alone_is_no_news_of_the_balances() {
    let mut home = synced();
    for today in ["2026-03-04", "2026-03-05"] {
        let before = home.read("bank/smith/balances.csv");
        read(&mut home, today, |account| {
            account.available = Available::Fixed("17.00".to_owned());
        });
        assert_eq!(status(&home, "smith/checking")["available"], "17.00");
        assert_eq!(home.read("bank/smith/balances.csv"), before, "{today}");
        home.run(&["sync", "--full"]).ends_with(0);
        assert_eq!(home.read("bank/smith/balances.csv"), before, "{today}");
    }
}

/// As of an account that had the setting from the start: its first balance agrees, and what came
/// since does not.
#[test]
fn a_setting_that_is_wrong_is_drift_from_the_first_rows_on_and_the_checks_hold() {
    let mut home = synced();
    read(&mut home, "2026-03-05", |account| {
        account.add_row("2026-03-05", "-30.00", "NEWS");
    });
    let before = files(&home, "bank");
    for line in ["amount_sign = \"inverted\"", "track = \"rows\""] {
        home.reconfigure("", &with_line(&families(&home, START), "checking", line));
        home.run(&["sync"]).ends_with(0);
        checks_hold(&home);
        let told = drift(&home);
        let is_inverted = line.starts_with("amount_sign");
        let since = ("-60.00".to_owned(), "2026-03-05".to_owned());
        assert_eq!(told, is_inverted.then_some(since), "{line}");
        home.reconfigure("", &families(&home, START));
        home.run(&["sync"]).ends_with(0);
        assert!(files(&home, "bank") == before, "{line}: taken back");
    }
    home.reconfigure(
        "",
        &with_line(&families(&home, START), "checking", "amount_sign = \"inverted\""),
    );
    read(&mut home, "2026-03-06", |account| {
        account.add_row("2026-03-06", "-1.00", "NEWS");
    });
    checks_hold(&home);
    home.reconfigure("", &families(&home, START));
    home.run(&["sync"]).ends_with(0);
    is_true(&home, START, &[]);
}

/// Taken for an investment at first, whose rows alone are tracked where no cash is told.
#[test]
fn a_type_that_is_corrected_later_has_an_opening_from_then_on() {
    let mut home = settled(one_account(), START);
    let right = families(&home, START);
    let wrong = right.replace("type = \"depository\"", "type = \"investment\"");
    assert_ne!(wrong, right);
    home.reconfigure("", &wrong);
    home.run(&["sync"]).ends_with(0);
    assert!(!home.read(BOOKS).contains("Opening balance"));
    home.reconfigure("", &right);
    home.run(&["sync"]).ends_with(0);
    is_true(&home, START, &[]);
    read(&mut home, "2026-03-05", |account| {
        account.add_row("2026-03-05", "-30.00", "NEWS");
    });
    is_true(&home, START, &[]);
}
