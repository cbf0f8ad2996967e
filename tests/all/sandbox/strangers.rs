//! Clients that were not written for this bank find nothing strange in it.

use std::process::{Command, Output, Stdio};

use chrono::Days;
use serde_json::{Value, json};

use crate::bank::history::two_families;
use crate::bank::{Bank, Endpoint, day};

use super::caller::Caller;

const TODAY: &str = "2026-03-04";

fn bank() -> Bank {
    Bank::start(two_families(1, day("2025-09-01"), day(TODAY)))
}

fn assert_nothing_refused(bank: &Bank) {
    for call in bank.calls() {
        assert_eq!(call.status, 200, "{call:?}");
    }
    assert!(bank.violations().is_empty(), "{:?}", bank.violations());
}

/// How many rows the truth has in a span, over all accounts of a family.
fn rows_in_truth(bank: &Bank, user: &str, days_back: u64) -> usize {
    let from = day(TODAY) - Days::new(days_back);
    bank.edit(|world| {
        let accounts = world.user(user).accounts();
        accounts.map(|account| world.truth(&account.id).rows_since(from).count()).sum()
    })
}

fn python(bank: &Bank, user: &str) -> Output {
    let (id, key) = bank.edit(|world| {
        let user = world.user(user);
        (user.id.clone(), user.access_key.clone())
    });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/all/sandbox/python_sample.py");
    Command::new("python3")
        .args([script, &bank.base_url(), &id, &key, TODAY])
        .stdin(Stdio::null())
        .output()
        .expect("python3 is needed for this test")
}

#[test]
fn the_published_python_sample_runs_through() {
    let bank = bank();
    for user in ["smith", "tremblay"] {
        let output = python(&bank, user);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
        let rows = String::from_utf8_lossy(&output.stdout);
        assert_eq!(rows.trim(), rows_in_truth(&bank, user, 30).to_string());
    }
    assert_nothing_refused(&bank);
    assert_eq!(bank.count(Endpoint::RefreshAccount), 14);
}

/// Sure asks for the health, the logins, the accounts of each, then refreshes each account,
/// polls its job, and reads 120 days of rows up to tomorrow.
#[test]
fn the_order_of_calls_of_sure_runs_through() {
    let bank = bank();
    let caller = Caller::family(&bank, "smith");
    let post = |path: &str, body: Value| {
        let got = caller.post(path, &body);
        // Its JSON parser takes half of an emoji; ours does not.
        serde_json::from_str::<Value>(&got.text().replace("\\ud83d HALF", "HALF")).expect("JSON")
    };
    assert_eq!(caller.get("/Institution/HealthCheckAuth").status, 200);
    let logins =
        post("/UserInstitution/GetUserInstitutionsByUser", json!({"UserID": caller.user_id()}));
    let mut accounts = Vec::new();
    for login in logins.as_array().expect("logins") {
        let body = json!({"UserInstitutionID": login["UserInstitutionID"]});
        let listed = post("/UserInstitution/GetUserInstitutionAccounts", body);
        accounts.extend(listed.as_array().expect("accounts").clone());
    }
    let start = (day(TODAY) - Days::new(120)).to_string();
    let end = (day(TODAY) + Days::new(1)).to_string();
    let mut rows = 0;
    for account in &accounts {
        let id = &account["AccountID"];
        let refresh = "/UserInstitutionAccount/RefreshUserInstitutionAccount";
        let job = post(refresh, json!({"AccountID": id}));
        let poll = || post("/Job/GetJobInformationByID", json!({"JobID": job["JobID"]}));
        let polls = (0..60).map(|_| poll()).take_while(|job| job["SuccessFlag"].is_null()).count();
        assert_eq!(polls, 2);
        let body = json!({"AccountID": id, "StartDate": start, "EndDate": end});
        let answer = post("/Transaction/GetTransactionsByTransactionDate", body);
        rows += answer.as_array().expect("rows").len();
    }
    assert_eq!((accounts.len(), rows), (7, rows_in_truth(&bank, "smith", 120)));
    assert_nothing_refused(&bank);
}
