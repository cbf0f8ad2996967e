//! `status`: every account, its state, the age of its data, its balance, and what to do.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::args::Status;
use super::{World, ground, text};
use crate::books::{Refusal, Summary};
use crate::config::Config;
use crate::domain::{Account, Exit, Family, KeptAccount, Refresh, State, age, plain};
use crate::round::Failure;
use crate::store::{Refused, Store, StoreError};
use crate::sync::account_summary;
use crate::sync::plan::{max_age, shown_state, updated_at};

#[derive(Debug, Serialize)]
struct Answer {
    version: u32,
    now: String,
    daemon: Daemon,
    families: Vec<FamilyStatus>,
}

/// There is no daemon yet that could run.
#[derive(Debug, Serialize)]
struct Daemon {
    running: bool,
    pid: Option<u32>,
    config_error: Option<String>,
}

#[derive(Debug, Serialize)]
struct FamilyStatus {
    name: String,
    requests: Requests,
    accounts: Vec<AccountStatus>,
}

#[derive(Debug, Serialize)]
struct Requests {
    month: String,
    used: u64,
    limit: Option<u64>,
}

#[derive(Debug, Serialize)]
struct AccountStatus {
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
    drift: Option<DriftStatus>,
    transactions: usize,
    pending: usize,
    quarantined: usize,
    #[serde(skip)]
    signs: Vec<String>,
    #[serde(skip)]
    refused: Option<Refused>,
}

#[derive(Debug, Serialize)]
struct DriftStatus {
    amount: String,
    since: String,
}

