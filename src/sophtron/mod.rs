//! The service: signs requests, reads answers, tries reads again. What leaves this room is
//! `domain` values; no JSON and no HTTP does.
//!
//! A call goes this way: [`Client`] names it (`call`) and words the question; `transport` signs it
//! (`sign`), sends it and judges the status (`error`); `body` reads the answer within its bounds
//! (`clock`, [`Gate`]); `text` mends the bytes, `wire` finds the records in them, `convert` and
//! `job` (with `challenge`) read their values, `scrub` keeps what may be kept of their text;
//! `retry` says whether and when to try again. What the owner tells a bank is worded by `reply`.

mod body;
mod broken;
mod call;
mod challenge;
mod clock;
mod convert;
mod error;
mod institution;
mod job;
mod logins;
mod reply;
mod retry;
mod scrub;
mod sign;
mod text;
mod transport;
mod wire;

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde_json::json;

pub use body::Gate;
pub use clock::Phase;
pub use error::{Broken, Error};
pub use retry::{Pace, Patience};

use crate::domain::{
    AccountId, Credentials, Day, Job, JobId, LoginId, ReceivedAccount, ReceivedLogin, ReceivedRow,
    Reply,
};
use call::Call;
use retry::Next;
use sign::Signer;
use transport::Transport;
use wire::Misfit;

/// Asked before each request: whether the budget allows it.
pub type Permit = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// One family's access to the service. It has no `Debug`: it holds the family's credentials.
///
/// Every call that gives an error gives one of [`Error`], whose documentation says when.
pub struct Client {
    transport: Transport,
    signer: Signer,
    // Held for one draw, never over an await.
    jitter: Mutex<fastrand::Rng>,
}

impl Client {
    /// Prepares the access; asks nothing yet.
    ///
    /// The address is the one up to and with `/api`: `https`, or `http` on this machine.
    ///
    /// # Errors
    /// [`Error::Address`] for another address, [`Error::Credentials`] for credentials that cannot
    /// sign, [`Error::NoRoots`] where the system has no root certificates.
    pub fn new(
        base_url: &str,
        credentials: Credentials,
        gate: Arc<Gate>,
        pace: Pace,
    ) -> Result<Self, Error> {
        let signer = Signer::new(credentials)?;
        let jitter = Mutex::new(fastrand::Rng::with_seed(pace.seed));
        Ok(Self { transport: Transport::new(base_url, gate, pace)?, signer, jitter })
    }

    /// Asks before each request whether it may be sent, and so counts it.
    #[must_use]
    pub fn with_permit(mut self, permit: Permit) -> Self {
        self.transport.permit = Some(permit);
        self
    }

