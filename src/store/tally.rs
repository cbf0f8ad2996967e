//! What was last counted from an account's rows, so that whoever only shows it need not read them.

use rusqlite::{OptionalExtension, Row, params};

use super::columns::{day, decimal};
use super::{Store, StoreError};
use crate::domain::{Drift, Tally};

impl Store {
    /// What was counted from the rows of an account, if it was from what `fingerprint` stands for.
    pub fn tally(&self, account: i64, fingerprint: &str) -> Result<Option<Tally>, StoreError> {
        let sql = "SELECT booked, pending, quarantined, drift, drift_since, hint, signs FROM tally
            WHERE account = ?1 AND fingerprint = ?2";
        self.run(|db| {
            let mut query = db.prepare_cached(sql)?;
            query.query_row(params![account, fingerprint], read).optional()
        })
    }

    /// Keeps what was counted from the rows of an account.
    pub fn save_tally(
        &self,
        account: i64,
        fingerprint: &str,
        tally: &Tally,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO tally
            (account, fingerprint, booked, pending, quarantined, drift, drift_since, hint, signs)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let drift = tally.drift.as_ref();
        let values = params![
            account,
            fingerprint,
            tally.booked,
            tally.pending,
            tally.quarantined,
            drift.map(|drift| drift.amount.to_string()),
            drift.map(|drift| drift.since.to_string()),
            tally.hint,
            tally.signs.join("\n"),
        ];
        self.run(|db| db.execute(sql, values).map(drop))
    }
}

fn read(row: &Row) -> rusqlite::Result<Tally> {
    let drift = decimal(row, 3)?.zip(day(row, 4)?);
    let signs: String = row.get(6)?;
    Ok(Tally {
        booked: row.get(0)?,
        pending: row.get(1)?,
        quarantined: row.get(2)?,
        drift: drift.map(|(amount, since)| Drift { amount, since }),
        hint: row.get(5)?,
        signs: signs.lines().map(str::to_owned).collect(),
    })
}
