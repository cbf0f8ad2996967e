//! Accounts on their way to another name or id: kept before anything else is touched, so that a
//! killed process leaves none half-way.

use rusqlite::{Row, params};

use super::columns::odd;
use super::{Store, StoreError};
use crate::domain::{AccountId, KeptAccount, KnownBy, LoginId, Move, Name};

impl Store {
    /// Keeps that an account is to be known by something else, in place of what was wanted before.
    pub fn begin_move(&self, open: &Move) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO account_move
            (account, from_name, from_id, to_name, to_id, to_login) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let Move { account, from, to, to_login, .. } = open;
        let login = to_login.as_ref().map(LoginId::as_str);
        let (from, to) = (texts(from), texts(to));
        let values = params![account, from.0, from.1, to.0, to.1, login];
        self.run(|db| db.execute(sql, values).map(drop))
    }

    /// Every account that is on its way.
    pub fn moves(&self) -> Result<Vec<Move>, StoreError> {
        let sql = "SELECT account, family, from_name, from_id, to_name, to_id, to_login
            FROM account_move JOIN account ON key = account ORDER BY account";
        self.run(|db| {
            let mut query = db.prepare_cached(sql)?;
            let moves = query.query_map([], read_move)?;
            moves.collect()
        })
    }

    /// One account as it is configured: by its name and id, or by one end of its move.
    pub fn configured_account(
        &self,
        family: &Name,
        name: &Name,
        id: &AccountId,
    ) -> Result<Option<KeptAccount>, StoreError> {
        if let Some(kept) = self.account(family, name)?.filter(|kept| kept.id == *id) {
            return Ok(Some(kept));
        }
        let moves = self.moves()?;
        let open = moves.iter().find(|open| open.family == *family && open.allows(name, id));
        let Some(open) = open else { return Ok(None) };
        let accounts = self.accounts(family)?;
        Ok(accounts.into_iter().find(|kept| kept.key == open.account))
    }

    /// Forgets that an account was on its way: it has arrived, or is back.
    pub fn end_move(&self, account: i64) -> Result<(), StoreError> {
        self.run(|db| {
            db.execute("DELETE FROM account_move WHERE account = ?1", [account]).map(drop)
        })
    }

    /// Makes an account known by one end of its move; calls about it follow its name. Under another
    /// id it is read anew, from the login that goes with that.
    pub fn place_account(&self, open: &Move, at: &KnownBy) -> Result<(), StoreError> {
        let name = "UPDATE account SET name = ?2 WHERE key = ?1";
        let id = "UPDATE account SET id = ?2, login = ?3, read_updated = NULL
            WHERE key = ?1 AND id != ?2";
        let calls = "UPDATE OR REPLACE attention_call SET subject = ?3
            WHERE family = ?1 AND subject = ?2";
        let Move { account, family, from, to, to_login } = open;
        let (before, login) = if at == to { (from, to_login.as_ref()) } else { (to, None) };
        let (name_now, id_now) = texts(at);
        self.run(|db| {
            db.execute(name, params![account, name_now])?;
            db.execute(id, params![account, id_now, login.map(LoginId::as_str)])?;
            db.execute(calls, [family.as_str(), before.name.as_str(), name_now]).map(drop)
        })
    }

    /// Makes the files below one folder known as those below another (both end in `/`), into which
    /// the folder was moved. A hook is to be told of both.
    pub fn move_files(&self, family: &Name, from: &str, to: &str) -> Result<(), StoreError> {
        let gone = "INSERT OR REPLACE INTO untold_file (family, path)
            SELECT ?1, path FROM file WHERE substr(path, 1, length(?2)) = ?2 ORDER BY path";
        let come = "INSERT OR REPLACE INTO untold_file (family, path)
            SELECT ?1, ?3 || substr(path, length(?2) + 1) FROM file
            WHERE substr(path, 1, length(?2)) = ?2 ORDER BY path";
        let versions = "INSERT OR IGNORE INTO file_version (path, sha256)
            SELECT ?2 || substr(path, length(?1) + 1), sha256 FROM file_version
            WHERE substr(path, 1, length(?1)) = ?1";
        let files = "UPDATE OR REPLACE file SET path = ?2 || substr(path, length(?1) + 1)
            WHERE substr(path, 1, length(?1)) = ?1";
        self.run(|db| {
            db.execute(gone, [family.as_str(), from])?;
            db.execute(come, [family.as_str(), from, to])?;
            db.execute(versions, [from, to])?;
            db.execute(files, [from, to]).map(drop)
        })
    }
}

fn texts(known: &KnownBy) -> (&str, &str) {
    (known.name.as_str(), known.id.as_str())
}

fn read_move(row: &Row) -> rusqlite::Result<Move> {
    let name = |at: usize| Name::parse(&row.get::<_, String>(at)?).map_err(|_| odd(at));
    let known = |at: usize| -> rusqlite::Result<KnownBy> {
        Ok(KnownBy { name: name(at)?, id: AccountId::new(&row.get::<_, String>(at + 1)?) })
    };
    let login: Option<String> = row.get(6)?;
    Ok(Move {
        account: row.get(0)?,
        family: name(1)?,
        from: known(2)?,
        to: known(4)?,
        to_login: login.as_deref().map(LoginId::new),
    })
}
