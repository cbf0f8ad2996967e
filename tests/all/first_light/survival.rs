//! A store that is lost, old or put back; files that somebody edited.

use std::path::Path;
use std::process::Command;

use super::{day, families, files, id_of, one_account, settled, status, with_line};
use crate::bank::Shown;
use crate::home::Home;

const START: &str = "2026-01-01";
const BOOKS: &str = "bank/smith/checking/2026.ledger";

fn synced() -> Home {
    let home = settled(one_account(), START);
    home.run(&["sync"]).ends_with(0);
    home
}

fn add_row(home: &Home, text: &str) {
    let id = id_of(home, "checking");
    home.bank.edit(|world| {
        let account = world.account_mut(&id);
        account.add_row("2026-03-03", "-7.00", text).shown(Shown::Now);
        account.publish(day("2026-03-04"));
    });
}

fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").args([from, to]).status().expect("cp");
    assert!(status.success());
}

fn remove(home: &Home, name: &str) {
    std::fs::remove_dir_all(home.path(name)).expect("removed");
}

/// Asserts that nothing is read or written, and that it is said.
fn stands_still(home: &Home) {
    let before = home.tree("bank");
    home.bank.forget_calls();
    for command in ["sync", "export", "sync"] {
        let told = home.run(&[command]).ends_with(1).err;
        assert!(told.contains("2026.") && told.contains("the store is lost or old"), "{told}");
        assert!(told.contains("put the store back"), "{told}");
        assert!(told.lines().count() <= 25, "{told}");
        assert!(home.tree("bank") == before, "{command}");
    }
    assert_eq!(home.bank.calls().len(), 0, "nothing is asked");
    let told = status(home, "smith/checking");
    assert_eq!(told["state"], "suspect");
    assert!(told["help"].as_str().expect("a cure").contains("put the store back"));
    assert!(told["next_attempt"].is_string());
}

#[test]
fn a_lost_store_overwrites_nothing_and_one_that_is_put_back_heals() {
    let home = synced();
    copy(&home.path("state"), &home.path("copy"));
    let before = home.tree("bank");
    remove(&home, "state");
    stands_still(&home);
    remove(&home, "state");
    copy(&home.path("copy"), &home.path("state"));
    home.run(&["sync"]).ends_with(0);
    assert!(home.tree("bank") == before);
    assert_eq!(status(&home, "smith/checking")["state"], "ok");
    add_row(&home, "GOES ON");
    home.run(&["sync"]).ends_with(0);
    assert_eq!(home.read(BOOKS).matches("* GOES ON").count(), 1);
}

#[test]
fn an_old_store_overwrites_nothing_and_the_right_one_heals() {
    let home = synced();
    copy(&home.path("state"), &home.path("old"));
    add_row(&home, "SINCE THE COPY");
    home.run(&["sync"]).ends_with(0);
    let before = home.tree("bank");
    std::fs::rename(home.path("state"), home.path("right")).expect("renamed");
    copy(&home.path("old"), &home.path("state"));
    stands_still(&home);
    remove(&home, "state");
    std::fs::rename(home.path("right"), home.path("state")).expect("renamed");
    home.run(&["sync"]).ends_with(0);
    assert!(home.tree("bank") == before);
    assert_eq!(status(&home, "smith/checking")["state"], "ok");
}

#[test]
fn a_folder_moved_aside_lets_a_lost_store_begin_anew_with_the_same_bytes() {
    let home = synced();
    let before = files(&home, "bank/smith/checking");
    remove(&home, "state");
    home.run(&["sync"]).ends_with(1);
    std::fs::rename(home.path("bank/smith/checking"), home.path("aside")).expect("renamed");
    home.run(&["sync"]).ends_with(0);
    assert!(files(&home, "bank/smith/checking") == before);
}

