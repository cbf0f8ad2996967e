//! What the books must say about an account: the judge of a sync.

use chrono::NaiveDate;

use super::account::Account;
use super::row::Row;
use super::world::World;

/// One row as the books must have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `TransactionID`.
    pub id: String,
    /// The booked day.
    pub day: NaiveDate,
    /// The day it was posted.
    pub posted: NaiveDate,
    /// The signed amount with the digits that were sent: negative is out, or more debt.
    pub amount: String,
    /// `Description` as sent.
    pub description: String,
    /// `Merchant` as sent.
    pub merchant: Option<String>,
    /// `Category` as sent.
    pub category: Option<String>,
    /// `CheckNum` as sent.
    pub check_number: Option<String>,
    /// `Memo` as sent.
    pub memo: Option<String>,
}

/// What the books must say about one account, as of the service's copy of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// The day of the copy.
    pub day: NaiveDate,
    /// What it held before its first row: negative is owed.
    pub opening: String,
    /// Posted rows in the order in which they are sent.
    pub rows: Vec<Entry>,
    /// Rows that are pending.
    pub pending: Vec<Entry>,
    /// Rows that no careful reader books.
    pub not_understood: Vec<Entry>,
    /// Its balance, negative being owed: opening plus rows, unless another one is reported.
    /// `None` for an investment that does not tell its cash.
    pub balance: Option<String>,
}

impl Truth {
    /// The rows from a day on, as a sync with that start date books them.
    pub fn rows_since(&self, day: NaiveDate) -> impl Iterator<Item = &Entry> {
        self.rows.iter().filter(move |row| row.day >= day)
    }
}

impl World {
    /// What the books must say about the account with that `AccountID`.
    pub fn truth(&self, account_id: &str) -> Truth {
        let account = self.account(account_id);
        let entries = |kind: fn(&Row) -> bool| {
            account.shown_rows().filter(|row| kind(row)).map(entry).collect()
        };
        Truth {
            day: account.copied,
            opening: account.opening.clone(),
            rows: entries(|row| row.understood && !row.pending),
            pending: entries(|row| row.understood && row.pending),
            not_understood: entries(|row| !row.understood),
            balance: balance(account),
        }
    }
}

fn balance(account: &Account) -> Option<String> {
    let fixed = account.fixed_balance.as_ref().map(|text| super::row::decimal(text));
    match fixed {
        Some(fixed) => Some(account.in_bank_sign(fixed).to_string()),
        None if !account.market.is_empty() && !account.tells_cash => None,
        None => Some(account.books().to_string()),
    }
}

fn entry(row: &Row) -> Entry {
    Entry {
        id: row.id.clone(),
        day: row.day,
        posted: row.posted,
        amount: row.amount.clone(),
        description: row.description.clone(),
        merchant: row.merchant.clone(),
        category: row.category.clone(),
        check_number: row.check_number.clone(),
        memo: row.memo.clone(),
    }
}
