//! `reconcile`: where computed and reported balance part, and what would explain it.

use std::path::Path;

use serde::Serialize;

use super::args::{Reconcile, Target};
use super::export::finish;
use super::why::money;
use super::{World, ground, text};
use crate::books::one_line;
use crate::config::Config;
use crate::domain::{BalanceLine, Currency, Exit, Family, KeptAccount, Name};
use crate::round::{self, Failure, export};
use crate::store::Store;
use crate::sync::{Parting, accept_balance, account_parting};

#[derive(Debug, Serialize)]
struct Answer {
    version: u32,
    drift: Option<DriftAnswer>,
    last_agreed: Option<String>,
    agreed: Vec<DayAnswer>,
    first_parted: Option<DayAnswer>,
    rows: Vec<RowAnswer>,
    running: Vec<GapAnswer>,
    explanations: Vec<String>,
    not_compared: Option<String>,
}

#[derive(Debug, Serialize)]
struct DriftAnswer {
    amount: String,
    since: String,
}

/// A day's reported balance beside the computed one.
#[derive(Debug, Serialize)]
struct DayAnswer {
    date: String,
    reported: Option<String>,
    computed: Option<String>,
}

/// Where running balances part: ids of the rows around it.
#[derive(Debug, Serialize)]
struct GapAnswer {
    amount: String,
    after: Option<String>,
    before: Option<String>,
}

#[derive(Debug, Serialize)]
struct RowAnswer {
    id: Option<String>,
    date: String,
    amount: String,
    description: Option<String>,
}

pub(super) fn run(
    command: &Reconcile,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let config = ground::configuration(flag, world)?;
    let (family, name) = account(&config, &command.account)?;
    if command.accept {
        return accept(&config, &family, &name, world);
    }
    let store = round::look(&config)?;
    let (_, parting) = parting(&store, &config, &family, &name)?;
    if command.json {
        world.say(&serde_json::to_string(&answer(&parting)).unwrap_or_default());
    } else {
        print(&command.account, &parting, world);
    }
    Ok(Exit::Good)
}

fn account(config: &Config, target: &Target) -> Result<(Family, Name), Failure> {
    let family = round::family_named(config, target.family.as_str())?.family.clone();
    let known: Vec<&Name> = family.accounts.iter().map(|account| &account.name).collect();
    let Some(name) = &target.account else {
        return Err(Failure::new(
            Exit::Usage,
            "a family has no balance of its own",
            "name it FAMILY/ACCOUNT",
        ));
    };
    if !known.contains(&name) {
        return Err(Failure::unknown(&format!("account {name} in {}", family.name), &known));
    }
    let name = name.clone();
    Ok((family, name))
}

fn parting(
    store: &Store,
    config: &Config,
    family: &Family,
    name: &Name,
) -> Result<(KeptAccount, Parting), Failure> {
    let never = || {
        let message = format!("{}/{name} was never synced", family.name);
        Failure::new(Exit::Trouble, message, "run `sophtron-sync sync` first")
    };
    let kept = store.account(&family.name, name)?.ok_or_else(never)?;
    let parting = account_parting(store, &kept, &config.files.style, config.sync.overlap_days)?
        .ok_or_else(never)?;
    Ok((kept, parting))
}

fn accept(
    config: &Config,
    family: &Family,
    name: &Name,
    world: &mut World,
) -> Result<Exit, Failure> {
    let ground = ground::take_all(config, world)?;
    let (kept, parting) = ground.with(|store| parting(store, config, family, name))?;
    if let Some(unheld) = parting.found.unheld {
        let message = unheld.message();
        let message = format!("{}/{name}: there is nothing to compare: {message}", family.name);
        let help = format!("nothing was booked; {}", unheld.help());
        return Err(Failure::new(Exit::Trouble, message, help));
    }
    let Some(drift) = &parting.found.drift else {
        world.say(&format!(
            "{}/{name}: the books agree with the bank; nothing was booked",
            family.name
        ));
        return Ok(Exit::Good);
    };
    if let Some(passing) = &parting.found.passing {
        let amount = money(drift.amount, &parting.currency);
        let message = format!("{}/{name}: the {amount} have a cause: {passing}", family.name);
        let help = "nothing was booked: the books would be wrong by it as soon as that is decided";
        return Err(Failure::new(Exit::Trouble, message, help));
    }
    let now = (world.clock)();
    ground.with(|store| accept_balance(store, &kept, &parting.found, now))?;
    let amount = money(drift.amount, &parting.currency);
    world.say(&format!(
        "{}/{name}: {amount} booked against {}",
        family.name, config.files.style.reconciliation
    ));
    let glance = ground::glance(config, world);
    let exported = ground.with(|store| export(store, &glance))?;
    finish(exported, &glance, &ground, world)
}

