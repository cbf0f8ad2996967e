//! What the owner was told: the calls that stand, and the files that no hook was told of yet.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};

use super::columns::{instant, instant_text, odd};
use super::{Store, StoreError};
use crate::domain::{About, Call, Name, Trouble};

/// Files that no hook was told of at some instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Untold {
    /// Their paths, in order.
    pub files: Vec<PathBuf>,
    /// The last note among them.
    last: i64,
}

impl Store {
    /// Every call that stands, in the order of what it is about.
    pub fn calls(&self) -> Result<Vec<Call>, StoreError> {
        let sql = "SELECT family, subject, trouble, since, called, looked, seen, unreachable
            FROM attention_call ORDER BY family, subject, trouble";
        self.run(|db| {
            let mut query = db.prepare_cached(sql)?;
            let calls = query.query_map([], read_call)?;
            calls.collect()
        })
    }

    /// Keeps a call in place of the one that stands for the same.
    pub fn save_call(&self, call: &Call) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO attention_call
            (family, subject, trouble, since, called, looked, seen, unreachable)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let Call { about, since, called, looked, seen, unreachable } = call;
        let values = params![
            whose(about.family.as_ref()),
            about.subject,
            about.trouble.word(),
            instant_text(*since),
            called.map(instant_text),
            instant_text(*looked),
            seen,
            unreachable,
        ];
        self.run(|db| db.prepare_cached(sql)?.execute(values).map(drop))
    }

    /// Forgets a call.
    pub fn drop_call(&self, about: &About) -> Result<(), StoreError> {
        let sql = "DELETE FROM attention_call WHERE family = ?1 AND subject = ?2 AND trouble = ?3";
        let values = params![whose(about.family.as_ref()), about.subject, about.trouble.word()];
        self.run(|db| db.execute(sql, values).map(drop))
    }

    /// Notes a file before it is written or removed, until a hook was told of it. A file of no
    /// family is one of those that families share.
    pub fn note_untold(&self, family: Option<&Name>, path: &str) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO untold_file (family, path) VALUES (?1, ?2)";
        self.run(|db| db.prepare_cached(sql)?.execute([whose(family), path]).map(drop))
    }

    /// The files of a family, or of those that families share, that no hook was told of yet.
    pub fn untold(&self, family: Option<&Name>) -> Result<Untold, StoreError> {
        let sql = "SELECT path, noted FROM untold_file WHERE family = ?1 ORDER BY path";
        self.run(|db| {
            let mut query = db.prepare_cached(sql)?;
            let mut untold = Untold::default();
            let mut rows = query.query([whose(family)])?;
            while let Some(row) = rows.next()? {
                untold.files.push(row.get::<_, String>(0)?.into());
                untold.last = untold.last.max(row.get(1)?);
            }
            Ok(untold)
        })
    }

    /// The hook of a family was told of these files. What was noted again in the meantime stays.
    pub fn drop_untold(&self, family: Option<&Name>, told: &Untold) -> Result<(), StoreError> {
        let sql = "DELETE FROM untold_file WHERE family = ?1 AND noted <= ?2";
        self.run(|db| db.execute(sql, params![whose(family), told.last]).map(drop))
    }

    /// Forgets which files no hook was told of: there is none that could be.
    pub fn drop_all_untold(&self) -> Result<(), StoreError> {
        self.run(|db| db.execute("DELETE FROM untold_file", []).map(drop))
    }
}

/// A family in a column; what is no family's is an empty text.
fn whose(family: Option<&Name>) -> &str {
    family.map_or("", Name::as_str)
}

fn read_call(row: &Row) -> rusqlite::Result<Call> {
    let family: String = row.get(0)?;
    let family = Some(family).filter(|family| !family.is_empty());
    let family = family.map(|family| Name::parse(&family)).transpose().map_err(|_| odd(0))?;
    let trouble = Trouble::parse(&row.get::<_, String>(2)?).ok_or_else(|| odd(2))?;
    let since: DateTime<Utc> = instant(row, 3)?.ok_or_else(|| odd(3))?;
    Ok(Call {
        about: About { family, subject: row.get(1)?, trouble },
        since,
        called: instant(row, 4)?,
        looked: instant(row, 5)?.ok_or_else(|| odd(5))?,
        seen: row.get(6)?,
        unreachable: row.get(7)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_written_while_a_hook_is_told_of_it_is_told_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let smith = Name::parse("smith").unwrap();
        let note = |path| store.note_untold(Some(&smith), path).unwrap();
        let untold = || store.untold(Some(&smith)).unwrap();
        note("/bank/all.ledger");
        note("/bank/balances.csv");
        let told = untold();
        note("/bank/all.ledger");
        store.drop_untold(Some(&smith), &told).unwrap();
        assert_eq!(untold().files, [PathBuf::from("/bank/all.ledger")]);
        store.drop_untold(Some(&smith), &untold()).unwrap();
        assert!(untold().files.is_empty());
    }
}
