//! Root in another user's folder: what is made there must not be left behind as root's.

use std::ffi::CString;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::{Gid, Uid, User, geteuid, initgroups, setgid, setgroups, setuid};

use super::PathError;
use super::error::At;

/// Where root runs the program over a folder of another user, takes that user's ids, for the whole
/// process and for good. Anybody else, and a folder that is not there yet, changes nothing.
///
/// # Errors
/// [`PathError`] if the system refuses; the program must not go on as root then.
pub fn become_owner(folder: &Path) -> Result<(), PathError> {
    match other_owner(folder) {
        None => Ok(()),
        Some((uid, gid)) => {
            take(uid, gid).map_err(io::Error::from).at(folder, "take the ids of the owner of")
        }
    }
}

/// Whether [`become_owner`] changes nothing.
#[must_use]
pub fn keeps_ids(folder: &Path) -> bool {
    other_owner(folder).is_none()
}

/// Whose ids root takes over a folder.
fn other_owner(folder: &Path) -> Option<(Uid, Gid)> {
    let seen = geteuid().is_root().then(|| folder.metadata().ok()).flatten()?;
    let uid = Uid::from_raw(seen.uid());
    (!uid.is_root()).then_some((uid, Gid::from_raw(seen.gid())))
}

/// The ids of a user of this machine, its own group's among them; `None` where there is none of that
/// name.
#[must_use]
pub fn ids_of(user: &str) -> Option<(u32, u32)> {
    let user = User::from_name(user).ok().flatten()?;
    Some((user.uid.as_raw(), user.gid.as_raw()))
}

/// Groups first: without root's rights they can no longer be changed.
fn take(uid: Uid, gid: Gid) -> nix::Result<()> {
    if let Some(user) = User::from_uid(uid)? {
        let name = CString::new(user.name).map_err(|_| nix::Error::EINVAL)?;
        initgroups(&name, user.gid)?;
        setgid(user.gid)?;
    } else {
        setgroups(&[gid])?;
        setgid(gid)?;
    }
    setuid(uid)
}
