//! What a call must bring, and whose data it gets.

use serde_json::{Value, json};

use crate::bank::{Bank, Endpoint, TEST_BANKS, UnknownIds, World, day};

use super::caller::Caller;

const ROWS: &str = "/Transaction/GetTransactionsByTransactionDate";

/// Two families with one account each; three rows on neighbouring days for the first.
fn bank() -> Bank {
    let mut world = World::new(day("2026-03-04"));
    let account = world.add_user("smith").add_login("Sandbox Bank").add_account("Checking");
    account.opening("100.00");
    account.add_row("2026-03-01", "-1.00", "FIRST");
    account.add_row("2026-03-02", "-18.4", "SECOND").merchant("Green Grocer");
    account.add_row("2026-03-03", "2500.00", "THIRD");
    world.add_user("tremblay").add_login("Sophtron Bank NoMFA").add_account("Chequing");
    Bank::start(world)
}

fn ids(bank: &Bank, user: &str) -> (String, String) {
    bank.edit(|world| {
        let login = &world.user(user).logins[0];
        (login.id.clone(), login.accounts[0].id.clone())
    })
}

fn span(account: &str, start: &str, end: &str) -> Value {
    json!({"AccountID": account, "StartDate": start, "EndDate": end})
}

#[test]
fn accounts_and_rows_go_out_digit_for_digit() {
    let bank = bank();
    let caller = Caller::family(&bank, "smith");
    let (login, account) = ids(&bank, "smith");
    let accounts = caller
        .post("/UserInstitution/GetUserInstitutionAccounts", &json!({"UserInstitutionID": login}));
    assert!(accounts.text().contains(r#""Balance":2580.60,"#), "{}", accounts.text());
    assert_eq!(accounts.json()[0]["LastUpdated"], "2026-03-04T07:12:09.54");
    let rows = caller.post(ROWS, &span(&account, "2026-03-01", "2026-03-31"));
    assert!(rows.text().contains(r#""Type":"DEBIT","Amount":-18.4,"Currency":"$""#));
    assert_eq!(rows.column("Description"), ["FIRST", "SECOND", "THIRD"]);
    assert_eq!(rows.json()[1]["Merchant"], "Green Grocer");
}

#[test]
fn both_bounds_of_a_span_belong_to_it() {
    let bank = bank();
    let caller = Caller::family(&bank, "smith");
    let (_, account) = ids(&bank, "smith");
    for (start, end, found) in [
        ("2026-03-01", "2026-03-03", "FIRST SECOND THIRD"),
        ("2026-03-02", "2026-03-02", "SECOND"),
        ("2026/03/02", "2026/03/03", "SECOND THIRD"),
        ("2026-03-02T00:00:00Z", "2026-03-03T23:59:59.999+14:00", "SECOND THIRD"),
        ("2026-03-03", "2026-03-01", ""),
        ("2026-03-04", "2027-01-01", ""),
    ] {
        let rows = caller.post(ROWS, &span(&account, start, end));
        assert_eq!(rows.column("Description").join(" "), found, "{start} to {end}");
    }
}

#[test]
fn a_span_filters_on_the_first_date_that_is_there() {
    let bank = bank();
    let caller = Caller::family(&bank, "smith");
    let (_, account) = ids(&bank, "smith");
    let null = crate::bank::Json::null;
    bank.edit(|world| {
        let rows = &mut world.account_mut(&account).rows;
        rows[0].set("TransactionDate", null()).set("Date", null());
        rows[0].set("PostDate", "2026-03-09T23:59:59-05:00".into());
        rows[1].set("TransactionDate", null()).set("Date", null()).set("PostDate", null());
        rows[2].in_every_span();
    });
    let rows = caller.post(ROWS, &span(&account, "2026-03-09", "2026-03-09"));
    assert_eq!(rows.column("Description"), ["FIRST", "SECOND", "THIRD"]);
    let rows = caller.post(ROWS, &span(&account, "2026-03-01", "2026-03-08"));
    assert_eq!(rows.column("Description"), ["SECOND", "THIRD"]);
}

#[test]
fn case_and_doubled_slashes_of_a_path_do_not_matter() {
    let bank = bank();
    let caller = Caller::family(&bank, "smith");
    for path in ["/institution/HEALTHCHECKAUTH", "//Institution//HealthCheckAuth"] {
        assert_eq!(caller.get(path).status, 200, "{path}");
    }
    let body = json!({"userid": caller.user_id(), "Unknown": null});
    assert_eq!(caller.post("/userinstitution/getuserinstitutionsbyuser", &body).status, 200);
}

#[test]
fn a_call_that_is_not_right_is_refused() {
    let bank = bank();
    let caller = Caller::family(&bank, "smith");
    let (_, account) = ids(&bank, "smith");
    let path = "/api/Transaction/GetTransactionsByTransactionDate";
    let authorization = caller.authorization("POST", "/gettransactionsbytransactiondate");
    let good = span(&account, "2026-03-01", "2026-03-02").to_string();
    for (kind, body, status) in [
        ("application/json; charset=utf-8", good.as_str(), 200),
        ("application/x-www-form-urlencoded", good.as_str(), 415),
        ("application/json", "", 400),
        ("application/json", "[]", 400),
        ("application/json", "{\"AccountID\":", 400),
        ("application/json", &span("", "2026-03-01", "2026-03-02").to_string(), 400),
        ("application/json", &span(&account, "yesterday", "2026-03-02").to_string(), 400),
        ("application/json", &span(&account, "2026-02-30", "2026-03-02").to_string(), 400),
    ] {
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", kind)];
        assert_eq!(caller.send("POST", path, &headers, body).status, status, "{kind} {body}");
    }
    assert_eq!(caller.get(ROWS).status, 405);
    assert_eq!(caller.get("/Institution/Nothing").status, 404);
    assert!(bank.violations().is_empty(), "{:?}", bank.violations());
}

#[test]
fn a_family_sees_its_own_data_alone() {
    let bank = bank();
    let caller = Caller::family(&bank, "smith");
    let other = Caller::family(&bank, "tremblay");
    let (login, account) = ids(&bank, "tremblay");
    let accounts = "/UserInstitution/GetUserInstitutionAccounts";
    for (path, body) in [
        ("/UserInstitution/GetUserInstitutionsByUser", json!({"UserID": other.user_id()})),
        (accounts, json!({"UserInstitutionID": login})),
        (ROWS, span(&account, "2026-03-01", "2026-03-02")),
        ("/UserInstitution/RefreshUserInstitution", json!({"UserInstitutionID": login})),
    ] {
        assert_eq!(caller.post(path, &body).status, 404, "{path}");
    }
    bank.edit(|world| world.unknown_ids = UnknownIds::Empty);
    let got = caller.post(accounts, &json!({"UserInstitutionID": login}));
    assert_eq!((got.status, got.text()), (200, "[]"));
    let logins = other
        .post("/UserInstitution/GetUserInstitutionsByUser", &json!({"UserID": other.user_id()}));
    assert_eq!(logins.column("UserInstitutionID"), [login]);
}

#[test]
fn the_test_banks_are_found_by_name_and_by_id() {
    let bank = bank();
    let caller = Caller::family(&bank, "smith");
    let by_name = |name: &str| {
        caller.post("/Institution/GetInstitutionByName", &json!({"InstitutionName": name}))
    };
    assert_eq!(by_name("sophtron bank").column("InstitutionID").len(), 8);
    for (name, id) in TEST_BANKS {
        assert!(by_name(name).column("InstitutionID").contains(&id.to_owned()));
        let got = caller.post("/Institution/GetInstitutionByID", &json!({"InstitutionID": id}));
        assert_eq!(got.json()["InstitutionName"], name);
    }
    let body = json!({"UserID": caller.user_id()});
    let own = caller.post("/Institution/GetInstitutionsByUser", &body);
    assert_eq!(own.column("InstitutionName"), ["Sandbox Bank"]);
}

#[test]
fn what_changes_something_is_refused_and_noted() {
    let bank = bank();
    let caller = Caller::family(&bank, "smith");
    let (login, _) = ids(&bank, "smith");
    let body = json!({"UserInstitutionID": login});
    for path in ["/UserInstitution/DeleteUserInstitution", "/Job/UpdateJobSecurityAnswer"] {
        assert_eq!(caller.post(path, &body).status, 403);
    }
    bank.edit(|world| world.allow_refresh = false);
    assert_eq!(caller.post("/UserInstitution/RefreshUserInstitution", &body).status, 403);
    assert_eq!(bank.violations().len(), 3);
}

#[test]
fn every_call_is_logged_without_its_header() {
    let bank = bank();
    let caller = Caller::family(&bank, "smith");
    let watched = bank.watch();
    caller.get("/Institution/HealthCheckAuth");
    caller.post(ROWS, &json!({}));
    assert_eq!(bank.count(Endpoint::HealthCheck), 1);
    let calls = bank.calls();
    assert_eq!(calls[1].status, 400);
    assert_eq!(calls[1].refusal.as_deref(), Some("the body has no AccountID"));
    assert!(!format!("{calls:?}").contains("FIApiAUTH"));
    assert_eq!(watched.try_iter().count(), 2);
    bank.forget_calls();
    assert_eq!(bank.count(Endpoint::HealthCheck), 0);
}
