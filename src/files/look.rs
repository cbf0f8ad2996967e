//! Looking at what is there without touching it: room, rights, bits.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access as Wanted, access, statvfs};

/// How many bytes can still be written below a folder; `None` where the system does not say.
#[must_use]
pub fn room(folder: &Path) -> Option<u64> {
    let seen = statvfs(folder).ok()?;
    Some(seen.f_bavail.saturating_mul(seen.f_frsize))
}

/// Whether files can be made in a folder by this user.
#[must_use]
pub fn can_write(folder: &Path) -> bool {
    access(folder, Wanted::WRITE_OK | Wanted::EXEC_OK).is_ok()
}

/// Whether others than its owner and its group may write to a file.
#[must_use]
pub fn others_may_write(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|seen| seen.mode() & 0o002 != 0)
}

/// Files that lie directly in a folder for its owner alone and are not: others may read them, or
/// they belong to somebody else.
#[must_use]
pub fn strays(folder: &Path) -> Vec<PathBuf> {
    let Ok(owner) = fs::metadata(folder).map(|seen| seen.uid()) else { return Vec::new() };
    let stray = |path: &PathBuf| {
        fs::symlink_metadata(path).is_ok_and(|seen| {
            let open = seen.is_file() && seen.mode() & 0o077 != 0;
            open || seen.uid() != owner
        })
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut strays: Vec<PathBuf> = entries.filter(stray).collect();
    strays.sort();
    strays
}
