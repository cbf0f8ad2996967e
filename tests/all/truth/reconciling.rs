//! `reconcile`: where books and bank parted, what would explain it, and the owner's last word.

use serde_json::Value;

use super::{
    BOOKS, START, checks_hold, drift, families, id_in_files, is_true, line, money, read, settled,
    synced, tell,
};
use crate::bank::{Account, Amounts, BalanceSign, Endpoint, Fault, Json, Shape, Shown};
use crate::first_light::{files, one_account, with_line};
use crate::home::Home;
use crate::readers::{ledgers, ofx, tables};

pub(super) const ACCOUNT: &str = "smith/checking";

pub(super) fn asked(home: &Home) -> Value {
    home.run(&["reconcile", ACCOUNT, "--json"]).ends_with(0).json()
}

pub(super) fn explanations(home: &Home) -> Vec<String> {
    let told = asked(home);
    let list = told["explanations"].as_array().expect("a list");
    list.iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
}

fn explained(home: &Home, words: &str, payee: &str) {
    let told = explanations(home);
    let fits = |text: &String| text.contains(words) && text.contains(payee);
    assert!(told.iter().any(fits), "{words} {payee}: {told:#?}");
}

/// The bank's books are moved by hand: its balance is what it was plus `more`.
fn off_by(account: &mut Account, more: &str) {
    account.fixed_balance = None;
    let balance = money(&account.reported()) + money(more);
    account.balance(&balance.to_string());
}

#[test]
fn the_last_days_that_agreed_the_first_that_did_not_and_the_rows_between_are_shown() {
    let mut home = synced();
    for today in ["2026-03-05", "2026-03-06"] {
        read(&mut home, today, |account| {
            account.add_row(today, "-1.00", "BEFORE");
        });
    }
    read(&mut home, "2026-03-08", |account| {
        account.add_row("2026-03-01", "-2.00", "CAME LATE");
        account.add_row("2026-03-08", "-3.00", "OF THE DAY");
        off_by(account, "3.00");
    });
    read(&mut home, "2026-03-09", |account| {
        account.add_row("2026-03-09", "-4.00", "BEHIND");
        off_by(account, "3.00");
    });
    let told = asked(&home);
    assert_eq!(told["drift"], serde_json::json!({"amount": "3.00", "since": "2026-03-08"}));
    let agreed: Vec<_> = told["agreed"].as_array().expect("days").iter().collect();
    let days: Vec<_> = agreed.iter().map(|day| day["date"].as_str().expect("a day")).collect();
    assert_eq!(days, ["2026-03-06", "2026-03-05", "2026-03-04"]);
    assert_eq!(
        (&agreed[0]["reported"], &agreed[0]["computed"]),
        (&"1224.35".into(), &"1224.35".into())
    );
    let parted =
        serde_json::json!({"date": "2026-03-08", "reported": "1222.35", "computed": "1219.35"});
    assert_eq!(told["first_parted"], parted);
    let rows: Vec<_> = told["rows"].as_array().expect("rows").iter().collect();
    let rows: Vec<_> =
        rows.iter().map(|row| row["description"].as_str().expect("a text")).collect();
    assert_eq!(rows, ["CAME LATE", "OF THE DAY"]);
    let words = home.run(&["reconcile", ACCOUNT]).ends_with(0).out;
    for line in [
        "smith/checking: drift 3.00 USD since 2026-03-08",
        "  agreed 2026-03-06: reported 1224.35 USD, computed 1224.35 USD",
        "  first parted 2026-03-08: reported 1222.35 USD, computed 1219.35 USD",
        "    2026-03-01           -2.00  CAME LATE",
        "    - a row of 3.00 USD that the service did not send",
        "sophtron-sync reconcile smith/checking --accept",
    ] {
        assert!(words.contains(line), "{line}\n{words}");
    }
    assert!(words.lines().all(|line| line.chars().count() <= 80), "{words}");
}

