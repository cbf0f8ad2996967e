//! Which endpoint a path is, and what a call of it must bring.

use super::branch::Depth;

/// An endpoint of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `Institution/HealthCheckAuth`
    HealthCheck,
    /// `Institution/GetInstitutionByName`
    InstitutionByName,
    /// `Institution/GetInstitutionByID`
    InstitutionById,
    /// `Institution/GetInstitutionsByUser`
    Institutions,
    /// `UserInstitution/GetUserInstitutionsByUser`
    Logins,
    /// `UserInstitution/GetUserInstitutionByID`
    Login,
    /// `UserInstitution/GetUserInstitutionAccounts`
    Accounts,
    /// `UserInstitutionAccount/GetUserInstitutionAccountByID`
    Account,
    /// `UserInstitution/RefreshUserInstitution`
    RefreshLogin,
    /// `UserInstitutionAccount/RefreshUserInstitutionAccount`
    RefreshAccount,
    /// `UserInstitution/CreateUserInstitution`
    Create,
    /// `UserInstitution/CreateUserInstitutionWithRefresh`
    CreateWithRefresh,
    /// `UserInstitution/CreateUserInstitutionWithFullHistory`
    CreateWithFullHistory,
    /// `UserInstitution/UpdateUserInstitution`
    UpdateLogin,
    /// `UserInstitution/RetryAddingUserInstitution`
    RetryLogin,
    /// `UserInstitution/DeleteUserInstitution`
    DeleteLogin,
    /// `Job/GetJobInformationByID`
    Job,
    /// `Job/UpdateJobSecurityAnswer`
    SecurityAnswer,
    /// `Job/UpdateJobTokenInput`
    TokenInput,
    /// `Job/UpdateJobCaptchaInput`, or `Job/UpdateJobCaptcha`
    CaptchaInput,
    /// `Transaction/GetTransactionsByTransactionDate`
    Transactions,
    /// Any endpoint that changes something and that nothing here may call.
    Forbidden,
}

/// What the creation of a login must bring.
const NEW_LOGIN: &[&str] = &["UserID", "InstitutionID", "UserName"];

/// Path below `/api/` in lower case, endpoint, and the properties that a call must bring.
const SERVED: [(&str, Endpoint, &[&str]); 22] = [
    ("institution/healthcheckauth", Endpoint::HealthCheck, &[]),
    ("institution/getinstitutionbyname", Endpoint::InstitutionByName, &["InstitutionName"]),
    ("institution/getinstitutionbyid", Endpoint::InstitutionById, &["InstitutionID"]),
    ("institution/getinstitutionsbyuser", Endpoint::Institutions, &["UserID"]),
    ("userinstitution/getuserinstitutionsbyuser", Endpoint::Logins, &["UserID"]),
    ("userinstitution/getuserinstitutionbyid", Endpoint::Login, &["UserInstitutionID"]),
    ("userinstitution/getuserinstitutionaccounts", Endpoint::Accounts, &["UserInstitutionID"]),
    ("userinstitutionaccount/getuserinstitutionaccountbyid", Endpoint::Account, &["AccountID"]),
    ("userinstitution/refreshuserinstitution", Endpoint::RefreshLogin, &["UserInstitutionID"]),
    (
        "userinstitutionaccount/refreshuserinstitutionaccount",
        Endpoint::RefreshAccount,
        &["AccountID"],
    ),
    ("userinstitution/createuserinstitution", Endpoint::Create, NEW_LOGIN),
    ("userinstitution/createuserinstitutionwithrefresh", Endpoint::CreateWithRefresh, NEW_LOGIN),
    (
        "userinstitution/createuserinstitutionwithfullhistory",
        Endpoint::CreateWithFullHistory,
        NEW_LOGIN,
    ),
    ("userinstitution/updateuserinstitution", Endpoint::UpdateLogin, &["UserInstitutionID"]),
    ("userinstitution/retryaddinguserinstitution", Endpoint::RetryLogin, &["UserInstitutionID"]),
    ("userinstitution/deleteuserinstitution", Endpoint::DeleteLogin, &["UserInstitutionID"]),
    ("job/getjobinformationbyid", Endpoint::Job, &["JobID"]),
    ("job/updatejobsecurityanswer", Endpoint::SecurityAnswer, &[]),
    ("job/updatejobtokeninput", Endpoint::TokenInput, &[]),
    ("job/updatejobcaptchainput", Endpoint::CaptchaInput, &[]),
    ("job/updatejobcaptcha", Endpoint::CaptchaInput, &[]),
    (
        "transaction/gettransactionsbytransactiondate",
        Endpoint::Transactions,
        &["AccountID", "StartDate", "EndDate"],
    ),
];

/// The beginnings of methods that change something.
const WRITING: [&str; 6] = ["create", "update", "delete", "add", "retry", "refresh"];

impl Endpoint {
    /// The endpoint of a path. Case does not matter, nor does a slash too many.
    pub fn of(path: &str) -> Option<Self> {
        let path = path.to_lowercase();
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let (api, rest) = segments.split_first()?;
        let rest = if *api == "api" { rest.join("/") } else { return None };
        let served = SERVED.iter().find(|(path, ..)| *path == rest);
        let writes = || {
            let method = rest.rsplit('/').next().unwrap_or_default();
            WRITING.iter().any(|start| method.starts_with(start)).then_some(Self::Forbidden)
        };
        served.map(|(_, endpoint, _)| *endpoint).or_else(writes)
    }

    /// The properties that a call must bring.
    pub fn required(self) -> &'static [&'static str] {
        SERVED.iter().find(|(_, endpoint, _)| *endpoint == self).map_or(&[], |(.., keys)| keys)
    }

    /// Its controller, in lower case, such as `transaction`.
    pub fn controller(self) -> &'static str {
        let served = SERVED.iter().find(|(_, endpoint, _)| *endpoint == self);
        served.and_then(|(path, ..)| path.split('/').next()).unwrap_or_default()
    }

    /// Whether it answers a question of a bank.
    pub fn answers(self) -> bool {
        matches!(self, Self::SecurityAnswer | Self::TokenInput | Self::CaptchaInput)
    }

    /// Whether it starts or changes something.
    pub fn writes(self) -> bool {
        matches!(self, Self::RefreshLogin | Self::RefreshAccount | Self::Forbidden)
            || self.connects()
    }

    /// Whether it connects a bank, or changes or ends what connects it.
    pub fn connects(self) -> bool {
        self.depth().is_some()
            || matches!(self, Self::UpdateLogin | Self::RetryLogin | Self::DeleteLogin)
    }

    /// How much a new login brings, where it makes one.
    pub fn depth(self) -> Option<Depth> {
        match self {
            Self::Create => Some(Depth::Shallow),
            Self::CreateWithRefresh => Some(Depth::Transactions),
            Self::CreateWithFullHistory => Some(Depth::Full),
            _ => None,
        }
    }

    /// The method that it takes.
    pub fn method(self) -> &'static str {
        if self == Self::HealthCheck { "GET" } else { "POST" }
    }

    /// The key of its list where it is wrapped in an object; `None` where it gives no list.
    pub fn list_key(self) -> Option<&'static str> {
        match self {
            Self::InstitutionByName | Self::Institutions => Some("institutions"),
            Self::Logins => Some("userInstitutions"),
            Self::Accounts => Some("accounts"),
            Self::Transactions => Some("transactions"),
            _ => None,
        }
    }
}
