//! Files on a real disk: whole, with their mode and group, under any umask, and locked.

mod fresh;

use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sophtron_sync::files::{
    Access, LOCK_FILE, Lock, LockError, PathError, group_id, make_folder, no_links_below,
    private_folder, private_folders, read, remove, stamp, sweep, write_new, write_whole,
};
use tempfile::TempDir;

const SHARED: Access = Access { mode: 0o640, group: None };

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("it is there").mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("set");
}

/// What is in a folder, by name.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The message names the path, has these words, and no numbers of the system.
fn check(error: &PathError, path: &Path, words: &[&str]) {
    let told = error.to_string();
    assert!(told.contains(&path.display().to_string()), "{told}");
    for word in words {
        assert!(told.contains(word), "{word} in {told}");
    }
    assert!(!told.contains("os error") && told.contains("; "), "{told}");
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs this test binary again with one test that does something in `place`, behind a shell.
fn again(test: &str, place: &Path, shell: &str) -> Child {
    let me = std::env::current_exe().expect("this binary");
    Command::new("sh")
        .args(["-c", &format!("{shell} exec \"$0\" --exact files_room::{test} --nocapture")])
        .arg(me)
        .env(PLACE, place)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started")
}

/// Set for the process that [`again`] starts; the plain run of such a test does nothing.
const PLACE: &str = "SOPHTRON_SYNC_TEST_PLACE";

#[allow(clippy::disallowed_methods, reason = "how a test tells its second process what to do")]
fn place() -> Option<PathBuf> {
    std::env::var_os(PLACE).map(PathBuf::from)
}

#[test]
fn a_file_is_written_whole_with_its_mode() {
    let folder = folder();
    let path = folder.path().join("2026.ledger");
    write_whole(&path, b"one", &SHARED).expect("written");
    assert_eq!((read(&path).expect("read"), mode(&path)), (b"one".to_vec(), 0o640));
    write_whole(&path, b"two", &Access { mode: 0o604, group: None }).expect("written");
    assert_eq!((read(&path).expect("read"), mode(&path)), (b"two".to_vec(), 0o604));
    assert_eq!(names(folder.path()), ["2026.ledger"]);
}

#[test]
fn a_new_file_never_replaces_one() {
    let folder = folder();
    let path = folder.path().join("identity.txt");
    write_new(&path, b"one", &Access::PRIVATE).expect("written");
    assert_eq!(mode(&path), 0o600);
    let error = write_new(&path, b"two", &Access::PRIVATE).expect_err("there already");
    check(&error, &path, &["there already", "nothing was overwritten"]);
    assert_eq!(read(&path).expect("read"), b"one");
    assert_eq!(names(folder.path()), ["identity.txt"]);
}

#[test]
fn who_reads_the_old_file_keeps_it_whole() {
    let folder = folder();
    let path = folder.path().join("all.ledger");
    write_whole(&path, b"old and whole", &SHARED).expect("written");
    let open = File::open(&path).expect("open");
    write_whole(&path, b"new", &SHARED).expect("written");
    let mut line = String::new();
    BufReader::new(open).read_line(&mut line).expect("read");
    assert_eq!(line, "old and whole");
}

#[test]
fn a_failed_write_leaves_the_old_file_and_nothing_else() {
    let folder = folder();
    let path = folder.path().join("there");
    fs::create_dir(&path).expect("made");
    fs::create_dir(path.join("inside")).expect("made");
    let error = write_whole(&path, b"new", &SHARED).expect_err("a folder is in the way");
    check(&error, &path, &["cannot write", "folder", "move what is there aside"]);
    assert_eq!(names(folder.path()), ["there"]);
}

#[test]
fn a_missing_folder_is_named_with_its_cure() {
    let folder = folder();
    let parent = folder.path().join("mnt");
    let path = parent.join("all.ledger");
    let error = write_whole(&path, b"x", &SHARED).expect_err("no folder");
    check(&error, &path, &[&format!("the folder {} is missing", parent.display()), "mkdir -p"]);
    assert!(error.is_missing());
    let error = make_folder(&parent.join("bank"), &SHARED).expect_err("no parent");
    check(&error, &parent, &["is missing", "mount"]);
    let error = private_folder(&parent.join("state")).expect_err("no parent");
    check(&error, &parent, &["is missing", "mkdir -p"]);
    let error = Lock::take(&parent, LOCK_FILE).expect_err("no folder");
    assert!(matches!(error, LockError::Path(_)) && error.to_string().contains("is missing"));
    let error = read(&path).expect_err("no file");
    check(&error, &path, &["cannot read", "it is not there"]);
    assert!(!parent.exists());
}

#[test]
fn a_full_or_read_only_disk_is_named_with_its_cure() {
    let folder = folder();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "none"])
        .arg(folder.path())
        .stderr(Stdio::null())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("not tried: nobody but root may mount a small disk");
        return;
    }
    let path = folder.path().join("2026.csv");
    let full = write_whole(&path, b"old", &SHARED)
        .and_then(|()| write_whole(&path, &vec![b'x'; 1 << 20], &SHARED));
    let left = (fs::read(&path), names(folder.path()));
    let remount = ["-o", "remount,ro"];
    Command::new("mount").args(remount).arg(folder.path()).status().expect("remounted");
    let locked = write_whole(&path, b"new", &SHARED);
    Command::new("umount").arg(folder.path()).status().expect("unmounted");
    check(&full.expect_err("full"), &path, &["no space left", "make room"]);
    assert_eq!(left.0.expect("the old one is there"), b"old");
    assert_eq!(left.1, ["2026.csv"]);
    check(&locked.expect_err("read-only"), &path, &["read-only", "writable"]);
}

