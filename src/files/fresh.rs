//! Files and folders that are made together: all of them stay, or none.

use std::fs;
use std::io;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use rustix::fs::Access as Right;

use super::error::{At, Refusal};
use super::{Access, PathError, make_folder, write_new};

/// What was made so far. Unless it is kept, all of it goes again when this is dropped, the last
/// first; what stood there before is never touched.
#[derive(Debug, Default)]
pub struct Fresh {
    made: Vec<PathBuf>,
}

impl Fresh {
    /// Makes a folder, and every missing one above it likewise. One that is there stays as it is.
    ///
    /// # Errors
    /// [`PathError`] if one cannot be made, or if something else stands in its place.
    pub fn folder(&mut self, path: &Path, access: &Access) -> Result<(), PathError> {
        let missing: Vec<&Path> = path.ancestors().take_while(|above| !above.exists()).collect();
        for folder in missing.into_iter().rev().filter(|folder| !folder.as_os_str().is_empty()) {
            make_folder(folder, access)?;
            self.made.push(folder.to_owned());
        }
        if path.is_dir() { Ok(()) } else { Err(Refusal::no_folder()).at(path, "make the folder") }
    }

    /// Gives what was made here to another user. What stood there before stays whose it was.
    ///
    /// # Errors
    /// [`PathError`] if the system refuses.
    pub fn give(&self, path: &Path, uid: u32, gid: u32) -> Result<(), PathError> {
        if self.made.iter().any(|made| made == path) {
            chown(path, Some(uid), Some(gid)).at(path, "set the owner of")?;
        }
        Ok(())
    }

    /// Makes a file, whole, where nothing is yet.
    ///
    /// # Errors
    /// [`PathError`] as [`write_new`].
    pub fn file(&mut self, path: &Path, bytes: &[u8], access: &Access) -> Result<(), PathError> {
        write_new(path, bytes, access)?;
        self.made.push(path.to_owned());
        Ok(())
    }

    /// Lets all of it stay; gives what was made, in its order.
    #[must_use]
    pub fn keep(mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.made)
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        for path in self.made.drain(..).rev() {
            // A folder in which somebody else put something meanwhile stays.
            let _ = if path.is_dir() { fs::remove_dir(&path) } else { fs::remove_file(&path) };
        }
    }
}

/// Says whether a file or folder could be made at a path, or a folder there be written in, as far
/// as that can be told without making anything.
///
/// # Errors
/// [`PathError`] with what stands in the way.
pub fn could_make(path: &Path) -> Result<(), PathError> {
    let there = path.ancestors().find(|above| above.exists()).unwrap_or(Path::new("/"));
    if !there.is_dir() {
        return Err(Refusal::no_folder()).at(there, "make files in");
    }
    match rustix::fs::access(there, Right::WRITE_OK | Right::EXEC_OK).map_err(io::Error::from) {
        Err(no) if no.kind() == io::ErrorKind::PermissionDenied => {
            Err(Refusal::no_rights_in(there)).at(path, "make")
        }
        looked => looked.at(path, "make"),
    }
}