pub(super) fn run(
    command: &Status,
    verbose: bool,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let config = ground::configuration(flag, world)?;
    let store = match Store::look(&config.state_dir) {
        Ok(store) => Some(store),
        Err(StoreError::Missing(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let now = (world.clock)();
    let answer = gather(&config, store.as_ref(), now)?;
    if command.json {
        world.say(&serde_json::to_string(&answer).unwrap_or_default());
    } else {
        print(&answer, verbose, now, world);
    }
    Ok(Exit::Good)
}

fn gather(
    config: &Config,
    store: Option<&Store>,
    now: DateTime<Utc>,
) -> Result<Answer, StoreError> {
    let month = now.format("%Y-%m").to_string();
    let mut families = Vec::new();
    for family in config.families.iter().map(|family| &family.family) {
        let used = store.map_or(Ok(0), |store| store.requests(&family.name, &month))?;
        let accounts = family
            .accounts
            .iter()
            .map(|account| account_status(family, account, store, config, now));
        families.push(FamilyStatus {
            name: family.name.to_string(),
            requests: Requests {
                month: month.clone(),
                used,
                limit: Some(config.sync.monthly_requests),
            },
            accounts: accounts.collect::<Result<_, _>>()?,
        });
    }
    let daemon = Daemon { running: false, pid: None, config_error: None };
    Ok(Answer { version: 1, now: text::instant(now), daemon, families })
}

fn account_status(
    family: &Family,
    account: &Account,
    store: Option<&Store>,
    config: &Config,
    now: DateTime<Utc>,
) -> Result<AccountStatus, StoreError> {
    let kept = match store {
        Some(store) => {
            store.account(&family.name, &account.name)?.filter(|kept| kept.id == account.id)
        }
        None => None,
    };
    let summary = match (store, &kept) {
        (Some(store), Some(kept)) => account_summary(store, kept, &config.files.style)?,
        _ => None,
    };
    let state = state(family, account, kept.as_ref(), config.sync.refresh, now);
    let refused = match (store, &kept) {
        (Some(store), Some(kept)) => store.refused(kept.key)?,
        _ => None,
    };
    Ok(AccountStatus { refused, ..told(account, state, kept.as_ref(), summary.as_ref()) })
}

fn state(
    family: &Family,
    account: &Account,
    kept: Option<&KeptAccount>,
    refresh: Refresh,
    now: DateTime<Utc>,
) -> State {
    if account.closed.is_some_and(|closed| closed <= now.date_naive()) {
        State::Closed
    } else if family.paused {
        State::Paused
    } else {
        let Some(kept) = kept else { return State::New };
        shown_state(kept.condition.state, updated(kept), max_age(account, refresh), now)
    }
}

fn told(
    account: &Account,
    state: State,
    kept: Option<&KeptAccount>,
    summary: Option<&Summary>,
) -> AccountStatus {
    let rests = matches!(state, State::Closed | State::Paused);
    let condition = kept.map(|kept| &kept.condition).filter(|_| !rests);
    let told = |of: fn(&crate::domain::Condition) -> Option<DateTime<Utc>>| {
        kept.and_then(|kept| of(&kept.condition)).map(text::instant)
    };
    let currency = summary.map(|summary| &summary.currency);
    let money = |amount: Option<rust_decimal::Decimal>| Some(plain(amount?, currency?));
    AccountStatus {
        name: account.name.to_string(),
        id: account.id.to_string(),
        state: state.word(),
        message: condition.and_then(|condition| condition.message.clone()),
        help: condition
            .and_then(|condition| condition.help.clone())
            .or_else(|| hint(state, summary).filter(|_| !rests)),
        data_as_of: kept.and_then(updated).map(text::instant),
        last_attempt: told(|condition| condition.last_attempt),
        last_success: told(|condition| condition.last_success),
        next_attempt: told(|condition| condition.next_attempt).filter(|_| !rests),
        balance: money(summary.and_then(|summary| summary.balance)),
        available: money(summary.and_then(|summary| summary.available)),
        currency: currency.map(ToString::to_string),
        drift: summary.and_then(|summary| summary.drift.as_ref()).and_then(|drift| {
            Some(DriftStatus { amount: money(Some(drift.amount))?, since: drift.since.to_string() })
        }),
        transactions: summary.map_or(0, |summary| summary.booked),
        pending: summary.map_or(0, |summary| summary.pending),
        quarantined: summary.map_or(0, |summary| summary.quarantined),
        signs: summary.map(|summary| summary.signs.clone()).unwrap_or_default(),
        refused: None,
    }
}

/// When the service last updated its copy of an account.
fn updated(kept: &KeptAccount) -> Option<DateTime<Utc>> {
    updated_at(kept.received.as_ref()?.last_updated.as_deref()?)
}

/// What the owner can set where nothing failed and yet something is missing.
fn hint(state: State, summary: Option<&Summary>) -> Option<String> {
    if state == State::Stale {
        return Some(
            "the bank's data stand still though reads succeed: look at this login at sophtron.com"
                .to_owned(),
        );
    }
    let summary = summary?;
    if summary.sign_is_open && summary.refusals.contains(&Refusal::NoDirection) {
        return Some("set amount_sign (and balance_sign, where it is known): with both open nothing can be told from the balance's moves".to_owned());
    }
    if summary.sign_is_open {
        return Some("set balance_sign to \"owed\" or \"signed\": until then there is no opening balance and no OFX".to_owned());
    }
    if summary.sum_is_too_long {
        return Some("the amounts of this account add up to more than 28 digits: there is no opening balance, no assertion and no OFX; look for an amount that cannot be right".to_owned());
    }
    let reasons: Vec<_> = summary.refusals.iter().map(ToString::to_string).collect();
    (!reasons.is_empty()).then(|| format!("quarantined: {}", reasons.join("; ")))
}

fn print(answer: &Answer, verbose: bool, now: DateTime<Utc>, world: &mut World) {
    for family in &answer.families {
        let Requests { used, limit, month } = &family.requests;
        let of = limit.map(|limit| format!(" of {limit}")).unwrap_or_default();
        world.say(&format!("{}, {used}{of} requests in {month}", family.name));
        let rows: Vec<Vec<String>> =
            family.accounts.iter().map(|account| row(account, now)).collect();
        for (line, account) in text::columns(&rows).into_iter().zip(&family.accounts) {
            world.say(&coloured(&line, account, world.colour));
            for detail in details(account, verbose) {
                world.say(&format!("      {detail}"));
            }
        }
    }
    if answer.families.is_empty() {
        world.say("No family is configured yet.");
    }
}

fn row(account: &AccountStatus, now: DateTime<Utc>) -> Vec<String> {
    let balance = match (&account.balance, &account.currency) {
        (Some(balance), Some(currency)) => format!("{balance:>13} {currency}"),
        _ => format!("{:>13}", "-"),
    };
    let as_of = account.data_as_of.as_deref().and_then(updated_at);
    let age = as_of.map_or("no data yet".to_owned(), |at| format!("data {} old", age(at, now)));
    vec![format!("  {}", account.name), account.state.to_owned(), balance, age]
}

fn coloured(line: &str, account: &AccountStatus, colour: bool) -> String {
    let code = match account.state {
        "ok" => "32",
        "closed" | "paused" | "new" => "2",
        "limited" | "stale" => "33",
        _ => "31",
    };
    if colour {
        line.replacen(account.state, &format!("\u{1b}[{code}m{}\u{1b}[0m", account.state), 1)
    } else {
        line.to_owned()
    }
}

fn refused_words(refused: &Refused) -> String {
    let (at, why) = (text::instant(refused.at), &refused.why);
    let rows = text::count(refused.rows, "of its rows is", "of its rows are");
    format!("an answer was refused on {at}: {why}; {rows} kept aside")
}

fn details(account: &AccountStatus, verbose: bool) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(drift) = &account.drift {
        told.push(format!(
            "drift {} since {}: the bank's balance is not what the rows say",
            drift.amount, drift.since
        ));
    }
    if account.quarantined > 0 {
        let rows = text::count(account.quarantined, "row is", "rows are");
        told.push(format!("{rows} quarantined: booked nowhere"));
    }
    told.extend(account.message.clone());
    told.extend(account.help.iter().map(|help| format!("-> {help}")));
    if verbose {
        let booked = text::count(account.transactions, "transaction", "transactions");
        let count = format!("{booked}, {} pending", account.pending);
        let times = [
            ("last attempt", &account.last_attempt),
            ("last success", &account.last_success),
            ("next attempt", &account.next_attempt),
        ];
        told.push(count);
        told.extend(account.signs.iter().cloned());
        told.extend(account.refused.as_ref().map(refused_words));
        told.extend(
            times.iter().filter_map(|(what, at)| Some(format!("{what} {}", at.as_deref()?))),
        );
        told.push(format!("id {}", account.id));
    }
    told.iter().flat_map(|line| text::wrap(line, 72)).collect()
}
