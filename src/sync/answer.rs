//! A login whose bank waits for its owner, while he answers.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::converse::{Conversation, Heard, JobEnd, Talk, Turn};
use super::family::open;
use super::outcome::fault;
use super::refresh::{keep_failure, mark, mark_end, save};
use super::{Desk, FamilyOrder, Wanted};
use crate::domain::{Challenge, Exit, Fault, JobId, KeptLogin, Name, Reply, State};
use crate::sophtron::{Error, Patience};

/// The job of one login, its owner at hand. What its end means for the login is kept at once; until
/// then the job stays open, so that whoever is ended in the middle can go on another time.
pub struct Answering {
    desk: Arc<Desk>,
    order: FamilyOrder,
    login: KeptLogin,
    conversation: Conversation,
    talk: Talk,
    patience: Patience,
}

impl Answering {
    /// Takes up the job that a login has open. `whom` says whose it is to whoever watches.
    ///
    /// # Errors
    /// The family has no keys that the service takes.
    pub async fn begin(
        desk: &Arc<Desk>,
        order: &FamilyOrder,
        login: KeptLogin,
        job: JobId,
        whom: String,
    ) -> Result<Self, Fault> {
        let client = open(desk, order).await??;
        let conversation = Conversation::new(Arc::clone(desk), client, job, whom);
        Ok(Self {
            desk: Arc::clone(desk),
            order: order.clone(),
            // However long nobody was there: from now on it is waited for anew.
            conversation: conversation.aged(login.tried_ago(desk.now()), Duration::ZERO),
            talk: if login.waits() { Talk::Asked } else { Talk::Nothing },
            login,
            patience: Patience::new(),
        })
    }

    /// The same with what its owner typed before, which the bank may repeat.
    #[must_use]
    pub fn after_typing(self, typed: Vec<SecretString>) -> Self {
        Self { conversation: self.conversation.after_typing(typed), ..self }
    }

    /// How far the bank and its owner came.
    #[must_use]
    pub fn talk(&self) -> Talk {
        self.talk
    }

    /// Waits until the bank asks, or the job is over. That it asks is kept before its owner hears of
    /// it, so that he may leave at any time, and the login is found to wait.
    ///
    /// # Errors
    /// What the store cannot do.
    pub async fn next(&mut self) -> Result<Turn, Fault> {
        match self.conversation.next(&self.patience).await {
            Turn::Ended(end) => Ok(Turn::Ended(self.ended(end).await?)),
            asks @ Turn::Asks { .. } => {
                self.talk = self.talk.max(Talk::Asked);
                if !self.login.waits() {
                    mark(&mut self.login, &asks);
                    save(&self.desk, &self.order.family.name, &self.login).await?;
                }
                Ok(asks)
            }
        }
    }

    /// Keeps how the job ended, unless a sync by hand did so meanwhile: then all is done.
    async fn ended(&mut self, end: JobEnd) -> Result<JobEnd, Fault> {
        let (family, id) = (self.order.family.name.clone(), self.login.id.clone());
        let kept = self.desk.shelf.with(move |store| store.login(&family, &id)).await?;
        if end.is_over() && kept.is_some_and(|kept| kept.job != self.login.job) {
            return Ok(JobEnd::Done);
        }
        self.keep(&end).await?;
        Ok(end)
    }

    /// Tells the bank what its owner answers.
    ///
    /// # Errors
    /// The service refused to be told, or what the store cannot do.
    pub async fn answer(&mut self, challenge: Challenge, reply: &Reply) -> Result<Heard, Fault> {
        match self.conversation.answer(challenge, reply).await {
            Ok(heard) => {
                if heard != Heard::NotTaken {
                    self.talk = Talk::Answered;
                }
                Ok(heard)
            }
            // The next look tells that the job is gone, and that is kept then.
            Err(Error::NotFound { .. }) => Ok(Heard::NotTaken),
            Err(error) => {
                self.keep(&JobEnd::Unreadable(error.clone())).await?;
                Err(error.fault_of_command(&self.order.family.name))
            }
        }
    }

