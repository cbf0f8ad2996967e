//! A family's logins at the service: listed, given other login data, verified, deleted.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::family::open;
use super::outcome::fault;
use super::plan::poll_wait;
use super::{Answering, Desk, FamilyOrder, Step, refresh};
use crate::domain::{
    BankLogin, Exit, Fault, Institution, KeptLogin, LoginId, ReceivedAccount, ReceivedLogin, State,
};
use crate::sophtron::{Client, Error, Patience};

/// A family's access to its logins.
pub struct Logins {
    pub(super) desk: Arc<Desk>,
    pub(super) client: Arc<Client>,
    pub(super) order: FamilyOrder,
}

impl Logins {
    /// Opens the access; asks nothing yet.
    ///
    /// # Errors
    /// The family has no keys that the service takes.
    pub async fn open(desk: &Arc<Desk>, order: FamilyOrder) -> Result<Self, Fault> {
        let client = open(desk, &order).await??;
        Ok(Self { desk: Arc::clone(desk), client, order })
    }

    /// Reads the list of logins.
    ///
    /// # Errors
    /// What the service cannot do.
    pub async fn listed(&self) -> Result<Vec<ReceivedLogin>, Fault> {
        let listed = self.client.logins(&Patience::new()).await;
        self.read(listed).await
    }

    /// Reads the accounts that a login has now; none where its data is not known.
    ///
    /// # Errors
    /// What the service cannot do.
    pub async fn accounts_of(&self, login: &LoginId) -> Result<Vec<ReceivedAccount>, Fault> {
        match self.client.accounts(login, &Patience::new()).await {
            Err(Error::NotFound { .. }) => Ok(Vec::new()),
            read => self.read(read).await,
        }
    }

    /// Whether the service knows a login, be it listed or not.
    pub(super) async fn exists(&self, login: &LoginId) -> Result<bool, Fault> {
        match self.client.accounts(login, &Patience::new()).await {
            Err(Error::NotFound { .. }) => Ok(false),
            read => self.read(read).await.map(|_| true),
        }
    }

    /// Searches banks by their names.
    ///
    /// # Errors
    /// What the service cannot do.
    pub async fn search(&self, name: &str) -> Result<Vec<Institution>, Fault> {
        let found = self.client.institutions_named(name, &Patience::new()).await;
        self.read(found).await
    }

    /// Reads the record of a bank; `None` where there is none of that id.
    ///
    /// # Errors
    /// What the service cannot do.
    pub async fn institution(&self, id: &str) -> Result<Option<Institution>, Fault> {
        match self.client.institution(id, &Patience::new()).await {
            Err(Error::NotFound { .. }) => Ok(None),
            read => self.read(read).await.map(Some),
        }
    }

    /// What is kept of a login.
    ///
    /// # Errors
    /// What the store cannot do.
    pub async fn kept(&self, id: &LoginId) -> Result<KeptLogin, Fault> {
        let (family, id) = (self.order.family.name.clone(), id.clone());
        let kept = self.desk.shelf.with(move |store| {
            Ok(store.login(&family, &id)?.unwrap_or_else(|| KeptLogin::new(id)))
        });
        kept.await
    }

    /// Keeps a login.
    ///
    /// # Errors
    /// What the store cannot do.
    pub async fn save(&self, login: &KeptLogin) -> Result<(), Fault> {
        refresh::save(&self.desk, &self.order.family.name, login).await
    }

    /// Takes up the job that a login has open, with what was just typed for that login; `None` where
    /// it has none.
    ///
    /// # Errors
    /// What [`Logins::open`] says.
    pub async fn answering(
        &self,
        login: &KeptLogin,
        typed: Option<&BankLogin>,
        whom: &str,
    ) -> Result<Option<Answering>, Fault> {
        let Some(job) = login.job.clone() else { return Ok(None) };
        let whom = whom.to_owned();
        let begun = Answering::begin(&self.desk, &self.order, login.clone(), job, whom).await?;
        Ok(Some(begun.after_typing(typed.map(BankLogin::secrets).unwrap_or_default())))
    }

