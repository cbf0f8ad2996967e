//! The whole story of one row.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::columns::{ROW, instant, read_row};
use super::{Store, StoreError};
use crate::domain::{KeptAccount, KeptRow, ReceivedRow};

/// The whole story of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// Its account.
    pub account: KeptAccount,
    /// The row as it is kept now.
    pub row: KeptRow,
    /// When the read was that first brought it.
    pub first_seen: Option<DateTime<Utc>>,
    /// What it said before, oldest first.
    pub versions: Vec<Version>,
    /// What happened to it, oldest first.
    pub events: Vec<(DateTime<Utc>, String)>,
}

/// What a row said before, or a form of it that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// When the read was that replaced it, or that brought the form which was not taken.
    pub until: Option<DateTime<Utc>>,
    /// Whether it is a form that could not be booked and was not taken.
    pub held: bool,
    /// What it said.
    pub row: ReceivedRow,
}

impl Store {
    /// The stories of all rows that ever had an id, in our files or at the service.
    pub fn stories(&self, id: &str) -> Result<Vec<Story>, StoreError> {
        let id = id.trim().to_ascii_lowercase();
        let mut stories = Vec::new();
        for family in self.families()? {
            for account in self.accounts(&family)? {
                let rows = self
                    .rows(account.key)?
                    .into_iter()
                    .filter(|row| row.id.as_deref() == Some(&id) || row.service_ids.contains(&id));
                for row in rows {
                    stories.push(self.story(account.clone(), row)?);
                }
            }
        }
        Ok(stories)
    }

    /// Rows that are pending now under an id of the service, each with its account.
    pub fn pending_named(&self, id: &str) -> Result<Vec<(KeptAccount, ReceivedRow)>, StoreError> {
        let id = id.trim().to_ascii_lowercase();
        let mut found = Vec::new();
        for family in self.families()? {
            for account in self.accounts(&family)? {
                let rows = self.pending(account.key)?.into_iter();
                let named = rows.filter(|row| row.id.as_deref() == Some(&id));
                found.extend(named.map(|row| (account.clone(), row)));
            }
        }
        Ok(found)
    }

    fn story(&self, account: KeptAccount, row: KeptRow) -> Result<Story, StoreError> {
        let sql = "SELECT at FROM read WHERE account = ?1 AND number = ?2";
        let first_seen = self.run(|db| {
            let at = db.query_row(sql, params![account.key, row.first_read], |row| instant(row, 0));
            Ok(at.optional()?.flatten())
        })?;
        let versions = self.versions(account.key, row.key)?;
        let events = self.events(row.key)?;
        Ok(Story { account, row, first_seen, versions, events })
    }

    fn versions(&self, account: i64, row: i64) -> Result<Vec<Version>, StoreError> {
        let sql = format!(
            "SELECT (SELECT at FROM read WHERE account = ?1 AND number = until_read), held, {ROW}
             FROM row_version WHERE row = ?2 ORDER BY until_read"
        );
        self.run(|db| {
            let mut query = db.prepare_cached(&sql)?;
            let rows = query.query_map([account, row], |row| {
                Ok(Version { until: instant(row, 0)?, held: row.get(1)?, row: read_row(row, 2)? })
            })?;
            rows.collect()
        })
    }

    fn events(&self, row: i64) -> Result<Vec<(DateTime<Utc>, String)>, StoreError> {
        let sql = "SELECT at, what FROM event WHERE row = ?1 ORDER BY key";
        let events: Vec<(Option<DateTime<Utc>>, String)> = self.run(|db| {
            let mut query = db.prepare_cached(sql)?;
            let rows = query.query_map([row], |row| Ok((instant(row, 0)?, row.get(1)?)))?;
            rows.collect()
        })?;
        Ok(events.into_iter().filter_map(|(at, what)| Some((at?, what))).collect())
    }
}