#[test]
fn a_name_that_is_too_long_is_an_error_and_no_panic() {
    let folder = folder();
    let path = folder.path().join("x".repeat(300));
    let error = write_whole(&path, b"x", &SHARED).expect_err("too long");
    check(&error, &path, &["too long", "shorter"]);
    assert!(names(folder.path()).is_empty());
    let long = folder.path().join("x".repeat(255));
    write_whole(&long, b"x", &SHARED).expect("as long as may be");
}

#[test]
fn modes_are_what_is_asked_under_any_umask() {
    if let Some(folder) = place() {
        write_whole(&folder.join("file"), b"x", &SHARED).expect("written");
        make_folder(&folder.join("shared"), &SHARED).expect("made");
        private_folder(&folder.join("private")).expect("made");
        private_folders(&folder.join("a/b/state")).expect("made");
        drop(Lock::take(&folder.join("private"), LOCK_FILE).expect("taken"));
        return;
    }
    for umask in ["0000", "0022", "0077", "0777"] {
        let folder = folder();
        let test = "modes_are_what_is_asked_under_any_umask";
        let child = again(test, folder.path(), &format!("umask {umask};"));
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{umask} {}", String::from_utf8_lossy(&output.stderr));
        let at = |path: &str| mode(&folder.path().join(path));
        assert_eq!((at("file"), at("shared"), at("private")), (0o640, 0o750, 0o700), "{umask}");
        assert_eq!((at("a"), at("a/b"), at("a/b/state")), (0o700, 0o700, 0o700), "{umask}");
        assert_eq!(at("private/.sophtron-sync.lock") & 0o077, 0, "{umask}");
    }
}

#[test]
fn a_folder_gets_the_bits_that_match_and_keeps_the_others() {
    let folder = folder();
    let path = folder.path().join("bank");
    for (file_mode, folder_mode) in [(0o640, 0o750), (0o600, 0o700), (0o644, 0o755), (0o660, 0o770)]
    {
        make_folder(&path, &Access { mode: file_mode, group: None }).expect("made");
        assert_eq!(mode(&path), folder_mode);
    }
    set_mode(&path, 0o2700);
    make_folder(&path, &SHARED).expect("corrected");
    assert_eq!(mode(&path), 0o2750);
    let before = fs::metadata(&path).expect("there").ctime_nsec();
    make_folder(&path, &SHARED).expect("nothing to do");
    assert_eq!(fs::metadata(&path).expect("there").ctime_nsec(), before);
    set_mode(&path, 0o2755);
    private_folder(&path).expect("closed");
    assert_eq!(mode(&path), 0o2700);
}

#[test]
fn a_file_in_the_way_of_a_folder_is_named() {
    let folder = folder();
    let path = folder.path().join("bank");
    write_whole(&path, b"", &SHARED).expect("written");
    let error = make_folder(&path, &SHARED).expect_err("a file");
    check(&error, &path, &["is there and is no folder", "move it aside"]);
}

