//! The refresh job of one login: started when due, looked at until it ends, never doubled.

use std::sync::Arc;
use std::time::Duration;

use super::Desk;
use super::converse::{Conversation, JobEnd, Turn};
use super::outcome::fault;
use crate::domain::{Exit, FailedRefresh, Fault, JobId, KeptLogin, Name, State};
use crate::sophtron::{Client, Error, Patience};

/// How the refresh of a login ended, where what the service has is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refreshed {
    /// It is done: read on.
    Good,
    /// None was begun: read on, and say what the last one met, if that still holds.
    Rests,
    /// Read on, and say this.
    Noted(Fault),
}

/// Whose refresh it is, and who asks for it.
pub(super) struct Refresher<'a> {
    pub desk: &'a Arc<Desk>,
    pub client: &'a Arc<Client>,
    pub family: &'a Name,
    /// An account of the login, by which commands name it.
    pub account: &'a Name,
}

impl Refresher<'_> {
    /// Starts a refresh, or takes up the job that is open, and stays until it ends.
    ///
    /// # Errors
    /// Nothing is to be read: the bank asks its owner, the service asks to wait or refuses the
    /// family, or the store failed.
    pub(super) async fn refresh(
        &self,
        login: &mut KeptLogin,
        patience: &Patience,
    ) -> Result<Refreshed, Fault> {
        if login.job.is_none() {
            login.refresh_tried = Some(self.desk.now());
            save(self.desk, self.family, login).await?;
            match self.client.start_refresh(&login.id).await {
                Ok(Some(job)) => {
                    login.job = Some(job);
                    save(self.desk, self.family, login).await?;
                }
                Ok(None) => return Ok(Refreshed::Noted(unclear())),
                Err(error) => return not_started(&error, self.family),
            }
        }
        let Some(job) = login.job.clone() else { return Ok(Refreshed::Good) };
        let turn = self.taken_up(login, job).next(patience).await;
        mark(login, &turn);
        let is_over = matches!(&turn, Turn::Ended(end) if end.is_over());
        let told = self.told(turn, login);
        if let Ok(Refreshed::Noted(fault)) = &told
            && is_over
        {
            keep_failure(login, fault, true);
        }
        save(self.desk, self.family, login).await?;
        told
    }

    /// The job that is open, with how long it has been waited for already.
    fn taken_up(&self, login: &KeptLogin, job: JobId) -> Conversation {
        let age = login.tried_ago(self.desk.now());
        // Time in which the bank waited for its owner is none in which it worked.
        let waited = if login.blocked.is_some() { Duration::ZERO } else { age };
        let (desk, client) = (Arc::clone(self.desk), Arc::clone(self.client));
        let whom = format!("{}/{}", self.family, self.account);
        Conversation::new(desk, client, job, whom).aged(age, waited)
    }

    fn told(&self, turn: Turn, login: &KeptLogin) -> Result<Refreshed, Fault> {
        let end = match turn {
            Turn::Asks { .. } => return Err(self.waiting()),
            Turn::Ended(end) => end,
        };
        Ok(Refreshed::Noted(match end {
            JobEnd::Done => return Ok(Refreshed::Good),
            JobEnd::LoginRefused { .. } if login.is_refused() => self.login_refused(&end),
            // Whatever became of a question, its job is over and it is not asked anew. What the bank
            // says may repeat an answer that it had elsewhere.
            JobEnd::Failed { .. } | JobEnd::Expired { .. } | JobEnd::LoginRefused { .. }
                if login.blocked.is_some() =>
            {
                self.unanswered(State::Failed, Exit::Trouble)
            }
            JobEnd::Gone if login.blocked.is_some() => self.unanswered(State::Ok, Exit::Good),
            JobEnd::Failed { .. } | JobEnd::Expired { .. } | JobEnd::LoginRefused { .. } => {
                failed(&end)
            }
            JobEnd::Gone => gone(),
            JobEnd::Abandoned => abandoned(),
            JobEnd::Unreadable(error) if ends_reading(&error) => {
                return Err(error.fault(self.family));
            }
            JobEnd::Unreadable(error) => error.fault(self.family),
        }))
    }

    fn waiting(&self) -> Fault {
        let Self { family, account, .. } = self;
        let message = "the bank asks its owner a question before it gives new data".to_owned();
        let help = format!("answer it with `sophtron-sync answer {family}/{account}`");
        fault(State::Waiting, Exit::Owner, message, &help)
    }

    fn unanswered(&self, state: State, exit: Exit) -> Fault {
        let message = "the bank's question was not answered, and is over; it is not asked for new data until you act".to_owned();
        fault(state, exit, message, &lets_it_be_asked(self.family, self.account))
    }

    fn login_refused(&self, end: &JobEnd) -> Fault {
        let refused = end.worded("the bank refused the login twice", "");
        let message = format!("{refused}; it is not asked again until you act");
        let help = gives_another_login(self.family, self.account);
        fault(State::Failed, Exit::Trouble, message, &help)
    }
}

