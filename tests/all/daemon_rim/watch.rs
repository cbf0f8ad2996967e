//! Every way in which files are saved is seen, once, and again the next time.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sophtron_sync::daemon::watch::Watch;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{again, block_on, second, within};

/// The longest that a change may take until it is told.
const SOON: u64 = 2_000;

/// Longer than a burst lasts.
const QUIET: u64 = 900;

fn write(path: &Path, text: &str) {
    #[allow(clippy::disallowed_methods, reason = "saved as others save")]
    fs::write(path, text).expect("written");
}

/// A folder with `conf/file`, `real/file` and links to them.
struct Ground {
    folder: TempDir,
}

impl Ground {
    fn new() -> Self {
        let ground = Self { folder: TempDir::new().expect("a folder") };
        for name in ["conf", "real", "other"] {
            fs::create_dir(ground.at(name)).expect("made");
            write(&ground.at(name).join("file"), "old");
        }
        symlink("real/file", ground.at("to-file")).expect("a link");
        symlink("real", ground.at("to-folder")).expect("a link");
        symlink(ground.at("to-folder"), ground.at("to-link")).expect("a link");
        ground
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Puts a link in the place of another in one step.
fn relink(target: &str, link: &Path) {
    let new = link.with_extension("new");
    symlink(target, &new).expect("a link");
    fs::rename(new, link).expect("renamed");
}

fn save_by_rename(ground: &Ground, text: &str) {
    write(&ground.at("conf/.file.swp"), text);
    fs::rename(ground.at("conf/.file.swp"), ground.at("conf/file")).expect("renamed");
}

fn save_with_backup(ground: &Ground, text: &str) {
    fs::rename(ground.at("conf/file"), ground.at("conf/file~")).expect("renamed");
    write(&ground.at("conf/file"), text);
    fs::remove_file(ground.at("conf/file~")).expect("removed");
}

fn save_by_truncating(ground: &Ground, text: &str) {
    write(&ground.at("conf/file"), text);
}

fn save_slowly(ground: &Ground, text: &str) {
    let mut file = OpenOptions::new().write(true).truncate(true).open(ground.at("conf/file"));
    for byte in text.as_bytes() {
        file.as_mut().expect("open").write_all(&[*byte]).expect("written");
    }
}

fn save_by_deleting(ground: &Ground, text: &str) {
    fs::remove_file(ground.at("conf/file")).expect("removed");
    write(&ground.at("conf/file"), text);
}

fn save_by_hard_link(ground: &Ground, text: &str) {
    write(&ground.at("next"), text);
    fs::remove_file(ground.at("conf/file")).expect("removed");
    fs::hard_link(ground.at("next"), ground.at("conf/file")).expect("linked");
    fs::remove_file(ground.at("next")).expect("removed");
}

fn save_through_another_name(ground: &Ground, text: &str) {
    let _ = fs::hard_link(ground.at("conf/file"), ground.at("other/name"));
    write(&ground.at("other/name"), text);
}

fn swap_the_folder(ground: &Ground, text: &str) {
    fs::create_dir(ground.at("conf.new")).expect("made");
    write(&ground.at("conf.new/file"), text);
    fs::rename(ground.at("conf"), ground.at("conf.old")).expect("renamed");
    fs::rename(ground.at("conf.new"), ground.at("conf")).expect("renamed");
    fs::remove_dir_all(ground.at("conf.old")).expect("removed");
}

fn delete_the_folder(ground: &Ground, text: &str) {
    fs::remove_dir_all(ground.at("conf")).expect("removed");
    fs::create_dir(ground.at("conf")).expect("made");
    write(&ground.at("conf/file"), text);
}

fn swap_the_link(ground: &Ground, text: &str) {
    write(&ground.at(&format!("other/{text}")), text);
    relink(&format!("other/{text}"), &ground.at("to-file"));
}

fn swap_a_link_on_the_way(ground: &Ground, text: &str) {
    fs::create_dir(ground.at(text)).expect("made");
    write(&ground.at(text).join("file"), text);
    relink(text, &ground.at("to-folder"));
}

fn rewrite_the_target(ground: &Ground, text: &str) {
    write(&ground.at("real/file"), text);
}

fn replace_the_target(ground: &Ground, text: &str) {
    write(&ground.at("real/next"), text);
    fs::rename(ground.at("real/next"), ground.at("real/file")).expect("renamed");
}

fn swap_the_target_folder(ground: &Ground, text: &str) {
    fs::rename(ground.at("real"), ground.at("gone")).expect("renamed");
    fs::create_dir(ground.at("real")).expect("made");
    write(&ground.at("real/file"), text);
    fs::remove_dir_all(ground.at("gone")).expect("removed");
}

fn make_the_way(ground: &Ground, text: &str) {
    let _ = fs::remove_dir_all(ground.at("a"));
    fs::create_dir_all(ground.at("a/b")).expect("made");
    write(&ground.at("a/b/file"), text);
}

fn change_the_mode(ground: &Ground, text: &str) {
    let mode = if text == "one" { 0o600 } else { 0o640 };
    fs::set_permissions(ground.at("conf/file"), Permissions::from_mode(mode)).expect("set");
}

fn swap_folders_in_one_step(ground: &Ground, text: &str) {
    let _ = fs::create_dir(ground.at("conf.new"));
    write(&ground.at("conf.new/file"), text);
    let (new, old) = (ground.at("conf.new"), ground.at("conf"));
    renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).expect("swapped");
}

fn swap_a_folder_above(ground: &Ground, text: &str) {
    fs::create_dir_all(ground.at("new/b/c")).expect("made");
    write(&ground.at("new/b/c/file"), text);
    if ground.at("a").exists() {
        fs::rename(ground.at("a"), ground.at("gone")).expect("renamed");
        fs::remove_dir_all(ground.at("gone")).expect("removed");
    }
    fs::rename(ground.at("new"), ground.at("a")).expect("renamed");
}

fn change_the_mode_of_the_folder(ground: &Ground, text: &str) {
    let mode = if text == "one" { 0o700 } else { 0o750 };
    fs::set_permissions(ground.at("conf"), Permissions::from_mode(mode)).expect("set");
}

fn remove_it(ground: &Ground, text: &str) {
    if text == "one" {
        fs::remove_file(ground.at("conf/file")).expect("removed");
    } else {
        write(&ground.at("conf/file"), text);
    }
}

/// How a file is saved, and by which path it is watched.
type Way = (&'static str, &'static str, fn(&Ground, &str));

const WAYS: &[Way] = &[
    ("renamed over", "conf/file", save_by_rename),
    ("with a backup", "conf/file", save_with_backup),
    ("truncated", "conf/file", save_by_truncating),
    ("byte by byte", "conf/file", save_slowly),
    ("deleted and made", "conf/file", save_by_deleting),
    ("hard link", "conf/file", save_by_hard_link),
    ("through another name", "conf/file", save_through_another_name),
    ("folder swapped", "conf/file", swap_the_folder),
    ("folder deleted and made", "conf/file", delete_the_folder),
    ("folder swapped, by a detour", "real/../conf/./file", swap_the_folder),
    ("folders swapped in one step", "conf/file", swap_folders_in_one_step),
    ("folder far above swapped", "a/b/c/file", swap_a_folder_above),
    ("mode", "conf/file", change_the_mode),
    ("mode of the folder", "conf/file", change_the_mode_of_the_folder),
    ("removed and back", "conf/file", remove_it),
    ("not there yet", "a/b/file", make_the_way),
    ("link swapped", "to-file", swap_the_link),
    ("link on the way swapped", "to-folder/file", swap_a_link_on_the_way),
    ("second link on the way swapped", "to-link/file", swap_a_link_on_the_way),
    ("target rewritten", "to-file", rewrite_the_target),
    ("target rewritten behind two links", "to-link/file", rewrite_the_target),
    ("target renamed over", "to-file", replace_the_target),
    ("target's folder swapped", "to-link/file", swap_the_target_folder),
];

/// Saves three times: each is told once and soon, and is complete by then.
async fn try_way((name, path, save): Way) {
    let ground = Ground::new();
    let mut watch = Watch::over([ground.at(path)]);
    assert_eq!(watch.blind(), None, "{name}");
    assert!(within(300, watch.changed()).await.is_none(), "{name}: nothing happened yet");
    for text in ["one", "two", "three"] {
        save(&ground, text);
        assert!(within(SOON, watch.changed()).await.is_some(), "{name}: {text} goes unseen");
        if !name.starts_with("mode") && (name, text) != ("removed and back", "one") {
            assert_eq!(fs::read_to_string(ground.at(path)).expect("a file"), text, "{name}");
        }
        assert!(within(QUIET, watch.changed()).await.is_none(), "{name}: {text} is told twice");
    }
}

#[test]
fn every_way_of_saving_is_seen_once_and_again() {
    block_on(async {
        let mut tries: JoinSet<()> = WAYS.iter().copied().map(try_way).collect();
        while let Some(tried) = tries.join_next().await {
            tried.expect("as it should be");
        }
    });
}

#[test]
fn what_happens_beside_it_wakes_nobody() {
    block_on(async {
        let ground = Ground::new();
        let mut watch = Watch::over([ground.at("conf/file"), ground.at("to-file")]);
        for name in ["conf/neighbour", "real/neighbour", "other/file", "conf/file~", "fil"] {
            write(&ground.at(name), "x");
            fs::remove_file(ground.at(name)).expect("removed");
        }
        assert_eq!(fs::read_to_string(ground.at("conf/file")).expect("read"), "old");
        assert_eq!(fs::read_to_string(ground.at("to-file")).expect("read"), "old");
        assert!(within(QUIET, watch.changed()).await.is_none());
    });
}

/// How often a thread of this process has gone to sleep.
fn sleeps(thread: &Path) -> u32 {
    let status = fs::read_to_string(thread.join("status")).expect("a thread");
    let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    line.expect("a count").trim().parse().expect("a number")
}

#[test]
fn reading_costs_the_sleeper_nothing() {
    let ground = Ground::new();
    let (file, beside) = (ground.at("conf/file"), ground.at("conf/neighbour"));
    write(&beside, "x");
    let (tell, told) = std::sync::mpsc::channel();
    let watched = file.clone();
    let sleeper = std::thread::spawn(move || {
        block_on(async {
            let mut watch = Watch::over([watched]);
            let thread = fs::read_link("/proc/thread-self").expect("this thread");
            tell.send(Path::new("/proc").join(thread)).expect("told");
            watch.changed().await;
        });
    });
    let thread = told.recv().expect("it sleeps");
    std::thread::sleep(Duration::from_millis(300));
    let before = sleeps(&thread);
    for _ in 0..100 {
        assert_eq!(fs::read_to_string(&file).expect("read"), "old");
        write(&beside, "y");
    }
    std::thread::sleep(Duration::from_millis(100));
    // Others have files in the temporary folder too, and change the mode of one now and then.
    assert!(sleeps(&thread) - before < 20, "it was woken for nothing");
    write(&file, "new");
    sleeper.join().expect("woken");
}

#[test]
fn ten_saves_a_second_take_effect_in_time() {
    block_on(async {
        let ground = Ground::new();
        let file = ground.at("conf/file");
        let mut watch = Watch::over([file.clone()]);
        let editor = tokio::spawn(async move {
            let mut saved = Vec::new();
            for count in 0..40_u32 {
                write(&ground.at("conf/next"), &count.to_string());
                fs::rename(ground.at("conf/next"), ground.at("conf/file")).expect("renamed");
                saved.push(Instant::now());
                sleep(Duration::from_millis(100)).await;
            }
            (saved, ground)
        });
        let mut read: Vec<(Instant, u32)> = Vec::new();
        while read.last().is_none_or(|(_, count)| *count < 39) {
            within(SOON, watch.changed()).await.expect("told");
            let text = fs::read_to_string(&file).expect("there");
            read.push((Instant::now(), text.parse().expect("whole")));
        }
        let (saved, _ground) = editor.await.expect("saved");
        for (count, then) in (0_u32..).zip(saved) {
            let (seen, _) = read.iter().find(|(_, it)| *it >= count).expect("in force");
            assert!(seen.saturating_duration_since(then) < Duration::from_secs(2), "{count}");
        }
        assert!(read.len() < 12, "a burst is one message: {}", read.len());
    });
}

#[test]
fn a_change_while_nobody_waits_is_told_later() {
    block_on(async {
        let ground = Ground::new();
        let mut watch = Watch::over([ground.at("conf/file")]);
        save_by_rename(&ground, "one");
        assert!(within(50, watch.changed()).await.is_none(), "the burst is not over");
        sleep(Duration::from_millis(300)).await;
        assert!(within(100, watch.changed()).await.is_some(), "nothing is lost by giving up");
        swap_the_folder(&ground, "two");
        sleep(Duration::from_millis(300)).await;
        save_by_rename(&ground, "three");
        assert!(within(SOON, watch.changed()).await.is_some());
        assert!(within(QUIET, watch.changed()).await.is_none());
    });
}

#[test]
fn other_files_can_be_watched_instead() {
    block_on(async {
        let ground = Ground::new();
        let mut watch = Watch::over([ground.at("conf/file")]);
        assert!(!watch.set([ground.at("conf/file")]));
        assert!(watch.set([ground.at("conf/file"), ground.at("real/file")]));
        write(&ground.at("real/file"), "one");
        assert!(within(SOON, watch.changed()).await.is_some());
        assert!(!watch.set([ground.at("real/file")]), "nothing new among them");
        write(&ground.at("conf/file"), "two");
        assert!(within(QUIET, watch.changed()).await.is_none());
        write(&ground.at("real/file"), "three");
        assert!(within(SOON, watch.changed()).await.is_some());
        assert!(!watch.set([]));
        write(&ground.at("real/file"), "four");
        assert!(within(QUIET, watch.changed()).await.is_none());
    });
}

/// The watches that this process holds, by the lists of all of its inotify descriptors.
fn watches() -> usize {
    let open = fs::read_dir("/proc/self/fdinfo").expect("descriptors").flatten();
    let texts = open.filter_map(|entry| fs::read_to_string(entry.path()).ok());
    texts.map(|text| text.lines().filter(|line| line.starts_with("inotify wd:")).count()).sum()
}

/// The same as [`one_after_another`], but in a process that nothing else opens files in.
#[test]
fn a_thousand_changes_leave_no_descriptor_and_no_watch() {
    if second() {
        return block_on(one_after_another());
    }
    let test = "watch::a_thousand_changes_leave_no_descriptor_and_no_watch";
    let output = again(test).wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

async fn one_after_another() {
    let descriptors = || fs::read_dir("/proc/self/fd").expect("descriptors").count();
    let ground = Ground::new();
    let paths = ["conf/file", "to-link/file", "a/b/file"];
    let mut watch = Watch::over(paths.map(|path| ground.at(path)));
    let saves = [save_by_rename, save_with_backup, swap_the_folder, swap_the_target_folder];
    let more = [make_the_way, save_by_deleting, replace_the_target, delete_the_folder];
    // All that there is at most stands before the first count.
    make_the_way(&ground, "first");
    assert!(within(SOON, watch.changed()).await.is_some());
    let before = (descriptors(), watches());
    let mut told = 0;
    for count in 0..1_000 {
        let save = saves.iter().chain(&more).nth(count % 8).expect("one");
        save(&ground, &count.to_string());
        told += usize::from(within(2, watch.changed()).await.is_some());
    }
    while within(QUIET, watch.changed()).await.is_some() {
        told += 1;
    }
    assert!(told > 0);
    assert_eq!((descriptors(), watches()), before);
    save_by_rename(&ground, "last");
    assert!(within(SOON, watch.changed()).await.is_some(), "it still sees");
}

#[test]
fn no_change_is_lost_while_the_way_itself_changes() {
    block_on(async {
        let ground = Ground::new();
        let link = ground.at("to-link/file");
        let mut watch = Watch::over([ground.at("conf/file"), link.clone()]);
        let changer = std::thread::spawn(move || {
            let mut random = fastrand::Rng::with_seed(5);
            let saves = [
                save_by_rename as fn(&Ground, &str),
                save_by_deleting,
                swap_the_folder,
                swap_a_link_on_the_way,
                save_by_truncating,
            ];
            for count in 0..300 {
                saves[random.usize(..saves.len())](&ground, &format!("n{count}"));
                std::thread::sleep(Duration::from_micros(random.u64(..8_000)));
            }
            ground
        });
        let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        let mut last = String::new();
        while within(SOON, watch.changed()).await.is_some() {
            last = read(&link);
        }
        let ground = changer.join().expect("changed");
        assert_eq!(last, read(&link), "what is in force is the last one");
        save_by_rename(&ground, "end");
        assert!(within(SOON, watch.changed()).await.is_some());
        swap_a_link_on_the_way(&ground, "end");
        assert!(within(SOON, watch.changed()).await.is_some());
    });
}

#[test]
fn without_watches_of_the_system_it_says_so_and_waits() {
    if second() {
        return block_on(async {
            let ground = Ground::new();
            let next = fs::File::open("/dev/null").expect("it is there").as_raw_fd();
            let room = getrlimit(Resource::Nofile);
            let full = Rlimit { current: u64::try_from(next).ok(), maximum: room.maximum };
            setrlimit(Resource::Nofile, full).expect("set");
            let mut watch = Watch::over([ground.at("conf/file")]);
            setrlimit(Resource::Nofile, room).expect("set");
            let blind = watch.blind().cloned().expect("no descriptor is left");
            assert_eq!((blind.place.clone(), blind.cause), (None, Errno::MFILE));
            assert!(blind.to_string().contains("SIGHUP"), "{blind}");
            save_by_truncating(&ground, "one");
            assert!(within(300, watch.changed()).await.is_none());
            assert!(watch.set([ground.at("real/file")]));
        });
    }
    let test = "watch::without_watches_of_the_system_it_says_so_and_waits";
    let output = again(test).wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
