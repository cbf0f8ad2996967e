//! Files: whole or not at all, with the right mode and group from the first visible instant, and
//! errors that name the path and say what to do.
//!
//! Nothing here knows a bank, money or a format. The order of every write is: a temporary file
//! beside its place, the bytes, group and mode, `fsync`, rename, `fsync` of the folder. A power
//! cut leaves the old file or the new one, never a part. Files written together share the last.

mod error;
mod folder;
mod fresh;
mod group;
mod lock;
mod look;
mod owner;
mod rewrite;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

pub use error::PathError;
pub use folder::{make_folder, move_folder, no_links_below, private_folder, private_folders};
pub use fresh::{Fresh, could_make};
pub use group::{GroupError, group_id};
pub use lock::{LOCK_FILE, Lock, LockError};
pub use look::{can_write, others_may_write, room, strays};
pub use owner::{become_owner, ids_of, keeps_ids};
pub use rewrite::rewrite;

use error::{At, Refusal};

/// What begins and ends the name of a file that is not finished yet. The ending keeps it out of
/// the patterns by which readers include files (`*.ledger`, `*.csv`).
const UNFINISHED: (&str, &str) = (".sophtron-sync-", ".tmp");

/// Who may use a file or a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// The permission bits of a file, such as `0o640`; a folder gets the x bits that match.
    pub mode: u32,
    /// The group's number; `None` is the folder's own group, as far as we may give it.
    pub group: Option<u32>,
}

impl Access {
    /// For its owner alone.
    pub const PRIVATE: Self = Self { mode: 0o600, group: None };
}

/// Size and time of a file: it was touched if these changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Bytes.
    pub len: u64,
    /// Nanoseconds since 1970 of the last change of its bytes.
    pub modified_ns: i64,
}

/// Puts `bytes` at `path`, whole or not at all, in place of what was there.
///
/// # Errors
/// [`PathError`] if the folder is missing, full or read-only, if mode or group cannot be set, or
/// if `path` is a link. The old file is untouched then and nothing is left beside it.
pub fn write_whole(path: &Path, bytes: &[u8], access: &Access) -> Result<(), PathError> {
    write_each([(path, bytes)], access)
}

/// Puts files in their places like [`write_whole`], and syncs each folder once. They last when
/// this returns; before, a power cut may leave some old and some new.
///
/// # Errors
/// As [`write_whole`], for the first file that fails; those before it are written.
pub fn write_each<'a>(
    files: impl IntoIterator<Item = (&'a Path, &'a [u8])>,
    access: &Access,
) -> Result<(), PathError> {
    let mut folders = BTreeSet::new();
    for (path, bytes) in files {
        folder::no_link(path)?;
        let file = unfinished(path, bytes, access).at(path, "write")?;
        file.persist(path).map_err(|failure| failure.error).at(path, "write")?;
        folders.insert(folder_of(path));
    }
    folders.into_iter().try_for_each(|folder| sync_folder(folder).at(folder, "write"))
}

/// Puts `bytes` at `path`, whole or not at all, where nothing is yet.
///
/// # Errors
/// [`PathError`] as [`write_whole`]; its source is of kind `AlreadyExists` if something is there,
/// which stays as it is.
pub fn write_new(path: &Path, bytes: &[u8], access: &Access) -> Result<(), PathError> {
    let file = unfinished(path, bytes, access).at(path, "write")?;
    file.persist_noclobber(path).map_err(|failure| failure.error).at(path, "write")?;
    sync_folder(folder_of(path)).at(path, "write")
}

/// The bytes of a file, links followed.
///
/// # Errors
/// [`PathError`] if it is missing or cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, PathError> {
    fs::read(path).at(path, "read")
}

/// Whether a file that begins with `mark` may stand at `path` without loss: nothing is there, an
/// empty file, or one that begins so. A link counts as free, which [`write_whole`] refuses.
///
/// # Errors
/// [`PathError`] if what is there cannot be read.
pub fn is_free_for(path: &Path, mark: &[u8]) -> Result<bool, PathError> {
    let seen = match fs::symlink_metadata(path) {
        Err(gone) if gone.kind() == io::ErrorKind::NotFound => return Ok(true),
        seen => seen.at(path, "read")?,
    };
    if !seen.is_file() || seen.len() == 0 {
        return Ok(seen.is_file() || seen.is_symlink());
    }
    let mut begins = Vec::new();
    let most = u64::try_from(mark.len()).unwrap_or(u64::MAX);
    let read = fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut begins));
    read.at(path, "read")?;
    Ok(begins == mark)
}

