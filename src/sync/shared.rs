//! The files above the families' own: `accounts.csv`, the shared `all.ledger`, `.gitignore`.

use super::output::{Halt, Output, Published, access, settled};
use super::publish::is_written;
use super::surviving::surviving;
use super::tables::{GITIGNORE_FILE, account_lines, tables};
use crate::domain::{Family, FileSettings, Format, Name};
use crate::export::{self, GITIGNORE, OutputFile};
use crate::store::{Store, StoreError};

/// Writes the files that all families share: `all.ledger`, `accounts.csv`, `.gitignore`.
///
/// # Errors
/// As [`super::publish_family`].
pub fn publish_shared(
    store: &mut Store,
    families: &[Family],
    settings: &FileSettings,
) -> Result<Published, StoreError> {
    settled(write_shared(store, families, settings))
}

fn write_shared(
    store: &mut Store,
    families: &[Family],
    settings: &FileSettings,
) -> Result<Published, Halt> {
    let shared: Vec<Family> =
        families.iter().filter(|family| !family.own_folder).cloned().collect();
    if shared.is_empty() {
        return Ok(Published::default());
    }
    for family in &shared {
        for kept in store.accounts(&family.name)? {
            if surviving(store, &family.output_dir, &kept)?.is_some() {
                return Ok(Published::default());
            }
        }
    }
    let access = access(settings.mode, settings.group.as_deref())?;
    let mut output = Output::open(&settings.output_dir, access, None)?;
    let (written, behind) = by_files(store, shared, settings)?;
    let mut rendered = tables(&account_lines(store, &written, settings)?, &settings.style);
    let last = output.last(store, "accounts.csv")?;
    if !behind.is_empty() {
        let table = &mut rendered[0].bytes;
        *table = export::with_lines_of(&behind, &last, table);
    }
    let touched = export::families_that_differ(&last, &rendered[0].bytes);
    if settings.formats.contains(&Format::Ledger) {
        let names = included(store, families, settings)?;
        let bytes = export::shared_all_ledger(&names, &settings.style);
        rendered.push(OutputFile { path: "all.ledger".to_owned(), bytes });
    }
    output.put_once(store, GITIGNORE_FILE, GITIGNORE.as_bytes())?;
    output.put(store, &rendered)?;
    // Without the format it would include journals that are gone.
    output.remove_stale(store, "", |name| name == "all.ledger", &rendered)?;
    Ok(Published { families: touched, ..output.published() })
}

/// Parts the families whose files are written as the store has them from those whose files could
/// not be: what others share with these goes no further than their own files.
fn by_files(
    store: &Store,
    families: Vec<Family>,
    settings: &FileSettings,
) -> Result<(Vec<Family>, Vec<Name>), StoreError> {
    let (mut written, mut behind) = (Vec::new(), Vec::new());
    for family in families {
        if is_written(store, &family, settings)? {
            written.push(family);
        } else {
            behind.push(family.name);
        }
    }
    Ok((written, behind))
}

/// The families whose files stand below the shared folder: those that are configured there, and
/// those that are configured no longer, as accounts that are linked no longer stay included.
fn included(
    store: &Store,
    families: &[Family],
    settings: &FileSettings,
) -> Result<Vec<Name>, StoreError> {
    let apart =
        |name: &Name| families.iter().any(|family| family.own_folder && family.name == *name);
    let written = |name: &Name| settings.output_dir.join(name.as_str()).join("all.ledger").exists();
    let known = store.families()?.into_iter();
    Ok(known.filter(|name| !apart(name) && written(name)).collect())
}
