//! `export`: writes the files from the store; prints one account.

use std::path::Path;

use super::args::{Export, Target, format};
use super::{World, ground, text, told};
use crate::config::{Config, FamilyConfig};
use crate::domain::{Exit, Format, Name, Statement};
use crate::export::whole;
use crate::round::{self, Audience, Exported, Failure, Glance, Ground, export};
use crate::sync::account_statement;

pub(super) fn run(
    command: &Export,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let config = ground::configuration(flag, world)?;
    match command.stdout.as_deref() {
        Some([format, account]) => print(&config, command, format, account, world),
        _ => write(&config, world),
    }
}

fn write(config: &Config, world: &mut World) -> Result<Exit, Failure> {
    let ground = ground::take_all(config, world)?;
    let glance = ground::glance(config, world);
    let exported = ground.with(|store| export(store, &glance))?;
    world.say(&format!("{} written", text::count(exported.written(), "file", "files")));
    finish(exported, &glance, &ground, world)
}

/// Tells what stood in the way of an export, has the owner's programs told of it, and gives how
/// the command ends.
pub(super) fn finish(
    exported: Exported,
    glance: &Glance,
    ground: &Ground,
    world: &mut World,
) -> Result<Exit, Failure> {
    let exit = told(&exported.notes().cloned().collect::<Vec<_>>(), world);
    let surroundings = ground::surroundings(world);
    let audience = Audience { shelf: &ground.shelf, glance, surroundings: &surroundings };
    let notes = ground::runtime(world)?.block_on(audience.hear_export(exported));
    Ok(exit.worst(told(&notes, world)))
}

fn print(
    config: &Config,
    command: &Export,
    named: &str,
    account: &str,
    world: &mut World,
) -> Result<Exit, Failure> {
    let format = format(named).ok_or_else(|| unknown_format(named))?;
    let (family, name) = named_account(config, account)?;
    let statement = kept_statement(config, family, &name)?.ok_or_else(|| {
        let message = format!("{account} was never synced");
        Failure::new(Exit::Trouble, message, "run `sophtron-sync sync` first")
    })?;
    let bytes = whole(&statement, &config.files.style, format, command.from, command.to);
    let bytes = bytes.ok_or_else(|| {
        let message = format!("{account} has nothing in this format");
        let help = "`sophtron-sync status -v` tells what is not known of it yet";
        Failure::new(Exit::Trouble, message, help)
    })?;
    let _ = world.stdout.write_all(&bytes);
    Ok(Exit::Good)
}

/// The family and the account that FAMILY/ACCOUNT names.
fn named_account<'a>(config: &'a Config, named: &str) -> Result<(&'a FamilyConfig, Name), Failure> {
    let target: Target =
        named.parse().map_err(|what: String| Failure::new(Exit::Usage, what, NAMED))?;
    let Some(name) = target.account else {
        return Err(Failure::new(Exit::Usage, format!("{named} names no account"), NAMED));
    };
    let family = round::family_named(config, target.family.as_str())?;
    let known: Vec<_> = family.family.accounts.iter().map(|account| &account.name).collect();
    if known.contains(&&name) {
        Ok((family, name))
    } else {
        Err(Failure::unknown(&format!("account {named}"), &known))
    }
}

/// What the store has of an account; `None` where it was never read.
fn kept_statement(
    config: &Config,
    family: &FamilyConfig,
    name: &Name,
) -> Result<Option<Statement>, Failure> {
    let store = round::look(config)?;
    let kept = store.account(&family.family.name, name)?;
    match kept {
        Some(kept) => Ok(account_statement(&store, &kept, &config.files.style)?),
        None => Ok(None),
    }
}

const NAMED: &str = "name it FAMILY/ACCOUNT";

fn unknown_format(word: &str) -> Failure {
    let words: Vec<_> = Format::ALL.iter().map(|format| format.word()).collect();
    Failure::new(
        Exit::Usage,
        format!("there is no format {word:?}"),
        format!("formats: {}", words.join(", ")),
    )
}
