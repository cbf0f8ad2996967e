//! What the bank is told to do wrong is what a client sees.

use std::io::ErrorKind;
use std::time::Duration;

use serde_json::{Value, json};

use crate::bank::{
    BalanceKeys, Bank, Endpoint, Fault, Json, KeyForm, MoneyForm, Rule, Shape, Transport, World,
    day,
};

use super::caller::{Caller, Got};

fn bank() -> Bank {
    let mut world = World::new(day("2026-03-04"));
    let account = world.add_user("smith").add_login("Sandbox Bank").add_account("Checking");
    account.opening("100.00");
    account.add_row("2026-03-01", "-1.50", "FIRST");
    account.add_row("2026-03-02", "-0.05", "SECOND");
    world.add_user("tremblay");
    Bank::start(world)
}

fn rows(bank: &Bank) -> Got {
    let id = bank.edit(|world| world.accounts().next().expect("one").id.clone());
    let body = json!({"AccountID": id, "StartDate": "2026-01-01", "EndDate": "2026-12-31"});
    Caller::family(bank, "smith").post("/Transaction/GetTransactionsByTransactionDate", &body)
}

/// The answer to a read of rows under one fault.
fn under(fault: Fault) -> Got {
    let bank = bank();
    bank.edit(|world| _ = world.fault(fault));
    rows(&bank)
}

fn shaped(shape: Shape) -> Got {
    under(Fault::Shape(shape))
}

fn travelled(transport: Transport) -> Got {
    under(Fault::Transport(transport))
}

#[test]
fn a_fault_meets_the_calls_that_it_is_told_to() {
    let bank = bank();
    let health = || Caller::family(&bank, "smith").get("/Institution/HealthCheckAuth").status;
    let id = bank.edit(|world| world.accounts().next().expect("one").id.clone());
    let told = |limit: &dyn Fn(&mut Rule)| {
        bank.edit(|world| {
            world.lift_faults();
            limit(world.fault(Fault::Status(500)));
        });
    };
    told(&|rule| _ = rule.on(Endpoint::Transactions).times(1));
    assert_eq!((health(), rows(&bank).status, rows(&bank).status), (200, 500, 200));
    told(&|rule| _ = rule.after(1).times(1));
    assert_eq!((health(), health(), health()), (200, 500, 200));
    told(&|rule| _ = rule.of("tremblay"));
    assert_eq!(health(), 200);
    told(&|rule| _ = rule.on_controller("transaction"));
    assert_eq!((health(), rows(&bank).status), (200, 500));
    told(&|rule| _ = rule.about(&id.to_uppercase()));
    assert_eq!((health(), rows(&bank).status), (200, 500));
    bank.edit(World::lift_faults);
    assert_eq!(rows(&bank).status, 200);
}

#[test]
fn statuses_come_with_and_without_retry_after() {
    for status in [401, 403, 404, 408, 500, 503] {
        assert_eq!(under(Fault::Status(status)).status, status);
    }
    let date = "Wed, 04 Mar 2026 08:00:00 GMT";
    for after in [None, Some("120"), Some(date)] {
        let got = under(Fault::Limited(after.map(str::to_owned)));
        assert_eq!((got.status, got.header("Retry-After")), (429, after));
    }
}

#[test]
fn a_quota_ends_and_a_key_stops_working() {
    let bank = bank();
    bank.edit(|world| world.quota = Some(1));
    assert_eq!((rows(&bank).status, rows(&bank).status, rows(&bank).status), (200, 429, 429));
    bank.edit(|world| world.quota = None);
    let caller = Caller::family(&bank, "smith");
    bank.edit(|world| world.user_mut("smith").access_key = "AAAA".to_owned());
    assert_eq!(caller.get("/Institution/HealthCheckAuth").status, 401);
}

