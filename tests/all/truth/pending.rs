//! However a pending row settles, one row is booked, and the opening beside it is right.

use super::{BOOKS, Line, START, checks_hold, drift, is_true, line, read, settled, status};
use crate::bank::{Account, Row, Shown, World};
use crate::first_light::{day, one_account};
use crate::home::Home;
use crate::readers::tables;

const PENDING: &str = "bank/smith/checking/pending.csv";

/// One pending row beside three booked ones; the balance counts it, or does not.
fn waiting(counted: bool) -> World {
    let mut world = one_account();
    let account = world.accounts_mut().next().expect("an account");
    account.add_row("2026-03-03", "-42.00", "HOTEL").id("first").pending();
    report(account, counted);
    world
}

/// Reports the balance of the booked rows, with the pending ones where the bank counts them.
fn report(account: &mut Account, counted: bool) {
    account.fixed_balance = None;
    let waiting = account.rows.iter().filter(|row| row.pending && row.shown == Shown::Now);
    let waiting: rust_decimal::Decimal = waiting.map(Row::value).sum();
    if counted {
        let balance = account.books() + waiting;
        account.balance(&balance.to_string());
    }
}

fn waiting_rows(home: &Home) -> Vec<(String, String)> {
    if !home.path(PENDING).exists() {
        return Vec::new();
    }
    let rows = tables::csv_table(&home.path(PENDING));
    rows.iter().map(|row| (row["payee"].clone(), row["amount"].clone())).collect()
}

/// A way to settle: its name, what the bank does, and the row that is booked in the end.
type Way = (&'static str, fn(&mut Account), Option<Line>);

fn hotel(account: &mut Account) -> &mut Row {
    account.rows.iter_mut().find(|row| row.description == "HOTEL").expect("a hotel")
}

fn ways() -> Vec<Way> {
    vec![
        (
            "the same id",
            |account| hotel(account).pending = false,
            Some(line("2026-03-03", "-42.00", "HOTEL")),
        ),
        (
            "a new id",
            |account| {
                let row = hotel(account);
                row.id("second").pending = false;
            },
            Some(line("2026-03-03", "-42.00", "HOTEL")),
        ),
        (
            "another amount",
            |account| {
                let row = hotel(account).id("second");
                (row.pending, row.amount) = (false, "-48.30".to_owned());
            },
            Some(line("2026-03-03", "-48.30", "HOTEL")),
        ),
        (
            "another text",
            |account| {
                let row = hotel(account).id("second");
                (row.pending, row.description) = (false, "HOTEL METROPOLE".to_owned());
            },
            Some(line("2026-03-03", "-42.00", "HOTEL METROPOLE")),
        ),
        (
            "another day",
            |account| {
                let row = hotel(account).id("second");
                (row.pending, row.day) = (false, day("2026-03-05"));
            },
            Some(line("2026-03-05", "-42.00", "HOTEL")),
        ),
        (
            "the same id and another amount",
            |account| {
                let row = hotel(account);
                (row.pending, row.amount) = (false, "-48.30".to_owned());
            },
            Some(line("2026-03-03", "-48.30", "HOTEL")),
        ),
        (
            "not at all",
            |account| {
                hotel(account).shown(Shown::Gone);
            },
            None,
        ),
    ]
}

#[test]
fn each_way_to_settle_leaves_exactly_one_row() {
    for counted in [false, true] {
        for (name, settle, settled_as) in ways() {
            let mut home = settled(waiting(counted), START);
            home.run(&["sync"]).ends_with(0);
            assert!(!home.read(BOOKS).contains("HOTEL"), "{name}");
            assert_eq!(waiting_rows(&home), [("HOTEL".to_owned(), "-42.00".to_owned())]);
            assert_eq!(status(&home, "smith/checking")["pending"], 1);
            checks_hold(&home);
            assert!(!home.read("bank/smith/assertions.journal").contains("= 1"), "provisional");
            read(&mut home, "2026-03-05", |account| {
                account.add_row("2026-03-05", "-1.00", "NEWS");
                report(account, counted);
            });
            assert!(!home.read("bank/smith/assertions.journal").contains("= 1"), "it still waits");
            read(&mut home, "2026-03-06", |account| {
                settle(account);
                report(account, counted);
            });
            assert_eq!(waiting_rows(&home), [], "{name}, counted: {counted}");
            assert!(!home.path(PENDING).exists(), "no empty file");
            let booked = tables::csv_rows(&home.path("bank/smith/checking/2026.csv"));
            let hotels = booked.iter().filter(|row| row.payee.contains("HOTEL"));
            assert_eq!(super::lines(hotels), settled_as.into_iter().collect::<Vec<_>>(), "{name}");
            read(&mut home, "2026-03-07", |account| {
                account.add_row("2026-03-07", "-1.00", "NEWS");
                report(account, counted);
            });
            assert_eq!(drift(&home), None, "{name}, counted: {counted}");
            is_true(&home, START, &[]);
            assert!(home.read("bank/smith/assertions.journal").contains("= 1"), "{name}");
        }
    }
}

#[test]
fn of_two_pending_twins_one_settles_and_then_the_other() {
    for counted in [false, true] {
        for same_id in [false, true] {
            let mut world = waiting(counted);
            let account = world.accounts_mut().next().expect("an account");
            account.add_row("2026-03-03", "-42.00", "HOTEL").id("twin").pending();
            report(account, counted);
            let mut home = settled(world, START);
            home.run(&["sync"]).ends_with(0);
            for (today, left) in [("2026-03-05", 1), ("2026-03-06", 0)] {
                read(&mut home, today, |account| {
                    let row = account.rows.iter_mut().find(|row| row.pending).expect("a twin");
                    row.pending = false;
                    if !same_id {
                        row.id(today);
                    }
                    report(account, counted);
                });
                assert_eq!(waiting_rows(&home).len(), left);
                let told = status(&home, "smith/checking");
                assert_eq!(
                    (&told["transactions"], &told["pending"]),
                    (&(5 - left).into(), &left.into())
                );
                assert_eq!(drift(&home), None, "counted: {counted}");
                checks_hold(&home);
            }
            is_true(&home, START, &[]);
        }
    }
}

/// A row that shows as pending again after it was booked stays booked, once.
#[test]
fn a_booked_row_that_is_pending_again_stays_one_row() {
    let mut home = settled(waiting(false), START);
    home.run(&["sync"]).ends_with(0);
    for (today, pending) in [("2026-03-05", false), ("2026-03-06", true), ("2026-03-07", false)] {
        read(&mut home, today, |account| hotel(account).pending = pending);
        assert_eq!(home.read(BOOKS).matches("* HOTEL").count(), 1, "{today}");
        assert_eq!(waiting_rows(&home), [], "{today}");
        checks_hold(&home);
    }
    is_true(&home, START, &[]);
}
