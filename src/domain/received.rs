//! What the service sent, told apart from what is trusted: nothing is filled in, nothing booked.

use rust_decimal::Decimal;

use super::{AccountId, Day, LoginId};

/// A value that the service may have sent, in a form that may be unusable.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Sent<T> {
    /// The key was missing, null or an empty text.
    #[default]
    Nothing,
    /// Something was sent that cannot be read; the text says what, such as `1e2`.
    Unusable(String),
    /// The value.
    Value(T),
}

impl<T> Sent<T> {
    /// The value, where one came.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// One login as listed (`UserInstitutionInformation`), without the bank's login name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedLogin {
    /// `UserInstitutionID`.
    pub id: LoginId,
    /// `InstitutionID`, in lower case.
    pub institution_id: Option<String>,
}

/// One account as listed (`UserInstitutionAccountInformation`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedAccount {
    /// `AccountID`.
    pub id: AccountId,
    /// `UserInstitutionID`, where sent.
    pub login: Option<LoginId>,
    /// `AccountName`.
    pub name: Option<String>,
    /// The last four letters or digits of `AccountNumber`; never more of it.
    pub mask: Option<String>,
    /// `AccountType`.
    pub kind: Option<String>,
    /// `SubType`.
    pub sub_kind: Option<String>,
    /// `Balance`, in the service's sign.
    pub balance: Sent<Decimal>,
    /// `AccountBalance`, the undocumented twin.
    pub account_balance: Sent<Decimal>,
    /// `AvailableBalance`.
    pub available: Sent<Decimal>,
    /// `CashBalance`.
    pub cash: Sent<Decimal>,
    /// `BalanceCurrency`, a symbol or a code.
    pub currency: Option<String>,
    /// `LastUpdated` as sent: no zone is stated.
    pub last_updated: Option<String>,
    /// `Status` as text; an integer is kept as its digits and not interpreted.
    pub status: Option<String>,
    /// `RoutingNumber`.
    pub routing_number: Option<String>,
    /// The JSON as received, without secrets and personal data.
    pub raw: String,
}

/// One transaction as received (`TransactionInformation`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReceivedRow {
    /// `TransactionID` in lower case.
    pub id: Option<String>,
    /// `UserInstitutionAccountID` in lower case.
    pub account_id: Option<String>,
    /// `Status` as sent.
    pub status: Option<String>,
    /// `Type` as sent.
    pub kind: Option<String>,
    /// `Amount`, in the service's sign.
    pub amount: Sent<Decimal>,
    /// `Currency`, a symbol or a code.
    pub currency: Option<String>,
    /// `TransactionDate`.
    pub transaction_date: Sent<Day>,
    /// `Date`.
    pub date: Sent<Day>,
    /// `PostDate`.
    pub post_date: Sent<Day>,
    /// `Description` as sent, unsanitised.
    pub description: Option<String>,
    /// `Merchant` as sent.
    pub merchant: Option<String>,
    /// `Category` as sent.
    pub category: Option<String>,
    /// `CheckNum` as sent.
    pub check_number: Option<String>,
    /// `Memo` as sent.
    pub memo: Option<String>,
    /// `Balance`, the running balance, in the service's sign.
    pub balance: Sent<Decimal>,
    /// The JSON as received, without secrets and personal data.
    pub raw: String,
}

impl ReceivedRow {
    /// The booked day: `TransactionDate`, else `Date`, else `PostDate`. An unusable date does not
    /// stand for a missing one.
    #[must_use]
    pub fn day(&self) -> Sent<Day> {
        let dates = [&self.transaction_date, &self.date, &self.post_date];
        dates.into_iter().find(|sent| **sent != Sent::Nothing).cloned().unwrap_or_default()
    }

    /// Whether the bank has not settled it yet. A missing status counts as posted.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.status.as_deref().is_some_and(|word| word.trim().eq_ignore_ascii_case("pending"))
    }

    /// Whether two rows say the same, whatever their ids, their running balances and their JSON.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.told() == other.told()
    }

    /// All that a row says of itself. The running balance is not of the row alone.
    fn told(&self) -> impl PartialEq {
        // Without `..`: whoever adds a field decides here.
        let Self {
            id: _,
            account_id,
            status,
            kind,
            amount,
            currency,
            transaction_date,
            date,
            post_date,
            description,
            merchant,
            category,
            check_number,
            memo,
            balance: _,
            raw: _,
        } = self;
        let dates = (transaction_date, date, post_date);
        let texts = (description, merchant, category, check_number, memo);
        (account_id, status, kind, amount, currency, dates, texts)
    }
}
