//! What a command stands on: opened by itself, or lent by the daemon that it runs inside.

use std::path::Path;
use std::sync::Arc;

use tokio::runtime::{Handle, Runtime};

use super::World;
use crate::config::{Config, FamilyConfig, Identity};
use crate::domain::{DaemonInfo, Fault, Name};
use crate::round::{self, Berths, Failure, Glance, Ground, Household, InForce, Lent, Surroundings};
use crate::sophtron::{Client, Gate};
use crate::sync::Keys;

/// The configuration: the one in force, inside a daemon.
pub(super) fn configuration(flag: Option<&Path>, world: &World) -> Result<Config, Failure> {
    match &world.lent {
        Some(lent) => Ok(lent.household.config.clone()),
        None => round::configuration(flag, &world.env, &world.cwd),
    }
}

/// The identity that opens what a configuration names.
pub(super) fn identity(config: &Config, world: &World) -> Result<Arc<Identity>, Failure> {
    match &world.lent {
        Some(lent) => Ok(Arc::clone(&lent.household.identity)),
        None => Ok(Arc::new(round::identity(config)?)),
    }
}

/// A configuration with all that opens it.
pub(super) fn household(config: Config, world: &World) -> Result<Arc<Household>, Failure> {
    match &world.lent {
        Some(lent) => Ok(Arc::clone(&lent.household)),
        None => Ok(Arc::new(Household::open(config)?)),
    }
}

/// The household under which files are written.
pub(super) fn in_force(household: &Arc<Household>, world: &World) -> InForce {
    let lent = world.lent.as_ref().map(|lent| lent.in_force.clone());
    lent.unwrap_or_else(|| InForce::new(Arc::clone(household)))
}

/// The state folder, and with it the store.
pub(super) fn take_state(config: &Config, world: &World) -> Result<Ground, Failure> {
    lent(world).map_or_else(|| Ground::take_state(config), Ok)
}

/// The state folder and the output folders.
pub(super) fn take_all(config: &Config, world: &World) -> Result<Ground, Failure> {
    lent(world).map_or_else(|| Ground::take_all(config), Ok)
}

/// What is known of the daemon: the one that the command runs inside, or that there is none.
pub(super) fn daemon(world: &World) -> DaemonInfo {
    let running = |lent: &Lent| DaemonInfo {
        running: true,
        pid: Some(std::process::id()),
        config_error: lent.config_error.clone(),
    };
    world.lent.as_ref().map(running).unwrap_or_default()
}

/// What is told of everything, besides what the store knows.
pub(super) fn glance<'a>(config: &'a Config, world: &World) -> Glance<'a> {
    Glance { config, daemon: daemon(world), now: (world.clock)() }
}

fn lent(world: &World) -> Option<Ground> {
    world.lent.as_ref().map(|lent| lent.ground.clone())
}

/// The families that a command is about: the named one, or all.
pub(super) fn families<'a>(
    config: &'a Config,
    named: Option<&str>,
) -> Result<Vec<&'a FamilyConfig>, Failure> {
    let Some(named) = named else { return Ok(config.families.iter().collect()) };
    Ok(vec![round::family_named(config, named)?])
}

/// One client of one family.
pub(super) fn client(family: &FamilyConfig, keys: &Keys, world: &World) -> Result<Client, Fault> {
    let base_url = &family.family.base_url;
    Client::new(base_url, keys.credentials.clone(), gate(world), world.pace.clone())
        .map_err(|error| error.fault_of_command(&family.family.name))
}

/// The bound on answers in hand.
pub(super) fn gate(world: &World) -> Arc<Gate> {
    world.lent.as_ref().map_or_else(Gate::new, |lent| Arc::clone(&lent.gate))
}

/// Where a command's requests run.
pub(super) enum Runs {
    Own(Runtime),
    Lent(Handle),
}

impl Runs {
    pub(super) fn block_on<F: Future>(&self, work: F) -> F::Output {
        match self {
            Self::Own(runtime) => runtime.block_on(work),
            Self::Lent(runtime) => runtime.block_on(work),
        }
    }
}

/// Who works on which family.
pub(super) fn berths(world: &World) -> Berths {
    world.lent.as_ref().map(|lent| lent.berths.clone()).unwrap_or_default()
}

/// What the owner's programs are run with.
pub(super) fn surroundings(world: &World) -> Surroundings {
    let own = || Surroundings::of(&world.env, world.hook_limits);
    world.lent.as_ref().map_or_else(own, |lent| lent.surroundings.clone())
}

/// The runtime that a command's requests run on.
pub(super) fn runtime(world: &World) -> Result<Runs, Failure> {
    match &world.lent {
        Some(lent) => Ok(Runs::Lent(lent.runtime.clone())),
        None => Ok(Runs::Own(round::runtime()?)),
    }
}

/// Counts requests in the calendar month of the UTC day.
pub(super) fn count_requests(
    ground: &Ground,
    family: &Name,
    calls: u64,
    world: &World,
) -> Result<(), Failure> {
    let month = (world.clock)().format("%Y-%m").to_string();
    Ok(ground.with(|store| store.add_requests(family, &month, calls))?)
}
