//! One process per folder: `flock` on a file that names its holder.
//!
//! The kernel lets go of it when its holder ends, however it ends; a file that is left behind
//! stops nobody.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::At;
use super::folder::{blame_the_folder, no_link};
use super::{Access, PathError};

/// The name of the lock in the state folder and in each output folder.
pub const LOCK_FILE: &str = ".sophtron-sync.lock";

/// How often a lock file that somebody removes under our hands is opened anew.
const TRIES: usize = 5;

/// A folder held by this process until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why a folder was not locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("{}", held(*pid, path))]
    Held {
        /// Its process id, where it wrote one.
        pid: Option<u32>,
        /// The lock file.
        path: PathBuf,
    },
    /// The lock file cannot be made or used.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl Lock {
    /// Takes the lock `file_name` in `folder`, at once or not at all, and writes our process id
    /// into it.
    ///
    /// # Errors
    /// [`LockError::Held`] names the process that has it; [`LockError::Path`] if the file cannot
    /// be opened, locked or written.
    pub fn take(folder: &Path, file_name: &str) -> Result<Self, LockError> {
        let path = folder.join(file_name);
        for _ in 0..TRIES {
            no_link(&path)?;
            let mut file = open(&path, folder).at(&path, "open")?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return Err(holder(&mut file, path)),
                Err(TryLockError::Error(failure)) => return Err(failure).at(&path, "lock")?,
                Ok(()) if !still_there(&file, &path) => {}
                Ok(()) => {
                    sign(&mut file).at(&path, "write")?;
                    return Ok(Self { _file: file });
                }
            }
        }
        Err(io::Error::other("somebody keeps removing it")).at(&path, "lock")?
    }
}

fn open(path: &Path, folder: &Path) -> io::Result<File> {
    let mut how = OpenOptions::new();
    how.read(true).write(true).create(true).truncate(false).mode(Access::PRIVATE.mode);
    how.open(path).map_err(
        |failure| {
            if path.exists() { failure } else { blame_the_folder(folder, failure) }
        },
    )
}

/// Whether the locked file is the one that the path names: whoever removes a lock file would
/// otherwise let two processes in.
fn still_there(file: &File, path: &Path) -> bool {
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(ours), Ok(named)) => ours.dev() == named.dev() && ours.ino() == named.ino(),
        _ => false,
    }
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: &mut File, path: PathBuf) -> LockError {
    let mut text = String::new();
    let told = file.take(32).read_to_string(&mut text);
    let pid = told.ok().and_then(|_| text.trim().parse().ok());
    LockError::Held { pid, path }
}

fn held(pid: Option<u32>, path: &Path) -> String {
    let folder = path.parent().unwrap_or(path).display();
    match pid {
        Some(pid) => format!("{folder} is in use by another sophtron-sync (process {pid})"),
        None => format!("{folder} is in use by another sophtron-sync"),
    }
}
