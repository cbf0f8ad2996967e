//! What `init` writes: all of it, or nothing.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::config::{self, Config, CredentialsSource};
use crate::domain::{Credentials, Exit};
use crate::files::{self, Access, Fresh};
use crate::round::Failure;

/// The user and the group that the system's unit runs as.
const SERVICE: &str = "sophtron-sync";

/// Where its store is.
const SERVICE_STATE: &str = "/var/lib/sophtron-sync";

/// Files that others may read, and the folders above a place that a service must reach.
const OPEN: Access = Access { mode: 0o644, group: None };

/// The identity that is there, or a new one with the text of its file.
pub(super) struct Identity {
    identity: config::Identity,
    new: Option<Zeroizing<String>>,
}

impl Identity {
    /// The one that a configuration will use: what is there is used, and never overwritten.
    pub(super) fn at(config: &Config) -> Result<Self, Failure> {
        if config.identity_from_systemd || std::fs::symlink_metadata(&config.identity).is_ok() {
            let identity = config::read_identity(&config.identity, config.identity_from_systemd)?;
            return Ok(Self { identity, new: None });
        }
        let (identity, text) = config::new_identity();
        Ok(Self { identity, new: Some(text) })
    }

    /// The pair in the credentials file of the family, where an earlier run or the owner left one.
    pub(super) fn known_pair(&self, config: &Config) -> Result<Option<Credentials>, Failure> {
        let Some((path, source)) = credentials(config) else { return Ok(None) };
        if std::fs::symlink_metadata(path).is_err() {
            return Ok(None);
        }
        match config::decrypt(source, &self.identity) {
            Ok(pair) => Ok(Some(pair)),
            Err(error) => Err(Failure::new(error.exit(), error.message(), aside(path))),
        }
    }
}

/// The refusal of a pair beside which another one stands.
pub(super) fn other_pair(config: &Config) -> Failure {
    let path = credentials(config).map_or(Path::new("credentials"), |(path, _)| path);
    let message = format!("{} is there already, and holds another pair", path.display());
    Failure::new(Exit::Trouble, message, aside(path))
}

fn aside(path: &Path) -> String {
    format!("nothing was changed; move {} aside, or choose another family name", path.display())
}

fn credentials(config: &Config) -> Option<(&Path, &CredentialsSource)> {
    let source = &config.families.first()?.credentials;
    match source {
        CredentialsSource::File(path) => Some((path, source)),
        CredentialsSource::Inline(_) => None,
    }
}

/// Makes everything, the configuration last; gives what was made. Where one fails, none stays.
pub(super) fn all(
    text: &str,
    config: &Config,
    identity: &Identity,
    pair: &Credentials,
) -> Result<Vec<PathBuf>, Failure> {
    let sealed = config::encrypt(pair, &identity.identity)?;
    let system = config.path.starts_with("/etc");
    let access = if system {
        Access { mode: 0o640, group: files::group_id(SERVICE).ok() }
    } else {
        Access::PRIVATE
    };
    let mut fresh = Fresh::default();
    for file in
        [Some(&*config.path), credentials(config).map(|(path, _)| path)].into_iter().flatten()
    {
        fresh.folder(file.parent().unwrap_or(Path::new("/")), &access)?;
    }
    if let Some(text) = &identity.new {
        fresh.file(&config.identity, text.as_bytes(), &Access::PRIVATE)?;
    }
    if let Some((path, _)) = credentials(config).filter(|(path, _)| !path.exists()) {
        fresh.file(path, &sealed, &access)?;
    }
    folders(config, system, &mut fresh)?;
    fresh.file(&config.path, text.as_bytes(), &access)?;
    Ok(fresh.keep())
}

/// The folder of the files. Where the system's service has a user, it is that one's, and so is the
/// store's folder: root's commands take its ids there, and leave nothing that it could not write.
fn folders(config: &Config, system: bool, fresh: &mut Fresh) -> Result<(), Failure> {
    let output = &config.files.output_dir;
    let access = Access { mode: config.files.mode, group: None };
    let Some((uid, gid)) = files::ids_of(SERVICE).filter(|_| system) else {
        return Ok(fresh.folder(output, &access)?);
    };
    fresh.folder(output.parent().unwrap_or(Path::new("/")), &OPEN)?;
    fresh.folder(output, &access)?;
    fresh.give(output, uid, gid)?;
    if config.state_dir == Path::new(SERVICE_STATE) {
        fresh.folder(&config.state_dir, &Access::PRIVATE)?;
        fresh.give(&config.state_dir, uid, gid)?;
    }
    Ok(())
}
