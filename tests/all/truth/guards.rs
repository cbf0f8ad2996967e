//! An answer that looks as if something was lost is refused, and taken on the owner's word alone.

use super::{
    BOOKS, START, drift, is_true, money, one_account, read, settled, status, synced, tell,
};
use crate::bank::{Account, Endpoint, Fault, Json, Shape, Shown};
use crate::home::Home;

/// Ten rows: 1000.00 before them.
fn ten_rows() -> Home {
    let mut world = one_account();
    let account = world.accounts_mut().next().expect("an account");
    for nth in 4..=10 {
        account.add_row("2026-03-03", "-1.00", &format!("ROW {nth}"));
    }
    let home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    home
}

/// What the store keeps of refused answers: their rows, as text.
fn refused(home: &Home) -> Vec<String> {
    let store = rusqlite::Connection::open(home.path("state/store.sqlite")).expect("a store");
    let mut query = store.prepare("SELECT rows FROM refused").expect("a query");
    let rows = query.query_map([], |row| row.get(0)).expect("rows");
    rows.map(|text| text.expect("a text")).collect()
}

/// The bank really has no more than two of its rows.
fn shrink(home: &mut Home, today: &str) {
    tell(home, today, |account| {
        for row in &mut account.rows[2..] {
            row.shown(Shown::Gone);
        }
    });
}

#[test]
fn a_shrunken_answer_changes_nothing_and_is_told_with_its_cure() {
    let mut home = ten_rows();
    let before = home.tree("bank");
    shrink(&mut home, "2026-03-05");
    let told = home.run(&["sync"]).ends_with(1);
    assert!(told.err.contains("the service sent 2 rows where 10 are known"), "{}", told.err);
    assert!(told.err.contains("sophtron-sync sync smith/checking --accept"), "{}", told.err);
    assert!(home.tree("bank") == before);
    assert_eq!(status(&home, "smith/checking")["state"], "suspect");
    let told = home.run(&["status", "-v"]).ends_with(0).out;
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let kept = "an answer was refused on 2026-03-05T12:00:00Z: the service sent 2 rows where 10 are known; 2 rows and 1 record of an account of it are kept aside";
    assert!(words.contains(kept), "{words}");
    assert!(words.contains("sync smith/checking --accept"), "{words}");
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    read(&mut home, "2026-03-06", |account| account.show(Shown::Gone, Shown::Now));
    assert!(!home.run(&["status", "-v"]).out.contains("was refused"), "it healed");
    assert_eq!(refused(&home), [""; 0]);
    is_true(&home, START, &[]);
}

#[test]
fn a_record_in_another_currency_is_refused_and_kept_aside() {
    let mut home = ten_rows();
    let before = home.tree("bank");
    tell(&mut home, "2026-03-05", |account| {
        account.currency(Json::text("EUR"));
    });
    home.run(&["sync"]).ends_with(1);
    assert!(home.tree("bank") == before);
    let told = home.run(&["status", "-v"]).ends_with(0).out;
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("0 rows and 1 record of an account of it are kept aside"), "{words}");
}

#[test]
fn accepted_the_rows_are_gone_at_once_and_named() {
    let mut home = ten_rows();
    shrink(&mut home, "2026-03-05");
    home.run(&["sync"]).ends_with(1);
    let told = home.run(&["sync", "smith/checking", "--accept"]).ends_with(0).out;
    assert!(told.contains("8 vanished"), "{told}");
    assert!(told.contains("vanished: 2026-03-02 COFFEE, id"), "{told}");
    assert_eq!(told.matches("vanished: 2026-03-03 ROW").count(), 7, "{told}");
    assert_eq!(drift(&home), None);
    assert_eq!(refused(&home), [""; 0]);
    is_true(&home, START, &[]);
    read(&mut home, "2026-03-06", |account| account.show(Shown::Gone, Shown::Now));
    is_true(&home, START, &[]);
}

#[test]
fn an_empty_answer_is_refused_and_accepted_likewise() {
    let mut home = synced();
    tell(&mut home, "2026-03-05", |account| account.show(Shown::Now, Shown::Gone));
    home.run(&["sync"]).ends_with(1);
    home.run(&["sync", "--full"]).ends_with(1);
    assert!(home.read(BOOKS).contains("* COFFEE"), "guards hold for --full too");
    let told = home.run(&["sync", "--accept"]).ends_with(0).out;
    assert!(told.contains("3 vanished"), "{told}");
    is_true(&home, START, &[]);
}

