//! Accounts on their way to another name or id: taken to one end, whatever was done of it before.
//!
//! The folder goes first and the record of the account, with those of its files, after it in one
//! transaction. Killed in between, the folder is found under its new name and left there.

use std::path::Path;

use super::outcome::store_fault;
use super::output::{Halt, text};
use crate::domain::{Family, Fault, KeptAccount, KnownBy, Move};
use crate::files;
use crate::store::{Store, StoreError};

/// Whether more was done of a move than to want it: the configuration or the store has its new end.
///
/// # Errors
/// What the store cannot do.
pub fn is_under_way(
    store: &Store,
    family: Option<&Family>,
    open: &Move,
) -> Result<bool, StoreError> {
    let kept = kept(store, open)?;
    Ok(is_configured(family, &open.to) || kept.is_some_and(|kept| is_at(&kept, &open.to)))
}

/// Takes an account to the end of its move that is configured; where neither is, to that which the
/// store has.
///
/// # Errors
/// What the store or the folder cannot do, as a fault.
pub fn carry_move(store: &mut Store, family: Option<&Family>, open: &Move) -> Result<(), Fault> {
    carry(store, family, open).map_err(|halt| match halt {
        Halt::Store(error) => store_fault(&error),
        Halt::Fault(fault) => {
            let (name, help) = (&open.from.name, &fault.help);
            let help = format!("{help}; or put the name \"{name}\" back in the configuration");
            Fault { help, ..fault }
        }
    })
}

fn carry(store: &mut Store, family: Option<&Family>, open: &Move) -> Result<(), Halt> {
    let Some(kept) = kept(store, open)? else { return Ok(()) };
    let arrives = is_configured(family, &open.to)
        || !is_configured(family, &open.from) && is_at(&kept, &open.to);
    let (here, there) = if arrives { (&open.from, &open.to) } else { (&open.to, &open.from) };
    let is_placed = is_at(&kept, there);
    if let Some(family) = family.filter(|_| here.name != there.name) {
        move_folder(&family.output_dir, here, there, is_placed)?;
    }
    if is_placed {
        return Ok(());
    }
    let root = family.map(|family| family.output_dir.as_path());
    Ok(store.atomically(|store| place(store, root, open, (here, there)))?)
}

fn move_folder(root: &Path, here: &KnownBy, there: &KnownBy, is_placed: bool) -> Result<(), Halt> {
    let (from, to) = (root.join(here.name.as_str()), root.join(there.name.as_str()));
    if !from.is_dir() || is_placed && to.is_dir() {
        return Ok(());
    }
    let above = root.parent().unwrap_or(root);
    files::no_links_below(above, &from)?;
    Ok(files::move_folder(&from, &to)?)
}

/// Makes the account known by one end of its move, with its files. A record in its way that was
/// never read makes room.
fn place(
    store: &Store,
    root: Option<&Path>,
    open: &Move,
    (here, there): (&KnownBy, &KnownBy),
) -> Result<(), StoreError> {
    for other in store.accounts(&open.family)? {
        if other.key != open.account && (other.name == there.name || other.id == there.id) {
            store.drop_unread_account(other.key)?;
        }
    }
    store.place_account(open, there)?;
    match root.filter(|_| here.name != there.name) {
        Some(root) => {
            let folder = |known: &KnownBy| text(&root.join(known.name.as_str())) + "/";
            store.move_files(&open.family, &folder(here), &folder(there))
        }
        None => Ok(()),
    }
}

fn kept(store: &Store, open: &Move) -> Result<Option<KeptAccount>, StoreError> {
    let accounts = store.accounts(&open.family)?;
    Ok(accounts.into_iter().find(|kept| kept.key == open.account))
}

fn is_at(kept: &KeptAccount, known: &KnownBy) -> bool {
    kept.name == known.name && kept.id == known.id
}

fn is_configured(family: Option<&Family>, known: &KnownBy) -> bool {
    let mut accounts = family.into_iter().flat_map(|family| &family.accounts);
    accounts.any(|account| account.name == known.name && account.id == known.id)
}
