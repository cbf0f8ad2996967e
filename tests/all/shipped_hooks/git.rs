//! `git-commit` with real repositories, of its own user and of another one.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Ended, account, event, hook, script};
use crate::fed::fed;

/// A repository, by default of whoever runs the tests.
struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    /// One without a commit.
    fn empty() -> Self {
        // Where other users may look in: the folder for the tests' own files is closed.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir_in("/tmp"));
        let made = Self { folder: folder.expect("a folder") };
        fs::create_dir(made.top()).expect("a folder");
        made.git("init --quiet --initial-branch=main .");
        made
    }

    /// One with a commit of the owner's.
    fn begun() -> Self {
        let made = Self::empty();
        made.write("notes", "mine\n");
        made.git("add notes");
        made.git("commit --quiet --message=begun");
        made
    }

    fn top(&self) -> PathBuf {
        self.folder.path().join("bank")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.top().join(name)
    }

    #[allow(clippy::disallowed_methods, reason = "a test's own file")]
    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, text).expect("a file");
        path
    }

    /// Runs git as the owner, who has a name, with words apart by spaces, and says what it printed.
    #[track_caller]
    fn git(&self, words: &str) -> String {
        let (ok, said) = self.try_git(words);
        assert!(ok, "git {words}: {said}");
        said
    }

    fn try_git(&self, words: &str) -> (bool, String) {
        let mut git = Command::new("git");
        git.arg("-C").arg(self.top()).args(["-c", "user.name=Alice", "-c", "user.email=a@b.c"]);
        git.args(words.split(' ')).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
        let output = git.env("LC_ALL", "C.UTF-8").output().expect("git");
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).trim_end().to_owned())
    }

    /// The last commit: who made it, and what it did to which files.
    fn last(&self) -> String {
        self.git("log -1 --format=%an --name-status --no-renames -z").replace('\0', " ")
    }

    fn commits(&self) -> usize {
        self.git("rev-list --count --all").parse().expect("a number")
    }

    /// Runs the hook with an event.
    fn hook(&self, told: &Value) -> Ended {
        let top = self.top();
        let command = hook("git-commit", Path::new("/bin"), &[top.to_str().expect("a path")]);
        Ended::of(&fed(command, told.to_string().as_bytes()))
    }
}

/// News of some files.
fn change(files: &[PathBuf]) -> Value {
    let mut visa = account("visa", "ok");
    (visa["added"], visa["balance"]) = (2.into(), "-902.65".into());
    event("change", &visa, files)
}

#[test]
fn what_the_event_names_is_committed_and_nothing_else() {
    let bank = Repository::begun();
    let removed = bank.write("visa/2025.csv", "old\n");
    let untouched = bank.write("visa/2024.csv", "older\n");
    bank.hook(&change(&[removed.clone(), untouched.clone()])).well();
    assert_eq!(bank.last(), "sophtron-sync \nA visa/2024.csv A visa/2025.csv ");

    bank.write("staged", "by the owner\n");
    bank.git("add staged");
    bank.write("notes", "mine, changed\n");
    bank.write("2026.csv", "nobody named it\n");
    fs::remove_file(&removed).expect("a file");
    let unchanged = untouched;
    let odd = ["visa/a b.csv", "visa/-x*.csv", "visa/é\n.csv", ":!visa"];
    let mut named: Vec<PathBuf> = odd.iter().map(|name| bank.write(name, "new\n")).collect();
    bank.write("visa/-xy.csv", "would fit -x*.csv\n");
    named.extend([removed, unchanged, bank.path("never/seen"), PathBuf::from("/etc/passwd")]);
    bank.hook(&change(&named)).well();
    assert_eq!(
        bank.last(),
        "sophtron-sync \nA :!visa A visa/-x*.csv D visa/2025.csv A visa/a b.csv A visa/é\n.csv "
    );
    assert_eq!(
        bank.git("status --short"),
        " M notes\nA  staged\n?? 2026.csv\n?? visa/-xy.csv",
        "what the owner has in hand is as it was"
    );
    let count = bank.commits();
    bank.hook(&change(&named)).well();
    assert_eq!(bank.commits(), count, "no news, no commit");
}

#[test]
fn the_message_says_what_came() {
    let bank = Repository::empty();
    let mut told = change(&[bank.write("visa/2026.csv", "1\n")]);
    let mut checking = account("checking", "stale");
    checking["changed"] = 1.into();
    checking["message"] = "# data is 3 days old".into();
    told["accounts"].as_array_mut().expect("accounts").push(checking);
    bank.hook(&told).well();
    assert_eq!(
        bank.git("log -1 --format=%an|%ae|%cn|%B"),
        "sophtron-sync|sophtron-sync@localhost|sophtron-sync|\
         smith: 2 added, 1 changed in visa, checking\n\n\
         visa: ok, 2 added, balance -902.65\n\n\
         checking: stale, 1 changed\n  # data is 3 days old"
    );
    bank.write("visa/2026.csv", "2\n");
    bank.hook(&event("change", &account("visa", "ok"), &[bank.path("visa/2026.csv")])).well();
    assert_eq!(bank.git("log -1 --format=%s"), "smith: files written anew");
}