fn answer(parting: &Parting) -> Answer {
    let found = &parting.found;
    let plain = |amount| crate::domain::plain(amount, &parting.currency);
    let day = |line: &BalanceLine| DayAnswer {
        date: line.date.to_string(),
        reported: line.balance.map(plain),
        computed: line.computed.map(plain),
    };
    Answer {
        version: 1,
        drift: found.drift.as_ref().map(|drift| DriftAnswer {
            amount: plain(drift.amount),
            since: drift.since.to_string(),
        }),
        last_agreed: found.agreed.first().map(|line| line.date.to_string()),
        agreed: found.agreed.iter().map(day).collect(),
        first_parted: found.parted.as_ref().map(day),
        rows: parting
            .rows
            .iter()
            .map(|row| RowAnswer {
                id: row.id.clone(),
                date: row.day.to_string(),
                amount: plain(row.amount),
                description: row.description.clone(),
            })
            .collect(),
        running: found
            .narrowed
            .iter()
            .map(|gap| GapAnswer {
                amount: plain(gap.amount),
                after: gap.after.clone(),
                before: gap.before.clone(),
            })
            .collect(),
        explanations: found.explanations.clone(),
        not_compared: found.unheld.map(|unheld| format!("{}: {}", unheld.message(), unheld.help())),
    }
}

fn print(target: &Target, parting: &Parting, world: &mut World) {
    let Parting { currency, found, rows } = parting;
    let name = target.to_string();
    if let Some(unheld) = found.unheld {
        let told = format!("{name}: there is nothing to compare: {}.", unheld.message());
        for line in text::wrap(&told, 80) {
            world.say(&line);
        }
        say_each(std::iter::once(unheld.help()), world);
        return;
    }
    let Some(drift) = &found.drift else {
        world.say(&format!("{name}: the books agree with the bank."));
        say_line("last agreed", found.agreed.first(), currency, world);
        return;
    };
    world.say(&format!("{name}: drift {} since {}", money(drift.amount, currency), drift.since));
    for line in found.agreed.iter().rev() {
        say_line("agreed", Some(line), currency, world);
    }
    say_line("first parted", found.parted.as_ref(), currency, world);
    if !rows.is_empty() {
        world.say("  booked between the two:");
    }
    for row in rows {
        let text = text::cut(&one_line(row.description.as_deref().unwrap_or("no text")), 40);
        world.say(&format!(
            "    {}  {:>14}  {text}",
            row.day,
            crate::domain::plain(row.amount, currency)
        ));
    }
    if !found.narrowed.is_empty() {
        world.say("  by the bank's running balances the difference lies");
        say_each(found.narrowed.iter().map(|gap| gap.words.as_str()), world);
    }
    world.say("  it would be explained by");
    say_each(found.explanations.iter().map(String::as_str), world);
    if found.passing.is_some() {
        world.say("  Wait for that: meanwhile the difference cannot be booked.");
        return;
    }
    world.say("  If the bank is right, book the difference with");
    world.say(&format!("    sophtron-sync reconcile {name} --accept"));
}

fn say_line(what: &str, line: Option<&BalanceLine>, currency: &Currency, world: &mut World) {
    let Some(line) = line else { return };
    let figure = |amount| money(amount, currency);
    if let (Some(reported), Some(computed)) = (line.balance, line.computed) {
        world.say(&format!(
            "  {what} {}: reported {}, computed {}",
            line.date,
            figure(reported),
            figure(computed)
        ));
    }
}

fn say_each<'a>(texts: impl Iterator<Item = &'a str>, world: &mut World) {
    for text in texts {
        for (nth, line) in text::wrap(text, 72).iter().enumerate() {
            world.say(&format!("    {} {line}", if nth == 0 { "-" } else { " " }));
        }
    }
}
