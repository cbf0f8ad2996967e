//! A login whose bank waits for its owner, while he answers.

use std::sync::Arc;

use super::converse::{Conversation, Heard, JobEnd, Turn};
use super::family::open;
use super::outcome::fault;
use super::refresh::{mark_end, save};
use super::{Desk, FamilyOrder};
use crate::domain::{Challenge, Exit, Fault, JobId, KeptLogin, Name, Reply, State};
use crate::sophtron::{Error, Patience};

/// The job of one login, its owner at hand. What its end means for the login is kept at once; until
/// then the job stays open, so that whoever is ended in the middle can go on another time.
pub struct Answering {
    desk: Arc<Desk>,
    order: FamilyOrder,
    login: KeptLogin,
    conversation: Conversation,
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
            login,
            conversation: conversation.aged(std::time::Duration::ZERO, true),
            patience: Patience::new(),
        })
    }

    /// Waits until the bank asks, or the job is over.
    ///
    /// # Errors
    /// What the store cannot do.
    pub async fn next(&mut self) -> Result<Turn, Fault> {
        match self.conversation.next(&self.patience).await {
            Turn::Ended(end) => Ok(Turn::Ended(self.ended(end).await?)),
            asks @ Turn::Asks { .. } => Ok(asks),
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
            Ok(heard) => Ok(heard),
            // The next look tells that the job is gone, and that is kept then.
            Err(Error::NotFound { .. }) => Ok(Heard::NotTaken),
            Err(error) => {
                self.keep(&JobEnd::Unreadable(error.clone())).await?;
                Err(error.fault())
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
        match end {
            JobEnd::Unreadable(_) => self.login.blocked = blocked_before,
            // Its owner acted: the bank may be asked anew, and that at once.
            JobEnd::Failed | JobEnd::Expired | JobEnd::Gone | JobEnd::LoginRefused => {
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
    let login = KeptLogin { blocked: None, login_refused: 0, refresh_tried: None, ..login };
    save(desk, family, &login).await
}

/// What the end of a job means for its owner, who was there; `None` where all is well.
#[must_use]
pub fn end_fault(end: &JobEnd, family: &Name, account: Option<&Name>) -> Option<Fault> {
    let anew = match account {
        Some(account) => format!("`sophtron-sync sync {family}/{account}` asks the bank anew"),
        None => format!("`sophtron-sync sync {family}` asks the bank anew"),
    };
    let bad = |message: &str| Some(fault(State::Failed, Exit::Trouble, message.to_owned(), &anew));
    match end {
        JobEnd::Done => None,
        JobEnd::Failed => bad("the bank ended the refresh: an answer may have been wrong"),
        JobEnd::LoginRefused => {
            bad("the bank ended the refresh at its login: the login or an answer was wrong")
        }
        JobEnd::Expired => bad("the bank's question has expired: it did not wait any longer"),
        JobEnd::Gone => bad("the bank's question has expired: the service no longer knows it"),
        JobEnd::Abandoned => {
            let message = "the bank still works on it".to_owned();
            let help = "nothing to do: the next sync looks for what it gives";
            Some(fault(State::Ok, Exit::Good, message, help))
        }
        JobEnd::Unreadable(error) => Some(error.fault()),
    }
}
