//! The opening entry of an account, in its first file or beside it.

use rust_decimal::Decimal;

use crate::domain::{Currency, Day, Statement};

/// An opening entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningEntry {
    /// The start date.
    pub day: Day,
    /// The account's name in the owner's ledger.
    pub ledger: String,
    /// The balance at the beginning of that day, as booked (owed is negative).
    pub amount: Decimal,
    /// The account's currency.
    pub currency: Currency,
    /// The other side.
    pub other_side: String,
}

/// The opening entry of an account whose opening is known.
pub(super) fn opening_of(statement: &Statement) -> Option<OpeningEntry> {
    statement.opening.map(|amount| OpeningEntry {
        day: statement.start,
        ledger: statement.ledger.clone(),
        amount,
        currency: statement.currency.clone(),
        other_side: statement.opening_account.clone(),
    })
}
