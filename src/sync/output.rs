//! Puts rendered files in their places: only where bytes differ, never over what is not ours.

use std::path::{Path, PathBuf};

use super::outcome::fault;
use crate::domain::{Exit, Fault, Name, State, sha256_hex};
use crate::export::OutputFile;
use crate::files::{self, Access, PathError, Stamp};
use crate::store::{KeptFile, Store, StoreError};

/// How many edited versions of one file are kept beside it.
const EDITED_KEPT: usize = 5;

/// What writing files did.
#[derive(Debug, Clone, Default)]
pub struct Published {
    /// Files written or removed.
    pub files: Vec<PathBuf>,
    /// Those among them whose content is new, and not only put back.
    pub changed: Vec<PathBuf>,
    /// Files that somebody edited.
    pub edited: Vec<Edited>,
    /// The families of which a shared file tells something new.
    pub families: Vec<Name>,
    /// What stood in the way, and what the owner should know.
    pub notes: Vec<Fault>,
}

/// A file of ours that somebody edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The file.
    pub path: PathBuf,
    /// Where the edited version lies; `None` where too many lie there already, and the file was
    /// left as it is.
    pub kept_as: Option<PathBuf>,
}

impl Edited {
    /// What the owner is told of it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match &self.kept_as {
            Some(aside) => edited(&self.path, aside),
            None => edited_too_often(&self.path),
        }
    }
}

/// What ends the writing of some files.
#[derive(Debug)]
pub(super) enum Halt {
    /// The store failed.
    Store(StoreError),
    /// A file or folder did.
    Fault(Fault),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<PathError> for Halt {
    fn from(error: PathError) -> Self {
        Self::Fault(path_fault(&error))
    }
}

fn path_fault(error: &PathError) -> Fault {
    fault(State::Failed, Exit::Io, error.message(), &error.help())
}

/// One output folder, and what was changed in it.
pub(super) struct Output<'a> {
    root: &'a Path,
    access: Access,
    /// Whose the files are; `None` for those that families share.
    family: Option<&'a Name>,
    published: Published,
}

impl<'a> Output<'a> {
    /// Makes the folder where its parent exists. What a killed process left unfinished in it goes.
    pub(super) fn open(
        root: &'a Path,
        access: Access,
        family: Option<&'a Name>,
    ) -> Result<Self, Halt> {
        files::make_folder(root, &access)?;
        files::sweep(root)?;
        Ok(Self { root, access, family, published: Published::default() })
    }

    /// What was done.
    pub(super) fn published(self) -> Published {
        self.published
    }

    /// Writes a file that is written once, where there is none.
    pub(super) fn put_once(&mut self, store: &Store, name: &str, bytes: &[u8]) -> Result<(), Halt> {
        let path = self.root.join(name);
        if files::stamp(&path).is_none() {
            store.note_untold(self.family, &text(&path))?;
            files::write_new(&path, bytes, &self.access)?;
            self.published.changed.push(path);
        }
        Ok(())
    }

    /// Makes a folder below, as the one above it.
    pub(super) fn folder(&self, name: &str) -> Result<(), Halt> {
        let folder = self.root.join(name);
        files::no_links_below(self.root, &folder)?;
        files::make_folder(&folder, &self.access)?;
        Ok(files::sweep(&folder)?)
    }

    /// Writes the files whose bytes differ from what is there. Their hashes are known to the store
    /// before the first is touched, so that a killed process leaves no file that looks foreign; so
    /// is that a hook is to be told of those with new content.
    pub(super) fn put(&mut self, store: &mut Store, rendered: &[OutputFile]) -> Result<(), Halt> {
        let mut due = Vec::new();
        for file in rendered {
            let path = self.root.join(&file.path);
            let sha256 = sha256_hex(&file.bytes);
            if self.is_due(store, &path, &sha256)? {
                due.push((path, sha256, &file.bytes));
            }
        }
        if due.is_empty() {
            return Ok(());
        }
        let changed = store.atomically(|store| -> Result<Vec<PathBuf>, StoreError> {
            let mut changed = Vec::new();
            for (path, sha256, _) in &due {
                if store.file(&text(path))?.is_none_or(|last| last.sha256 != *sha256) {
                    store.note_untold(self.family, &text(path))?;
                    changed.push(path.clone());
                }
                store.intend_file(&text(path), sha256)?;
            }
            Ok(changed)
        })?;
        for (path, _, _) in &due {
            files::no_links_below(self.root, path)?;
        }
        let bytes = due.iter().map(|(path, _, bytes)| (path.as_path(), bytes.as_slice()));
        files::write_each(bytes, &self.access)?;
        store.atomically(|store| -> Result<(), StoreError> {
            due.iter().try_for_each(|(path, sha256, _)| store.save_file(&kept(path, sha256)))
        })?;
        self.published.changed.extend(changed);
        self.published.files.extend(due.into_iter().map(|(path, _, _)| path));
        Ok(())
    }

    /// The bytes that a file of ours was last written with; none where somebody edited or removed
    /// it.
    pub(super) fn last(&self, store: &Store, name: &str) -> Result<Vec<u8>, Halt> {
        let path = self.root.join(name);
        if files::stamp(&path).is_none() {
            return Ok(Vec::new());
        }
        let bytes = files::read(&path)?;
        Ok(if store.wrote(&text(&path), &sha256_hex(&bytes))? { bytes } else { Vec::new() })
    }

