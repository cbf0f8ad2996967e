//! The plan: when each family had its last round.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::columns::{instant, instant_text, odd};
use super::{Store, StoreError};
use crate::domain::Name;

impl Store {
    /// When the last round began in which each family had its part.
    pub fn rounds(&self) -> Result<BTreeMap<Name, DateTime<Utc>>, StoreError> {
        self.run(|db| {
            let mut query = db.prepare_cached("SELECT family, at FROM round")?;
            let rows = query.query_map([], |row| {
                let name = Name::parse(&row.get::<_, String>(0)?).map_err(|_| odd(0))?;
                Ok((name, instant(row, 1)?.ok_or_else(|| odd(1))?))
            })?;
            rows.collect()
        })
    }

    /// Keeps that a family had its part in the round that began then.
    pub fn set_round(&self, family: &Name, at: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO round (family, at) VALUES (?1, ?2)";
        self.run(|db| db.execute(sql, params![family.as_str(), instant_text(at)]).map(drop))
    }
}