#[test]
fn each_row_that_would_explain_the_amount_is_named() {
    let mut home = synced();
    for today in ["2026-03-05", "2026-03-06", "2026-03-07"] {
        read(&mut home, today, |account| {
            account.balance("1226.35").rows[2].shown(Shown::Gone);
        });
    }
    explained(&home, "a vanished row of -5.25 USD", "2026-03-02 COFFEE");

    let mut home = synced();
    read(&mut home, "2026-03-05", |account| {
        account.add_row("2026-03-05", "-7.00", "NO TYPE").set("Type", Json::null());
    });
    assert_eq!(drift(&home).expect("drift").0, "-7.00");
    explained(&home, "a quarantined row", "2026-03-05 NO TYPE");

    let mut home = synced();
    read(&mut home, "2026-03-05", |account| {
        account.add_row("2026-03-02", "-5.25", "COFFEE");
        account.balance("1226.35");
    });
    assert_eq!(drift(&home).expect("drift").0, "5.25");
    explained(&home, "a row of -5.25 USD that is booked twice", "2026-03-02 COFFEE");

    let mut home = synced();
    read(&mut home, "2026-03-05", |account| {
        account.add_row("2026-05-05", "-6.00", "FAR AHEAD").in_every_span();
    });
    assert_eq!(drift(&home).expect("drift").0, "-6.00");
    explained(&home, "a row of -6.00 USD outside the days", "2026-05-05 FAR AHEAD");

    let mut home = synced();
    read(&mut home, "2026-03-05", |account| {
        account.add_row("2026-03-05", "-8.00", "COUNTED").pending();
        account.add_row("2026-03-05", "-9.00", "NOT COUNTED").pending();
        account.balance("1218.35");
    });
    assert_eq!(drift(&home).expect("drift").0, "-8.00");
    explained(&home, "a pending row of -8.00 USD", "2026-03-05 COUNTED");

    let mut home = synced();
    read(&mut home, "2026-03-05", |account| off_by(account, "3.00"));
    explained(&home, "a row of 3.00 USD that the service did not send", "");
    assert_eq!(explanations(&home).len(), 1, "and nothing else");
}

/// Gives every row the balance behind it, as a bank that sends one does.
fn with_running_balances(account: &mut Account) {
    let mut order: Vec<_> = (0..account.rows.len()).collect();
    order.sort_by_key(|place| account.rows[*place].day);
    let mut balance = money(&account.opening);
    for place in order {
        balance += money(&account.rows[place].amount);
        let told = account.in_bank_sign(balance).to_string();
        account.rows[place].set("Balance", Json::Literal(told));
    }
}

#[test]
fn the_running_balance_of_rows_narrows_the_place_to_two_rows() {
    for (kind, sign) in [
        ("depository", BalanceSign::Signed),
        ("credit_card", BalanceSign::Owed),
        ("loan", BalanceSign::Signed),
    ] {
        let mut world = one_account();
        let account = world.accounts_mut().next().expect("an account");
        account.suggest(kind, "Assets:Bank:Checking", "USD").balance_sign(sign);
        with_running_balances(account);
        let mut home = settled(world, START);
        home.run(&["sync"]).ends_with(0);
        read(&mut home, "2026-03-09", |account| {
            account.add_row("2026-03-05", "-1.00", "BEFORE IT");
            account.add_row("2026-03-06", "-3.50", "HIDDEN").shown(Shown::Gone);
            account.add_row("2026-03-08", "-2.00", "BEHIND IT");
            with_running_balances(account);
            account.balance(&account.in_bank_sign(money("1219.85")).to_string());
        });
        assert_eq!(drift(&home).expect("drift").0, "-3.50", "{kind}");
        let told = asked(&home);
        let gap = serde_json::json!([{
            "amount": "-3.50",
            "after": id_in_files(&home, "BEFORE IT"),
            "before": id_in_files(&home, "BEHIND IT"),
        }]);
        assert_eq!(told["running"], gap, "{kind}");
        let words = home.run(&["reconcile", ACCOUNT]).ends_with(0).out;
        assert!(words.contains("- -3.50 USD between 2026-03-05 BEFORE IT, id"), "{words}");
    }
    let mut home = synced();
    read(&mut home, "2026-03-09", |account| off_by(account, "3.00"));
    assert_eq!(asked(&home)["running"], serde_json::json!([]), "this bank sends none");
}