    /// How many requests were sent since the client was made, every try counted.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.transport.calls()
    }

    /// What the service's clock said at its last answer, to the second; `None` before the first one,
    /// and where the service does not tell.
    #[must_use]
    pub fn service_time(&self) -> Option<DateTime<Utc>> {
        self.transport.time().map(DateTime::from)
    }

    /// Asks whether the credentials are good. Only the status of the answer counts, since its body
    /// is a word, a quoted word, or empty.
    ///
    /// # Errors
    /// [`Error::Rejected`] where they are not.
    pub async fn check_credentials(&self) -> Result<(), Error> {
        let (patience, mut tried) = (Patience::new(), 0);
        loop {
            match self.transport.send(Call::HealthCheck, &self.signer, "").await {
                Ok(_) => return Ok(()),
                // Whose health may not be asked for, may ask for nothing.
                Err(Error::Forbidden { asked }) => {
                    return Err(Error::Rejected { asked, status: 403 });
                }
                Err(error) => self.wait_after(error, &mut tried, &patience).await?,
            }
        }
    }

    /// Reads the list of logins behind the credentials.
    ///
    /// # Errors
    /// [`Error`]; an empty list is none.
    pub async fn logins(&self, patience: &Patience) -> Result<Vec<ReceivedLogin>, Error> {
        let question = json!({ "UserID": self.signer.user_id() }).to_string();
        self.read(Call::Logins, &question, patience, convert::logins).await
    }

    /// Reads the name of a bank, which its logins do not tell; `None` where it has none.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown id, and the others of [`Error`].
    pub async fn institution_name(
        &self,
        institution_id: &str,
        patience: &Patience,
    ) -> Result<Option<String>, Error> {
        let question = json!({ "InstitutionID": institution_id }).to_string();
        let name = |text: &str| convert::institution_name(text, institution_id);
        self.read(Call::Institution, &question, patience, name).await
    }

    /// Reads the list of a login's accounts. That they are this login's is not checked here.
    ///
    /// # Errors
    /// [`Error`]; an empty list is none.
    pub async fn accounts(
        &self,
        login: &LoginId,
        patience: &Patience,
    ) -> Result<Vec<ReceivedAccount>, Error> {
        let question = json!({ "UserInstitutionID": login.as_str() }).to_string();
        self.read(Call::Accounts, &question, patience, convert::accounts).await
    }

    /// Reads an account's transactions from one day to another, in the order of the answer. Both
    /// bounds are sent as civil dates; what the service makes of them is not checked here, nor that
    /// the rows are this account's.
    ///
    /// # Errors
    /// [`Error`]; an empty list is none.
    pub async fn rows(
        &self,
        account: &AccountId,
        from: Day,
        until: Day,
        patience: &Patience,
    ) -> Result<Vec<ReceivedRow>, Error> {
        let question = json!({
            "AccountID": account.as_str(),
            "StartDate": from.format("%Y-%m-%d").to_string(),
            "EndDate": until.format("%Y-%m-%d").to_string(),
        });
        self.read(Call::Rows, &question.to_string(), patience, convert::rows).await
    }

    /// Asks for a refresh of a login: the bank is visited for new data. Never tried again, since a
    /// lost answer does not mean a lost job.
    ///
    /// `None` where the service took it but named no job: whether one runs is unclear.
    ///
    /// # Errors
    /// [`Error`]; after [`Error::Unreachable`] and [`Error::TimedOut`] a job may run all the same.
    pub async fn start_refresh(&self, login: &LoginId) -> Result<Option<JobId>, Error> {
        let question = json!({ "UserInstitutionID": login.as_str() }).to_string();
        self.once(Call::StartRefresh, &question, convert::started).await
    }

    /// Looks at a job once. What its bank says in it is left out where it repeats the key pair.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a job that is not known (yet, or any more), and the others of
    /// [`Error`].
    pub async fn job(&self, job: &JobId, patience: &Patience) -> Result<Job, Error> {
        let question = json!({ "JobID": job.as_str() }).to_string();
        let read = |text: &str| job::job(text, job);
        let read = self.read(Call::Job, &question, patience, read).await?;
        let said = read.said.filter(|said| !self.signer.is_repeated_in(said));
        Ok(Job { said, ..read })
    }

    /// Tells the bank what its owner answers; says whether the service took it. Never sent again:
    /// a bank counts each try.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a job that is not known any more, and the others of [`Error`]; after
    /// one of which [`Error::may_have_arrived`], the bank may have heard it all the same.
    pub async fn answer(&self, job: &JobId, reply: &Reply) -> Result<bool, Error> {
        let (calls, body) = reply::worded(job, reply);
        let mut ended = Err(Error::NotFound { asked: calls[0].words() });
        for call in calls {
            ended = self.once(*call, &body, reply::taken).await;
            if !matches!(ended, Err(Error::NotFound { .. })) {
                break;
            }
        }
        ended
    }

    /// Asks and reads the answer, trying again where that may help.
    async fn read<T>(
        &self,
        call: Call,
        question: &str,
        patience: &Patience,
        read: impl Fn(&str) -> Result<T, Misfit>,
    ) -> Result<T, Error> {
        let mut tried = 0;
        loop {
            match self.once(call, question, &read).await {
                Ok(values) => return Ok(values),
                Err(error) => self.wait_after(error, &mut tried, patience).await?,
            }
        }
    }

    /// Asks once and reads the answer. Its place at the gate is given back once it is read.
    async fn once<T>(
        &self,
        call: Call,
        question: &str,
        read: impl Fn(&str) -> Result<T, Misfit>,
    ) -> Result<T, Error> {
        let incoming = match self.transport.send(call, &self.signer, question).await {
            Err(Error::Forbidden { asked }) => return Err(self.forbidden(asked).await),
            sent => sent?,
        };
        let content_type = incoming.content_type();
        let mut body = incoming.read(&self.transport.gate).await?;
        text::readable(&mut body.bytes).and_then(read).map_err(|misfit| Error::Malformed {
            asked: call.words(),
            came: misfit.words(&content_type, &body.bytes),
        })
    }

    /// What a forbidden question means: it is no wrong key as long as another one is answered.
    async fn forbidden(&self, asked: &'static str) -> Error {
        if self.transport.is_answered() {
            return Error::Forbidden { asked };
        }
        match self.transport.send(Call::HealthCheck, &self.signer, "").await {
            Err(Error::Forbidden { .. } | Error::Rejected { .. }) => {
                self.transport.refuse();
                Error::Rejected { asked, status: 403 }
            }
            _ => Error::Forbidden { asked },
        }
    }

    /// Waits for the next try of a plain read, or gives the error back where there is none.
    async fn wait_after(
        &self,
        error: Error,
        tried: &mut u32,
        patience: &Patience,
    ) -> Result<(), Error> {
        *tried += 1;
        let pace = &self.transport.pace;
        match retry::next(&error, *tried, patience.is_spent(), pace, self.percent()) {
            Next::After(wait) => {
                tokio::time::sleep(wait).await;
                Ok(())
            }
            Next::Stop => Err(error),
            Next::Spent => {
                patience.spend();
                Err(error)
            }
        }
    }

    /// The jitter of one wait: a quarter up or down.
    fn percent(&self) -> u32 {
        self.jitter.lock().unwrap_or_else(PoisonError::into_inner).u32(75..=125)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_send<T: Send>(_: T) {}

    /// Families and logins are asked side by side, on several threads.
    #[test]
    fn calls_may_move_between_threads() {
        let pair = Credentials::new(
            "user".to_owned().into(),
            "AAECAwQFBgcICQoLDA0ODw==".to_owned().into(),
        );
        let client = Client::new("http://127.0.0.1:9/api", pair, Gate::new(), Pace::quick());
        let Ok(client) = client else { panic!("good address, good key") };
        let patience = Patience::new();
        let (login, account, job) = (LoginId::new("l"), AccountId::new("a"), JobId::new("j"));
        assert_send(client.check_credentials());
        assert_send(client.logins(&patience));
        assert_send(client.institution_name("i", &patience));
        assert_send(client.accounts(&login, &patience));
        assert_send(client.rows(&account, Day::MIN, Day::MAX, &patience));
        assert_send(client.start_refresh(&login));
        assert_send(client.job(&job, &patience));
        assert_send(client.institutions_named("n", &patience));
        assert_send(client.retry_login(&login));
        assert_send(client.answer(&job, &Reply::Done));
        assert_eq!(client.calls(), 0);
    }
}
