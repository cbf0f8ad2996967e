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

/// What a rename works on.
const KEPT: [&str; 3] = [FILE, "bank", "state"];

/// Renames the account in a process that is killed before it makes a system call for the nth time;
/// gives whether it was.
fn renamed_until(home: &Home, call: &str, nth: usize) -> bool {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
    strace.arg("-e").arg(format!("inject={call}:signal=SIGKILL:when={nth}"));
    strace.arg(env!("CARGO_BIN_EXE_sophtron-sync")).args(["rename", "smith/checking", "daily"]);
    strace.current_dir(home.folder.path()).env_clear().env("HOME", home.folder.path());
    strace.env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
    let ran = strace.output().expect("strace, which the tests need");
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success() || ran.status.signal() == Some(9), "{call} {nth}: {said}");
    !ran.status.success()
}

fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-aT").args([from, to]).status().expect("cp");
    assert!(status.success());
}

fn put_back(home: &Home) {
    for name in KEPT {
        let path = home.path(name);
        if path.is_dir() {
            std::fs::remove_dir_all(&path).expect("removed");
        }
        copy(&home.path("copy").join(name), &path);
    }
}

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
    std::fs::create_dir(home.path("copy")).expect("a folder");
    for name in KEPT {
        copy(&home.path(name), &home.path("copy").join(name));
    }
    let before = files(&home, "bank");
    let (mut old, mut new) = (0, 0);
    for call in DURABLE {
        for nth in 1.. {
            put_back(&home);
            let what = format!("{call} {nth}");
            if !renamed_until(&home, call, nth) {
                break;
            }
            let starts: [&[&str]; 3] = [&["export"], &["sync"], &["sync", "smith/savings"]];
            home.run(starts[nth % starts.len()]).ends_with(0);
            has_one_name(&home, &what);
            let now = files(&home, "bank");
            let names = now.keys().collect::<Vec<_>>();
            assert!(as_before(now.clone()) == before, "{what}: {names:?}");
            *(if now == before { &mut old } else { &mut new }) += 1;
            let whole = home.tree("bank");
            home.run(&["sync"]).ends_with(0);
            assert!(home.tree("bank") == whole, "{what}");
        }
    }
    assert!(old > 5 && new > 5, "killed {old} times before and {new} times behind the edit");
}

#[test]
fn a_daemon_that_starts_after_a_kill_finishes_it() {
    let home = synced();
    std::fs::create_dir(home.path("copy")).expect("a folder");
    for name in KEPT {
        copy(&home.path(name), &home.path("copy").join(name));
    }
    for nth in 1.. {
        put_back(&home);
        if !renamed_until(&home, "renameat", nth) {
            assert!(nth > 5, "the configuration and some files");
            break;
        }
        let daemon = live::Daemon::start(&home);
        has_one_name(&home, &format!("renameat {nth}"));
        let _ = daemon.stop();
    }
}
