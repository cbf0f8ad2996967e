//! What `reconcile` says of a difference that passes by itself, and where nothing can be compared.

use serde_json::Value;

use super::reconciling::{ACCOUNT, asked, explanations};
use super::{
    BOOKS, START, checks_hold, drift, families, id_in_files, is_true, line, read, settled, status,
    synced, tell, with_line,
};
use crate::bank::{BalanceSign, Json, Shown};
use crate::first_light::one_account;
use crate::home::Home;

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The difference has one explanation, which passes: nothing can be booked meanwhile.
fn passes(home: &Home, words: &[&str]) {
    let told = explanations(home);
    let [only] = &told[..] else { panic!("{told:#?}") };
    for words in words {
        assert!(only.contains(words), "{words}: {only}");
    }
    let said = home.run(&["reconcile", ACCOUNT]).ends_with(0).out;
    assert!(said.contains("Wait for that: meanwhile the difference cannot be booked"), "{said}");
    assert!(!said.contains("--accept"), "{said}");
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    let before = home.tree("bank");
    let refused = home.run(&["reconcile", ACCOUNT, "--accept"]).ends_with(1);
    let refused = one_line(&refused.err);
    assert!(refused.contains(only) && refused.contains("nothing was booked"), "{refused}");
    assert!(home.tree("bank") == before);
}

#[test]
fn a_row_that_the_last_reads_lack_is_named_and_waited_for() {
    let mut home = synced();
    for today in ["2026-03-05", "2026-03-06"] {
        read(&mut home, today, |account| {
            account.balance("1231.60").rows[2].shown(Shown::Gone);
        });
        assert_eq!(drift(&home).expect("drift").0, "5.25");
        let wait = "the last read did not have it; after three good reads it is out by itself: wait for them";
        passes(&home, &["a row of -5.25 USD, 2026-03-02 COFFEE, id ", wait]);
    }
    read(&mut home, "2026-03-07", |_| {});
    assert_eq!(drift(&home), None);
    let told = home.run(&["reconcile", ACCOUNT, "--accept"]).ends_with(0).out;
    assert!(told.contains("the books agree with the bank"), "{told}");
    checks_hold(&home);
}

#[test]
fn rows_that_the_last_read_lacks_explain_their_sum() {
    let mut home = synced();
    read(&mut home, "2026-03-05", |account| {
        for (amount, text) in [("-1.10", "ONE"), ("-2.20", "TWO"), ("-4.40", "FOUR")] {
            account.add_row("2026-03-05", amount, text);
        }
    });
    // The bank has dropped two, and a read lost the third one.
    read(&mut home, "2026-03-06", |account| {
        let balance = super::money(&account.reported()) + super::money("5.50");
        account.rows[3..].iter_mut().for_each(|row| {
            row.shown(Shown::Gone);
        });
        account.balance(&balance.to_string());
    });
    assert_eq!(drift(&home).expect("drift").0, "5.50");
    passes(&home, &["rows that are -5.50 USD together", "ONE", "FOUR"]);
    assert!(!explanations(&home)[0].contains("TWO"));
    // What no such row explains can be booked.
    read(&mut home, "2026-03-06", |account| {
        let balance = super::money(&account.reported()) + super::money("0.01");
        account.balance(&balance.to_string());
    });
    let told = explanations(&home);
    assert_eq!(told, ["a row of 5.51 USD that the service did not send"]);
}

#[test]
fn a_booked_row_that_is_pending_again_is_named_and_its_story_tells_it() {
    let mut world = one_account();
    world.accounts_mut().for_each(|account| {
        account.add_row("2026-03-03", "-42.00", "HOTEL").id("hotel");
    });
    let mut home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    let id = id_in_files(&home, "HOTEL");
    for today in ["2026-03-05", "2026-03-06"] {
        read(&mut home, today, |account| account.rows[3].pending = true);
        assert_eq!(drift(&home).expect("drift").0, "42.00");
        passes(&home, &["a row of -42.00 USD, 2026-03-03 HOTEL", "as pending again"]);
        assert_eq!(status(&home, ACCOUNT)["quarantined"], 0);
    }
    let why = home.run(&["why", &id]).ends_with(0).out;
    let event = "the bank shows it as pending again: it stays booked";
    assert_eq!(one_line(&why).matches(event).count(), 1, "{why}");
    read(&mut home, "2026-03-07", |account| account.rows[3].pending = false);
    assert_eq!(drift(&home), None);
    is_true(&home, START, &[]);
    read(&mut home, "2026-03-08", |account| account.rows[3].pending = true);
    let why = home.run(&["why", &id]).ends_with(0).out;
    assert_eq!(one_line(&why).matches(event).count(), 2, "it happened again: {why}");
}

