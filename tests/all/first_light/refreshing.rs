//! Refresh jobs: started when due, once for each login, watched until they end.

use super::{day, families, id_of, one_account, settled, status, two_families};
use crate::bank::{Endpoint, Fault, Json, Poll, Shown, Story};
use crate::home::Home;

const START: &str = "2026-01-01";
const BOOKS: &str = "bank/smith/checking/2026.ledger";

/// A home whose data is a day old, with a row that only a refresh brings.
fn due(story: Story) -> Home {
    let mut home = settled(one_account(), START);
    home.run(&["sync"]).ends_with(0);
    home.bank.edit(|world| {
        world.users[0].logins[0].refresh = story;
        let account = world.accounts_mut().next().expect("an account");
        account.add_row("2026-03-05", "-7.00", "FRESH").shown(Shown::AfterRefresh);
    });
    home.bank.forget_calls();
    home.sleep_until(day("2026-03-05"));
    home
}

fn started(home: &Home) -> usize {
    home.bank.count(Endpoint::RefreshLogin) + home.bank.count(Endpoint::RefreshAccount)
}

fn is_fresh(home: &Home) -> bool {
    home.read(BOOKS).contains("* FRESH")
}

fn challenge() -> Poll {
    Poll::challenge("SecurityQuestion", Json::text("['First pet?']"))
}

#[test]
fn a_refresh_that_is_due_brings_new_rows_and_is_started_once_a_login() {
    let mut home = two_families("2026-05-01", "2026-06-30");
    home.run(&["sync"]).ends_with(0);
    assert_eq!(started(&home), 0, "the copy is of this morning");
    home.bank.edit(|world| {
        for account in world.accounts_mut() {
            account.add_row("2026-07-01", "-7.00", "FRESH").shown(Shown::AfterRefresh);
        }
    });
    home.bank.forget_calls();
    home.sleep_until(day("2026-07-01"));
    home.run(&["sync"]).ends_with(0);
    assert_eq!(started(&home), 4, "four logins");
    assert_eq!(home.bank.count(Endpoint::Job), 12, "two polls see it run, the third sees it done");
    assert!(home.read("bank/smith/water/2026.ledger").contains("* FRESH"));
    assert!(home.read("bank/tremblay/cheques/2026.ledger").contains("* FRESH"));
    assert_eq!(status(&home, "smith/water")["data_as_of"], "2026-07-01T07:13:09Z");
    home.run(&["sync"]).ends_with(0);
    assert_eq!(started(&home), 4, "no longer due");
    assert_eq!(home.bank.violations(), [""; 0]);
}

#[test]
fn rows_are_read_only_after_the_job_has_ended() {
    let home = due(Story::running(3));
    home.run(&["sync"]).ends_with(0);
    let calls = home.bank.calls();
    let place = |endpoint| calls.iter().rposition(|call| call.endpoint == Some(endpoint));
    let first = |endpoint| calls.iter().position(|call| call.endpoint == Some(endpoint));
    assert!(place(Endpoint::Job) < first(Endpoint::Transactions), "{calls:?}");
    assert!(is_fresh(&home));
}

#[test]
fn no_refresh_and_never_start_none() {
    let home = due(Story::running(1));
    home.run(&["sync", "--no-refresh"]).ends_with(0);
    assert_eq!((started(&home), is_fresh(&home)), (0, false));
    home.reconfigure("refresh = \"never\"", &families(&home, START));
    home.run(&["sync"]).ends_with(0);
    assert_eq!((started(&home), is_fresh(&home)), (0, false));
    home.reconfigure("refresh = \"30h\"", &families(&home, START));
    home.run(&["sync"]).ends_with(0);
    assert_eq!((started(&home), is_fresh(&home)), (0, false), "29 hours are not 30");
    home.reconfigure("", &families(&home, START));
    home.run(&["sync"]).ends_with(0);
    assert_eq!((started(&home), is_fresh(&home)), (1, true));
}

#[test]
fn a_challenge_waits_for_the_owner_and_starts_no_second_job() {
    let home =
        due(Story::told([Poll::running(), challenge(), challenge(), challenge(), Poll::done()]));
    let before = home.tree("bank");
    let told = home.run(&["sync"]).ends_with(77).err;
    assert!(told.contains("asks its owner a question"), "{told}");
    let told = status(&home, "smith/checking");
    assert_eq!((&told["state"], &told["next_attempt"]), (&"waiting".into(), &().into()));
    for args in [vec!["sync"], vec!["sync", "--no-refresh"]] {
        home.bank.forget_calls();
        home.run(&args).ends_with(77);
        assert_eq!(started(&home), 0, "its job is still open");
        assert_eq!(home.bank.calls().len(), 1, "one look at it, for it may have been answered");
        assert_eq!(status(&home, "smith/checking")["state"], "waiting");
    }
    assert!(home.tree("bank") == before);
    // The owner answers at the service, and the same job ends well.
    home.run(&["sync"]).ends_with(0);
    assert_eq!((started(&home), is_fresh(&home)), (0, true));
    assert_eq!(status(&home, "smith/checking")["state"], "ok");
    assert_eq!(home.bank.violations(), [""; 0]);
}