/// Takes a file away for good. One that is missing is no error; a link goes, not what it names.
///
/// # Errors
/// [`PathError`] if it cannot be removed.
pub fn remove(path: &Path) -> Result<(), PathError> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(folder_of(path)).at(path, "remove"),
        Err(gone) if gone.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(failure) => Err(failure).at(path, "remove"),
    }
}

/// Size and time of what is at `path` itself (a link is not followed); `None` where nothing is
/// or nothing can be known.
#[must_use]
pub fn stamp(path: &Path) -> Option<Stamp> {
    let seen = fs::symlink_metadata(path).ok()?;
    let seconds = seen.mtime().saturating_mul(1_000_000_000);
    Some(Stamp { len: seen.len(), modified_ns: seconds.saturating_add(seen.mtime_nsec()) })
}

/// The plain files in a folder, by name; none where the folder is missing.
///
/// # Errors
/// [`PathError`] if it is there and cannot be read.
pub fn list(folder: &Path) -> Result<Vec<PathBuf>, PathError> {
    let entries = match fs::read_dir(folder) {
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.at(folder, "read")?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.at(folder, "read")?;
        if entry.file_type().at(&entry.path(), "read")?.is_file() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a folder is there with nothing in it.
#[must_use]
pub fn is_empty_folder(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

/// Removes unfinished files, and scratch folders, that a killed process left in a folder.
///
/// Call it with the folder's [`Lock`] in hand: another writer's file would go too.
///
/// # Errors
/// [`PathError`] if the folder cannot be read or a file not be removed.
pub fn sweep(folder: &Path) -> Result<(), PathError> {
    for entry in fs::read_dir(folder).at(folder, "read")? {
        let entry = entry.at(folder, "read")?;
        let name = entry.file_name();
        let ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(UNFINISHED.0) && name.ends_with(UNFINISHED.1));
        let path = entry.path();
        if ours && path.is_dir() {
            fs::remove_dir_all(&path).at(&path, "remove")?;
        } else if ours {
            remove(&path)?;
        }
    }
    Ok(())
}

/// Makes a folder for work that nobody keeps, for its owner alone; it goes when it is dropped, or
/// with the next [`sweep`].
///
/// # Errors
/// [`PathError`] if it cannot be made.
pub fn scratch_folder(folder: &Path) -> Result<tempfile::TempDir, PathError> {
    let made = Builder::new().prefix(UNFINISHED.0).suffix(UNFINISHED.1).tempdir_in(folder);
    made.at(folder, "make a folder in")
}

/// A complete, synced file under a name of its own beside `path`; it goes when it is dropped.
fn unfinished(path: &Path, bytes: &[u8], access: &Access) -> io::Result<NamedTempFile> {
    let folder = folder_of(path);
    let mut file = Builder::new()
        .prefix(UNFINISHED.0)
        .suffix(UNFINISHED.1)
        .tempfile_in(folder)
        .map_err(|failure| folder::blame_the_folder(folder, failure))?;
    file.write_all(bytes)?;
    give(file.as_file(), folder, access)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Sets group and mode, the group first so that the bits never open for another one.
///
/// What fits already is not set again: a hardened service may be refused even that.
fn give(file: &fs::File, folder: &Path, access: &Access) -> io::Result<()> {
    let has = file.metadata()?;
    let wanted = match access.group {
        Some(group) => group,
        None => fs::metadata(folder)?.gid(),
    };
    if has.gid() != wanted {
        match std::os::unix::fs::fchown(file, None, Some(wanted)) {
            Err(refused) if access.group.is_some() => {
                return Err(Refusal::group(wanted, &refused));
            }
            // The folder's group is a courtesy: whoever is not in it keeps the own one.
            Err(_) | Ok(()) => {}
        }
    }
    if has.mode() & 0o7777 != access.mode {
        file.set_permissions(fs::Permissions::from_mode(access.mode))?;
    }
    Ok(())
}

/// The folder that holds `path`.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Makes a rename or a removal in a folder last through a power cut. Some network file systems
/// cannot sync a folder at all and say so; they are not asked for more than they can do.
fn sync_folder(folder: &Path) -> io::Result<()> {
    match fs::File::open(folder)?.sync_all() {
        Err(no)
            if matches!(no.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) =>
        {
            Ok(())
        }
        done => done,
    }
}
