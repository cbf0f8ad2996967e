//! Where the configuration is looked for, and the folders that stand where it names none.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use super::findings::{ConfigError, Wrong, quoted};

/// The configuration's file name.
const FILE: &str = "sophtron-sync.toml";

/// The folder of our own below the system's and the user's.
const FOLDER: &str = "sophtron-sync";

/// The state folder of a configuration under `/etc`.
const SYSTEM_STATE: &str = "/var/lib/sophtron-sync";

/// The environment, passed in. It has no `Debug`: what else stands in it is nobody's business.
#[derive(Clone, Default)]
pub struct Env(BTreeMap<OsString, OsString>);

impl Env {
    /// Takes variables with their values, such as `std::env::vars_os()`.
    pub fn from_pairs<I, K, V>(pairs: I) -> Self
    where
        I: IntoIterator<Item = (K, V)>,
        K: Into<OsString>,
        V: Into<OsString>,
    {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The value of a variable that is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        let value = self.0.get(OsStr::new(name))?;
        (!value.is_empty()).then_some(value.as_os_str())
    }

    /// The variables whose names are wanted, with their values.
    pub fn picked(&self, wanted: impl Fn(&str) -> bool) -> Vec<(OsString, OsString)> {
        let named = self.0.iter().filter(|(name, _)| name.to_str().is_some_and(&wanted));
        named.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// An absolute folder; the XDG rules say that a relative one does not count.
    fn folder(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from).filter(|folder| folder.is_absolute())
    }

    /// A folder of the XDG rules (XDG Base Directory Specification): the variable, else below
    /// the home.
    #[must_use]
    pub fn xdg(&self, name: &str, below_home: &str) -> Option<PathBuf> {
        self.folder(name).or_else(|| Some(self.folder("HOME")?.join(below_home)))
    }
}

/// Finds the configuration: the one that `--config` or `$SOPHTRON_SYNC_CONFIG` names, there or
/// not, else the first that exists of those in the working folder, the user's and the system's.
///
/// # Errors
/// [`ConfigError::NotFound`] with every place, if there is none.
pub fn find(flag: Option<&Path>, env: &Env, cwd: &Path) -> Result<PathBuf, ConfigError> {
    let named = flag.or_else(|| env.get("SOPHTRON_SYNC_CONFIG").map(Path::new));
    if let Some(path) = named {
        return Ok(cwd.join(path));
    }
    let user = env.xdg("XDG_CONFIG_HOME", ".config");
    let mut looked = vec![cwd.join(FILE)];
    looked.extend(user.map(|folder| folder.join(FOLDER).join(FILE)));
    looked.push(Path::new("/etc").join(FOLDER).join(FILE));
    match looked.iter().find(|path| path.exists()) {
        Some(path) => Ok(path.clone()),
        None => Err(ConfigError::NotFound { looked }),
    }
}

/// Where a first configuration goes: where `--config` or `$SOPHTRON_SYNC_CONFIG` says, else to the
/// system's place for root and to the user's own for anybody else; `None` for a user without a home.
#[must_use]
pub fn place_of_first(
    flag: Option<&Path>,
    env: &Env,
    cwd: &Path,
    is_root: bool,
) -> Option<PathBuf> {
    let named = flag.or_else(|| env.get("SOPHTRON_SYNC_CONFIG").map(Path::new));
    let own = || {
        let system = is_root.then(|| PathBuf::from("/etc"));
        Some(system.or_else(|| env.xdg("XDG_CONFIG_HOME", ".config"))?.join(FOLDER).join(FILE))
    };
    named.map(|path| cwd.join(path)).or_else(own)
}

/// The state folder where the configuration `path` names none, and whether it is one of the
/// user's own, which are made with everything above them.
pub(super) fn default_state_dir(path: &Path, env: &Env) -> Option<(PathBuf, bool)> {
    // systemd gives a list, of which the first is the main one.
    let service = env
        .get("STATE_DIRECTORY")
        .and_then(|list| std::env::split_paths(list).find(|folder| folder.is_absolute()));
    if let Some(folder) = service {
        return Some((folder, false));
    }
    if path.starts_with("/etc") {
        return Some((PathBuf::from(SYSTEM_STATE), false));
    }
    Some((env.xdg("XDG_STATE_HOME", ".local/state")?.join(FOLDER), true))
}

/// The identity that systemd hands over, where it does.
pub(super) fn systemd_identity(env: &Env) -> Option<PathBuf> {
    env.folder("CREDENTIALS_DIRECTORY").map(|dir| dir.join("identity")).filter(|it| it.exists())
}

/// A path as typed, seen from the configuration's folder.
pub(super) fn typed_path(base: &Path, text: &str) -> Result<PathBuf, Wrong> {
    let cure = "write a path, absolute or relative to this file";
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err(Wrong::new(format!("{} is no path", quoted(text)), cure));
    }
    if text.starts_with('~') || text.starts_with('$') {
        let problem = format!("{} is taken as it is: ~ and $ mean nothing here", quoted(text));
        return Err(Wrong::new(problem, "write the whole path, such as \"/home/smith/bank\""));
    }
    Ok(tidy(&base.join(text)))
}

/// A file's path as typed, its folder resolved.
pub(super) fn typed_file(base: &Path, text: &str) -> Result<PathBuf, Wrong> {
    let path = typed_path(base, text)?;
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) if !text.ends_with('/') => Ok(resolved(folder).join(name)),
        _ => Err(Wrong::new(format!("{} names no file", quoted(text)), "name the file itself")),
    }
}

/// The real place of a folder: links resolved as far as it exists, and `..` behind that.
pub(super) fn resolved(path: &Path) -> PathBuf {
    let real = path.ancestors().find_map(|above| Some((above.canonicalize().ok()?, above)));
    let Some((mut place, above)) = real else { return path.to_owned() };
    for part in path.strip_prefix(above).unwrap_or(Path::new("")).components() {
        if part == Component::ParentDir {
            place.pop();
        } else {
            place.push(part);
        }
    }
    place
}

/// Takes out `.` and doubled slashes. A `..` stays where a link before it could give it another
/// meaning.
fn tidy(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}
