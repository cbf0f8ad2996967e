//! Answers that are given beforehand: one prompt each, without a terminal.

use super::{heard, pairs, story, waiting, waiting_beside};
use crate::bank::Challenge;
use crate::daemon::process::today;
use crate::fed::{fed, program};
use crate::home::{Home, Ran};
use crate::jobs::{due_on, is_fresh, started, status};

const WAYS: [&str; 2] = ["Text •• 17 ", "Mail"];

fn ways() -> Challenge {
    Challenge::ways("['Text •• 17 ', 'Mail']", &WAYS)
}

fn code() -> Challenge {
    Challenge::code("Token").answered_by(" 0417")
}

/// Runs `answer` by a code, without a terminal.
fn by(home: &Home, code: &str, stdin: &str) -> Ran {
    home.run_with(&["answer", "smith/checking", "--code", code], stdin)
}

#[test]
fn each_kind_takes_one() {
    for (asked, given, stdin, told) in [
        (code(), " 0417", "", ("TokenInput", " 0417")),
        (code(), "-", " 0417\r\n123\n", ("TokenInput", " 0417")),
        (Challenge::code("PIN"), "-5", "", ("TokenInput", "-5")),
        (ways(), "1", "", ("TokenChoice", "Text •• 17 ")),
        (ways(), "Mail", "", ("TokenChoice", "Mail")),
        (ways(), "Text •• 17 ", "", ("TokenChoice", "Text •• 17 ")),
        (ways(), "-", "Text •• 17\n", ("TokenChoice", "Text •• 17 ")),
        (Challenge::questions("['Pet?']"), "Rex", "", ("SecurityAnswer", "[\"Rex\"]")),
        (Challenge::approval("47"), "done", "", ("VerifyPhoneFlag", "true")),
        (Challenge::picture("iVBORw0KGgo="), "wOrd", "", ("CaptchaInput", "wOrd")),
    ] {
        let home = waiting(story([asked.clone()]));
        by(&home, given, stdin).ends_with(0);
        assert_eq!((heard(&home), is_fresh(&home)), (pairs(&[told]), true));
        let (home, _daemon) = waiting_beside(story([asked]));
        by(&home, given, stdin).ends_with(0);
        assert_eq!((heard(&home), is_fresh(&home)), (pairs(&[told]), true));
    }
}

#[test]
fn a_second_prompt_waits_with_the_command_that_goes_on() {
    let both = [("TokenChoice", "Mail"), ("TokenInput", " 0417")];
    let lives = |home: &Home| {
        let first = by(home, "2", "").ends_with(77);
        assert!(first.err.contains("Sandbox Bank asks for the code that it sent"), "{}", first.err);
        assert!(first.err.contains("`sophtron-sync answer smith/checking`"), "{}", first.err);
        assert_eq!(status(home)["state"], "waiting");
        by(home, " 0417", "").ends_with(0);
        assert_eq!((heard(home), started(home), is_fresh(home)), (pairs(&both), 1, true));
    };
    lives(&waiting(story([ways(), code()])));
    let (home, _daemon) = waiting_beside(story([ways(), code()]));
    lives(&home);
}

#[test]
fn what_fits_nothing_or_is_not_there_is_told_and_not_sent() {
    let lives = |home: &Home| {
        for (given, stdin, code, says) in [
            (
                "3",
                "",
                2,
                "asks how it is to send a code (1: Text •• 17; 2: Mail): the answer that was given is none that this question takes",
            ),
            ("mail", "", 2, "none that this question takes"),
            ("-", "", 77, "the bank waits on: nothing was typed"),
            ("-", "\n", 77, "the bank waits on: nothing was typed"),
        ] {
            let ran = by(home, given, stdin).ends_with(code);
            assert!(ran.err.contains(says), "{}", ran.err);
        }
        let ran = home.run(&["answer"]).ends_with(2);
        assert!(ran.err.contains("there is no terminal to ask at"), "{}", ran.err);
        assert!(ran.err.contains("--code"), "{}", ran.err);
        assert_eq!(heard(home), []);
        assert_eq!(status(home)["state"], "waiting");
    };
    lives(&waiting(story([ways()])));
    let (home, _daemon) = waiting_beside(story([ways()]));
    lives(&home);
}