    /// Takes away files of ours below a folder that are rendered no longer; one that somebody
    /// edited stays.
    pub(super) fn remove_stale(
        &mut self,
        store: &Store,
        folder: &str,
        is_one_of_these: impl Fn(&str) -> bool,
        rendered: &[OutputFile],
    ) -> Result<(), Halt> {
        let prefix = text(&self.root.join(folder)).trim_end_matches('/').to_owned() + "/";
        for file in store.files_below(&prefix)? {
            let name = &file.path[prefix.len()..];
            let still = rendered.iter().any(|kept| text(&self.root.join(&kept.path)) == file.path);
            if still || name.contains('/') || !is_one_of_these(name) {
                continue;
            }
            let path = PathBuf::from(&file.path);
            if files::stamp(&path).is_none() || is_ours(store, &path)? {
                store.note_untold(self.family, &file.path)?;
                files::remove(&path)?;
                store.drop_file(&file.path)?;
                self.published.changed.push(path.clone());
                self.published.files.push(path);
            }
        }
        Ok(())
    }

    /// Whether a file must be written. One that somebody edited is kept aside first.
    fn is_due(&mut self, store: &Store, path: &Path, sha256: &str) -> Result<bool, Halt> {
        let Some(stamp) = files::stamp(path) else { return Ok(true) };
        let last = store.file(&text(path))?;
        if last.as_ref().is_some_and(|last| is_stamped(last, stamp)) {
            return Ok(last.is_none_or(|last| last.sha256 != sha256));
        }
        files::no_links_below(self.root, path)?;
        let bytes = files::read(path)?;
        let there = sha256_hex(&bytes);
        if there == sha256 {
            store.intend_file(&text(path), sha256)?;
            store.save_file(&kept(path, &there))?;
            return Ok(false);
        }
        if store.wrote(&text(path), &there)? {
            return Ok(true);
        }
        self.keep_edited(path, &bytes)
    }

    /// Keeps an edited file beside its place, once per content; gives whether the place is free.
    fn keep_edited(&mut self, path: &Path, bytes: &[u8]) -> Result<bool, Halt> {
        for nth in 1..=EDITED_KEPT {
            let aside = PathBuf::from(format!("{}.edited-{nth}", path.display()));
            if files::stamp(&aside).is_none() {
                files::write_new(&aside, bytes, &self.access)?;
                self.tell_edited(path, Some(aside));
                return Ok(true);
            }
            if files::read(&aside)? == bytes {
                self.tell_edited(path, Some(aside));
                return Ok(true);
            }
        }
        self.tell_edited(path, None);
        Ok(false)
    }

    fn tell_edited(&mut self, path: &Path, kept_as: Option<PathBuf>) {
        let edited = Edited { path: path.to_owned(), kept_as };
        self.published.notes.push(edited.fault());
        self.published.edited.push(edited);
    }
}

impl Published {
    /// Takes in what else was done.
    pub fn extend(&mut self, more: Self) {
        self.files.extend(more.files);
        self.changed.extend(more.changed);
        self.edited.extend(more.edited);
        self.families.extend(more.families);
        self.notes.extend(more.notes);
    }
}

/// What was written, where only the store stops a command.
pub(super) fn settled(written: Result<Published, Halt>) -> Result<Published, StoreError> {
    match written {
        Ok(published) => Ok(published),
        Err(Halt::Store(error)) => Err(error),
        Err(Halt::Fault(fault)) => Ok(Published { notes: vec![fault], ..Published::default() }),
    }
}

/// The access that the configuration gives some files.
pub(super) fn access(mode: u32, group: Option<&str>) -> Result<Access, Halt> {
    let group = group.map(files::group_id).transpose().map_err(|error| {
        Halt::Fault(fault(State::Failed, Exit::Config, error.to_string(), &error.help()))
    })?;
    Ok(Access { mode, group })
}

fn is_ours(store: &Store, path: &Path) -> Result<bool, Halt> {
    Ok(store.wrote(&text(path), &sha256_hex(&files::read(path)?))?)
}

pub(super) fn is_stamped(last: &KeptFile, stamp: Stamp) -> bool {
    last.length == stamp.len && last.modified == stamp.modified_ns.to_string()
}

fn kept(path: &Path, sha256: &str) -> KeptFile {
    let stamp = files::stamp(path).unwrap_or(Stamp { len: 0, modified_ns: 0 });
    KeptFile {
        path: text(path),
        sha256: sha256.to_owned(),
        length: stamp.len,
        modified: stamp.modified_ns.to_string(),
    }
}

pub(super) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn edited(path: &Path, aside: &Path) -> Fault {
    let message = format!(
        "{} was edited by hand; your version is kept as {}",
        path.display(),
        aside.display()
    );
    fault(
        State::Ok,
        Exit::Good,
        message,
        "take what you need from it and remove it: the file is written anew at each change",
    )
}

fn edited_too_often(path: &Path) -> Fault {
    let message = format!(
        "{} was edited by hand again and is left alone: {EDITED_KEPT} edited versions lie beside it",
        path.display()
    );
    fault(
        State::Failed,
        Exit::Trouble,
        message,
        "remove the versions that you no longer need, then run `sophtron-sync export`",
    )
}
