//! What `rename` and `relink` have in common: an account gets to be known by something else.
//!
//! What is wanted is kept in the store first, then the owner's configuration is edited, then the
//! record, the folder and the files follow; whatever ends in between, the next start finishes.
//! Beside a daemon the configuration is edited here, and the daemon is asked to keep what is wanted
//! before and for the end after that: taking the edited file, it does the rest.

use std::time::Instant;

use super::edit::Edit;
use super::export::finish;
use super::{World, ground, remote};
use crate::config::{self, Config, FamilyConfig, NewPlace};
use crate::domain::{Account, Exit, KnownBy, LoginId, Name};
use crate::round::{self, Exported, Failure, Ground, Lent, Moves, finish_moves};

/// What is wanted.
pub(super) struct Plan<'p> {
    /// The family.
    pub family: &'p Name,
    /// What the account is known by.
    pub from: KnownBy,
    /// What it is to be known by.
    pub to: KnownBy,
    /// The command, as a daemon is asked for its steps.
    pub asked: Vec<&'p str>,
}

impl Plan<'_> {
    /// Keeps what is wanted, edits the configuration, and has everything else follow.
    pub(super) fn carry_out(
        &self,
        config: &Config,
        begin: impl FnOnce(&Ground, &mut World) -> Result<Option<LoginId>, Failure>,
        world: &mut World,
    ) -> Result<Exit, Failure> {
        // What cannot be edited, or would be no configuration, is refused before anything is kept.
        self.edit(config, None)?.meant(config, world)?;
        if let Some(said) = remote::ask(&config.path, &self.step("begin"), world)? {
            let login = Some(said.trim()).filter(|said| !said.is_empty()).map(LoginId::new);
            self.edited(config, login.as_ref(), world)?;
            remote::ask(&config.path, &self.step("end"), world)?;
            return Ok(Exit::Good);
        }
        let ground = ground::take_all(config, world)?;
        let login = begin(&ground, world)?;
        let config = self.edited(config, login.as_ref(), world)?;
        let glance = ground::glance(&config, world);
        let moved = ground.with(|store| -> Result<Exported, Failure> {
            let mut moved = finish_moves(store, &config, Moves::All)?.unwrap_or_default();
            moved.shared.notes.extend(glance.write(store)?);
            Ok(moved)
        })?;
        finish(moved, &glance, &ground, world)
    }

    fn step<'s>(&'s self, step: &'s str) -> Vec<&'s str> {
        self.asked.iter().copied().chain(["--step", step]).collect()
    }

    /// Edits the configuration; gives what it means then.
    fn edited(
        &self,
        config: &Config,
        login: Option<&LoginId>,
        world: &World,
    ) -> Result<Config, Failure> {
        let edit = self.edit(config, login)?;
        edit.check(config, world)?;
        edit.write(config)?;
        Ok(config::load(&config.path, &world.env)?)
    }

    fn edit(&self, config: &Config, login: Option<&LoginId>) -> Result<Edit, Failure> {
        let Self { family, from, to, .. } = self;
        let name = (from.name != to.name).then_some(&to.name);
        let id = (from.id != to.id).then_some(&to.id);
        let to = NewPlace { name, id, login };
        Edit::of(config, |text| config::move_account(text, family, &from.name, to))
    }
}

/// A family and its account of a name, as configured.
pub(super) fn account<'c>(
    config: &'c Config,
    family: &str,
    name: &Name,
) -> Result<(&'c FamilyConfig, &'c Account), Failure> {
    let family = round::family_named(config, family)?;
    let accounts = &family.family.accounts;
    let found = accounts.iter().find(|account| account.name == *name).ok_or_else(|| {
        let known: Vec<&Name> = accounts.iter().map(|account| &account.name).collect();
        Failure::unknown(&format!("account {}/{name}", family.family.name), &known)
    })?;
    Ok((family, found))
}

/// Waits, inside a daemon, until an account is configured as wanted by what is in force.
pub(super) fn wait(
    lent: &Lent,
    family: &str,
    is_it: impl Fn(&Account) -> bool,
) -> Result<Exit, Failure> {
    let begun = Instant::now();
    loop {
        let household = lent.in_force.get();
        let families = household.config.families.iter().map(|family| &family.family);
        let mut named = families.filter(|known| known.name.as_str() == family);
        if named.any(|family| family.accounts.iter().any(&is_it)) {
            return Ok(Exit::Good);
        }
        if begun.elapsed() > remote::PATIENCE {
            let message = "the daemon has not taken the edited configuration yet";
            let help = "`sophtron-sync status` tells what stands in the way; the rest is done then";
            return Err(Failure::new(Exit::TryLater, message, help));
        }
        std::thread::sleep(remote::LOOK);
    }
}
