//! The direct-auth header, `FIApiAUTH:<UserID>:<Signature>:<AuthPath>`, checked from scratch.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Which `AuthPath` is accepted for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything from the last slash, the query included.
    Strict,
    /// Any end of path and query that begins with a slash.
    LenientSuffix,
    /// Everything from the last slash of the path; a query must be left out.
    NoQuery,
}

/// Why a header is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It is not of the form.
    Form,
    /// Nobody has that user id.
    User,
    /// The path is not the one of the request.
    Path,
    /// The signature does not belong to method, path and key.
    Signature,
}

/// A header, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented<'a> {
    /// The user id.
    pub user_id: &'a str,
    /// The signature, base64.
    pub signature: &'a str,
    /// The path that was signed.
    pub path: &'a str,
}

impl<'a> Presented<'a> {
    /// Takes a header apart at its first three colons: the path may hold more of them.
    ///
    /// # Errors
    /// [`Wrong::Form`] for anything else.
    pub fn parse(header: &'a str) -> Result<Self, Wrong> {
        let mut pieces = header.splitn(4, ':');
        match (pieces.next(), pieces.next(), pieces.next(), pieces.next()) {
            (Some("FIApiAUTH"), Some(user_id), Some(signature), Some(path)) => {
                Ok(Self { user_id, signature, path })
            }
            _ => Err(Wrong::Form),
        }
    }

    /// Checks it against a request: its method, its target (path and query as sent), and the
    /// base64 access key of the user.
    ///
    /// # Errors
    /// [`Wrong::Path`] or [`Wrong::Signature`].
    pub fn check(&self, mode: Mode, method: &str, target: &str, key: &str) -> Result<(), Wrong> {
        if !path_fits(mode, target, self.path) {
            return Err(Wrong::Path);
        }
        let right = signature(method, self.path, key);
        if right.as_deref() == Some(self.signature) { Ok(()) } else { Err(Wrong::Signature) }
    }
}

fn path_fits(mode: Mode, target: &str, path: &str) -> bool {
    let target = target.to_lowercase();
    let without_query = target.split('?').next().unwrap_or_default();
    match mode {
        Mode::Strict => path == from_last_slash(&target),
        Mode::NoQuery => path == from_last_slash(without_query),
        Mode::LenientSuffix => path.starts_with('/') && target.ends_with(path),
    }
}

fn from_last_slash(target: &str) -> &str {
    target.rfind('/').map_or(target, |at| &target[at..])
}

/// The signature of a request; `None` where the key is not base64.
pub fn signature(method: &str, path: &str, key: &str) -> Option<String> {
    let key = BASE64_STANDARD.decode(key).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{method}\n{path}").as_bytes());
    Some(BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}
