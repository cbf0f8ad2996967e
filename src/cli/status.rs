//! `status`: every account, its state, the age of its data, its balance, and what to do.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use super::args::Status;
use super::{World, ground, text};
use crate::books::one_line;
use crate::domain::{
    AccountOverview, Concern, DaemonInfo, FamilyOverview, Health, Level, Overview, Patience,
    RefusedAnswer, State, age, concerns, cure, drift_notice, health, plain, quarantined, tidy,
};
use crate::files;
use crate::round::Failure;
use crate::store::{Store, StoreError};

/// How many reasons stand in a monitor's line.
const REASONS: usize = 5;

/// How wide a line is at most.
const WIDTH: usize = 80;

/// How many characters a detail begins with.
const INDENT: usize = 6;

pub(super) fn run(
    command: &Status,
    verbose: bool,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<u8, Failure> {
    let gathered = gather(flag, world);
    if command.check {
        return Ok(check(gathered, command.max_age, world));
    }
    let (overview, patience) = gathered?;
    if command.json {
        world.say(&serde_json::to_string(&Answer::from(&overview)).unwrap_or_default());
    } else {
        print(&overview, &patience, verbose, world);
    }
    Ok(0)
}

fn gather(flag: Option<&Path>, world: &World) -> Result<(Overview, Patience), Failure> {
    let config = ground::configuration(flag, world)?;
    files::become_owner(&config.state_dir)?;
    let store = match Store::look(&config.state_dir) {
        Ok(store) => Some(store),
        Err(StoreError::Missing(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let glance = ground::glance(&config, world);
    Ok((glance.overview(store.as_ref())?, glance.patience()))
}

/// Says one line to a monitor and gives its code.
fn check(
    gathered: Result<(Overview, Patience), Failure>,
    max_age: Option<Duration>,
    world: &mut World,
) -> u8 {
    let (level, words) = match gathered {
        Ok((overview, patience)) => {
            let health = health(&overview, &Patience { max_age, ..patience });
            (health.level, reasons(&overview, &health))
        }
        Err(failure) => (Level::Unknown, failure.message),
    };
    world.say(&monitored(level, &words));
    level.code()
}

/// A monitor's line; what follows a bar in it would be read as figures.
fn monitored(level: Level, words: &str) -> String {
    format!("{}: {}", level.word(), one_line(words).replace('|', "/"))
}

fn reasons(overview: &Overview, health: &Health) -> String {
    let broken = overview.daemon.config_error.as_ref();
    let broken = broken.map(|error| format!("the configuration on disk is not in force: {error}"));
    let shown = health.reasons.iter().take(REASONS);
    let mut words: Vec<String> =
        shown.map(|(family, account, concern)| format!("{family}/{account} {concern}")).collect();
    if health.reasons.len() > REASONS {
        words.push(format!("and {} more", health.reasons.len() - REASONS));
    }
    words.extend(broken);
    if words.is_empty() { headline(overview, health) } else { words.join("; ") }
}

/// Everything in few words.
fn headline(overview: &Overview, health: &Health) -> String {
    let accounts = text::count(overview.accounts().count(), "account", "accounts");
    let mut words = vec![health.words(overview)];
    if health.is_well(overview) {
        words.push(accounts);
    }
    let oldest = overview.oldest_data().map(|at| age(at, overview.now));
    words.extend(oldest.map(|age| format!("oldest data {age}")));
    words.push(match &overview.daemon {
        DaemonInfo { running: false, .. } => "no daemon runs".to_owned(),
        DaemonInfo { pid: Some(pid), .. } => format!("the daemon runs (pid {pid})"),
        DaemonInfo { .. } => "the daemon runs".to_owned(),
    });
    words.join("; ")
}

fn print(overview: &Overview, patience: &Patience, verbose: bool, world: &mut World) {
    let health = health(overview, patience);
    let head = headline(overview, &health);
    let verdict = health.words(overview);
    world.say(&painted(&head, &verdict, level_colour(health.level), world.colour));
    if let Some(error) = &overview.daemon.config_error {
        let told = format!("the configuration on disk is not in force: {error}");
        let lines = text::wrap(&told, WIDTH).into_iter();
        let cure = "-> correct the file: the daemon takes it by itself".to_owned();
        lines.chain([cure]).for_each(|line| world.say(&line));
    }
    for family in &overview.families {
        print_family(family, overview.now, patience, verbose, world);
    }
    if overview.families.is_empty() {
        world.say("No family is configured yet.");
    }
}

fn print_family(
    family: &FamilyOverview,
    now: DateTime<Utc>,
    patience: &Patience,
    verbose: bool,
    world: &mut World,
) {
    let requests = &family.requests;
    let used = format!("{} of {} requests", requests.used, requests.limit);
    world.say(&format!("{}, {used} in {}", family.name, requests.month));
    let rows: Vec<Vec<String>> = family.accounts.iter().map(|account| row(account, now)).collect();
    for (line, account) in lines(&rows).into_iter().zip(&family.accounts) {
        let state = account.state.word();
        // The name may hold the word of the state.
        let (name, rest) = line.split_at(line.len().min(account.name.as_str().len() + 2));
        let rest = painted(rest, state, state_colour(account.state), world.colour);
        world.say(&format!("{name}{rest}"));
        for detail in details(family, account, now, patience, verbose) {
            world.say(&format!("{:INDENT$}{detail}", ""));
        }
    }
    for login in &family.waiting {
        let bank = login.institution.as_deref().map(one_line).filter(|bank| !bank.is_empty());
        let bank = bank.unwrap_or_else(|| "a bank".to_owned());
        world.say(&format!("  {} waits for an answer", text::cut(&bank, 50)));
        let command = format!("-> sophtron-sync answer {}/{}", family.name, login.id);
        world.say(&format!("{:INDENT$}{command}", ""));
    }
}

/// Lines that fit: where the table is too wide, the name stands on a line of its own.
fn lines(rows: &[Vec<String>]) -> Vec<String> {
    let whole = text::columns(rows);
    if whole.iter().all(|line| line.chars().count() <= WIDTH) {
        return whole;
    }
    let figures: Vec<Vec<String>> = rows.iter().map(|row| row[1..].to_vec()).collect();
    let below = text::columns(&figures).into_iter();
    below.zip(rows).map(|(line, row)| format!("{}\n    {line}", row[0])).collect()
}

fn row(account: &AccountOverview, now: DateTime<Utc>) -> Vec<String> {
    let balance = match (account.balance, &account.currency) {
        (Some(balance), Some(currency)) => {
            format!("{:>13} {currency}", plain(tidy(balance), currency))
        }
        _ => format!("{:>13}", "-"),
    };
    let old = match account.data_as_of {
        Some(at) => format!("data {} old", age(at, now)),
        None if account.last_success.is_some() => "age unknown".to_owned(),
        None => "no data yet".to_owned(),
    };
    vec![format!("  {}", account.name), account.state.word().to_owned(), balance, old]
}

/// What is told below an account: what is not well, what to do, and, where more is asked for, all
/// the rest.
fn details(
    family: &FamilyOverview,
    account: &AccountOverview,
    now: DateTime<Utc>,
    patience: &Patience,
    verbose: bool,
) -> Vec<String> {
    let concerns = concerns(account, now, patience);
    let mut told = Vec::new();
    if let Some(drift) = drift_notice(&family.name, account) {
        told.extend([drift.message, format!("-> {}", drift.help)]);
    }
    told.extend(quarantined(account.quarantined));
    let late = concerns.iter().filter(|concern| matches!(concern, Concern::Overdue(_)));
    told.extend(late.map(ToString::to_string));
    told.extend(account.message.clone());
    told.extend(cure(account, &concerns).map(|cure| format!("-> {cure}")));
    if verbose {
        told.extend(more(account));
    }
    told.iter().flat_map(|line| text::wrap(&one_line(line), WIDTH - INDENT)).collect()
}

fn more(account: &AccountOverview) -> Vec<String> {
    let booked = text::count(account.transactions, "transaction", "transactions");
    let mut told = vec![format!("{booked}, {} pending", account.pending)];
    told.extend(account.signs.iter().cloned());
    told.extend(account.refused.as_ref().map(refused_words));
    let times = [
        ("last attempt", account.last_attempt),
        ("last success", account.last_success),
        ("next attempt", account.next_attempt),
    ];
    let times = times.into_iter().filter_map(|(what, at)| Some((what, at?)));
    told.extend(times.map(|(what, at)| format!("{what} {}", text::instant(at))));
    told.push(format!("id {}", account.id));
    told
}

fn refused_words(refused: &RefusedAnswer) -> String {
    let (at, why) = (text::instant(refused.at), &refused.why);
    let rows = text::count(refused.rows, "row", "rows");
    let accounts = text::count(refused.accounts, "record of an account", "records of accounts");
    format!("an answer was refused on {at}: {why}; {rows} and {accounts} of it are kept aside")
}

/// A line in which a word is coloured, where colours help.
fn painted(line: &str, word: &str, code: &str, colour: bool) -> String {
    if colour {
        line.replacen(word, &format!("\u{1b}[{code}m{word}\u{1b}[0m"), 1)
    } else {
        line.to_owned()
    }
}

fn state_colour(state: State) -> &'static str {
    match state {
        State::Ok => "32",
        State::Closed | State::Paused | State::New => "2",
        State::Limited | State::Stale => "33",
        State::Rejected | State::Waiting | State::Suspect | State::Failed => "31",
    }
}

fn level_colour(level: Level) -> &'static str {
    match level {
        Level::Good => "32",
        Level::Unknown | Level::Warning => "33",
        Level::Critical => "31",
    }
}

#[derive(Debug, Serialize)]
struct Answer {
    version: u32,
    now: String,
    daemon: DaemonAnswer,
    families: Vec<FamilyAnswer>,
}

#[derive(Debug, Serialize)]
struct DaemonAnswer {
    running: bool,
    pid: Option<u32>,
    config_error: Option<String>,
}

#[derive(Debug, Serialize)]
struct FamilyAnswer {
    name: String,
    requests: RequestsAnswer,
    accounts: Vec<AccountAnswer>,
}

#[derive(Debug, Serialize)]
struct RequestsAnswer {
    month: String,
    used: u64,
    limit: u64,
}

#[derive(Debug, Serialize)]
struct AccountAnswer {
    name: String,
    id: String,
    state: &'static str,
    message: Option<String>,
    help: Option<String>,
    data_as_of: Option<String>,
    last_attempt: Option<String>,
    last_success: Option<String>,
    next_attempt: Option<String>,
    balance: Option<String>,
    available: Option<String>,
    currency: Option<String>,
    drift: Option<DriftAnswer>,
    transactions: usize,
    pending: usize,
    quarantined: usize,
}

#[derive(Debug, Serialize)]
struct DriftAnswer {
    amount: String,
    since: String,
}

impl From<&Overview> for Answer {
    fn from(overview: &Overview) -> Self {
        let DaemonInfo { running, pid, config_error } = overview.daemon.clone();
        Self {
            version: 1,
            now: text::instant(overview.now),
            daemon: DaemonAnswer { running, pid, config_error },
            families: overview.families.iter().map(FamilyAnswer::from).collect(),
        }
    }
}

impl From<&FamilyOverview> for FamilyAnswer {
    fn from(family: &FamilyOverview) -> Self {
        let requests = family.requests.clone();
        Self {
            name: family.name.to_string(),
            requests: RequestsAnswer {
                month: requests.month,
                used: requests.used,
                limit: requests.limit,
            },
            accounts: family.accounts.iter().map(AccountAnswer::from).collect(),
        }
    }
}

impl From<&AccountOverview> for AccountAnswer {
    fn from(account: &AccountOverview) -> Self {
        let instant = |at: Option<DateTime<Utc>>| at.map(text::instant);
        let money = |amount: Option<Decimal>| Some(plain(amount?, account.currency.as_ref()?));
        let drift = account.drift.as_ref().and_then(|drift| {
            Some(DriftAnswer { amount: money(Some(drift.amount))?, since: drift.since.to_string() })
        });
        Self {
            name: account.name.to_string(),
            id: account.id.to_string(),
            state: account.state.word(),
            message: account.message.clone(),
            help: account.help.clone(),
            data_as_of: instant(account.data_as_of),
            last_attempt: instant(account.last_attempt),
            last_success: instant(account.last_success),
            next_attempt: instant(account.next_attempt),
            balance: money(account.balance),
            available: money(account.available),
            currency: account.currency.as_ref().map(ToString::to_string),
            drift,
            transactions: account.transactions,
            pending: account.pending,
            quarantined: account.quarantined,
        }
    }
}
