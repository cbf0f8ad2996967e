//! Files that outlived their store: what they hold is never overwritten.

use std::path::Path;

use super::outcome::fault;
use super::output::{Halt, is_stamped, text};
use crate::domain::{Exit, Fault, Format, KeptAccount, State, sha256_hex};
use crate::export::row_ids;
use crate::files;
use crate::store::{Store, StoreError};

/// Looks whether an account's files come from another store; see the message of the fault.
///
/// # Errors
/// What the store cannot do.
pub fn surviving(
    store: &Store,
    folder: &Path,
    kept: &KeptAccount,
) -> Result<Option<Fault>, StoreError> {
    match foreign_rows(store, kept.key, &folder.join(kept.name.as_str())) {
        Ok(found) => Ok(found),
        Err(Halt::Store(error)) => Err(error),
        Err(Halt::Fault(fault)) => Ok(Some(fault)),
    }
}

/// Looks whether the files of an account hold rows that the store does not know: then they come
/// from another store, and nothing of the account may be read or overwritten.
fn foreign_rows(store: &Store, key: i64, folder: &Path) -> Result<Option<Fault>, Halt> {
    for path in files::list(folder)? {
        let Some(format) = yearly_format(&path) else { continue };
        let last = store.file(&text(&path))?;
        let stamp = files::stamp(&path);
        if last.zip(stamp).is_some_and(|(last, stamp)| is_stamped(&last, stamp)) {
            continue;
        }
        let bytes = files::read(&path)?;
        if store.wrote(&text(&path), &sha256_hex(&bytes))? {
            continue;
        }
        for id in row_ids(format, &bytes) {
            if !store.knows_row(key, &id)? {
                return Ok(Some(lost_store(&path)));
            }
        }
    }
    Ok(None)
}

/// The format of a file that is named like one of a year of an account.
fn yearly_format(path: &Path) -> Option<Format> {
    let stem = path.file_stem()?.to_str()?;
    let ending = path.extension()?.to_str()?;
    let is_year = stem.len() == 4 && stem.bytes().all(|byte| byte.is_ascii_digit());
    Format::ALL.into_iter().find(|format| is_year && format.word() == ending)
}

fn lost_store(path: &Path) -> Fault {
    let message = format!(
        "{} holds rows that the store does not know: the store is lost or old",
        path.display()
    );
    let help = "put the store back from a copy, or move the account's folder aside to begin anew; nothing was overwritten";
    fault(State::Suspect, Exit::Trouble, message, help)
}