#[test]
fn a_group_is_given_and_one_that_fits_is_not_given_again() {
    let folder = folder();
    let own = rustix::process::getegid().as_raw();
    let access = Access { mode: 0o640, group: Some(own) };
    let path = folder.path().join("file");
    write_whole(&path, b"x", &access).expect("the own group can be given");
    assert_eq!(fs::metadata(&path).expect("there").gid(), own);
    if !is_root() {
        let foreign = Access { mode: 0o640, group: Some(own + 4000) };
        let error = write_whole(&path, b"y", &foreign).expect_err("not ours to give");
        check(&error, &path, &["its group cannot be set", "member"]);
        assert_eq!(read(&path).expect("read"), b"x");
        return;
    }
    let shared = folder.path().join("shared");
    make_folder(&shared, &Access { mode: 0o640, group: Some(4242) }).expect("made");
    assert_eq!(fs::metadata(&shared).expect("there").gid(), 4242);
    write_whole(&shared.join("file"), b"x", &SHARED).expect("written");
    assert_eq!(fs::metadata(shared.join("file")).expect("there").gid(), 4242);
    make_folder(&shared.join("sub"), &SHARED).expect("made");
    assert_eq!(fs::metadata(shared.join("sub")).expect("there").gid(), 4242);
}

#[test]
fn a_group_is_known_by_name_or_told() {
    assert_eq!(group_id("root").ok(), Some(0));
    assert_eq!(group_id("54321").ok(), Some(54321));
    for name in ["no-such-group", "", "a:b", "-x", "root\n"] {
        let error = group_id(name).expect_err(name);
        assert!(error.to_string().contains("no group"), "{error}");
        assert!(error.help().contains("groupadd"), "{}", error.help());
    }
}

#[test]
fn links_are_refused_by_that_word() {
    let folder = folder();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    fs::create_dir(&real).expect("made");
    symlink(&real, &link).expect("linked");
    let refused = [
        make_folder(&link, &SHARED),
        private_folder(&link),
        write_whole(&link, b"x", &SHARED),
        no_links_below(folder.path(), &link.join("2026.ledger")),
        Lock::take(&real, "x")
            .map(drop)
            .map_err(|_| panic!("no link yet"))
            .and_then(|()| no_links_below(folder.path(), &link)),
    ];
    for refused in refused {
        check(&refused.expect_err("a link"), &link, &["is a link", "not followed"]);
    }
    assert_eq!(names(&real), ["x"]);
    symlink(real.join("x"), real.join(LOCK_FILE)).expect("linked");
    let error = Lock::take(&real, LOCK_FILE).expect_err("a link");
    assert!(error.to_string().contains("is a link"), "{error}");
    no_links_below(&link, &link.join("missing/file")).expect("the root may be a link");
    no_links_below(&real, &real.join("x")).expect("no link");
    assert!(no_links_below(&real, &real.join("../link")).is_err());
    assert!(no_links_below(&real, folder.path()).is_err());
}

#[test]
fn what_is_removed_is_gone_and_a_second_time_is_fine() {
    let folder = folder();
    let path = folder.path().join("pending.csv");
    write_whole(&path, b"x", &SHARED).expect("written");
    remove(&path).expect("removed");
    remove(&path).expect("nothing to do");
    assert!(!path.exists());
    let error = remove(folder.path()).expect_err("a folder");
    check(&error, folder.path(), &["cannot remove"]);
}

#[test]
fn a_stamp_tells_a_touched_file() {
    let folder = folder();
    let path = folder.path().join("file");
    assert_eq!(stamp(&path), None);
    write_whole(&path, b"one", &SHARED).expect("written");
    let first = stamp(&path).expect("there");
    assert_eq!((first.len, stamp(&path)), (3, Some(first)));
    std::thread::sleep(Duration::from_millis(20));
    write_whole(&path, b"two", &SHARED).expect("written");
    assert_ne!(stamp(&path), Some(first));
    assert!(first.modified_ns > 1_600_000_000_000_000_000);
}

#[test]
fn what_a_killed_process_left_is_swept_and_nothing_else() {
    let folder = folder();
    for name in [".sophtron-sync-a1b2c3.tmp", "mine.tmp", ".sophtron-sync-notes", LOCK_FILE] {
        write_whole(&folder.path().join(name), b"x", &SHARED).expect("written");
    }
    sweep(folder.path()).expect("swept");
    assert_eq!(names(folder.path()), [".sophtron-sync-notes", LOCK_FILE, "mine.tmp"]);
}

