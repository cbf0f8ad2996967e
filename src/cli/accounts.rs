//! `accounts`: every account behind the credentials, linked or not.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::args::Accounts;
use super::found::{Found, FoundLogin, Listing, discover, proposed};
use super::{World, ground, text};
use crate::config::{Config, FamilyConfig};
use crate::domain::{Account, Exit, Fault, Name};
use crate::round::{self, Failure, Ground, worded};

#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    version: u32,
    accounts: Vec<Found>,
}

/// Why there may be none in a family, and what to do about each.
fn no_accounts(family: &Name) -> [String; 3] {
    [
        format!("- no bank is connected there yet: `sophtron-sync connect {family}` connects one"),
        format!(
            "- these are another user's credentials: set the right ones with `sophtron-sync credentials set {family}`"
        ),
        "- they may not see accounts: ask Sophtron to permit that for this key".to_owned(),
    ]
}

pub(super) fn run(
    command: &Accounts,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let config = ground::configuration(flag, world)?;
    let families = ground::families(&config, command.family.as_deref())?;
    let identity = ground::identity(&config, world)?;
    let ground = ground::take_state(&config, world)?;
    let runtime = ground::runtime(world)?;
    let (mut shown, mut exit) = (Shown::default(), Exit::Good);
    for family in families {
        let name = &family.family.name;
        let listed = round::keys(family, &identity).and_then(|keys| {
            let client = ground::client(family, &keys, world)?;
            let listed = runtime.block_on(discover(&client, family));
            Ok((client.calls(), listed.map_err(|error| error.fault_of_command(name))))
        });
        let listed = match listed {
            Ok((calls, listed)) => {
                ground::count_requests(&ground, name, calls, world)?;
                listed
            }
            Err(fault) => Err(fault),
        };
        match listed {
            Ok(listing) => {
                for fault in listing.faults() {
                    exit = exit.worst(complain(&fault, name, world));
                }
                shown.add(listing, family, &ground)?;
            }
            Err(fault) => exit = exit.worst(complain(&fault, name, world)),
        }
    }
    shown.print(command.json, exit, world);
    Ok(exit)
}

fn complain(fault: &Fault, family: &Name, world: &mut World) -> Exit {
    world.complain(&worded(fault, &format!("{family}: {}", fault.message)));
    fault.exit
}

/// What is shown of all families.
#[derive(Default)]
struct Shown {
    families: Vec<Name>,
    accounts: Vec<Found>,
    /// Logins that list no account, in words, with what to do.
    bare: Vec<(String, String)>,
}

impl Shown {
    fn add(
        &mut self,
        listing: Listing,
        family: &FamilyConfig,
        ground: &Ground,
    ) -> Result<(), Failure> {
        let name = &family.family.name;
        self.families.push(name.clone());
        for login in listing.logins.iter().filter(|login| login.accounts == Ok(0)) {
            self.bare.push((format!("{name}, {}", login.words()), what_now(login, name, ground)?));
        }
        let mut dead = dead(family, &listing, ground)?;
        for gone in &mut dead {
            let linked = gone.linked.as_deref().and_then(|name| Name::parse(name).ok());
            gone.help = match linked {
                Some(linked) => proposed(ground, name, &linked, &listing.accounts)?,
                None => None,
            };
        }
        let mut found = listing.accounts;
        for account in &mut found {
            account.help = ground.with(|store| account.goes_on(store, &family.family))?;
        }
        self.accounts.extend(found.into_iter().chain(dead));
        Ok(())
    }
}

/// What an owner can do about a login that lists no account.
fn what_now(login: &FoundLogin, family: &Name, ground: &Ground) -> Result<String, Failure> {
    let kept = ground.with(|store| store.login(family, &login.id))?;
    Ok(if kept.is_some_and(|kept| kept.waits()) {
        format!("its bank waits for you: sophtron-sync answer {family}/{}", login.id)
    } else {
        "no account yet: after it was connected they may come within minutes".to_owned()
    })
}

/// The accounts of an answer that was printed as JSON.
pub(super) fn read(answer: &str) -> Option<Vec<Found>> {
    serde_json::from_str::<Answer>(answer).ok().map(|answer| answer.accounts)
}

