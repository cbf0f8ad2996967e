//! The sync of one login: refresh if due (`due`), the list of accounts, each account (`account`).

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::outcome::fault;
use super::plan::Attempt;
use super::refresh::Refreshed;
use super::{AccountOutcome, Desk, Manner, Step};
use crate::domain::{
    Account, Day, Exit, Fault, KeptAccount, KeptLogin, LoginId, Name, ReceivedAccount, State,
};
use crate::sophtron::{Client, Error, Patience};

/// One linked account that is to be read.
#[derive(Clone)]
pub(super) struct Task {
    /// The account as configured.
    pub account: Account,
    /// The account as kept.
    pub kept: KeptAccount,
    /// The first day that is booked.
    pub start: Day,
}

/// The accounts of one login.
pub(super) struct LoginRun {
    pub desk: Arc<Desk>,
    pub client: Arc<Client>,
    pub family: Name,
    pub login: LoginId,
    pub tasks: Vec<Task>,
    /// The list of its accounts, where looking for logins has just read it.
    pub list: Option<Vec<ReceivedAccount>>,
    /// What the owner asked for.
    pub manner: Manner,
}

/// How a login's run ended.
pub(super) struct LoginEnd {
    pub accounts: Vec<AccountOutcome>,
    /// The service refused the family's credentials.
    pub rejected: bool,
    /// What the service lists no longer.
    pub gone: Vec<Task>,
}

impl LoginRun {
    /// Runs it. Each account has its own outcome; what the whole login meets, all of them have.
    pub(super) async fn run(mut self) -> Result<LoginEnd, Fault> {
        let login = self.kept_login().await?;
        let held = self.take_held(&login, self.desk.now());
        if self.tasks.is_empty() {
            return Ok(LoginEnd { accounts: held, rejected: false, gone: Vec::new() });
        }
        let mut end = self.run_free(login, Patience::new()).await?;
        end.accounts.extend(held);
        Ok(end)
    }

    /// Runs it for the accounts that nothing holds back.
    async fn run_free(
        mut self,
        mut login: KeptLogin,
        patience: Patience,
    ) -> Result<LoginEnd, Fault> {
        self.find_institution(&mut login, &patience).await?;
        let refreshed = match self.refresh_if_due(&mut login, &patience).await {
            Ok(refreshed) => refreshed,
            Err(stop) => return self.stopped(stop).await,
        };
        let list = match self.list.take() {
            Some(list) => list,
            None => match self.client.accounts(&self.login, &patience).await {
                Ok(list) => list,
                Err(error) => return self.stopped(Stop::Error(error)).await,
            },
        };
        let note = match refreshed {
            Refreshed::Rests => self.of_the_last(&mut login, &list).await?,
            Refreshed::Noted(fault) => Some(fault),
            Refreshed::Good => None,
        };
        self.read_all(&list, note.as_ref(), &patience).await
    }

    /// Takes out the accounts for which a Retry-After still runs, which binds a sync by hand too,
    /// and those that wait for their owner, where that is not to be looked at. A question that was
    /// answered by a program that was killed before it had read what came holds nothing.
    fn take_held(&mut self, login: &KeptLogin, now: DateTime<Utc>) -> Vec<AccountOutcome> {
        let tasks = std::mem::take(&mut self.tasks);
        let looks = self.manner.looks_at_waiting || !login.waits();
        let mut held = Vec::new();
        for task in tasks {
            let waits = || (!looks).then(|| waits(&task)).flatten();
            match held_back(&task, now).or_else(waits) {
                None => self.tasks.push(task),
                Some(fault) => {
                    held.push(AccountOutcome { account: task.account.name, result: Err(fault) });
                }
            }
        }
        held
    }

    async fn kept_login(&self) -> Result<KeptLogin, Fault> {
        let (family, id) = (self.family.clone(), self.login.clone());
        let kept = self.desk.shelf.with(move |store| store.login(&family, &id)).await?;
        Ok(kept.unwrap_or_else(|| KeptLogin::new(self.login.clone())))
    }