#[test]
fn only_who_says_that_it_is_done_is_taken_at_his_word() {
    let home = waiting(story([Challenge::approval("47")]));
    for word in ["no", "banana", "false", "-"] {
        let code = if word == "-" { 77 } else { 2 };
        let ran = by(&home, word, "").ends_with(code);
        let (command, is_taken) = ("answer smith/checking --code yes`", word == "-");
        assert!(is_taken || ran.err.contains(command), "{}", ran.err);
        assert_eq!((heard(&home), &*status(&home)["state"].to_string()), (vec![], "\"waiting\""));
    }
    by(&home, "yes", "").ends_with(0);
    assert_eq!(heard(&home), pairs(&[("VerifyPhoneFlag", "true")]));
}

#[test]
fn several_questions_of_one_prompt_take_one_each() {
    let asks = || story([Challenge::questions("['a?', 'b?']"), code()]);
    let both = pairs(&[("SecurityAnswer", "[\"Rex\",\"-5 \"]")]);
    let lives = |home: &Home, args: &[&str], stdin: &str| {
        let ran = home.run_with(&[&["answer"], args].concat(), stdin).ends_with(77);
        assert!(ran.err.contains("asks for the code that it sent"), "{}", ran.err);
        assert_eq!(heard(home), both, "{args:?}");
    };
    for (args, stdin) in [
        (&["--code", "Rex", "--code", "-5 "][..], ""),
        (&["--code=-"], "Rex\n-5 \nmore\n"),
        (&["--code", "-", "--code=-5 "], "Rex\n"),
    ] {
        lives(&waiting(asks()), args, stdin);
        let (home, _daemon) = waiting_beside(asks());
        lives(&home, args, stdin);
    }
}

#[test]
fn fewer_or_more_answers_than_questions_are_not_sent() {
    let lives = |home: &Home| {
        for (args, stdin, code, says) in [
            (&["--code", "x"][..], "", 2, "asks \"a?\" and \"b?\": there must be one answer"),
            (&["--code=x", "--code=y", "--code=z"], "", 2, "there must be one answer"),
            (&["--code=x", "--code=-"], "", 77, "nothing was typed"),
            (&["--code", "-"], "x\n", 77, "nothing was typed"),
        ] {
            let ran = home.run_with(&[&["answer"], args].concat(), stdin).ends_with(code);
            assert!(ran.err.contains(says), "{}", ran.err);
            assert!(code == 77 || ran.err.contains("--code for each question"), "{}", ran.err);
        }
        assert_eq!(heard(home), []);
    };
    lives(&waiting(story([Challenge::questions("['a?', 'b?']")])));
    let (home, _daemon) = waiting_beside(story([Challenge::questions("['a?', 'b?']")]));
    lives(&home);
    let one = waiting(story([code()]));
    let ran = one.run(&["answer", "--code=x", "--code=y"]).ends_with(2);
    assert!(ran.err.contains("there must be one answer for each question"), "{}", ran.err);
    assert_eq!(heard(&one), []);
}

/// The real program, with the code on a pipe.
#[test]
fn the_real_program_takes_a_line_of_stdin() {
    let home = due_on(today(), story([code()]));
    let run = |args: &[&str], line: &str, code: i32| {
        let ended = fed(program(&home, args), line.as_bytes());
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(code), "{said}");
    };
    run(&["sync"], "", 77);
    run(&["answer", "--code", "-"], " 0417\n", 0);
    assert_eq!(heard(&home), pairs(&[("TokenInput", " 0417")]));
    assert_eq!((started(&home), is_fresh(&home)), (1, true));
}
