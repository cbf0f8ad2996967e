//! Banks that are being connected.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::columns::{instant, instant_text, odd};
use super::{Store, StoreError};
use crate::domain::{Connecting, LoginId, Name};

impl Store {
    /// The connection to a bank that was begun and is not through.
    pub fn connecting(
        &self,
        family: &Name,
        institution_id: &str,
    ) -> Result<Option<Connecting>, StoreError> {
        let sql = "SELECT begun, known, login FROM connecting
            WHERE family = ?1 AND institution_id = ?2";
        self.run(|db| {
            let found = db.query_row(sql, params![family.as_str(), institution_id], |row| {
                Ok(Connecting {
                    institution_id: institution_id.to_owned(),
                    begun: instant(row, 0)?.ok_or_else(|| odd(0))?,
                    known: row.get::<_, String>(1)?.lines().map(LoginId::new).collect(),
                    login: row.get::<_, Option<String>>(2)?.as_deref().map(LoginId::new),
                })
            });
            found.optional()
        })
    }

    /// Keeps that a bank is about to be connected; says whether it is, since another connection to it
    /// may have been begun meanwhile.
    pub fn begin_connecting(
        &self,
        family: &Name,
        institution_id: &str,
        begun: DateTime<Utc>,
        known: &[LoginId],
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO connecting (family, institution_id, begun, known)
            VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
        let known: Vec<&str> = known.iter().map(LoginId::as_str).collect();
        let values =
            params![family.as_str(), institution_id, instant_text(begun), known.join("\n")];
        self.run(|db| db.execute(sql, values).map(|rows| rows == 1))
    }

    /// Keeps which login came of a connection.
    pub fn save_connecting_login(
        &self,
        family: &Name,
        institution_id: &str,
        login: &LoginId,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE connecting SET login = ?3 WHERE family = ?1 AND institution_id = ?2";
        let values = params![family.as_str(), institution_id, login.as_str()];
        self.run(|db| db.execute(sql, values).map(drop))
    }

    /// Forgets a connection that is through, or that came to nothing.
    pub fn end_connecting(&self, family: &Name, institution_id: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM connecting WHERE family = ?1 AND institution_id = ?2";
        self.run(|db| db.execute(sql, params![family.as_str(), institution_id]).map(drop))
    }

    /// Forgets a login that is no more, and the connection that it came of.
    pub fn forget_login(&self, family: &Name, login: &LoginId) -> Result<(), StoreError> {
        let values = [family.as_str(), login.as_str()];
        self.run(|db| {
            db.execute("DELETE FROM connecting WHERE family = ?1 AND login = ?2", values)?;
            db.execute("DELETE FROM login WHERE family = ?1 AND id = ?2", values).map(drop)
        })
    }

    /// Every login that a family is known to have had.
    pub fn login_ids(&self, family: &Name) -> Result<Vec<LoginId>, StoreError> {
        let sql = "SELECT id FROM login WHERE family = ?1
            UNION SELECT login FROM account WHERE family = ?1 AND login IS NOT NULL
            UNION SELECT linked_login FROM account
                WHERE family = ?1 AND linked_login IS NOT NULL ORDER BY 1";
        self.run(|db| {
            let mut query = db.prepare_cached(sql)?;
            let ids = query.query_map([family.as_str()], |row| row.get::<_, String>(0))?;
            ids.map(|id| Ok(LoginId::new(&id?))).collect()
        })
    }
}