/// Of a refused answer the known keys alone are kept, at most a megabyte, the last one.
#[test]
fn what_is_kept_of_a_refused_answer_is_bounded_and_holds_known_keys_alone() {
    let mut home = ten_rows();
    tell(&mut home, "2026-03-05", |account| {
        for row in &mut account.rows[3..] {
            row.shown(Shown::Gone);
        }
        for nth in 0..12 {
            let row = account.add_row(
                "2026-03-04",
                "-1.00",
                &format!("{nth} {}", "LONG ".repeat(40_000)),
            );
            row.set("Password", Json::text("hunter2"));
        }
    });
    home.run(&["sync"]).ends_with(1);
    let kept = refused(&home);
    assert_eq!(kept.len(), 1, "one an account");
    assert!(kept[0].len() <= 1 << 20 && kept[0].len() > 1 << 19, "{} bytes", kept[0].len());
    assert!(!kept[0].contains("hunter2") && !kept[0].contains("Password"));
    assert!(kept[0].contains("COFFEE"));
    shrink(&mut home, "2026-03-06");
    home.bank.edit(|world| {
        world.fault(Fault::Shape(Shape::Truncated(1))).on(Endpoint::Transactions);
    });
    home.run(&["sync"]).ends_with(1);
    let kept = refused(&home);
    assert_eq!(kept.iter().map(|rows| rows.lines().count()).collect::<Vec<_>>(), [1]);
}

/// Rows older than the overlap never vanish, however often a full read lacks them.
#[test]
fn a_full_read_brings_what_is_old_and_takes_nothing_old_away() {
    let mut world = one_account();
    let account = world.accounts_mut().next().expect("an account");
    account.add_row("2026-01-05", "-9.00", "LONG AGO");
    account.add_row("2026-01-06", "-8.00", "CAME LATER").shown(Shown::Gone);
    let mut home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    read(&mut home, "2026-03-05", |account| {
        account.balance("1217.35").rows[4].shown(Shown::Now);
    });
    assert!(!home.read(BOOKS).contains("CAME LATER"), "45 days behind the newest row is later");
    let told = home.run(&["sync", "--full"]).ends_with(0).out;
    assert!(told.contains("1 new"), "{told}");
    assert!(home.read(BOOKS).contains("* CAME LATER"));
    assert_eq!(drift(&home).map(|(amount, _)| money(&amount)), Some(money("8")));
    for today in ["2026-03-06", "2026-03-07", "2026-03-08", "2026-03-09"] {
        tell(&mut home, today, |account| {
            account.rows[3].shown(Shown::Gone);
        });
        home.run(&["sync", "--full"]).ends_with(0);
        assert!(home.read(BOOKS).contains("* LONG AGO"), "{today}");
    }
    tell(&mut home, "2026-03-10", |account| {
        account.rows[3].shown(Shown::Now);
        account.fixed_balance = None;
    });
    home.run(&["sync", "--full"]).ends_with(0);
    is_true(&home, START, &[]);
}

#[test]
fn an_account_that_is_listed_twice_is_taken_once_or_refused_in_true_words() {
    let mut home = synced();
    home.bank.edit(|world| {
        world.fault(Fault::Shape(Shape::FirstTwice)).on(Endpoint::Accounts);
    });
    read(&mut home, "2026-03-05", |account| {
        account.add_row("2026-03-05", "-1.00", "NEWS");
    });
    is_true(&home, START, &[]);
    let before = home.tree("bank");
    tell(&mut home, "2026-03-06", |account| {
        account.add_row("2026-03-06", "-1.00", "NEWS");
    });
    home.bank.edit(|world| {
        world.lift_faults();
        let account = world.accounts().next().expect("an account").clone();
        let other = Account { fixed_balance: Some("7.00".to_owned()), ..account.clone() };
        let login = world.logins().next().expect("a login").id.clone();
        let both = [account.json(&login), other.json(&login)].map(|record| record.to_string());
        let body = format!("[{}]", both.join(","));
        world.fault(Fault::body(&body)).on(Endpoint::Accounts);
    });
    let told = home.run(&["sync"]).ends_with(1);
    let message = "the service lists the account more than once, and not the same each time";
    assert!(told.err.contains(message), "{}", told.err);
    assert!(home.tree("bank") == before);
    assert_eq!(status(&home, "smith/checking")["state"], "suspect");
    home.bank.edit(crate::bank::World::lift_faults);
    home.run(&["sync"]).ends_with(0);
    is_true(&home, START, &[]);
}
