//! Banks that ask their owner, who answers elsewhere or not at all.

use chrono::TimeDelta;

use super::{
    GOOD, QUIET, Sees, Told, WAITS, due, is_fresh, live_through, sees, started, status, sync, told,
};
use crate::bank::{Endpoint, Json, Poll, Story};
use crate::home::Home;

/// Waiting, after as many looks as it took.
const WAITS_LATER: Sees = Sees { looks: None, ..WAITS };

const UNANSWERED: &str = "question was not answered";

/// A record that asks, with these keys as texts.
fn asks(keys: &[(&str, &str)]) -> Poll {
    says(keys, Poll { step: Json::text("Challenge"), ..Poll::running() })
}

fn says(keys: &[(&str, &str)], mut poll: Poll) -> Poll {
    for (key, value) in keys {
        poll.patch.set(key, Json::literal(value));
    }
    poll
}

fn question() -> Poll {
    asks(&[("SecurityQuestion", r#""['First pet?']""#)])
}

fn method() -> Poll {
    asks(&[("TokenMethod", r#""['Text me at •••• 0417 ', 'Mail']""#)])
}

fn code() -> Poll {
    asks(&[("TokenSentFlag", "true"), ("TokenInputName", r#""Token""#)])
}

fn captcha() -> Poll {
    asks(&[("CaptchaImage", r#""iVBORw0KGgo=""#)])
}

fn approval() -> Poll {
    asks(&[("TokenRead", r#""4711""#)])
}

/// Every challenge alone.
fn each() -> Vec<(&'static str, Poll)> {
    vec![
        ("a question", question()),
        (
            "several questions",
            asks(&[("SecurityQuestion", r#""[\"Pet?\", \"Mother&#39;s name?\"]""#)]),
        ),
        ("an apostrophe in a question", asks(&[("SecurityQuestion", r#""['Mother's name?']""#)])),
        ("ways to send a code", method()),
        ("a code", code()),
        ("a code without a method", asks(&[("TokenSentFlag", "true")])),
        ("a code by its name alone", asks(&[("TokenInputName", r#""Token""#)])),
        ("a personal code", asks(&[("TokenInputName", r#""PIN""#)])),
        ("a code by its step", Poll { step: Json::text("TokenInput"), ..Poll::running() }),
        ("an approval", approval()),
        ("a picture", captcha()),
        (
            "a question when accounts are ready",
            Poll { status: Json::text("AccountsReady"), ..question() },
        ),
    ]
}

#[test]
fn each_challenge_waits_for_its_owner_and_costs_one_look() {
    let stories = each().into_iter().map(|(name, poll)| {
        told(name, vec![Poll::running(), poll], &[WAITS.looking(2), WAITS, WAITS])
    });
    live_through(stories.collect());
}

#[test]
fn nothing_but_the_job_is_asked_about_while_its_owner_is_waited_for() {
    let mut home = due(Story::told([question()]));
    assert_eq!(sync(&home, &["sync"], &WAITS), [""; 0]);
    for hours in [0, 13, 24 * 7] {
        home.now += TimeDelta::hours(hours);
        for args in [&["sync"][..], &["sync", "--no-refresh"]] {
            home.bank.forget_calls();
            assert_eq!(sync(&home, args, &WAITS), [""; 0]);
            assert_eq!(home.bank.calls().len(), 1, "its job may have been answered elsewhere");
        }
    }
}

#[test]
fn challenges_one_after_the_other_are_each_waited_for() {
    let chain = vec![captcha(), question(), method(), code(), Poll::running(), Poll::done()];
    let approved_then_code = vec![approval(), Poll::running(), code(), Poll::done()];
    live_through(vec![
        told("captcha, question, method, code", chain, &[WAITS, WAITS, WAITS, WAITS, GOOD, QUIET]),
        told("approval, then a code", approved_then_code, &[WAITS, WAITS.looking(2), GOOD, QUIET]),
    ]);
}

#[test]
fn a_challenge_after_a_while_is_seen() {
    let polls = [vec![Poll::running(); 24], vec![code(), Poll::done()]].concat();
    let mut home = due(Story::told(polls));
    home.pace.refresh = std::time::Duration::from_secs(20);
    assert_eq!(sync(&home, &["sync"], &WAITS.looking(25)), [""; 0]);
    assert_eq!(sync(&home, &["sync"], &GOOD), [""; 0]);
    assert_eq!((started(&home), home.bank.violations().len()), (1, 0));
}

/// Whoever answers after days is waited for as after a fresh start.
#[test]
fn a_job_that_was_answered_late_is_waited_for() {
    let polls = [vec![question()], vec![Poll::running(); 5], vec![Poll::done()]].concat();
    let mut home = due(Story::told(polls));
    assert_eq!(sync(&home, &["sync"], &WAITS), [""; 0]);
    home.now += TimeDelta::days(3);
    assert_eq!(sync(&home, &["sync"], &GOOD.looking(6)), [""; 0]);
}

#[test]
fn a_bank_that_asks_at_every_refresh_has_one_job_at_a_time() {
    let mut home = due(Story::told([question(), Poll::done()]));
    for nth in 1..=3 {
        assert_eq!(sync(&home, &["sync"], &Sees { fresh: nth > 1, ..WAITS }), [""; 0]);
        assert_eq!(started(&home), nth);
        assert_eq!(sync(&home, &["sync"], &GOOD), [""; 0]);
        home.now += TimeDelta::hours(25);
    }
    assert_eq!(home.bank.violations(), [""; 0]);
}

/// What the service still shows of an answer is no new question.
#[test]
fn answered_fields_that_linger_are_no_challenge() {
    let answered = |keys: &[(&str, &str)]| asks(keys);
    let lingering = vec![
        answered(&[("SecurityQuestion", r#""['Pet?']""#), ("SecurityAnswer", r#""[\"Rex\"]""#)]),
        answered(&[("TokenMethod", r#""['Mail']""#), ("TokenChoice", r#""Mail""#)]),
        says(
            &[
                ("TokenSentFlag", "true"),
                ("TokenInputName", r#""Token""#),
                ("TokenInput", r#""1""#),
            ],
            Poll { step: Json::text("TokenInput"), ..Poll::running() },
        ),
        answered(&[("TokenRead", r#""4711""#), ("VerifyPhoneFlag", "true")]),
        answered(&[("CaptchaImage", r#""iVBO""#), ("CaptchaInput", r#""word""#)]),
        answered(&[
            ("SecurityQuestion", r#""""#),
            ("TokenRead", r#""""#),
            ("CaptchaImage", r#""""#),
        ]),
        says(&[("SecurityQuestion", r#""['Pet?']""#)], Poll::done()),
    ];
    live_through(vec![told("all of them", lingering, &[GOOD.looking(7), QUIET])]);
}

#[test]
fn a_job_that_ended_with_its_question_open_failed() {
    let timeout = says(&[("TokenSentFlag", "true")], Poll::failed("Timeout"));
    live_through(vec![Told {
        name: "timeout with a code asked for",
        story: Story::told([Poll::running(), timeout]),
        syncs: vec![
            sees(1, "failed", "did not give new data", false).looking(3),
            sees(0, "ok", "when it was last asked, the bank did not give", false).looking(0),
        ],
    }]);
}

/// A question that nobody answered in time: what the service has is read again, but the bank is
/// asked nothing more until the owner acts.
#[test]
fn a_question_that_expired_is_told_and_not_asked_again() {
    for (poll, first) in [
        (Poll { ends: true, ..Poll::unknown() }, sees(0, "ok", UNANSWERED, false)),
        (Poll::failed("Timeout"), sees(1, "failed", UNANSWERED, false)),
        (Poll::failed("Error"), sees(1, "failed", UNANSWERED, false)),
    ] {
        let told = format!("{poll:?}");
        let mut home = due(Story::told([question(), poll]));
        assert_eq!(sync(&home, &["sync"], &WAITS_LATER), [""; 0], "{told}");
        home.now += TimeDelta::minutes(20);
        assert_eq!(sync(&home, &["sync"], &first.looking(1)), [""; 0], "{told}");
        for _ in 0..3 {
            home.now += TimeDelta::hours(25);
            let held = sees(0, "ok", "the bank is not asked for new data", false).looking(0);
            assert_eq!(sync(&home, &["sync"], &held), [""; 0], "{told}");
            assert!(
                status(&home)["help"]
                    .as_str()
                    .is_some_and(|help| help.contains("`sophtron-sync answer smith/checking`"))
            );
        }
        assert_eq!(started(&home), 1, "{told}");
        acts(&mut home);
    }
}

fn acts(home: &mut Home) {
    home.bank.edit(|world| world.users[0].logins[0].refresh = Story::running(0));
    home.run(&["credentials", "check", "smith"]).ends_with(0);
    home.run(&["sync"]).ends_with(0);
    assert_eq!((started(home), is_fresh(home)), (2, true));
    assert_eq!(home.bank.count(Endpoint::HealthCheck), 1);
    assert_eq!(home.bank.violations(), [""; 0]);
}
