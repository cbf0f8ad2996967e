//! The last answer of each account that a guard refused.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::columns::{instant, instant_text, odd};
use super::{Store, StoreError};

/// An answer that a guard refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub why: String,
    /// How many of its records of accounts are kept aside.
    pub accounts: usize,
    /// How many of its rows are.
    pub rows: usize,
}

impl Store {
    /// Keeps the answer that a guard refused last, in place of the one before: its records of
    /// accounts and its rows, one a line.
    pub fn keep_refused(
        &self,
        key: i64,
        at: DateTime<Utc>,
        why: &str,
        (accounts, rows): (&str, &str),
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO refused (account, at, why, accounts, rows)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![key, instant_text(at), why, accounts, rows];
        self.run(|db| db.execute(sql, values).map(drop))
    }

    /// The answer that a guard refused last, where none was taken since.
    pub fn refused(&self, key: i64) -> Result<Option<Refused>, StoreError> {
        let sql = "SELECT at, why, accounts, rows FROM refused WHERE account = ?1";
        self.run(|db| {
            let found = db.query_row(sql, [key], |row| {
                let at = instant(row, 0)?.ok_or_else(|| odd(0))?;
                let lines = |column| row.get(column).map(|text: String| text.lines().count());
                Ok(Refused { at, why: row.get(1)?, accounts: lines(2)?, rows: lines(3)? })
            });
            found.optional()
        })
    }

    /// Forgets the refused answer: a good one came, or the owner took it.
    pub fn drop_refused(&self, key: i64) -> Result<(), StoreError> {
        self.run(|db| db.execute("DELETE FROM refused WHERE account = ?1", [key]).map(drop))
    }
}
