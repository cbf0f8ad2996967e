//! The folders that one process holds, and the store in one of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Runtime;

use super::{Failure, Moves, finish_moves};
use crate::config::{Config, FamilyConfig};
use crate::domain::Exit;
use crate::files::{self, Access, LOCK_FILE, Lock};
use crate::store::{Store, StoreError};
use crate::sync::{Shelf, check_link};

/// The state folder, the output folders and the store, held by this process until the last copy
/// of this value is gone.
#[derive(Clone)]
pub struct Ground {
    /// The store.
    pub shelf: Shelf,
    /// Held, not read; by folder, since a reload takes and lets go of some.
    locks: Arc<Mutex<BTreeMap<PathBuf, Lock>>>,
}

impl Ground {
    /// Takes the state folder, and with it the store. Root takes the ids of the folder's owner
    /// before that: what only root may read is to be read by then.
    ///
    /// # Errors
    /// A [`Failure`]: another process has the folder, or it cannot be used.
    pub fn take_state(config: &Config) -> Result<Self, Failure> {
        files::become_owner(&config.state_dir)?;
        if config.state_dir_is_xdg {
            files::private_folders(&config.state_dir)?;
        } else {
            files::private_folder(&config.state_dir)?;
        }
        let lock = Lock::take(&config.state_dir, LOCK_FILE)?;
        files::sweep(&config.state_dir)?;
        let shelf = Shelf::new(Store::open(&config.state_dir)?);
        let locks = BTreeMap::from([(config.state_dir.clone(), lock)]);
        Ok(Self { shelf, locks: Arc::new(Mutex::new(locks)) })
    }

    /// Takes the state folder and the output folders, and refuses accounts that are known by
    /// another name or id. What a killed process left of an account's move is finished or undone.
    ///
    /// # Errors
    /// As [`Ground::take_state`], and what [`Ground::fits`], [`Ground::hold_outputs`] and
    /// [`finish_moves`] say.
    pub fn take_all(config: &Config) -> Result<Self, Failure> {
        let ground = Self::take_state(config)?;
        ground.fits(config)?;
        ground.hold_outputs(config)?;
        ground.with(|store| finish_moves(store, config, Moves::All))?;
        Ok(ground)
    }

    /// Refuses a configuration whose accounts the store knows by another name or id.
    ///
    /// # Errors
    /// Each of them, with its line.
    pub fn fits(&self, config: &Config) -> Result<(), Failure> {
        let clashes = self.with(|store| clashes(config, store))?;
        Failure::all(Exit::Config, clashes).map_or(Ok(()), Err)
    }

    /// Takes the output folders of a configuration that are not held yet, and lets go of those
    /// that it has no longer.
    ///
    /// # Errors
    /// A folder cannot be made or is held by another process; then all that was held still is.
    pub fn hold_outputs(&self, config: &Config) -> Result<(), Failure> {
        let folders = output_folders(config)?;
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = BTreeMap::new();
        for (folder, access) in &folders {
            if locks.contains_key(folder) {
                continue;
            }
            files::make_folder(folder, access)?;
            taken.insert(folder.clone(), Lock::take(folder, LOCK_FILE)?);
            files::sweep(folder)?;
        }
        locks.retain(|held, _| {
            *held == config.state_dir || folders.iter().any(|(folder, _)| folder == held)
        });
        locks.append(&mut taken);
        Ok(())
    }

    /// Works with the store, from a thread that may block.
    ///
    /// # Errors
    /// What the work gave.
    pub fn with<T, E>(&self, work: impl FnOnce(&mut Store) -> Result<T, E>) -> Result<T, E> {
        self.shelf.blocking(work)
    }
}

/// Opens the store of a configuration to look at it, beside whoever holds it.
///
/// # Errors
/// There is none yet, or it cannot be read.
pub fn look(config: &Config) -> Result<Store, Failure> {
    files::become_owner(&config.state_dir)?;
    Ok(Store::look(&config.state_dir)?)
}

/// The accounts that the store knows otherwise than they are configured, with their lines.
///
/// # Errors
/// What the store cannot do.
pub fn clashes(config: &Config, store: &Store) -> Result<Vec<(String, String)>, StoreError> {
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
///
/// # Errors
/// A group that the system does not know.
pub fn output_folders(config: &Config) -> Result<Vec<(PathBuf, Access)>, Failure> {
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

/// The runtime that requests run on.
///
/// # Errors
/// No threads can be started.
pub fn runtime() -> Result<Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let built = builder.worker_threads(2).enable_all().build();
    built.map_err(|_| {
        Failure::new(Exit::Io, "no threads can be started", "look at the limits of this user")
    })
}
