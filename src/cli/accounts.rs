//! `accounts`: every account behind the credentials, linked or not.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::args::Accounts;
use super::{World, ground, text};
use crate::books::{Traits, reported_balance};
use crate::config::{Config, FamilyConfig, Told, proposed_type};
use crate::domain::{
    Account, AccountId, Currency, Exit, Family, KeptAccount, Name, ReceivedAccount, Track,
};
use crate::round::{self, Failure, Ground, worded};
use crate::sophtron::{Client, Error, Patience};
use crate::store::{Store, StoreError};
use crate::sync::plan::updated_at;
use crate::sync::{proposal, successor, traits_of};

/// One account as discovered. Figures are in the service's sign.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Found {
    family: String,
    pub(super) id: String,
    pub(super) login: Option<String>,
    pub(super) institution: Option<String>,
    pub(super) name: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    /// The finer type, which JSON does not tell.
    #[serde(skip)]
    sub_kind: Option<String>,
    pub(super) mask: Option<String>,
    pub(super) balance: Option<String>,
    pub(super) currency: Option<String>,
    data_as_of: Option<String>,
    pub(super) linked: Option<String>,
    /// Whether the service lists it: a link may be dead. One that is dead has no login's data in the
    /// answer, which is all that JSON tells of it.
    #[serde(skip, default = "is_listed")]
    pub(super) listed: bool,
    /// What to do where one is gone and another one came that fits: either of them has it.
    #[serde(skip)]
    help: Option<String>,
}

impl Found {
    /// What a name and a ledger account are proposed from.
    pub(super) fn told(&self) -> Told<'_> {
        Told {
            institution: self.institution.as_deref(),
            name: self.name.as_deref(),
            kind: self.kind.as_deref(),
            mask: self.mask.as_deref(),
        }
    }
}

/// What an answer read from JSON says of each of its accounts.
fn is_listed() -> bool {
    true
}

#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    version: u32,
    accounts: Vec<Found>,
}

/// Why there may be none, and what to do about each.
const NO_ACCOUNTS: [&str; 4] = [
    "No accounts. One of these is why:",
    "- no bank is connected there yet: connect one with `connect FAMILY`",
    "- these are another user's credentials: set the right ones with `credentials set`",
    "- they may not see accounts: ask Sophtron to permit that for this key",
];

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
            Ok(mut found) => {
                for account in &mut found {
                    account.help = ground.with(|store| account.goes_on(store, &family.family))?;
                }
                let mut dead = dead(family, &found);
                for gone in &mut dead {
                    let linked = gone.linked.as_deref().and_then(|name| Name::parse(name).ok());
                    gone.help = match linked {
                        Some(linked) => proposed(&ground, name, &linked, &found)?,
                        None => None,
                    };
                }
                accounts.extend(found.into_iter().chain(dead));
            }
            Err(fault) => {
                exit = exit.worst(fault.exit);
                world.complain(&worded(&fault, &format!("{name}: {}", fault.message)));
            }
        }
    }
    print(accounts, command.json, exit, world);
    Ok(exit)
}

/// The accounts of an answer that was printed as JSON.
pub(super) fn read(answer: &str) -> Option<Vec<Found>> {
    serde_json::from_str::<Answer>(answer).ok().map(|answer| answer.accounts)
}

