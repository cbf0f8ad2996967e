//! READY is told soon, and only where all is good.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use super::process::{Service, today};
use super::{families, home};
use crate::bank::{World, family_toml};
use crate::home::Home;

/// Ten times what a release build takes at most.
const SOON: Duration = Duration::from_secs(2);

/// Makes so many rows of the first one in the store.
fn multiply_rows(home: &Home, rows: u32) {
    const COLUMNS: &str = "standing, first_read, anchored, agreed, missed, service_account, status, \
         kind, amount, currency, transaction_date, date, post_date, description, raw";
    let store = rusqlite::Connection::open(home.path("state/store.sqlite")).expect("a store");
    let statement = format!(
        "WITH RECURSIVE nth (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM nth WHERE n < {rows})
         INSERT INTO transaction_row (account, sequence, id, service_id, {COLUMNS})
         SELECT account, n + 1000, id || '-' || n, service_id || '-' || n, {COLUMNS}
         FROM transaction_row, nth WHERE key = (SELECT min(key) FROM transaction_row)"
    );
    assert_eq!(store.execute(&statement, []), Ok(rows as usize));
}

#[test]
fn a_store_of_a_hundred_thousand_rows_is_ready_in_no_time() {
    let mut world = World::new(today());
    let login = world.add_user("smith").add_login("Sandbox Bank");
    login.add_account("Checking").opening("100.00").add_row_on(today(), "-1.00", "SHOP");
    let home = Home::in_memory(world);
    let url = home.bank.base_url();
    let family = home.bank.edit(|world| family_toml(world.user("smith"), &url, today()));
    home.configure_with("refresh = \"never\"\n", &family);
    home.run(&["sync"]).ends_with(0);
    multiply_rows(&home, 100_000);
    let tries = (0..4).map(|_| {
        let service = Service::start(&home);
        service.said_after("READY=1").expect("it is")
    });
    let best = tries.min().expect("some");
    println!("READY after {best:?}, with 100,000 rows in the store");
    assert!(best < SOON, "{best:?}");
}

/// Starts the program over a home, and asserts that it ends with a code and these words, and never
/// said that it was ready.
fn is_never_ready(home: &Home, args: &[&str], code: i32, words: &[&str]) {
    let mut service = Service::begin(home, args, &[]);
    let ended = service.wait();
    let log = service.log();
    assert_eq!(ended.code(), Some(code), "{log}");
    for word in words {
        assert!(log.contains(word), "{word} in {log}");
    }
    assert_eq!(service.count("READY"), 0, "{:?}", service.heard());
    assert!(!home.path("state/control.sock").exists(), "a socket was left behind");
}

#[test]
fn nothing_broken_is_ever_ready() {
    let good = home("every = \"1h\"");
    let text = good.read("sophtron-sync.toml");
    good.write("sophtron-sync.toml", &text.replace("every =", "evry ="));
    is_never_ready(&good, &["run"], 78, &["sophtron-sync.toml:7", "evry", "every"]);
    good.write("sophtron-sync.toml", &text);

    let mode = |mode| fs::set_permissions(good.path("identity.txt"), Permissions::from_mode(mode));
    mode(0o644).expect("set");
    is_never_ready(&good, &["run"], 78, &["identity.txt", "help"]);
    mode(0o600).expect("set");
    fs::rename(good.path("identity.txt"), good.path("kept.txt")).expect("renamed");
    is_never_ready(&good, &["run"], 78, &["identity.txt"]);
    good.run(&["keygen"]).ends_with(0);
    is_never_ready(&good, &["run"], 77, &["smith.age", "jones.age"]);
    fs::rename(good.path("kept.txt"), good.path("identity.txt")).expect("renamed");

    let mut service = Service::start(&good);
    assert_eq!(service.end_by(rustix::process::Signal::TERM).0, Some(0), "{}", service.log());
}

#[test]
fn one_family_that_opens_is_enough() {
    let home = home("every = \"1h\"");
    home.write("credentials/jones.age", "no age file");
    let mut service = Service::start(&home);
    service.until("the other family is synced", || home.path("bank/smith/checking").exists());
    service.until("it is told", || service_log_has(&home, "jones.age"));
}

fn service_log_has(home: &Home, word: &str) -> bool {
    let entries = fs::read_dir(home.folder.path()).expect("a folder").flatten();
    let logs = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("log-"));
    logs.map(|entry| fs::read_to_string(entry.path()).unwrap_or_default())
        .any(|log| log.contains(word))
}

#[test]
fn a_folder_is_held_by_one_daemon() {
    let home = home("every = \"1h\"");
    let service = Service::start(&home);
    let process = format!("process {}", service.id());
    let mut second = Service::begin(&home, &["run"], &[]);
    assert_eq!(second.wait().code(), Some(75), "{}", second.log());
    assert!(second.log().contains(&process), "{}", second.log());
    assert_eq!(second.count("READY"), 0);

    // Another state folder, and the same files.
    let families = families(&home, &["smith", "jones"]);
    let other = format!("output_dir = \"bank\"\nstate_dir = \"state-2\"\n{families}");
    home.write("other.toml", &other);
    let mut third = Service::begin(&home, &["run", "--config", "other.toml"], &[]);
    assert_eq!(third.wait().code(), Some(75), "{}", third.log());
    assert!(third.log().contains(&process) && third.log().contains("bank"), "{}", third.log());
    assert_eq!(third.count("READY"), 0);

    // Another configuration that would listen at the first one's socket.
    let socket = home.path("state/control.sock");
    let other = format!(
        "output_dir = \"bank-3\"\nstate_dir = \"state-3\"\ncontrol_socket = \"{}\"\n{families}",
        socket.display()
    );
    home.write("other.toml", &other);
    let mut fourth = Service::begin(&home, &["run", "--config", "other.toml"], &[]);
    assert_eq!(fourth.wait().code(), Some(75), "{}", fourth.log());
    assert!(fourth.log().contains("another daemon listens"), "{}", fourth.log());
    assert_eq!(home.run(&["--config", "other.toml", "sync"]).code, 75, "it is not its daemon");
    home.run(&["sync"]).ends_with(0);
}
