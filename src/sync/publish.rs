//! From the store to files: the statement of each account, rendered, and put where bytes differ.

use std::path::{Path, PathBuf};

use super::outcome::fault;
use super::output::{Halt, Output, foreign_rows, hash, is_stamped, text};
use crate::books::{
    Rules, Source, Summary, account_line, balance_lines, name_rows, statement, summary,
};
use crate::domain::{
    AccountLine, BalanceLine, Exit, Family, Fault, FileSettings, Format, KeptAccount, KeptRow,
    Name, State, Statement, Style,
};
use crate::export::{self, AccountIndex, GITIGNORE, OutputFile};
use crate::files::{self, Access};
use crate::store::{KeptFile, Store, StoreError};

/// Changes whenever the same books would give other bytes than before.
const LAYOUT: u32 = 1;

/// What writing files did.
#[derive(Debug, Default)]
pub struct Published {
    /// Files written or removed.
    pub files: Vec<PathBuf>,
    /// What stood in the way, and what the owner should know.
    pub notes: Vec<Fault>,
}

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

/// Writes the files that all families share: `all.ledger`, `accounts.csv`, `.gitignore`.
///
/// # Errors
/// As [`publish_family`].
pub fn publish_shared(
    store: &mut Store,
    families: &[Family],
    settings: &FileSettings,
) -> Result<Published, StoreError> {
    settled(write_shared(store, families, settings))
}

fn settled(written: Result<Published, Halt>) -> Result<Published, StoreError> {
    match written {
        Ok(published) => Ok(published),
        Err(Halt::Store(error)) => Err(error),
        Err(Halt::Fault(fault)) => Ok(Published { notes: vec![fault], ..Published::default() }),
    }
}

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

/// The statement of an account that was read at least once.
///
/// # Errors
/// What the store cannot do.
pub fn account_statement(
    store: &Store,
    kept: &KeptAccount,
    style: &Style,
) -> Result<Option<Statement>, StoreError> {
    with_source(store, kept, style, &store.rows(kept.key)?, statement)
}

/// An account at a glance, where it was read at least once.
///
/// # Errors
/// What the store cannot do.
pub fn account_summary(
    store: &Store,
    kept: &KeptAccount,
    style: &Style,
) -> Result<Option<Summary>, StoreError> {
    with_source(store, kept, style, &store.rows(kept.key)?, summary)
}

pub(super) fn with_source<T>(
    store: &Store,
    kept: &KeptAccount,
    style: &Style,
    rows: &[KeptRow],
    work: impl FnOnce(&Source) -> T,
) -> Result<Option<T>, StoreError> {
    let Some(settled) = &kept.settled else { return Ok(None) };
    let rules = Rules::of(kept, settled);
    let source = Source {
        kept,
        settled,
        rows,
        held: &store.held_versions(kept.key)?.into_values().map(|row| *row).collect::<Vec<_>>(),
        pending: &store.pending(kept.key)?,
        reports: &store.reports(kept.key)?,
        rules: &rules,
        style,
    };
    Ok(Some(work(&source)))
}

