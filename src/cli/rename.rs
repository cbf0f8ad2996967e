//! `rename`: an account under another name, with its folder and everything that names it.

use std::path::Path;

use super::args::{Rename, Step};
use super::moving::{Plan, account, wait};
use super::{World, ground};
use crate::domain::{Exit, Family, KeptAccount, KnownBy, LoginId, Move, Name};
use crate::files;
use crate::round::{Failure, Ground};
use crate::store::Store;

pub(super) fn run(
    command: &Rename,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let (family, new) = (command.account.family.as_str(), &command.new);
    let Some(old) = &command.account.account else {
        let help = format!("name one of its accounts too, such as {family}/checking");
        return Err(Failure::new(Exit::Usage, format!("{family} is a family"), help));
    };
    let lent = world.lent.clone();
    if let (Some(lent), Some(Step::End)) = (&lent, command.step) {
        return wait(lent, family, |account| account.name == *new);
    }
    let config = ground::configuration(flag, world)?;
    let (family, named) = account(&config, family, old)?;
    let family = &family.family;
    if family.accounts.iter().any(|account| account.name == *new) {
        return Err(taken(format!("{}/{new} is there already", family.name)));
    }
    let asked = command.account.to_string();
    let plan = Plan {
        family: &family.name,
        from: KnownBy { name: old.clone(), id: named.id.clone() },
        to: KnownBy { name: new.clone(), id: named.id.clone() },
        asked: vec!["rename", &asked, new.as_str()],
    };
    if let Some(lent) = lent {
        begin(&plan, family, &lent.ground)?;
        return Ok(Exit::Good);
    }
    let exit = plan.carry_out(&config, |ground, _| begin(&plan, family, ground), world)?;
    let folder = family.output_dir.join(new.as_str());
    world.say(&format!("{asked} is {}/{new} now; its files lie in", family.name));
    world.say(&format!("{}.", folder.display()));
    Ok(exit)
}

/// Keeps that the account is to have the new name, unless that is another one's. Of an account that
/// was never read there is nothing but the configuration.
fn begin(plan: &Plan, family: &Family, ground: &Ground) -> Result<Option<LoginId>, Failure> {
    let (from, to) = (&plan.from, &plan.to);
    ground.with(|store: &mut Store| -> Result<(), Failure> {
        let accounts = store.accounts(&family.name)?;
        let read: Vec<&KeptAccount> = accounts.iter().filter(|kept| kept.reads > 0).collect();
        if read.iter().any(|kept| kept.id != to.id && kept.name == to.name) {
            let (family, name) = (&family.name, &to.name);
            return Err(taken(format!("{family}/{name} is another account, whose rows are kept")));
        }
        let is_it = |kept: &&&KeptAccount| kept.name == from.name && kept.id == from.id;
        let Some(kept) = read.iter().find(is_it) else { return Ok(()) };
        is_movable(family, &from.name)?;
        is_free(family, &to.name)?;
        Ok(store.begin_move(&Move {
            account: kept.key,
            family: family.name.clone(),
            from: from.clone(),
            to: to.clone(),
            to_login: None,
        })?)
    })?;
    Ok(None)
}

/// Refuses to move a folder that is a link: it is told before anything is kept.
fn is_movable(family: &Family, name: &Name) -> Result<(), Failure> {
    let above = family.output_dir.parent().unwrap_or(&family.output_dir);
    Ok(files::no_links_below(above, &family.output_dir.join(name.as_str()))?)
}

/// Refuses a name whose folder has something in it.
fn is_free(family: &Family, name: &Name) -> Result<(), Failure> {
    let folder = family.output_dir.join(name.as_str());
    if files::stamp(&folder).is_none() || files::is_empty_folder(&folder) {
        return Ok(());
    }
    Err(taken(format!("{} is there already", folder.display())))
}

fn taken(message: String) -> Failure {
    Failure::new(Exit::Usage, message, "choose another name")
}
