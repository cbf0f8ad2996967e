//! Restarts cost no request and put nothing off.

use rustix::process::Signal;

use super::process::{Service, today};
use super::{calls, families, has_rounds, rounds, world_on};
use crate::bank::{Endpoint, Story};
use crate::home::Home;

/// A home whose banks are asked for new data, with the real program's day.
fn home() -> Home {
    let mut home = Home::in_memory(world_on(today() - chrono::Days::new(2)));
    home.sleep_until(today());
    let settings = "refresh = \"12h\"\n[schedule]\nevery = \"1h\"\njitter = \"10m\"\n";
    home.configure_with(settings, &families(&home, &["smith", "jones"]));
    home
}

fn ends(service: &mut Service, nth: u32) {
    if nth.is_multiple_of(2) {
        let (_, signal, _) = service.end_by(Signal::KILL);
        assert_eq!(signal, Some(9));
    } else {
        let (code, ..) = service.end_by(Signal::TERM);
        assert_eq!(code, Some(0), "{}", service.log());
    }
}

#[test]
fn twenty_restarts_ask_nothing_and_leave_the_plan_as_it_is() {
    let home = home();
    let mut service = Service::start(&home);
    service.until("the first round is over", || has_rounds(&home, &["smith", "jones"]));
    service.until_said("STATUS=4 accounts, oldest data");
    let plan = rounds(&home);
    ends(&mut service, 0);
    home.bank.forget_calls();
    for nth in 0..20 {
        let mut service = Service::start(&home);
        service.until_said("STATUS=4 accounts");
        ends(&mut service, nth);
        assert_eq!(calls(&home), 0, "start {nth} asked: {:?}", home.bank.calls());
        assert_eq!(rounds(&home), plan, "start {nth} moved the plan");
    }
    assert_eq!(home.bank.violations(), [""; 0]);
}

#[test]
fn restarts_in_the_middle_of_a_job_start_no_second_one() {
    let home = home();
    home.bank.edit(|world| {
        for user in &mut world.users {
            user.logins.iter_mut().for_each(|login| login.refresh = Story::never_ending());
        }
    });
    for nth in 0..6 {
        home.bank.forget_calls();
        let mut service = Service::start(&home);
        service.until("a job is polled", || home.bank.count(Endpoint::Job) > 0);
        ends(&mut service, nth);
    }
    let jobs = home.bank.edit(|world| world.jobs.len());
    assert!(jobs <= 2, "{jobs} jobs of two logins");
    assert_eq!(home.bank.violations(), [""; 0]);
}
