//! What was written to which file: the hash of every version.

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError};

/// A file as last written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFile {
    /// Its absolute path.
    pub path: String,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Its length in bytes.
    pub length: u64,
    /// When it was written, in nanoseconds since 1970, by the file system's clock.
    pub modified: String,
}

impl Store {
    /// A file as last written, where this store wrote it.
    pub fn file(&self, path: &str) -> Result<Option<KeptFile>, StoreError> {
        let sql = "SELECT path, sha256, length, modified FROM file WHERE path = ?1";
        self.run(|db| db.prepare_cached(sql)?.query_row([path], read_file).optional())
    }

    /// Every file as last written whose path begins with a folder's (which ends in `/`).
    pub fn files_below(&self, folder: &str) -> Result<Vec<KeptFile>, StoreError> {
        let sql = "SELECT path, sha256, length, modified FROM file
            WHERE substr(path, 1, length(?1)) = ?1 ORDER BY path";
        self.run(|db| {
            let mut query = db.prepare_cached(sql)?;
            let rows = query.query_map([folder], read_file)?;
            rows.collect()
        })
    }

    /// Whether this store ever wrote these bytes there.
    pub fn wrote(&self, path: &str, sha256: &str) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM file_version WHERE path = ?1 AND sha256 = ?2)";
        self.run(|db| db.prepare_cached(sql)?.query_row([path, sha256], |row| row.get(0)))
    }

    /// Keeps the hash of a version before it is written: killed in between, the next start knows
    /// the file as its own.
    pub fn intend_file(&self, path: &str, sha256: &str) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO file_version (path, sha256) VALUES (?1, ?2)";
        self.run(|db| db.prepare_cached(sql)?.execute([path, sha256]).map(drop))
    }

    /// Keeps a file as written.
    pub fn save_file(&self, file: &KeptFile) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO file (path, sha256, length, modified)
            VALUES (?1, ?2, ?3, ?4)";
        let values = params![file.path, file.sha256, file.length, file.modified];
        self.run(|db| db.prepare_cached(sql)?.execute(values).map(drop))
    }

    /// Forgets a file that is gone; its versions stay known.
    pub fn drop_file(&self, path: &str) -> Result<(), StoreError> {
        self.run(|db| db.execute("DELETE FROM file WHERE path = ?1", [path]).map(drop))
    }
}

fn read_file(row: &rusqlite::Row) -> rusqlite::Result<KeptFile> {
    Ok(KeptFile {
        path: row.get(0)?,
        sha256: row.get(1)?,
        length: row.get(2)?,
        modified: row.get(3)?,
    })
}
