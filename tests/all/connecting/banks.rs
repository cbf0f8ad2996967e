//! Each of the eight test banks, up to linked and synced accounts.

use std::collections::BTreeMap;

use crate::bank::{Endpoint, Fresh, TEST_BANKS, WAYS};
use crate::daemon::live;
use crate::first_light::day;
use crate::home::Home;

use super::{
    ANSWERS, NO_MFA, NO_MFA_ID, beside, connect, created, home, keeps_secrets, logins, test_banks,
};

/// The balances of the linked accounts by their ids, as `status` tells them.
fn balances(home: &Home) -> BTreeMap<String, Option<String>> {
    let told = home.run(&["status", "--json"]).ends_with(0).json();
    let accounts = told["families"][0]["accounts"].as_array().expect("accounts");
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    accounts.iter().map(|one| (text(&one["id"]).expect("an id"), text(&one["balance"]))).collect()
}

/// What the bank's own books say.
fn truth(home: &Home) -> BTreeMap<String, Option<String>> {
    home.bank.edit(|world| {
        let ids: Vec<String> = world.accounts().map(|account| account.id.clone()).collect();
        ids.into_iter().map(|id| (id.clone(), world.truth(&id).balance)).collect()
    })
}

/// What each bank hears, in order.
fn heard(bank: &str) -> Vec<(&'static str, &'static str)> {
    let (picture, question) = (("CaptchaInput", "asdf"), ("SecurityAnswer", r#"["asdf"]"#));
    let (way, code) = (("TokenChoice", WAYS[0]), ("TokenInput", "asdfg"));
    match bank.trim_start_matches("Sophtron Bank").trim() {
        "" => vec![picture, question, way, code],
        "Captcha" => vec![picture],
        "SecurityQuestion" => vec![question],
        "SecurityQuestion Multiple" => vec![("SecurityAnswer", r#"["asdf","qwer"]"#)],
        "Token" | "Business" => vec![way, code],
        "TokenRead" => vec![("VerifyPhoneFlag", "true")],
        _ => vec![],
    }
}

#[test]
fn each_test_bank_is_connected_linked_and_synced() {
    for (bank, _) in TEST_BANKS {
        let mut world = test_banks(day("2026-03-04"));
        world.fresh = Fresh { unlisted: 1, alone: 1, unknown: 2 };
        let home = beside(world);
        let ran = connect(&home, bank).ends_with(0);
        assert_eq!(ran.out.matches("is linked in").count(), 5, "{bank}: {}", ran.out);
        assert_eq!((created(&home), logins(&home).len()), (1, 1), "{bank}");
        let told = home.bank.edit(|world| world.jobs[0].heard.clone());
        let told: Vec<_> = told.iter().map(|(key, said)| (key.as_str(), said.as_str())).collect();
        assert_eq!(told, heard(bank), "{bank}");
        let asks = usize::from(!told.is_empty());
        assert_eq!(ran.err.matches("If you leave").count(), asks, "{bank}: {}", ran.err);
        // What a card's balance means, the owner knows.
        let config = home.read("sophtron-sync.toml");
        let signed = "type = \"credit_card\"\nbalance_sign = \"signed\"";
        home.write("sophtron-sync.toml", &config.replace("type = \"credit_card\"", signed));
        let synced = home.run(&["sync"]).ends_with(0);
        assert_eq!(balances(&home), truth(&home), "{bank}");
        assert_eq!(home.bank.violations(), [""; 0], "{bank}");
        keeps_secrets(&home, &[&ran, &synced]);
    }
}

#[test]
fn as_much_history_comes_as_is_asked_for() {
    for (depth, endpoint, rows) in [
        ("shallow", Endpoint::Create, 3),
        ("transactions", Endpoint::CreateWithRefresh, 3),
        ("full", Endpoint::CreateWithFullHistory, 5),
    ] {
        let home = home();
        let args = ["connect", "smith", NO_MFA, "--history", depth];
        let ran = home.run_answering(&args, &ANSWERS).ends_with(0);
        assert_eq!(home.bank.count(endpoint), 1, "{depth}");
        assert!(ran.err.contains(&format!("{NO_MFA} is connected: login ")), "{}", ran.err);
        let config = home.read("sophtron-sync.toml");
        // What a shallow login lacks, the first refresh brings.
        let every = "[sync]\nrefresh = \"1h\"\n";
        home.write("sophtron-sync.toml", &config.replace("[sync]\n", every));
        let mut home = home;
        home.sleep_until(day("2026-03-06"));
        home.run(&["sync"]).ends_with(0);
        let books = home.read("bank/smith/sophtron-bank-nomfa-checking-1234/2019.csv");
        assert_eq!(books.lines().count() - 1, rows, "{depth}: {books}");
    }
}

#[test]
fn what_is_not_wanted_is_not_linked_and_can_be_later() {
    let home = home();
    let mut answers = ANSWERS;
    answers[11] = ("Link ", "no");
    let ran = home.run_answering(&["connect", "smith", NO_MFA_ID], &answers).ends_with(0);
    let ids: Vec<String> =
        home.bank.edit(|world| world.accounts().map(|account| account.id.clone()).collect());
    for id in &ids {
        assert!(ran.out.contains(&format!("    sophtron-sync link smith {id}\n")), "{}", ran.out);
    }
    assert!(!home.read("sophtron-sync.toml").contains("family.account"));
    home.run(&["link", "smith", &ids[2], "--name", "savings"]).ends_with(0);
    home.run(&["sync", "smith/savings"]).ends_with(0);
}

#[test]
fn beside_a_daemon_the_daemon_asks_and_the_caller_links() {
    let home = home();
    let daemon = live::Daemon::start(&home);
    let ran = connect(&home, "Sophtron Bank").ends_with(0);
    assert_eq!(ran.out.matches("is linked in").count(), 5, "{}", ran.out);
    assert!(!ran.out.contains("\"version\""), "{}", ran.out);
    daemon.until("its accounts are synced", || {
        home.path("bank/smith/sophtron-bank-checking-1234/2019.ledger").exists()
    });
    assert_eq!((created(&home), home.bank.violations().len()), (1, 0));
    let _ = daemon.stop();
    keeps_secrets(&home, &[&ran]);
}
