//! The refresh job of one login: started when due, looked at until it ends, never doubled.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::outcome::fault;
use super::{Desk, plan};
use crate::domain::{Exit, Fault, JobId, KeptLogin, Name, State, Verdict};
use crate::sophtron::{Client, Error, Patience};

/// How many looks may find a job unknown that was just started: it is not known at once everywhere.
const UNKNOWN_LOOKS: u32 = 3;

/// Up to this age a job was just started.
const YOUNG: Duration = Duration::from_mins(1);

/// How many looks a job gets at least that is older than it may be: what one look sees may need a
/// second one to be believed.
const FEWEST_LOOKS: u32 = 2;

/// How many failures in a row at the bank's login form count as a refused login.
const REFUSALS_THAT_BLOCK: u32 = 2;

/// How the refresh of a login ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refreshed {
    /// It was not due, or it is done: read on.
    Good,
    /// Read on, and say this.
    Noted(Fault),
    /// The bank asks its owner: nothing is read.
    Waiting(Fault),
    /// Nothing can be read.
    Stopped(Fault),
}

/// Starts a refresh, or takes up the job that is open, and stays until it ends.
pub(super) async fn refresh(
    desk: &Desk,
    client: &Client,
    family: &Name,
    login: &mut KeptLogin,
    patience: &Patience,
) -> Result<Refreshed, Fault> {
    if login.job.is_none() {
        login.refresh_tried = Some(desk.now());
        save(desk, family, login).await?;
        match client.start_refresh(&login.id).await {
            Ok(Some(job)) => {
                login.job = Some(job);
                save(desk, family, login).await?;
            }
            Ok(None) => return Ok(Refreshed::Noted(unclear())),
            Err(error) => return Ok(not_started(&error)),
        }
    }
    let Some(job) = login.job.clone() else { return Ok(Refreshed::Good) };
    let watched = Watched::of(&job, login, desk.now());
    let end = watch(desk, client, &watched, patience).await;
    if end.is_over() {
        login.job = None;
    }
    end.mark(login);
    save(desk, family, login).await?;
    Ok(end.told(family, login))
}

/// A job that is looked at.
struct Watched<'a> {
    job: &'a JobId,
    /// How long it has been waited for already.
    age: Duration,
    /// How many looks may find it unknown.
    unknown_looks: u32,
}

impl<'a> Watched<'a> {
    fn of(job: &'a JobId, login: &KeptLogin, now: DateTime<Utc>) -> Self {
        let age = login.refresh_tried.and_then(|at| (now - at).to_std().ok()).unwrap_or_default();
        let unknown_looks = if age < YOUNG { UNKNOWN_LOOKS } else { 0 };
        // Time in which the bank waited for its owner is none in which it worked.
        let age = if login.blocked.is_some() { Duration::ZERO } else { age };
        Self { job, age, unknown_looks }
    }
}

async fn save(desk: &Desk, family: &Name, login: &KeptLogin) -> Result<(), Fault> {
    let (family, login) = (family.clone(), login.clone());
    desk.shelf.with(move |store| store.save_login(&family, &login)).await
}

/// How looking at a job ended.
enum End {
    Done,
    Failed,
    LoginRefused,
    Waits,
    Abandoned,
    Gone,
    Unreadable(Error),
}

impl End {
    /// Whether the job is no longer open.
    fn is_over(&self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::LoginRefused | Self::Gone)
    }

    /// Marks a login that no further refresh is started for until its owner acts: one that the
    /// bank meets with a question or a refused login counts there, and enough of them lock it.
    /// A single failure at the login form may be the bank's own.
    fn mark(&self, login: &mut KeptLogin) {
        match self {
            Self::Done => (login.blocked, login.login_refused) = (None, 0),
            Self::Waits => login.blocked = Some("it asked its owner a question".to_owned()),
            Self::LoginRefused => {
                login.login_refused += 1;
                if login.login_refused >= REFUSALS_THAT_BLOCK {
                    login.blocked = Some("it refused the login twice".to_owned());
                }
            }
            Self::Failed | Self::Abandoned | Self::Gone | Self::Unreadable(_) => {}
        }
    }

    fn told(self, family: &Name, login: &KeptLogin) -> Refreshed {
        match self {
            Self::Done => Refreshed::Good,
            Self::LoginRefused if login.login_refused >= REFUSALS_THAT_BLOCK => {
                Refreshed::Noted(login_refused(family))
            }
            // Whatever became of a question, its job is over and it is not asked anew.
            Self::Failed | Self::LoginRefused if login.blocked.is_some() => {
                Refreshed::Noted(unanswered(State::Failed, Exit::Trouble, family))
            }
            Self::Gone if login.blocked.is_some() => {
                Refreshed::Noted(unanswered(State::Ok, Exit::Good, family))
            }
            Self::Failed | Self::LoginRefused => Refreshed::Noted(failed()),
            Self::Gone => Refreshed::Noted(gone()),
            Self::Abandoned => Refreshed::Noted(abandoned()),
            Self::Waits => Refreshed::Waiting(waiting(family)),
            Self::Unreadable(error) if ends_reading(&error) => Refreshed::Stopped(error.fault()),
            Self::Unreadable(error) => Refreshed::Noted(error.fault()),
        }
    }
}

