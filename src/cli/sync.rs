//! `sync`: one sync now.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::args::{Sync, Target};
use super::failure::{Failure, worded};
use super::{World, ground, text};
use crate::books::one_line;
use crate::config::{Config, FamilyConfig, Identity};
use crate::domain::{Exit, Family, Fault, FileSettings, Name};
use crate::sophtron::Gate;
use crate::store::Store;
use crate::sync::{
    AccountOutcome, Desk, FamilyOrder, FamilyOutcome, Gone, Manner, News, Progress, Published,
    Shelf, Step, Wanted, publish_family, publish_shared, sync_family,
};

/// How many vanished rows of an account are named.
const GONE_NAMED: usize = 10;

pub(super) fn run(command: &Sync, flag: Option<&Path>, world: &mut World) -> Result<Exit, Failure> {
    let config = ground::configuration(flag, world)?;
    let wanted = wanted(&config, &command.targets)?;
    let identity = ground::identity(&config)?;
    let ground = ground::take_all(&config)?;
    let orders = orders(&wanted, &identity, command);
    let scratch = command.dry_run.then(|| Scratch::of(&ground.store)).transpose()?;
    let counter = Shelf::new(ground.store);
    let shelf = match &scratch {
        Some(scratch) => Shelf::new(Store::open(scratch.path())?),
        None => counter.clone(),
    };
    let desk = Arc::new(desk(&config, shelf, counter, world));
    let round = ground::runtime()?.block_on(round(&desk, orders, !command.dry_run));
    let families: Vec<Family> =
        config.families.iter().map(|family| family.family.clone()).collect();
    let mut exit = Exit::Good;
    for (order, outcome) in &round {
        exit = exit.worst(outcome.exit());
        print(order, outcome, command.dry_run, world);
    }
    if !command.dry_run {
        let settings = config.files.clone();
        let shared = ground::runtime()?
            .block_on(desk.shelf.with(move |store| publish_shared(store, &families, &settings)))?;
        exit = exit.worst(told(&shared.notes, world));
    }
    Ok(exit)
}

/// A copy of the store that a dry run may change.
struct Scratch(tempfile::TempDir);

impl Scratch {
    fn of(store: &Store) -> Result<Self, Failure> {
        let folder = tempfile::tempdir().map_err(|_| {
            Failure::new(
                Exit::Io,
                "no temporary folder can be made",
                "free some space below TMPDIR",
            )
        })?;
        store.copy_to(folder.path())?;
        Ok(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

/// The families that are synced, each with its wanted accounts.
fn wanted<'a>(
    config: &'a Config,
    targets: &[Target],
) -> Result<Vec<(&'a FamilyConfig, Wanted)>, Failure> {
    if targets.is_empty() {
        return Ok(config.families.iter().map(|family| (family, Wanted::All)).collect());
    }
    let mut chosen: Vec<(&FamilyConfig, Wanted)> = Vec::new();
    for target in targets {
        let family = ground::family(config, target.family.as_str())?;
        let wanted = match &target.account {
            None => Wanted::All,
            Some(name) => Wanted::Only(BTreeSet::from([known(family, name)?])),
        };
        let entry = chosen.iter_mut().find(|(other, _)| other.family.name == family.family.name);
        match (entry, wanted) {
            (None, wanted) => chosen.push((family, wanted)),
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

fn orders(
    wanted: &[(&FamilyConfig, Wanted)],
    identity: &Identity,
    command: &Sync,
) -> Vec<FamilyOrder> {
    let order = |(family, wanted): &(&FamilyConfig, Wanted)| FamilyOrder {
        family: family.family.clone(),
        keys: ground::keys(family, identity),
        wanted: wanted.clone(),
        manner: Manner {
            refresh: !command.no_refresh && !command.dry_run,
            full: command.full,
            accept: command.accept,
        },
    };
    wanted.iter().map(order).collect()
}

fn desk(config: &Config, shelf: Shelf, counter: Shelf, world: &World) -> Desk {
    Desk {
        shelf,
        counter,
        gate: Gate::new(),
        clock: ground::clock(world),
        settings: config.sync.clone(),
        files: config.files.clone(),
        pace: world.pace.clone(),
        progress: progress(world.stderr_is_terminal),
    }
}

/// Runs the families side by side; each writes its files as soon as it is through.
async fn round(
    desk: &Arc<Desk>,
    orders: Vec<FamilyOrder>,
    write: bool,
) -> Vec<(FamilyOrder, FamilyOutcome)> {
    let mut running = JoinSet::new();
    for (place, order) in orders.into_iter().enumerate() {
        let desk = Arc::clone(desk);
        running.spawn(async move {
            let outcome = one(&desk, &order, write).await;
            (place, order, outcome)
        });
    }
    let mut ended = Vec::new();
    while let Some(end) = running.join_next().await {
        ended.extend(end.ok());
    }
    ended.sort_by_key(|(place, _, _)| *place);
    ended.into_iter().map(|(_, order, outcome)| (order, outcome)).collect()
}

async fn one(desk: &Arc<Desk>, order: &FamilyOrder, write: bool) -> FamilyOutcome {
    let mut outcome = sync_family(desk, order).await;
    if !write {
        return outcome;
    }
    (desk.progress)(Step::Writing { family: order.family.name.clone() });
    let (family, settings): (Family, FileSettings) = (order.family.clone(), desk.files.clone());
    match desk.shelf.with(move |store| publish_family(store, &family, &settings)).await {
        Ok(Published { files, notes }) => {
            outcome.files = files;
            outcome.trouble.extend(notes);
        }
        Err(fault) => outcome.trouble.push(fault),
    }
    outcome
}

/// Progress for a terminal: what lasts is named, what is quick is not.
fn progress(terminal: bool) -> Progress {
    if !terminal {
        return Arc::new(|_| {});
    }
    Arc::new(|step| match step {
        Step::Refreshing { family, accounts } => {
            let names: Vec<_> = accounts.iter().map(Name::as_str).collect();
            eprintln!("{family}: the bank is asked for new data of {}", names.join(", "));
        }
        Step::Reading { family, account } => eprintln!("{family}/{account}: reading"),
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

fn told(faults: &[Fault], world: &mut World) -> Exit {
    for fault in faults {
        complain(fault, &fault.message, world);
    }
    faults.iter().fold(Exit::Good, |exit, fault| exit.worst(fault.exit))
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
