//! Accounts on their way to another name or id: finished, or undone, under a configuration.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Berths, Exported, Failure, Ground, Household, InForce};
use crate::config::Config;
use crate::domain::{Family, Move, Name};
use crate::store::{Store, StoreError};
use crate::sync::{FamilyOutcome, carry_move, is_under_way, publish_family, publish_shared};

/// Which moves are finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moves {
    /// All: one that is only wanted is given up.
    All,
    /// Those that have begun: whoever wanted the others is about to edit the configuration.
    UnderWay,
}

/// Takes each account that is on its way to the end of its move that is configured, has the files
/// say so, and forgets the move. Gives what that wrote; nothing where no account was on its way.
///
/// # Errors
/// What the store or a folder cannot do; the moves stay open then.
pub fn finish_moves(
    store: &mut Store,
    config: &Config,
    which: Moves,
) -> Result<Option<Exported>, Failure> {
    let families: Vec<Family> =
        config.families.iter().map(|family| family.family.clone()).collect();
    let open = open(store, &families, which)?;
    for (open, _) in &open {
        carry_move(store, family_of(&families, open), open)?;
    }
    let moved: BTreeSet<&Name> =
        open.iter().filter(|(_, begun)| *begun).map(|(open, _)| &open.family).collect();
    let mut exported = Exported::default();
    for family in families.iter().filter(|family| moved.contains(&family.name)) {
        let mut outcome = FamilyOutcome::default();
        outcome.take_published(publish_family(store, family, &config.files)?);
        exported.families.push((family.name.clone(), outcome));
    }
    if !moved.is_empty() {
        exported.shared = publish_shared(store, &families, &config.files)?;
    }
    for (open, _) in &open {
        store.end_move(open.account)?;
    }
    Ok((!moved.is_empty()).then_some(exported))
}

/// The moves to finish, each with whether it has begun.
fn open(store: &Store, families: &[Family], which: Moves) -> Result<Vec<(Move, bool)>, StoreError> {
    let mut found = Vec::new();
    for open in store.moves()? {
        let begun = is_under_way(store, family_of(families, &open), &open)?;
        if begun || which == Moves::All {
            found.push((open, begun));
        }
    }
    Ok(found)
}

fn family_of<'f>(families: &'f [Family], open: &Move) -> Option<&'f Family> {
    families.iter().find(|family| family.name == open.family)
}

/// Puts a household in force that has accounts at the new end of their moves, together with what
/// the store and the files know of them: no sync sees one without the other. Nothing where no
/// account is on its way.
///
/// # Errors
/// As [`finish_moves`]; then the household before it stays in force.
pub async fn follow_moves(
    household: &Arc<Household>,
    ground: &Ground,
    berths: &Berths,
    in_force: &InForce,
) -> Result<Option<Exported>, Failure> {
    let families = household.families();
    let open = move |store: &mut Store| open(store, &families, Moves::UnderWay);
    let open = ground.shelf.with(open).await?;
    let moved: BTreeSet<Name> = open.into_iter().map(|(open, _)| open.family).collect();
    if moved.is_empty() {
        return Ok(None);
    }
    let mut taken = Vec::new();
    for family in &moved {
        berths.clear(family);
        taken.push(berths.enter(family).await);
    }
    let (own, force) = (Arc::clone(household), in_force.clone());
    let finished = ground.shelf.with(move |store| {
        let finished = finish_moves(store, &own.config, Moves::UnderWay);
        if finished.is_ok() {
            force.set(own);
        }
        Ok(finished)
    });
    let finished = finished.await?;
    // Whoever waits for a berth waits with an order from before.
    for family in &moved {
        berths.clear(family);
    }
    finished
}
