//! What stands behind a family: its credentials, the service's answer to them, and what it lists.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::super::credentials::ask_service;
use super::super::found::{Found, Listing, discover, proposed};
use super::super::{World, ground, text};
use super::finding::Findings;
use crate::config::{Config, FamilyConfig, Identity};
use crate::domain::{Condition, Exit, Family, Fault, Name, State};
use crate::round::{self, Failure, Ground};
use crate::sophtron::Client;
use crate::sync::Keys;

/// A clock that differs by more from the service's gives rows the wrong day.
const MOST_DIFFERENCE: TimeDelta = TimeDelta::days(1);

/// The keys of a family whose credentials decrypt and can sign.
pub(super) fn opens(
    family: &FamilyConfig,
    identity: &Identity,
    findings: &mut Findings,
) -> Option<Keys> {
    let place = family.family.name.as_str();
    match round::keys(family, identity) {
        Ok(keys) => {
            findings.good(place, "the credentials decrypt");
            Some(keys)
        }
        Err(fault) => {
            findings.bad(place, fault);
            None
        }
    }
}

/// What the last sync of each account met: it may be over by now.
pub(super) fn last_syncs(config: &Config, ground: Option<&Ground>, findings: &mut Findings) {
    for FamilyConfig { family, .. } in config.families.iter().filter(|it| !it.family.paused) {
        let kept = if let Some(ground) = ground {
            ground.with(|store| store.accounts(&family.name)).ok()
        } else {
            let store = round::look(config).ok();
            store.and_then(|store| store.accounts(&family.name).ok())
        };
        // That the store cannot be read was told.
        for kept in kept.unwrap_or_default() {
            let Condition { state, message: Some(message), help, .. } = kept.condition else {
                continue;
            };
            let failed = matches!(state, State::Suspect | State::Failed | State::Limited);
            let account = family.accounts.iter().find(|account| account.id == kept.id);
            if let Some(account) = account.filter(|it| failed && it.closed.is_none()) {
                let place = format!("{}/{}", family.name, account.name);
                let what = format!("at its last sync it was {}: {message}", state.word());
                findings.note(place, what, help.unwrap_or_default());
            }
        }
    }
}

/// Families that ask with the same user id: all that is behind it is there twice.
pub(super) fn shared_keys(opened: &[(&Family, Keys)], findings: &mut Findings) {
    let mut users: BTreeMap<(&str, String), &Name> = BTreeMap::new();
    for (family, keys) in opened {
        let user = keys.credentials.user_id().to_lowercase();
        if let Some(other) = users.insert((&family.base_url, user), &family.name) {
            let message = format!("it asks as the same Sophtron user as {other}");
            let help = "make them one family, or give each its own user: the budget of requests is \
                        that of the user, and banks are asked twice";
            findings.bad(family.name.as_str(), Failure::new(Exit::Trouble, message, help));
        }
    }
}

/// What the service says, to a family that is not paused.
pub(super) fn service(
    family: &FamilyConfig,
    keys: &Keys,
    ground: &Ground,
    findings: &mut Findings,
    world: &World,
) -> Result<(), Failure> {
    let name = &family.family.name;
    if family.family.paused {
        findings.note(name.as_str(), "paused: the service is not asked", "");
        return Ok(());
    }
    match ground::client(family, keys, world) {
        Ok(client) => ask(family, &client, keys, ground, findings, world),
        Err(fault) => {
            findings.fault(name.as_str(), fault);
            Ok(())
        }
    }
}

fn ask(
    family: &FamilyConfig,
    client: &Client,
    keys: &Keys,
    ground: &Ground,
    findings: &mut Findings,
    world: &World,
) -> Result<(), Failure> {
    let name = &family.family.name;
    let answer = ask_service(client, keys, name, ground, world)?;
    clock(client.service_time(), (world.clock)(), name, findings);
    if let Err(fault) = answer {
        let since = last_success(name, ground)?;
        findings.fault(name.as_str(), refused(fault, name, since));
        return Ok(());
    }
    findings.good(name.as_str(), "the service accepts the credentials");
    let before = client.calls();
    let listed = ground::runtime(world)?.block_on(discover(client, family));
    ground::count_requests(ground, name, client.calls() - before, world)?;
    match listed {
        Ok(listing) => {
            for fault in listing.faults() {
                findings.fault(name.as_str(), fault);
            }
            linked(family, &listing, ground, findings)?;
            doubled(family, &listing.accounts, findings);
        }
        Err(error) => findings.fault(name.as_str(), error.fault_of_command(name)),
    }
    Ok(())
}

