//! The same history gives the same bytes: in one sync or many, from a store built anew, in every
//! time zone and under every locale.

use std::collections::BTreeMap;
use std::process::Command;

use super::{day, families, files, settled, two_families};
use crate::bank::{Json, Shown, World};
use crate::home::Home;
use crate::readers::long;

const FROM: &str = "2026-05-01";
const UNTIL: &str = "2026-06-30";

/// The files of a home without what tells when something was first reported: `balances.csv`,
/// `balance_date`, and the day in the comment of an assertion.
fn without_history(home: &Home) -> BTreeMap<String, String> {
    let kept = |(name, bytes): (String, Vec<u8>)| {
        let text = String::from_utf8(bytes).expect("UTF-8");
        let line = |line: &str| match name.as_str() {
            "accounts.csv" => line.rsplit_once(',').map_or("", |(kept, _)| kept).to_owned(),
            _ if line.starts_with("; On ") => line.replacen(&line[5..15], "that day", 1),
            _ => line.to_owned(),
        };
        (!name.ends_with("balances.csv"))
            .then(|| (name.clone(), text.lines().map(line).collect::<Vec<_>>().join("\n")))
    };
    files(home, "bank").into_iter().filter_map(kept).collect()
}

fn assert_same(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) {
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, text) in one {
        assert_eq!(text, &other[name], "{name}");
    }
}

#[test]
fn one_sync_or_one_a_day_give_the_same_bytes_and_so_does_a_store_built_anew() {
    let at_once = two_families(FROM, UNTIL);
    at_once.run(&["sync"]).ends_with(0);
    let mut daily = two_families(FROM, UNTIL);
    let days = day(if long() { FROM } else { "2026-06-21" }).iter_days();
    for today in days.take_while(|today| *today <= day(UNTIL)) {
        daily.day(today);
        daily.run(&["sync"]).ends_with(0);
    }
    assert_same(&without_history(&at_once), &without_history(&daily));
    begin_anew(&daily);
    daily.run(&["sync"]).ends_with(0);
    assert!(files(&daily, "bank") == files(&at_once, "bank"), "to the last byte");
}

/// Takes store and files away, as if they had never been.
fn begin_anew(home: &Home) {
    for folder in ["state", "bank"] {
        std::fs::remove_dir_all(home.path(folder)).expect("removed");
    }
}

/// Rows without ids, under repeated ids, and equal to one another: their ids are minted.
fn without_ids() -> World {
    let mut world = World::new(day("2026-03-20"));
    let account = world.add_user("smith").add_login("Sandbox Bank").add_account("Checking");
    account.opening("1000.00");
    for date in ["2026-03-02", "2026-03-07", "2026-03-14", "2026-03-20"] {
        for _ in 0..2 {
            let coffee = account.add_row(date, "-4.75", "COFFEE");
            coffee.set("TransactionID", Json::null());
        }
        account.add_row(date, "-18.40", "GROCER").leave_out("TransactionID");
        for text in ["FIRST", "SECOND"] {
            account.add_row(date, "-1.00", text).id(&format!("twice-{date}"));
        }
        let from = day(date);
        for row in account.rows.iter_mut().filter(|row| row.day == from) {
            row.shown(Shown::From(from));
        }
    }
    world
}

#[test]
fn minted_ids_are_the_same_in_one_sync_or_many() {
    let at_once = settled(without_ids(), "2026-03-01");
    at_once.run(&["sync"]).ends_with(0);
    let mut daily = settled(without_ids(), "2026-03-01");
    for today in day("2026-03-02").iter_days().take(19) {
        daily.day(today);
        daily.run(&["sync"]).ends_with(0);
    }
    let books = daily.read("bank/smith/checking/2026.csv");
    assert_eq!(books.lines().count(), 21, "{books}");
    assert_same(&without_history(&at_once), &without_history(&daily));
}

