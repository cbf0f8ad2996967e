//! From the store to a family's files: the statement of each account, rendered, and put where
//! bytes differ.

use std::path::Path;

use super::figures::hold_reports;
use super::outcome::fault;
use super::output::{Halt, Output, Published, access, is_stamped, settled, text};
use super::source::with_source;
use super::surviving::surviving;
use super::tables::write_own_tables;
use crate::books::{Rules, balance_lines, name_rows, statement};
use crate::domain::{
    BalanceLine, Exit, Family, Fault, FileSettings, Format, KeptAccount, KeptRow, State, sha256_hex,
};
use crate::export::{self, AccountIndex};
use crate::files;
use crate::store::{KeptFile, Store, StoreError};

/// Changes whenever the same books would give other bytes than before.
const LAYOUT: u32 = 1;

/// Writes a family's files from the store, where their bytes differ.
///
/// # Errors
/// What the store cannot do; everything else stands in the notes.
pub fn publish_family(
    store: &mut Store,
    family: &Family,
    settings: &FileSettings,
) -> Result<Published, StoreError> {
    settled(write_family(store, family, settings))
}

fn write_family(
    store: &mut Store,
    family: &Family,
    settings: &FileSettings,
) -> Result<Published, Halt> {
    let accounts = store.accounts(&family.name)?;
    let blocked = blocked(store, family, &accounts)?;
    let fingerprint = fingerprint(store, family, settings, &accounts)?;
    let untouched = store.family(&family.name)?.exported.as_ref() == Some(&fingerprint)
        && is_intact(store, &family.output_dir)?;
    if blocked.is_empty() && untouched {
        return write_own_tables(store, family, settings);
    }
    if !family.own_folder {
        files::make_folder(
            &settings.output_dir,
            &access(settings.mode, settings.group.as_deref())?,
        )?;
    }
    let access = access(family.mode, family.group.as_deref())?;
    let mut output = Output::open(&family.output_dir, access, Some(&family.name))?;
    let mut entries = Entries::default();
    for kept in accounts.iter().filter(|kept| !blocked.iter().any(|(key, _)| *key == kept.key)) {
        write_account(store, &mut output, kept, settings, &mut entries)?;
    }
    if !blocked.is_empty() {
        let mut published = output.published();
        published.notes.extend(blocked.into_iter().map(|(_, fault)| fault));
        return Ok(published);
    }
    write_entries(store, &mut output, settings, &entries)?;
    store.set_exported(&family.name, &fingerprint)?;
    let mut published = output.published();
    published.extend(write_own_tables(store, family, settings)?);
    Ok(published)
}

/// The accounts whose files cannot be written, each with why.
fn blocked(
    store: &Store,
    family: &Family,
    accounts: &[KeptAccount],
) -> Result<Vec<(i64, Fault)>, StoreError> {
    let mut blocked = Vec::new();
    for kept in accounts {
        let fault = match linked_away(&family.output_dir, kept) {
            Some(fault) => Some(fault),
            None => surviving(store, &family.output_dir, kept)?,
        };
        blocked.extend(fault.map(|fault| (kept.key, fault)));
    }
    Ok(blocked)
}

/// Why an account's folder cannot be written: it, or the family's, is a link.
fn linked_away(folder: &Path, kept: &KeptAccount) -> Option<Fault> {
    let above = folder.parent().unwrap_or(folder);
    let link = files::no_links_below(above, &folder.join(kept.name.as_str())).err()?;
    Some(fault(State::Failed, Exit::Io, link.message(), &link.help()))
}

/// What the family's own files are made of, account by account.
#[derive(Default)]
struct Entries {
    indexes: Vec<AccountIndex>,
    balances: Vec<BalanceLine>,
}

