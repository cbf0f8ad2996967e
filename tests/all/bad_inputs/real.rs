//! What only the real program beside another process, or on a full disk, can show.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use super::{good_home, manners, world};
use crate::bank::{self, Fault, Transport, family_toml};
use crate::home::{Home, Ran};

fn program(home: &Home) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sophtron-sync"));
    command.current_dir(home.folder.path()).env_clear().env("HOME", home.folder.path());
    command
}

fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

fn says(home: &Home, ran: &Ran, words: &[&str]) {
    assert_eq!(manners::faults(home, ran), [""; 0], "{ran:?}");
    for word in words {
        assert!(ran.err.contains(word), "{word} in {ran:?}");
    }
}

#[test]
fn a_folder_that_another_sync_holds_is_told_with_its_process() {
    let (home, _) = good_home();
    home.bank.edit(|world| {
        world.fault(Fault::Transport(Transport::SlowHead(Duration::from_secs(30))));
    });
    let calls = home.bank.watch();
    let mut holder = program(&home);
    let mut holder =
        holder.arg("sync").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
    calls.recv_timeout(Duration::from_secs(20)).expect("it calls");
    let before = home.tree("bank");
    let process = format!("process {}", holder.id());
    for command in [["sync"].as_slice(), &["export"], &["accounts"]] {
        let ran = home.run(command).ends_with(75);
        says(&home, &ran, &[&process, "state is in use", "help: wait until it has ended"]);
    }
    let looked = home.run(&["check", "--json"]).ends_with(75).out;
    assert!(looked.contains(&process) && looked.contains("wait until it has ended"), "{looked}");
    home.run(&["status"]).ends_with(0);
    holder.kill().expect("ended");
    holder.wait().expect("ended");
    assert!(home.tree("bank") == before);
    home.bank.edit(bank::World::lift_faults);
    home.run(&["sync"]).ends_with(0);
}

#[test]
fn the_real_program_ends_with_the_same_codes_and_words() {
    let (home, _) = good_home();
    let run = |args: &[&str]| ran(program(&home).args(args).output().expect("it runs"));
    let unknown = run(&["sync", "jones"]).ends_with(2);
    says(&home, &unknown, &["no family \"jones\"", "smith"]);
    let named = run(&["--config", "/nowhere/a.toml", "status"]).ends_with(78);
    says(&home, &named, &["/nowhere/a.toml", "it is not there"]);
    home.write("sophtron-sync.toml", "output_dir = 1\n");
    let wrong = run(&["status", "--json"]).ends_with(78);
    says(&home, &wrong, &["sophtron-sync.toml:1: output_dir", "text in quotes"]);
    assert_eq!(wrong.out, "");
    fs::remove_file(home.path("sophtron-sync.toml")).expect("removed");
    let none = program(&home).arg("sync").current_dir("/").output().expect("it runs");
    says(&home, &ran(none).ends_with(78), &["no configuration", ".config/sophtron-sync"]);
}

/// Runs the program with a small disk of its own mounted over a folder, filled but for `free`
/// kilobytes, and gives how it ended and whether anything below the folder differs; `None` where
/// this machine lets nobody mount.
fn on_a_full_disk(home: &Home, folder: &str, free: u32) -> Option<(Ran, bool)> {
    const SCRIPT: &str = r#"
        cp -a "$1" "$1-before" && mount -t tmpfs -o size=1m none "$1" || exit 99
        cp -a "$1-before/." "$1" || exit 99
        left=$(df -k --output=avail "$1" | tail -n 1)
        head -c "$(( (left - $2) * 1024 ))" /dev/zero > "$1/filler" || exit 99
        "$3" sync; code=$?
        rm -f "$1/filler"
        diff -r --exclude='*.lock' --exclude=status.html "$1-before" "$1" > "$1-before.diff"
        cp "$1"/store.sqlite* "$4" 2> /dev/null
        exit $code"#;
    let saved = home.path("saved");
    fs::create_dir(&saved).expect("made");
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh"]);
    command.arg(home.path(folder)).arg(free.to_string());
    command.arg(env!("CARGO_BIN_EXE_sophtron-sync")).arg(&saved);
    command.current_dir(home.folder.path()).env("HOME", home.folder.path());
    let ran = ran(command.output().ok()?);
    if ran.code == 99 || ran.err.contains("unshare") {
        println!("no disk can be mounted here: {}", ran.err);
        return None;
    }
    let diff = home.read(&format!("{folder}-before.diff"));
    println!("{ran:?}\n{diff}");
    Some((ran, !diff.is_empty()))
}

