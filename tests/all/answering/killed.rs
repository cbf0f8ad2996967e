//! A program that is killed while it answers: the next one goes on, and the bank hears nothing twice.

use std::process::Stdio;
use std::time::Duration;

use chrono::TimeDelta;

use super::{heard, pairs, story, waiting};
use crate::bank::{Challenge, Fault, Transport, day};
use crate::daemon::live::Daemon;
use crate::daemon::process::today;
use crate::fed;
use crate::home::Home;
use crate::jobs::{due_on, is_fresh, started, status};

fn run(home: &Home, args: &[&str], line: &str, code: i32) {
    let ended = fed::fed(fed::program(home, args), line.as_bytes());
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(code), "{args:?}: {said}");
}

const ANSWER: [&str; 3] = ["answer", "--code", "-"];

#[test]
fn a_program_killed_at_any_request_of_an_answer_is_gone_on_with() {
    // A look, the answer, two looks, the list, the rows.
    for nth in 1..=6 {
        let home = due_on(today(), story([Challenge::code("Token").answered_by("0417")]));
        run(&home, &["sync"], "", 77);
        let calls = home.bank.watch();
        // Every answer comes late, so that the kill comes before it.
        home.bank.edit(|world| {
            world.fault(Fault::Transport(Transport::SlowHead(Duration::from_millis(150))));
        });
        let mut answer = fed::program(&home, &ANSWER);
        let mut child = fed::begin(answer.stdout(Stdio::null()).stderr(Stdio::null()), b"0417\n");
        for _ in 0..nth {
            calls.recv_timeout(Duration::from_secs(20)).expect("it calls");
        }
        child.kill().expect("it runs");
        let ended = child.wait().expect("it ended");
        assert_eq!(ended.code(), None, "{nth}: it was over before");
        home.bank.edit(crate::bank::World::lift_faults);
        assert!(!is_fresh_today(&home), "{nth}");
        run(&home, &ANSWER, "0417\n", 0);
        run(&home, &["sync"], "", 0);
        assert_eq!(heard(&home), pairs(&[("TokenInput", "0417")]), "{nth}");
        assert!(is_fresh_today(&home), "{nth}");
        assert_eq!((started(&home), home.bank.violations().len()), (1, 0), "{nth}");
    }
}

fn is_fresh_today(home: &Home) -> bool {
    let year = today().format("%Y");
    home.read(&format!("bank/smith/checking/{year}.ledger")).contains("* FRESH")
}

/// It was killed when the job's end was kept, and what it gave was not read yet: the account seems
/// to wait, but its login does not, and the schedule reads it.
#[test]
fn an_account_whose_login_waits_no_more_is_read_by_the_schedule() {
    let mut home = waiting(story([Challenge::code("Token")]));
    let store = rusqlite::Connection::open(home.path("state/store.sqlite")).expect("a store");
    store.execute("UPDATE login SET job = NULL, blocked = NULL", []).expect("kept");
    drop(store);
    home.bank.edit(|world| {
        for account in world.accounts_mut() {
            account.publish(day("2026-03-05"));
        }
    });
    assert_eq!(status(&home)["state"], "waiting");
    home.now += TimeDelta::hours(8);
    let daemon = Daemon::start(&home);
    // Its files come a moment after that is kept.
    daemon.until("it is read", || status(&home)["state"] == "ok" && is_fresh(&home));
}
