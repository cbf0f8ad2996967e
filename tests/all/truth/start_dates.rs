//! A start date that moves: the files and the opening follow, and only unknown days are asked for.

use super::{
    START, checks_hold, drift, families, is_true, line, one_account, read, settled, with_line,
};
use crate::bank::{Endpoint, World};
use crate::first_light::files;
use crate::home::Home;

/// Five rows over five months, 1000.00 before the first of them.
fn five_months() -> World {
    let mut world = one_account();
    let account = world.accounts_mut().next().expect("an account");
    account.add_row("2025-11-20", "-11.00", "NOVEMBER");
    account.add_row("2025-12-20", "-12.00", "DECEMBER");
    account.add_row("2026-01-20", "-13.00", "JANUARY");
    world
}

/// Where a start date is set.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Of {
    Family,
    Account,
}

/// Sets the start date of the family, or of the account alone.
fn start(home: &Home, of: Of, date: &str) {
    let all = match of {
        Of::Family => families(home, date),
        Of::Account => {
            let line = format!("start_date = {date}");
            with_line(&families(home, START), "checking", &line)
        }
    };
    home.reconfigure("", &all);
}

/// The earliest day that was asked for, and how often rows were asked for at all.
fn asked(home: &Home) -> (Option<String>, usize) {
    let calls = home.bank.calls();
    let asked = calls.iter().filter(|call| call.endpoint == Some(Endpoint::Transactions));
    let days: Vec<_> = asked
        .map(|call| call.body["StartDate"].as_str().expect("a day")[..10].to_owned())
        .collect();
    (days.iter().min().cloned(), days.len())
}

fn news(home: &mut Home, today: &str) {
    read(home, today, |account| {
        account.add_row(today, "-1.00", "NEWS");
    });
}

#[test]
fn an_earlier_start_date_asks_for_the_unknown_days_and_for_none_before_it() {
    for of in [Of::Family, Of::Account] {
        let mut home = settled(five_months(), START);
        start(&home, of, "2026-02-01");
        home.run(&["sync"]).ends_with(0);
        assert_eq!(asked(&home).0.as_deref(), Some("2026-02-01"));
        is_true(&home, "2026-02-01", &[]);
        news(&mut home, "2026-03-05");
        home.bank.forget_calls();
        start(&home, of, "2025-12-01");
        home.run(&["export"]).ends_with(0);
        assert_eq!(home.bank.calls().len(), 0);
        checks_hold(&home);
        home.run(&["sync"]).ends_with(0);
        assert_eq!(asked(&home).0.as_deref(), Some("2025-12-01"), "{of:?}");
        assert_eq!(drift(&home), None);
        is_true(&home, "2025-12-01", &[]);
        let before = home.tree("bank");
        home.bank.forget_calls();
        home.run(&["sync"]).ends_with(0);
        assert_eq!(asked(&home), (None, 0), "known by now");
        assert!(home.tree("bank") == before);
        news(&mut home, "2026-03-06");
        is_true(&home, "2025-12-01", &[]);
    }
}

#[test]
fn a_later_start_date_and_back_follow_from_the_store_alone() {
    for of in [Of::Family, Of::Account] {
        let home = settled(five_months(), START);
        start(&home, of, "2025-11-01");
        home.run(&["sync"]).ends_with(0);
        is_true(&home, "2025-11-01", &[]);
        let first = files(&home, "bank");
        home.bank.forget_calls();
        for date in ["2026-02-01", "2025-12-01", "2026-03-04", "2025-11-01"] {
            start(&home, of, date);
            home.run(&["export"]).ends_with(0);
            assert_eq!(home.bank.calls().len(), 0, "{of:?} {date}");
            is_true(&home, date, &[]);
            let exported = home.tree("bank");
            home.run(&["sync"]).ends_with(0);
            assert_eq!(asked(&home), (None, 0), "every day since {date} was read");
            assert!(home.tree("bank") == exported, "a sync has nothing to add");
            home.bank.forget_calls();
        }
        assert!(files(&home, "bank") == first, "{of:?}: back to the first bytes");
    }
}

#[test]
fn forth_and_back_with_news_between_ends_with_the_truth() {
    for of in [Of::Family, Of::Account] {
        let mut home = settled(five_months(), START);
        start(&home, of, "2025-12-01");
        home.run(&["sync"]).ends_with(0);
        let moves = [
            ("2026-03-01", "2026-03-05"),
            ("2025-12-15", "2026-03-06"),
            ("2026-03-06", "2026-03-07"),
            ("2025-11-01", "2026-03-08"),
            ("2026-02-20", "2026-03-09"),
            ("2025-11-01", "2026-03-10"),
        ];
        for (date, today) in moves {
            start(&home, of, date);
            home.bank.forget_calls();
            news(&mut home, today);
            let (earliest, _) = asked(&home);
            assert!(earliest.as_deref() >= Some(date), "{of:?} {date}: {earliest:?}");
            assert_eq!(drift(&home), None, "{of:?} {date}");
            is_true(&home, date, &[]);
        }
        start(&home, of, "2026-03-01");
        home.bank.forget_calls();
        home.run(&["sync", "--full"]).ends_with(0);
        assert_eq!(asked(&home).0.as_deref(), Some("2026-03-01"), "nor by --full");
        is_true(&home, "2026-03-01", &[]);
    }
}

/// The account's own start date goes before its family's, whichever is the later one.
#[test]
fn an_account_keeps_its_own_start_date_while_the_familys_moves() {
    let home = settled(five_months(), START);
    let own =
        |family: &str| with_line(&families(&home, family), "checking", "start_date = 2025-12-01");
    home.reconfigure("", &own("2026-02-01"));
    home.run(&["sync"]).ends_with(0);
    is_true(&home, "2025-12-01", &[]);
    let before = home.tree("bank");
    for family in ["2025-11-01", "2026-03-01"] {
        home.bank.forget_calls();
        home.reconfigure("", &own(family));
        home.run(&["sync"]).ends_with(0);
        assert_eq!(asked(&home), (None, 0));
        assert!(home.tree("bank") == before, "{family}");
    }
}

/// A drift, and what was booked for it, are the same whatever the start date is.
#[test]
fn drift_and_a_reconciliation_outlive_a_moved_start_date() {
    let mut home = settled(five_months(), START);
    home.run(&["sync"]).ends_with(0);
    read(&mut home, "2026-03-05", |account| {
        account.balance("1193.35");
    });
    let told = drift(&home);
    assert_eq!(told, Some(("3.00".to_owned(), "2026-03-05".to_owned())));
    for date in ["2026-03-01", "2025-12-01", START] {
        start(&home, Of::Family, date);
        home.run(&["sync"]).ends_with(0);
        assert_eq!(drift(&home), told, "{date}\n{}", home.read("bank/smith/balances.csv"));
        checks_hold(&home);
    }
    home.run(&["reconcile", "smith/checking", "--accept"]).ends_with(0);
    let entry = line("2026-03-05", "3.00", "Reconciliation");
    for date in ["2026-03-01", "2025-11-01", START] {
        start(&home, Of::Family, date);
        home.run(&["sync"]).ends_with(0);
        assert_eq!(drift(&home), None, "{date}");
        is_true(&home, date, std::slice::from_ref(&entry));
    }
}
