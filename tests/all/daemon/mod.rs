//! The daemon: schedule, reload, control socket, signals.

mod beside;
mod ending;
mod idle;
pub(crate) mod live;
pub(crate) mod process;
mod readiness;
mod reload;
mod restarts;
mod saves;
mod schedule;
mod soak;
mod year;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use crate::bank::{self, World, family_toml};
use crate::home::Home;

/// Two families, each with two accounts, on a day.
fn world_on(today: NaiveDate) -> World {
    let ago = |days| today - Days::new(days);
    let mut world = World::new(today);
    for name in ["smith", "jones"] {
        let login = world.add_user(name).add_login("Sandbox Bank");
        login.add_account("Checking").opening("100.00").add_row_on(ago(12), "-1.00", "SHOP");
        login.add_account("Savings").opening("50.00").add_row_on(ago(11), "2.00", "INTEREST");
    }
    world
}

/// The configuration of some families, with every account.
fn families(home: &Home, names: &[&str]) -> String {
    let base_url = home.bank.base_url();
    let one = |name: &&str| {
        home.bank
            .edit(|world| family_toml(world.user(name), &base_url, world.today - Days::new(31)))
    };
    names.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// A home with both families and a schedule.
fn home(schedule: &str) -> Home {
    let home = Home::in_memory(world_on(bank::day("2026-03-04")));
    let settings = format!("refresh = \"never\"\n[schedule]\n{schedule}\n");
    home.configure_with(&settings, &families(&home, &["smith", "jones"]));
    home
}

/// How many requests the bank heard.
fn calls(home: &Home) -> usize {
    home.bank.calls().len()
}

/// Starts a daemon, waits until both families had their first round, and forgets its requests.
fn started(home: &Home) -> live::Daemon {
    let daemon = live::Daemon::start(home);
    daemon.until("the first round is over", || {
        let shared = std::fs::read_to_string(home.path("bank/all.ledger")).unwrap_or_default();
        has_rounds(home, &["smith", "jones"])
            && shared.contains("smith/all.ledger")
            && shared.contains("jones/all.ledger")
    });
    home.bank.forget_calls();
    daemon
}

/// When the last round of each family began, as the store has it.
fn rounds(home: &Home) -> BTreeMap<String, String> {
    let path = home.path("state/store.sqlite");
    let read = || -> rusqlite::Result<BTreeMap<String, String>> {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE;
        let store = rusqlite::Connection::open_with_flags(path, flags)?;
        let mut rows = store.prepare("SELECT family, at FROM round")?;
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    };
    // There may be no store yet.
    read().unwrap_or_default()
}

/// Whether each of these families had a round.
fn has_rounds(home: &Home, families: &[&str]) -> bool {
    let rounds = rounds(home);
    families.iter().all(|family| rounds.contains_key(*family))
}