#[test]
fn events_without_files_and_ignored_files_commit_nothing() {
    let bank = Repository::begun();
    bank.hook(&change(&[])).well();
    bank.hook(&event("attention", &account("visa", "waiting"), &[])).well();
    bank.write(".git/info/exclude", "*.ofx\n");
    bank.hook(&change(&[bank.write("visa/2026.ofx", "1\n")])).well();
    assert_eq!(bank.commits(), 1);
    bank.hook(&change(&[bank.path("visa/2026.ofx"), bank.write("visa/2026.csv", "1\n")])).well();
    assert_eq!(bank.last(), "sophtron-sync \nA visa/2026.csv ");
}

#[test]
fn each_of_several_kept_events_is_a_commit() {
    let bank = Repository::begun();
    let mut later = change(&[bank.write("jones/1.csv", "1\n")]);
    (later["at"], later["family"]) = ("2026-03-05T10:00:01Z".into(), "jones".into());
    let kept =
        json!({"version": 1, "events": [later, change(&[bank.write("smith/1.csv", "1\n")])]});
    bank.hook(&kept).well();
    let subjects = bank.git("log -2 --format=%s");
    assert_eq!(subjects, "jones: 2 added in visa\nsmith: 2 added in visa");
}

#[test]
fn hooks_and_signing_of_the_repository_are_not_run() {
    let bank = Repository::begun();
    let ran = bank.path("ran");
    for name in ["pre-commit", "post-commit", "commit-msg", "prepare-commit-msg"] {
        let text = format!("#!/bin/sh\ntouch {}\nexit 1\n", ran.display());
        script(&bank.path(&format!(".git/hooks/{name}")), &text);
    }
    bank.git("config commit.gpgSign true");
    bank.git("config core.fsmonitor /bin/false");
    bank.hook(&change(&[bank.write("1.csv", "1\n")])).well();
    assert_eq!(bank.commits(), 2);
    assert!(!ran.exists());
}

/// A repository whose two branches do not go together, with one of them checked out.
fn parted() -> Repository {
    let bank = Repository::begun();
    bank.git("checkout --quiet -b other");
    bank.write("notes", "one\n");
    bank.git("commit --quiet --all --message=one");
    bank.git("checkout --quiet main");
    bank.write("notes", "two\n");
    bank.git("commit --quiet --all --message=two");
    bank
}

#[test]
fn a_repository_in_the_middle_of_something_is_left_alone() {
    let ways = [
        ("merge other", "is in the middle of a merge", "merge --abort"),
        ("cherry-pick other", "is in the middle of a cherry-pick", "cherry-pick --abort"),
        ("rebase other", "is in the middle of a rebase", "rebase --abort"),
        ("checkout --quiet HEAD~1", "has no branch checked out", "checkout --quiet main"),
    ];
    for (begin, says, end) in ways {
        let bank = parted();
        bank.try_git(begin);
        let told = change(&[bank.write("1.csv", "1\n")]);
        let (commits, status) = (bank.commits(), bank.git("status --short"));
        bank.hook(&told).with(75, &[says]);
        assert_eq!((bank.commits(), bank.git("status --short")), (commits, status), "{begin}");
        bank.git(end);
        bank.hook(&told).well();
        assert_eq!(bank.last(), "sophtron-sync \nA 1.csv ", "{begin}");
    }
}

#[test]
fn a_conflict_of_the_owners_is_not_in_the_way_and_stays() {
    let bank = parted();
    bank.write("notes", "stashed\n");
    bank.git("stash --quiet");
    bank.git("reset --quiet --hard other");
    bank.try_git("stash pop");
    bank.hook(&change(&[bank.write("1.csv", "1\n")])).well();
    assert_eq!(bank.last(), "sophtron-sync \nA 1.csv ");
    assert_eq!(bank.git("status --short"), "UU notes");
}

#[test]
fn a_lock_is_waited_for_and_named_if_it_stays() {
    let (brief, lasting) = (Repository::begun(), Repository::begun());
    let lock = brief.write(".git/index.lock", "");
    let opener = thread::spawn(move || {
        thread::sleep(Duration::from_secs(1));
        fs::remove_file(lock).expect("a lock");
    });
    brief.hook(&change(&[brief.write("1.csv", "1\n")])).well();
    opener.join().expect("its end");
    assert_eq!(brief.commits(), 2);

    lasting.write(".git/index.lock", "");
    lasting
        .hook(&change(&[lasting.write("1.csv", "1\n")]))
        .with(75, &["another git is at work in", "index.lock"]);
    assert_eq!(lasting.commits(), 1);
}

#[test]
fn no_repository_and_wrong_usage_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a path");
    let run = |args: &[&str]| {
        let told = change(&[folder.path().join("1.csv")]).to_string();
        Ended::of(&fed(hook("git-commit", Path::new("/bin"), args), told.as_bytes()))
    };
    run(&[path]).with(78, &["is in no git repository", "git init --shared=group"]);
    run(&[&format!("{path}/missing")]).with(1, &["git failed in", "No such file or directory"]);
    run(&[]).with(2, &["usage: git-commit DIR"]);
}