/// Looks at a job until it ends, or until it is older than a refresh is waited for: a job that was
/// left is not waited for again. What only a second look can confirm is looked at again.
async fn watch(desk: &Desk, client: &Client, watched: &Watched<'_>, patience: &Patience) -> End {
    let mut unknown_looks = watched.unknown_looks;
    let started = tokio::time::Instant::now();
    let mut last = Verdict::Running;
    let mut looks = 0;
    loop {
        looks += 1;
        let (verdict, at_login) = match client.job(watched.job, patience).await {
            Ok(job) => (job.verdict(), job.at_login),
            Err(Error::NotFound { .. }) if unknown_looks > 0 => {
                unknown_looks -= 1;
                (Verdict::Running, false)
            }
            Err(Error::NotFound { .. }) => return End::Gone,
            Err(error) => return End::Unreadable(error),
        };
        match verdict {
            Verdict::Done => return End::Done,
            Verdict::Failed => return failure(at_login),
            Verdict::NeedsOwner => return End::Waits,
            Verdict::DoneIfRepeated if verdict == last => return End::Done,
            Verdict::FailedIfRepeated if verdict == last => return failure(at_login),
            _ => last = verdict,
        }
        let waited = watched.age.saturating_add(started.elapsed());
        let is_open = verdict == Verdict::Running || looks >= FEWEST_LOOKS;
        if waited >= desk.pace.refresh && is_open {
            return End::Abandoned;
        }
        tokio::time::sleep(plan::poll_wait(desk.settings.poll, waited)).await;
    }
}

fn failure(at_login: bool) -> End {
    if at_login { End::LoginRefused } else { End::Failed }
}

/// A start that was refused is a failure; a lost one, or one that the service stumbled over, may
/// have begun all the same: it is read on without, and not started again.
fn not_started(error: &Error) -> Refreshed {
    match error {
        error if ends_reading(error) => Refreshed::Stopped(error.fault()),
        Error::Limited { .. } => Refreshed::Noted(error.fault()),
        Error::Forbidden { .. } | Error::NotFound { .. } | Error::Refused { .. } => {
            Refreshed::Noted(refused(error))
        }
        _ => Refreshed::Noted(unclear()),
    }
}

/// Whether an error means that nothing more may be asked now, not even what the service has.
fn ends_reading(error: &Error) -> bool {
    matches!(
        error,
        Error::Rejected { .. } | Error::Budget { .. } | Error::Limited { retry_after: Some(_), .. }
    )
}

fn refused(error: &Error) -> Fault {
    let message = format!("the service refused to ask the bank for new data: {error}");
    fault(
        State::Failed,
        Exit::Trouble,
        message,
        "the data shown are the last ones that the service has",
    )
}

fn failed() -> Fault {
    let message = "the bank did not give new data: its login may have changed".to_owned();
    let help = "look at this login at sophtron.com; until then the last data there are read";
    fault(State::Failed, Exit::Trouble, message, help)
}

fn login_refused(family: &Name) -> Fault {
    let message =
        "the bank refused the login twice; it is not asked again until you act".to_owned();
    let help = format!(
        "correct the login at sophtron.com, then run `sophtron-sync credentials check {family}`"
    );
    fault(State::Failed, Exit::Trouble, message, &help)
}

fn unanswered(state: State, exit: Exit, family: &Name) -> Fault {
    let message = "the bank's question was not answered, and is over; it is not asked for new data until you act".to_owned();
    let help = format!(
        "look at this login at sophtron.com, then run `sophtron-sync credentials check {family}`, which lets it be asked again"
    );
    fault(state, exit, message, &help)
}

fn waiting(family: &Name) -> Fault {
    let message = "the bank asks its owner a question before it gives new data".to_owned();
    let help = format!("answer it at sophtron.com, then run `sophtron-sync sync {family}`");
    fault(State::Waiting, Exit::Owner, message, &help)
}

fn abandoned() -> Fault {
    let message = "the bank's new data were not there in time".to_owned();
    fault(State::Ok, Exit::Good, message, "nothing to do: the next sync looks for them again")
}

fn gone() -> Fault {
    let message = "the service no longer knows the refresh that it had begun".to_owned();
    fault(State::Ok, Exit::Good, message, "nothing to do: the data that it has were read")
}

fn unclear() -> Fault {
    let message = "whether the bank was asked for new data is not known".to_owned();
    fault(State::Ok, Exit::Good, message, "nothing to do: the data that the service has were read")
}
