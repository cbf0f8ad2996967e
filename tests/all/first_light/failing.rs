//! What fails at one family, login or account stays there; what was refused is not asked again.

use std::sync::Arc;
use std::time::Duration;

use sophtron_sync::config::{self, Env};
use sophtron_sync::files;
use sophtron_sync::sophtron::{Gate, Pace};
use sophtron_sync::store::Store;
use sophtron_sync::sync::{Desk, FamilyOrder, Keys, Manner, Shelf, Step, Wanted, sync_family};

use super::{day, families, files as files_of, id_of, one_account, settled, status, two_families};
use crate::bank::{Endpoint, Fault, Json, Shape, Shown, Transport};
use crate::home::Home;

const FROM: &str = "2026-05-01";
const UNTIL: &str = "2026-06-30";

/// A day later, with a row more on each account.
fn news(home: &mut Home) {
    home.bank.edit(|world| {
        for account in world.accounts_mut() {
            account.add_row(UNTIL, "-1.00", "NEWS").shown(Shown::Now);
        }
    });
    home.day(day("2026-07-01"));
}

fn has_news(home: &Home, account: &str) -> bool {
    home.read(&format!("bank/{account}/2026.ledger")).contains("* NEWS")
}

#[test]
fn a_family_that_fails_neither_stops_nor_spoils_another() {
    for (status_code, exit, state) in [(500, 69, "failed"), (401, 77, "rejected")] {
        let mut home = two_families(FROM, UNTIL);
        home.run(&["sync"]).ends_with(0);
        let before = home.tree("bank/smith");
        news(&mut home);
        home.bank.edit(|world| {
            world.fault(Fault::Status(status_code)).of("smith");
        });
        let told = home.run(&["sync"]).ends_with(exit).err;
        assert!(told.contains("smith") && !told.contains("tremblay"), "{told}");
        assert!(home.tree("bank/smith") == before, "{status_code}");
        assert!(has_news(&home, "tremblay/cheques"));
        assert_eq!(status(&home, "smith/joint-checking")["state"], state);
        assert_eq!(status(&home, "tremblay/cheques")["state"], "ok");
        assert!(home.read("bank/accounts.csv").contains("smith,joint-checking,"));
        assert!(home.read("bank/all.ledger").contains("include smith/all.ledger"));
    }
}