/// Days are counted by this machine's clock.
fn clock(
    service: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    family: &Name,
    findings: &mut Findings,
) {
    let Some(service) = service else { return };
    let at = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M UTC").to_string();
    if (service - now).abs() <= MOST_DIFFERENCE {
        findings.good("clock", format!("it agrees with the service of {family}"));
        return;
    }
    let message = format!("it says {}, the service of {family} says {}", at(now), at(service));
    let help = "set it (`timedatectl set-ntp true`): which days are read follows from it";
    findings.bad("clock", Failure::new(Exit::Trouble, message, help));
}

fn last_success(family: &Name, ground: &Ground) -> Result<Option<DateTime<Utc>>, Failure> {
    let accounts = ground.with(|store| store.accounts(family))?;
    Ok(accounts.iter().filter_map(|kept| kept.condition.last_success).max())
}

/// A refusal of credentials that were good before is another trouble than one of those that never
/// were.
fn refused(fault: Fault, family: &Name, last_success: Option<DateTime<Utc>>) -> Fault {
    if fault.state != State::Rejected {
        return fault;
    }
    let (message, help) = match last_success {
        Some(at) => (
            format!(
                "{}; they were good until {}: the key was revoked, or the Sophtron account is not active any more",
                fault.message,
                at.format("%Y-%m-%d")
            ),
            "look at your developer profile at sophtron.com; with a new key run",
        ),
        None => (
            format!("{}; they were never good", fault.message),
            "compare user id and key with your developer profile at sophtron.com, whose account \
             must be active, and type them anew with",
        ),
    };
    let help = format!("{help} `sophtron-sync credentials set {family}`");
    Fault { message, help, ..fault }
}

fn linked(
    family: &FamilyConfig,
    listing: &Listing,
    ground: &Ground,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let (name, found) = (&family.family.name, &listing.accounts);
    for login in listing.logins.iter().filter(|login| login.accounts == Ok(0)) {
        let help = format!("`sophtron-sync accounts {name}` says what to do");
        findings.note(name.as_str(), format!("{} lists no account yet", login.words()), help);
    }
    let kept = ground.with(|store| store.accounts(name))?;
    for account in &family.family.accounts {
        let login = account.login_among(&kept);
        let place = format!("{name}/{}", account.name);
        let there =
            found.iter().any(|found| found.linked.as_deref() == Some(account.name.as_str()));
        if there {
            findings.good(place, "the service lists it");
        } else if account.closed.is_none() && !listing.may_hide(login) {
            let message = format!("no login lists the account {} any more", account.id);
            let help = proposed(ground, name, &account.name, found)?.unwrap_or_else(|| {
                format!(
                    "where its bank was connected anew, ids are new: `sophtron-sync accounts {name}` lists them"
                )
            });
            findings.bad(place, Failure::new(Exit::Trouble, message, help));
        }
    }
    if found.is_empty() && listing.faults().next().is_some() {
        return Ok(());
    }
    if found.is_empty() {
        let message = "there is no account behind these credentials";
        let help = format!(
            "connect a bank with `sophtron-sync connect {name}`, or set the right credentials, or \
             ask Sophtron to let this key see accounts"
        );
        findings.bad(name.as_str(), Failure::new(Exit::Trouble, message, help));
        return Ok(());
    }
    let free = found.iter().filter(|found| found.linked.is_none()).count();
    if free > 0 {
        let accounts = text::count(free, "account is", "accounts are");
        let help = format!("`sophtron-sync accounts {name}` lists them with the command for each");
        findings.note(name.as_str(), format!("{accounts} not linked"), help);
    }
    Ok(())
}

/// Logins of one bank that list the same accounts: one was made anew, and the old one was left.
fn doubled(family: &FamilyConfig, found: &[Found], findings: &mut Findings) {
    let mut same: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for found in found {
        if let (Some(bank), Some(mask), Some(login)) =
            (&found.institution, &found.mask, found.login.as_deref())
        {
            same.entry((bank, &found.kind, mask)).or_default().insert(login);
        }
    }
    let pairs = same.into_iter().filter(|(_, logins)| logins.len() > 1);
    let pairs: BTreeSet<_> = pairs.map(|((bank, ..), logins)| (bank, logins)).collect();
    let name = &family.family.name;
    for (bank, logins) in pairs {
        let count = text::count(logins.len(), "login", "logins");
        let message = format!("{bank} is connected by {count} that list the same accounts");
        let commands =
            logins.iter().map(|login| format!("sophtron-sync disconnect {name}/{login}"));
        let commands = commands.collect::<Vec<_>>().join(" or ");
        let help = format!(
            "`sophtron-sync accounts {name}` shows how linked accounts move to the newer one; \
             then take the older one away: {commands}"
        );
        findings.bad(name.as_str(), Failure::new(Exit::Trouble, message, help));
    }
}
