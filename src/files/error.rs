//! What went wrong with a path, in the owner's words.

use std::io;
use std::path::{Path, PathBuf};

/// An operation on a path that failed. It prints the path, what happened and what to do.
#[derive(Debug)]
pub struct PathError {
    /// The path that was meant.
    pub path: PathBuf,
    /// What was being done, as a verb: `write`, `read`.
    pub doing: &'static str,
    /// What the system said.
    pub source: io::Error,
}

impl PathError {
    /// What happened, with the path.
    #[must_use]
    pub fn message(&self) -> String {
        format!("cannot {} {}: {}", self.doing, self.path.display(), self.reason())
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self.refusal() {
            Some(refusal) => refusal.help.clone(),
            None if self.source.kind() == io::ErrorKind::ReadOnlyFilesystem => self.open_it(),
            None => cure(&self.source).to_owned(),
        }
    }

    /// How the folder is opened to a service that may write nowhere else.
    fn open_it(&self) -> String {
        let folder = if self.path.is_dir() { &self.path } else { super::folder_of(&self.path) };
        format!(
            "mount it writable; or, for the service, put `[Service]` and `ReadWritePaths={}` into \
             a drop-in (`systemctl edit sophtron-sync`), then `systemctl restart sophtron-sync`",
            folder.display()
        )
    }

    /// Whether the path, or a folder above it, is simply not there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.source.kind() == io::ErrorKind::NotFound
    }

    fn reason(&self) -> String {
        match self.refusal() {
            Some(refusal) => refusal.reason.clone(),
            None => plain(&self.source),
        }
    }

    fn refusal(&self) -> Option<&Refusal> {
        self.source.get_ref()?.downcast_ref()
    }
}

impl std::fmt::Display for PathError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; {}", self.message(), self.help())
    }
}

impl std::error::Error for PathError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Adds the path and the verb to an error of the system.
pub(super) trait At<T> {
    fn at(self, path: &Path, doing: &'static str) -> Result<T, PathError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path, doing: &'static str) -> Result<T, PathError> {
        self.map_err(|source| PathError { path: path.to_owned(), doing, source })
    }
}

/// What we refuse or can explain better than the system does.
#[derive(Debug)]
pub(super) struct Refusal {
    reason: String,
    help: String,
}

impl Refusal {
    fn error(kind: io::ErrorKind, reason: String, help: String) -> io::Error {
        io::Error::new(kind, Self { reason, help })
    }

    /// A link where none is followed.
    pub(super) fn link() -> io::Error {
        let help = "put a real file or folder there, or configure the folder that it names";
        let reason = "it is a link, which is not followed here";
        Self::error(io::ErrorKind::InvalidInput, reason.to_owned(), help.to_owned())
    }

    /// The folder above is not there.
    pub(super) fn missing_parent(parent: &Path) -> io::Error {
        let parent = parent.display();
        let help = format!("make it (`mkdir -p {parent}`), or mount what it stands for");
        let reason = format!("the folder {parent} is missing");
        Self::error(io::ErrorKind::NotFound, reason, help)
    }

    /// Something else stands where a folder is wanted.
    pub(super) fn no_folder() -> io::Error {
        let reason = "it is there and is no folder".to_owned();
        let help = "move it aside, or configure another folder".to_owned();
        Self::error(io::ErrorKind::NotADirectory, reason, help)
    }

    /// A folder that may not be written in.
    pub(super) fn no_rights_in(folder: &Path) -> io::Error {
        let reason = format!("no right to make files in {}", folder.display());
        let help = "give its owner and mode to the user that runs this program".to_owned();
        Self::error(io::ErrorKind::PermissionDenied, reason, help)
    }

    /// A group that may not be given.
    pub(super) fn group(group: u32, refused: &io::Error) -> io::Error {
        let reason = format!("its group cannot be set to number {group} ({})", plain(refused));
        let help = "make the user that runs this program a member of the configured group, \
                    or take `group` out of the configuration";
        Self::error(refused.kind(), reason, help.to_owned())
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Refusal {}

/// The reason without the system's numbers.
fn plain(error: &io::Error) -> String {
    let known = match error.kind() {
        io::ErrorKind::NotFound => "it is not there",
        io::ErrorKind::PermissionDenied => "permission denied",
        io::ErrorKind::AlreadyExists => "it is there already",
        io::ErrorKind::StorageFull => "no space left on the disk",
        io::ErrorKind::QuotaExceeded => "the disk quota is used up",
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only",
        io::ErrorKind::IsADirectory => "it is a folder",
        io::ErrorKind::NotADirectory => "a part of the path is no folder",
        io::ErrorKind::InvalidFilename => "the name is too long",
        _ => "",
    };
    let told = error.to_string();
    match known {
        "" => told.split(" (os error").next().unwrap_or_default().to_lowercase(),
        known => known.to_owned(),
    }
}

fn cure(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "check the path, and whether its disk is mounted",
        io::ErrorKind::PermissionDenied => {
            "give the user that runs this program the right to it (owner, group or mode)"
        }
        io::ErrorKind::AlreadyExists => "nothing was overwritten; move it aside first",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room and try again",
        io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => {
            "move what is there aside, or name another path"
        }
        io::ErrorKind::InvalidFilename => "choose a shorter path",
        _ => "check the disk and the path, then try again",
    }
}
