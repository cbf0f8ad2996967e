//! The real program, killed before each call that makes something last.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{FILE, as_before, ids, synced};
use crate::daemon::live;
use crate::first_light::{files, status};
use crate::home::Home;

/// The calls after which something lasts, or a file is another one.
const DURABLE: [&str; 5] = ["fsync", "fdatasync", "rename", "renameat", "unlink"];

/// What a move works on.
const KEPT: [&str; 3] = [FILE, "bank", "state"];

/// A home that can be put back as it was.
pub(crate) struct Kept<'h>(&'h Home);

impl<'h> Kept<'h> {
    /// Keeps it as it is.
    pub(crate) fn of(home: &'h Home) -> Self {
        std::fs::create_dir(home.path("copy")).expect("a folder");
        for name in KEPT {
            copy(&home.path(name), &home.path("copy").join(name));
        }
        Self(home)
    }

    /// Puts it back, and runs a command in a process that is killed before it makes a system call
    /// for the nth time; gives whether it was.
    pub(crate) fn killed(&self, args: &[&str], call: &str, nth: usize) -> bool {
        self.put_back();
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
        strace.arg("-e").arg(format!("inject={call}:signal=SIGKILL:when={nth}"));
        strace.arg(env!("CARGO_BIN_EXE_sophtron-sync")).args(args);
        strace.current_dir(self.0.folder.path()).env_clear().env("HOME", self.0.folder.path());
        strace.env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
        let ran = strace.output().expect("strace, which the tests need");
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.success() || ran.status.signal() == Some(9), "{call} {nth}: {said}");
        !ran.status.success()
    }

    /// Has something looked at after each kill that there can be.
    pub(crate) fn at_every_step(&self, args: &[&str], mut look: impl FnMut(&str)) {
        for call in DURABLE {
            for nth in 1.. {
                if !self.killed(args, call, nth) {
                    break;
                }
                look(&format!("{call} {nth}"));
            }
        }
    }

    fn put_back(&self) {
        for name in KEPT {
            let path = self.0.path(name);
            if path.is_dir() {
                std::fs::remove_dir_all(&path).expect("removed");
            }
            copy(&self.0.path("copy").join(name), &path);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-aT").args([from, to]).status().expect("cp");
    assert!(status.success());
}

const RENAME: [&str; 3] = ["rename", "smith/checking", "daily"];

/// The account has one of the two names, in the configuration, in the store and in every file.
fn has_one_name(home: &Home, what: &str) {
    let (mine, other) = if home.read(FILE).contains("'daily' #") {
        ("daily", "checking")
    } else {
        ("checking", "daily")
    };
    assert!(!home.path(&format!("bank/smith/{other}")).exists(), "{what}");
    assert_eq!(status(home, &format!("smith/{mine}"))["transactions"], 3, "{what}");
    assert_eq!(ids(home, &format!("bank/smith/{mine}")).len(), 5, "{what}");
}

#[test]
fn killed_at_every_durable_step_it_ends_under_one_name_with_all_files() {
    let home = synced();
    let before = files(&home, "bank");
    let mut ends = [0, 0];
    let starts: [&[&str]; 3] = [&["export"], &["sync"], &["sync", "smith/savings"]];
    Kept::of(&home).at_every_step(&RENAME, |what| {
        let mine = if home.read(FILE).contains("'daily' #") { "daily" } else { "checking" };
        let told = status(&home, &format!("smith/{mine}"));
        assert_eq!((&told["state"], &told["transactions"]), (&"ok".into(), &3.into()), "{what}");
        home.run(starts[ends.iter().sum::<usize>() % starts.len()]).ends_with(0);
        has_one_name(&home, what);
        let now = files(&home, "bank");
        let names = now.keys().collect::<Vec<_>>();
        assert!(as_before(now.clone()) == before, "{what}: {names:?}");
        ends[usize::from(now != before)] += 1;
        let whole = home.tree("bank");
        home.run(&["sync"]).ends_with(0);
        assert!(home.tree("bank") == whole, "{what}");
    });
    assert!(ends.iter().all(|times| *times > 5), "before and behind the edit: {ends:?}");
}

#[test]
fn a_daemon_that_starts_after_a_kill_finishes_it() {
    let home = synced();
    let kept = Kept::of(&home);
    for nth in 1.. {
        if !kept.killed(&RENAME, "renameat", nth) {
            assert!(nth > 5, "the configuration and some files");
            break;
        }
        let daemon = live::Daemon::start(&home);
        has_one_name(&home, &format!("renameat {nth}"));
        let _ = daemon.stop();
    }
}
