//! Rows that move: from pending to posted and back, to other figures, to other ids.

use super::{day, files, id_of, one_account, settled, status};
use crate::bank::{Account, BalanceKeys, Endpoint, Fault, Json, Patch, Shape, Shown};
use crate::home::Home;
use crate::readers::{ledgers, tables};

const START: &str = "2026-01-01";
const BOOKS: &str = "bank/smith/checking/2026.ledger";
const PENDING: &str = "bank/smith/checking/pending.csv";

/// Changes the account, which the bank then tells as of a day.
fn change(home: &mut Home, today: &str, change: impl FnOnce(&mut Account)) {
    let id = id_of(home, "checking");
    home.bank.edit(|world| change(world.account_mut(&id)));
    home.day(day(today));
    home.run(&["sync"]).ends_with(0);
}

fn checks_hold(home: &Home) {
    let checks = home.path("bank/smith/checks.journal");
    let told = ledgers::hledger_check(&checks).and_then(|()| ledgers::ledger_check(&checks));
    assert_eq!(told, Ok(()));
}

#[test]
fn a_row_from_pending_to_posted_is_one_row() {
    for same_id in [true, false] {
        let mut world = one_account();
        let account = world.accounts_mut().next().expect("an account");
        account.add_row("2026-03-03", "-42.00", "HOTEL").id("pending-1").pending();
        let mut home = settled(world, START);
        home.run(&["sync"]).ends_with(0);
        assert!(!home.read(BOOKS).contains("HOTEL"));
        let waits = tables::csv_table(&home.path(PENDING));
        assert_eq!((waits.len(), waits[0]["status"].as_str()), (1, "pending"));
        assert_eq!(waits[0]["balance"], "", "it is in no balance");
        let told = status(&home, "smith/checking");
        assert_eq!((&told["transactions"], &told["pending"]), (&3.into(), &1.into()));
        change(&mut home, "2026-03-05", |account| {
            let row = account.row_mut("pending-1");
            row.pending = false;
            row.posted(day("2026-03-05"));
            if !same_id {
                row.id("posted-1");
            }
        });
        assert_eq!(home.read(BOOKS).matches("* HOTEL").count(), 1);
        assert!(!home.path(PENDING).exists());
        let told = status(&home, "smith/checking");
        assert_eq!((&told["transactions"], &told["pending"]), (&4.into(), &0.into()));
        assert!(told["drift"].is_null(), "{told}");
        checks_hold(&home);
        // The bank takes a posted row back to pending: it stays booked.
        change(&mut home, "2026-03-06", |account| {
            let id = if same_id { "pending-1" } else { "posted-1" };
            account.row_mut(id).pending();
        });
        assert_eq!(home.read(BOOKS).matches("* HOTEL").count(), 1, "same id: {same_id}");
    }
}

#[test]
fn a_changed_row_keeps_its_id_and_its_place() {
    let mut home = settled(one_account(), START);
    home.run(&["sync"]).ends_with(0);
    let before = tables::csv_rows(&home.path("bank/smith/checking/2026.csv"));
    change(&mut home, "2026-03-05", |account| {
        account.rows[1].amount = "251.00".to_owned();
        account.rows[1].description = "PAYROLL, CORRECTED".to_owned();
    });
    let after = tables::csv_rows(&home.path("bank/smith/checking/2026.csv"));
    let ids = |rows: &[crate::readers::ReadRow]| -> Vec<String> {
        rows.iter().map(|row| row.id.clone()).collect()
    };
    assert_eq!(ids(&before), ids(&after));
    assert_eq!(
        (after[1].amount.as_str(), after[1].payee.as_str()),
        ("251.00", "PAYROLL, CORRECTED")
    );
    checks_hold(&home);
}

#[test]
fn a_change_that_cannot_be_understood_leaves_the_good_form_and_is_told() {
    let mut home = settled(one_account(), START);
    home.run(&["sync"]).ends_with(0);
    let before = home.read(BOOKS);
    let counts = |home: &Home| {
        let told = status(home, "smith/checking");
        (told["transactions"].clone(), told["quarantined"].clone())
    };
    for today in ["2026-03-05", "2026-03-06"] {
        change(&mut home, today, |account| {
            account.rows[1].set("Amount", Json::null());
        });
        assert_eq!(home.read(BOOKS), before);
        assert_eq!(counts(&home), (3.into(), 1.into()), "{today}");
    }
    assert!(home.run(&["status"]).out.contains("it has no amount"));
    change(&mut home, "2026-03-07", |account| account.rows[1].patch = Patch::default());
    assert_eq!(home.read(BOOKS), before);
    assert_eq!(counts(&home), (3.into(), 0.into()), "the bank took it back");
}

