//! Three years of two families add up, day for day, and are the same under the same seed.

use std::collections::HashSet;

use rust_decimal::Decimal;
use serde_json::json;

use crate::bank::history::{hostile, two_families};
use crate::bank::{Account, Bank, Entry, World, day};

use super::caller::Caller;

fn three_years() -> World {
    two_families(7, day("2023-03-05"), day("2026-03-04"))
}

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect("a plain decimal")
}

fn ids(world: &World) -> Vec<String> {
    world.accounts().map(|account| account.id.clone()).collect()
}

fn all_rows(world: &World) -> Vec<Entry> {
    ids(world).iter().flat_map(|id| world.truth(id).rows).collect()
}

#[test]
fn each_family_has_two_logins_with_seven_accounts_of_every_kind() {
    let world = three_years();
    for name in ["smith", "tremblay"] {
        let user = world.user(name);
        assert_eq!((user.logins.len(), user.accounts().count()), (2, 7));
        let kinds: HashSet<&str> =
            user.accounts().map(|account| account.suggestion.kind.as_str()).collect();
        assert_eq!(kinds.len(), 5, "{kinds:?}");
        let names: HashSet<&str> =
            user.accounts().map(|account| account.suggestion.name.as_str()).collect();
        assert_eq!(names.len(), 7, "{names:?}");
    }
}

#[test]
fn opening_and_rows_are_the_balance_on_every_day() {
    let mut world = three_years();
    for until in ["2023-03-05", "2023-12-31", "2024-02-29", "2025-07-20", "2026-03-04"] {
        world.reveal_until(day(until));
        for id in ids(&world) {
            let truth = world.truth(&id);
            let rows: Decimal = truth.rows.iter().map(|row| decimal(&row.amount)).sum();
            let balance = decimal(&truth.opening) + rows;
            assert!(truth.rows.iter().all(|row| row.day <= day(until)));
            let told = truth.balance.as_deref().map(decimal);
            assert!(told.is_none_or(|told| told == balance), "{id} {until}: {truth:?}");
        }
    }
}

#[test]
fn the_same_seed_tells_the_same_and_another_one_does_not() {
    let rows = all_rows(&three_years());
    assert_eq!(rows, all_rows(&three_years()));
    assert_ne!(rows, all_rows(&two_families(8, day("2023-03-05"), day("2026-03-04"))));
}

#[test]
fn the_past_does_not_depend_on_how_far_the_history_goes() {
    let mut long = three_years();
    let short = two_families(7, day("2023-03-05"), day("2024-06-30"));
    long.reveal_until(day("2024-06-30"));
    assert_eq!(all_rows(&long), all_rows(&short));
    let reported = |world: &World| world.accounts().map(Account::reported).collect::<Vec<_>>();
    assert_eq!(reported(&long), reported(&short));
}

#[test]
fn everything_odd_is_in_it() {
    let rows = all_rows(&three_years());
    assert!(rows.len() > 3_000, "{}", rows.len());
    let texts: HashSet<&str> = rows.iter().map(|row| row.description.as_str()).collect();
    for number in 0..36 {
        assert!(texts.contains(hostile(number).as_str()), "{:?}", hostile(number));
    }
    let some = |what: &str, is: &dyn Fn(&Entry) -> bool| {
        assert!(rows.iter().filter(|row| is(row)).count() > 5, "no {what}");
    };
    some("zero", &|row| decimal(&row.amount).is_zero());
    some("short amounts", &|row| row.amount.split_once('.').is_some_and(|(_, f)| f.len() == 1));
    some("whole amounts", &|row| !row.amount.contains('.'));
    some("long amounts", &|row| row.amount.split_once('.').is_some_and(|(_, f)| f.len() == 4));
    some("post days", &|row| row.posted != row.day);
    some("checks", &|row| row.check_number.is_some());
    some("memos", &|row| row.memo.is_some());
    some("merchants", &|row| row.merchant.is_some());
    let ids: HashSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids.len(), rows.len());
    let contents: HashSet<_> =
        rows.iter().map(|row| (row.day, &row.amount, &row.description)).collect();
    assert!(rows.len() - contents.len() > 200, "no twins");
}

#[test]
fn a_year_comes_over_the_wire_as_the_truth_has_it() {
    let bank = Bank::start(three_years());
    for name in ["smith", "tremblay"] {
        let caller = Caller::family(&bank, name);
        let accounts: Vec<String> =
            bank.edit(|world| world.user(name).accounts().map(|one| one.id.clone()).collect());
        for id in accounts {
            let body = json!({"AccountID": id, "StartDate": "2025-01-01", "EndDate": "2025-12-31"});
            let got = caller.post("/Transaction/GetTransactionsByTransactionDate", &body);
            let truth = bank.edit(|world| world.truth(&id));
            let year = truth.rows.iter().filter(|row| row.day.to_string().starts_with("2025"));
            let told: Vec<&str> = year.map(|row| row.id.as_str()).collect();
            // Strict readers refuse half of an emoji; the texts around it are fine.
            let text = got.text().replace("\\ud83d HALF", "HALF");
            let list: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let sent: Vec<&str> = list
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|row| row["TransactionID"].as_str())
                .collect();
            assert_eq!(sent, told);
        }
    }
}

#[test]
fn banks_differ_in_how_they_write_amounts_and_debts() {
    let world = three_years();
    let named = |user: &str, name: &str| {
        let mut accounts = world.user(user).accounts();
        accounts.find(|account| account.suggestion.name == name).expect("there").clone()
    };
    let (owed, negative) =
        (named("smith", "harbor-rewards-visa"), named("tremblay", "cash-back-mastercard"));
    assert!(owed.books() < Decimal::ZERO && !owed.reported().starts_with('-'));
    assert!(negative.books() < Decimal::ZERO && negative.reported().starts_with('-'));
    let amounts = |account: &Account| -> Vec<String> {
        account.rows.iter().map(|row| account.amounts.written(&row.amount)).collect()
    };
    assert!(amounts(&owed).iter().any(|amount| amount.starts_with('-')));
    assert!(!amounts(&negative).iter().any(|amount| amount.starts_with('-')));
}
