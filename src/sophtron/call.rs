//! The calls of the service's V1 interface that are made, and what the owner calls them.

use reqwest::Method;

use crate::domain::HistoryDepth;

/// One call. Every answer is judged by the call that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    HealthCheck,
    Logins,
    Institution,
    InstitutionsNamed,
    CreateLogin(HistoryDepth),
    UpdateLogin,
    RetryLogin,
    DeleteLogin,
    Accounts,
    Rows,
    StartRefresh,
    Job,
    SecurityAnswer,
    TokenInput,
    /// The name that the help page has for an answer to a picture.
    CaptchaInput,
    /// The name that the service's own samples have for it.
    Captcha,
}

impl Call {
    /// The path below the base address, spelt as on the service's help pages.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::HealthCheck => "/Institution/HealthCheckAuth",
            Self::Logins => "/UserInstitution/GetUserInstitutionsByUser",
            Self::Institution => "/Institution/GetInstitutionByID",
            Self::InstitutionsNamed => "/Institution/GetInstitutionByName",
            Self::CreateLogin(HistoryDepth::Shallow) => "/UserInstitution/CreateUserInstitution",
            Self::CreateLogin(HistoryDepth::Transactions) => {
                "/UserInstitution/CreateUserInstitutionWithRefresh"
            }
            Self::CreateLogin(HistoryDepth::Full) => {
                "/UserInstitution/CreateUserInstitutionWithFullHistory"
            }
            Self::UpdateLogin => "/UserInstitution/UpdateUserInstitution",
            Self::RetryLogin => "/UserInstitution/RetryAddingUserInstitution",
            Self::DeleteLogin => "/UserInstitution/DeleteUserInstitution",
            Self::Accounts => "/UserInstitution/GetUserInstitutionAccounts",
            Self::Rows => "/Transaction/GetTransactionsByTransactionDate",
            Self::StartRefresh => "/UserInstitution/RefreshUserInstitution",
            Self::Job => "/Job/GetJobInformationByID",
            Self::SecurityAnswer => "/Job/UpdateJobSecurityAnswer",
            Self::TokenInput => "/Job/UpdateJobTokenInput",
            Self::CaptchaInput => "/Job/UpdateJobCaptchaInput",
            Self::Captcha => "/Job/UpdateJobCaptcha",
        }
    }

    /// V1 takes everything by POST but the health check.
    pub(super) fn method(self) -> Method {
        if self == Self::HealthCheck { Method::GET } else { Method::POST }
    }

    /// What was asked for, as it reads after "when asked for".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::HealthCheck => "a check of the credentials",
            Self::Logins => "the list of logins",
            Self::Institution => "the record of a bank",
            Self::InstitutionsNamed => "banks of that name",
            Self::CreateLogin(_) => "a new login",
            Self::UpdateLogin => "a change of a login",
            Self::RetryLogin => "another try of a login",
            Self::DeleteLogin => "the end of a login",
            Self::Accounts => "the list of accounts",
            Self::Rows => "the list of transactions",
            Self::StartRefresh => "a refresh",
            Self::Job => "the state of a refresh",
            Self::SecurityAnswer | Self::TokenInput | Self::CaptchaInput | Self::Captcha => {
                "whether an answer to the bank is taken"
            }
        }
    }

    /// The keys under which a list may come wrapped, in lower case; none for a call that answers
    /// one object. No help page knows a wrapper, but other clients of the service accept one.
    pub(super) fn wrappers(self) -> &'static [&'static str] {
        match self {
            Self::Logins => &["userinstitutions", "institutions"],
            Self::InstitutionsNamed => &["institutions"],
            Self::Accounts => &["accounts"],
            Self::Rows => &["transactions"],
            Self::HealthCheck
            | Self::Institution
            | Self::CreateLogin(_)
            | Self::UpdateLogin
            | Self::RetryLogin
            | Self::DeleteLogin
            | Self::StartRefresh
            | Self::Job
            | Self::SecurityAnswer
            | Self::TokenInput
            | Self::CaptchaInput
            | Self::Captcha => &[],
        }
    }
}
