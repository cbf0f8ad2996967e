//! Folders: made where their parent exists, given bits and group, never through a link.

use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Component, Path};

use super::error::{At, Refusal};
use super::{Access, PathError, folder_of, sync_folder};

/// Makes a folder whose parent exists, or corrects the bits and the group of the one there.
///
/// Each r of the file mode brings its x. Set-id and sticky bits stay as they are, and what fits
/// is not set again.
///
/// # Errors
/// [`PathError`] if the parent is missing, if a link or a file is in the way, or if it cannot be
/// made or changed.
pub fn make_folder(path: &Path, access: &Access) -> Result<(), PathError> {
    let has = standing(path, "make the folder")?;
    let fresh = has.is_none();
    let has = match has {
        Some(has) => has,
        None => create(path, folder_bits(access)).at(path, "make the folder")?,
    };
    adjust(path, &has, access, fresh).at(path, "set the mode of")
}

/// Makes a folder for its owner alone (0700) whose parent exists, or closes the one there.
///
/// # Errors
/// [`PathError`] as [`make_folder`].
pub fn private_folder(path: &Path) -> Result<(), PathError> {
    let has = match standing(path, "make the folder")? {
        Some(has) => has,
        None => create(path, 0o700).at(path, "make the folder")?,
    };
    let mode = has.mode() & 0o7777;
    if mode & 0o777 == 0o700 {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(mode & 0o7000 | 0o700))
        .at(path, "set the mode of")
}

/// Like [`private_folder`], with every missing folder above it made likewise: for the user's own
/// folders under `$XDG_STATE_HOME` and its kin, which a new account may not have yet.
///
/// # Errors
/// [`PathError`] as [`make_folder`].
pub fn private_folders(path: &Path) -> Result<(), PathError> {
    let missing: Vec<&Path> = path
        .ancestors()
        .skip(1)
        .take_while(|above| !above.as_os_str().is_empty() && !above.exists())
        .collect();
    for above in missing.into_iter().rev() {
        private_folder(above)?;
    }
    private_folder(path)
}

/// Refuses a path that reaches its place through a link below `root`, or is one. `root` itself
/// may lie behind links. Parts that are missing are fine.
///
/// # Errors
/// [`PathError`] that names the link, or a path that is not below `root` at all.
pub fn no_links_below(root: &Path, path: &Path) -> Result<(), PathError> {
    let below = path.strip_prefix(root).map_err(io::Error::other).at(path, "use")?;
    let mut at = root.to_owned();
    for part in below.components() {
        if part == Component::ParentDir {
            return Err(io::Error::other("it leads out of its folder")).at(path, "use");
        }
        at.push(part);
        no_link(&at)?;
    }
    Ok(())
}

/// Gives a folder another name, for good. Under that nothing may be, or an empty folder.
///
/// # Errors
/// [`PathError`] if either is a link, if something is there already, or if it cannot be moved.
pub fn move_folder(from: &Path, to: &Path) -> Result<(), PathError> {
    no_link(from)?;
    no_link(to)?;
    fs::rename(from, to).at(to, "move the folder to")?;
    sync_folder(folder_of(to)).at(to, "move the folder to")
}

/// Refuses a path that is a link.
pub(super) fn no_link(path: &Path) -> Result<(), PathError> {
    match fs::symlink_metadata(path) {
        Ok(seen) if seen.is_symlink() => Err(Refusal::link()).at(path, "use"),
        _ => Ok(()),
    }
}

/// Says which folder it was that failed a file in it.
pub(super) fn blame_the_folder(folder: &Path, failure: io::Error) -> io::Error {
    match failure.kind() {
        io::ErrorKind::NotFound => Refusal::missing_parent(folder),
        io::ErrorKind::PermissionDenied => Refusal::no_rights_in(folder),
        _ => failure,
    }
}

/// The folder that stands there, if any; a link or a file in its place is an error.
fn standing(path: &Path, doing: &'static str) -> Result<Option<Metadata>, PathError> {
    match fs::symlink_metadata(path) {
        Ok(seen) if seen.is_symlink() => Err(Refusal::link()).at(path, doing),
        Ok(seen) if !seen.is_dir() => Err(Refusal::no_folder()).at(path, doing),
        Ok(seen) => Ok(Some(seen)),
        Err(gone) if gone.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(failure) => Err(failure).at(path, doing),
    }
}

/// A new folder with these bits, less the umask's. They are asked for at once: a service manager
/// may forbid to set the mode of a folder that has its group's set-id bit from above.
fn create(path: &Path, bits: u32) -> io::Result<Metadata> {
    let parent = folder_of(path);
    DirBuilder::new()
        .mode(bits)
        .create(path)
        .map_err(|failure| blame_the_folder(parent, failure))?;
    sync_folder(parent)?;
    fs::symlink_metadata(path)
}

/// The bits of a folder that go with those of its files: each r brings its x.
fn folder_bits(access: &Access) -> u32 {
    (access.mode | (access.mode & 0o444) >> 2) & 0o777
}

fn adjust(path: &Path, has: &Metadata, access: &Access, fresh: bool) -> io::Result<()> {
    let group = match access.group {
        Some(group) => Some(group),
        None if fresh => Some(fs::metadata(folder_of(path))?.gid()),
        None => None,
    };
    if let Some(group) = group.filter(|group| *group != has.gid()) {
        match std::os::unix::fs::chown(path, None, Some(group)) {
            Err(refused) if access.group.is_some() => return Err(Refusal::group(group, &refused)),
            // The parent's group is a courtesy: whoever is not in it keeps the own one.
            Err(_) | Ok(()) => {}
        }
    }
    let wanted = folder_bits(access);
    if has.mode() & 0o777 == wanted {
        return Ok(());
    }
    let with = |set_ids| fs::set_permissions(path, Permissions::from_mode(set_ids | wanted));
    match with(has.mode() & 0o7000) {
        // It came from above, and is worth less than that the folder can be used.
        Err(no) if fresh && no.kind() == io::ErrorKind::PermissionDenied => with(0),
        done => done,
    }
}
