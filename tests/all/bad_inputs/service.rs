//! A service that fails: the books stay, the state says why, and it heals by itself.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::{good_home, manners, told};
use crate::bank::{self, Endpoint, Fault, Json, Shape, Transport};
use crate::home::{Home, Ran};

/// One way in which the service fails.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    fault: Option<String>,
    #[serde(default)]
    on: String,
    /// Another address of the service, while it fails.
    base_url: Option<String>,
    /// Another login of both accounts, while it fails.
    login: Option<String>,
    code: u8,
    state: String,
    says: Vec<String>,
    /// In how many seconds the next attempt is due, where that is given.
    next: Option<i64>,
}

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[test]
fn a_service_that_fails_touches_nothing_and_all_heals_by_itself() {
    let cases: Cases = toml::from_str(include_str!("service.toml")).expect("cases");
    assert!(cases.case.len() >= 30, "{} cases", cases.case.len());
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
    wrong.extend(unhealed(case, &mut home, &family));
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
    if spoilt != family {
        home.configure(&spoilt);
    }
    let Some(text) = &case.fault else { return };
    home.bank.edit(|world| {
        let rule = world.fault(fault(text));
        match case.on.as_str() {
            "rows" => rule.on(Endpoint::Transactions),
            "list" => rule.on(Endpoint::Accounts),
            "all" => rule,
            other => panic!("no calls {other:?}"),
        };
    });
}

fn fault(text: &str) -> Fault {
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    let number = || rest.parse().expect("a number");
    let pair = || {
        let (key, value) = rest.split_once(' ').expect("a key and a value");
        (key, Json::literal(value))
    };
    match name {
        "status" => Fault::Status(number()),
        "limited" => Fault::Limited((!rest.is_empty()).then(|| rest.to_owned())),
        "body" => Fault::body(rest),
        "html" => Fault::Transport(Transport::Html(number())),
        "redirect" => Fault::Transport(Transport::Redirect(rest.to_owned())),
        "cut" => Fault::Transport(Transport::Cut(number().into())),
        "reset" => Fault::Transport(Transport::ResetAtOnce),
        "cursor" => Fault::Shape(Shape::wrapped_with_cursor("more")),
        "empty" => Fault::Shape(Shape::Empty),
        "set" => Fault::Shape(Shape::set(pair().0, pair().1)),
        "add" => Fault::Shape(Shape::add(pair().0, pair().1)),
        other => panic!("no fault {other:?}"),
    }
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
    let wait = next.map(|next| (next - now).num_seconds());
    expect(
        match (case.state.as_str(), case.next) {
            ("rejected", _) => wait.is_none(),
            (_, Some(seconds)) => wait == Some(seconds),
            _ => wait.is_some_and(|wait| wait > 0),
        },
        "the next attempt",
    );
    wrong
}

/// What is wrong after the service works again.
fn unhealed(case: &Case, home: &mut Home, family: &str) -> Vec<String> {
    home.bank.edit(bank::World::lift_faults);
    if case.base_url.is_some() || case.login.is_some() {
        home.configure(family);
    }
    home.now += TimeDelta::hours(2);
    if case.state == "rejected" {
        let silent = home.run(&["sync"]);
        if silent.code != 77 || !silent.err.contains("before") {
            return vec![format!("it asks again by itself: {}", silent.err)];
        }
        home.run(&["credentials", "check", "smith"]).ends_with(0);
    }
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