#[test]
fn new_ids_for_all_rows_double_and_lose_none() {
    let mut world = one_account();
    let account = world.accounts_mut().next().expect("an account");
    for _ in 0..2 {
        account.add_row("2026-03-02", "-4.75", "TWO EQUAL COFFEES");
    }
    let mut home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    let before = files(&home, "bank/smith/checking");
    for (today, name) in [("2026-03-05", "second"), ("2026-03-06", "third")] {
        home.bank.edit(|world| {
            world.lift_faults();
            let shape = Fault::Shape(Shape::NewIds(name.to_owned()));
            world.fault(shape).on(Endpoint::Transactions);
        });
        home.day(day(today));
        home.run(&["sync"]).ends_with(0);
        assert!(files(&home, "bank/smith/checking") == before, "{name}");
    }
}

#[test]
fn the_order_of_an_answer_does_not_move_rows_once_seen() {
    let mut home = settled(one_account(), START);
    home.run(&["sync"]).ends_with(0);
    let before = files(&home, "bank/smith/checking");
    home.bank.edit(|world| {
        world.fault(Fault::Shape(Shape::Reversed)).on(Endpoint::Transactions);
    });
    home.day(day("2026-03-05"));
    home.run(&["sync"]).ends_with(0);
    assert!(files(&home, "bank/smith/checking") == before);
}

#[test]
fn rows_from_before_the_start_date_are_booked_nowhere() {
    let mut world = one_account();
    let account = world.accounts_mut().next().expect("an account");
    account.add_row("2025-12-31", "-900.00", "LAST YEAR").in_every_span();
    let home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    assert_eq!(status(&home, "smith/checking")["transactions"], 3);
    assert!(!home.read(BOOKS).contains("LAST YEAR"));
    assert!(home.read(BOOKS).contains("100.00 USD\n"), "the opening has them");
    checks_hold(&home);
}

#[test]
fn a_row_of_a_new_year_brings_a_file_and_its_include() {
    let mut home = settled(one_account(), START);
    home.run(&["sync"]).ends_with(0);
    let before = files(&home, "bank");
    home.day(day("2026-12-20"));
    home.run(&["sync"]).ends_with(0);
    change(&mut home, "2027-01-02", |account| {
        account.add_row("2027-01-01", "-1.00", "NEW YEAR").shown(Shown::Now);
    });
    let after = files(&home, "bank");
    assert!(before["smith/checking/2026.ledger"] == after["smith/checking/2026.ledger"]);
    let all = String::from_utf8_lossy(&after["smith/all.ledger"]).into_owned();
    assert!(all.ends_with("include checking/2026.ledger\ninclude checking/2027.ledger\n"), "{all}");
    assert!(after.contains_key("smith/2027.journal"));
    checks_hold(&home);
}

#[test]
fn drift_is_shown_at_once_with_amount_and_day_and_is_never_absorbed() {
    let mut home = settled(one_account(), START);
    home.run(&["sync"]).ends_with(0);
    let good = home.read("bank/smith/assertions.journal");
    change(&mut home, "2026-03-05", |account| {
        account.balance("1216.35");
    });
    let told = status(&home, "smith/checking");
    assert_eq!(told["drift"], serde_json::json!({"amount": "-10.00", "since": "2026-03-05"}));
    assert_eq!(told["state"], "ok", "told, not failed");
    let drifting = home.read("bank/smith/assertions.journal");
    assert!(drifting.contains("; drift: -10.00 USD since 2026-03-05"), "{drifting}");
    checks_hold(&home);
    change(&mut home, "2026-03-06", |account| account.fixed_balance = None);
    assert!(status(&home, "smith/checking")["drift"].is_null());
    assert!(!home.read("bank/smith/assertions.journal").contains("drift"));
    let holds = |text: &str| text.lines().last().map(str::to_owned);
    assert_eq!(holds(&home.read("bank/smith/assertions.journal")), holds(&good));
    let lines = tables::csv_table(&home.path("bank/smith/balances.csv"));
    let drifts: Vec<_> = lines.iter().map(|line| line["drift"].as_str()).collect();
    assert_eq!(drifts, ["0.00", "-10.00", "0.00"]);
}

#[test]
fn two_balances_that_differ_are_told_and_not_taken() {
    let mut world = one_account();
    let account = world.accounts_mut().next().expect("an account");
    account.balance_keys(BalanceKeys::Differ("1.00".to_owned()));
    let home = settled(world, START);
    let told = home.run(&["sync"]).ends_with(0).err;
    assert!(told.contains("two balances that differ"), "{told}");
    assert!(status(&home, "smith/checking")["balance"].is_null());
}