/// It was missing when it could still vanish, and then too many days had passed.
#[test]
fn a_missing_row_that_grew_too_old_is_named_and_does_not_pass_by_itself() {
    let mut world = one_account();
    world.accounts_mut().for_each(|account| {
        account.add_row("2026-02-20", "-6.00", "OLD").id("old");
    });
    let mut home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    tell(&mut home, "2026-03-05", |account| {
        account.balance("1226.35").rows[3].shown(Shown::Gone);
    });
    home.run(&["sync"]).ends_with(0);
    for today in ["2026-05-30", "2026-06-02", "2026-06-03", "2026-06-04"] {
        tell(&mut home, today, |account| {
            if account.rows.len() == 4 {
                account.add_row("2026-05-30", "-1.00", "NEWS");
            }
            account.balance("1225.35");
        });
        home.run(&["sync", "--full"]).ends_with(0);
        assert_eq!(drift(&home).expect("drift").0, "6.00");
        assert!(home.read(BOOKS).contains("* OLD"), "it stays");
    }
    let told = explanations(&home);
    let [only] = &told[..] else { panic!("{told:#?}") };
    assert!(only.contains("-6.00 USD, 2026-02-20 OLD"), "{only}");
    assert!(only.contains("older than the overlap and does not vanish by itself"), "{only}");
    home.run(&["reconcile", ACCOUNT, "--accept"]).ends_with(0);
    assert_eq!(drift(&home), None);
    is_true_with_old(&home);
    tell(&mut home, "2026-06-05", |account| {
        account.fixed_balance = None;
        account.rows[3].shown(Shown::Now);
    });
    home.run(&["sync", "--full"]).ends_with(0);
    assert_eq!(drift(&home), Some(("-6.00".to_owned(), "2026-06-05".to_owned())));
    let told = explanations(&home);
    assert!(!told.iter().any(|text| text.contains("OLD")), "it is there again: {told:?}");
}

/// The row is gone at the bank; here it stands, and the entry beside it.
fn is_true_with_old(home: &Home) {
    let own = [line("2026-02-20", "-6.00", "OLD"), line("2026-06-04", "6.00", "Reconciliation")];
    is_true(home, START, &own);
}

/// Nothing can be compared: what is missing and what to do is said, and nothing is booked.
fn nothing_to_compare(home: &Home, words: &str, cure: &str) {
    let said = home.run(&["reconcile", ACCOUNT]).ends_with(0).out;
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    let said = one_line(&said);
    assert!(said.contains(&format!("there is nothing to compare: {words}")), "{said}");
    assert!(said.contains(cure) && !said.contains("agree"), "{said}");
    let told = asked(home);
    assert_eq!(told["drift"], Value::Null);
    let why = told["not_compared"].as_str().expect("a reason");
    assert!(why.contains(words) && why.contains(cure), "{why}");
    let before = home.tree("bank");
    let refused = home.run(&["reconcile", ACCOUNT, "--accept"]).ends_with(1);
    let refused = one_line(&refused.err);
    assert!(refused.contains(words) && refused.contains("nothing was booked"), "{refused}");
    assert!(home.tree("bank") == before);
}

#[test]
fn without_a_balance_there_is_nothing_to_compare() {
    let mut world = one_account();
    world.accounts_mut().for_each(|account| {
        account.set("Balance", Json::null()).set("AccountBalance", Json::null());
    });
    let mut home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    nothing_to_compare(&home, "the service has sent no balance of it", "wait");
    read(&mut home, "2026-03-05", |account| {
        account.patch = one_account().accounts().next().expect("an account").patch.clone();
    });
    assert_eq!(asked(&home)["not_compared"], Value::Null);
    is_true(&home, START, &[]);
}

#[test]
fn rows_or_values_alone_and_open_signs_leave_nothing_to_compare() {
    let home = synced();
    for (track, words) in [("rows", "its rows alone are tracked"), ("value", "its balance alone")] {
        let all = with_line(&families(&home, START), "checking", &format!("track = \"{track}\""));
        home.reconfigure("", &all);
        home.run(&["sync"]).ends_with(0);
        nothing_to_compare(&home, words, "set `track = \"cash\"`");
    }
    let mut world = one_account();
    let account = world.accounts_mut().next().expect("an account");
    account.suggest("credit_card", "Liabilities:Card", "USD").opening("-1000.00");
    account.balance_sign(BalanceSign::Owed).amounts(crate::bank::Amounts::Unsigned);
    let home = settled(world, START);
    let all = families(&home, START);
    let open = all.lines().filter(|line| !line.starts_with("balance_sign"));
    home.reconfigure("", &(open.collect::<Vec<_>>().join("\n") + "\n"));
    home.run(&["sync"]).ends_with(0);
    nothing_to_compare(&home, "nothing tells yet whether its positive balance", "`balance_sign`");
    let mut world = one_account();
    world.accounts_mut().for_each(|account| {
        account.amounts(crate::bank::Amounts::Untyped);
    });
    let home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    nothing_to_compare(&home, "rows without DEBIT or CREDIT wait", "set `amount_sign`");
}
