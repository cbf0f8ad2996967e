//! The real program, killed in the middle of a job: the next run takes up the same one.

use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::{BOOKS, due_on, started};
use crate::bank::{Call, Endpoint, Json, Poll, Story};
use crate::home::Home;

/// The day by this machine's clock, which the real program reads.
#[allow(clippy::disallowed_methods, reason = "the program that is killed reads the real clock")]
fn today() -> chrono::NaiveDate {
    chrono::Utc::now().date_naive()
}

fn program(home: &Home) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sophtron-sync"));
    command.arg("sync").current_dir(home.folder.path()).stdout(Stdio::piped());
    command.stderr(Stdio::piped());
    command
}

/// Runs it, and kills it once it has asked an endpoint so many times.
fn killed_after(home: &Home, endpoint: Endpoint, times: usize) {
    let calls = home.bank.watch();
    let mut child = program(home).spawn().expect("it starts");
    wait_for(&calls, endpoint, times);
    kill(&mut child);
}

fn wait_for(calls: &Receiver<Call>, endpoint: Endpoint, times: usize) {
    let mut seen = 0;
    while seen < times {
        let call = calls.recv_timeout(Duration::from_secs(20)).expect("it calls");
        seen += usize::from(call.endpoint == Some(endpoint));
    }
}

fn kill(child: &mut Child) {
    child.kill().expect("it can be killed");
    let end = child.wait().expect("it ended");
    assert!(!end.success() && end.code().is_none(), "it was over before: {end}");
}

fn run(home: &Home, code: i32) -> String {
    let Output { status, stderr, .. } = program(home).output().expect("it starts");
    let said = String::from_utf8_lossy(&stderr).into_owned();
    assert_eq!(status.code(), Some(code), "{said}");
    said
}

/// A home whose job runs for a while and then goes on so.
fn running(polls: Vec<Poll>) -> Home {
    let home = due_on(today(), Story::told([vec![Poll::running(); 6], polls].concat()));
    let slow = home.read("sophtron-sync.toml").replace("10ms", "200ms");
    home.write("sophtron-sync.toml", &slow);
    home
}

fn is_fresh(home: &Home) -> bool {
    let year = today().format("%Y").to_string();
    home.read(&BOOKS.replace("2026", &year)).contains("* FRESH")
}

#[test]
fn a_program_killed_while_it_looks_at_a_job_takes_up_the_same_one() {
    let home = running(vec![Poll::done()]);
    killed_after(&home, Endpoint::Job, 2);
    killed_after(&home, Endpoint::Job, 2);
    assert!(!is_fresh(&home));
    assert_eq!(run(&home, 0), "");
    assert!(is_fresh(&home));
    assert_eq!((started(&home), home.bank.violations().len()), (1, 0));
}

#[test]
fn a_program_killed_before_a_question_meets_it_in_the_same_job() {
    let question = || Poll::challenge("SecurityQuestion", Json::text("['First pet?']"));
    let home = running(vec![question(), question(), Poll::done()]);
    killed_after(&home, Endpoint::Job, 3);
    for _ in 0..2 {
        assert!(run(&home, 77).contains("asks its owner"));
    }
    assert!(!is_fresh(&home));
    assert_eq!(run(&home, 0), "");
    assert!(is_fresh(&home));
    assert_eq!((started(&home), home.bank.violations().len()), (1, 0));
}

/// Whether it still learnt the job's id or not: it starts no second one.
#[test]
fn a_program_killed_right_after_it_started_a_job_starts_no_second_one() {
    let home = running(vec![Poll::done()]);
    killed_after(&home, Endpoint::RefreshLogin, 1);
    run(&home, 0);
    run(&home, 0);
    assert_eq!((started(&home), home.bank.violations().len()), (1, 0));
}

#[test]
fn a_program_killed_while_it_reads_rows_reads_them_the_next_time() {
    let home = due_on(today(), Story::running(0));
    let slow = || crate::bank::Transport::SlowHead(Duration::from_secs(30));
    home.bank.edit(|world| {
        world.fault(crate::bank::Fault::Transport(slow())).on(Endpoint::Transactions);
    });
    killed_after(&home, Endpoint::Transactions, 1);
    home.bank.edit(crate::bank::World::lift_faults);
    assert_eq!(run(&home, 0), "");
    assert!(is_fresh(&home));
    assert_eq!((started(&home), home.bank.violations().len()), (1, 0));
}