#[test]
fn a_job_that_fails_is_told_and_the_data_is_read_all_the_same() {
    let step = Json::text("TransactionTable");
    let mut home = due(Story::told([Poll::running(), Poll { step, ..Poll::failed("Timeout") }]));
    let id = id_of(&home, "checking");
    home.bank.edit(|world| {
        let account = world.account_mut(&id);
        account.add_row("2026-03-04", "-1.00", "IN THE OLD COPY").shown(Shown::Now);
    });
    let told = home.run(&["sync"]).ends_with(1).err;
    assert!(told.contains("the bank did not give new data"), "{told}");
    let told = status(&home, "smith/checking");
    assert_eq!(
        (&told["state"], &told["last_success"]),
        (&"failed".into(), &"2026-03-05T12:00:00Z".into())
    );
    assert!(told["next_attempt"].is_string());
    assert!(!is_fresh(&home));
    assert!(
        home.read(BOOKS).contains("IN THE OLD COPY"),
        "its balance moved, so its rows were read"
    );
    home.run(&["sync"]).ends_with(0);
    assert_eq!(started(&home), 1, "not again before `refresh` has passed");
    home.now += chrono::TimeDelta::hours(13);
    home.bank.edit(|world| world.users[0].logins[0].refresh = Story::running(0));
    home.run(&["sync"]).ends_with(0);
    assert_eq!((started(&home), is_fresh(&home)), (2, true));
}

#[test]
fn a_start_that_is_refused_is_told_and_one_that_is_lost_is_not_repeated() {
    for (status_code, exit) in [(400, 1), (500, 0)] {
        let home = due(Story::running(1));
        home.bank.edit(|world| {
            world.fault(Fault::Status(status_code)).on(Endpoint::RefreshLogin);
        });
        home.run(&["sync"]).ends_with(exit);
        assert_eq!(status(&home, "smith/checking")["state"] == "failed", exit == 1);
        assert_eq!(home.bank.count(Endpoint::RefreshLogin), 1, "never tried again");
        home.bank.edit(crate::bank::World::lift_faults);
        home.run(&["sync"]);
        assert_eq!(home.bank.count(Endpoint::RefreshLogin), 1, "nor before `refresh` has passed");
    }
}

#[test]
fn a_start_without_an_id_is_read_on_without() {
    let home = due(Story::running(1).without_id());
    let told = home.run(&["sync"]).ends_with(0).err;
    assert!(told.contains("not known"), "{told}");
    assert_eq!((started(&home), home.bank.count(Endpoint::Job)), (1, 0));
    home.run(&["sync"]).ends_with(0);
    assert_eq!(started(&home), 1);
}

#[test]
fn a_job_whose_rows_come_late_loses_none() {
    let mut home = due(Story::told([Poll::done_with_rows_late()]));
    home.run(&["sync"]).ends_with(0);
    for today in ["2026-03-06", "2026-03-07"] {
        home.day(day(today));
        home.run(&["sync", "--no-refresh"]).ends_with(0);
    }
    assert_eq!(home.read(BOOKS).matches("* FRESH").count(), 1);
    assert!(status(&home, "smith/checking")["drift"].is_null());
}

#[test]
fn odd_ends_of_a_job_are_understood() {
    for polls in [
        vec![Poll::unknown(), Poll::running(), Poll::done()],
        vec![Poll::accounts_ready(), Poll::done()],
        vec![Poll::completed_without_flag()],
        vec![Poll::running(), Poll::done().with_flag_as_text()],
    ] {
        let told = format!("{polls:?}");
        let home = due(Story::told(polls));
        // A job may be unknown for as long as one wait between two polls.
        let patient = home.read("sophtron-sync.toml").replace("10ms", "500ms");
        home.write("sophtron-sync.toml", &patient);
        home.run(&["sync"]).ends_with(0);
        assert!(is_fresh(&home), "{told}");
        assert_eq!(started(&home), 1);
    }
}

#[test]
fn the_first_sync_of_old_data_asks_the_bank_too() {
    let mut home = settled(one_account(), START);
    home.bank.edit(|world| {
        let account = world.accounts_mut().next().expect("an account");
        account.add_row("2026-03-05", "-7.00", "FRESH").shown(Shown::AfterRefresh);
    });
    home.sleep_until(day("2026-03-05"));
    home.run(&["sync"]).ends_with(0);
    assert_eq!((started(&home), is_fresh(&home)), (1, true));
    assert_eq!(home.bank.violations(), [""; 0]);
}

/// A login that the bank refused counts there: enough of them lock it.
#[test]
fn a_refused_login_is_not_tried_again_until_the_owner_acts() {
    let mut home = due(Story::told([Poll::failed("Error")]));
    let told = home.run(&["sync"]).ends_with(1).err;
    assert!(told.contains("did not give new data"), "once may be the bank's own fault: {told}");
    home.now += chrono::TimeDelta::hours(13);
    let told = home.run(&["sync"]).ends_with(1).err;
    assert!(told.contains("refused the login twice"), "{told}");
    home.bank.edit(|world| world.users[0].logins[0].refresh = Story::running(0));
    home.now += chrono::TimeDelta::days(3);
    home.run(&["sync"]);
    assert_eq!(started(&home), 2);
    home.run(&["credentials", "check", "smith"]).ends_with(0);
    home.run(&["sync"]).ends_with(0);
    assert_eq!((started(&home), is_fresh(&home)), (3, true));
}