/// Every account behind a family's credentials. Logins whose accounts did not come are told.
pub(super) fn listed(
    config: &Config,
    family: &FamilyConfig,
    world: &mut World,
) -> Result<Vec<Found>, Failure> {
    let keys = round::keys(family, &*ground::identity(config, world)?)?;
    let client = ground::client(family, &keys, world)?;
    let ground = ground::take_state(config, world)?;
    let listed = ground::runtime(world)?.block_on(discover(&client, family));
    let name = &family.family.name;
    ground::count_requests(&ground, name, client.calls(), world)?;
    let listing = listed.map_err(|error| error.fault_of_command(name))?;
    for fault in listing.faults() {
        complain(&fault, name, world);
    }
    Ok(listing.accounts)
}

/// The linked accounts that no login lists any more, as far as all lists came.
fn dead(family: &FamilyConfig, listing: &Listing, ground: &Ground) -> Result<Vec<Found>, Failure> {
    let family = &family.family;
    let kept = ground.with(|store| store.accounts(&family.name))?;
    let gone = |account: &&Account| {
        let is_listed = listing.accounts.iter().any(|found| found.id == account.id.as_str());
        !is_listed && !listing.may_hide(account.login_among(&kept))
    };
    Ok(family.accounts.iter().filter(gone).map(|account| Found::dead(family, account)).collect())
}

/// Accounts as JSON, which [`read`] reads.
pub(super) fn json(accounts: Vec<Found>) -> String {
    serde_json::to_string(&Answer { version: 1, accounts }).unwrap_or_default()
}

impl Shown {
    fn print(self, as_json: bool, exit: Exit, world: &mut World) {
        if as_json {
            return world.say(&json(self.accounts));
        }
        let (listed, dead): (Vec<_>, Vec<_>) =
            self.accounts.iter().partition(|account| account.listed);
        if listed.is_empty() && exit == Exit::Good {
            world.say("No accounts. One of these is why:");
            for line in self.families.iter().flat_map(no_accounts) {
                world.say(&line);
            }
        }
        print_listed(&listed, world);
        for (login, what_now) in &self.bare {
            world.say(login);
            world.say(&format!("    {what_now}"));
        }
        for account in dead {
            print_dead(account, world);
        }
    }
}

fn print_listed(listed: &[&Found], world: &mut World) {
    for (place, account) in listed.iter().enumerate() {
        if place == 0 || listed[place - 1].login != account.login {
            let bank = account.bank();
            let login = account.login.as_deref().unwrap_or("not told");
            world.say(&format!("{}, {bank}, login {login}", account.family));
        }
        for line in lines(account) {
            world.say(&line);
        }
    }
}

fn print_dead(account: &Found, world: &mut World) {
    let name = account.linked.as_deref().unwrap_or_default();
    world.say(&format!("{}/{name} is linked, but no login lists it any more", account.family));
    world.say(&format!("    id {}", account.id));
    if let Some(help) = &account.help {
        for line in text::wrap(help, 74) {
            world.say(&format!("    {line}"));
        }
        return;
    }
    world.say(&format!("    connect its bank again with sophtron-sync connect {}", account.family));
    world.say("    or take it out with");
    world.say(&format!("    sophtron-sync unlink {}/{name}", account.family));
}

/// Accounts to choose from, a line each.
pub(super) fn table(accounts: &[&Found]) -> Vec<String> {
    let cells = accounts.iter().map(|account| {
        let [name, kind, figures] = account.cells(20);
        vec![text::cut(&account.bank(), 16), name, kind, figures]
    });
    text::columns(&cells.collect::<Vec<_>>())
}

fn lines(account: &Found) -> Vec<String> {
    let first = format!("  {}", account.words());
    let linked = account.linked.as_ref().map(|name| format!("linked as {name}"));
    let linked = linked.unwrap_or_else(|| "not linked".to_owned());
    let mut lines = vec![first, format!("    id {}, {linked}", account.id)];
    match &account.help {
        Some(help) => lines.extend(text::wrap(help, 74).iter().map(|line| format!("    {line}"))),
        None if account.linked.is_none() => {
            let id = text::quoted(&account.id);
            lines.push(format!("    sophtron-sync link {} {id}", account.family));
        }
        None => {}
    }
    lines
}
