//! One event for each family whose files changed in a round.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::look::Look;
use super::{Due, Receipt, RoundEnd};
use crate::domain::{Event, EventKind, Name};
use crate::store::{Store, StoreError};

/// The families that have an event: their own files changed, or their lines in a shared one. What
/// changed in a shared file for none of them is the first one's, so that somebody is told.
pub(super) fn changed_families(end: &RoundEnd) -> BTreeSet<Name> {
    let own = end.outcomes.iter().filter(|(_, outcome)| !outcome.changed.is_empty());
    let mut families: BTreeSet<Name> = own.map(|(name, _)| name.clone()).collect();
    if !end.shared.changed.is_empty() {
        families.extend(end.shared.families.iter().cloned());
        let mut sharing = end.families.iter().filter(|family| !family.own_folder);
        if !sharing.clone().any(|family| families.contains(&family.name)) {
            families.extend(sharing.next().map(|family| family.name.clone()));
        }
    }
    families
}

/// The events of these families, each with all files that its hook was not told of yet.
pub(super) fn changes(
    store: &Store,
    end: &RoundEnd,
    families: &BTreeSet<Name>,
    looks: &[Look],
) -> Result<Vec<Due>, StoreError> {
    share_out(store, end, families)?;
    let mut due = Vec::new();
    for family in families {
        let theirs = looks.iter().filter(|look| look.family == *family);
        let untold = store.untold(Some(family))?;
        let event = Event {
            kind: EventKind::Change,
            at: end.now,
            family: Some(family.clone()),
            solved: false,
            accounts: theirs.map(Look::entry).collect(),
            files: untold.files.clone(),
        };
        due.push(Due { event, receipt: Receipt::Files(untold) });
    }
    Ok(due)
}

/// Shared files that changed stand in the event of each family that has one and shares them: those
/// of this round, which another one that ended meanwhile may have told already, and those that
/// nobody was told of.
fn share_out(store: &Store, end: &RoundEnd, families: &BTreeSet<Name>) -> Result<(), StoreError> {
    let apart =
        |name: &Name| end.families.iter().any(|family| family.own_folder && family.name == *name);
    let sharing: Vec<&Name> = families.iter().filter(|name| !apart(name)).collect();
    let untold = store.untold(None)?;
    let mut files: Vec<PathBuf> = untold.files.clone();
    files.extend(end.shared.changed.iter().cloned());
    if sharing.is_empty() || files.is_empty() {
        return Ok(());
    }
    for family in sharing {
        for file in &files {
            store.note_untold(Some(family), &file.to_string_lossy())?;
        }
    }
    store.drop_untold(None, &untold)
}
