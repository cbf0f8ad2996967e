//! Sees that files may have changed, however they are saved.
//!
//! Editors rename a new file over the old one, truncate it, delete and create it; deployments swap
//! links and whole folders. All of these happen to a folder or a link on the way to the file, or to
//! the file itself, so all are watched: every folder that the path and its links go through, and
//! the file at the end. Nothing is polled, and no thread waits.
//!
//! What happens on the other side of a network file system, and a disk that is mounted over a
//! folder, cannot be seen.

mod blind;
mod eyes;
mod places;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::Instant;

use self::eyes::Eyes;

pub use self::blind::Blind;

/// A burst of changes is over when nothing came for so long.
const QUIET: Duration = Duration::from_millis(200);

/// The longest that a burst is waited for, from its first change.
const LONGEST: Duration = Duration::from_millis(800);

/// A watch over some files.
#[derive(Debug)]
pub struct Watch {
    files: BTreeSet<PathBuf>,
    /// None where the system has no watches to give.
    eyes: Option<Eyes>,
    blind: Option<Blind>,
    burst: Option<Burst>,
}

/// Changes that belong together: one save is many events.
#[derive(Debug, Clone, Copy)]
struct Burst {
    first: Instant,
    last: Instant,
}

impl Burst {
    /// When it counts as over.
    fn end(self) -> Instant {
        (self.last + QUIET).min(self.first + LONGEST)
    }
}

impl Watch {
    /// Watches these files, there or not, from now on. It needs a tokio runtime with I/O and time.
    ///
    /// Where the system refuses, [`Watch::blind`] says why.
    #[must_use]
    pub fn over(files: impl IntoIterator<Item = PathBuf>) -> Self {
        let (eyes, blind) = match Eyes::open() {
            Ok(eyes) => (Some(eyes), None),
            Err(blind) => (None, Some(blind)),
        };
        let mut watch = Self { files: BTreeSet::new(), eyes, blind, burst: None };
        watch.set(files);
        watch
    }

    /// Watches these files instead, and says whether there is one among them that was not watched
    /// before.
    ///
    /// What is read after this returns is watched: a later change is told by [`Watch::changed`].
    /// Hence, after a true, whatever was read of the new files before must be read again.
    pub fn set(&mut self, files: impl IntoIterator<Item = PathBuf>) -> bool {
        // A relative path would need the current folder; where that is gone it leads nowhere.
        let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        let files: BTreeSet<PathBuf> = files.into_iter().map(absolute).collect();
        let more = !files.is_subset(&self.files);
        self.files = files;
        self.look();
        more
    }

    /// Why some changes go unseen, as of the last look.
    #[must_use]
    pub fn blind(&self) -> Option<&Blind> {
        self.blind.as_ref()
    }

    /// Waits until a file may have changed and its change seems complete: a fifth of a second after
    /// the last sign of it, and at most 0.8 s after the first. For ever, where nothing can be seen.
    ///
    /// Nothing is lost if the waiting is given up; a change that comes meanwhile is told the next
    /// time.
    pub async fn changed(&mut self) {
        loop {
            tokio::select! {
                biased;
                () = over(self.burst) => {
                    self.burst = None;
                    return;
                }
                () = hear(self.eyes.as_ref()) => {
                    let last = Instant::now();
                    let first = self.burst.map_or(last, |burst| burst.first);
                    self.burst = Some(Burst { first, last });
                    self.look();
                }
            }
        }
    }

    /// Follows the paths to where they lead now.
    fn look(&mut self) {
        if let Some(eyes) = &mut self.eyes {
            self.blind = eyes.turn_to(&self.files);
        }
    }
}

async fn over(burst: Option<Burst>) {
    match burst {
        Some(burst) => tokio::time::sleep_until(burst.end()).await,
        None => std::future::pending().await,
    }
}

async fn hear(eyes: Option<&Eyes>) {
    match eyes {
        Some(eyes) => eyes.hear().await,
        None => std::future::pending().await,
    }
}
