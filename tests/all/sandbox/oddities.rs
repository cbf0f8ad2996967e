//! Odd accounts and odd rows: each is a setting of the world, and the truth goes along.

use serde_json::{Value, json};

use crate::bank::{Account, Amounts, BalanceSign, Bank, Json, Shown, World, day};

use super::caller::{Caller, Got};

/// A family with one account that was made so.
fn bank(make: impl FnOnce(&mut Account)) -> (Bank, String) {
    let mut world = World::new(day("2026-03-04"));
    let account = world.add_user("smith").add_login("Sandbox Bank").add_account("Checking");
    account.opening("100.00");
    make(account);
    let id = account.id.clone();
    (Bank::start(world), id)
}

fn rows(bank: &Bank, id: &str) -> Got {
    let body = json!({"AccountID": id, "StartDate": "2026-03-01", "EndDate": "2026-03-31"});
    Caller::family(bank, "smith").post("/Transaction/GetTransactionsByTransactionDate", &body)
}

fn accounts(bank: &Bank) -> Value {
    let login = bank.edit(|world| world.logins().next().expect("one").id.clone());
    let body = json!({"UserInstitutionID": login});
    Caller::family(bank, "smith").post("/UserInstitution/GetUserInstitutionAccounts", &body).json()
}

#[test]
fn amounts_follow_the_habit_of_the_bank() {
    for (amounts, kind, out, into) in [
        (Amounts::Signed, json!("DEBIT"), "-18.40", "7"),
        (Amounts::Unsigned, json!("Debit"), "18.40", "7"),
        (Amounts::Untyped, Value::Null, "-18.40", "7"),
        (Amounts::Inverted, Value::Null, "18.40", "-7"),
    ] {
        let (bank, id) = bank(|account| {
            account.amounts(amounts).add_row("2026-03-01", "-18.40", "OUT");
            account.add_row("2026-03-01", "7", "IN");
            account.add_row("2026-03-01", "0.00", "NOTHING");
        });
        let got = rows(&bank, &id);
        let sent: Vec<&str> = got
            .text()
            .split("\"Amount\":")
            .skip(1)
            .filter_map(|text| text.split(',').next())
            .collect();
        assert_eq!((&got.json()[0]["Type"], sent), (&kind, vec![out, into, "0.00"]));
        let truth = bank.edit(|world| world.truth(&id));
        assert_eq!(truth.rows[0].amount, "-18.40");
        assert_eq!(truth.balance.as_deref(), Some("88.60"));
    }
}

#[test]
fn a_debt_is_positive_or_negative_and_the_truth_is_negative() {
    for (sign, sent) in [(BalanceSign::Owed, 58.4), (BalanceSign::Signed, -58.4)] {
        let (bank, id) = bank(|account| {
            account.opening("-40.00").balance_sign(sign).add_row("2026-03-01", "-18.40", "OUT");
        });
        assert_eq!(accounts(&bank)[0]["Balance"], json!(sent));
        assert_eq!(bank.edit(|world| world.truth(&id).balance), Some("-58.40".to_owned()));
    }
}

#[test]
fn a_reported_balance_may_contradict_the_rows() {
    let (bank, id) = bank(|account| _ = account.balance("12345678901234567890.12"));
    let truth = bank.edit(|world| world.truth(&id));
    assert_eq!(truth.balance.as_deref(), Some("12345678901234567890.12"));
}

#[test]
fn accounts_are_renamed_vanish_and_say_odd_things() {
    let (bank, id) = bank(|account| {
        account.currency(Json::null()).kind("Zeppelin").set("Status", "Untracked".into());
        account.set("Surprise", Json::literal("[1]"));
    });
    let first = accounts(&bank)[0].clone();
    assert_eq!(first["BalanceCurrency"], Value::Null);
    assert_eq!(
        (&first["AccountType"], &first["Status"]),
        (&json!("Zeppelin"), &json!("Untracked"))
    );
    assert_eq!(first["Surprise"], json!([1]));
    bank.edit(|world| world.account_mut(&id).name.clear());
    assert_eq!(accounts(&bank)[0]["AccountName"], "");
    bank.edit(|world| world.account_mut(&id).listed = false);
    assert_eq!(accounts(&bank), json!([]));
    assert_eq!(rows(&bank, &id).status, 404);
}

#[test]
fn a_pending_row_posts_under_its_id_or_another_and_a_row_vanishes() {
    let (bank, id) = bank(|account| {
        account.add_row("2026-03-01", "-5.00", "HOLD").id("one").pending();
        account.add_row("2026-03-02", "-2.00", "SHOP").id("two");
    });
    let truth = || bank.edit(|world| world.truth(&id));
    assert_eq!((truth().rows.len(), truth().pending.len()), (1, 1));
    assert_eq!(truth().balance.as_deref(), Some("98.00"));
    bank.edit(|world| {
        let row = world.account_mut(&id).row_mut("one");
        row.pending = false;
        "-6.00".clone_into(&mut row.amount);
        "one-posted".clone_into(&mut row.id);
    });
    assert_eq!(truth().balance.as_deref(), Some("92.00"));
    assert_eq!(rows(&bank, &id).column("TransactionID"), ["one-posted", "two"]);
    bank.edit(|world| _ = world.account_mut(&id).row_mut("two").shown(Shown::Gone));
    assert_eq!(rows(&bank, &id).column("TransactionID"), ["one-posted"]);
    assert_eq!(truth().balance.as_deref(), Some("94.00"));
}

#[test]
fn a_row_that_cannot_be_understood_is_set_apart_in_the_truth() {
    let (bank, id) = bank(|account| {
        let odd = account.add_row("2026-03-01", "-100", "ODD").not_understood();
        odd.set("Amount", Json::literal("1e2")).leave_out("Type").set("Status", Json::null());
        odd.set("UserInstitutionAccountID", "6f1d0c52-7a0b-4d4e-9f0e-0c1b2a3d4e5f".into());
    });
    let got = rows(&bank, &id);
    assert!(got.text().contains("\"Amount\":1e2,"));
    assert_eq!(got.json()[0].get("Type"), None);
    let truth = bank.edit(|world| world.truth(&id));
    assert_eq!((truth.rows.len(), truth.not_understood.len()), (0, 1));
}

#[test]
fn a_day_of_news_moves_rows_balance_and_time_together() {
    let (bank, id) = bank(|account| {
        account.add_row("2026-03-05", "-1.00", "TOMORROW").shown(Shown::From(day("2026-03-05")));
    });
    assert_eq!(rows(&bank, &id).text(), "[]");
    bank.edit(|world| world.reveal_until(day("2026-03-05")));
    assert_eq!(rows(&bank, &id).column("Description"), ["TOMORROW"]);
    let account = accounts(&bank)[0].clone();
    assert_eq!(account["Balance"], json!(99.0));
    assert_eq!(account["LastUpdated"], "2026-03-05T07:12:09.54");
}
