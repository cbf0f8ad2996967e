//! An edit of the owner's configuration: looked at before it is written, and written by whoever
//! calls.

use super::World;
use crate::config::{self, Config};
use crate::domain::Exit;
use crate::files;
use crate::round::{self, Failure};
use crate::store::Store;

/// The text of the configuration, and what it is to be.
pub(super) struct Edit {
    before: String,
    after: String,
}

impl Edit {
    /// Reads the text and edits it.
    pub(super) fn of(
        config: &Config,
        edit: impl FnOnce(&str) -> Option<String>,
    ) -> Result<Self, Failure> {
        let before = String::from_utf8(files::read(&config.path)?);
        let before = before.map_err(|_| untouchable(config))?;
        let after = edit(&before).ok_or_else(|| untouchable(config))?;
        Ok(Self { before, after })
    }

    /// Refuses a text that would be no valid configuration, or that the store's history contradicts.
    pub(super) fn check(&self, config: &Config, world: &World) -> Result<(), Failure> {
        let meant = self.meant(config, world)?;
        // Without a store there is no history either.
        let clashes = store(config).map(|store| round::clashes(&meant, &store));
        let clashes = clashes.transpose()?.unwrap_or_default();
        let refused = Failure::all(Exit::Config, clashes).map(refused);
        refused.map_or(Ok(()), Err)
    }

    /// The configuration that it would be.
    pub(super) fn meant(&self, config: &Config, world: &World) -> Result<Config, Failure> {
        let meant = config::preview(&self.after, &config.path, &world.env);
        meant.map_err(|error| refused(error.into()))
    }

    /// Writes it, unless somebody else wrote meanwhile.
    pub(super) fn write(&self, config: &Config) -> Result<(), Failure> {
        if files::read(&config.path)? != self.before.as_bytes() {
            let message = format!("{} was changed meanwhile", config.path.display());
            return Err(Failure::new(Exit::TryLater, message, "run it again"));
        }
        Ok(files::rewrite(&config.path, self.after.as_bytes())?)
    }
}

/// The store beside whoever holds it, where there is one. A look at another user's would cost root the
/// right to write the configuration.
pub(super) fn store(config: &Config) -> Option<Store> {
    files::keeps_ids(&config.state_dir).then(|| round::look(config).ok()).flatten()
}

fn refused(mut failure: Failure) -> Failure {
    failure.message = format!("nothing was written: with this change {}", failure.message);
    failure
}

fn untouchable(config: &Config) -> Failure {
    let message = format!("{} is written in a way that cannot be edited", config.path.display());
    Failure::new(Exit::Config, message, "edit it by hand")
}
