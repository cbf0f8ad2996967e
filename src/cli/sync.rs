//! `sync`: one sync now.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::args::{Sync, Target};
use super::{World, ground, text, told};
use crate::books::one_line;
use crate::config::{Config, FamilyConfig};
use crate::domain::{Exit, Fault, Name};
use crate::files;
use crate::round::{self, Audience, Ended, Failure, Ground, Household, Round, noted, worded};
use crate::store::Store;
use crate::sync::{
    AccountOutcome, Desk, FamilyOrder, FamilyOutcome, Gone, Manner, News, Progress, Shelf, Step,
    Wanted,
};

/// How many vanished rows of an account are named.
const GONE_NAMED: usize = 10;

pub(super) fn run(command: &Sync, flag: Option<&Path>, world: &mut World) -> Result<Exit, Failure> {
    let config = ground::configuration(flag, world)?;
    let wanted = wanted(&config, &command.targets)?;
    let household = ground::household(config, world)?;
    let ground = ground::take_all(&household.config, world)?;
    // A dry run works on a copy of the store, in a folder that is as closed as the store's own.
    let state = &household.config.state_dir;
    let scratch = command.dry_run.then(|| files::scratch_folder(state)).transpose()?;
    let copy = match &scratch {
        Some(scratch) => {
            ground.with(|store| store.copy_to(scratch.path()))?;
            Some(Shelf::new(Store::open(scratch.path())?))
        }
        None => None,
    };
    let orders = orders(&household, wanted, command);
    carry_out(&household, &ground, copy.as_ref(), orders, world)
}

/// Does what is ordered, on the ground's own store or on a copy of it, which only tries; prints it,
/// and tells the owner's programs.
pub(super) fn carry_out(
    household: &Arc<Household>,
    ground: &Ground,
    copy: Option<&Shelf>,
    orders: Vec<FamilyOrder>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let dry_run = copy.is_some();
    let in_force = ground::in_force(household, world);
    let round = Round {
        desk: Arc::new(desk(&household.config, copy.unwrap_or(&ground.shelf), ground, world)),
        in_force: in_force.clone(),
        berths: ground::berths(world),
        at: (world.clock)(),
        daemon: ground::daemon(world),
        writes: !dry_run,
    };
    let asked: Vec<Name> = orders.iter().map(|order| order.family.name.clone()).collect();
    let mut ended = Vec::new();
    let runtime = ground::runtime(world)?;
    let hears = world.lent.as_ref().filter(|_| !dry_run).map(|lent| Arc::clone(&lent.hears));
    let through = round::round(Arc::new(round), orders, |end| {
        if let Some(hears) = &hears {
            hears(&end);
        }
        ended.push(end);
    });
    let notes = runtime.block_on(through);
    ended.sort_by_key(|end| asked.iter().position(|name| *name == end.order.family.name));
    let mut exit = Exit::Good;
    for Ended { order, outcome, .. } in &ended {
        exit = exit.worst(outcome.exit());
        print(order, outcome, dry_run, world);
    }
    exit = exit.worst(told(&shared_notes(&ended), world));
    exit = exit.worst(told(&notes, world));
    if !dry_run {
        let household = in_force.get();
        let glance = ground::glance(&household.config, world);
        let surroundings = ground::surroundings(world);
        let audience =
            Audience { shelf: &ground.shelf, glance: &glance, surroundings: &surroundings };
        exit = exit.worst(told(&runtime.block_on(audience.hear_round(&ended)), world));
    }
    Ok(exit)
}

