//! Writes every file from the store, without a request.

use super::{Failure, Glance};
use crate::domain::{Fault, Name};
use crate::store::Store;
use crate::sync::{FamilyOutcome, Published, link_accounts, publish_family, publish_shared};

/// What an export did.
#[derive(Debug, Default)]
pub struct Exported {
    /// The files of each family, and what stood in the way.
    pub families: Vec<(Name, FamilyOutcome)>,
    /// The files that families share.
    pub shared: Published,
}

impl Exported {
    /// How many files were written or removed.
    #[must_use]
    pub fn written(&self) -> usize {
        let own = self.families.iter().map(|(_, outcome)| outcome.files.len());
        own.sum::<usize>() + self.shared.files.len()
    }

    /// What stood in the way, and what the owner should know.
    pub fn notes(&self) -> impl Iterator<Item = &Fault> {
        let own = self.families.iter().flat_map(|(_, outcome)| &outcome.trouble);
        own.chain(&self.shared.notes)
    }
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
        let mut outcome = FamilyOutcome::default();
        outcome.take_published(publish_family(store, family, settings)?);
        exported.families.push((family.name.clone(), outcome));
    }
    exported.shared = publish_shared(store, &families, settings)?;
    exported.shared.notes.extend(glance.write(store)?);
    Ok(exported)
}
