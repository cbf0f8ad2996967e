//! Opens what a command stands on: configuration, identity, locks, store.

use std::path::Path;
use std::sync::Arc;

use tokio::runtime::Runtime;

use super::World;
use super::failure::{Failure, secret_fault};
use crate::config::{self, Config, FamilyConfig, Identity};
use crate::domain::{Exit, Fault, Name};
use crate::files::{self, Access, LOCK_FILE, Lock};
use crate::sophtron::{Client, Gate};
use crate::store::Store;
use crate::sync::{Keys, check_link};

/// Finds and reads the configuration.
pub(super) fn configuration(flag: Option<&Path>, world: &World) -> Result<Config, Failure> {
    let path = config::find(flag, &world.env, &world.cwd)?;
    Ok(config::load(&path, &world.env)?)
}

/// Reads the identity.
pub(super) fn identity(config: &Config) -> Result<Identity, Failure> {
    Ok(config::read_identity(&config.identity, config.identity_from_systemd)?)
}

/// A family's keys, or why there are none.
pub(super) fn keys(family: &FamilyConfig, identity: &Identity) -> Result<Keys, Fault> {
    let credentials = config::decrypt(&family.credentials, identity);
    let credentials = credentials.map_err(|error| secret_fault(&error))?;
    let fingerprint =
        config::fingerprint(&family.credentials).map_err(|error| secret_fault(&error))?;
    Ok(Keys { credentials, fingerprint: format!("{fingerprint} {}", family.family.base_url) })
}

/// The state folder, held by this process, and the store in it.
pub(super) struct Ground {
    pub(super) store: Store,
    /// Held until the command ends.
    #[allow(dead_code, reason = "dropped, not read")]
    locks: Vec<Lock>,
}

/// Takes the state folder, and with it the store.
pub(super) fn take_state(config: &Config) -> Result<Ground, Failure> {
    if config.state_dir_is_xdg {
        files::private_folders(&config.state_dir)?;
    } else {
        files::private_folder(&config.state_dir)?;
    }
    let lock = Lock::take(&config.state_dir, LOCK_FILE)?;
    Ok(Ground { store: Store::open(&config.state_dir)?, locks: vec![lock] })
}

/// Takes the state folder and the output folders, and refuses accounts that are known by another
/// name or id.
pub(super) fn take_all(config: &Config) -> Result<Ground, Failure> {
    let mut ground = take_state(config)?;
    if let Some(failure) = Failure::all(Exit::Config, clashes(config, &ground.store)?) {
        return Err(failure);
    }
    for (folder, access) in output_folders(config)? {
        files::make_folder(&folder, &access)?;
        ground.locks.push(Lock::take(&folder, LOCK_FILE)?);
        files::sweep(&folder)?;
    }
    Ok(ground)
}

/// The accounts that the store knows otherwise than they are configured, with their lines.
pub(super) fn clashes(config: &Config, store: &Store) -> Result<Vec<(String, String)>, Failure> {
    let mut clashes = Vec::new();
    for family in &config.families {
        for clash in check_link(store, &family.family)? {
            let line = family.account_lines.get(clash.place).copied();
            let place = config.place(line, "family.account.name");
            clashes.push((format!("{place}: {}", clash.problem), clash.cure));
        }
    }
    Ok(clashes)
}

/// The folders that are locked: the shared one where a family uses it, and each family's own.
pub(super) fn output_folders(
    config: &Config,
) -> Result<Vec<(std::path::PathBuf, Access)>, Failure> {
    let shared = config.families.iter().any(|family| !family.family.own_folder);
    let mut folders = Vec::new();
    if shared {
        let files = &config.files;
        let access = access(config, files.mode, files.group.as_deref(), config.group_line)?;
        folders.push((files.output_dir.clone(), access));
    }
    for FamilyConfig { family, group_line, .. } in &config.families {
        let line = group_line.or(config.group_line);
        let access = access(config, family.mode, family.group.as_deref(), line)?;
        if family.own_folder {
            folders.push((family.output_dir.clone(), access));
        }
    }
    Ok(folders)
}

fn access(
    config: &Config,
    mode: u32,
    group: Option<&str>,
    line: Option<usize>,
) -> Result<Access, Failure> {
    let group = group.map(files::group_id).transpose().map_err(|error| {
        let message = format!("{}: {error}", config.place(line, "files.group"));
        Failure::new(Exit::Config, message, error.help())
    })?;
    Ok(Access { mode, group })
}

/// The families that a command is about: the named one, or all.
pub(super) fn families<'a>(
    config: &'a Config,
    named: Option<&str>,
) -> Result<Vec<&'a FamilyConfig>, Failure> {
    let Some(named) = named else { return Ok(config.families.iter().collect()) };
    Ok(vec![family(config, named)?])
}

/// One family by its name.
pub(super) fn family<'a>(config: &'a Config, named: &str) -> Result<&'a FamilyConfig, Failure> {
    let found = config.families.iter().find(|family| family.family.name.as_str() == named);
    found.ok_or_else(|| {
        let known: Vec<&Name> = config.families.iter().map(|family| &family.family.name).collect();
        Failure::unknown(&format!("family {named:?}"), &known)
    })
}

/// One client of one family.
pub(super) fn client(family: &FamilyConfig, keys: &Keys, world: &World) -> Result<Client, Fault> {
    let base_url = &family.family.base_url;
    Client::new(base_url, keys.credentials.clone(), Gate::new(), world.pace.clone())
        .map_err(|error| error.fault())
}

/// The runtime that a command's requests run on.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let built = builder.worker_threads(2).enable_all().build();
    built.map_err(|_| {
        Failure::new(Exit::Io, "no threads can be started", "look at the limits of this user")
    })
}

/// Counts requests in the calendar month of the UTC day.
pub(super) fn count_requests(
    store: &Store,
    family: &Name,
    calls: u64,
    world: &World,
) -> Result<(), Failure> {
    let month = (world.clock)().format("%Y-%m").to_string();
    Ok(store.add_requests(family, &month, calls)?)
}

/// The clock as the sync takes it.
pub(super) fn clock(world: &World) -> crate::sync::Clock {
    Arc::clone(&world.clock)
}