#[test]
fn a_lost_store_of_one_family_does_not_spoil_another_one() {
    let mut world = one_account();
    let other = world.add_user("jones").add_login("Other Bank").add_account("Savings");
    other.opening("5.00").add_row("2026-03-01", "1.00", "INTEREST");
    let home = settled(world, START);
    home.run(&["sync", "smith"]).ends_with(0);
    let before = home.tree("bank/smith");
    remove(&home, "state");
    home.run(&["sync"]).ends_with(1);
    assert!(home.tree("bank/smith") == before);
    assert!(home.read("bank/jones/savings/2026.ledger").contains("* INTEREST"));
    assert_eq!(status(&home, "jones/savings")["state"], "ok");
}

#[test]
fn an_edited_file_is_kept_beside_and_told() {
    let home = synced();
    let good = home.read(BOOKS);
    let edited = good.replace("* COFFEE", "* MY COFFEE");
    home.write(BOOKS, &edited);
    add_row(&home, "NEWS");
    let told = home.run(&["sync"]).ends_with(0).err;
    assert!(told.contains("was edited by hand") && told.contains("2026.ledger.edited-1"), "{told}");
    assert_eq!(home.read(&format!("{BOOKS}.edited-1")), edited);
    let now = home.read(BOOKS);
    assert!(now.contains("* COFFEE") && now.contains("* NEWS"));
    let told = home.run(&["sync"]).ends_with(0).err;
    assert_eq!(told, "", "told once");
    home.write(BOOKS, &edited);
    home.run(&["sync"]).ends_with(0);
    assert_eq!(home.read(BOOKS), now);
    let names = files(&home, "bank/smith/checking").into_keys();
    assert_eq!(names.filter(|name| name.contains("edited")).count(), 1, "once per content");
    assert_eq!(status(&home, "smith/checking")["state"], "ok");
}

#[test]
fn five_edits_are_kept_and_a_sixth_is_left_alone() {
    let home = synced();
    let good = home.read(BOOKS);
    for nth in 1..=5 {
        home.write(BOOKS, &good.replace("* COFFEE", &format!("* COFFEE {nth}")));
        home.run(&["export"]).ends_with(0);
        assert_eq!(home.read(BOOKS), good, "edit {nth}");
        assert!(home.path(&format!("{BOOKS}.edited-{nth}")).exists());
    }
    let sixth = good.replace("* COFFEE", "* COFFEE 6");
    home.write(BOOKS, &sixth);
    let told = home.run(&["sync"]).ends_with(1).err;
    assert!(told.contains("left alone"), "{told}");
    assert_eq!(home.read(BOOKS), sixth);
    for nth in 1..=5 {
        std::fs::remove_file(home.path(&format!("{BOOKS}.edited-{nth}"))).expect("removed");
    }
    home.run(&["export"]).ends_with(0);
    assert_eq!((home.read(BOOKS), home.read(&format!("{BOOKS}.edited-1"))), (good, sixth));
}

#[test]
fn files_that_went_missing_are_written_again() {
    let home = synced();
    let before = files(&home, "bank");
    for name in ["bank/accounts.csv", "bank/smith/all.ledger", BOOKS] {
        std::fs::remove_file(home.path(name)).expect("removed");
        home.run(&["sync"]).ends_with(0);
        assert!(files(&home, "bank") == before, "{name}");
    }
    remove(&home, "bank/smith");
    home.run(&["export"]).ends_with(0);
    assert!(files(&home, "bank") == before);
}

#[test]
fn a_format_that_is_taken_out_leaves_its_files_as_they_are() {
    let home = synced();
    let before = home.read("bank/smith/checking/2026.csv");
    home.reconfigure("[files]\nformats = [\"ledger\"]", &families(&home, START));
    add_row(&home, "NEWS");
    home.run(&["sync"]).ends_with(0);
    assert_eq!(home.read("bank/smith/checking/2026.csv"), before);
    assert!(home.read(BOOKS).contains("* NEWS"));
    home.reconfigure("", &with_line(&families(&home, START), "checking", "closed = 2026-03-01"));
    home.run(&["export"]).ends_with(0);
    assert!(home.read("bank/smith/checking/2026.csv").contains("NEWS"), "back again");
}