#[test]
fn errors_come_inside_200() {
    for (fault, text) in [
        (Fault::minus_one(), "-1"),
        (Fault::zero_guid(), "\"00000000-0000-0000-0000-000000000000\""),
        (Fault::null(), "null"),
        (Fault::empty_object(), "{}"),
        (Fault::nothing(), ""),
    ] {
        let got = under(fault);
        assert_eq!((got.status, got.text()), (200, text));
    }
    assert!(under(Fault::error_object()).json()["error"].is_string());
    assert_eq!(shaped(Shape::FirstOnly).json()["Description"], "FIRST");
    assert_eq!(shaped(Shape::Empty).text(), "[]");
    let bank = bank();
    bank.edit(|world| _ = world.fault(Fault::Shape(Shape::Listed)));
    let health = Caller::family(&bank, "smith").get("/Institution/HealthCheckAuth");
    assert_eq!(health.text(), "[\"OK\"]");
}

#[test]
fn lists_come_wrapped_reversed_cut_and_doubled() {
    assert_eq!(shaped(Shape::wrapped()).json()["transactions"].as_array().map(Vec::len), Some(2));
    assert_eq!(shaped(Shape::wrapped_with_total(7)).json()["total"], 7);
    assert_eq!(shaped(Shape::wrapped_with_cursor("c")).json()["nextCursor"], "c");
    assert_eq!(shaped(Shape::Reversed).column("Description"), ["SECOND", "FIRST"]);
    assert_eq!(shaped(Shape::Truncated(1)).column("Description"), ["FIRST"]);
    assert_eq!(shaped(Shape::FirstTwice).column("Description"), ["FIRST", "SECOND", "FIRST"]);
    let new = shaped(Shape::NewIds("a".to_owned())).column("TransactionID");
    assert_ne!(new, shaped(Shape::NewIds("b".to_owned())).column("TransactionID"));
    assert_eq!(new, shaped(Shape::NewIds("a".to_owned())).column("TransactionID"));
}