    /// Looks the bank's name up, once: no record of the service names it beside the account.
    async fn find_institution(
        &self,
        login: &mut KeptLogin,
        patience: &Patience,
    ) -> Result<(), Fault> {
        if login.institution.is_some() {
            return Ok(());
        }
        if login.institution_id.is_none() {
            let Ok(logins) = self.client.logins(patience).await else { return Ok(()) };
            let mine = logins.into_iter().find(|listed| listed.id == self.login);
            login.institution_id = mine.and_then(|listed| listed.institution_id);
        }
        let name = match &login.institution_id {
            Some(id) => self.client.institution_name(id, patience).await,
            None => Ok(None),
        };
        login.institution = match name {
            Ok(name) => Some(name.unwrap_or_default()),
            // It will not be told another time either: what is missing stays empty.
            Err(Error::NotFound { .. } | Error::Forbidden { .. } | Error::Refused { .. }) => {
                Some(String::new())
            }
            Err(_) => None,
        };
        let (family, login) = (self.family.clone(), login.clone());
        self.desk.shelf.with(move |store| store.save_login(&family, &login)).await
    }

    async fn read_all(
        self,
        list: &[ReceivedAccount],
        note: Option<&Fault>,
        patience: &Patience,
    ) -> Result<LoginEnd, Fault> {
        let mut end = LoginEnd { accounts: Vec::new(), rejected: false, gone: Vec::new() };
        for task in &self.tasks {
            let name = task.account.name.clone();
            let read = if end.rejected {
                Err(Stop::Error(rejected()))
            } else {
                self.read_one(task, list, patience).await
            };
            let result = match read {
                Ok(mut news) => {
                    news.note = news.note.or_else(|| note.cloned());
                    self.settle(task, Attempt::Good(news.note.as_ref())).await?;
                    Ok(news)
                }
                Err(stop) => {
                    end.rejected |= stop.is_rejection();
                    if !list.iter().any(|sent| sent.id == task.account.id) {
                        end.gone.push(task.clone());
                    }
                    let fault = stop.fault(&self.family);
                    self.settle(task, Attempt::Bad(&fault)).await?;
                    Err(fault)
                }
            };
            (self.desk.progress)(Step::Done { family: self.family.clone(), account: name.clone() });
            end.accounts.push(AccountOutcome { account: name, result });
        }
        Ok(end)
    }

    async fn settle(&self, task: &Task, attempt: Attempt<'_>) -> Result<(), Fault> {
        let condition = self.desk.condition(&task.kept, &attempt);
        let key = task.kept.key;
        self.desk.shelf.with(move |store| store.save_condition(key, &condition)).await
    }

    /// Ends the run with one fault for all of its accounts.
    async fn stopped(self, stop: Stop) -> Result<LoginEnd, Fault> {
        let rejected = stop.is_rejection();
        let is_gone = matches!(stop, Stop::Error(Error::NotFound { .. }));
        let fault = stop.fault(&self.family);
        for task in &self.tasks {
            self.settle(task, Attempt::Bad(&fault)).await?;
        }
        let made = |task: &Task| AccountOutcome {
            account: task.account.name.clone(),
            result: Err(fault.clone()),
        };
        let accounts = self.tasks.iter().map(made).collect();
        Ok(LoginEnd { accounts, rejected, gone: if is_gone { self.tasks } else { Vec::new() } })
    }
}

/// What ends a read: an error of the service, or a fault found here.
pub(super) enum Stop {
    Error(Error),
    Fault(Fault),
}

impl Stop {
    fn is_rejection(&self) -> bool {
        match self {
            Self::Error(error) => matches!(error, Error::Rejected { .. }),
            Self::Fault(fault) => fault.state == State::Rejected,
        }
    }

    fn fault(&self, family: &Name) -> Fault {
        match self {
            Self::Error(error) => error.fault(family),
            Self::Fault(fault) => fault.clone(),
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What holds an account that waits for its owner: what it was told when it began to.
fn waits(task: &Task) -> Option<Fault> {
    let kept = &task.kept.condition;
    let told = |text: &Option<String>| text.clone().unwrap_or_default();
    (kept.state == State::Waiting)
        .then(|| fault(State::Waiting, Exit::Owner, told(&kept.message), &told(&kept.help)))
}

/// What holds an account that the service asked to wait for. A wait that was counted from a later
/// time than now was counted before the clock was set back, and holds nothing.
fn held_back(task: &Task, now: DateTime<Utc>) -> Option<Fault> {
    let kept = &task.kept.condition;
    let until = kept.wait_until.filter(|until| *until > now)?;
    if kept.last_attempt.is_some_and(|last| last > now) {
        return None;
    }
    let message =
        format!("the service asked to wait until {} UTC", until.format("%Y-%m-%d %H:%M:%S"));
    Some(fault(State::Limited, Exit::TryLater, message, "nothing to do: it is asked again then"))
}

fn rejected() -> Error {
    Error::Rejected { asked: "the list of transactions", status: 401 }
}
