//! `disconnect`: a login deleted at the service. What was read of it stays here.

use std::path::Path;

use super::args::Disconnect;
use super::banks::{Open, shown};
use super::{World, ground, text};
use crate::domain::{Exit, LoginId, NotAsked};
use crate::round::Failure;

pub(super) fn run(
    command: &Disconnect,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let config = ground::configuration(flag, world)?;
    let Some(typed) = &command.login.login else {
        let message = format!("{} is a family", command.login.family);
        return Err(Failure::new(Exit::Usage, message, "name one of its logins: FAMILY/LOGIN"));
    };
    let open = Open::of(command.login.family.as_str(), config, world)?;
    let listed = open.wait(open.logins.listed())?;
    let login = open.login_named(typed, &listed)?;
    if command.yes && login.id != LoginId::new(typed) {
        let message = "--yes needs the whole id of the login";
        let help = format!("it is {}", login.id);
        return Err(Failure::new(Exit::Usage, message, help));
    }
    let Some(_mine) = ground::berths(world).answer(&login.id) else {
        let message = format!("the bank of login {} is being answered", login.id);
        return Err(Failure::new(Exit::TryLater, message, "wait until that has ended"));
    };
    let bank = open.bank_of(login)?;
    let (name, family, id) = (shown(&bank.name, 60), &open.name, &login.id);
    let accounts = open.wait(open.logins.accounts_of(id))?;
    let linked = open.accounts_of(id)?;
    let many = text::count(accounts.len(), "account", "accounts");
    world.complain(&format!("{name}, login {id}, {many}:"));
    for account in &accounts {
        let called = account.name.as_deref().unwrap_or("without a name");
        let mask = account.mask.as_deref().map(|mask| format!(" …{mask}")).unwrap_or_default();
        world.complain(&format!("  {}{mask}", shown(called, 40)));
    }
    world.complain("The service deletes the login, its accounts and all their transactions there.");
    world.complain(
        "Files and rows that were read of them stay here, and the bank itself is not touched.",
    );
    if !command.yes {
        confirm(&bank.name, family, id, world)?;
    }
    open.wait(open.logins.delete(id))?;
    world.say(&format!("{name} is disconnected: login {id} is no more."));
    if !linked.is_empty() {
        world.say("These links are dead now. To take them out of the configuration:");
        for account in linked {
            world.say(&format!("    sophtron-sync unlink {family}/{account}"));
        }
    }
    Ok(Exit::Good)
}

/// Has the bank's name typed: nothing brings a login back.
fn confirm(
    bank: &str,
    family: impl std::fmt::Display,
    id: &LoginId,
    world: &mut World,
) -> Result<(), Failure> {
    let help = format!(
        "nothing was deleted; without a terminal: sophtron-sync disconnect {family}/{id} --yes"
    );
    let words = format!("To delete it, type the bank's name ({})", shown(bank, 60));
    let refused = |message: String| Failure::new(Exit::Usage, message, help.clone());
    let plain = |name: &str| shown(name, 200).trim().to_lowercase();
    match world.ask_text(&words, None) {
        Ok(typed) if plain(&typed) == plain(bank) => Ok(()),
        Ok(_) => Err(refused("that is not the bank's name".to_owned())),
        Err(NotAsked::NoTerminal) => Err(refused("whether it is meant is not said".to_owned())),
        Err(error) => Err(refused(error.to_string())),
    }
}
