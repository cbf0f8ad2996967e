//! Which login is meant, and what is said where none waits.

use super::{heard, of_jobs, pairs, story, waiting};
use crate::bank::{self, Challenge, Poll, Story, World, family_toml};
use crate::home::Home;
use crate::jobs::{started, status};

/// A family with two logins that both ask for a code, and one that asks nothing.
fn two_wait() -> Home {
    let today = bank::day("2026-03-05");
    let mut world = World::new(today - chrono::Days::new(1));
    let user = world.add_user("smith");
    for (bank, account) in [("First Bank", "Checking"), ("Second Bank", "Visa"), ("Third", "Loan")]
    {
        let login = user.add_login(bank);
        login.add_account(account).opening("10.00").add_row_on(today, "-1.00", "FRESH");
        if bank != "Third" {
            login.refresh = story([Challenge::code("Token")]);
        }
    }
    let mut home = Home::in_memory(world);
    let (url, start) = (home.bank.base_url(), today - chrono::Days::new(30));
    let family = home.bank.edit(|world| family_toml(world.user("smith"), &url, start));
    home.configure(&family);
    home.sleep_until(today);
    home.run(&["sync"]).ends_with(77);
    home.bank.forget_calls();
    home
}

fn logins(home: &Home) -> Vec<String> {
    home.bank.edit(|world| world.logins().map(|login| login.id.to_lowercase()).collect())
}

#[test]
fn of_several_that_wait_one_is_chosen_or_named() {
    let home = two_wait();
    let ids = logins(&home);
    for args in [&["answer"][..], &["answer", "smith"], &["answer", "--code", "1"]] {
        let ran = home.run(args).ends_with(2);
        for line in [
            "2 banks wait",
            "\n    sophtron-sync answer smith/checking\n    sophtron-sync answer smith/visa\n",
        ] {
            assert!(ran.err.contains(line), "{}", ran.err);
        }
    }
    assert_eq!((of_jobs(&home), heard(&home)), (0, vec![]));
    // They stand in the order of their ids.
    let place = if ids[0] < ids[1] { "1" } else { "0" };
    let typed = [("Which bank", place), ("Second Bank: the code", "22")];
    home.run_typing(&["answer"], &typed).ends_with(0);
    assert_eq!(heard(&home), pairs(&[("TokenInput", "22")]));
    let ran = home.run_typing(&["answer"], &[("First Bank: the code", "11")]).ends_with(0);
    assert!(ran.out.contains("smith/checking: the bank has its answers."), "{}", ran.out);
    let ran = home.run(&["answer"]).ends_with(0);
    assert_eq!(ran.out, "No bank waits for an answer.\n");
}

#[test]
fn a_login_is_named_by_an_account_its_id_or_how_that_begins() {
    let ids = logins(&two_wait());
    let begin = |id: &str| {
        (1..=id.len()).find(|&length| {
            ids.iter().filter(|other| other.starts_with(&id[..length])).count() == 1
        })
    };
    let short = &ids[1][..begin(&ids[1]).expect("unique")];
    for named in ["visa", &ids[1], &ids[1].to_uppercase(), short] {
        let home = two_wait();
        home.run(&["answer", &format!("smith/{named}"), "--code", "7"]).ends_with(0);
        let asked = home.bank.edit(|world| {
            let job = world.jobs.iter().find(|job| !job.heard.is_empty()).expect("one");
            job.login.to_lowercase()
        });
        assert_eq!(asked, ids[1], "{named}");
    }
}

#[test]
fn what_names_no_login_is_told() {
    let home = two_wait();
    for (named, code, says) in [
        ("smith/nobody", 2, "smith has no login or account \"nobody\""),
        ("jones/visa", 2, "there is no family \"jones\""),
        ("smith/", 2, "a login follows the `/`"),
        ("smith/loan", 0, "smith/loan: its bank asks nothing."),
    ] {
        let ran = home.run(&["answer", named]).ends_with(code);
        assert!((ran.out + &ran.err).contains(says), "{named}");
    }
    assert_eq!((of_jobs(&home), heard(&home)), (0, vec![]));
}

/// A login that the bank refused twice is left alone until its owner acts, which this is.
#[test]
fn a_login_that_is_left_alone_may_be_asked_anew() {
    let home = waiting(story([Challenge::code("Token").expiring_after(1)]));
    home.run(&["sync"]).ends_with(1);
    let account = status(&home);
    let help = account["help"].as_str().unwrap_or_default();
    assert!(help.contains("`sophtron-sync answer smith/checking`"), "{account}");
    let ran = home.run(&["answer", "smith/checking"]).ends_with(0);
    assert!(ran.out.contains("Next: sophtron-sync sync smith/checking"), "{}", ran.out);
    home.bank.edit(|world| world.users[0].logins[0].refresh = Story::told([Poll::done()]));
    home.run(&["sync"]).ends_with(0);
    assert_eq!(started(&home), 2);
}

#[test]
fn a_paused_family_is_not_asked() {
    let home = waiting(story([Challenge::code("Token")]));
    let text = home.read("sophtron-sync.toml");
    home.write(
        "sophtron-sync.toml",
        &text.replacen("name = \"smith\"\n", "name = \"smith\"\npaused = true\n", 1),
    );
    home.bank.forget_calls();
    for args in [&["answer"][..], &["answer", "smith/checking", "--code", "1"]] {
        home.run(args).ends_with(0);
    }
    assert_eq!(home.bank.calls().len(), 0);
}
