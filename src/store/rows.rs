//! Rows as kept: present, outside, vanished; their names, their former versions; pending rows.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, params};

use super::columns::{ROW, ROW_WIDTH, day, figure, odd, parsed, read_row, with_row};
use super::{Store, StoreError};
use crate::domain::{Day, KeptRow, ReadNumber, ReceivedRow, Standing};

/// How many columns of a kept row stand before those of its received form.
const BEFORE: usize = 8;

/// Keeps the name of a form that goes.
const KEEP_NAME: &str = "INSERT OR IGNORE INTO row_name (row, service_id)
    SELECT key, service_id FROM transaction_row WHERE key = ?1 AND service_id IS NOT NULL";

impl Store {
    /// All kept rows of an account in first-seen order, without their raw JSON.
    pub fn rows(&self, account: i64) -> Result<Vec<KeptRow>, StoreError> {
        self.run(|db| {
            let mut names = further_names(db, account)?;
            let mut former = at_anchor(db, account)?;
            // Raw texts are most of the store's bytes, and no decision reads them.
            let columns = ROW.replace("raw", "NULL");
            let sql = format!(
                "SELECT key, sequence, id, standing, first_read, anchored, agreed, missed, {columns}
                 FROM transaction_row WHERE account = ?1 ORDER BY sequence"
            );
            let mut query = db.prepare_cached(&sql)?;
            let rows = query.query_map([account], |row| {
                let key = row.get(0)?;
                let anchored: Option<ReadNumber> = row.get(5)?;
                let received = read_row(row, BEFORE)?;
                let further = names.remove(&key).into_iter().flatten();
                Ok(KeptRow {
                    key,
                    sequence: row.get(1)?,
                    id: row.get(2)?,
                    service_ids: received.id.iter().cloned().chain(further).collect(),
                    row: received,
                    standing: parsed(row, 3, standing)?.ok_or_else(|| odd(3))?,
                    first_read: row.get(4)?,
                    anchored: anchored.is_some(),
                    at_anchor: former.remove(&key),
                    agreed: row.get(6)?,
                    missed: row.get(7)?,
                })
            })?;
            rows.collect()
        })
    }

    /// The newest day of an account's present rows.
    pub fn newest_day(&self, account: i64) -> Result<Option<Day>, StoreError> {
        let sql = "SELECT max(coalesce(transaction_date, date, post_date)) FROM transaction_row
            WHERE account = ?1 AND standing = 'present'
            AND coalesce(transaction_date, date, post_date) NOT LIKE '?%'";
        self.run(|db| db.query_row(sql, [account], |row| day(row, 0)))
    }

