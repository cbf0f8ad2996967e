//! The owner's own file, rewritten in its place.

use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::Path;

use super::error::At;
use super::{Access, PathError, folder_of, sync_folder, unfinished};

/// Puts other bytes into a file that is there, whole or not at all. Mode, owner and group stay its
/// own, and where `path` is a link, the file that it names is rewritten.
///
/// # Errors
/// [`PathError`] if it is missing or cannot be written, or if it could not be left to its owner;
/// the old file is untouched then.
pub fn rewrite(path: &Path, bytes: &[u8]) -> Result<(), PathError> {
    let path = &path.canonicalize().at(path, "write")?;
    let has = path.metadata().at(path, "write")?;
    let file = unfinished(path, bytes, &Access::PRIVATE).at(path, "write")?;
    let made = file.as_file().metadata().at(path, "write")?;
    if (made.uid(), made.gid()) != (has.uid(), has.gid()) {
        fchown(file.as_file(), Some(has.uid()), Some(has.gid())).at(path, "keep the owner of")?;
    }
    let bits = std::fs::Permissions::from_mode(has.mode() & 0o7777);
    file.as_file().set_permissions(bits).at(path, "keep the mode of")?;
    file.as_file().sync_all().at(path, "write")?;
    file.persist(path).map_err(|failure| failure.error).at(path, "write")?;
    sync_folder(folder_of(path)).at(folder_of(path), "write")
}
