//! `accounts.csv`: the accounts of some families at a glance, in the shared folder or in a family's
//! own.

use super::output::{Halt, Output, Published, access};
use crate::books::{Rules, Source, account_line};
use crate::domain::{AccountLine, Family, FileSettings, KeptAccount, Style};
use crate::export::{self, GITIGNORE, OutputFile};
use crate::store::{Store, StoreError};

/// What keeps passing files out of a repository; the owner's own stays as it is.
pub(super) const GITIGNORE_FILE: &str = ".gitignore";

/// `accounts.csv` with some lines.
pub(super) fn tables(lines: &[AccountLine], style: &Style) -> Vec<OutputFile> {
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
pub(super) fn account_lines(
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

/// Writes what a family with a folder of its own has there instead of the shared files. Like
/// those it is looked at each time: the available balance moves without any other news.
pub(super) fn write_own_tables(
    store: &mut Store,
    family: &Family,
    settings: &FileSettings,
) -> Result<Published, Halt> {
    if !family.own_folder {
        return Ok(Published::default());
    }
    let access = access(family.mode, family.group.as_deref())?;
    let mut output = Output::open(&family.output_dir, access, Some(&family.name))?;
    let lines = account_lines(store, std::slice::from_ref(family), settings)?;
    output.put_once(store, GITIGNORE_FILE, GITIGNORE.as_bytes())?;
    output.put(store, &tables(&lines, &settings.style))?;
    Ok(output.published())
}
