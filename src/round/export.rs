//! Writes every file from the store, without a request.

use std::path::PathBuf;

use super::{Failure, Glance};
use crate::domain::Fault;
use crate::store::Store;
use crate::sync::{link_accounts, publish_family, publish_shared};

/// What an export did.
#[derive(Debug, Default)]
pub struct Exported {
    /// Files written or removed.
    pub files: Vec<PathBuf>,
    /// What stood in the way, and what the owner should know.
    pub notes: Vec<Fault>,
}

/// Brings the store's record of the accounts up to the configuration, and writes the files whose
/// bytes differ, and what shows at a glance how everything stands.
///
/// # Errors
/// What the store cannot do.
pub fn export(store: &mut Store, glance: &Glance) -> Result<Exported, Failure> {
    let mut exported = Exported::default();
    let (families, settings) = (glance.families(), &glance.config.files);
    let today = glance.now.date_naive();
    for family in &families {
        store.atomically(|store| link_accounts(store, family, today))?;
        let published = publish_family(store, family, settings)?;
        exported.files.extend(published.files);
        exported.notes.extend(published.notes);
    }
    let shared = publish_shared(store, &families, settings)?;
    exported.files.extend(shared.files);
    exported.notes.extend(shared.notes);
    exported.notes.extend(glance.write(store)?);
    Ok(exported)
}
