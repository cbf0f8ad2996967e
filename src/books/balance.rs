//! Which of the sent balances is the account's.

use rust_decimal::Decimal;

use crate::domain::{AccountType, ReceivedAccount, Sent, Track};

/// The balance that one list of accounts reports, in the service's sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reported {
    /// None was sent, or none is tracked.
    Nothing,
    /// It was sent in a form that is no plain decimal.
    Unusable,
    /// `Balance` and `AccountBalance` were both sent and differ: neither is taken.
    Conflict(Decimal, Decimal),
    /// The balance.
    Value(Decimal),
}

impl Reported {
    /// The balance, where one can be taken.
    #[must_use]
    pub fn value(&self) -> Option<Decimal> {
        match self {
            Self::Value(balance) => Some(*balance),
            _ => None,
        }
    }
}

/// Takes `Balance`, else `AccountBalance`; of an investment whose cash is tracked `CashBalance`
/// first. The available balance never stands in.
#[must_use]
pub fn reported_balance(sent: &ReceivedAccount, kind: AccountType, track: Track) -> Reported {
    if track == Track::Rows {
        return Reported::Nothing;
    }
    if kind == AccountType::Investment && track == Track::Cash && sent.cash != Sent::Nothing {
        return one(&sent.cash);
    }
    match (&sent.balance, &sent.account_balance) {
        (Sent::Value(first), Sent::Value(second)) if first != second => {
            Reported::Conflict(*first, *second)
        }
        (Sent::Nothing, second) => one(second),
        (first, _) => one(first),
    }
}

fn one(sent: &Sent<Decimal>) -> Reported {
    match sent {
        Sent::Nothing => Reported::Nothing,
        Sent::Unusable(_) => Reported::Unusable,
        Sent::Value(balance) => Reported::Value(*balance),
    }
}
