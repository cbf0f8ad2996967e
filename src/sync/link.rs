//! Linked accounts: the store's record of each follows the configuration, and never the other way.

use super::plan;
use crate::books::Rules;
use crate::domain::{Account, Day, Family, KeptAccount, Linked, Move, Name};
use crate::store::{Store, StoreError};

fn fixed_start(store: &Store, family: &Name, today: Day) -> Result<Day, StoreError> {
    store.fix_start_date(family, plan::default_start(today))?;
    Ok(store.family(family)?.start_date.unwrap_or(today))
}

/// Brings the store's record of each linked account up to the configuration.
///
/// # Errors
/// What the store cannot do.
pub fn link_accounts(store: &Store, family: &Family, today: Day) -> Result<(), StoreError> {
    let start = match family.start_date {
        Some(start) => start,
        None => fixed_start(store, &family.name, today)?,
    };
    for account in &family.accounts {
        let start = account.start_date.unwrap_or(start);
        let linked = Linked { account: account.clone(), start };
        match store.account(&family.name, &account.name)? {
            Some(kept) if kept.linked == linked => {}
            Some(kept) if kept.id == account.id => {
                store.save_linked(kept.key, &linked)?;
                if counts_otherwise(&kept, &linked) {
                    store.forget_computed(kept.key)?;
                    store.forget_agreement(kept.key)?;
                }
            }
            other => add(store, &family.name, &linked, other)?,
        }
    }
    Ok(())
}

/// Whether rows and balances count otherwise under another setting; one that states what was settled
/// by itself changes nothing. The start date is none of these: what leaves the books by it stands in
/// the opening.
fn counts_otherwise(kept: &KeptAccount, now: &Linked) -> bool {
    let Some(settled) = &kept.settled else { return false };
    let counted = |linked: &Linked| {
        let kept = KeptAccount { linked: linked.clone(), ..kept.clone() };
        let rules = Rules { start: now.start, ..Rules::of(&kept, settled) };
        (rules, linked.account.track.unwrap_or(settled.track))
    };
    counted(&kept.linked) != counted(now)
}

/// Adds an account; a record of the same name or id that never was read makes room.
fn add(
    store: &Store,
    family: &Name,
    linked: &Linked,
    same_name: Option<KeptAccount>,
) -> Result<(), StoreError> {
    let accounts = store.accounts(family)?;
    let same_id = accounts.into_iter().find(|kept| kept.id == linked.account.id);
    for stale in same_name.into_iter().chain(same_id) {
        store.drop_unread_account(stale.key)?;
    }
    store.add_account(family, linked)
}

/// An account that the store knows otherwise than it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// Its place among the family's accounts.
    pub place: usize,
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub cure: String,
}

/// Tells the accounts of a family whose name or id is another one in the store, where rows are
/// known of it: to go on would begin the account anew beside its own history.
///
/// # Errors
/// What the store cannot do.
pub fn check_link(store: &Store, family: &Family) -> Result<Vec<Clash>, StoreError> {
    let accounts = store.accounts(&family.name)?;
    let known: Vec<_> = accounts.into_iter().filter(|kept| kept.reads > 0).collect();
    let moves = store.moves()?;
    let places = family.accounts.iter().enumerate();
    Ok(places.filter_map(|(place, account)| clash(place, account, &known, &moves)).collect())
}

fn clash(place: usize, account: &Account, known: &[KeptAccount], moves: &[Move]) -> Option<Clash> {
    let is_on_its_way = |kept: &KeptAccount| {
        let allows = |open: &Move| open.allows(&account.name, &account.id);
        moves.iter().any(|open| open.account == kept.key && allows(open))
    };
    let is_other = |kept: &&KeptAccount| (kept.id == account.id) != (kept.name == account.name);
    let other = known.iter().find(|kept| is_other(kept) && !is_on_its_way(kept))?;
    let (family, name) = (&other.family, &other.name);
    let (problem, cure) = if other.id == account.id {
        let account = &account.name;
        (
            format!("the account with this id is known as {family}/{name}"),
            format!(
                "put the name \"{name}\" back, which names its folder; then `sophtron-sync rename {family}/{name} {account}` gives it the other one"
            ),
        )
    } else {
        let (before, account) = (&other.id, &account.id);
        (
            format!("{family}/{name} is the account {before} so far"),
            format!(
                "put that id back; then, if its bank was connected anew, `sophtron-sync relink {family} {name} {account}`; if this is another account, give it a name of its own"
            ),
        )
    };
    Some(Clash { place, problem, cure })
}
