//! Whatever breaks off while a bank is connected: the next try makes no second login.

use std::time::Duration;

use rustix::process::Signal;
use sophtron_sync::sophtron::Pace;

use crate::bank::{Endpoint, Fault, Fresh, Transport, UnknownIds, World};
use crate::daemon::live;
use crate::daemon::process::{Service, now, today};
use crate::first_light::day;
use crate::home::Home;

use super::{
    ANSWERS, LOGIN_NAME, NO_MFA, PASSWORD, beside, connect, created, home, keeps_secrets, logins,
    test_banks,
};

const QUESTION: &str = "Sophtron Bank SecurityQuestion";

fn unsettled() -> Home {
    let mut world = test_banks(day("2026-03-04"));
    world.fresh = Fresh { unlisted: 1, alone: 1, unknown: 1 };
    let mut home = beside(world);
    // Nobody waits long for a service that is away.
    home.pace = Pace { refresh: Duration::from_secs(2), ..Pace::quick() };
    home
}

/// How many requests it takes where nothing goes wrong.
fn requests() -> u32 {
    let home = unsettled();
    home.bank.forget_calls();
    connect(&home, QUESTION).ends_with(0);
    u32::try_from(home.bank.calls().len()).expect("some")
}

#[test]
fn each_request_may_be_lost_and_the_next_try_makes_no_second_login() {
    let count = requests();
    assert!(count > 8, "{count}");
    let mut again = 0;
    for nth in 0..count {
        for (lost, times) in [
            (Fault::Transport(Transport::ResetAtOnce), 1),
            (Fault::Transport(Transport::ResetAtOnce), u32::MAX),
            (Fault::Status(500), 1),
            (Fault::Status(500), u32::MAX),
        ] {
            let told = format!("request {nth}, {lost:?}, {times} times");
            let home = unsettled();
            home.bank.edit(|world| {
                world.fault(lost.clone()).after(nth).times(times);
            });
            let first = connect(&home, QUESTION);
            home.bank.edit(World::lift_faults);
            if first.code != 0 {
                again += 1;
                let second = connect(&home, QUESTION);
                assert_eq!(second.code, 0, "{told}\n{}\n{}", first.err, second.err);
            }
            assert_eq!(logins(&home).len(), 1, "{told}\n{}", first.err);
            // Only where the service refused to make one is it asked for another time.
            let asked = 1 + usize::from(matches!(lost, Fault::Status(_)));
            assert!((1..=asked).contains(&created(&home)), "{told}");
            let jobs =
                home.bank.edit(|world| world.jobs.iter().filter(|job| job.is_open()).count());
            assert_eq!((jobs, home.bank.violations().len()), (0, 0), "{told}");
            keeps_secrets(&home, &[&first]);
        }
    }
    assert!(again >= count, "most of them stop it: {again} of {count}");
}

#[test]
fn an_answer_that_was_lost_is_looked_for_at_once() {
    let home = unsettled();
    home.bank.edit(|world| {
        let lost = Fault::Transport(Transport::Cut(5));
        world.fault(lost).on(Endpoint::CreateWithRefresh).times(1);
    });
    connect(&home, QUESTION).ends_with(0);
    assert_eq!((created(&home), home.bank.count(Endpoint::RetryLogin)), (1, 1));
    assert_eq!(logins(&home).len(), 1);
}

#[test]
fn a_daemon_killed_at_any_point_leaves_no_second_login_at_the_next_try() {
    for (endpoint, times) in [
        (Endpoint::InstitutionByName, 1),
        (Endpoint::Logins, 1),
        (Endpoint::Logins, 2),
        (Endpoint::CreateWithRefresh, 1),
        (Endpoint::Job, 1),
        (Endpoint::Job, 2),
        (Endpoint::SecurityAnswer, 1),
        (Endpoint::Job, 4),
        (Endpoint::Accounts, 1),
    ] {
        let mut world = test_banks(today());
        world.fresh = Fresh { unlisted: 1, alone: 0, unknown: 1 };
        let mut home = beside(world);
        home.now = now();
        let mut service = Service::start(&home);
        let calls = home.bank.watch();
        let client = std::thread::scope(|scope| {
            let client = scope.spawn(|| connect(&home, QUESTION));
            let mut seen = 0;
            while seen < times {
                let call = calls.recv_timeout(Duration::from_secs(20)).expect("a call");
                seen += usize::from(call.endpoint == Some(endpoint));
            }
            service.end_by(Signal::KILL);
            client.join().expect("no panic")
        });
        assert_ne!(client.code, 0, "{endpoint:?} {times}: it was over before: {}", client.err);
        let log = service.log();
        assert!(!log.contains(PASSWORD) && !log.contains(LOGIN_NAME), "{log}");
        drop(service);
        std::fs::remove_file(home.path("state/control.sock")).expect("it was left behind");
        let next = connect(&home, QUESTION);
        assert_eq!(next.code, 0, "{endpoint:?} {times}: {}", next.err);
        assert_eq!(logins(&home).len(), 1, "{endpoint:?} {times}");
        assert_eq!(home.bank.violations(), [""; 0], "{endpoint:?} {times}");
        keeps_secrets(&home, &[&client, &next]);
    }
}

