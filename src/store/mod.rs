//! One SQLite file that never forgets: what was received, what changed, what is due, what was
//! written.
//!
//! The file has one owner at a time among the processes that write (a lock in the state folder,
//! taken by `cli`); readers such as `status` open it beside the owner, which write-ahead logging
//! allows. It must lie on a local file system. Every commit is synced to disk before it counts.
//!
//! No SQL leaves this room, and nothing in it decides: it carries out what `books` planned.

mod accounts;
mod calls;
mod columns;
mod connecting;
mod families;
mod moves;
mod outputs;
mod plan;
mod refused;
mod rows;
mod schema;
mod stories;
mod tally;

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

pub use calls::Untold;
pub use families::FamilyRecord;
pub use outputs::KeptFile;
pub use refused::Refused;
pub use stories::{Story, Version};

/// The store's file name in the state folder.
pub const FILE_NAME: &str = "store.sqlite";

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk is full: {0} cannot be written")]
    Full(PathBuf),
    /// No rights, or a read-only file system.
    #[error("cannot open {0} for writing")]
    ReadOnly(PathBuf),
    /// It is damaged or no store.
    #[error("{0} is damaged, or no store of this program")]
    Damaged(PathBuf),
    /// A later version of the program made it.
    #[error("{0} was made by a later version of this program")]
    TooNew(PathBuf),
    /// Another process keeps it locked.
    #[error("{0} is in use by another process")]
    Busy(PathBuf),
    /// There is none yet.
    #[error("there is no store yet: {0} does not exist")]
    Missing(PathBuf),
    /// Anything else that SQLite says.
    #[error("{path}: {what}")]
    Other {
        /// The store.
        path: PathBuf,
        /// What SQLite says.
        what: String,
    },
}

impl StoreError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Full(_) => "free some space; nothing that was kept is lost",
            Self::ReadOnly(_) => {
                "it must be a file in a folder that the user that runs this program can write to"
            }
            Self::Damaged(_) => {
                "put a copy of the store back, or move the file aside to begin anew"
            }
            Self::TooNew(_) => "upgrade sophtron-sync, or set another state_dir",
            Self::Busy(_) => "wait for the other process, or end it",
            Self::Missing(_) => "run `sophtron-sync sync` first",
            Self::Other { .. } => "check the disk and the state folder",
        }
    }
}

