//! An account gets another name: its folder moves, its ids stay, and no kill leaves it half-way.

pub(crate) mod killed;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::bank::{Endpoint, Fault, Shown, Transport, World};
use crate::daemon::live;
use crate::first_light::{day, families, files, id_of, settled, status};
use crate::home::Home;

const FILE: &str = "sophtron-sync.toml";
const START: &str = "2026-01-01";

/// A home of two accounts that were synced, with comments in its configuration.
fn synced() -> Home {
    let mut world = World::new(day("2026-03-04"));
    let login = world.add_user("smith").add_login("Sandbox Bank");
    let checking = login.add_account("Checking").opening("1000.00");
    checking.add_row("2025-12-30", "-1.00", "LAST YEAR");
    checking.add_row("2026-02-10", "-18.40", "GREEN GROCER");
    checking.add_row("2026-03-02", "-5.25", "COFFEE").leave_out("TransactionID");
    login.add_account("Savings").opening("2.00").add_row("2026-03-01", "2.00", "TWO");
    let home = settled(world, "2025-12-01");
    let text = home.read(FILE).replace("name = \"checking\"", "name = 'checking' # checking");
    home.write(FILE, &text);
    home.run(&["sync"]).ends_with(0);
    home
}

/// The ids in the OFX files of a folder.
fn ids(home: &Home, folder: &str) -> Vec<String> {
    let ofx = files(home, folder).into_iter().filter(|(name, _)| name.contains(".ofx"));
    let lines = ofx.flat_map(|(_, bytes)| {
        let text = String::from_utf8(bytes).expect("text");
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    lines.filter(|line| line.contains("<FITID>") || line.contains("<ACCTID>")).collect()
}

/// The files with the account's folder under the name that it had.
fn as_before(files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let back = |text: &str| text.replace("daily", "checking").into_bytes();
    files
        .into_iter()
        .map(|(name, bytes)| (name.replace("daily", "checking"), back(&text(bytes))))
        .collect()
}

#[test]
fn folder_and_name_move_in_one_step_and_ids_stay() {
    let home = synced();
    let (configured, before, own) =
        (home.read(FILE), files(&home, "bank"), ids(&home, "bank/smith/checking"));
    assert_eq!(own.iter().filter(|line| line.contains("<FITID>")).count(), 3, "{own:?}");
    let told = home.run(&["rename", "smith/checking", "daily"]).ends_with(0);
    assert_eq!(told.err, "");
    assert!(
        told.out.starts_with("smith/checking is smith/daily now; its files lie in\n"),
        "{}",
        told.out
    );
    assert_eq!(home.read(FILE), configured.replace("'checking' #", "'daily' #"));
    assert!(!home.path("bank/smith/checking").exists());
    assert_eq!(ids(&home, "bank/smith/daily"), own);
    assert!(home.read("bank/smith/all.ledger").contains("daily/"));
    assert!(as_before(files(&home, "bank")) == before, "nothing but the name is different");
    let moved = home.tree("bank");
    home.run(&["export"]).ends_with(0);
    home.run(&["sync"]).ends_with(0);
    assert!(home.tree("bank") == moved, "all of it is written");
    let id = id_of(&home, "checking");
    home.bank.edit(|world| {
        let account = world.account_mut(&id);
        account.add_row("2026-03-03", "-7.00", "NEWS").shown(Shown::Now);
        account.publish(day("2026-03-04"));
    });
    home.run(&["sync"]).ends_with(0);
    let now = ids(&home, "bank/smith/daily");
    assert!(own.iter().all(|id| now.contains(id)) && now.len() == own.len() + 1, "{now:?}");
    home.run(&["rename", "smith/daily", "checking"]).ends_with(0);
    assert_eq!(home.read(FILE), configured);
    assert_eq!(ids(&home, "bank/smith/checking"), now);
    assert_eq!(status(&home, "smith/checking")["state"], "ok");
}

/// Rows without an id of their own get one that is made from the account's first name.
#[test]
fn a_name_that_is_free_again_gives_no_id_twice() {
    let home = synced();
    let id = home.bank.edit(|world| {
        let login = &mut world.users[0].logins[0];
        let other = login.add_account("Other").opening("1.00");
        other.add_row("2026-03-02", "-5.25", "COFFEE").leave_out("TransactionID");
        other.id.clone()
    });
    home.run(&["rename", "smith/checking", "daily"]).ends_with(0);
    let ledger = ["--name", "checking", "--type", "depository", "--ledger", "Assets:Other"];
    home.run(&[&["link", "smith", id.as_str()], &ledger[..]].concat()).ends_with(0);
    home.run(&["sync"]).ends_with(0);
    let fitids = |folder: &str| {
        let id = |line: &String| Some(line.split_once("<FITID>")?.1.split_once('<')?.0.to_owned());
        ids(&home, folder).iter().filter_map(id).collect::<Vec<_>>()
    };
    let (new, old) = (fitids("bank/smith/checking"), fitids("bank/smith/daily"));
    assert_eq!((new.len(), old.len()), (1, 3), "{new:?} {old:?}");
    assert!(new.iter().all(|id| !old.contains(id)), "{new:?} {old:?}");
}

#[test]
fn what_cannot_be_named_so_is_refused_and_nothing_moves() {
    let home = synced();
    std::fs::create_dir(home.path("bank/smith/mine")).expect("a folder");
    home.write("bank/smith/mine/note", "mine");
    home.run(&["link", "smith", "nobody"]).ends_with(2);
    let (configured, before) = (home.read(FILE), home.tree("bank"));
    for (account, new, words) in [
        ("smith", "daily", "smith is a family"),
        ("smith/visa", "daily", "there is no account smith/visa"),
        ("jones/visa", "daily", "there is no family"),
        ("smith/checking", "Daily", "lower-case letters"),
        ("smith/checking", "savings", "smith/savings is there already"),
        ("smith/checking", "checking", "smith/checking is there already"),
        ("smith/checking", "mine", "bank/smith/mine is there already"),
    ] {
        let told = home.run(&["rename", account, new]).ends_with(2).err;
        assert!(told.contains(words), "{account} {new}: {told}");
        assert!(home.read(FILE) == configured && home.tree("bank") == before);
    }
    home.run(&["unlink", "smith/savings"]).ends_with(0);
    let told = home.run(&["rename", "smith/checking", "savings"]).ends_with(2).err;
    assert!(told.contains("smith/savings is another account, whose rows are kept"), "{told}");
    home.write(FILE, &configured);
    home.run(&["rename", "smith/savings", "rainy"]).ends_with(0);
    home.run(&["rename", "smith/checking", "savings"]).ends_with(0);
    home.run(&["sync"]).ends_with(0);
}

#[test]
fn a_folder_that_cannot_be_moved_is_told_and_its_old_name_can_be_put_back() {
    let home = synced();
    let (configured, before) = (home.read(FILE), files(&home, "bank"));
    let (folder, aside) = (home.path("bank/smith/checking"), home.path("aside"));
    std::fs::rename(&folder, &aside).expect("moved");
    std::os::unix::fs::symlink(&aside, &folder).expect("a link");
    let told = home.run(&["rename", "smith/checking", "daily"]).ends_with(74).err;
    assert!(told.contains("it is a link"), "{told}");
    assert_eq!(home.read(FILE), configured);
    std::fs::remove_file(&folder).expect("removed");
    std::fs::rename(&aside, &folder).expect("moved");
    // Something gets in the way between the look and the move, as if by another program.
    let kept = killed::Kept::of(&home);
    assert!(kept.killed(&["rename", "smith/checking", "daily"], "rename", 1), "before the folder");
    std::fs::create_dir_all(home.path("bank/smith/daily/mine")).expect("a folder");
    let told = home.run(&["sync"]).ends_with(74).err;
    assert!(told.contains("put the name \"checking\" back in the configuration"), "{told}");
    home.write(FILE, &configured);
    home.run(&["sync"]).ends_with(0);
    std::fs::remove_dir_all(home.path("bank/smith/daily")).expect("removed");
    assert!(files(&home, "bank") == before);
}

/// Written by hand, the other name is refused with the command that does it.
#[test]
fn a_name_that_was_changed_by_hand_names_the_command() {
    let home = synced();
    let configured = home.read(FILE);
    home.write(FILE, &configured.replace("'checking' #", "'daily' #"));
    let told = home.run(&["sync"]).ends_with(78).err;
    assert!(told.contains("put the name \"checking\" back"), "{told}");
    let command = told.split("`sophtron-sync ").nth(1).and_then(|rest| rest.split('`').next());
    home.write(FILE, &configured);
    home.run(&command.expect("a command").split(' ').collect::<Vec<_>>()).ends_with(0);
    home.run(&["sync"]).ends_with(0);
    assert!(home.path("bank/smith/daily/2026.ledger").exists());
}

#[test]
fn an_account_that_was_never_read_is_renamed_in_the_configuration() {
    let home = Home::beside(crate::first_light::one_account());
    home.configure(&families(&home, START));
    home.run(&["rename", "smith/checking", "daily"]).ends_with(0);
    home.run(&["sync"]).ends_with(0);
    assert!(home.path("bank/smith/daily/2026.ledger").exists());
    assert!(!home.path("bank/smith/checking").exists());
}

#[test]
fn a_sync_in_hand_makes_room_for_the_new_name() {
    let home = synced();
    let own = ids(&home, "bank/smith/checking");
    let daemon = live::Daemon::start(&home);
    home.bank.edit(|world| {
        let slow = Fault::Transport(Transport::SlowHead(Duration::from_secs(30)));
        world.fault(slow).on(Endpoint::Transactions);
    });
    let calls = home.bank.watch();
    std::thread::scope(|scope| {
        let sync = scope.spawn(|| home.run(&["sync", "--full"]));
        while calls.recv().expect("a call").endpoint != Some(Endpoint::Transactions) {}
        home.run(&["rename", "smith/checking", "daily"]).ends_with(0);
        let told = sync.join().expect("it ended").ends_with(75).err;
        assert!(told.contains("the configuration changed while it was synced"), "{told}");
    });
    home.bank.edit(World::lift_faults);
    daemon.until("it is synced under the new name", || home.run(&["sync", "--full"]).code == 0);
    assert_eq!(ids(&home, "bank/smith/daily"), own);
    assert!(!home.path("bank/smith/checking").exists());
    let _ = daemon.stop();
}

#[test]
fn a_daemon_takes_the_new_name_as_one_step() {
    let home = synced();
    let own = ids(&home, "bank/smith/checking");
    let daemon = live::Daemon::start(&home);
    let moved = |from: &str, to: &str| {
        home.run(&["rename", &format!("smith/{from}"), to]).ends_with(0);
        let told = home.run(&["status", "--json"]).ends_with(0).json();
        assert_eq!(told["daemon"]["config_error"], serde_json::Value::Null);
        assert_eq!(ids(&home, &format!("bank/smith/{to}")), own);
        assert!(!home.path(&format!("bank/smith/{from}")).exists());
        assert_eq!(status(&home, &format!("smith/{to}"))["state"], "ok");
        home.run(&["sync"]).ends_with(0);
    };
    moved("checking", "daily");
    moved("daily", "weekly");
    moved("weekly", "checking");
    let told = home.run(&["rename", "smith/checking", "savings"]).ends_with(2).err;
    assert!(told.contains("smith/savings is there already"), "{told}");
    home.run(&["unlink", "smith/savings"]).ends_with(0);
    daemon.until("it is refused by the daemon's store", || {
        let told = home.run(&["rename", "smith/checking", "savings"]).ends_with(2).err;
        told.contains("smith/savings is another account")
    });
    let _ = daemon.stop();
    home.run(&["sync"]).ends_with(0);
}