fn write_account(
    store: &mut Store,
    output: &mut Output,
    kept: &KeptAccount,
    settings: &FileSettings,
    entries: &mut Entries,
) -> Result<(), Halt> {
    let (kept, rows) = brought_up(store, kept)?;
    let made = with_source(store, &kept, &settings.style, &rows, |source| {
        (statement(source), balance_lines(source))
    })?;
    drop(rows);
    let Some((statement, lines)) = made else { return Ok(()) };
    let rendered = export::account_files(&statement, &settings.style, &settings.formats);
    if !rendered.is_empty() {
        output.folder(kept.name.as_str())?;
    }
    output.put(store, &rendered)?;
    let is_written = |name: &str| settings.formats.iter().any(|format| ends_with(name, *format));
    output.remove_stale(store, kept.name.as_str(), is_written, &rendered)?;
    entries.indexes.push(export::index(&statement, &settings.style));
    entries.balances.extend(lines);
    Ok(())
}

fn ends_with(name: &str, format: Format) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == format.word())
}

/// An account and its rows, as a changed setting leaves them.
fn brought_up(
    store: &mut Store,
    kept: &KeptAccount,
) -> Result<(KeptAccount, Vec<KeptRow>), StoreError> {
    let rows = named_rows(store, kept)?;
    let held = store.atomically(|store| hold_reports(store, kept, &rows))?;
    if !held {
        return Ok((kept.clone(), rows));
    }
    let kept = store.account(&kept.family, &kept.name)?.unwrap_or_else(|| kept.clone());
    let rows = store.rows(kept.key)?;
    Ok((kept, rows))
}

/// The rows of an account. A changed setting may have made some bookable that have no id yet:
/// they get one.
fn named_rows(store: &mut Store, kept: &KeptAccount) -> Result<Vec<KeptRow>, StoreError> {
    let Some(settled) = &kept.settled else { return Ok(Vec::new()) };
    let rules = Rules::of(kept, settled);
    let mut rows = store.rows(kept.key)?;
    let named = name_rows(&mut rows, &kept.family, &kept.first_name, &rules);
    if !named.is_empty() {
        store.atomically(|store| -> Result<(), StoreError> {
            named.iter().try_for_each(|(row, id)| store.name_row(*row, id))
        })?;
    }
    Ok(rows)
}

fn write_entries(
    store: &mut Store,
    output: &mut Output,
    settings: &FileSettings,
    entries: &Entries,
) -> Result<(), Halt> {
    let rendered = export::family_files(
        &entries.indexes,
        &entries.balances,
        &settings.style,
        &settings.formats,
    );
    output.put(store, &rendered)?;
    let is_journal =
        |name: &str| settings.formats.contains(&Format::Ledger) && name.ends_with(".journal");
    output.remove_stale(store, "", is_journal, &rendered)
}

/// Whether a family's files were written as the store has them now.
pub(super) fn is_written(
    store: &Store,
    family: &Family,
    settings: &FileSettings,
) -> Result<bool, StoreError> {
    let accounts = store.accounts(&family.name)?;
    let fingerprint = fingerprint(store, family, settings, &accounts)?;
    Ok(store.family(&family.name)?.exported == Some(fingerprint))
}

/// What the files of a family are made from: equal, and there is nothing to render.
fn fingerprint(
    store: &Store,
    family: &Family,
    settings: &FileSettings,
    accounts: &[KeptAccount],
) -> Result<String, StoreError> {
    let revision = store.family(&family.name)?.revision;
    let linked: Vec<_> =
        accounts.iter().map(|kept| (kept.key, &kept.linked, &kept.settled)).collect();
    let names: Vec<_> = family.accounts.iter().map(|account| &account.name).collect();
    let place = (&family.output_dir, family.mode, &family.group, family.own_folder);
    let form = (&settings.formats, &settings.style, LAYOUT);
    Ok(sha256_hex(format!("{revision} {linked:?} {names:?} {place:?} {form:?}").as_bytes()))
}

/// Whether every file that was written is there as it was written.
fn is_intact(store: &Store, folder: &Path) -> Result<bool, StoreError> {
    let prefix = text(folder) + "/";
    let same = |file: &KeptFile| {
        files::stamp(Path::new(&file.path)).is_some_and(|stamp| is_stamped(file, stamp))
    };
    Ok(store.files_below(&prefix)?.iter().all(same))
}
