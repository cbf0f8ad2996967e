//! `link` and `unlink`: an account into the owner's configuration, and out of it.
//!
//! The file is edited by whoever calls, never by a daemon; one that runs is asked for the list of
//! accounts, and takes the change by itself.

use std::path::Path;

use super::accounts;
use super::args::{Link, Target, Unlink};
use super::edit::{self, Edit};
use super::found::Found;
use super::{World, remote};
use crate::config::{self, Config, FamilyConfig, NewAccount, Proposal, propose};
use crate::domain::{AccountId, AccountType, BalanceSign, Exit, LoginId, Name, NotAsked};
use crate::round::{self, Failure};

pub(super) fn link(
    command: &Link,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let config = round::configuration(flag, &world.env, &world.cwd)?;
    let family = round::family_named(&config, &command.family)?;
    let name = family.family.name.clone();
    let found = discovered(&config, family, world)?;
    let chosen = chosen(command, &found, world)?;
    if let Some(help) = goes_on(chosen, family, &config)? {
        let message = "that account seems to be one that is linked already";
        let help = format!("{help}; if it is another one, take that out first with `unlink`");
        return Err(Failure::new(Exit::Usage, message, help));
    }
    let mut account = account(command, chosen, known_as(&config, &name, &chosen.id), family);
    if command.account_id.is_none() {
        ask_for_rest(command, &mut account, world).map_err(|error| not_said(error, &name))?;
    }
    if command.print {
        edited(&account, &name, &config, world)?;
        world.say(account.block("\n").trim_end());
        return Ok(Exit::Good);
    }
    add(&account, &name, &config, world)?;
    world.say(&format!("Next: sophtron-sync sync {name}/{}", account.name));
    Ok(Exit::Good)
}

/// The command by which an account goes on as one that is linked, where it seems to be that.
pub(super) fn goes_on(
    found: &Found,
    family: &FamilyConfig,
    config: &Config,
) -> Result<Option<String>, Failure> {
    let store = edit::store(config);
    let help = store.map(|store| found.goes_on(&store, &family.family)).transpose()?;
    Ok(help.flatten())
}

/// Adds an account that was found, as it is proposed.
pub(super) fn add_found(
    family: &str,
    found: &Found,
    config: &Config,
    world: &mut World,
) -> Result<(), Failure> {
    let family = round::family_named(config, family)?;
    let name = &family.family.name;
    let known = known_as(config, name, &found.id);
    add(&account(&Link::default(), found, known, family), name, config, world)
}

/// Adds an account to the configuration.
fn add(
    account: &NewAccount,
    name: &Name,
    config: &Config,
    world: &mut World,
) -> Result<(), Failure> {
    edited(account, name, config, world)?.write(config)?;
    remote::until_taken(&config.path, (name, &account.name), true, world)?;
    let path = config.path.display();
    world.say(&format!("{name}/{} is linked in {path}.", account.name));
    Ok(())
}

/// The configuration with an account more, which is valid.
fn edited(
    account: &NewAccount,
    name: &Name,
    config: &Config,
    world: &World,
) -> Result<Edit, Failure> {
    let edit = Edit::of(config, |text| config::add_account(text, name, account))?;
    edit.check(config, world)?;
    Ok(edit)
}

pub(super) fn unlink(
    command: &Unlink,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let config = round::configuration(flag, &world.env, &world.cwd)?;
    let Target { family: name, account } = &command.account;
    let family = round::family_named(&config, name.as_str())?;
    let account = account.as_ref().ok_or_else(|| {
        let help = format!("name one of its accounts too, such as {name}/checking");
        Failure::new(Exit::Usage, format!("{name} is a family"), help)
    })?;
    let known: Vec<&Name> = family.family.accounts.iter().map(|it| &it.name).collect();
    if !known.contains(&account) {
        return Err(Failure::unknown(&format!("account {}", command.account), &known));
    }
    let edit = Edit::of(&config, |text| config::remove_account(text, name, account))?;
    edit.check(&config, world)?;
    edit.write(&config)?;
    remote::until_taken(&config.path, (name, account), false, world)?;
    let path = config.path.display();
    world.say(&format!("{name}/{account} is out of {path}. What was read of it stays."));
    Ok(Exit::Good)
}

