//! The configuration as typed and as meant; identity and credentials.
//!
//! `raw` is what was typed, [`Config`] what was meant, and nothing below sees the raw one. What
//! is wrong is told all at once: `table` refuses keys and kinds, `values`, `ledger_name` and
//! `base_url` single values, `together` what collides. Folders are not looked at here beyond
//! resolving links: whether they can be used is seen when they are.

mod base_url;
mod control;
mod edit;
mod family;
mod find;
mod findings;
mod first;
mod hooks;
mod ledger_name;
mod near;
mod proposal;
mod raw;
mod schedule;
mod secrets;
mod settings;
mod syntax;
mod table;
mod together;
mod values;

use std::path::{Path, PathBuf};

pub use control::Control;
pub use edit::{NewAccount, NewPlace, add_account, move_account, remove_account};
pub use find::{Env, find, place_of_first};
pub use findings::{ConfigError, Finding};
pub use first::{First, FirstAccount};
pub use proposal::{Proposal, Told, propose, proposed_type};
pub use secrets::{
    Identity, SecretError, credentials_from, decrypt, encrypt, fingerprint, keygen, new_identity,
    pair, read_identity,
};

use crate::domain::{Family, FileSettings, HookSettings, Schedule, SyncSettings};
use crate::files;
use findings::{Findings, Spot, Wrong};
use raw::{RawConfig, RawFamily, Typed};

/// Everything that is configured, validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The file it came from, absolute.
    pub path: PathBuf,
    /// The state folder, links resolved.
    pub state_dir: PathBuf,
    /// Whether the state folder is the user's default one, which is made with all above it.
    pub state_dir_is_xdg: bool,
    /// The file of the age identity.
    pub identity: PathBuf,
    /// Whether systemd handed the identity over, which then looks after its mode.
    pub identity_from_systemd: bool,
    /// Where a daemon listens for commands.
    pub control: Control,
    /// `[schedule]`.
    pub schedule: Schedule,
    /// `[sync]`.
    pub sync: SyncSettings,
    /// `[files]`.
    pub files: FileSettings,
    /// `[hooks]`, and `[family.hooks]` of every family.
    pub hooks: HookSettings,
    /// The families, in the order of the file.
    pub families: Vec<FamilyConfig>,
    /// The line of `files.group`, for what only the machine can say of it.
    pub group_line: Option<usize>,
}

impl Config {
    /// Where a key stands, as it begins a message: `FILE:LINE: key`.
    #[must_use]
    pub fn place(&self, line: Option<usize>, key: &str) -> String {
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        format!("{}{line}: {key}", self.path.display())
    }
}

/// A family, and where its credentials are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyConfig {
    /// The family.
    pub family: Family,
    /// Its encrypted credentials.
    pub credentials: CredentialsSource,
    /// The line of its `group`, where it has one of its own.
    pub group_line: Option<usize>,
    /// The line of each account's name, for what only the store can say of it.
    pub account_lines: Vec<usize>,
}

/// Where the encrypted credentials of a family are.
#[derive(Clone, PartialEq, Eq)]
pub enum CredentialsSource {
    /// An age file.
    File(PathBuf),
    /// The armored age text in the configuration itself.
    Inline(String),
}

impl std::fmt::Debug for CredentialsSource {
    /// Leaves the inline text out: somebody may have put a key there unencrypted.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Inline(_) => f.write_str("Inline(…)"),
        }
    }
}

/// Reads and validates a configuration. Relative paths are relative to its folder.
///
/// # Errors
/// [`ConfigError::Unreadable`], or [`ConfigError::Wrong`] with everything that is wrong in it.
pub fn load(path: &Path, env: &Env) -> Result<Config, ConfigError> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let bytes = files::read(&path).map_err(ConfigError::Unreadable)?;
    let meant = match std::str::from_utf8(&bytes) {
        Ok(text) => understand(text, &path, env),
        Err(broken) => Err(not_utf8(&bytes, broken.valid_up_to())),
    };
    meant.map_err(|findings| ConfigError::Wrong { path, findings: findings.by_line() })
}

/// The configuration that a text would mean at a path, before it is written there.
///
/// # Errors
/// [`ConfigError::Wrong`] with everything that would be wrong in it.
pub fn preview(text: &str, path: &Path, env: &Env) -> Result<Config, ConfigError> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let meant = understand(text, &path, env);
    meant.map_err(|findings| ConfigError::Wrong { path, findings: findings.by_line() })
}