/// Families run side by side: the files of one are there while another still waits for its bank.
#[test]
fn a_family_that_is_slow_does_not_delay_another() {
    let home = two_families(FROM, UNTIL);
    home.bank.edit(|world| {
        let silent = Fault::Transport(Transport::SlowHead(Duration::from_mins(1)));
        world.fault(silent).on(Endpoint::Transactions).of("smith");
    });
    std::thread::scope(|scope| {
        let sync = scope.spawn(|| home.run(&["sync"]));
        while !home.path("bank/tremblay/all.ledger").exists() {
            assert!(!sync.is_finished(), "it is over");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(!sync.is_finished() && !home.path("bank/smith").exists(), "smith still waits");
        home.bank.edit(crate::bank::World::lift_faults);
        sync.join().expect("no panic").ends_with(69);
    });
    assert_eq!(status(&home, "tremblay/cheques")["state"], "ok");
}

#[test]
fn a_login_or_an_account_that_fails_does_not_stop_the_others() {
    let mut home = two_families(FROM, UNTIL);
    home.run(&["sync"]).ends_with(0);
    news(&mut home);
    let (savings, water) = (id_of(&home, "rainy-day-savings"), id_of(&home, "water"));
    home.bank.edit(|world| {
        let login = world.logins().find(|login| login.accounts.iter().any(|one| one.id == water));
        let login = login.expect("a login").id.clone();
        world.fault(Fault::Status(503)).on(Endpoint::Accounts).about(&login);
        world.fault(Fault::body("<html>sorry</html>")).on(Endpoint::Transactions).about(&savings);
    });
    home.run(&["sync"]).ends_with(1);
    for (account, arrived) in [
        ("smith/joint-checking", true),
        ("smith/auto-loan", true),
        ("smith/rainy-day-savings", false),
        ("smith/water", false),
        ("smith/electric", false),
        ("tremblay/hydro", true),
    ] {
        assert_eq!(has_news(&home, account), arrived, "{account}");
        let state = status(&home, account)["state"].clone();
        assert_eq!(state == "ok", arrived, "{account}: {state}");
    }
    home.bank.edit(crate::bank::World::lift_faults);
    home.run(&["sync"]).ends_with(0);
    assert!(has_news(&home, "smith/water") && has_news(&home, "smith/rainy-day-savings"));
    assert!(status(&home, "smith/water")["message"].is_null());
}

/// A family's own files and what it shares with others tell of the same state.
#[test]
fn files_that_cannot_be_written_keep_their_lines_in_the_shared_ones() {
    let mut home = two_families(FROM, UNTIL);
    home.run(&["sync"]).ends_with(0);
    let lines = |home: &Home, family: &str| -> Vec<String> {
        let table = home.read("bank/accounts.csv");
        let theirs = table.lines().filter(|line| line.starts_with(&format!("{family},")));
        theirs.map(str::to_owned).collect()
    };
    let before = (lines(&home, "smith"), lines(&home, "tremblay"));
    let (folder, moved) = (home.path("bank/smith/water"), home.path("water"));
    std::fs::rename(&folder, &moved).expect("moved");
    std::os::unix::fs::symlink(&moved, &folder).expect("a link");
    news(&mut home);
    let told = home.run(&["sync"]).ends_with(74).err;
    assert!(told.contains("smith/water") && told.contains("link"), "{told}");
    assert_eq!(lines(&home, "smith"), before.0);
    assert_ne!(lines(&home, "tremblay"), before.1);
    std::fs::remove_file(&folder).expect("removed");
    std::fs::rename(&moved, &folder).expect("back");
    home.run(&["sync"]).ends_with(0);
    assert_ne!(lines(&home, "smith"), before.0);
    assert!(has_news(&home, "smith/water"));
}

/// A login whose sync stops half-way, by a bug of ours, takes nothing from the others.
#[test]
fn a_login_that_stops_half_way_does_not_stop_the_others() {
    let home = two_families(FROM, UNTIL);
    let config = config::load(&home.path("sophtron-sync.toml"), &Env::from_pairs([("HOME", "/")]));
    let config = config.expect("a configuration");
    let identity = config::read_identity(&config.identity, false).expect("an identity");
    let smith = &config.families[0];
    let credentials = config::decrypt(&smith.credentials, &identity).expect("credentials");
    let order = FamilyOrder {
        family: smith.family.clone(),
        keys: Ok(Keys { credentials, fingerprint: String::new() }),
        wanted: Wanted::All,
        manner: Manner { refresh: false, full: false, accept: false, looks_at_waiting: true },
    };
    files::private_folder(&config.state_dir).expect("a folder");
    let shelf = Shelf::new(Store::open(&config.state_dir).expect("a store"));
    let now = home.now;
    let desk = Desk {
        counter: shelf.clone(),
        shelf,
        gate: Gate::new(),
        clock: Arc::new(move || now),
        schedule: sophtron_sync::domain::Schedule::default(),
        settings: config.sync.clone(),
        files: config.files.clone(),
        pace: Pace::quick(),
        progress: Arc::new(|step| {
            let water =
                matches!(&step, Step::Reading { account, .. } if account.as_str() == "water");
            assert!(!water, "stopped by the test");
        }),
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let outcome = runtime.block_on(sync_family(&Arc::new(desk), &order));
    assert_eq!(outcome.trouble, []);
    let failed: Vec<_> = outcome.accounts.iter().filter(|one| one.result.is_err()).collect();
    let names: Vec<_> = failed.iter().map(|one| one.account.as_str()).collect();
    assert!(names.contains(&"water") && !names.contains(&"joint-checking"), "{names:?}");
    assert_eq!(outcome.accounts.len(), smith.family.accounts.len());
    assert_eq!(status(&home, "smith/water")["state"], "failed");
    assert_eq!(status(&home, "smith/joint-checking")["state"], "ok");
}

/// An error is never an empty answer: each leaves data, files and their times as they were.
#[test]
fn no_bad_answer_touches_a_file() {
    let mut home = settled(one_account(), "2026-01-01");
    home.run(&["sync"]).ends_with(0);
    let before = home.tree("bank");
    home.day(day("2026-03-05"));
    let id = Json::text("8b134313-0000-4000-8000-000000000000");
    for (fault, exit) in [
        (Fault::Status(500), 69),
        (Fault::Status(404), 1),
        (Fault::Limited(None), 75),
        (Fault::body("<html>sorry</html>"), 1),
        (Fault::minus_one(), 1),
        (Fault::null(), 1),
        (Fault::nothing(), 1),
        (Fault::empty_object(), 1),
        (Fault::error_object(), 1),
        (Fault::Shape(Shape::FirstOnly), 1),
        (Fault::Shape(Shape::set("UserInstitutionAccountID", id)), 1),
        (Fault::Transport(Transport::Cut(40)), 69),
    ] {
        home.bank.edit(|world| {
            world.lift_faults();
            world.fault(fault.clone()).on(Endpoint::Transactions);
        });
        let ran = home.run(&["sync"]);
        assert_eq!(ran.code, exit, "{fault:?}: {}", ran.err);
        assert!(home.tree("bank") == before, "{fault:?}");
        let told = status(&home, "smith/checking");
        assert!(told["state"] != "ok" && told["message"].is_string(), "{fault:?}: {told}");
        assert!(told["next_attempt"].is_string(), "{fault:?}: {told}");
        assert_eq!(told["last_success"], "2026-03-04T12:00:00Z", "{fault:?}");
    }
}

#[test]
fn an_account_that_is_listed_no_more_keeps_its_files_and_is_told() {
    let mut home = settled(one_account(), "2026-01-01");
    home.run(&["sync"]).ends_with(0);
    let before = home.tree("bank");
    home.bank.edit(|world| world.accounts_mut().for_each(|account| account.listed = false));
    home.day(day("2026-03-05"));
    let told = home.run(&["sync"]).ends_with(1).err;
    assert!(told.contains("not among the 0 that the service lists"), "{told}");
    assert_eq!(status(&home, "smith/checking")["state"], "suspect");
    assert!(home.tree("bank") == before);
}

/// What to do can be typed as it stands, whoever tells it.
#[test]
fn every_cure_of_wrong_credentials_names_the_family() {
    let file = "credentials/smith.age";
    let break_it: [fn(&Home); 4] = [
        |home| {
            home.bank.edit(|world| {
                world.fault(Fault::Status(401));
            });
        },
        |home| {
            home.bank.edit(|world| {
                world.fault(Fault::Status(403));
            });
        },
        |home| std::fs::remove_file(home.path("credentials/smith.age")).expect("removed"),
        |home| home.write("credentials/smith.age", "no age file at all"),
    ];
    for (nth, break_it) in break_it.iter().enumerate() {
        let home = settled(one_account(), "2026-01-01");
        assert!(home.path(file).exists());
        break_it(&home);
        for args in
            [&["sync"][..], &["status"], &["accounts"], &["credentials", "check"], &["check"]]
        {
            let ran = home.run(args);
            let told = format!("{}{}", ran.out, ran.err);
            let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(!told.contains("FAMILY"), "{nth} {args:?}: {told}");
            assert!(
                told.contains("`sophtron-sync credentials set smith`"),
                "{nth} {args:?}: {told}"
            );
        }
    }
}

fn refused() -> Home {
    let home = settled(one_account(), "2026-01-01");
    home.run(&["sync"]).ends_with(0);
    home.bank.edit(|world| {
        world.fault(Fault::Status(401));
    });
    home.run(&["sync"]).ends_with(77);
    home.bank.forget_calls();
    let told = home.run(&["sync"]).ends_with(77).err;
    assert!(told.contains("credentials set smith") && told.contains("credentials check"), "{told}");
    assert_eq!(home.bank.calls().len(), 0, "refused once, asked no more");
    let told = status(&home, "smith/checking");
    assert_eq!((&told["state"], &told["next_attempt"]), (&"rejected".into(), &().into()));
    home
}

#[test]
fn refused_credentials_are_asked_again_after_a_good_check() {
    let home = refused();
    home.run(&["credentials", "check", "smith"]).ends_with(77);
    home.bank.edit(crate::bank::World::lift_faults);
    home.bank.forget_calls();
    home.run(&["sync"]).ends_with(77);
    assert_eq!(home.bank.calls().len(), 0);
    home.run(&["credentials", "check", "smith"]).ends_with(0);
    home.run(&["sync"]).ends_with(0);
    assert_eq!(status(&home, "smith/checking")["state"], "ok");
}

#[test]
fn refused_credentials_are_asked_again_once_they_are_others() {
    let home = refused();
    home.bank.edit(crate::bank::World::lift_faults);
    home.configure(&families(&home, "2026-01-01"));
    home.run(&["sync"]).ends_with(0);
    assert_eq!(status(&home, "smith/checking")["state"], "ok");
}

#[test]
fn a_retry_after_binds_even_a_sync_by_hand() {
    let mut home = settled(one_account(), "2026-01-01");
    home.run(&["sync"]).ends_with(0);
    home.day(day("2026-03-05"));
    home.bank.edit(|world| {
        world.fault(Fault::Limited(Some("3600".to_owned()))).on(Endpoint::Accounts);
    });
    home.run(&["sync"]).ends_with(75);
    home.bank.edit(crate::bank::World::lift_faults);
    home.bank.forget_calls();
    let told = home.run(&["sync"]).ends_with(75).err;
    assert!(told.contains("2026-03-05 13:00:00 UTC"), "{told}");
    assert_eq!(home.bank.calls().len(), 0);
    assert_eq!(status(&home, "smith/checking")["next_attempt"], "2026-03-05T13:00:00Z");
    home.now += chrono::TimeDelta::minutes(61);
    home.run(&["sync"]).ends_with(0);
}

#[test]
fn a_first_sync_that_fails_leaves_nothing_that_looks_like_data() {
    let home = settled(one_account(), "2026-01-01");
    home.bank.edit(|world| {
        world.fault(Fault::Status(500)).on(Endpoint::Transactions);
    });
    home.run(&["sync"]).ends_with(69);
    assert!(!home.path("bank/smith/checking").exists());
    let told = status(&home, "smith/checking");
    assert!(told["balance"].is_null() && told["last_success"].is_null(), "{told}");
    home.bank.edit(crate::bank::World::lift_faults);
    home.run(&["sync"]).ends_with(0);
    assert_eq!(files_of(&home, "bank/smith/checking").len(), 3);
}
