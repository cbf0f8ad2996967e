//! How a job ends, or does not.

use super::{GOOD, QUIET, Sees, Told, due, live_through, sees, started, status, sync, told};
use crate::bank::{Endpoint, Fault, Json, Poll, Story, World};

const FAILED: Sees = sees(1, "failed", "did not give new data", false);

/// After a failure the data are read on, and the bank is not asked again for a while.
/// That the bank gave nothing stays told, until it gives something.
const THEN: Sees = sees(0, "ok", "when it was last asked, the bank did not give", false).looking(0);

const AS_EVER: Sees = sees(0, "ok", "", false).looking(0);

const LATE: Sees = sees(0, "ok", "not there in time", false);

fn unknown() -> Poll {
    Poll::unknown()
}

fn at_rows(poll: Poll) -> Poll {
    Poll { step: Json::text("TransactionTable"), ..poll }
}

#[test]
fn jobs_that_succeed_in_every_form_bring_their_rows() {
    let text = || Poll::done().with_flag_as_text();
    let loading = || Poll::accounts_ready();
    let half = || Poll::completed_without_flag();
    live_through(vec![
        told("done at once", vec![Poll::done()], &[GOOD.looking(1), QUIET]),
        told(
            "done after two polls",
            vec![Poll::running(), Poll::running(), Poll::done()],
            &[GOOD.looking(3), QUIET],
        ),
        told(
            "not known at first",
            vec![unknown(), unknown(), Poll::running(), Poll::done()],
            &[GOOD, QUIET],
        ),
        told(
            "accounts long before rows",
            [vec![loading(); 6], vec![Poll::done()]].concat(),
            &[GOOD.looking(7), QUIET],
        ),
        told(
            "completed without a flag, twice",
            vec![Poll::running(), half(), half()],
            &[GOOD.looking(3), QUIET],
        ),
        told(
            "completed once, running again, done",
            vec![half(), Poll::running(), Poll::done()],
            &[GOOD.looking(3), QUIET],
        ),
        told("a flag as text", vec![Poll::running(), text()], &[GOOD, QUIET]),
        told(
            "a failure that is taken back",
            vec![Poll { ends: false, ..Poll::failed("") }, Poll::done()],
            &[GOOD.looking(2), QUIET],
        ),
    ]);
}

#[test]
fn jobs_that_fail_in_every_form_are_told_and_the_data_are_read() {
    let failing = |status: &'static str| vec![Poll::running(), at_rows(Poll::failed(status))];
    live_through(vec![
        told("false and Completed", failing("Completed"), &[FAILED.looking(2), THEN]),
        told("false and Timeout", failing("Timeout"), &[FAILED.looking(2), THEN]),
        told("false and Error", failing("Error"), &[FAILED.looking(2), THEN]),
        told("false and Failed", failing("Failed"), &[FAILED.looking(2), THEN]),
        told("false and Failure", failing("Failure"), &[FAILED.looking(2), THEN]),
        told("false and nothing, seen twice", failing(""), &[FAILED.looking(3), THEN]),
        told("false and Started, seen twice", failing("Started"), &[FAILED.looking(3), THEN]),
        told(
            "false as text",
            vec![at_rows(Poll::failed("Error")).with_flag_as_text()],
            &[FAILED, THEN],
        ),
    ]);
}

/// The balance is new then, and the rows are not: what is missing is named, and goes with them.
#[test]
fn accounts_that_are_ready_before_a_failure_show_what_is_missing() {
    let polls = vec![Poll::accounts_ready(), at_rows(Poll::failed("Error"))];
    let mut home = due(Story::told(polls));
    let wrong = sync(&home, &["sync"], &FAILED);
    assert_eq!(wrong, [""; 0]);
    assert_eq!(status(&home)["drift"]["amount"], "-7.00");
    home.bank.edit(|world| world.users[0].logins[0].refresh = Story::running(1));
    home.now += chrono::TimeDelta::hours(13);
    assert_eq!(sync(&home, &["sync"], &GOOD), [""; 0]);
    assert!(status(&home)["drift"].is_null());
    assert_eq!((started(&home), home.bank.violations().len()), (2, 0));
}

