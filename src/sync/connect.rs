//! Connecting a bank: one login comes of it, however often that is tried and wherever it breaks off.
//!
//! The service makes a new login for each request, and an answer may be lost. So before the request
//! leaves, the store keeps the bank and the logins that there were; whatever happens, the next try
//! looks first for a login of that bank that was not there before, and takes that one up.

use tokio::time::Instant;

use super::logins::Logins;
use super::outcome::fault;
use crate::domain::{
    BankLogin, Connecting, Exit, Fault, HistoryDepth, Institution, JobId, KeptLogin, LoginId, Name,
    ReceivedAccount, ReceivedLogin, State,
};
use crate::sophtron::{Error, Patience};

/// A bank that a family connects.
#[derive(Clone, Copy)]
pub struct Connection<'a> {
    /// The family's logins.
    pub logins: &'a Logins,
    /// The bank.
    pub institution: &'a Institution,
}

/// How a bank stands with a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// No login there is known.
    Free,
    /// There are these logins already.
    Connected(Vec<LoginId>),
    /// A connection was begun, and its job is open.
    UnderWay(KeptLogin),
    /// A connection was begun, and the bank refused the login: it waits for a better one.
    Refused(KeptLogin),
    /// A connection was begun, and the bank was through with it.
    Through(KeptLogin),
}

impl Connection<'_> {
    /// Whether a connection to the bank was begun that is not through.
    ///
    /// # Errors
    /// What the store cannot do.
    pub async fn is_begun(&self) -> Result<bool, Fault> {
        Ok(self.begun().await?.is_some())
    }

    /// Looks how the bank stands. A connection that was begun is looked for among the logins, and
    /// its job is started again where none is known.
    ///
    /// # Errors
    /// What the service or the store cannot do.
    pub async fn standing(&self) -> Result<Standing, Fault> {
        let Some(begun) = self.begun().await? else { return self.listed().await };
        let Some(login) = self.look_for(&begun).await? else {
            // Long enough after it was asked for, what is not listed never came to be.
            self.end().await?;
            return self.listed().await;
        };
        let login = self.kept(login).await?;
        if login.job.is_some() {
            return Ok(Standing::UnderWay(login));
        }
        if login.login_refused > 0 {
            return Ok(Standing::Refused(login));
        }
        if !self.logins.accounts_of(&login.id).await?.is_empty() {
            return Ok(Standing::Through(login));
        }
        match self.logins.client.retry_login(&login.id).await {
            // It was deleted elsewhere.
            Err(Error::NotFound { .. }) => {
                self.logins.forget(&login.id).await?;
                self.listed().await
            }
            retried => self.started(login, retried).await.map(Standing::UnderWay),
        }
    }

    /// Asks for a new login.
    ///
    /// # Errors
    /// It was refused; or whether it was made is not known, which the next look tells.
    pub async fn create(&self, depth: HistoryDepth, data: &BankLogin) -> Result<KeptLogin, Fault> {
        let begun = self.begin().await?;
        let bank = &self.institution.name;
        match self.logins.client.create_login(&self.institution.id, depth, data).await {
            Ok(Some(made)) => {
                let mut login = self.kept(made.id).await?;
                login.job = made.job;
                login.refresh_tried = Some(self.logins.desk.now());
                self.logins.save(&login).await?;
                if login.job.is_some() { Ok(login) } else { self.start_again(login).await }
            }
            Ok(None) => {
                self.end().await?;
                Err(not_made(bank))
            }
            Err(error) if error.may_have_arrived() => match self.look_for(&begun).await? {
                Some(id) => self.start_again(self.kept(id).await?).await,
                None => Err(unclear(bank, &error)),
            },
            Err(error) => {
                self.end().await?;
                Err(self.logins.failed(&error).await)
            }
        }
    }

    /// Has a login tried again that was begun.
    ///
    /// # Errors
    /// What the service refuses, or the store cannot do.
    pub async fn start_again(&self, login: KeptLogin) -> Result<KeptLogin, Fault> {
        let retried = self.logins.client.retry_login(&login.id).await;
        self.started(login, retried).await
    }

    async fn started(
        &self,
        mut login: KeptLogin,
        retried: Result<Option<JobId>, Error>,
    ) -> Result<KeptLogin, Fault> {
        match retried {
            Ok(Some(job)) => {
                login.job = Some(job);
                login.refresh_tried = Some(self.logins.desk.now());
                self.logins.save(&login).await?;
                Ok(login)
            }
            Ok(None) => Err(no_job(&self.institution.name)),
            Err(error) => Err(self.logins.failed(&error).await),
        }
    }

    /// Reads the accounts of a login whose job is done. For a while they may not be seen yet.
    ///
    /// # Errors
    /// What the service cannot do.
    pub async fn accounts(&self, login: &LoginId) -> Result<Vec<ReceivedAccount>, Fault> {
        let begun = Instant::now();
        loop {
            let read = self.logins.client.accounts(login, &Patience::new()).await;
            let waits = begun.elapsed() < self.logins.desk.pace.settle;
            match read {
                Ok(accounts) if accounts.is_empty() && waits => {}
                Ok(accounts) => return Ok(accounts),
                Err(Error::NotFound { .. }) if waits => {}
                Err(error) => return Err(self.logins.failed(&error).await),
            }
            let whom = self.institution.name.clone();
            self.logins.pause(whom, begun.elapsed(), "its accounts are not listed yet").await;
        }
    }

    /// The connection is through, or came to nothing.
    ///
    /// # Errors
    /// What the store cannot do.
    pub async fn end(&self) -> Result<(), Fault> {
        let (family, bank) = self.names();
        self.logins.desk.shelf.with(move |store| store.end_connecting(&family, &bank)).await
    }

    async fn begun(&self) -> Result<Option<Connecting>, Fault> {
        let (family, bank) = self.names();
        self.logins.desk.shelf.with(move |store| store.connecting(&family, &bank)).await
    }

    /// Keeps that a login is about to be asked for.
    async fn begin(&self) -> Result<Connecting, Fault> {
        let listed = self.logins.listed().await?;
        let ((family, bank), now) = (self.names(), self.logins.desk.now());
        let begun = self.logins.desk.shelf.with(move |store| {
            store.atomically(|store| {
                // A list may lack a login for a while that the store knows.
                let mut known = store.login_ids(&family)?;
                known.extend(listed.into_iter().map(|login| login.id));
                let begins = store.begin_connecting(&family, &bank, now, &known)?;
                Ok(if begins { store.connecting(&family, &bank)? } else { None })
            })
        });
        begun.await?.ok_or_else(|| busy(&self.institution.name))
    }

    /// The logins at the bank, where none was begun: those that are listed, and those that are known
    /// and still there, since a list may lack some for a while.
    async fn listed(&self) -> Result<Standing, Fault> {
        let is_here = |bank: Option<&str>| bank == Some(self.institution.id.as_str());
        let listed = self.logins.listed().await?.into_iter();
        let listed = listed.filter(|login| is_here(login.institution_id.as_deref()));
        let mut here: Vec<LoginId> = listed.map(|login| login.id).collect();
        let (family, _) = self.names();
        let known = self.logins.desk.shelf.with(move |store| store.logins(&family)).await?;
        for login in known.iter().filter(|login| is_here(login.institution_id.as_deref())) {
            if !here.contains(&login.id) && self.logins.exists(&login.id).await? {
                here.push(login.id.clone());
            }
        }
        Ok(if here.is_empty() { Standing::Free } else { Standing::Connected(here) })
    }

    /// Looks for the login that came of a connection, until it would be listed by now.
    async fn look_for(&self, begun: &Connecting) -> Result<Option<LoginId>, Fault> {
        // Nothing where the clock was set back since.
        let age = (self.logins.desk.now() - begun.begun).to_std().unwrap_or_default();
        let started = Instant::now();
        if let Some(known) = &begun.login
            && self.logins.exists(known).await?
        {
            return Ok(Some(known.clone()));
        }
        loop {
            match came_of(begun, &self.logins.listed().await?).as_slice() {
                [] => {}
                [one] => return Ok(Some(one.clone())),
                _ => return Err(several(&self.institution.name, &self.logins.order.family.name)),
            }
            let waited = age.saturating_add(started.elapsed());
            if waited >= self.logins.desk.pace.settle {
                return Ok(None);
            }
            let whom = self.institution.name.clone();
            self.logins.pause(whom, waited, "its login is looked for").await;
        }
    }

    /// The record of the login that came of the connection.
    async fn kept(&self, id: LoginId) -> Result<KeptLogin, Fault> {
        let ((family, bank), name) = (self.names(), self.institution.name.clone());
        let kept = self.logins.desk.shelf.with(move |store| {
            store.atomically(|store| {
                store.save_connecting_login(&family, &bank, &id)?;
                let mut login = store.login(&family, &id)?.unwrap_or_else(|| KeptLogin::new(id));
                (login.institution_id, login.institution) = (Some(bank), Some(name));
                store.save_login(&family, &login)?;
                Ok(login)
            })
        });
        kept.await
    }

    fn names(&self) -> (Name, String) {
        (self.logins.order.family.name.clone(), self.institution.id.clone())
    }
}

