//! What a bank says of a failure, in its own words: told as it is, but for what must not be seen.

use chrono::TimeDelta;

use super::{due, started, status};
use crate::bank::{Json, Poll, Story};
use crate::home::Home;

/// A job that fails with these words, not at the login form.
fn failing(words: &str) -> Story {
    let failed = Poll { step: Json::text("TransactionTable"), ..Poll::failed("Error") };
    Story::told([Poll::running(), failed.saying(words)])
}

/// The message of a sync that fails, which is the account's.
fn message(home: &Home) -> String {
    let ran = home.run(&["sync"]).ends_with(1);
    let message = status(home)["message"].as_str().expect("a message").to_owned();
    assert!(ran.err.contains(&message), "{}", ran.err);
    message
}

#[test]
fn a_failed_refresh_tells_the_reason_that_the_bank_gives() {
    let long = "no ".repeat(100);
    let cut = format!("{}…", &long[..199]);
    for (words, told) in [
        ("Your account is locked", "it says \"Your account is locked\""),
        ("It&#39;s\n\tlocked\u{202e}\u{1b}[2J", "it says \"It's locked [2J\""),
        (&long, &format!("it says \"{cut}\"")),
        (" \n", "its login may have changed"),
    ] {
        let home = due(failing(words));
        let expected = format!("the bank did not give new data: {told}");
        assert_eq!(message(&home), expected);
        assert!(home.run(&["status"]).ends_with(0).out.contains("the bank did not give new data"));
    }
}

#[test]
fn words_that_repeat_the_key_pair_are_not_told() {
    for key in [false, true] {
        let home = due(Story::running(0));
        home.bank.edit(|world| {
            let user = &mut world.users[0];
            let secret = if key { &user.access_key } else { &user.id };
            let story = failing(&format!("who is {} here?", secret.to_uppercase()));
            user.logins[0].refresh = story;
        });
        assert_eq!(message(&home), "the bank did not give new data: its login may have changed");
    }
}

#[test]
fn a_login_that_is_refused_twice_tells_it_too() {
    let failed = Poll::failed("Completed").saying("Wrong password");
    let mut home = due(Story::told([Poll::running(), failed]));
    assert_eq!(message(&home), "the bank did not give new data: it says \"Wrong password\"");
    home.now += TimeDelta::hours(25);
    let told = "the bank refused the login twice: it says \"Wrong password\"; it is not asked again until you act";
    assert_eq!(message(&home), told);
    assert_eq!(started(&home), 2);
}