/// Every account behind a family's credentials.
pub(super) fn listed(
    config: &Config,
    family: &FamilyConfig,
    world: &World,
) -> Result<Vec<Found>, Failure> {
    let keys = round::keys(family, &*ground::identity(config, world)?)?;
    let client = ground::client(family, &keys, world)?;
    let ground = ground::take_state(config, world)?;
    let listed = ground::runtime(world)?.block_on(discover(&client, family));
    ground::count_requests(&ground, &family.family.name, client.calls(), world)?;
    Ok(listed?)
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

/// The linked accounts that no login lists any more.
fn dead(family: &FamilyConfig, found: &[Found]) -> Vec<Found> {
    let family = &family.family;
    let gone = |account: &&Account| found.iter().all(|found| found.id != account.id.as_str());
    let accounts = family.accounts.iter().filter(gone).map(|account| Found {
        family: family.name.to_string(),
        id: account.id.to_string(),
        login: account.login.as_ref().map(ToString::to_string),
        institution: None,
        name: None,
        kind: None,
        sub_kind: None,
        mask: None,
        balance: None,
        currency: None,
        data_as_of: None,
        linked: Some(account.name.to_string()),
        listed: false,
        help: None,
    });
    accounts.collect()
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

pub(super) fn one(
    family: &FamilyConfig,
    login: &str,
    institution: Option<String>,
    account: ReceivedAccount,
) -> Found {
    let family = &family.family;
    let linked = family.accounts.iter().find(|linked| linked.id == account.id);
    let told = Told {
        institution: institution.as_deref(),
        name: account.name.as_deref(),
        kind: account.kind.as_deref(),
        mask: account.mask.as_deref(),
    };
    let kind = linked.map_or_else(|| proposed_type(&told), |linked| linked.kind);
    // The one that a sync would take, whatever is tracked.
    let balance = reported_balance(&account, kind, Track::Cash).value();
    Found {
        family: family.name.to_string(),
        id: account.id.to_string(),
        login: Some(login.to_owned()),
        institution,
        name: account.name,
        kind: account.kind,
        sub_kind: account.sub_kind,
        mask: account.mask,
        balance: balance.map(|balance| balance.to_string()),
        currency: account
            .currency
            .as_deref()
            .and_then(Currency::parse)
            .map(|code| code.to_string()),
        data_as_of: account.last_updated.as_deref().and_then(updated_at).map(text::instant),
        linked: linked.map(|linked| linked.name.to_string()),
        listed: true,
        help: None,
    }
}

/// Accounts as JSON, which [`read`] reads.
pub(super) fn json(accounts: Vec<Found>) -> String {
    serde_json::to_string(&Answer { version: 1, accounts }).unwrap_or_default()
}

fn print(accounts: Vec<Found>, as_json: bool, exit: Exit, world: &mut World) {
    if as_json {
        world.say(&json(accounts));
        return;
    }
    if accounts.iter().all(|account| !account.listed) && exit == Exit::Good {
        for line in NO_ACCOUNTS {
            world.say(line);
        }
    }
    let (listed, dead): (Vec<_>, Vec<_>) = accounts.iter().partition(|account| account.listed);
    for (place, account) in listed.iter().enumerate() {
        if place == 0 || listed[place - 1].login != account.login {
            let bank = account.institution.as_deref().unwrap_or("a bank without a name");
            let login = account.login.as_deref().unwrap_or("not told");
            world.say(&format!("{}, {bank}, login {login}", account.family));
        }
        for line in lines(account) {
            world.say(&line);
        }
    }
    for account in dead {
        let name = account.linked.as_deref().unwrap_or_default();
        world.say(&format!("{}/{name} is linked, but no login lists it any more", account.family));
        world.say(&format!("    id {}", account.id));
        if let Some(help) = &account.help {
            for line in text::wrap(help, 74) {
                world.say(&format!("    {line}"));
            }
            continue;
        }
        world.say(&format!(
            "    connect its bank again with sophtron-sync connect {}",
            account.family
        ));
        world.say("    or take it out with");
        world.say(&format!("    sophtron-sync unlink {}/{name}", account.family));
    }
}

/// Accounts to choose from, a line each.
pub(super) fn table(accounts: &[&Found]) -> Vec<String> {
    let cells = accounts.iter().map(|account| {
        let bank = account.institution.as_deref().unwrap_or("a bank without a name");
        let [name, kind, figures] = account.cells(20);
        vec![text::cut(bank, 16), name, kind, figures]
    });
    text::columns(&cells.collect::<Vec<_>>())
}

/// The command for an account that is gone from what the service lists, where one came that fits.
pub(super) fn proposed(
    ground: &Ground,
    family: &Name,
    name: &Name,
    found: &[Found],
) -> Result<Option<String>, Failure> {
    let Some(gone) = ground.with(|store| store.account(family, name))? else { return Ok(None) };
    let free = found.iter().filter(|found| found.listed && found.linked.is_none());
    let ids: Vec<_> = free.map(|found| (AccountId::new(&found.id), found.traits())).collect();
    let came = successor(&gone, ids.iter().map(|(id, traits)| (id, traits.clone())));
    Ok(came.map(|id| proposal(family, name, id)))
}

impl Found {
    /// Its name with the last digits, type and balance, in one line.
    pub(super) fn words(&self) -> String {
        self.cells(30).join(", ")
    }

    /// The command by which it goes on as one that is linked, where it seems to be that: of the same
    /// bank, with the same type and digits, and behind another login. Linked as a new one beside it, it
    /// would have every row twice.
    pub(super) fn goes_on(
        &self,
        store: &Store,
        family: &Family,
    ) -> Result<Option<String>, StoreError> {
        if self.linked.is_some() || self.mask.is_none() || self.kind.is_none() {
            return Ok(None);
        }
        for account in family.accounts.iter().filter(|account| account.closed.is_none()) {
            let Some(kept) = store.account(&family.name, &account.name)? else { continue };
            let known = kept.received.as_ref().is_some_and(|it| it.mask.is_some());
            let fits = traits_of(&kept).is_some_and(|before| before.fit(&self.traits()));
            if known && fits && self.is_of_another_login(store, family, &kept)? {
                let id = AccountId::new(&self.id);
                return Ok(Some(proposal(&family.name, &account.name, &id)));
            }
        }
        Ok(None)
    }

    /// Whether it is behind another login of the same bank: one login's accounts are not the same.
    fn is_of_another_login(
        &self,
        store: &Store,
        family: &Family,
        kept: &KeptAccount,
    ) -> Result<bool, StoreError> {
        let Some(login) = &kept.login else { return Ok(false) };
        let bank = store.login(&family.name, login)?.and_then(|login| login.institution);
        let is_bank = match (bank.filter(|bank| !bank.is_empty()), &self.institution) {
            (Some(before), Some(now)) => before.eq_ignore_ascii_case(now),
            _ => true,
        };
        Ok(is_bank && self.login.as_deref() != Some(login.as_str()))
    }

    fn traits(&self) -> Traits {
        Traits {
            kind: (self.kind.clone(), self.sub_kind.clone()),
            mask: self.mask.clone(),
            currency: self.currency.as_deref().and_then(Currency::parse),
        }
    }

    /// Name with the last digits, type and balance; of the name so many characters.
    fn cells(&self, most: usize) -> [String; 3] {
        let name = text::cut(self.name.as_deref().unwrap_or("without a name"), most);
        let mask = self.mask.as_deref().map(|mask| format!(" …{mask}")).unwrap_or_default();
        let kind = self.kind.as_deref().unwrap_or("type not told");
        let balance = self.balance.as_deref().map_or("no balance", text::figure);
        let currency = self.currency.as_deref().unwrap_or("");
        let figures = format!("{balance} {currency}").trim_end().to_owned();
        [format!("{name}{mask}"), text::cut(kind, 14), figures]
    }
}

fn lines(account: &Found) -> Vec<String> {
    let first = format!("  {}", account.words());
    let linked = account.linked.as_ref().map(|name| format!("linked as {name}"));
    let linked = linked.unwrap_or_else(|| "not linked".to_owned());
    let mut lines = vec![first, format!("    id {}, {linked}", account.id)];
    match &account.help {
        Some(help) => lines.extend(text::wrap(help, 74).iter().map(|line| format!("    {line}"))),
        None if account.linked.is_none() => {
            lines.push(format!("    sophtron-sync link {} {}", account.family, account.id));
        }
        None => {}
    }
    lines
}
