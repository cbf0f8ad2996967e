//! A refresh beside one that is open, and one whose answer was lost.

use chrono::TimeDelta;

use super::{GOOD, QUIET, due, is_fresh, sees, started, sync};
use crate::bank::{Endpoint, Fault, SecondRefresh, Story, Transport, World};
use crate::home::Home;

/// A home whose owner has just started a refresh elsewhere.
fn beside_another(second: SecondRefresh) -> Home {
    let home = due(Story::running(3));
    home.bank.edit(|world| {
        world.second_refresh = second;
        let login = world.users[0].logins[0].id.clone();
        world.start_job(&login, None);
    });
    home
}

#[test]
fn a_start_beside_an_open_job_takes_what_the_service_gives() {
    for second in [SecondRefresh::SameJob, SecondRefresh::NewJob] {
        let home = beside_another(second);
        assert_eq!(sync(&home, &["sync"], &GOOD.looking(4)), [""; 0], "{second:?}");
        assert_eq!(sync(&home, &["sync"], &QUIET), [""; 0], "{second:?}");
        assert_eq!(started(&home), 1);
    }
}

#[test]
fn a_start_that_is_refused_beside_an_open_job_is_told_once_and_not_repeated() {
    let home = beside_another(SecondRefresh::Violation);
    let refused = sees(1, "failed", "refused to ask the bank", false).looking(0);
    assert_eq!(sync(&home, &["sync"], &refused), [""; 0]);
    assert_eq!(sync(&home, &["sync"], &sees(0, "ok", "", false).looking(0)), [""; 0]);
    assert_eq!(started(&home), 1);
}

/// A job may run all the same: it is not started again, and what it brings is read.
#[test]
fn a_lost_answer_to_a_refresh_is_resolved_by_reading() {
    for transport in [Transport::ResetAtOnce, Transport::Cut(3), Transport::Reset(3)] {
        let told = format!("{transport:?}");
        let mut home = due(Story::running(1));
        home.bank.edit(|world| {
            world.fault(Fault::Transport(transport)).on(Endpoint::RefreshLogin);
        });
        assert_eq!(sync(&home, &["sync"], &sees(0, "ok", "not known", false)), [""; 0], "{told}");
        home.bank.edit(World::lift_faults);
        assert_eq!(sync(&home, &["sync"], &sees(0, "ok", "", false)), [""; 0], "{told}");
        // The job that nobody knows of ends.
        home.bank.edit(|world| {
            let id = world.jobs[0].id.clone();
            world.poll_job(&id);
            world.poll_job(&id);
        });
        home.now += TimeDelta::minutes(30);
        assert_eq!(sync(&home, &["sync"], &QUIET), [""; 0], "{told}");
        assert_eq!((started(&home), home.bank.violations().len()), (1, 0), "{told}");
    }
}

#[test]
fn two_accounts_of_one_login_have_one_job() {
    let home = due(Story::running(1));
    home.bank.edit(|world| {
        world.users[0].logins[0].add_account("Savings").opening("5.00");
    });
    let base_url = home.bank.base_url();
    let start = crate::bank::day("2026-02-01");
    let family =
        home.bank.edit(|world| crate::bank::family_toml(world.user("smith"), &base_url, start));
    home.reconfigure("", &family);
    home.run(&["sync"]).ends_with(0);
    assert_eq!((started(&home), is_fresh(&home)), (1, true));
}