/// Where a daemon listens that runs with a configuration, as far as its text tells even where it is
/// not right; where the system's daemon does, for one that cannot be read.
#[must_use]
pub fn control_socket(path: Option<&Path>, env: &Env) -> Option<PathBuf> {
    let Some(path) = path else { return Some(PathBuf::from(control::SYSTEM_SOCKET)) };
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let text = files::read(&path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let raw = text.map(|text| raw::read(&text).raw).unwrap_or_default();
    let mut findings = Findings::default();
    let (state_dir, _) = state_dir(&raw, &path, env, &mut findings);
    let base = path.parent().unwrap_or(Path::new("/"));
    let socket = control::control(&raw, base, &state_dir, &mut findings).socket;
    socket.is_absolute().then_some(socket)
}

/// Every key that a configuration may have, with its section: `""` for the top, `sync`,
/// `files`, `hooks`, `family`, `family.hooks`, `family.account`.
#[must_use]
pub fn known_keys() -> Vec<(&'static str, &'static str)> {
    raw::known_keys()
}

/// The configuration that a text means, or everything that is wrong with it.
fn understand(text: &str, path: &Path, env: &Env) -> Result<Config, Findings> {
    let Typed { raw, mut findings, broken } = raw::read(text);
    if !broken.recovered {
        return Err(broken.findings);
    }
    let config = meaning(&raw, path, env, &mut findings);
    let mut findings = findings.without_lines(&broken.lines);
    findings.join(broken.findings);
    if findings.is_empty() { Ok(config) } else { Err(findings) }
}

fn not_utf8(bytes: &[u8], at: usize) -> Findings {
    let before = bytes.get(..at).unwrap_or(bytes);
    let line = before.split(|byte| *byte == b'\n').count();
    let problem = "there is a character that is not UTF-8";
    let mut findings = Findings::default();
    let spot = Spot { line, key: String::new() };
    findings.add(&spot, Wrong::new(problem, "save the file as UTF-8 text"));
    findings
}

/// The folders that all families share.
struct SharedFolders<'c> {
    output_dir: &'c Path,
    state_dir: &'c Path,
}

/// What the typed configuration means; worth something only while there are no findings.
fn meaning(raw: &RawConfig, path: &Path, env: &Env, findings: &mut Findings) -> Config {
    let base = path.parent().unwrap_or(Path::new("/"));
    let output_dir = findings.read(raw.output_dir.as_ref(), |text| find::typed_path(base, text));
    let output_dir = find::resolved(&output_dir.unwrap_or_default());
    let files = settings::files(&raw.files, base, output_dir, findings);
    let (state_dir, state_dir_is_xdg) = state_dir(raw, path, env, findings);
    let (identity, identity_from_systemd) = identity(raw, base, env, findings);
    let families: Vec<(&RawFamily, FamilyConfig)> = raw
        .families
        .iter()
        .filter_map(|raw| Some((raw, family::family(raw, base, &files, findings)?)))
        .collect();
    together::check_words(raw, &files.style, findings);
    let shared = SharedFolders { output_dir: &files.output_dir, state_dir: &state_dir };
    together::check_folders(raw, &shared, &families, findings);
    let loopback =
        families.iter().all(|(_, family)| base_url::is_loopback(&family.family.base_url));
    Config {
        path: path.to_owned(),
        control: control::control(raw, base, &state_dir, findings),
        schedule: schedule::schedule(&raw.schedule, loopback, env, findings),
        state_dir,
        state_dir_is_xdg,
        identity,
        identity_from_systemd,
        sync: settings::sync(&raw.sync, findings),
        hooks: hooks::hooks(raw, base, findings),
        files,
        families: families.into_iter().map(|(_, family)| family).collect(),
        group_line: raw.files.group.as_ref().map(|group| group.spot.line),
    }
}

fn state_dir(raw: &RawConfig, path: &Path, env: &Env, findings: &mut Findings) -> (PathBuf, bool) {
    let base = path.parent().unwrap_or(Path::new("/"));
    if raw.state_dir.is_some() {
        let typed = findings.read(raw.state_dir.as_ref(), |text| find::typed_path(base, text));
        return (find::resolved(&typed.unwrap_or_default()), false);
    }
    if let Some((folder, xdg)) = find::default_state_dir(path, env) {
        return (find::resolved(&folder), xdg);
    }
    let cure = "add it at the top, such as state_dir = \"/var/lib/sophtron-sync\", or set HOME";
    let spot = Spot { line: 1, key: "state_dir".to_owned() };
    findings.add(&spot, Wrong::new("missing, and there is no home folder to put it in", cure));
    (PathBuf::new(), false)
}

fn identity(raw: &RawConfig, base: &Path, env: &Env, findings: &mut Findings) -> (PathBuf, bool) {
    let typed = findings.read(raw.identity.as_ref(), |text| find::typed_path(base, text));
    match find::systemd_identity(env) {
        Some(given) => (given, true),
        None => (typed.unwrap_or_else(|| base.join("identity.txt")), false),
    }
}