/// A bank whose news are too many for what is left of the disk.
fn home_with_much_news() -> Home {
    let mut home = Home::beside(world());
    let day = bank::day("2026-06-02");
    home.bank.edit(|world| {
        for account in world.accounts_mut() {
            for nth in 0..2000 {
                let row = account.add_row("2026-06-02", "-1.00", &format!("NEWS {nth}"));
                row.shown(bank::Shown::From(day));
            }
        }
    });
    let url = home.bank.base_url();
    let family =
        home.bank.edit(|world| family_toml(world.user("smith"), &url, bank::day("2026-05-01")));
    // The real program has a clock of its own, to which all of this is long ago.
    home.configure_with("refresh = \"never\"", &family);
    home.run(&["sync"]).ends_with(0);
    home.day(day);
    home
}

#[test]
fn a_full_disk_below_the_output_leaves_what_was_there() {
    let home = home_with_much_news();
    let Some((ran, differs)) = on_a_full_disk(&home, "bank", 64) else { return };
    let ran = ran.ends_with(74);
    says(&home, &ran, &["no space left", "help: make room"]);
    assert!(!differs, "a file of the output was changed");
    // The rows are kept all the same, and the files follow when there is room.
    home.run(&["sync"]).ends_with(0);
    assert!(home.read("bank/smith/savings/2026.ledger").contains("NEWS 1999"));
}

#[test]
fn a_full_disk_below_the_store_loses_nothing() {
    let home = home_with_much_news();
    let before = home.tree("bank");
    let Some((ran, _)) = on_a_full_disk(&home, "state", 128) else { return };
    let ran = ran.ends_with(74);
    says(&home, &ran, &["store.sqlite", "disk is full", "help: free some space"]);
    assert!(home.tree("bank") == before, "an output file was touched");
    // The store that was on the full disk is whole, and takes the news once there is room.
    for name in ["store.sqlite", "store.sqlite-wal", "store.sqlite-shm"] {
        put_back(&home.path("saved"), &home.path("state"), name);
    }
    home.run(&["sync"]).ends_with(0);
    assert!(home.read("bank/smith/savings/2026.ledger").contains("NEWS 1999"));
}

fn put_back(from: &Path, to: &Path, name: &str) {
    let _ = fs::remove_file(to.join(name));
    if from.join(name).exists() {
        fs::copy(from.join(name), to.join(name)).expect("copied");
    }
}

/// Another user of the system; nobody of that number needs to exist.
const SOMEBODY: u32 = 54_321;

#[test]
fn root_leaves_nothing_of_its_own_in_the_folders_of_another_user() {
    let (home, _) = good_home();
    if !rustix::process::geteuid().is_root() {
        // Whoever is not root has no ids to take: all stays its own.
        let ran = ran(program(&home).arg("sync").output().expect("it runs"));
        ran.ends_with(0);
        return;
    }
    let give = |folder: &str| {
        let ids = format!("{SOMEBODY}:{SOMEBODY}");
        let given = Command::new("chown").args(["-R", &ids]).arg(home.path(folder)).status();
        assert!(given.expect("chown runs").success());
    };
    for folder in ["state", "bank", "credentials"] {
        give(folder);
    }
    // The way there is open to that user, as it is in a home.
    let temporary = std::env::temp_dir();
    for folder in home.folder.path().ancestors().take_while(|above| above.starts_with(&temporary)) {
        let mode = fs::metadata(folder).expect("there").permissions().mode();
        fs::set_permissions(folder, fs::Permissions::from_mode(mode | 0o755)).expect("opened");
    }
    home.bank.edit(|world| {
        world.accounts_mut().for_each(|account| {
            account.add_row("2026-06-01", "-1.00", "NEWS").shown(bank::Shown::Now);
        });
    });
    // This machine's clock is right, and the program's is that one.
    home.bank.edit(|world| world.tells_its_day = false);
    for command in [&["sync", "--full"][..], &["status"], &["check"], &["export"]] {
        let ran = ran(program(&home).args(command).output().expect("it runs"));
        ran.ends_with(0);
    }
    let mut foreign = Vec::new();
    for folder in ["state", "bank"] {
        let mut find = Command::new("find");
        find.arg(home.path(folder)).args(["!", "-uid", &SOMEBODY.to_string()]);
        let found = find.output().expect("find runs");
        foreign.extend(String::from_utf8_lossy(&found.stdout).lines().map(str::to_owned));
    }
    assert_eq!(foreign, Vec::<String>::new());
    assert!(home.read("bank/smith/savings/2026.ledger").contains("NEWS"));
}
