//! The daemon: schedule, reload, control socket, signals.

pub(crate) mod live;
mod reload;
mod schedule;

use crate::bank::{self, World, family_toml};
use crate::home::Home;

/// Two families, each with an account.
fn world() -> World {
    let mut world = World::new(bank::day("2026-03-04"));
    for name in ["smith", "jones"] {
        let login = world.add_user(name).add_login("Sandbox Bank");
        login.add_account("Checking").opening("100.00").add_row("2026-02-20", "-1.00", "SHOP");
        login.add_account("Savings").opening("50.00").add_row("2026-02-21", "2.00", "INTEREST");
    }
    world
}

/// The configuration of some families, with every account.
fn families(home: &Home, names: &[&str]) -> String {
    let base_url = home.bank.base_url();
    let one = |name: &&str| {
        home.bank.edit(|world| family_toml(world.user(name), &base_url, bank::day("2026-02-01")))
    };
    names.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// A home with both families and a schedule.
fn home(schedule: &str) -> Home {
    let home = Home::in_memory(world());
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
    for family in ["smith", "jones"] {
        let status = || home.run(&["status", "--json"]).json()["families"].clone();
        daemon.until("the first round is over", || {
            let families = status();
            let mut all = families.as_array().into_iter().flatten();
            let mine = all.find(|one| one["name"] == family).cloned().unwrap_or_default();
            let accounts = mine["accounts"].as_array().cloned().unwrap_or_default();
            accounts.len() == 2 && accounts.iter().all(|account| account["state"] == "ok")
        });
    }
    home.bank.forget_calls();
    daemon
}