fn write_family(
    store: &mut Store,
    family: &Family,
    settings: &FileSettings,
) -> Result<Published, Halt> {
    let accounts = store.accounts(&family.name)?;
    let mut blocked = Vec::new();
    for kept in &accounts {
        let fault = match linked_away(&family.output_dir, kept) {
            Some(fault) => Some(fault),
            None => surviving(store, &family.output_dir, kept)?,
        };
        blocked.extend(fault.map(|fault| (kept.key, fault)));
    }
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
    let mut output = Output::open(&family.output_dir, access)?;
    let mut entries = Entries::default();
    for kept in accounts.iter().filter(|kept| !blocked.iter().any(|(key, _)| *key == kept.key)) {
        write_account(store, &mut output, kept, settings, &mut entries)?;
    }
    if blocked.is_empty() {
        write_entries(store, &mut output, settings, &entries)?;
        store.set_exported(&family.name, &fingerprint)?;
        let tables = write_own_tables(store, family, settings)?;
        output.changed.extend(tables.files);
        output.notes.extend(tables.notes);
    }
    output.notes.extend(blocked.into_iter().map(|(_, fault)| fault));
    Ok(Published { files: output.changed, notes: output.notes })
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
    let rows = named_rows(store, kept)?;
    let made = with_source(store, kept, &settings.style, &rows, |source| {
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

/// Writes what a family with a folder of its own has there instead of the shared files. Like
/// those it is looked at each time: the available balance moves without any other news.
fn write_own_tables(
    store: &mut Store,
    family: &Family,
    settings: &FileSettings,
) -> Result<Published, Halt> {
    if !family.own_folder {
        return Ok(Published::default());
    }
    let group = family.group.as_deref();
    let mut output = Output::open(&family.output_dir, access(family.mode, group)?)?;
    let lines = account_lines(store, std::slice::from_ref(family), settings)?;
    write_gitignore(&family.output_dir, family.mode, group)?;
    output.put(store, &tables(&lines, &settings.style))?;
    Ok(Published { files: output.changed, notes: output.notes })
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
    let mut output =
        Output::open(&settings.output_dir, access(settings.mode, settings.group.as_deref())?)?;
    let (written, behind) = by_files(store, shared, settings)?;
    let mut rendered = tables(&account_lines(store, &written, settings)?, &settings.style);
    if !behind.is_empty() {
        let last = output.last(store, "accounts.csv")?;
        let table = &mut rendered[0].bytes;
        *table = export::with_lines_of(&behind, &last, table);
    }
    if settings.formats.contains(&Format::Ledger) {
        let names = included(store, families, settings)?;
        let bytes = export::shared_all_ledger(&names, &settings.style);
        rendered.push(OutputFile { path: "all.ledger".to_owned(), bytes });
    }
    write_gitignore(&settings.output_dir, settings.mode, settings.group.as_deref())?;
    output.put(store, &rendered)?;
    Ok(Published { files: output.changed, notes: output.notes })
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
        let accounts = store.accounts(&family.name)?;
        let fingerprint = fingerprint(store, &family, settings, &accounts)?;
        if store.family(&family.name)?.exported == Some(fingerprint) {
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

fn tables(lines: &[AccountLine], style: &Style) -> Vec<OutputFile> {
    vec![OutputFile { path: "accounts.csv".to_owned(), bytes: export::accounts_csv(lines, style) }]
}

/// The line of an account that was never read.
fn unread_line(kept: &KeptAccount) -> AccountLine {
    AccountLine {
        family: kept.family.clone(),
        account: kept.name.clone(),
        account_id: kept.id.to_string(),
        institution: None,
        kind: kept.linked.account.kind,
        mask: None,
        currency: kept.linked.account.currency.clone(),
        balance: None,
        available: None,
        balance_date: None,
    }
}

/// The lines of `accounts.csv`: every linked account.
fn account_lines(
    store: &Store,
    families: &[Family],
    settings: &FileSettings,
) -> Result<Vec<AccountLine>, StoreError> {
    let mut lines = Vec::new();
    for family in families {
        for kept in store.accounts(&family.name)? {
            let linked = family.accounts.iter().any(|account| account.name == kept.name);
            if !linked {
                continue;
            }
            let Some(settled) = &kept.settled else {
                lines.push(unread_line(&kept));
                continue;
            };
            let login = match &kept.login {
                Some(login) => store.login(&family.name, login)?,
                None => None,
            };
            let institution =
                login.and_then(|login| login.institution).filter(|name| !name.is_empty());
            let source = Source {
                kept: &kept,
                settled,
                rows: &[],
                held: &[],
                pending: &[],
                reports: &store.reports(kept.key)?,
                rules: &Rules::of(&kept, settled),
                style: &settings.style,
            };
            lines.push(account_line(&source, institution));
        }
    }
    Ok(lines)
}

fn write_gitignore(folder: &Path, mode: u32, group: Option<&str>) -> Result<(), Halt> {
    let path = folder.join(".gitignore");
    if files::stamp(&path).is_none() {
        files::write_new(&path, GITIGNORE.as_bytes(), &access(mode, group)?)?;
    }
    Ok(())
}

fn access(mode: u32, group: Option<&str>) -> Result<Access, Halt> {
    let group = group.map(files::group_id).transpose().map_err(|error| {
        Halt::Fault(fault(State::Failed, Exit::Config, error.to_string(), &error.help()))
    })?;
    Ok(Access { mode, group })
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
    Ok(hash(format!("{revision} {linked:?} {names:?} {place:?} {form:?}").as_bytes()))
}

/// Whether every file that was written is there as it was written.
fn is_intact(store: &Store, folder: &Path) -> Result<bool, StoreError> {
    let prefix = text(folder) + "/";
    let same = |file: &KeptFile| {
        files::stamp(Path::new(&file.path)).is_some_and(|stamp| is_stamped(file, stamp))
    };
    Ok(store.files_below(&prefix)?.iter().all(same))
}