/// Keeps that a refresh ended without new data, and whether that is told by now.
pub(super) fn keep_failure(login: &mut KeptLogin, fault: &Fault, is_told: bool) {
    let (message, help) = (fault.message.clone(), fault.help.clone());
    login.failed =
        (fault.state == State::Failed).then_some(FailedRefresh { message, help, is_told });
}

/// What a sync that begins no refresh tells of the last one, if that ended without new data: once that
/// it failed, and from then on a note, since what there is can be read.
pub(super) fn last_failure(login: &KeptLogin) -> Option<Fault> {
    let FailedRefresh { message, help, is_told } = login.failed.as_ref()?;
    Some(if *is_told {
        fault(State::Ok, Exit::Good, format!("when it was last asked, {message}"), help)
    } else {
        fault(State::Failed, Exit::Trouble, message.clone(), help)
    })
}

/// What gives a login that its bank refuses another name and password.
pub(super) fn gives_another_login(family: &Name, account: &Name) -> String {
    format!("give it the right login with `sophtron-sync connect {family} {account} --update`")
}

/// What lets the bank of a login be asked again.
pub(super) fn lets_it_be_asked(family: &Name, account: &Name) -> String {
    format!("`sophtron-sync answer {family}/{account}` lets it be asked again")
}

pub(super) async fn save(desk: &Desk, family: &Name, login: &KeptLogin) -> Result<(), Fault> {
    let (family, login) = (family.clone(), login.clone());
    desk.shelf.with(move |store| store.save_login(&family, &login)).await
}

/// Marks a login that no further refresh is started for until its owner acts: one that the bank
/// meets with a question or a refused login counts there, and enough of them lock it.
pub(super) fn mark(login: &mut KeptLogin, turn: &Turn) {
    match turn {
        Turn::Asks { .. } => login.blocked = Some("it asked its owner a question".to_owned()),
        Turn::Ended(end) => mark_end(login, end),
    }
}

/// Marks a login whose job ended. A single failure at the login form may be the bank's own.
pub(super) fn mark_end(login: &mut KeptLogin, end: &JobEnd) {
    if end.is_over() {
        login.job = None;
    }
    match end {
        JobEnd::Done => (login.blocked, login.login_refused, login.failed) = (None, 0, None),
        JobEnd::LoginRefused { .. } => {
            login.login_refused += 1;
            if login.is_refused() {
                login.blocked = Some("it refused the login twice".to_owned());
            }
        }
        JobEnd::Failed { .. }
        | JobEnd::Expired { .. }
        | JobEnd::Gone
        | JobEnd::Abandoned
        | JobEnd::Unreadable(_) => {}
    }
}

/// A start that was refused is a failure; a lost one, or one that the service stumbled over, may
/// have begun all the same: it is read on without, and not started again.
fn not_started(error: &Error, family: &Name) -> Result<Refreshed, Fault> {
    Ok(Refreshed::Noted(match error {
        error if ends_reading(error) => return Err(error.fault(family)),
        Error::Limited { .. } => error.fault(family),
        Error::Forbidden { .. } | Error::NotFound { .. } | Error::Refused { .. } => refused(error),
        _ => unclear(),
    }))
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

fn failed(end: &JobEnd) -> Fault {
    let message = end.worded("the bank did not give new data", "its login may have changed");
    let help = "look at this login at sophtron.com; until then the last data there are read";
    fault(State::Failed, Exit::Trouble, message, help)
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