/// What should be known of the files that families share, each thing once.
fn shared_notes(ended: &[Ended]) -> Vec<Fault> {
    let mut notes: Vec<Fault> = Vec::new();
    for note in ended.iter().flat_map(|end| &end.shared.notes) {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    notes
}

/// The families that are synced, each with its wanted accounts.
fn wanted(config: &Config, targets: &[Target]) -> Result<Vec<(Name, Wanted)>, Failure> {
    if targets.is_empty() {
        let all = config.families.iter().map(|family| (family.family.name.clone(), Wanted::All));
        return Ok(all.collect());
    }
    let mut chosen: Vec<(Name, Wanted)> = Vec::new();
    for target in targets {
        let family = round::family_named(config, target.family.as_str())?;
        let wanted = match &target.account {
            None => Wanted::All,
            Some(name) => Wanted::Only(BTreeSet::from([known(family, name)?])),
        };
        let entry = chosen.iter_mut().find(|(other, _)| *other == family.family.name);
        match (entry, wanted) {
            (None, wanted) => chosen.push((family.family.name.clone(), wanted)),
            (Some((_, Wanted::Only(names))), Wanted::Only(more)) => names.extend(more),
            (Some((_, all)), _) => *all = Wanted::All,
        }
    }
    Ok(chosen)
}

fn known(family: &FamilyConfig, name: &Name) -> Result<Name, Failure> {
    let accounts: Vec<&Name> = family.family.accounts.iter().map(|account| &account.name).collect();
    if accounts.contains(&name) {
        return Ok(name.clone());
    }
    Err(Failure::unknown(&format!("account {name} in {}", family.family.name), &accounts))
}

fn orders(household: &Household, wanted: Vec<(Name, Wanted)>, command: &Sync) -> Vec<FamilyOrder> {
    let manner = Manner {
        refresh: !command.no_refresh && !command.dry_run,
        full: command.full,
        accept: command.accept,
        looks_at_waiting: true,
    };
    let order = |(name, wanted): (Name, Wanted)| household.order(&name, wanted, manner);
    wanted.into_iter().filter_map(order).collect()
}

/// What a command's requests are made with; they are counted in the ground's own store.
pub(super) fn desk(config: &Config, shelf: &Shelf, ground: &Ground, world: &World) -> Desk {
    Desk {
        shelf: shelf.clone(),
        counter: ground.shelf.clone(),
        gate: ground::gate(world),
        clock: Arc::clone(&world.clock),
        settings: config.sync.clone(),
        schedule: config.schedule.clone(),
        files: config.files.clone(),
        pace: world.pace.clone(),
        progress: progress(world),
    }
}

/// How often it is told that a job is still waited for.
const WAIT_TOLD_EVERY: Duration = Duration::from_secs(15);

/// Progress for a terminal: what lasts is named, what is quick is not.
fn progress(world: &World) -> Progress {
    if !world.stderr_is_terminal {
        return Arc::new(|_| {});
    }
    let (stderr, told) = (world.stderr.clone(), Mutex::new(BTreeMap::new()));
    Arc::new(move |step| match step {
        Step::Refreshing { family, accounts } => {
            let names: Vec<_> = accounts.iter().map(Name::as_str).collect();
            stderr
                .line(&format!("{family}: the bank is asked for new data of {}", names.join(", ")));
        }
        Step::Waiting { whom, waited, status } => {
            let times = waited.as_secs() / WAIT_TOLD_EVERY.as_secs();
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            if told.insert(whom.clone(), times).is_none_or(|before| before == times) || times == 0 {
                return;
            }
            let status = status.map(|text| format!(" ({})", one_line(&text))).unwrap_or_default();
            let seconds = times * WAIT_TOLD_EVERY.as_secs();
            stderr.line(&format!("{whom}: the bank is waited for since {seconds} s{status}"));
        }
        Step::Reading { family, account } => stderr.line(&format!("{family}/{account}: reading")),
        Step::Done { .. } | Step::Writing { .. } => {}
    })
}

fn print(order: &FamilyOrder, outcome: &FamilyOutcome, dry_run: bool, world: &mut World) {
    let family = &order.family.name;
    if order.family.paused {
        world.say(&format!("{family}: paused"));
    }
    for AccountOutcome { account, result } in &outcome.accounts {
        if let Ok(news) = result {
            world.say(&format!("{family}/{account}: {}", words(news, dry_run)));
            for line in gone(news) {
                world.say(&line);
            }
        }
    }
    for (fault, accounts) in by_fault(outcome) {
        let whose = whose(family, &accounts, outcome.accounts.len());
        complain(fault, &format!("{whose}: {}: {}", fault.state.word(), fault.message), world);
    }
    for (account, notice) in &outcome.notices {
        let message = format!("{family}/{account}: {}", notice.message);
        world.complain(&noted(&message, &notice.help));
    }
    let files = outcome.files.len();
    if files > 0 {
        let folder = order.family.output_dir.display();
        let files = text::count(files, "file", "files");
        world.say(&format!("{family}: {files} written in {folder}"));
    }
    told(&distinct(outcome), world);
}

/// Each fault, or note, with the accounts that have it: what all of them meet is told once.
fn by_fault(outcome: &FamilyOutcome) -> Vec<(&Fault, Vec<&Name>)> {
    let mut told: Vec<(&Fault, Vec<&Name>)> = Vec::new();
    for AccountOutcome { account, result } in &outcome.accounts {
        let fault = match result {
            Ok(news) => news.note.as_ref(),
            Err(fault) => Some(fault),
        };
        let Some(fault) = fault else { continue };
        match told.iter_mut().find(|(other, _)| *other == fault) {
            Some((_, accounts)) => accounts.push(account),
            None => told.push((fault, vec![account])),
        }
    }
    told
}

/// The family where all of its accounts are meant, else those that are.
fn whose(family: &Name, accounts: &[&Name], of: usize) -> String {
    if accounts.len() == of && of > 1 {
        return family.to_string();
    }
    let names: Vec<_> = accounts.iter().map(|account| account.as_str()).collect();
    format!("{family}/{}", names.join(", "))
}

/// Troubles that no account has told already.
fn distinct(outcome: &FamilyOutcome) -> Vec<Fault> {
    let told = by_fault(outcome);
    let is_new = |fault: &&Fault| !told.iter().any(|(other, _)| other == fault);
    outcome.trouble.iter().filter(is_new).cloned().collect()
}

fn complain(fault: &Fault, message: &str, world: &mut World) {
    world.complain(&worded(fault, message));
}

/// The rows that the bank took back, by name.
fn gone(news: &News) -> Vec<String> {
    let named = |row: &Gone| {
        let day = row.day.map_or("no day".to_owned(), |day| day.to_string());
        let text = text::cut(&one_line(row.description.as_deref().unwrap_or("no text")), 80);
        let id = row.id.as_deref().unwrap_or("none");
        text::wrap(&format!("vanished: {day} {text}, id {id}"), 76)
    };
    let rows = news.vanished.iter().take(GONE_NAMED).flat_map(named);
    let mut lines: Vec<String> = rows.map(|line| format!("    {line}")).collect();
    if news.vanished.len() > GONE_NAMED {
        let more = news.vanished.len() - GONE_NAMED;
        lines.push(format!("    and {more} more"));
    }
    lines
}

fn words(news: &News, dry_run: bool) -> String {
    let counts = [
        (news.added, "new"),
        (news.changed, "changed"),
        (news.vanished.len(), "vanished"),
        (news.returned, "back again"),
        (news.quarantined, "quarantined"),
        (news.pending, "pending"),
    ];
    let told: Vec<_> =
        counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    match (told.is_empty(), dry_run) {
        (true, _) => "nothing new".to_owned(),
        (false, false) => told.join(", "),
        (false, true) => format!("would bring {}", told.join(", ")),
    }
}