#[test]
fn keys_come_in_other_spellings_twice_or_not_at_all() {
    for (form, key) in [
        (KeyForm::Camel, "userInstitutionAccountID"),
        (KeyForm::IdSuffix, "UserInstitutionAccountId"),
        (KeyForm::CamelIdSuffix, "userInstitutionAccountId"),
        (KeyForm::Lower, "userinstitutionaccountid"),
        (KeyForm::Upper, "USERINSTITUTIONACCOUNTID"),
        (KeyForm::Snake, "user_institution_account_id"),
    ] {
        assert!(shaped(Shape::Keys(form)).json()[0][key].is_string(), "{key}");
    }
    let count = |got: &Got, key: &str| got.text().matches(&format!("\"{key}\":")).count();
    assert_eq!(count(&shaped(Shape::add("Amount", Json::literal("1"))), "Amount"), 4);
    assert_eq!(count(&shaped(Shape::add("amount", Json::literal("1"))), "amount"), 2);
    assert_eq!(count(&shaped(Shape::add("Surprise", Json::null())), "Surprise"), 2);
    assert_eq!(count(&shaped(Shape::leave_out("Amount")), "Amount"), 0);
    let broken = shaped(Shape::set("Description", Json::literal("\"x \\ud83d y\"")));
    assert!(broken.text().contains(r#""Description":"x \ud83d y""#));
}

#[test]
fn money_comes_in_every_form() {
    let twenty = "12345678901234567890.12";
    for (form, first, second) in [
        (MoneyForm::Text, "\"-1.50\"", "\"-0.05\""),
        (MoneyForm::Exponent, "-150e-2", "-5e-2"),
        (MoneyForm::MoreZeros, "-1.5000", "-0.0500"),
        (MoneyForm::Null, "null", "null"),
        (MoneyForm::Literal("1e2".to_owned()), "1e2", "1e2"),
        (MoneyForm::Literal(twenty.to_owned()), twenty, twenty),
    ] {
        let got = shaped(Shape::Money(form));
        let amounts: Vec<&str> = got
            .text()
            .split("\"Amount\":")
            .skip(1)
            .filter_map(|text| text.split(',').next())
            .collect();
        assert_eq!(amounts, [first, second]);
    }
}

#[test]
fn balances_stand_under_either_key_or_none() {
    for (keys, balance, other) in [
        (BalanceKeys::Balance, json!(98.45), Value::Null),
        (BalanceKeys::AccountBalance, Value::Null, json!(98.45)),
        (BalanceKeys::Both, json!(98.45), json!(98.45)),
        (BalanceKeys::Differ("1.00".to_owned()), json!(98.45), json!(1.0)),
        (BalanceKeys::Neither, Value::Null, Value::Null),
        (BalanceKeys::AfterRefresh, Value::Null, Value::Null),
    ] {
        let bank = bank();
        let login = bank.edit(|world| {
            world.accounts_mut().next().expect("one").balance_keys(keys);
            world.logins().next().expect("one").id.clone()
        });
        let got = Caller::family(&bank, "smith").post(
            "/UserInstitution/GetUserInstitutionAccounts",
            &json!({"UserInstitutionID": login}),
        );
        assert_eq!(got.json()[0]["Balance"], balance);
        assert_eq!(got.json()[0]["AccountBalance"], other);
    }
}

#[test]
fn answers_come_slowly() {
    let pause = Duration::from_millis(120);
    let got = travelled(Transport::SlowHead(pause));
    assert!(got.waited >= pause && got.json().is_array(), "{got:?}");
    let got = travelled(Transport::PauseInHead(pause));
    assert!(got.waited < pause && got.took >= pause && got.json().is_array(), "{got:?}");
    let got = travelled(Transport::SlowBody { piece: 300, pause: pause / 4 });
    assert!(got.waited < pause && got.took >= pause * 3 / 4 && got.json().is_array(), "{got:?}");
}

#[test]
fn answers_are_cut_and_reset() {
    let got = travelled(Transport::Cut(100));
    assert_eq!((got.status, got.body.len(), got.error), (200, 100, None));
    assert!(got.promised() > 500);
    let got = travelled(Transport::Reset(100));
    assert_eq!(got.error, Some(ErrorKind::ConnectionReset));
    let got = travelled(Transport::ResetAtOnce);
    assert_eq!((got.error, got.status), (Some(ErrorKind::ConnectionReset), 0));
}

#[test]
fn a_spoilt_answer_leaves_the_next_one_whole() {
    let bank = bank();
    bank.edit(|world| _ = world.fault(Fault::Transport(Transport::Cut(10))).times(1));
    assert_eq!(rows(&bank).body.len(), 10);
    assert_eq!(rows(&bank).column("Description").len(), 2);
}

#[test]
fn bodies_grow_and_change_their_kind() {
    for bytes in [5_000_000, 33_000_000] {
        let got = travelled(Transport::Large(bytes));
        assert_eq!((got.body.len(), got.promised()), (bytes, bytes));
        assert!(got.json().is_array());
    }
    for status in [200, 502] {
        let got = travelled(Transport::Html(status));
        assert_eq!(got.status, status);
        assert!(got.text().starts_with("<!DOCTYPE html>"));
    }
    let got = travelled(Transport::Redirect("http://127.0.0.2:1/api".to_owned()));
    assert_eq!((got.status, got.header("location")), (307, Some("http://127.0.0.2:1/api")));
    let got = travelled(Transport::ContentType(Some("text/plain".to_owned())));
    assert_eq!(got.header("content-type"), Some("text/plain"));
    assert_eq!(travelled(Transport::ContentType(None)).header("content-type"), None);
    assert!(travelled(Transport::Bom).body.starts_with(b"\xef\xbb\xbf["));
}

#[test]
fn faults_combine() {
    let bank = bank();
    bank.edit(|world| {
        world.fault(Fault::Shape(Shape::wrapped()));
        world.fault(Fault::Shape(Shape::Keys(KeyForm::Lower)));
        world.fault(Fault::Transport(Transport::Bom));
        world.fault(Fault::Transport(Transport::Header("X-Odd".to_owned(), "1".to_owned())));
    });
    let got = rows(&bank);
    let json: Value = serde_json::from_slice(&got.body[3..]).expect("JSON after the mark");
    assert_eq!(json["transactions"][1]["description"], "SECOND");
    assert_eq!(got.header("x-odd"), Some("1"));
}
