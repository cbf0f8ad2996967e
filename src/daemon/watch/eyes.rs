//! The kernel's events about files: `inotify(7)`.
//!
//! Files are watched for their content, the folders with a file or a link of the way for names
//! that come and go, and those above only for being moved, removed or closed to us. A watch holds
//! on to what stood at a path when it was set, hence all are set anew after every event. Reading a
//! file, or writing one beside it, wakes nobody.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fd::OwnedFd;
use rustix::fs::inotify::{
    CreateFlags, Event, ReadFlags, Reader, WatchFlags, add_watch, init, remove_watch,
};
use rustix::io::Errno;
use tokio::io::unix::AsyncFd;

use super::super::descriptor::readable;
use super::Blind;
use super::places::{Names, Places};

/// What is asked about every folder of a way.
const FAR: WatchFlags = WatchFlags::ATTRIB
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::ONLYDIR)
    .union(WatchFlags::DONT_FOLLOW);

/// What is asked about a folder in which names can change what the way leads to.
const NEAR: WatchFlags = FAR
    .union(WatchFlags::CREATE)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO);

/// What is asked about a file.
const FILE: WatchFlags = WatchFlags::MODIFY
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::DONT_FOLLOW);

/// How often the ways are gone again while somebody keeps changing them; his next change is an
/// event, after which they are gone once more.
const TRIES: usize = 5;

/// How many events are read before others have their turn.
const AT_ONCE: usize = 1_000;

/// What is watched, and the line on which its events come.
#[derive(Debug)]
pub(super) struct Eyes {
    inotify: AsyncFd<OwnedFd>,
    /// By the kernel's number.
    watched: HashMap<i32, Watched>,
}

#[derive(Debug)]
enum Watched {
    /// A file, all of whose events matter.
    File,
    /// A folder, with the names that matter in it. One that is mounted in two places has the names
    /// of both.
    Folder(BTreeSet<OsString>),
}

impl Eyes {
    /// Opens them, on nothing yet.
    pub(super) fn open() -> Result<Self, Blind> {
        let blind = |cause| Blind { place: None, cause };
        let inotify = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).map_err(blind)?;
        let inotify = readable(inotify)
            .map_err(|error| blind(Errno::from_io_error(&error).unwrap_or(Errno::IO)))?;
        Ok(Self { inotify, watched: HashMap::new() })
    }

    /// Waits until something happened that matters. Nothing is lost if the waiting is given up.
    pub(super) async fn hear(&self) {
        loop {
            let Ok(mut ready) = self.inotify.readable().await else {
                // The runtime is ending.
                return std::future::pending().await;
            };
            let (matters, all) = self.read();
            if all {
                ready.clear_ready();
            }
            if matters {
                return;
            }
            tokio::task::consume_budget().await;
        }
    }

    /// Reads events: whether one of them matters, and whether there are no more.
    fn read(&self) -> (bool, bool) {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(&self.inotify, &mut buffer);
        let mut matters = false;
        for _ in 0..AT_ONCE {
            match reader.next() {
                Ok(event) => matters |= self.matters(&event),
                Err(Errno::INTR) => {}
                Err(_) => return (matters, true),
            }
        }
        // What is in the buffer would be lost with it.
        while !reader.is_buffer_empty() {
            matters |= reader.next().is_ok_and(|event| self.matters(&event));
        }
        (matters, false)
    }

    fn matters(&self, event: &Event<'_>) -> bool {
        if event.events().contains(ReadFlags::QUEUE_OVERFLOW) {
            return true;
        }
        match self.watched.get(&event.wd()) {
            // The kernel's last word about a watch; what ended it was an event before.
            _ if event.events().contains(ReadFlags::IGNORED) => false,
            None => false,
            Some(Watched::File) => true,
            Some(Watched::Folder(names)) => event
                .file_name()
                .is_none_or(|name| names.contains(OsStr::from_bytes(name.to_bytes()))),
        }
    }

    /// Turns to where these paths lead now, and tells of what cannot be seen.
    ///
    /// Whatever changes on the way meanwhile is either found by going it once more, or happens to
    /// what is watched by then.
    pub(super) fn turn_to(&mut self, paths: &BTreeSet<PathBuf>) -> Option<Blind> {
        let mut places = Places::of(paths);
        let mut blind = None;
        for _ in 0..TRIES {
            blind = self.set(&places);
            let now = Places::of(paths);
            if now == places {
                break;
            }
            places = now;
        }
        blind
    }

    /// Watches these places, and no others any more.
    fn set(&mut self, places: &Places) -> Option<Blind> {
        let mut watched = HashMap::new();
        let mut blind = None;
        // One folder in two places is asked last what it is asked near: that includes the rest.
        let (near, far): (Vec<_>, Vec<_>) = places.folders.iter().partition(|(_, it)| it.near);
        for (folder, Names { names, near }) in far.into_iter().chain(near) {
            match add_watch(&self.inotify, folder, if *near { NEAR } else { FAR }) {
                Ok(number) => {
                    let new = Watched::Folder(BTreeSet::new());
                    if let Watched::Folder(known) = watched.entry(number).or_insert(new) {
                        known.extend(names.iter().cloned());
                    }
                }
                // A folder far above that may be passed but not read, as homes often are: only its
                // own being moved goes unseen.
                Err(Errno::ACCESS) if !near => {}
                Err(cause) => note(&mut blind, folder, cause),
            }
        }
        for file in &places.files {
            match add_watch(&self.inotify, file, FILE) {
                Ok(number) => drop(watched.insert(number, Watched::File)),
                Err(cause) => note(&mut blind, file, cause),
            }
        }
        let kept: HashSet<i32> = watched.keys().copied().collect();
        for number in self.watched.keys().filter(|number| !kept.contains(number)) {
            // One whose folder is gone has ended by itself.
            let _ = remove_watch(&self.inotify, *number);
        }
        self.watched = watched;
        blind
    }
}

/// Keeps the first reason. What is gone by now is none: its folder told of that.
fn note(blind: &mut Option<Blind>, place: &Path, cause: Errno) {
    if !matches!(cause, Errno::NOENT | Errno::NOTDIR) && blind.is_none() {
        *blind = Some(Blind { place: Some(place.to_owned()), cause });
    }
}