/// It is left, not failed; its id is kept, and nothing is started beside it, however long it runs.
#[test]
fn a_job_that_never_ends_is_left_and_looked_at_again() {
    for (poll, loads) in [(Poll::running(), false), (Poll::accounts_ready(), true)] {
        let mut home = due(Story::told([poll]));
        home.pace.refresh = std::time::Duration::from_millis(200);
        assert_eq!(sync(&home, &["sync"], &LATE), [""; 0]);
        assert_eq!(status(&home)["drift"].is_null(), !loads);
        for hours in [1, 13, 48] {
            home.now += chrono::TimeDelta::hours(hours);
            assert_eq!(sync(&home, &["sync"], &LATE.looking(1)), [""; 0], "once: it is old");
        }
        home.bank.edit(|world| {
            world.jobs[0].story = Story::running(0);
            world.jobs[0].polled = 0;
        });
        assert_eq!(sync(&home, &["sync"], &GOOD.looking(1)), [""; 0]);
        assert_eq!((started(&home), home.bank.violations().len()), (1, 0));
    }
}

#[test]
fn a_job_that_stays_unknown_is_read_on_without() {
    live_through(vec![
        told(
            "never known",
            vec![unknown()],
            &[sees(0, "ok", "no longer knows", false).looking(4), AS_EVER],
        ),
        told(
            "known, then not",
            vec![Poll::running(), Poll::running(), at_rows(unknown())],
            &[sees(0, "ok", "no longer knows", false), AS_EVER],
        ),
        Told {
            name: "a refresh without JobID",
            story: Story::running(1).without_id(),
            syncs: vec![sees(0, "ok", "not known", false).looking(0), AS_EVER],
        },
    ]);
}

#[test]
fn rows_that_come_one_read_after_success_are_not_lost() {
    let home = due(Story::told([Poll::done_with_rows_late()]));
    assert_eq!(sync(&home, &["sync"], &sees(0, "ok", "", false)), [""; 0]);
    assert_eq!(status(&home)["drift"]["amount"], "-7.00", "the balance knows them");
    // Since the balance disagrees, the rows are read though `LastUpdated` stands still.
    assert_eq!(sync(&home, &["sync"], &QUIET), [""; 0]);
    assert!(status(&home)["drift"].is_null());
    assert_eq!(started(&home), 1);
}

/// The job is not lost with the answer about it.
#[test]
fn trouble_while_a_job_is_looked_at_keeps_it() {
    for (fault, sees) in [
        (Fault::Status(500), sees(69, "failed", "500", false)),
        (Fault::null(), sees(1, "suspect", "null", false)),
        (Fault::Limited(None), sees(75, "limited", "429", false)),
    ] {
        let home = due(Story::running(2));
        home.bank.edit(|world| {
            world.fault(fault.clone()).on(Endpoint::Job);
        });
        assert_eq!(sync(&home, &["sync"], &sees), [""; 0], "{fault:?}");
        home.bank.edit(World::lift_faults);
        assert_eq!(sync(&home, &["sync"], &GOOD), [""; 0], "{fault:?}");
        assert_eq!((started(&home), home.bank.violations().len()), (1, 0));
    }
}

/// Nothing more is asked then: not even what the service has.
#[test]
fn a_retry_after_while_a_job_is_looked_at_is_kept() {
    let mut home = due(Story::running(2));
    home.pace = sophtron_sync::sophtron::Pace::quick();
    home.bank.edit(|world| {
        world.fault(Fault::Limited(Some("300".to_owned()))).on(Endpoint::Job);
    });
    home.run(&["sync"]).ends_with(75);
    assert_eq!(home.bank.count(Endpoint::Accounts), 0);
    assert_eq!(status(&home)["next_attempt"], "2026-03-05T12:05:00Z");
    home.bank.edit(World::lift_faults);
    home.now += chrono::TimeDelta::minutes(6);
    assert_eq!(sync(&home, &["sync"], &GOOD), [""; 0]);
    assert_eq!(started(&home), 1);
}
