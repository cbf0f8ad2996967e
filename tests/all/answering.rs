//! The owner answers what his bank asks: alone and beside a daemon, at a terminal and by `--code`.

mod at_a_terminal;
mod beside;
mod by_code;
mod killed;
mod kinds;
mod whom;
mod words;

use std::time::Duration;

use crate::bank::{Challenge, Endpoint, Poll, Story};
use crate::daemon::live::Daemon;
use crate::home::Home;
use crate::jobs::{due, status};

/// A bank that asks all of this, one after the other, and then gives what is new.
fn story(asked: impl IntoIterator<Item = Challenge>) -> Story {
    Story::told(asked.into_iter().map(Poll::asks).chain([Poll::running(), Poll::done()]))
}

/// How long answered questions may linger here, on a machine that is busy.
const LINGER: Duration = Duration::from_secs(5);

fn due_with(story: Story, linger: Duration) -> Home {
    let mut home = due(story);
    (home.pace.linger, home.pace.refresh) = (linger, Duration::from_secs(15));
    home
}

/// A home whose only login waits for its owner, found out by a sync alone.
fn waiting(story: Story) -> Home {
    waiting_with(story, LINGER)
}

fn waiting_with(story: Story, linger: Duration) -> Home {
    let home = due_with(story, linger);
    let told = home.run(&["sync"]).ends_with(77);
    let command = "answer it with `sophtron-sync answer smith/checking`";
    assert!(told.err.contains(command), "{}", told.err);
    assert_eq!(status(&home)["help"], command);
    home
}

/// The same, found out by a daemon that stays.
fn waiting_beside(story: Story) -> (Home, Daemon) {
    waiting_beside_with(story, LINGER)
}

fn waiting_beside_with(story: Story, linger: Duration) -> (Home, Daemon) {
    let home = due_with(story, linger);
    let daemon = Daemon::start(&home);
    daemon.until("it waits", || status(&home)["state"] == "waiting");
    (home, daemon)
}

/// What the bank heard, in all jobs.
fn heard(home: &Home) -> Vec<(String, String)> {
    home.bank.edit(|world| world.jobs.iter().flat_map(|job| job.heard.clone()).collect())
}

fn pairs(heard: &[(&str, &str)]) -> Vec<(String, String)> {
    heard.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// How many requests concerned jobs and logins' refreshes.
fn of_jobs(home: &Home) -> usize {
    let kinds = [
        Endpoint::Job,
        Endpoint::RefreshLogin,
        Endpoint::SecurityAnswer,
        Endpoint::TokenInput,
        Endpoint::CaptchaInput,
    ];
    kinds.into_iter().map(|kind| home.bank.count(kind)).sum()
}