#[test]
fn an_account_without_rows_has_its_opening_and_an_assertion_on_its_first_day() {
    let mut world = one_account();
    world.accounts_mut().for_each(|account| account.rows.clear());
    let home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    let names: Vec<_> = files(&home, "bank/smith/checking").into_keys().collect();
    assert_eq!(names, ["2026.ledger"]);
    let told = home.read("bank/smith/assertions.journal");
    assert!(told.contains("2026-01-01 * Balance assertion"), "{told}");
    assert!(told.ends_with("0.00 USD = 1000.00 USD\n"), "{told}");
    checks_hold(&home);
}

#[test]
fn a_year_that_loses_its_last_row_goes_with_its_include() {
    let mut world = one_account();
    world.accounts_mut().for_each(|account| {
        account.rows.clear();
        account.add_row("2025-12-30", "-5.00", "STAYS");
        account.add_row("2026-01-01", "-3.00", "MOVES").id("moves");
    });
    world.reveal_until(day("2026-01-02"));
    let mut home = settled(world, "2025-12-01");
    home.run(&["sync"]).ends_with(0);
    assert!(home.read("bank/smith/all.ledger").contains("include checking/2026.ledger"));
    change(&mut home, "2026-01-03", |account| account.row_mut("moves").day = day("2025-12-31"));
    let names: Vec<_> = files(&home, "bank/smith/checking").into_keys().collect();
    assert_eq!(names, ["2025.csv", "2025.ledger", "2025.ofx"]);
    assert!(!home.read("bank/smith/all.ledger").contains("2026"));
    assert!(!home.path("bank/smith/2026.journal").exists());
    assert_eq!(home.read("bank/smith/checking/2025.ledger").matches("* MOVES").count(), 1);
    checks_hold(&home);
}

#[test]
fn rows_ahead_of_the_span_are_booked_once_their_day_is_near() {
    let mut world = one_account();
    world.accounts_mut().for_each(|account| {
        account.add_row("2026-03-20", "-3.00", "AHEAD").in_every_span();
        account.balance("1226.35");
    });
    let mut home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    assert!(!home.read(BOOKS).contains("AHEAD"));
    assert!(status(&home, "smith/checking")["drift"].is_null());
    change(&mut home, "2026-03-19", |account| account.fixed_balance = None);
    assert_eq!(home.read(BOOKS).matches("* AHEAD").count(), 1);
    assert!(status(&home, "smith/checking")["drift"].is_null());
    checks_hold(&home);
}

/// Two weeks, or a year, without a sync: nothing that happened meanwhile is lost.
#[test]
fn a_long_pause_loses_no_row() {
    for until in ["2026-03-20", "2027-04-01"] {
        let mut home = settled(one_account(), START);
        home.run(&["sync"]).ends_with(0);
        let mut rows = 3;
        change(&mut home, until, |account| {
            for date in day("2026-03-05").iter_days().step_by(3).take_while(|on| *on <= day(until))
            {
                account.add_row_on(date, "-1.00", "MEANWHILE");
                rows += 1;
            }
        });
        let told = status(&home, "smith/checking");
        assert_eq!(
            (&told["transactions"], &told["drift"]),
            (&rows.into(), &serde_json::Value::Null)
        );
        checks_hold(&home);
    }
}

/// The booked day is `TransactionDate`, else `Date`, else `PostDate`; without any there is none.
#[test]
fn days_are_taken_in_their_order_and_never_filled_in() {
    let mut world = one_account();
    let account = world.accounts_mut().next().expect("an account");
    let keys = ["TransactionDate", "Date", "PostDate"];
    for (missing, text) in ["ALL DAYS", "DATE", "POST DATE", "NO DAY"].iter().enumerate() {
        let row = account.add_row("2026-03-01", "0.00", text);
        row.posted(day("2026-03-03")).in_every_span();
        for key in &keys[..missing] {
            row.set(key, Json::null());
        }
    }
    let odd = account.add_row("2026-03-01", "0.00", "ODD DAY").in_every_span();
    odd.set("TransactionDate", Json::text("2026-02-30T00:00:00"));
    let home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    let rows = tables::csv_rows(&home.path("bank/smith/checking/2026.csv"));
    let days: Vec<_> = rows.iter().filter(|row| row.amount == "0.00").collect();
    let days: Vec<_> = days.iter().map(|row| (row.payee.as_str(), row.day.as_str())).collect();
    let expected =
        [("ALL DAYS", "2026-03-01"), ("DATE", "2026-03-01"), ("POST DATE", "2026-03-03")];
    assert_eq!(days, expected);
    assert_eq!(status(&home, "smith/checking")["quarantined"], 2);
    assert!(home.run(&["status"]).out.contains("no date"));
}