#[test]
fn who_goes_away_in_the_middle_goes_on_with_the_same_login() {
    let home = home();
    let left = home.run_answering(&["connect", "smith", QUESTION], &ANSWERS[..2]).ends_with(77);
    let login = logins(&home).remove(0);
    assert!(left.err.contains(&format!("sophtron-sync answer smith/{login}")), "{}", left.err);
    let other = unsettled();
    other.run_answering(&["connect", "smith", QUESTION], &ANSWERS[..2]).ends_with(77);
    let login = logins(&other).remove(0);
    other.run_answering(&["answer", &format!("smith/{login}")], &ANSWERS).ends_with(0);
    for home in [&home, &other] {
        let ran = connect(home, QUESTION).ends_with(0);
        assert_eq!(ran.out.matches("is linked in").count(), 5, "{}", ran.out);
        assert_eq!((created(home), logins(home).len()), (1, 1));
    }
    // Now it is through: another one would be a second login.
    let again = connect(&home, QUESTION).ends_with(2);
    assert!(again.err.contains("has a login at"), "{}", again.err);
    assert_eq!(created(&home), 1);
}

#[test]
fn a_wrong_password_is_typed_anew_for_the_same_login() {
    let home = home();
    home.bank.edit(|world| {
        let right = (LOGIN_NAME.to_owned(), PASSWORD.to_owned());
        world.branch_mut(NO_MFA).customer = Some(right);
    });
    let wrong = [("User name", LOGIN_NAME), ("Password", "a slip")];
    let connect_typing =
        |typed: &[(&str, &str)]| home.run_answering(&["connect", "smith", NO_MFA], typed);
    for _ in 0..2 {
        let refused = connect_typing(&wrong).ends_with(1);
        assert!(refused.err.contains("refused the login that was typed"), "{}", refused.err);
    }
    connect_typing(&ANSWERS).ends_with(0);
    assert_eq!((created(&home), logins(&home).len()), (1, 1));
    assert_eq!(home.bank.count(Endpoint::UpdateLogin), 2);
    keeps_secrets(&home, &[&home.run(&["status"])]);
}

#[test]
fn two_at_once_beside_a_daemon_make_one_login() {
    let home = unsettled();
    let daemon = live::Daemon::start(&home);
    let codes = std::thread::scope(|scope| {
        let both = [(); 2].map(|()| scope.spawn(|| connect(&home, QUESTION).code));
        both.map(|one| one.join().expect("no panic"))
    });
    let _ = daemon.stop();
    assert!(codes.contains(&0) && codes.iter().all(|code| [0, 2, 75].contains(code)), "{codes:?}");
    assert_eq!((created(&home), logins(&home).len()), (1, 1));
}

#[test]
fn a_list_that_lacks_a_login_for_a_while_makes_no_second_one() {
    let home = home();
    home.run_answering(&["connect", "smith", QUESTION], &ANSWERS[..2]).ends_with(77);
    connect(&home, "Sophtron Bank Captcha").ends_with(0);
    let before = logins(&home);
    home.bank.edit(|world| world.fresh.alone = u32::MAX);
    connect(&home, NO_MFA).ends_with(0);
    // Only the last one is listed now.
    connect(&home, QUESTION).ends_with(0);
    let again = connect(&home, "Sophtron Bank Captcha").ends_with(2);
    assert!(again.err.contains("has a login at"), "{}", again.err);
    let after = logins(&home);
    assert_eq!((&after[..2], after.len(), created(&home)), (&before[..], 3, 3));
}

#[test]
fn what_was_begun_and_deleted_elsewhere_is_begun_anew() {
    for unknown in [UnknownIds::NotFound, UnknownIds::Empty] {
        let home = home();
        home.run_answering(&["connect", "smith", QUESTION], &ANSWERS[..2]).ends_with(77);
        home.bank.edit(|world| {
            world.unknown_ids = unknown;
            world.user_mut("smith").logins.clear();
            world.jobs.clear();
        });
        let gone = connect(&home, QUESTION);
        // Its job is gone, which the first look tells; then it is its login's turn.
        if gone.code != 0 {
            connect(&home, QUESTION).ends_with(0);
        }
        assert_eq!((created(&home), logins(&home).len()), (2, 1), "{unknown:?}");
    }
}