/// From UTC-12 to UTC+14.
const ZONES: [&str; 7] = [
    "Etc/GMT+12",
    "Pacific/Marquesas",
    "America/St_Johns",
    "UTC",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
];

/// A decimal comma, dotless letters, other digits, another calendar. Whether the system has them
/// installed does not matter: what is tested is that our program does not ask.
const LOCALES: [&str; 5] = ["C", "de_DE.UTF-8", "tr_TR.UTF-8", "ar_EG.UTF-8", "fa_IR.UTF-8"];

/// The real program, with the real clock: the history lies behind it, and no refresh is due.
#[test]
fn time_zone_and_locale_change_no_byte() {
    let home = two_families(FROM, UNTIL);
    home.reconfigure("refresh = \"never\"", &families(&home, FROM));
    let mut first = None;
    for (nth, zone) in ZONES.iter().enumerate() {
        let all = if long() { &LOCALES[..] } else { &LOCALES[nth % 5..=nth % 5] };
        for locale in all {
            if first.is_some() {
                begin_anew(&home);
            }
            run_the_program(&home, zone, locale);
            let now = files(&home, "bank");
            let first = first.get_or_insert_with(|| now.clone());
            assert!(*first == now, "other bytes under {zone} and {locale}");
        }
    }
}

fn run_the_program(home: &Home, zone: &str, locale: &str) {
    let ran = Command::new(env!("CARGO_BIN_EXE_sophtron-sync"))
        .arg("sync")
        .current_dir(home.folder.path())
        .env_clear()
        .env("HOME", home.folder.path())
        .envs([("TZ", zone), ("LANG", locale), ("LC_ALL", locale)])
        .output()
        .expect("the program starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    // The history lies behind: nothing is told but that.
    let told = String::from_utf8_lossy(&ran.stderr);
    let is_age = |line: &str| {
        line.starts_with("note: ") && line.contains(": its data are ")
            || line.starts_with("  help: the bank's data stand still though reads succeed")
    };
    assert!(!told.is_empty() && told.lines().all(is_age), "{zone} {locale}: {told}");
}

/// A row waits as pending for two days, is posted under its day, and meanwhile others come.
#[test]
fn pending_rows_on_the_way_leave_no_trace_in_the_bytes() {
    let days: Vec<_> = day("2026-03-02").iter_days().take(12).collect();
    let told_as_of = |today: chrono::NaiveDate| {
        let mut world = World::new(today);
        let account = world.add_user("smith").add_login("Sandbox Bank").add_account("Checking");
        account.opening("1000.00");
        for (nth, date) in days.iter().enumerate().filter(|(_, date)| **date <= today) {
            for text in ["HOTEL", "FUEL"] {
                let row = account.add_row_on(*date, &format!("-{nth}.25"), text);
                row.id(&format!("{text}-{date}"));
                row.pending = *date + chrono::Days::new(2) > today && today != day("2026-03-13");
            }
        }
        world.users.remove(0).logins.remove(0).accounts.remove(0)
    };
    let mut daily = settled(History::world(told_as_of(day("2026-03-03"))), "2026-03-01");
    for today in day("2026-03-03").iter_days().take(11) {
        let account = told_as_of(today);
        daily.bank.edit(|world| world.accounts_mut().for_each(|one| *one = account.clone()));
        daily.day(today);
        daily.run(&["sync"]).ends_with(0);
    }
    let at_once = settled(History::world(told_as_of(day("2026-03-13"))), "2026-03-01");
    at_once.run(&["sync"]).ends_with(0);
    assert_same(&without_history(&at_once), &without_history(&daily));
    assert_eq!(at_once.read("bank/smith/checking/2026.csv").lines().count(), 25);
}

/// A world of one family with one account.
struct History;

impl History {
    fn world(account: crate::bank::Account) -> World {
        let mut world = World::new(account.copied);
        world.add_user("smith").add_login("Sandbox Bank").accounts.push(account);
        world
    }
}
