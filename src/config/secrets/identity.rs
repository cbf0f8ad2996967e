//! The age identity: the one secret that opens all others.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use age::x25519;
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::{SecretError, looks_encrypted};
use crate::files::{self, Access, PathError};

/// More bytes than any file of identities has.
const LONGEST: u64 = 1 << 20;

/// The keys of one identity file. It has no `Debug` and no `Display`: it cannot be printed.
pub struct Identity {
    keys: Vec<x25519::Identity>,
}

impl Identity {
    /// The first key's recipient (`age1…`), which is no secret.
    #[must_use]
    pub fn recipient(&self) -> String {
        self.keys.first().map(|key| key.to_public().to_string()).unwrap_or_default()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.keys.iter().map(|key| key as &dyn age::Identity)
    }

    /// Every key's recipient: whichever key the owner keeps opens what was encrypted.
    pub(super) fn recipients(&self) -> Vec<x25519::Recipient> {
        self.keys.iter().map(x25519::Identity::to_public).collect()
    }
}

/// Reads an identity file: lines `AGE-SECRET-KEY-1…`, comments and empty lines.
///
/// Others than its owner may have no rights to it, except where systemd hands it over, which
/// sees to that itself.
///
/// # Errors
/// [`SecretError`] if it is missing, open to others, or no such file (an SSH key, a file with a
/// passphrase, a recipient), with what to do.
pub fn read_identity(path: &Path, from_systemd: bool) -> Result<Identity, SecretError> {
    let bytes = read_closed(path, from_systemd)?;
    if looks_encrypted(&bytes) {
        return Err(not_one(path, "it is protected by a passphrase", PASSPHRASE));
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return Err(not_one(path, "it is no text at all", PLAIN));
    };
    let mut keys = Vec::new();
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        keys.push(line.parse().map_err(|_| explain(path, at + 1, line))?);
    }
    if keys.is_empty() {
        return Err(not_one(path, "there is no line AGE-SECRET-KEY-1… in it", PLAIN));
    }
    Ok(Identity { keys })
}

/// Makes an identity at `path`, for its owner alone from the first instant, and gives its
/// recipient (`age1…`).
///
/// # Errors
/// [`SecretError::IdentityExists`] if anything is there, which is never overwritten;
/// [`SecretError::Unwritable`] if it cannot be written.
pub fn keygen(path: &Path) -> Result<String, SecretError> {
    let (identity, text) = new_identity();
    let recipient = identity.recipient();
    match files::write_new(path, text.as_bytes(), &Access::PRIVATE) {
        Ok(()) => Ok(recipient),
        Err(failure) if failure.source.kind() == io::ErrorKind::AlreadyExists => {
            Err(SecretError::IdentityExists { path: path.to_owned() })
        }
        Err(failure) => Err(SecretError::Unwritable(failure)),
    }
}

/// A new identity, and the text of the file that would hold it.
#[must_use]
pub fn new_identity() -> (Identity, Zeroizing<String>) {
    let key = x25519::Identity::generate();
    let (public, secret) = (key.to_public(), key.to_string());
    let text = Zeroizing::new(format!("# public key: {public}\n{}\n", secret.expose_secret()));
    (Identity { keys: vec![key] }, text)
}

const PLAIN: &str = "make one with `sophtron-sync keygen` or `age-keygen`";
const PASSPHRASE: &str = "nobody is there to type it: write it out with `age -d`, mode 600, \
                          or make one with `sophtron-sync keygen`";

/// The bytes of a file that only its owner can read. What is looked at is what is read: the mode
/// is taken from the open file.
fn read_closed(path: &Path, from_systemd: bool) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let failed = |source: io::Error| {
        if source.kind() == io::ErrorKind::NotFound {
            return SecretError::NoIdentity { path: path.to_owned() };
        }
        SecretError::IdentityUnreadable(PathError {
            path: path.to_owned(),
            doing: "read the identity",
            source,
        })
    };
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.mode() & 0o7777;
    if mode & 0o077 != 0 && !from_systemd {
        return Err(SecretError::IdentityOpen { path: path.to_owned(), mode });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    file.take(LONGEST).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn not_one(path: &Path, is: impl Into<String>, help: &'static str) -> SecretError {
    SecretError::NotAnIdentity { path: path.to_owned(), is: is.into(), help }
}

/// What a line is that is no key of ours. The line itself is never shown.
fn explain(path: &Path, number: usize, line: &str) -> SecretError {
    let upper = line.to_ascii_uppercase();
    let (is, help) = if upper.contains("PRIVATE KEY") || line.starts_with("ssh-") {
        ("it is an SSH key", "SSH keys are not taken: make one with `sophtron-sync keygen`")
    } else if upper.starts_with("AGE-PLUGIN-") {
        ("the key is on a device (age plugin)", "plugins are not taken: use a plain key file")
    } else if upper.starts_with("AGE-SECRET-KEY-PQ-") {
        ("it is a post-quantum key", "these are not taken yet: use `sophtron-sync keygen`")
    } else if upper.starts_with("AGE-SECRET-KEY-") {
        ("the key is mistyped or cut short", "copy the whole line again")
    } else if upper.starts_with("AGE1") {
        ("this is a recipient, the public half", "the file with AGE-SECRET-KEY-1… is meant")
    } else {
        ("this is no age identity", PLAIN)
    };
    not_one(path, format!("line {number}: {is}"), help)
}
