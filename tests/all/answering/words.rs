//! What a bank says when it ends a job: told to whoever answered, unless it repeats an answer.

use super::{heard, pairs, waiting};
use crate::bank::{Challenge, Json, Poll, Story};

fn code() -> Challenge {
    Challenge::code("Token")
}

/// A code is asked for, and then the job fails with these words.
fn failing(asked: Poll, words: &str) -> Story {
    let failed = Poll { step: Json::text("TransactionTable"), ..Poll::failed("Error") };
    Story::told([asked, failed.saying(words)])
}

#[test]
fn the_reason_that_the_bank_gives_is_told_without_any_answer() {
    for (words, told) in [
        (
            "Your account is locked",
            "the bank ended the refresh: it says \"Your account is locked\"",
        ),
        ("04-17 is not the code", "the bank ended the refresh: an answer may have been wrong"),
    ] {
        let home = waiting(failing(Poll::asks(code()), words));
        let ran = home.run_typing(&["answer"], &[("the code", " 0417")]).ends_with(1);
        assert!(ran.err.contains(&format!("smith/checking: {told}\n")), "{}", ran.err);
        assert!(!ran.err.contains("04-17"), "{}", ran.err);
        assert_eq!(heard(&home), pairs(&[("TokenInput", " 0417")]));
    }
}

/// Whoever sees the end of a job that was answered elsewhere does not know the answers.
#[test]
fn words_after_a_question_are_not_told_by_a_sync() {
    let asked = Poll::challenge("TokenSentFlag", Json::literal("true"));
    let home = waiting(failing(asked, "0417 is not the code"));
    let ran = home.run(&["sync"]).ends_with(1);
    assert!(ran.err.contains("question was not answered"), "{}", ran.err);
    assert!(!ran.err.contains("0417"), "{}", ran.err);
}