/// The open store.
pub struct Store {
    db: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the store of a state folder, makes it where there is none, and brings it up to date.
    ///
    /// # Errors
    /// A [`StoreError`] that names the file.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE_NAME);
        make_private(&path);
        Self::at(path, OpenFlags::default(), |db| {
            db.pragma_update(None, "journal_mode", "WAL")?;
            db.pragma_update(None, "synchronous", "FULL")?;
            db.pragma_update(None, "foreign_keys", true)
        })
    }

    /// Opens the store to look at it, beside the process that owns it.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is none yet; else as [`Store::open`].
    pub fn look(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE_NAME);
        match path.symlink_metadata() {
            Ok(_) => {}
            Err(gone) if gone.kind() == std::io::ErrorKind::NotFound => {
                return Err(StoreError::Missing(path));
            }
            Err(_) => return Err(StoreError::ReadOnly(path)),
        }
        let flags = OpenFlags::default() - OpenFlags::SQLITE_OPEN_CREATE;
        Self::at(path, flags, |db| db.pragma_update(None, "query_only", true))
    }

    fn at(
        path: PathBuf,
        flags: OpenFlags,
        prepare: impl Fn(&Connection) -> rusqlite::Result<()>,
    ) -> Result<Self, StoreError> {
        let db = Connection::open_with_flags(&path, flags).map_err(|error| named(&path, &error))?;
        let mut store = Self { db, path };
        store.run(|db| {
            db.busy_timeout(std::time::Duration::from_secs(5))?;
            prepare(db)
        })?;
        let version = store.run(schema::version)?;
        if version > schema::VERSION {
            return Err(StoreError::TooNew(store.path));
        }
        if version < schema::VERSION {
            store.atomically(|store| store.run(|db| schema::migrate(db, version)))?;
        }
        Ok(store)
    }

    /// Copies the store into another folder, as it is now.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn copy_to(&self, folder: &Path) -> Result<(), StoreError> {
        let path = folder.join(FILE_NAME).to_string_lossy().into_owned();
        self.run(|db| db.execute("VACUUM INTO ?1", [path]).map(drop))
    }

    /// Runs some work as one transaction: all of it is kept, or nothing.
    ///
    /// # Errors
    /// What the work gave; then nothing of it was kept.
    pub fn atomically<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let failed = |error| named(&self.path, &error);
        // Dropped before its commit, by an error or a panic, it is rolled back.
        let begun = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate);
        let begun = begun.map_err(failed)?;
        let value = work(self)?;
        begun.commit().map_err(failed)?;
        Ok(value)
    }

    /// Looks through the whole file.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where a page, an index or a reference in it is broken.
    pub fn check(&self) -> Result<(), StoreError> {
        let sound = self.run(|db| {
            let said: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            let broken = db.prepare("PRAGMA foreign_key_check")?.exists([])?;
            Ok(said == "ok" && !broken)
        })?;
        if sound { Ok(()) } else { Err(StoreError::Damaged(self.path.clone())) }
    }

    /// How many rows are kept, of every account there ever was.
    ///
    /// # Errors
    /// What the store cannot do.
    pub fn count_rows(&self) -> Result<u64, StoreError> {
        self.run(|db| db.query_row("SELECT count(*) FROM transaction_row", [], |row| row.get(0)))
    }

    /// The error for a row that was just written and is not there.
    #[must_use]
    pub fn lost_a_row(&self) -> StoreError {
        StoreError::Damaged(self.path.clone())
    }

    fn run<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        work(&self.db).map_err(|error| named(&self.path, &error))
    }
}

/// Makes an empty store for its owner alone, where there is none: `SQLite` would give it the bits of
/// the umask. What fails here, fails at the opening with words.
fn make_private(path: &Path) {
    let _ = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
}

