//! What a new household changes for what is in hand: pure, from the old one and the new.

use std::collections::BTreeSet;

use crate::config::{Config, FamilyConfig};
use crate::domain::{Account, Name};
use crate::round::Household;
use crate::sync::Wanted;

/// What follows from another household.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Whether anything is different at all.
    pub any: bool,
    /// Families whose sync in hand, if there is one, ends: it would go on under the old settings.
    pub cleared: Vec<Name>,
    /// What is asked of the service at once: families and accounts that are new or that can be
    /// asked only now, and days that were never read.
    pub asked: Vec<(Name, Wanted)>,
}

/// What the new household changes.
#[must_use]
pub fn changes(old: &Household, new: &Household) -> Changes {
    let mut changes = Changes::default();
    let general = general(&old.config) != general(&new.config);
    for family in &new.config.families {
        let name = &family.family.name;
        let before = family_of(&old.config, name);
        let same_keys = same_keys(old, new, name);
        if general || before != Some(family) || !same_keys {
            changes.cleared.push(name.clone());
        }
        if let Some(wanted) = asked(before, family, same_keys) {
            changes.asked.push((name.clone(), wanted));
        }
    }
    let gone = old.config.families.iter().map(|family| &family.family.name);
    changes.cleared.extend(gone.filter(|name| family_of(&new.config, name).is_none()).cloned());
    changes.any = !changes.cleared.is_empty() || old.config != new.config;
    changes
}

/// What all families' syncs depend on.
fn general(config: &Config) -> impl PartialEq + use<> {
    (config.sync.clone(), config.files.clone())
}

fn family_of<'c>(config: &'c Config, name: &Name) -> Option<&'c FamilyConfig> {
    config.families.iter().find(|family| family.family.name == *name)
}

/// Whether a family is asked under the same keys as before, or as before has none.
fn same_keys(old: &Household, new: &Household, name: &Name) -> bool {
    let fingerprint = |household: &Household| match household.keys_of(name) {
        Some(Ok(keys)) => Some(keys.fingerprint.clone()),
        _ => None,
    };
    fingerprint(old) == fingerprint(new)
}

/// Which accounts of a family are to be asked for at once.
fn asked(before: Option<&FamilyConfig>, now: &FamilyConfig, same_keys: bool) -> Option<Wanted> {
    let Some(before) = before else { return Some(Wanted::All) };
    if now.family.paused {
        return None;
    }
    if !same_keys || before.family.paused {
        return Some(Wanted::All);
    }
    let family_start = (before.family.start_date, now.family.start_date);
    let names: BTreeSet<Name> = now
        .family
        .accounts
        .iter()
        .filter(|account| account.closed.is_none())
        .filter(|account| {
            let known = |known: &&Account| known.name == account.name;
            let before = before.family.accounts.iter().find(known);
            before.is_none_or(|before| is_due(before, account, family_start))
        })
        .map(|account| account.name.clone())
        .collect();
    (!names.is_empty()).then_some(Wanted::Only(names))
}

/// Whether an account is asked for anew: its place at the service, or the days that are wanted,
/// are others.
fn is_due(
    before: &Account,
    now: &Account,
    (family_before, family_now): (Option<crate::domain::Day>, Option<crate::domain::Day>),
) -> bool {
    let start_before = before.start_date.or(family_before);
    let start_now = now.start_date.or(family_now);
    let earlier = match (start_before, start_now) {
        (Some(before), Some(now)) => now < before,
        // One that was fixed at the first sync may lie on either side of it.
        (None, Some(_)) => true,
        (_, None) => false,
    };
    earlier || before.id != now.id || before.login != now.login || before.closed.is_some()
}
