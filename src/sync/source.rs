//! An account's books as the store has them, for whoever shows or writes them.

use crate::books::{Rules, Source, Summary, statement, summary};
use crate::domain::{KeptAccount, KeptRow, Statement, Style};
use crate::store::{Store, StoreError};

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

/// Does some work with all that a statement is made from; `None` where the account was never read.
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
        held: &store
            .held_versions(kept.key)?
            .into_iter()
            .map(|(key, row)| (key, *row))
            .collect::<Vec<_>>(),
        pending: &store.pending(kept.key)?,
        reports: &store.reports(kept.key)?,
        rules: &rules,
        style,
    };
    Ok(Some(work(&source)))
}
