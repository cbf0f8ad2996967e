//! An account as its owner configured it.

use std::time::Duration;

use super::{AccountId, Currency, Day, KeptAccount, LoginId, Name, Refresh};

/// What kind of account it is, which decides its OFX form and how a balance is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountType {
    /// Checking, savings, money market.
    Depository,
    /// A credit card: a debt.
    CreditCard,
    /// A brokerage or retirement account.
    Investment,
    /// A loan or mortgage: a debt.
    Loan,
    /// Anything else: a biller, an insurance.
    Other,
}

impl AccountType {
    /// Every type, in the order in which messages list them.
    pub const ALL: [Self; 5] =
        [Self::Depository, Self::CreditCard, Self::Investment, Self::Loan, Self::Other];

    /// The word of the configuration and of `accounts.csv`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Depository => "depository",
            Self::CreditCard => "credit_card",
            Self::Investment => "investment",
            Self::Loan => "loan",
            Self::Other => "other",
        }
    }

    /// Whether what is owed on it is a debt, negative in the files.
    #[must_use]
    pub fn is_debt(self) -> bool {
        matches!(self, Self::CreditCard | Self::Loan)
    }
}

macro_rules! words {
    ($name:ident: $($word:literal = $variant:ident),+) => {
        impl $name {
            /// The words of the configuration, with what they mean.
            pub const WORDS: &[(&str, Self)] = &[$(($word, Self::$variant)),+];

            /// The word of the configuration.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }
    };
}

words!(Track: "cash" = Cash, "rows" = Rows, "value" = Value);
words!(BalanceSign: "owed" = Owed, "signed" = Signed, "auto" = Auto);
words!(AmountSign: "type" = Type, "signed" = Signed, "inverted" = Inverted, "auto" = Auto);
words!(RowCurrency: "strict" = Strict, "ignore" = Ignore, "own" = Own);

/// What is compared with the reported balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Track {
    /// Reported balance = opening + rows.
    Cash,
    /// Rows only: no opening, no assertion, no balance.
    Rows,
    /// Balances only: no rows are read.
    Value,
}

/// How a positive reported balance of a debt is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BalanceSign {
    /// Positive is owed.
    Owed,
    /// Negative is owed.
    Signed,
    /// Not known yet: evidence or the owner will tell.
    Auto,
}

/// What tells the direction of a row's amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountSign {
    /// `Type` does (DEBIT is out); the magnitude is |Amount|.
    Type,
    /// The number's sign does: negative is out.
    Signed,
    /// The number's sign does: positive is out.
    Inverted,
    /// `Type` where it is usable; a row without one waits.
    Auto,
}

/// What becomes of a row with another currency code than its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowCurrency {
    /// It is quarantined.
    Strict,
    /// The account's currency holds.
    Ignore,
    /// It is booked in its own.
    Own,
}

/// One linked account, validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id at the service.
    pub id: AccountId,
    /// The login that it belongs to, where the owner stated it.
    pub login: Option<LoginId>,
    /// The folder's name, stable for ever.
    pub name: Name,
    /// The kind, as configured.
    pub kind: AccountType,
    /// The account's name in the owner's ledger, written exactly as given.
    pub ledger: String,
    /// The currency, where the owner stated it.
    pub currency: Option<Currency>,
    /// What becomes of rows in another currency.
    pub row_currency: RowCurrency,
    /// Overrides the family's start date.
    pub start_date: Option<Day>,
    /// Whether the opening balance is booked in the included files.
    pub opening_entry: bool,
    /// What is tracked, where the owner stated it.
    pub track: Option<Track>,
    /// How a debt's reported balance is meant.
    pub balance_sign: BalanceSign,
    /// How the direction of an amount is told.
    pub amount_sign: AmountSign,
    /// Overrides `[sync] refresh` for its login.
    pub refresh: Option<Refresh>,
    /// How old its data may be, where the owner stated it.
    pub max_age: Option<Duration>,
    /// From this day on nothing is read.
    pub closed: Option<Day>,
}

impl Account {
    /// Its login: as configured, else as kept of it.
    #[must_use]
    pub fn login_among<'a>(&'a self, kept: &'a [KeptAccount]) -> Option<&'a LoginId> {
        let known = || kept.iter().find(|kept| kept.id == self.id)?.login.as_ref();
        self.login.as_ref().or_else(known)
    }
}