    /// Sends a login name and password anew. What held the login back until its owner acted, does so
    /// no longer.
    ///
    /// # Errors
    /// They were refused, or whether they arrived is not known.
    pub async fn update(&self, login: &mut KeptLogin, data: &BankLogin) -> Result<(), Fault> {
        match self.client.update_login(&login.id, data).await {
            Ok(true) => {
                (login.blocked, login.login_refused, login.failed) = (None, 0, None);
                self.save(login).await
            }
            Ok(false) => Err(not_taken()),
            Err(error) if error.may_have_arrived() => Err(not_told(&error)),
            Err(error) => Err(self.failed(&error).await),
        }
    }

    /// Has the bank asked with a login, which shows whether it is good.
    ///
    /// # Errors
    /// What the service refuses, or the store cannot do.
    pub async fn verify(&self, login: &mut KeptLogin) -> Result<(), Fault> {
        login.refresh_tried = Some(self.desk.now());
        self.save(login).await?;
        match self.client.start_refresh(&login.id).await {
            Ok(job) => {
                login.job = job;
                self.save(login).await
            }
            Err(error) => Err(self.failed(&error).await),
        }
    }

    /// Deletes a login, with all that the service has of its accounts.
    ///
    /// # Errors
    /// It is still there.
    pub async fn delete(&self, login: &LoginId) -> Result<(), Fault> {
        let said = match self.client.delete_login(login).await {
            Ok(true) => None,
            Ok(false) => Some(not_deleted()),
            Err(error) if error.may_have_arrived() || matches!(error, Error::NotFound { .. }) => {
                Some(error.fault_of_command(&self.order.family.name))
            }
            Err(error) => return Err(self.failed(&error).await),
        };
        if let Some(fault) = said
            && self.stays(login).await?
        {
            return Err(fault);
        }
        self.forget(login).await
    }

    /// Forgets a login that is no more.
    pub(super) async fn forget(&self, login: &LoginId) -> Result<(), Fault> {
        let (family, login) = (self.order.family.name.clone(), login.clone());
        let forget = move |store: &mut crate::store::Store| {
            store.atomically(|store| store.forget_login(&family, &login))
        };
        self.desk.shelf.with(forget).await
    }

    /// Whether a login is still listed some time after it was to be deleted.
    async fn stays(&self, login: &LoginId) -> Result<bool, Fault> {
        let begun = Instant::now();
        loop {
            if self.listed().await?.iter().all(|listed| listed.id != *login) {
                return Ok(false);
            }
            if begun.elapsed() >= self.desk.pace.settle {
                return Ok(true);
            }
            let whom = format!("{}/{login}", self.order.family.name);
            self.pause(whom, begun.elapsed(), "its login is still listed").await;
        }
    }

    /// Waits until the service is asked the same again, and tells whoever watches for what.
    pub(super) async fn pause(&self, whom: String, waited: Duration, status: &str) {
        (self.desk.progress)(Step::Waiting { whom, waited, status: Some(status.to_owned()) });
        tokio::time::sleep(poll_wait(self.desk.settings.poll, waited)).await;
    }

    async fn read<T>(&self, read: Result<T, Error>) -> Result<T, Fault> {
        match read {
            Ok(read) => Ok(read),
            Err(error) => Err(self.failed(&error).await),
        }
    }

    /// What an error means. Credentials that the service refuses are kept as refused.
    pub(super) async fn failed(&self, error: &Error) -> Fault {
        if let (Error::Rejected { .. }, Ok(keys)) = (error, &self.order.keys) {
            let (family, print) = (self.order.family.name.clone(), keys.fingerprint.clone());
            let kept = self.desk.shelf.with(move |store| store.set_rejected(&family, Some(&print)));
            // What the store cannot keep now, it is told at the next request.
            let _ = kept.await;
        }
        error.fault_of_command(&self.order.family.name)
    }
}

fn not_taken() -> Fault {
    let message = "the service did not take the new login".to_owned();
    let help = "look at what the bank's form asks for, and run it again";
    fault(State::Failed, Exit::Trouble, message, help)
}

fn not_told(error: &Error) -> Fault {
    let message = format!("whether the service has the new login is not known: {error}");
    fault(State::Failed, Exit::Unavailable, message, "run it again: nothing is made twice by that")
}

fn not_deleted() -> Fault {
    let message = "the service did not delete the login".to_owned();
    fault(State::Failed, Exit::Trouble, message, "run it again, or delete it at sophtron.com")
}