// --- Two users -----------------------------------------------------------------------------------

/// Users and a group that need no entry anywhere.
const OWNER: u32 = 61_001;
const SERVICE: u32 = 61_002;
const GROUP: u32 = 61_003;

/// A command as another user of the group, by root or through sudo.
fn as_user(user: u32, umask: &str, words: &str) -> Command {
    let is_root = rustix::process::geteuid().is_root();
    let mut command = Command::new(if is_root { "setpriv" } else { "sudo" });
    if !is_root {
        command.args(["--non-interactive", "setpriv"]);
    }
    command.args([format!("--reuid={user}"), format!("--regid={GROUP}"), "--clear-groups".into()]);
    command.args([
        "env",
        "-i",
        "PATH=/usr/local/bin:/usr/bin:/bin",
        "HOME=/nonexistent",
        "sh",
        "-c",
    ]);
    command.arg(format!("umask {umask}\n{words}"));
    command
}

#[track_caller]
fn done(command: Command, stdin: &str) -> String {
    let output = fed(command, stdin.as_bytes());
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{said}");
    said.trim_end().to_owned()
}

/// A folder that everybody may look into, with a folder of the group's in it, and the hooks where
/// every user can read them.
fn shared_ground() -> tempfile::TempDir {
    let ground = Repository::empty().folder;
    let path = ground.path();
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(path, open).expect("its mode");
    fs::remove_dir_all(path.join("bank")).expect("an empty one");
    let hooks = path.join("hooks");
    fs::create_dir(&hooks).expect("a folder");
    for name in ["event.py", "git-commit"] {
        fs::copy(Path::new(super::HOOKS).join(name), hooks.join(name)).expect("a copy");
    }
    let mut install =
        Command::new(if rustix::process::geteuid().is_root() { "env" } else { "sudo" });
    install.args(["install", "-d", "-m", "2770"]);
    install.args(["-o", &OWNER.to_string(), "-g", &GROUP.to_string()]).arg(path.join("bank"));
    done(install, "");
    ground
}

/// The event as the service tells it of a file that it has just written, and how the hook ends.
fn service_writes(ground: &Path, file: &str, text: &str) -> Ended {
    let file = ground.join("bank").join(file);
    let path = file.display();
    let folder = file.parent().expect("a folder").display();
    let write = format!("mkdir -p '{folder}' && printf '{text}\\n' > '{path}'");
    done(as_user(SERVICE, "0027", &write), "");
    // As the unit does: neither setuid bits nor capabilities.
    let top = ground.display();
    let hook = as_user(SERVICE, "0027", &format!("'{top}/hooks/git-commit' '{top}/bank'"));
    Ended::of(&fed(hook, change(&[file]).to_string().as_bytes()))
}

/// Git as the owner, with the umask that most have.
#[track_caller]
fn owner_runs(ground: &Path, words: &str) -> String {
    let name = "export GIT_AUTHOR_NAME=Alice GIT_AUTHOR_EMAIL=a@b.c \
                GIT_COMMITTER_NAME=Alice GIT_COMMITTER_EMAIL=a@b.c";
    let words = format!("{name}\ncd '{}/bank' && {words}", ground.display());
    done(as_user(OWNER, "0022", &words), "")
}

#[test]
fn service_and_owner_commit_in_turn_in_the_owners_repository() {
    let ground = shared_ground();
    let ground = ground.path();
    owner_runs(ground, "git init --quiet --shared=group --initial-branch=main .");
    // Many rounds, so that both meet in the folders that the other one made.
    for round in 0..12 {
        service_writes(ground, "smith/visa/2026.csv", &format!("row {round}")).well();
        owner_runs(
            ground,
            &format!("echo {round} > notes && git add notes && git commit -qm {round}"),
        );
    }
    owner_runs(ground, "git gc --quiet --prune=now");
    service_writes(ground, "smith/visa/2027.csv", "row").well();
    owner_runs(ground, "git commit --quiet --amend --message=mine && git fsck --strict");
    assert_eq!(owner_runs(ground, "git rev-list --count HEAD && git status --short"), "25");
    let closed = "find .git \\( -type d ! -perm -2070 -o ! -type d ! -perm -040 \\) -print";
    assert_eq!(owner_runs(ground, closed), "", "all of it is the group's too");
}

#[test]
fn a_repository_that_the_service_may_not_write_is_told_with_the_cure() {
    let ground = shared_ground();
    let ground = ground.path();
    let begin = "git init --quiet . && echo 1 > notes && git add notes && git commit -qm begun";
    owner_runs(ground, begin);
    service_writes(ground, "smith/1.csv", "1")
        .with(78, &["cannot be written by this user", "git init --shared=group"]);
    assert_eq!(owner_runs(ground, "git rev-list --count HEAD"), "1");
}