/// A drift of 3.00 since the 5th, accepted on the 6th.
fn accepted() -> Home {
    let mut home = synced();
    read(&mut home, "2026-03-05", |account| off_by(account, "3.00"));
    read(&mut home, "2026-03-06", |account| {
        account.add_row("2026-03-06", "-4.00", "INNOCENT");
        off_by(account, "3.00");
    });
    let told = home.run(&["reconcile", ACCOUNT, "--accept"]).ends_with(0).out;
    assert!(told.contains("3.00 USD booked against Equity:Reconciliation"), "{told}");
    home
}

fn entry() -> super::Line {
    line("2026-03-06", "3.00", "Reconciliation")
}

#[test]
fn the_accepted_difference_is_one_hunk_and_every_reader_agrees_again() {
    let mut home = synced();
    read(&mut home, "2026-03-05", |account| off_by(account, "3.00"));
    let before = home.read(BOOKS);
    home.run(&["reconcile", ACCOUNT, "--accept"]).ends_with(0);
    let after = home.read(BOOKS);
    let hunk = after.strip_prefix(&before).expect("nothing else moved");
    let id = id_in_files(&home, "Reconciliation");
    let wanted = format!(
        "\n2026-03-05 * Reconciliation\n    ; sophtron-id: {id}\n\
         \x20   Assets:Bank:Checking                       3.00 USD\n\
         \x20   Equity:Reconciliation                     -3.00 USD\n"
    );
    assert_eq!(hunk, wanted);
    assert_eq!(id.as_bytes()[14], b'5', "a minted id: {id}");
    assert_eq!(drift(&home), None);
    assert!(!home.read("bank/smith/assertions.journal").contains("drift"));
    is_true(&home, START, &[line("2026-03-05", "3.00", "Reconciliation")]);
    let ofx = ofx::ofxtools(&home.path("bank/smith/checking/2026.ofx"), "UTC");
    assert_eq!(ofx.balance.as_deref(), Some("1229.35"));
    let last = tables::csv_table(&home.path("bank/smith/checking/2026.csv")).pop().expect("a row");
    assert_eq!((last["balance"].as_str(), last["payee"].as_str()), ("1229.35", "Reconciliation"));
    let before = home.tree("bank");
    let told = home.run(&["reconcile", ACCOUNT, "--accept"]).ends_with(0).out;
    assert!(told.contains("nothing was booked"), "{told}");
    assert!(home.tree("bank") == before, "a second time it does nothing");
}

#[test]
fn the_entry_outlives_syncs_full_reads_and_ids_that_drift() {
    let mut home = accepted();
    let id = id_in_files(&home, "Reconciliation");
    is_true(&home, START, &[entry()]);
    for (nth, today) in (1..).zip(["2026-03-07", "2026-03-08", "2026-03-09", "2026-03-10"]) {
        tell(&mut home, today, |account| {
            account.add_row(today, "-1.00", "LATER");
            off_by(account, "3.00");
        });
        home.bank.edit(|world| {
            world.lift_faults();
            let shape = Fault::Shape(Shape::NewIds(format!("drift {nth}")));
            world.fault(shape).on(Endpoint::Transactions);
        });
        home.run(&["sync", "--full"]).ends_with(0);
        assert_eq!(drift(&home), None, "{today}");
        is_true(&home, START, &[entry()]);
    }
    assert_eq!(id_in_files(&home, "Reconciliation"), id);
    let why = home.run(&["why", &id]).ends_with(0).out;
    assert!(why.contains("booked by `reconcile --accept`"), "{why}");
    assert!(why.contains("against Equity:Reconciliation\n  (reconciliation)"), "{why}");
}

