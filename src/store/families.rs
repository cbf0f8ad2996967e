//! Families and their logins.

use rusqlite::{OptionalExtension, Row, params};

use super::columns::{day, instant, instant_text, odd};
use super::{Store, StoreError};
use crate::domain::{Day, FailedRefresh, JobId, KeptLogin, LoginId, Name};

/// One family as kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FamilyRecord {
    /// The start date that was fixed at the first sync.
    pub start_date: Option<Day>,
    /// The fingerprint of the credentials that the service refused.
    pub rejected: Option<String>,
    /// The fingerprint of what the files were last written from.
    pub exported: Option<String>,
    /// Counts changes that a file shows.
    pub revision: u64,
}

impl Store {
    /// What is kept of a family; nothing where it was never synced.
    pub fn family(&self, name: &Name) -> Result<FamilyRecord, StoreError> {
        let sql = "SELECT start_date, rejected, exported, revision FROM family WHERE name = ?1";
        let found = self.run(|db| {
            let mut query = db.prepare_cached(sql)?;
            let record = query.query_row([name.as_str()], |row| {
                Ok(FamilyRecord {
                    start_date: day(row, 0)?,
                    rejected: row.get(1)?,
                    exported: row.get(2)?,
                    revision: row.get(3)?,
                })
            });
            record.optional()
        })?;
        Ok(found.unwrap_or_default())
    }

    /// Every family that ever had an account, by name.
    pub fn families(&self) -> Result<Vec<Name>, StoreError> {
        let sql = "SELECT DISTINCT family FROM account ORDER BY family";
        self.run(|db| {
            let mut query = db.prepare_cached(sql)?;
            let names = query
                .query_map([], |row| Name::parse(&row.get::<_, String>(0)?).map_err(|_| odd(0)))?;
            names.collect()
        })
    }

    /// Fixes the start date of a family that has none yet.
    pub fn fix_start_date(&self, name: &Name, start: Day) -> Result<(), StoreError> {
        let sql = "INSERT INTO family (name, start_date) VALUES (?1, ?2)
            ON CONFLICT (name) DO UPDATE SET start_date = coalesce(start_date, excluded.start_date)";
        self.run(|db| db.execute(sql, params![name.as_str(), start.to_string()]).map(drop))
    }

    /// Keeps, or lifts, the refusal of a family's credentials.
    pub fn set_rejected(&self, name: &Name, fingerprint: Option<&str>) -> Result<(), StoreError> {
        let sql = "INSERT INTO family (name, rejected) VALUES (?1, ?2)
            ON CONFLICT (name) DO UPDATE SET rejected = excluded.rejected";
        self.run(|db| db.execute(sql, params![name.as_str(), fingerprint]).map(drop))
    }

    /// Keeps what the files were written from.
    pub fn set_exported(&self, name: &Name, fingerprint: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO family (name, exported) VALUES (?1, ?2)
            ON CONFLICT (name) DO UPDATE SET exported = excluded.exported";
        self.run(|db| db.execute(sql, params![name.as_str(), fingerprint]).map(drop))
    }

    /// Counts a change that a file shows.
    pub fn count_change(&self, name: &Name) -> Result<(), StoreError> {
        let sql = "INSERT INTO family (name, revision) VALUES (?1, 1)
            ON CONFLICT (name) DO UPDATE SET revision = revision + 1";
        self.run(|db| db.execute(sql, [name.as_str()]).map(drop))
    }

    /// Adds requests to a calendar month (`YYYY-MM`, UTC).
    pub fn add_requests(&self, name: &Name, month: &str, count: u64) -> Result<(), StoreError> {
        let sql = "INSERT INTO requests (family, month, used) VALUES (?1, ?2, ?3)
            ON CONFLICT (family, month) DO UPDATE SET used = used + excluded.used";
        self.run(|db| db.execute(sql, params![name.as_str(), month, count]).map(drop))
    }

    /// How many requests a family made in a calendar month.
    pub fn requests(&self, name: &Name, month: &str) -> Result<u64, StoreError> {
        let sql = "SELECT used FROM requests WHERE family = ?1 AND month = ?2";
        let used = self.run(|db| {
            db.query_row(sql, params![name.as_str(), month], |row| row.get(0)).optional()
        })?;
        Ok(used.unwrap_or(0))
    }

    /// Lets refreshes of a family's logins start again: its owner acted.
    pub fn unblock_logins(&self, family: &Name) -> Result<(), StoreError> {
        let sql = "UPDATE login SET blocked = NULL, login_refused = 0, failed = NULL,
            failed_help = NULL WHERE family = ?1";
        self.run(|db| db.execute(sql, [family.as_str()]).map(drop))
    }

    /// What is kept of a login.
    pub fn login(&self, family: &Name, id: &LoginId) -> Result<Option<KeptLogin>, StoreError> {
        let sql = format!("SELECT {LOGIN} FROM login WHERE family = ?1 AND id = ?2");
        self.run(|db| {
            let mut query = db.prepare_cached(&sql)?;
            query.query_row(params![family.as_str(), id.as_str()], read_login).optional()
        })
    }

    /// Every login of a family of which anything is kept, by its id.
    pub fn logins(&self, family: &Name) -> Result<Vec<KeptLogin>, StoreError> {
        let sql = format!("SELECT {LOGIN} FROM login WHERE family = ?1 ORDER BY id");
        self.run(|db| {
            let mut query = db.prepare_cached(&sql)?;
            query.query_map([family.as_str()], read_login)?.collect()
        })
    }

    /// Keeps a login.
    pub fn save_login(&self, family: &Name, login: &KeptLogin) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO login
            (family, id, institution_id, institution, job, refresh_tried, blocked, login_refused,
            failed, failed_help, failed_told)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let failed = login.failed.as_ref();
        let values = params![
            family.as_str(),
            login.id.as_str(),
            login.institution_id,
            login.institution,
            login.job.as_ref().map(JobId::as_str),
            login.refresh_tried.map(instant_text),
            login.blocked,
            login.login_refused,
            failed.map(|failed| &failed.message),
            failed.map(|failed| &failed.help),
            failed.is_some_and(|failed| failed.is_told),
        ];
        self.run(|db| db.execute(sql, values).map(drop))
    }
}

const LOGIN: &str = "id, institution_id, institution, job, refresh_tried, blocked, login_refused, \
                     failed, failed_help, failed_told";

fn read_login(row: &Row<'_>) -> rusqlite::Result<KeptLogin> {
    let failed: (Option<String>, Option<String>, bool) = (row.get(7)?, row.get(8)?, row.get(9)?);
    Ok(KeptLogin {
        id: LoginId::new(&row.get::<_, String>(0)?),
        institution_id: row.get(1)?,
        institution: row.get(2)?,
        job: row.get::<_, Option<String>>(3)?.as_deref().map(JobId::new),
        refresh_tried: instant(row, 4)?,
        blocked: row.get(5)?,
        login_refused: row.get(6)?,
        failed: failed.0.map(|message| FailedRefresh {
            message,
            help: failed.1.unwrap_or_default(),
            is_told: failed.2,
        }),
    })
}