#[test]
fn a_killed_writer_leaves_whole_files_only() {
    if let Some(folder) = place() {
        for at in 0_u64.. {
            let bytes = at.to_string().repeat(20_000);
            write_whole(&folder.join("2026.ledger"), bytes.as_bytes(), &SHARED).expect("written");
        }
    }
    let folder = folder();
    for pause in [40, 70, 110] {
        let test = "a_killed_writer_leaves_whole_files_only";
        let mut child = again(test, folder.path(), "");
        wait_for(|| folder.path().join("2026.ledger").exists());
        std::thread::sleep(Duration::from_millis(pause));
        child.kill().expect("killed");
        child.wait().expect("ended");
        let left = fs::read_to_string(folder.path().join("2026.ledger")).expect("there");
        let one = &left[..left.len() / 20_000];
        assert_eq!(left, one.repeat(20_000));
        let strange = |name: &String| name != "2026.ledger" && !name.starts_with(".sophtron-");
        assert!(!names(folder.path()).iter().any(strange));
        sweep(folder.path()).expect("swept");
        assert_eq!(names(folder.path()), ["2026.ledger"]);
    }
}

#[test]
fn a_folder_in_use_names_the_process_that_has_it() {
    if let Some(folder) = place() {
        let _lock = Lock::take(&folder, LOCK_FILE).expect("free");
        println!("taken");
        std::io::stdin().read_line(&mut String::new()).expect("told to end");
        return;
    }
    let folder = folder();
    let mut child = again("a_folder_in_use_names_the_process_that_has_it", folder.path(), "");
    // Whoever tried the lock meanwhile would be in its way.
    let mut said = BufReader::new(child.stdout.take().expect("piped")).lines();
    assert!(said.any(|line| line.is_ok_and(|line| line.contains("taken"))));
    let error = Lock::take(folder.path(), LOCK_FILE).expect_err("in use");
    assert!(names_pid(&error, child.id()), "{error}");
    let told = error.to_string();
    assert!(told.contains(&folder.path().display().to_string()), "{told}");
    assert!(told.contains(&format!("process {}", child.id())), "{told}");
    child.kill().expect("killed without a word");
    child.wait().expect("ended");
    let lock = Lock::take(folder.path(), LOCK_FILE).expect("a file that is left stops nobody");
    let written = fs::read_to_string(folder.path().join(LOCK_FILE)).expect("read");
    assert_eq!(written.trim(), std::process::id().to_string());
    let held = Lock::take(folder.path(), LOCK_FILE).expect_err("in use by ourselves");
    assert!(names_pid(&held, std::process::id()));
    drop(lock);
    Lock::take(folder.path(), LOCK_FILE).expect("free again");
}

fn names_pid(error: &LockError, id: u32) -> bool {
    matches!(error, LockError::Held { pid: Some(pid), .. } if *pid == id)
}

#[test]
fn a_lock_file_full_of_nonsense_stops_nobody() {
    let folder = folder();
    let path = folder.path().join(LOCK_FILE);
    File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .open(&path)
        .and_then(|mut file| file.write_all(&[0xff; 5000]))
        .expect("written");
    let held = File::open(&path).expect("open");
    held.try_lock().expect("free");
    let error = Lock::take(folder.path(), LOCK_FILE).expect_err("in use");
    assert!(error.to_string().ends_with("another sophtron-sync"), "{error}");
    drop(held);
    let _lock = Lock::take(folder.path(), LOCK_FILE).expect("free");
    let written = fs::read_to_string(&path).expect("read");
    assert_eq!(written.trim(), std::process::id().to_string());
}

#[test]
fn a_lock_file_that_is_removed_is_made_anew_and_holds() {
    let folder = folder();
    let first = Lock::take(folder.path(), LOCK_FILE).expect("free");
    fs::remove_file(folder.path().join(LOCK_FILE)).expect("removed");
    let second = Lock::take(folder.path(), LOCK_FILE).expect("a new file");
    assert!(Lock::take(folder.path(), LOCK_FILE).is_err());
    drop((first, second));
}

/// Waits until something is so, at most ten seconds.
fn wait_for(mut so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < Duration::from_secs(10), "it never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}