/// A row of the service that looks like the entry is another row.
#[test]
fn the_entry_is_held_against_no_row_of_the_service() {
    let mut home = accepted();
    read(&mut home, "2026-03-07", |account| {
        account.add_row("2026-03-06", "3.00", "Reconciliation");
        off_by(account, "3.00");
    });
    assert_eq!(drift(&home), None);
    is_true(&home, START, &[entry()]);
    for today in ["2026-03-08", "2026-03-09", "2026-03-10"] {
        read(&mut home, today, |account| {
            account.rows.last_mut().expect("a row").shown(Shown::Gone);
            off_by(account, "3.00");
        });
    }
    is_true(&home, START, &[entry()]);
}

/// What was missing came after all: the entry stays, and the other difference has a name.
#[test]
fn a_row_that_comes_after_all_is_told_as_drift() {
    let mut home = accepted();
    read(&mut home, "2026-03-07", |account| {
        account.fixed_balance = None;
        account.add_row("2026-03-05", "3.00", "WAS MISSING");
    });
    assert_eq!(drift(&home), Some(("-3.00".to_owned(), "2026-03-07".to_owned())));
    home.run(&["reconcile", ACCOUNT, "--accept"]).ends_with(0);
    let back = line("2026-03-07", "-3.00", "Reconciliation");
    is_true(&home, START, &[entry(), back]);
}

#[test]
fn an_entry_before_a_later_start_date_stands_in_the_opening() {
    let mut home = accepted();
    read(&mut home, "2026-03-12", |account| {
        account.add_row("2026-03-11", "-1.00", "LATER");
        off_by(account, "3.00");
    });
    let books = files(&home, "bank");
    home.reconfigure("", &families(&home, "2026-03-10"));
    home.run(&["export"]).ends_with(0);
    assert!(home.read(BOOKS).contains(" 1225.35 USD\n    Equity:Opening"), "{}", home.read(BOOKS));
    checks_hold(&home);
    assert_eq!(drift(&home), None);
    home.reconfigure("", &families(&home, START));
    home.run(&["export"]).ends_with(0);
    assert!(files(&home, "bank") == books, "and back");
}

#[test]
fn a_debt_is_reconciled_in_its_own_sign() {
    let mut world = one_account();
    let account = world.accounts_mut().next().expect("an account");
    account.suggest("credit_card", "Liabilities:Card", "USD").opening("-1000.00");
    account.balance_sign(BalanceSign::Owed).amounts(Amounts::Unsigned);
    let mut home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    read(&mut home, "2026-03-05", |account| off_by(account, "3.00"));
    assert_eq!(drift(&home).expect("drift").0, "-3.00", "more is owed");
    home.run(&["reconcile", ACCOUNT, "--accept"]).ends_with(0);
    is_true(&home, START, &[line("2026-03-05", "-3.00", "Reconciliation")]);
    let all = with_line(&families(&home, START), "checking", "amount_sign = \"type\"");
    home.reconfigure("", &all);
    home.run(&["export"]).ends_with(0);
    is_true(&home, START, &[line("2026-03-05", "-3.00", "Reconciliation")]);
}

#[test]
fn a_balance_that_is_not_told_meanwhile_is_not_the_one_accepted() {
    let mut home = synced();
    read(&mut home, "2026-03-05", |account| off_by(account, "3.00"));
    read(&mut home, "2026-03-06", |account| {
        account.set("Balance", Json::null()).set("AccountBalance", Json::null());
    });
    assert_eq!(drift(&home).expect("drift").0, "3.00", "the last one that was told");
    home.run(&["reconcile", ACCOUNT, "--accept"]).ends_with(0);
    assert_eq!(drift(&home), None);
    let csv = tables::csv_rows(&home.path("bank/smith/checking/2026.csv"));
    assert_eq!(csv.last().map(|row| row.day.as_str()), Some("2026-03-05"));
    checks_hold(&home);
    let ledger = ledgers::ledger_balances(&home.path("bank/all.ledger"));
    let key = ("Assets:Bank:Checking".to_owned(), "USD".to_owned());
    assert_eq!(ledger.get(&key), Some(&money("1229.35")));
}