/// The listed logins that may have come of a connection.
fn came_of(begun: &Connecting, listed: &[ReceivedLogin]) -> Vec<LoginId> {
    let is_new = |login: &ReceivedLogin| {
        let bank = login.institution_id.as_deref();
        bank.is_none_or(|id| id == begun.institution_id) && !begun.known.contains(&login.id)
    };
    let is_it = |login: &&ReceivedLogin| {
        let known = begun.login.as_ref();
        known.map_or_else(|| is_new(login), |known| login.id == *known)
    };
    listed.iter().filter(is_it).map(|login| login.id.clone()).collect()
}

fn not_made(bank: &str) -> Fault {
    let message = format!("the service did not connect {bank}: it refused what was typed");
    let help = "nothing was connected; look at what the bank's form asks for, and run it again";
    fault(State::Failed, Exit::Trouble, message, help)
}

fn unclear(bank: &str, error: &Error) -> Fault {
    let message = format!("whether {bank} was connected is not known: {error}");
    let help =
        "run it again in a few minutes: it looks for the new login before it makes another one";
    fault(State::Failed, Exit::Unavailable, message, help)
}

fn no_job(bank: &str) -> Fault {
    let message = format!("{bank} is connected, but the service does not say how far that is");
    let help = "run it again in a few minutes";
    fault(State::Failed, Exit::Unavailable, message, help)
}

fn busy(bank: &str) -> Fault {
    let message = format!("{bank} is being connected at this moment");
    fault(State::Failed, Exit::TryLater, message, "wait until that has ended, then run it again")
}

fn several(bank: &str, family: &Name) -> Fault {
    let message = format!(
        "a connection to {bank} was begun, and several logins there are new: which one came of it is not known"
    );
    let help = format!(
        "`sophtron-sync accounts {family}` lists them; disconnect what you do not want, or go on with one of them by --update"
    );
    fault(State::Failed, Exit::Trouble, message, &help)
}