fn named(path: &Path, error: &rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(path),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            StoreError::ReadOnly(path)
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged(path),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy(path),
        _ => StoreError::Other { path, what: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Account, AccountId, AccountType, AmountSign, BalanceSign, Linked, Name, ReceivedRow,
        Refresh, RowCurrency, Sent, Standing, Track, civil_day, parse_decimal,
    };
    use std::collections::HashSet;

    fn fresh() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        (folder, store)
    }

    fn linked(store: &Store) -> i64 {
        let family = Name::parse("smith").unwrap();
        let linked = as_configured();
        store.add_account(&family, &linked).unwrap();
        let kept = store.account(&family, &linked.account.name).unwrap().expect("just added");
        assert_eq!(kept.linked, linked);
        kept.key
    }

    fn as_configured() -> Linked {
        let account = Account {
            id: AccountId::new("A-1"),
            login: None,
            name: Name::parse("checking").unwrap(),
            kind: AccountType::Depository,
            ledger: "Assets:Checking".into(),
            currency: None,
            row_currency: RowCurrency::Own,
            start_date: civil_day("2026-01-01"),
            opening_entry: false,
            track: Some(Track::Rows),
            balance_sign: BalanceSign::Owed,
            amount_sign: AmountSign::Inverted,
            refresh: Some(Refresh::Every(std::time::Duration::from_hours(168))),
            max_age: Some(std::time::Duration::from_millis(1500)),
            closed: civil_day("2026-08-31"),
        };
        Linked { account, start: civil_day("2026-01-01").unwrap() }
    }

    fn row(id: &str, amount: &str) -> ReceivedRow {
        ReceivedRow {
            id: Some(id.into()),
            amount: parse_decimal(amount).map_or(Sent::Unusable(amount.into()), Sent::Value),
            transaction_date: Sent::Value(civil_day("2026-03-02").unwrap()),
            post_date: Sent::Unusable("soon".into()),
            description: Some("a\nb".into()),
            ..ReceivedRow::default()
        }
    }

    fn add(store: &Store, account: i64, row: &ReceivedRow) -> Result<i64, StoreError> {
        Ok(store.add_rows(account, 1, Standing::Present, [(row.id.as_deref(), row)])?[0])
    }

    #[test]
    fn what_is_kept_comes_back_digit_for_digit() {
        let (folder, store) = fresh();
        let account = linked(&store);
        for (id, amount) in [("a", "12345678901234567890.1200"), ("b", "1e2"), ("c", "-0.50")] {
            add(&store, account, &row(id, amount)).unwrap();
        }
        drop(store);
        let rows = Store::open(folder.path()).unwrap().rows(account).unwrap();
        let kept: Vec<_> = rows.iter().map(|kept| kept.row.clone()).collect();
        assert_eq!(
            kept,
            [row("a", "12345678901234567890.1200"), row("b", "1e2"), row("c", "-0.50")]
        );
        assert_eq!(rows[2].service_ids, ["c"]);
        assert_eq!(rows.iter().map(|kept| kept.sequence).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn the_form_that_the_opening_counted_survives_every_change() {
        let (_folder, store) = fresh();
        let account = linked(&store);
        let key = add(&store, account, &row("a", "1")).unwrap();
        store.change_row(key, 2, &row("a", "2")).unwrap();
        store.anchor_rows(&[key], 2).unwrap();
        assert_eq!(store.rows(account).unwrap()[0].at_anchor, None);
        store.change_row(key, 3, &row("a", "3")).unwrap();
        store.change_row(key, 4, &row("a", "4")).unwrap();
        store.hold_version(key, 5, &row("a", "?")).unwrap();
        let kept = &store.rows(account).unwrap()[0];
        assert_eq!(kept.at_anchor.as_deref(), Some(&row("a", "2")));
        assert_eq!(kept.row, row("a", "4"));
    }

    #[test]
    fn a_transaction_keeps_all_or_nothing() {
        let (_folder, mut store) = fresh();
        let account = linked(&store);
        let failed: Result<(), StoreError> = store.atomically(|store| {
            add(store, account, &row("a", "1"))?;
            add(store, account, &row("a", "1"))?;
            Ok(())
        });
        assert!(failed.is_err(), "one id names one row");
        assert_eq!(store.rows(account).unwrap(), []);
    }

    #[test]
    fn an_agreement_counts_these_rows_and_no_others() {
        let (_folder, store) = fresh();
        let account = linked(&store);
        let key = |id| add(&store, account, &row(id, "1")).unwrap();
        let (first, second) = (key("a"), key("b"));
        for counted in [HashSet::from([first]), HashSet::from([second]), HashSet::new()] {
            store.set_agreed(&store.rows(account).unwrap(), &counted).unwrap();
            let rows = store.rows(account).unwrap();
            let agreed = rows.iter().filter(|row| row.agreed).map(|row| row.key);
            assert_eq!(agreed.collect::<HashSet<_>>(), counted);
        }
    }

    #[test]
    fn what_is_no_store_and_what_is_newer_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Store::look(folder.path()), Err(StoreError::Missing(_))));
        Store::open(folder.path())
            .unwrap()
            .run(|db| db.pragma_update(None, "user_version", 999))
            .unwrap();
        assert!(matches!(Store::open(folder.path()), Err(StoreError::TooNew(_))));
        #[allow(clippy::disallowed_methods, reason = "a damaged store is made by hand")]
        std::fs::write(folder.path().join(FILE_NAME), "no store".repeat(1000)).unwrap();
        let _ = std::fs::remove_file(folder.path().join("store.sqlite-wal"));
        assert!(matches!(Store::open(folder.path()), Err(StoreError::Damaged(_))));
    }
}