    async fn keep(&mut self, end: &JobEnd) -> Result<(), Fault> {
        let family = self.order.family.name.clone();
        if let (JobEnd::Unreadable(Error::Rejected { .. }), Ok(keys)) = (end, &self.order.keys) {
            let (family, print) = (family.clone(), keys.fingerprint.clone());
            self.desk.shelf.with(move |store| store.set_rejected(&family, Some(&print))).await?;
        }
        let blocked_before = self.login.blocked.take();
        mark_end(&mut self.login, end);
        if matches!(
            end,
            JobEnd::Failed { .. } | JobEnd::Expired { .. } | JobEnd::LoginRefused { .. }
        ) && let Wanted::Only(accounts) = &self.order.wanted
            && let Some(told) = end_fault(end, self.talk, &family, accounts.first())
        {
            keep_failure(&mut self.login, &told, false);
        }
        match end {
            JobEnd::Unreadable(_) => self.login.blocked = blocked_before,
            // Its owner acted: the bank may be asked anew, and that at once.
            JobEnd::Failed { .. }
            | JobEnd::Expired { .. }
            | JobEnd::LoginRefused { .. }
            | JobEnd::Gone => {
                self.login.refresh_tried = None;
            }
            JobEnd::Done | JobEnd::Abandoned => {}
        }
        save(&self.desk, &family, &self.login).await
    }
}

/// Lets the bank of a login that asks nothing any more be asked anew: its owner acted.
///
/// # Errors
/// What the store cannot do.
pub async fn let_ask_anew(desk: &Desk, family: &Name, login: KeptLogin) -> Result<(), Fault> {
    let login =
        KeptLogin { blocked: None, login_refused: 0, refresh_tried: None, failed: None, ..login };
    save(desk, family, &login).await
}

/// What the end of a job means for its owner, who was there; `None` where all is well.
#[must_use]
pub fn end_fault(end: &JobEnd, talk: Talk, family: &Name, account: Option<&Name>) -> Option<Fault> {
    let (message, guess) = match (end, talk) {
        (JobEnd::Done, _) => return None,
        (JobEnd::Unreadable(error), _) => return Some(error.fault_of_command(family)),
        (JobEnd::Abandoned, _) => {
            let message = "the bank still works on it".to_owned();
            let help = "nothing to do: the next sync looks for what it gives";
            return Some(fault(State::Ok, Exit::Good, message, help));
        }
        (JobEnd::Failed { .. }, Talk::Answered) => {
            ("the bank ended the refresh", "an answer may have been wrong")
        }
        (JobEnd::Failed { .. }, _) => ("the bank ended the refresh before it was answered", ""),
        (JobEnd::LoginRefused { .. }, Talk::Answered) => {
            ("the bank ended the refresh at its login", "the login or an answer was wrong")
        }
        (JobEnd::LoginRefused { .. }, _) => {
            ("the bank ended the refresh at its login, before it was answered", "")
        }
        (JobEnd::Expired { .. }, Talk::Answered) => {
            ("the bank ended the refresh by a time limit, after it was answered", "")
        }
        (JobEnd::Expired { .. }, _) => {
            ("the bank's question has expired", "it did not wait any longer")
        }
        (JobEnd::Gone, Talk::Answered) => {
            ("the service no longer knows the refresh", "what the answer did is not known")
        }
        (JobEnd::Gone, _) => ("the bank's question has expired", "the service no longer knows it"),
    };
    let help = match account {
        Some(account) => {
            let anew = format!("`sophtron-sync sync {family}/{account}` asks the bank anew");
            let update = format!("`sophtron-sync connect {family} {account} --update`");
            match end {
                JobEnd::LoginRefused { .. } => {
                    format!("{anew}; {update} gives it another login name and password first")
                }
                _ => anew,
            }
        }
        None => format!("`sophtron-sync connect {family}` goes on with the same login"),
    };
    Some(fault(State::Failed, Exit::Trouble, end.worded(message, guess), &help))
}
