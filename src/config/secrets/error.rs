//! What is wrong with an identity or with credentials.

use std::fmt;
use std::path::PathBuf;

use crate::domain::{Exit, Name};
use crate::files::PathError;

/// Where root keeps what systemd hands to services.
const CREDENTIAL_STORE: &str = "/etc/credstore";

const HANDED_OVER: &str = "root reads it, and systemd hands it to the service as that starts: is it \
                           there (`sudo sophtron-sync keygen /etc/credstore/identity`), then \
                           `systemctl restart sophtron-sync`";

/// Why there is no identity, or no credentials. It prints what happened, where and what to do,
/// and never what stands in the file.
#[derive(Debug)]
pub enum SecretError {
    /// There is no identity yet.
    NoIdentity {
        /// Where it should be.
        path: PathBuf,
    },
    /// The identity cannot be read.
    IdentityUnreadable(PathError),
    /// Others than its owner have rights to the identity.
    IdentityOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is no age identity.
    NotAnIdentity {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        is: String,
        /// What to do.
        help: &'static str,
    },
    /// There is an identity already, which is never overwritten.
    IdentityExists {
        /// The file.
        path: PathBuf,
    },
    /// The new identity cannot be written.
    Unwritable(PathError),
    /// The credentials file is missing or cannot be read.
    CredentialsUnreadable(PathError),
    /// What should be encrypted is not.
    NotEncrypted {
        /// Where it stands.
        place: String,
        /// Whether it looks like the two lines in clear.
        in_clear: bool,
    },
    /// It was encrypted for somebody else.
    WrongIdentity {
        /// Where it stands.
        place: String,
    },
    /// It is damaged, or of a kind that is not read here.
    Damaged {
        /// Where it stands.
        place: String,
    },
    /// What came out, or was typed, is not a usable pair.
    NotAPair {
        /// Where it stands.
        place: String,
        /// What is wrong with it.
        problem: &'static str,
        /// What to do.
        help: &'static str,
    },
}

impl SecretError {
    /// How a command ends that met it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::NoIdentity { .. }
            | Self::IdentityUnreadable(_)
            | Self::IdentityOpen { .. }
            | Self::NotAnIdentity { .. } => Exit::Config,
            Self::IdentityExists { .. } => Exit::Trouble,
            Self::Unwritable(_) | Self::CredentialsUnreadable(_) => Exit::Io,
            Self::NotEncrypted { .. }
            | Self::WrongIdentity { .. }
            | Self::Damaged { .. }
            | Self::NotAPair { .. } => Exit::Owner,
        }
    }

    /// What happened, and where.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::NoIdentity { path } => format!("there is no age identity {}", path.display()),
            Self::IdentityUnreadable(failure)
            | Self::Unwritable(failure)
            | Self::CredentialsUnreadable(failure) => failure.message(),
            Self::IdentityOpen { path, mode } => {
                format!("others have rights to the identity {} (mode {mode:04o})", path.display())
            }
            Self::NotAnIdentity { path, is, .. } => format!("{}: {is}", path.display()),
            Self::IdentityExists { path } => {
                format!("{} is there already and was left as it is", path.display())
            }
            Self::NotEncrypted { place, in_clear: true } => {
                format!("{place}: the credentials stand there in clear")
            }
            Self::NotEncrypted { place, in_clear: false } => {
                format!("{place}: this is no age-encrypted text")
            }
            Self::WrongIdentity { place } => {
                format!("{place}: it was encrypted for another identity than the configured one")
            }
            Self::Damaged { place } => {
                format!("{place}: it cannot be decrypted; it is cut short or damaged")
            }
            Self::NotAPair { place, problem, .. } => format!("{place}: {problem}"),
        }
    }

    /// What to do about it, where it is no family's.
    #[must_use]
    pub fn help(&self) -> String {
        self.help_by("run `sophtron-sync credentials set` for its family")
    }

    /// What to do about it, where it stands between a family and its keys.
    #[must_use]
    pub fn help_for(&self, family: &Name) -> String {
        self.help_by(&format!("run `sophtron-sync credentials set {family}`"))
    }

    /// What to do about it; `set` is how credentials are made anew.
    fn help_by(&self, set: &str) -> String {
        match self {
            Self::NoIdentity { .. } => {
                "make one with `sophtron-sync keygen`, or put yours back".to_owned()
            }
            Self::IdentityOpen { path, .. } => {
                format!("take them away: `chmod 600 {}`", path.display())
            }
            Self::NotAnIdentity { help, .. } | Self::NotAPair { help, .. } => (*help).to_owned(),
            Self::IdentityExists { .. } => {
                "use it, or move it aside first: what it encrypted needs it".to_owned()
            }
            Self::CredentialsUnreadable(failure) if failure.is_missing() => {
                format!("{set} to make it")
            }
            Self::IdentityUnreadable(failure) if failure.path.starts_with(CREDENTIAL_STORE) => {
                HANDED_OVER.to_owned()
            }
            Self::IdentityUnreadable(failure)
            | Self::Unwritable(failure)
            | Self::CredentialsUnreadable(failure) => failure.help(),
            Self::NotEncrypted { in_clear: true, .. } => {
                format!(
                    "{set}, which encrypts them, and make a new key at Sophtron if others saw it"
                )
            }
            Self::NotEncrypted { in_clear: false, .. } | Self::Damaged { .. } => {
                format!("{set} to make it anew")
            }
            Self::WrongIdentity { .. } => {
                format!("put the identity back that made it, or {set} to make it anew")
            }
        }
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message(), self.help())
    }
}

impl std::error::Error for SecretError {}