/// What the service lists for a family: asked through the daemon, where one runs.
fn discovered(
    config: &Config,
    family: &FamilyConfig,
    world: &mut World,
) -> Result<Vec<Found>, Failure> {
    let name = family.family.name.as_str();
    // Of several logins the lists of some may not have come, which was told.
    match remote::through(&config.path, &["accounts", name, "--json"], world)? {
        Some((exit, answer)) => match accounts::read(&answer) {
            Some(found) if exit == Exit::Good || !found.is_empty() => Ok(found),
            _ if exit != Exit::Good => Err(remote::refused(exit)),
            _ => {
                let message = "the daemon's list of accounts is not understood";
                let help = "end it and start the one of this version";
                Err(Failure::new(Exit::TryLater, message, help))
            }
        },
        None => accounts::listed(config, family, world),
    }
}

/// The account that is meant: the one whose id was typed, else one to choose.
fn chosen<'f>(command: &Link, found: &'f [Found], world: &mut World) -> Result<&'f Found, Failure> {
    let family = &command.family;
    let Some(typed) = &command.account_id else { return choose(family, found, world) };
    let id = AccountId::new(typed);
    let Some(account) = found.iter().find(|account| account.id == id.as_str()) else {
        let help = format!("`sophtron-sync accounts {family}` lists every one");
        return Err(Failure::new(Exit::Usage, format!("{family} has no account {id}"), help));
    };
    match &account.linked {
        None => Ok(account),
        Some(name) => {
            let message = format!("that account is linked already, as {family}/{name}");
            Err(Failure::new(Exit::Usage, message, "there is nothing to do"))
        }
    }
}

/// Lets one of the accounts that are not linked yet be chosen.
fn choose<'f>(family: &str, found: &'f [Found], world: &mut World) -> Result<&'f Found, Failure> {
    let free: Vec<&Found> = found.iter().filter(|account| account.linked.is_none()).collect();
    if free.is_empty() {
        let message = format!("{family} has no account that is not linked");
        let help = format!("`sophtron-sync accounts {family}` lists every one");
        return Err(Failure::new(Exit::Usage, message, help));
    }
    let chosen = world.ask_choice("Which account", &accounts::table(&free), 0);
    chosen.map(|place| free[place]).map_err(|error| not_said(error, family))
}

/// Asks for what no flag says; Enter takes what is proposed.
fn ask_for_rest(
    command: &Link,
    account: &mut NewAccount,
    world: &mut World,
) -> Result<(), NotAsked> {
    while command.name.is_none() {
        let words = "Its name, which its folder keeps for ever";
        let typed = world.ask_text(words, Some(account.name.as_str()))?;
        match Name::parse(&typed) {
            Ok(name) => {
                account.name = name;
                break;
            }
            Err(error) => world.complain(&error.to_string()),
        }
    }
    if command.kind.is_none() {
        let words = AccountType::ALL.map(|kind| kind.word().to_owned());
        let proposed = AccountType::ALL.iter().position(|kind| *kind == account.kind);
        let chosen = world.ask_choice("Its type", &words, proposed.unwrap_or_default())?;
        account.kind = AccountType::ALL[chosen];
    }
    if command.ledger.is_none() {
        account.ledger = world.ask_text("Its account in your ledger", Some(&account.ledger))?;
    }
    Ok(())
}

/// What stays open where nobody answers.
fn not_said(error: NotAsked, family: impl std::fmt::Display) -> Failure {
    let message = match error {
        NotAsked::NoTerminal => "which account is not said".to_owned(),
        NotAsked::Ended | NotAsked::Unfit | NotAsked::Uneven => error.to_string(),
    };
    let help = format!("pass its id; `sophtron-sync accounts {family}` lists every one");
    Failure::new(Exit::Usage, message, help)
}

/// The name under which the store has rows of an account, where there is a store.
fn known_as(config: &Config, family: &Name, id: &str) -> Option<Name> {
    let kept = edit::store(config)?.accounts(family).ok()?;
    kept.into_iter().find(|kept| kept.id.as_str() == id && kept.reads > 0).map(|kept| kept.name)
}

/// What is typed, else what is proposed.
fn account(
    command: &Link,
    found: &Found,
    known: Option<Name>,
    family: &FamilyConfig,
) -> NewAccount {
    let Proposal { name, kind, ledger, is_bill } = propose(&found.told(), &family.family.accounts);
    // Not where its owner says that it is something else.
    let owed = (is_bill && command.kind.is_none()).then_some(BalanceSign::Owed);
    NewAccount {
        id: AccountId::new(&found.id),
        login: found.login.as_deref().map(LoginId::new),
        name: command.name.clone().or(known).unwrap_or(name),
        kind: command.kind.unwrap_or(kind),
        ledger: command.ledger.clone().unwrap_or(ledger),
        currency: command.currency.clone(),
        start_date: command.start_date,
        balance_sign: command.balance_sign.or(owed),
        opening_entry: !command.no_opening_entry,
    }
}