    /// Keeps rows never seen before, each with its id in the files where it has one, next in the
    /// sequence; gives their keys.
    pub fn add_rows<'a>(
        &self,
        account: i64,
        read: ReadNumber,
        kind: Standing,
        rows: impl IntoIterator<Item = (Option<&'a str>, &'a ReceivedRow)>,
    ) -> Result<Vec<i64>, StoreError> {
        let sql = format!(
            "INSERT INTO transaction_row (account, sequence, standing, first_read, id, {ROW})
             VALUES ({})",
            places(5 + ROW_WIDTH)
        );
        self.run(|db| {
            let mut insert = db.prepare_cached(&sql)?;
            let first = next_sequence(db, account)?;
            let add = |(sequence, (id, row)): (i64, (Option<&'a str>, &'a ReceivedRow))| {
                let standing = standing_word(kind).into();
                let before = [figure(&account), figure(&sequence), standing, figure(&read)];
                let before = before.map(Some).into_iter().chain([id.map(Cow::Borrowed)]);
                insert.insert(with_row(before, row))
            };
            (first..).zip(rows).map(add).collect()
        })
    }

    /// Replaces what a row says and keeps what it said.
    pub fn change_row(
        &self,
        key: i64,
        read: ReadNumber,
        row: &ReceivedRow,
    ) -> Result<(), StoreError> {
        let sets =
            ROW.split(", ").enumerate().map(|(nth, column)| format!("{column} = ?{}", nth + 2));
        let sql = format!(
            "UPDATE transaction_row SET {} WHERE key = ?1",
            sets.collect::<Vec<_>>().join(", ")
        );
        self.run(|db| {
            let keep = format!(
                "INSERT INTO row_version (row, until_read, held, {ROW})
                 SELECT key, ?2, 0, {ROW} FROM transaction_row WHERE key = ?1"
            );
            db.execute(&keep, params![key, read])?;
            release(db, key)?;
            db.execute(KEEP_NAME, [key])?;
            db.execute(&sql, with_row([Some(figure(&key))], row)).map(drop)
        })
    }

    /// Keeps a new form of a row that could not be booked and was not taken.
    pub fn hold_version(
        &self,
        key: i64,
        read: ReadNumber,
        row: &ReceivedRow,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO row_version (row, until_read, held, {ROW}) VALUES ({})",
            places(3 + ROW_WIDTH)
        );
        let before = [figure(&key), figure(&read), figure(&1)].map(Some);
        self.run(|db| {
            release(db, key)?;
            db.execute(&sql, with_row(before, row)).map(drop)
        })
    }

    /// The forms that are held now, by the key of their row.
    pub fn held_versions(
        &self,
        account: i64,
    ) -> Result<HashMap<i64, Box<ReceivedRow>>, StoreError> {
        self.run(|db| former(db, account, "old.held = 1"))
    }

    /// Holds a row's newer form no longer: the service took it back. It stays kept.
    pub fn release_version(&self, key: i64) -> Result<(), StoreError> {
        self.run(|db| release(db, key))
    }

    /// Keeps by which id the service calls a row now; those of before stay known.
    pub fn rename_row(&self, key: i64, service_id: &str) -> Result<(), StoreError> {
        let sql = "UPDATE transaction_row SET service_id = ?2 WHERE key = ?1";
        self.run(|db| {
            db.prepare_cached(KEEP_NAME)?.execute([key])?;
            db.prepare_cached(sql)?.execute(params![key, service_id]).map(drop)
        })
    }

    /// Gives a row its id in the files.
    pub fn name_row(&self, key: i64, id: &str) -> Result<(), StoreError> {
        let sql = "UPDATE transaction_row SET id = ?2 WHERE key = ?1 AND id IS NULL";
        self.run(|db| db.execute(sql, params![key, id]).map(drop))
    }

    /// Drops the record of a row outside an earlier span that is kept as a present one now.
    pub fn drop_outside_row(&self, key: i64) -> Result<(), StoreError> {
        self.run(|db| {
            db.execute("DELETE FROM row_name WHERE row = ?1", [key])?;
            let sql = "DELETE FROM transaction_row WHERE key = ?1 AND standing = 'outside'";
            db.execute(sql, [key]).map(drop)
        })
    }

    /// Counts one more good read that lacked some rows.
    pub fn miss_rows(&self, keys: &[i64]) -> Result<(), StoreError> {
        self.each(keys, "UPDATE transaction_row SET missed = missed + 1 WHERE key = ?1")
    }

    /// Notes that rows are there: none lacks any more, and one that had vanished is back.
    pub fn find_rows(&self, keys: &[i64]) -> Result<(), StoreError> {
        self.each(
            keys,
            "UPDATE transaction_row SET missed = 0, standing = 'present' WHERE key = ?1",
        )
    }

    /// Takes rows out of the books; they stay in the store.
    pub fn vanish_rows(&self, keys: &[i64]) -> Result<(), StoreError> {
        self.each(keys, "UPDATE transaction_row SET standing = 'vanished' WHERE key = ?1")
    }

    fn each(&self, keys: &[i64], sql: &str) -> Result<(), StoreError> {
        self.run(|db| {
            let mut update = db.prepare_cached(sql)?;
            keys.iter().try_for_each(|key| update.execute([key]).map(drop))
        })
    }

    /// Counts rows into the opening, in the form that they have after a read. Whatever balance
    /// agreed last counted them too.
    pub fn anchor_rows(&self, keys: &[i64], read: ReadNumber) -> Result<(), StoreError> {
        self.run(|db| {
            let mut update = db.prepare_cached(
                "UPDATE transaction_row SET anchored = ?2, agreed = 1 WHERE key = ?1",
            )?;
            keys.iter().try_for_each(|key| update.execute(params![key, read]).map(drop))
        })
    }

    /// Keeps which rows of an account the last agreement counted: these and no others.
    pub fn set_agreed(&self, rows: &[KeptRow], counted: &HashSet<i64>) -> Result<(), StoreError> {
        self.run(|db| {
            let mut update =
                db.prepare_cached("UPDATE transaction_row SET agreed = ?2 WHERE key = ?1")?;
            let differing = rows.iter().filter(|row| row.agreed != counted.contains(&row.key));
            for row in differing {
                update.execute(params![row.key, !row.agreed])?;
            }
            Ok(())
        })
    }

    /// The rows of an account that are pending now, in the order of the answer.
    pub fn pending(&self, account: i64) -> Result<Vec<ReceivedRow>, StoreError> {
        let sql = format!("SELECT {ROW} FROM pending_row WHERE account = ?1 ORDER BY place");
        self.run(|db| {
            let mut query = db.prepare_cached(&sql)?;
            let rows = query.query_map([account], |row| read_row(row, 0))?;
            rows.collect()
        })
    }

    /// Replaces the pending rows of an account as a whole.
    pub fn replace_pending(&self, account: i64, rows: &[ReceivedRow]) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO pending_row (account, place, {ROW}) VALUES ({})",
            places(2 + ROW_WIDTH)
        );
        self.run(|db| {
            db.execute("DELETE FROM pending_row WHERE account = ?1", [account])?;
            let mut insert = db.prepare_cached(&sql)?;
            for (place, row) in rows.iter().enumerate() {
                insert.execute(with_row([figure(&account), figure(&place)].map(Some), row))?;
            }
            Ok(())
        })
    }

    /// Whether any row of an account ever had this id in its files.
    pub fn knows_row(&self, account: i64, id: &str) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM transaction_row WHERE account = ?1 AND id = ?2)";
        self.run(|db| db.prepare_cached(sql)?.query_row(params![account, id], |row| row.get(0)))
    }
}

