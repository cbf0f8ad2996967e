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
    /// How many of its rows are kept aside.
    pub rows: usize,
}

impl Store {
    /// Keeps the answer that a guard refused last, in place of the one before: its rows, one a
    /// line.
    pub fn keep_refused(
        &self,
        key: i64,
        at: DateTime<Utc>,
        why: &str,
        rows: &str,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO refused (account, at, why, rows) VALUES (?1, ?2, ?3, ?4)";
        self.run(|db| db.execute(sql, params![key, instant_text(at), why, rows]).map(drop))
    }

    /// The answer that a guard refused last, where none was taken since.
    pub fn refused(&self, key: i64) -> Result<Option<Refused>, StoreError> {
        let sql = "SELECT at, why, rows FROM refused WHERE account = ?1";
        self.run(|db| {
            let found = db.query_row(sql, [key], |row| {
                let at = instant(row, 0)?.ok_or_else(|| odd(0))?;
                let rows: String = row.get(2)?;
                Ok(Refused { at, why: row.get(1)?, rows: rows.lines().count() })
            });
            found.optional()
        })
    }

    /// Forgets the refused answer: a good one came, or the owner took it.
    pub fn drop_refused(&self, key: i64) -> Result<(), StoreError> {
        self.run(|db| db.execute("DELETE FROM refused WHERE account = ?1", [key]).map(drop))
    }
}
