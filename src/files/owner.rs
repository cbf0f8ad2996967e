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
    if !geteuid().is_root() {
        return Ok(());
    }
    let Ok(seen) = folder.metadata() else { return Ok(()) };
    let (uid, gid) = (Uid::from_raw(seen.uid()), Gid::from_raw(seen.gid()));
    if uid.is_root() {
        return Ok(());
    }
    take(uid, gid).map_err(io::Error::from).at(folder, "take the ids of the owner of")
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
