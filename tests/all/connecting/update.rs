//! A login is given another name and password, and the bank tries them.

use crate::bank::{Endpoint, Fault, Transport};
use crate::first_light::{day, id_of, one_account, settled};
use crate::home::Home;

use super::{ANSWERS, LOGIN_NAME, NO_MFA, PASSWORD, connect, home, keeps_secrets, logins};
use crate::bank::{Branch, Challenge, Poll, Story, World};

const NEW: [(&str, &str); 2] = [("User name", LOGIN_NAME), ("Password", PASSWORD)];

/// A home whose bank changed the password: two refreshes were refused, and no more are begun.
fn blocked() -> Home {
    let mut world = one_account();
    let bank = world.users[0].logins[0].institution.clone();
    let branch = world.open_branch(Branch::new(bank));
    branch.customer = Some((LOGIN_NAME.to_owned(), PASSWORD.to_owned()));
    let mut home = settled(world, "2026-01-01");
    home.run(&["sync"]).ends_with(0);
    home.bank.edit(|world: &mut World| world.users[0].logins[0].admitted = false);
    for at in ["2026-03-06", "2026-03-08"] {
        home.sleep_until(day(at));
        home.run(&["sync"]).ends_with(1);
    }
    home.sleep_until(day("2026-03-10"));
    let told = home.run(&["sync"]).ends_with(0);
    assert!(told.err.contains("not asked for new data"), "{}", told.err);
    home
}

#[test]
fn a_new_password_lifts_what_held_the_login_back() {
    for how in ["id", "beginning", "account"] {
        let home = blocked();
        let login = logins(&home).remove(0);
        let query = match how {
            "id" => login.to_uppercase(),
            "beginning" => login[..6].to_owned(),
            _ => "checking".to_owned(),
        };
        let args = ["connect", "smith", &query, "--update"];
        let ran = home.run_answering(&args, &NEW).ends_with(0);
        assert!(ran.err.contains("takes the new login"), "{how}: {}", ran.err);
        assert_eq!(home.bank.count(Endpoint::UpdateLogin), 1);
        let synced = home.run(&["sync"]).ends_with(0);
        assert_eq!(synced.err, "", "{how}");
        assert_eq!((logins(&home), home.bank.violations().len()), (vec![login], 0));
        keeps_secrets(&home, &[&ran, &synced]);
    }
}

#[test]
fn a_wrong_one_is_told_and_the_login_stays_one() {
    let home = blocked();
    let typed = [("Which login", "0"), ("User name", LOGIN_NAME), ("Password", "a slip")];
    let ran = home.run_answering(&["connect", "smith", "--update"], &typed).ends_with(1);
    assert!(ran.err.contains("refused the new login too"), "{}", ran.err);
    assert_eq!(logins(&home).len(), 1);
    let typed = [("Which login", "0"), NEW[0], NEW[1]];
    home.run_answering(&["connect", "smith", "--update"], &typed).ends_with(0);
}

#[test]
fn a_lost_answer_to_the_update_is_no_harm() {
    let home = blocked();
    home.bank.edit(|world| {
        let lost = Fault::Transport(Transport::ResetAtOnce);
        world.fault(lost).on(Endpoint::UpdateLogin).times(1);
    });
    let args = ["connect", "smith", "checking", "--update"];
    let ran = home.run_answering(&args, &NEW).ends_with(69);
    assert!(ran.err.contains("whether the service has the new login"), "{}", ran.err);
    assert_eq!(home.bank.count(Endpoint::UpdateLogin), 1, "never sent again by itself");
    home.run_answering(&args, &NEW).ends_with(0);
    let id = id_of(&home, "checking");
    assert_eq!(home.bank.edit(|world| world.account(&id).refreshes), 1);
}

#[test]
fn an_unknown_login_is_refused_with_those_that_there_are() {
    let home = home();
    let none = home.run_answering(&["connect", "smith", "--update"], &NEW).ends_with(2);
    assert!(none.err.contains("has no login at the service"), "{}", none.err);
    connect(&home, NO_MFA).ends_with(0);
    let login = logins(&home).remove(0);
    let other = home.run_answering(&["connect", "smith", "visa", "--update"], &NEW).ends_with(2);
    assert!(other.err.contains(&login), "{}", other.err);
    let silent = home.run(&["connect", "smith", "--update"]).ends_with(2);
    assert!(silent.err.contains(&login) && silent.err.contains("LOGIN --update"), "{}", silent.err);
}

/// A question in between holds the login back as long as it is open, and no longer.
#[test]
fn a_question_on_the_way_is_answered_now_or_later() {
    for later in [false, true] {
        let home = blocked();
        home.bank.edit(|world| {
            let code = Poll::asks(Challenge::code("Token"));
            world.users[0].logins[0].refresh = Story::told([code, Poll::done()]);
        });
        let args = ["connect", "smith", "checking", "--update"];
        if later {
            let left = home.run_answering(&args, &NEW).ends_with(77);
            assert_eq!(left.err.matches("If you leave").count(), 1, "{}", left.err);
            // Its account tells it once it is looked at.
            home.run(&["sync"]).ends_with(77);
            let status = home.run(&["status"]).ends_with(0).out;
            assert_eq!(status.matches("sophtron-sync answer smith/").count(), 1, "{status}");
            home.run_answering(&["answer"], &ANSWERS).ends_with(0);
        } else {
            home.run_answering(&args, &ANSWERS).ends_with(0);
        }
        assert_eq!(home.run(&["answer"]).ends_with(0).out, "No bank waits for an answer.\n");
        assert_eq!(home.run(&["sync"]).ends_with(0).err, "");
    }
}