fn next_sequence(db: &Connection, account: i64) -> rusqlite::Result<i64> {
    let sql = "SELECT coalesce(max(sequence), 0) + 1 FROM transaction_row WHERE account = ?1";
    db.prepare_cached(sql)?.query_row([account], |row| row.get(0))
}

/// So many parameters, in order.
fn places(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// The ids that the service gave rows beside those of their present forms.
fn further_names(db: &Connection, account: i64) -> rusqlite::Result<HashMap<i64, Vec<String>>> {
    let sql = "SELECT name.row, name.service_id FROM row_name AS name
        JOIN transaction_row AS kept ON kept.key = name.row
        WHERE kept.account = ?1 AND name.service_id IS NOT kept.service_id";
    let mut names: HashMap<i64, Vec<String>> = HashMap::new();
    let mut query = db.prepare_cached(sql)?;
    let mut rows = query.query([account])?;
    while let Some(row) = rows.next()? {
        names.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    Ok(names)
}

/// What changed rows said when the opening counted them: the earliest version replaced later.
fn at_anchor(db: &Connection, account: i64) -> rusqlite::Result<HashMap<i64, Box<ReceivedRow>>> {
    former(db, account, "old.held = 0 AND old.until_read > kept.anchored")
}

/// Other forms of an account's rows than today's, the earliest that a condition takes.
fn former(
    db: &Connection,
    account: i64,
    condition: &str,
) -> rusqlite::Result<HashMap<i64, Box<ReceivedRow>>> {
    let columns: Vec<String> = ROW.split(", ").map(|column| format!("old.{column}")).collect();
    let sql = format!(
        "SELECT old.row, {} FROM row_version AS old JOIN transaction_row AS kept ON kept.key = old.row
         WHERE kept.account = ?1 AND {condition} ORDER BY old.until_read DESC",
        columns.join(", ")
    );
    let mut former = HashMap::new();
    let mut query = db.prepare_cached(&sql)?;
    let mut rows = query.query([account])?;
    while let Some(row) = rows.next()? {
        former.insert(row.get(0)?, Box::new(read_row(row, 1)?));
    }
    Ok(former)
}

fn release(db: &Connection, key: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE row_version SET held = 2 WHERE row = ?1 AND held = 1";
    db.prepare_cached(sql)?.execute([key]).map(drop)
}

fn standing_word(standing: Standing) -> &'static str {
    match standing {
        Standing::Present => "present",
        Standing::Outside => "outside",
        Standing::Vanished => "vanished",
        Standing::Entry => "entry",
    }
}

fn standing(word: &str) -> Option<Standing> {
    let all = [Standing::Present, Standing::Outside, Standing::Vanished, Standing::Entry];
    all.into_iter().find(|standing| standing_word(*standing) == word)
}
