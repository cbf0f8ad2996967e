//! A service that is not reached, or not the right one: the books stay, the state says why, and all
//! heals by itself.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::{good_home, manners, told};
use crate::bank;
use crate::home::{Home, Ran};

/// One way in which the service fails.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Another address of the service, while it fails.
    base_url: Option<String>,
    /// Another login of both accounts, while it fails.
    login: Option<String>,
    code: u8,
    state: String,
    says: Vec<String>,
}

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[test]
fn a_service_that_fails_touches_nothing_and_all_heals_by_itself() {
    let cases: Cases = toml::from_str(include_str!("service.toml")).expect("cases");
    assert!(cases.case.len() >= 3, "{} cases", cases.case.len());
    let wrong: Vec<String> = cases.case.iter().filter_map(|case| run(case).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn run(case: &Case) -> Result<(), String> {
    let (mut home, family) = good_home();
    home.day(bank::day("2026-06-02"));
    spoil(case, &home, &family);
    let before = home.tree("bank");
    let ran = home.run(&["sync"]);
    let mut wrong = manners::faults(&home, &ran);
    if ran.code != case.code {
        wrong.push(format!("it ended with {}, not {}", ran.code, case.code));
    }
    let unsaid = case.says.iter().filter(|text| !ran.err.contains(*text));
    wrong.extend(unsaid.map(|text| format!("it does not say {text:?}")));
    if home.tree("bank") != before {
        wrong.push("an output file was touched".to_owned());
    }
    for account in accounts(&home) {
        wrong.extend(misstated(case, &account, &ran, home.now));
    }
    wrong.extend(unhealed(&mut home, &family));
    told(&case.name, &ran, &wrong)
}

fn spoil(case: &Case, home: &Home, family: &str) {
    let mut spoilt = family.to_owned();
    if let Some(url) = &case.base_url {
        spoilt = spoilt.replace(&home.bank.base_url(), url);
    }
    if let Some(login) = &case.login {
        let real = home.bank.edit(|world| world.user("smith").logins[0].id.clone());
        spoilt = spoilt.replace(&real, login);
    }
    assert_ne!(spoilt, family);
    home.configure(&spoilt);
}

fn accounts(home: &Home) -> Vec<Value> {
    let status = home.run(&["status", "--json"]).ends_with(0).json();
    let accounts = status["families"][0]["accounts"].as_array().expect("accounts").clone();
    assert_eq!(accounts.len(), 2);
    accounts
}

/// What status says wrongly of an account while the service fails.
fn misstated(case: &Case, account: &Value, ran: &Ran, now: DateTime<Utc>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |is: bool, what: &str| {
        if !is {
            wrong.push(format!("status tells {what} wrongly: {account}"));
        }
    };
    let text = |key: &str| account[key].as_str().unwrap_or_default();
    expect(account["state"] == case.state.as_str(), "the state");
    expect(!text("message").is_empty() && ran.err.contains(text("message")), "the message");
    expect(!text("help").is_empty() && ran.err.contains(text("help")), "the help");
    expect(account["transactions"] == 2 && account["balance"] == "1281.60", "the books");
    expect(text("data_as_of").starts_with("2026-06-0"), "the age of its data");
    expect(text("last_success").starts_with("2026-06-01T12:00:00"), "the last success");
    expect(text("last_attempt").starts_with("2026-06-02T12:00:00"), "the last attempt");
    let next = text("next_attempt").parse::<DateTime<Utc>>().ok();
    expect(next.is_some_and(|next| next > now), "the next attempt");
    wrong
}

/// What is wrong after the service works again.
fn unhealed(home: &mut Home, family: &str) -> Vec<String> {
    home.configure(family);
    home.now += TimeDelta::hours(2);
    let ran = home.run(&["sync"]);
    let mut wrong = Vec::new();
    if ran.code != 0 || !ran.err.is_empty() {
        wrong.push(format!("it does not heal: {} {}{}", ran.code, ran.out, ran.err));
    }
    for account in accounts(home) {
        let well = account["state"] == "ok" && account["transactions"] == 3;
        if !well || !account["message"].is_null() {
            wrong.push(format!("it is not well again: {account}"));
        }
    }
    if !home.read("bank/smith/savings/2026.ledger").contains("THE NEWS") {
        wrong.push("the news did not come".to_owned());
    }
    wrong
}
