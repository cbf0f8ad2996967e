//! How a bank that is being connected comes to an end, and that what is said of it is true.

use crate::bank::{Challenge, Endpoint, Fault, Json, Poll, Story, World, Wrong};
use crate::home::Home;

use super::{ANSWERS, NO_MFA, NO_MFA_ID, connect, created, home, logins};

/// A home at whose bank a new login goes through these.
fn going(polls: Vec<Poll>) -> Home {
    let home = home();
    home.bank.edit(|world| world.branch_mut(NO_MFA).job = Story::told(polls));
    home
}

/// Not at the login form.
fn at_rows(poll: Poll) -> Poll {
    Poll { step: Json::text("TransactionTable"), ..poll }
}

fn code() -> Challenge {
    Challenge::code("Token").answered_by("asdfg")
}

#[test]
fn a_job_that_is_not_known_at_once_is_looked_at_again() {
    let polls = vec![Poll::unknown(), Poll::unknown(), Poll::asks(code()), Poll::done()];
    let home = going(polls);
    let ran = connect(&home, NO_MFA).ends_with(0);
    assert!(ran.err.contains("is connected: login"), "{}", ran.err);
    assert_eq!((created(&home), logins(&home).len()), (1, 1));
    assert_eq!(home.bank.violations(), [""; 0]);
}

/// Where the bank asked nothing, nothing is said of answers; where it was answered, nothing of an
/// answer that is missing.
#[test]
fn what_is_said_of_an_end_is_what_happened() {
    let slow = || code().when_wrong(Wrong::NotAccepted).expiring_after(1);
    let right = || Poll::asks(code());
    for (name, polls, says, of_answers) in [
        (
            "a time limit",
            vec![Poll::running(), Poll::failed("Timeout")],
            "ended it by a time limit, before it asked anything",
            false,
        ),
        (
            "a failure",
            vec![Poll::running(), at_rows(Poll::failed("Error"))],
            "ended it before it was through",
            false,
        ),
        ("never known", vec![Poll::unknown()], "does not know what was begun at", false),
        (
            "known, then not",
            vec![Poll::running(), Poll::running(), Poll::running(), Poll::unknown()],
            "does not know what was begun at",
            false,
        ),
        (
            "a question that expired",
            vec![Poll::asks(slow()), Poll::done()],
            "waited for an answer no longer",
            true,
        ),
        (
            "a failure after an answer",
            vec![right(), at_rows(Poll::failed("Error"))],
            "ended it: an answer may have been wrong",
            true,
        ),
        (
            "a time limit after an answer",
            vec![right(), Poll::failed("Timeout")],
            "ended it by a time limit, after it was answered",
            true,
        ),
    ] {
        let home = going(polls);
        let mut answers = ANSWERS.to_vec();
        if name == "a question that expired" {
            answers.retain(|(words, _)| !words.contains("code"));
            answers.push(("code that it sent", "wrong"));
        }
        let ran = home.run_answering(&["connect", "smith", NO_MFA], &answers).ends_with(1);
        assert!(ran.err.contains(says), "{name}: {}", ran.err);
        assert_eq!(ran.err.contains("answer"), of_answers, "{name}: {}", ran.err);
        let login = logins(&home).remove(0);
        for command in [
            format!("sophtron-sync connect smith {NO_MFA_ID} again"),
            format!("sophtron-sync connect smith {login} --update"),
        ] {
            assert!(ran.err.contains(&command), "{name}: {}", ran.err);
        }
        // Both ways lead on, and neither makes a second login.
        home.bank.edit(|world| {
            world.branch_mut(NO_MFA).job = Story::running(0);
            world.login_mut(&login).refresh = Story::running(0);
        });
        if of_answers {
            let args = ["connect", "smith", &login, "--update"];
            home.run_answering(&args, &ANSWERS).ends_with(0);
            assert_eq!(home.bank.count(Endpoint::UpdateLogin), 1, "{name}");
        } else {
            connect(&home, NO_MFA).ends_with(0);
        }
        assert_eq!((created(&home), logins(&home).len()), (1, 1), "{name}");
    }
}

/// What cannot be looked at goes on another time, by the command that was typed.
#[test]
fn a_job_that_cannot_be_looked_at_is_gone_on_with() {
    for (fault, code, help) in [
        (Fault::Limited(None), 75, "wait some minutes longer, then run it again"),
        (Fault::Status(400), 1, "see whether a newer sophtron-sync is out, and run it again"),
        (Fault::Status(500), 69, "run it again in some minutes"),
    ] {
        let home = home();
        home.bank.edit(|world| {
            world.fault(fault.clone()).on(Endpoint::Job);
        });
        let ran = connect(&home, NO_MFA).ends_with(code);
        let goes_on = format!("sophtron-sync connect smith {NO_MFA_ID} goes on");
        assert!(ran.err.contains(help) && ran.err.contains(&goes_on), "{}", ran.err);
        home.bank.edit(World::lift_faults);
        connect(&home, NO_MFA).ends_with(0);
        assert_eq!((created(&home), logins(&home).len()), (1, 1), "{fault:?}");
    }
}

#[test]
fn an_answer_may_be_what_the_login_form_refused() {
    let wrong = code().answered_by("another").when_wrong(Wrong::Fails);
    let home = going(vec![Poll::asks(wrong), Poll::done()]);
    let ran = connect(&home, NO_MFA).ends_with(1);
    assert!(ran.err.contains("refused the login, or an answer"), "{}", ran.err);
}

#[test]
fn the_reason_that_the_bank_gives_is_told() {
    let words = "Your account is &quot;locked&quot;";
    for (end, says) in [
        (at_rows(Poll::failed("Error")), "ended it before it was through"),
        (Poll::failed("Completed"), "refused the login that was typed"),
    ] {
        let home = going(vec![Poll::running(), end.saying(words)]);
        let ran = connect(&home, NO_MFA).ends_with(1);
        let told = format!("{NO_MFA} {says}: it says \"Your account is \"locked\"\"\n");
        assert!(ran.err.contains(&told), "{}", ran.err);
    }
}
