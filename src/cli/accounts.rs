//! `accounts`: every account behind the credentials, linked or not.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::args::Accounts;
use super::{World, ground, text};
use crate::config::{Config, FamilyConfig};
use crate::domain::{Currency, Exit, ReceivedAccount};
use crate::round::{self, Failure, worded};
use crate::sophtron::{Client, Error, Patience};
use crate::sync::plan::updated_at;

/// One account as discovered. Figures are in the service's sign.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    family: String,
    id: String,
    login: String,
    institution: Option<String>,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    mask: Option<String>,
    balance: Option<String>,
    currency: Option<String>,
    data_as_of: Option<String>,
    pub(super) linked: Option<String>,
}

#[derive(Debug, Serialize)]
struct Answer {
    version: u32,
    accounts: Vec<Found>,
}

pub(super) fn run(
    command: &Accounts,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let config = ground::configuration(flag, world)?;
    let families = ground::families(&config, command.family.as_deref())?;
    let identity = ground::identity(&config, world)?;
    let ground = ground::take_state(&config, world)?;
    let runtime = ground::runtime(world)?;
    let (mut accounts, mut exit) = (Vec::new(), Exit::Good);
    for family in families {
        let name = &family.family.name;
        let listed = round::keys(family, &identity).and_then(|keys| {
            let client = ground::client(family, &keys, world)?;
            let listed = runtime.block_on(discover(&client, family));
            Ok((client.calls(), listed.map_err(|error| error.fault())))
        });
        let listed = match listed {
            Ok((calls, listed)) => {
                ground::count_requests(&ground, name, calls, world)?;
                listed
            }
            Err(fault) => Err(fault),
        };
        match listed {
            Ok(found) => accounts.extend(found),
            Err(fault) => {
                exit = exit.worst(fault.exit);
                world.complain(&worded(&fault, &format!("{name}: {}", fault.message)));
            }
        }
    }
    print(&config, accounts, command.json, exit, world);
    Ok(exit)
}

/// Reads every login's list of accounts.
pub(super) async fn discover(client: &Client, family: &FamilyConfig) -> Result<Vec<Found>, Error> {
    let patience = Patience::new();
    let mut known: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut found = Vec::new();
    for login in client.logins(&patience).await? {
        let institution = match &login.institution_id {
            None => None,
            Some(id) => bank(client, id, &mut known, &patience).await,
        };
        for account in client.accounts(&login.id, &patience).await? {
            found.push(one(family, login.id.as_str(), institution.clone(), account));
        }
    }
    Ok(found)
}

/// A bank's name, asked for once. A bank without a name is still a bank.
async fn bank(
    client: &Client,
    id: &str,
    known: &mut BTreeMap<String, Option<String>>,
    patience: &Patience,
) -> Option<String> {
    if let Some(name) = known.get(id) {
        return name.clone();
    }
    let name = client.institution_name(id, patience).await.ok().flatten();
    known.insert(id.to_owned(), name.clone());
    name
}

fn one(
    family: &FamilyConfig,
    login: &str,
    institution: Option<String>,
    account: ReceivedAccount,
) -> Found {
    let family = &family.family;
    let linked = family.accounts.iter().find(|linked| linked.id == account.id);
    let balance = account.balance.value().or(account.account_balance.value());
    Found {
        family: family.name.to_string(),
        id: account.id.to_string(),
        login: login.to_owned(),
        institution,
        name: account.name,
        kind: account.kind,
        mask: account.mask,
        balance: balance.map(ToString::to_string),
        currency: account
            .currency
            .as_deref()
            .and_then(Currency::parse)
            .map(|code| code.to_string()),
        data_as_of: account.last_updated.as_deref().and_then(updated_at).map(text::instant),
        linked: linked.map(|linked| linked.name.to_string()),
    }
}

fn print(config: &Config, accounts: Vec<Found>, json: bool, exit: Exit, world: &mut World) {
    if json {
        let answer = Answer { version: 1, accounts };
        world.say(&serde_json::to_string(&answer).unwrap_or_default());
        return;
    }
    if accounts.is_empty() && exit == Exit::Good {
        world.say("No accounts: no bank is connected at sophtron.com under these credentials,");
        world.say("they are those of another user, or they may not see accounts.");
    }
    for (place, account) in accounts.iter().enumerate() {
        let new = place == 0 || accounts[place - 1].login != account.login;
        if new {
            let bank = account.institution.as_deref().unwrap_or("a bank without a name");
            world.say(&format!("{}, {bank}, login {}", account.family, account.login));
        }
        for line in lines(account) {
            world.say(&line);
        }
    }
    if accounts.iter().any(|account| account.linked.is_none()) {
        world.say("");
        world.say(&format!("Link one with a [[family.account]] in {}", config.path.display()));
    }
}

fn lines(account: &Found) -> [String; 2] {
    let name = account.name.as_deref().unwrap_or("without a name");
    let mask = account.mask.as_deref().map(|mask| format!(" …{mask}")).unwrap_or_default();
    let kind = account.kind.as_deref().unwrap_or("type not told");
    let balance = account.balance.as_deref().unwrap_or("no balance");
    let currency = account.currency.as_deref().unwrap_or("");
    let linked = match &account.linked {
        Some(name) => format!("linked as {name}"),
        None => "not linked".to_owned(),
    };
    let figures = format!("{balance} {currency}");
    let first =
        format!("  {}{mask}, {}, {}", text::cut(name, 30), text::cut(kind, 14), figures.trim_end());
    [first, format!("    id {}, {linked}", account.id)]
}
