//! A bank as the service knows it, what its login form asks, and what the owner gives it.

use secrecy::SecretString;

use super::{JobId, LoginId};

/// A bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    /// `InstitutionID`, in lower case.
    pub id: String,
    /// `InstitutionName`.
    pub name: String,
    /// What its login form asks, where its record tells.
    pub form: Option<LoginForm>,
}

/// What a bank's login form asks, each by the label that the bank has for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginForm {
    /// The label of the login name.
    pub user_name: String,
    /// The label of the password; none where the bank asks for none.
    pub password: Option<String>,
    /// What it asks besides.
    pub more: Vec<FormField>,
}

impl Default for LoginForm {
    fn default() -> Self {
        let password = Some("Password".to_owned());
        Self { user_name: "User name".to_owned(), password, more: Vec::new() }
    }
}

/// A further field of a login form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// What it is; none where the service has no place for it.
    pub part: Option<FormPart>,
    /// Its label.
    pub label: String,
    /// Whether it may be left empty.
    pub optional: bool,
}

/// What the service takes besides login name and password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormPart {
    /// `PIN`.
    Pin,
    /// `CompanyID`.
    Company,
}

/// A login form as the owner filled it in. It is kept in no store and written to no log.
#[derive(Debug, Clone)]
pub struct BankLogin {
    /// The login name.
    pub user_name: SecretString,
    /// The password; none where the bank asks for none.
    pub password: Option<SecretString>,
    /// The personal number.
    pub pin: Option<SecretString>,
    /// The company's number.
    pub company: Option<SecretString>,
}

impl BankLogin {
    /// All that was filled in.
    #[must_use]
    pub fn secrets(&self) -> Vec<SecretString> {
        let more = [&self.password, &self.pin, &self.company].into_iter().flatten();
        std::iter::once(&self.user_name).chain(more).cloned().collect()
    }
}

/// How much history a new login brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryDepth {
    /// Accounts and balances.
    Shallow,
    /// Recent transactions too.
    Transactions,
    /// As far back as the bank goes, which takes longer.
    Full,
}

/// A login that the service has just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLogin {
    /// Its id.
    pub id: LoginId,
    /// The job that verifies it, where one was named.
    pub job: Option<JobId>,
}

/// A bank that is being connected: kept from before the request leaves until the bank is through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connecting {
    /// The bank.
    pub institution_id: String,
    /// When it was begun.
    pub begun: chrono::DateTime<chrono::Utc>,
    /// The logins that were known before.
    pub known: Vec<LoginId>,
    /// The login that came of it, once that is known.
    pub login: Option<LoginId>,
}
