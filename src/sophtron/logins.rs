//! Logins at banks: found, made, changed, tried again, deleted. What changes something is sent once.

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::json;

use super::call::Call;
use super::{Client, Error, Patience, convert, institution, reply};
use crate::domain::{BankLogin, HistoryDepth, Institution, JobId, LoginId, NewLogin};

/// A filled login form on its way to the service.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Filled<'a> {
    #[serde(rename = "UserID", skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(rename = "InstitutionID", skip_serializing_if = "Option::is_none")]
    institution: Option<&'a str>,
    #[serde(rename = "UserInstitutionID", skip_serializing_if = "Option::is_none")]
    login: Option<&'a str>,
    user_name: &'a str,
    password: &'a str,
    #[serde(rename = "PIN", skip_serializing_if = "Option::is_none")]
    pin: Option<&'a str>,
    #[serde(rename = "CompanyID", skip_serializing_if = "Option::is_none")]
    company: Option<&'a str>,
}

impl<'a> Filled<'a> {
    fn of(data: &'a BankLogin) -> Self {
        let text =
            |secret: &'a Option<SecretString>| secret.as_ref().map(ExposeSecret::expose_secret);
        Self {
            user: None,
            institution: None,
            login: None,
            user_name: data.user_name.expose_secret(),
            password: text(&data.password).unwrap_or_default(),
            pin: text(&data.pin),
            company: text(&data.company),
        }
    }

    /// How much memory its texts take.
    fn length(&self) -> usize {
        let more = [self.pin, self.company].into_iter().flatten().map(str::len).sum::<usize>();
        self.user_name.len() + self.password.len() + more
    }
}

impl Client {
    /// Searches banks by their names.
    ///
    /// # Errors
    /// [`Error`]; an empty list is none.
    pub async fn institutions_named(
        &self,
        name: &str,
        patience: &Patience,
    ) -> Result<Vec<Institution>, Error> {
        let question = json!({ "InstitutionName": name }).to_string();
        self.read(Call::InstitutionsNamed, &question, patience, institution::institutions).await
    }

    /// Reads the record of a bank.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown id, and the others of [`Error`].
    pub async fn institution(&self, id: &str, patience: &Patience) -> Result<Institution, Error> {
        let question = json!({ "InstitutionID": id }).to_string();
        let read = |text: &str| institution::institution(text, id);
        self.read(Call::Institution, &question, patience, read).await
    }

    /// Asks for a new login at a bank; `None` where the service refused it.
    ///
    /// # Errors
    /// [`Error`]; after one of which [`Error::may_have_arrived`], the login may have been made.
    pub async fn create_login(
        &self,
        institution_id: &str,
        depth: HistoryDepth,
        data: &BankLogin,
    ) -> Result<Option<NewLogin>, Error> {
        let (user, institution) = (Some(self.signer.user_id()), Some(institution_id));
        let filled = Filled { user, institution, ..Filled::of(data) };
        let question = reply::json(&filled, filled.length());
        self.once(Call::CreateLogin(depth), &question, institution::created).await
    }

    /// Gives a login another name and password; says whether the service took them.
    ///
    /// # Errors
    /// [`Error`]; after one of which [`Error::may_have_arrived`], it may have taken them.
    pub async fn update_login(&self, login: &LoginId, data: &BankLogin) -> Result<bool, Error> {
        let filled = Filled { login: Some(login.as_str()), ..Filled::of(data) };
        let question = reply::json(&filled, filled.length());
        self.once(Call::UpdateLogin, &question, reply::taken).await
    }

    /// Has a login that was begun tried again; `None` where the service names no job.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn retry_login(&self, login: &LoginId) -> Result<Option<JobId>, Error> {
        let question = json!({ "UserInstitutionID": login.as_str() }).to_string();
        self.once(Call::RetryLogin, &question, convert::started).await
    }

    /// Deletes a login with all that the service has of it; says whether the service did.
    ///
    /// # Errors
    /// [`Error`]; after one of which [`Error::may_have_arrived`], it may be gone.
    pub async fn delete_login(&self, login: &LoginId) -> Result<bool, Error> {
        let question = json!({ "UserInstitutionID": login.as_str() }).to_string();
        self.once(Call::DeleteLogin, &question, reply::taken).await
    }
}
