//! What stands behind a family's credentials, as the service lists it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::text;
use crate::books::{Traits, one_line, reported_balance};
use crate::config::{FamilyConfig, Told, proposed_type};
use crate::domain::{
    Account, AccountId, Currency, Family, Fault, KeptAccount, LoginId, Name, ReceivedAccount, Track,
};
use crate::round::{Failure, Ground};
use crate::sophtron::{Client, Error, Patience};
use crate::store::{Store, StoreError};
use crate::sync::plan::updated_at;
use crate::sync::{ListedLogin, listed_logins, proposal, successor, traits_of};

/// One account as discovered. Figures are in the service's sign.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) family: String,
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
    pub(super) help: Option<String>,
}

impl Found {
    /// The bank's name.
    pub(super) fn bank(&self) -> String {
        bank_words(self.institution.as_deref())
    }

    /// What the bank calls it.
    pub(super) fn called(&self) -> String {
        let name = self.name.as_deref().map(one_line).filter(|name| !name.is_empty());
        name.unwrap_or_else(|| "without a name".to_owned())
    }

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

impl Found {
    /// A linked account that no login lists any more.
    pub(super) fn dead(family: &Family, account: &Account) -> Self {
        Self {
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
        }
    }
}

/// What an answer read from JSON says of each of its accounts.
fn is_listed() -> bool {
    true
}

/// What stands behind a family's credentials.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Every account of the logins that list any.
    pub(super) accounts: Vec<Found>,
    /// Every login.
    pub(super) logins: Vec<FoundLogin>,
}

/// A login, and what it lists.
#[derive(Debug)]
pub(super) struct FoundLogin {
    pub(super) id: LoginId,
    pub(super) institution: Option<String>,
    /// How many accounts it lists, or why it lists none.
    pub(super) accounts: Result<usize, Fault>,
}

impl FoundLogin {
    /// What it is called.
    pub(super) fn words(&self) -> String {
        format!("{}, login {}", bank_words(self.institution.as_deref()), self.id)
    }

    /// What stands in the way of its list, with what it is called.
    pub(super) fn fault(&self) -> Option<Fault> {
        let fault = self.accounts.as_ref().err()?;
        let message = format!("{}: {}", self.words(), fault.message);
        Some(Fault { message, ..fault.clone() })
    }
}

impl Listing {
    /// What stands in the way of the list of each login that did not come. Those of the others are there.
    pub(super) fn faults(&self) -> impl Iterator<Item = Fault> {
        self.logins.iter().filter_map(FoundLogin::fault)
    }

    /// Whether an account may be behind a login whose list did not come.
    pub(super) fn may_hide(&self, login: Option<&LoginId>) -> bool {
        let mut unlisted = self.logins.iter().filter(|it| it.accounts.is_err());
        unlisted.any(|it| login.is_none_or(|login| it.id == *login))
    }
}

/// Reads every login's list of accounts. What stands in one login's way is kept beside the others.
///
/// # Errors
/// The list of logins did not come, or the service refuses the family.
pub(super) async fn discover(client: &Client, family: &FamilyConfig) -> Result<Listing, Error> {
    let patience = Patience::new();
    let mut known: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut listing = Listing::default();
    for ListedLogin { login, accounts } in listed_logins(client, &patience).await? {
        let institution = match &login.institution_id {
            None => None,
            Some(id) => bank(client, id, &mut known, &patience).await,
        };
        let count =
            accounts.as_ref().map(Vec::len).map_err(|error| unlisted(error, &family.family.name));
        for account in accounts.into_iter().flatten() {
            listing.accounts.push(one(family, login.id.as_str(), institution.clone(), account));
        }
        listing.logins.push(FoundLogin { id: login.id, institution, accounts: count });
    }
    Ok(listing)
}

/// What the error of one login's list means. One that was just made is not known for some minutes.
fn unlisted(error: &Error, family: &Name) -> Fault {
    let fault = error.fault_of_command(family);
    match error {
        Error::NotFound { .. } => Fault {
            message: "the service lists no accounts of it (404)".to_owned(),
            help: "if the bank was connected just now, run it again in some minutes; else connect \
                   it anew"
                .to_owned(),
            ..fault
        },
        _ => fault,
    }
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

/// A bank's name for people.
fn bank_words(institution: Option<&str>) -> String {
    let name = institution.map(one_line).filter(|name| !name.is_empty());
    name.unwrap_or_else(|| "a bank without a name".to_owned())
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

    /// Whether another login of the bank seems to list the same account: of one type, with the same
    /// digits, or without any, with one name and balance.
    pub(super) fn is_twin_of(&self, other: &Self) -> bool {
        let same = |one: &Option<String>, other: &Option<String>| match (one, other) {
            (Some(one), Some(other)) => one.trim().eq_ignore_ascii_case(other.trim()),
            _ => one.is_none() && other.is_none(),
        };
        let is_its = match (&self.mask, &other.mask) {
            (None, None) => same(&self.name, &other.name) && self.balance == other.balance,
            (mask, others) => same(mask, others),
        };
        is_its
            && self.login != other.login
            && same(&self.institution, &other.institution)
            && self.kind.is_some()
            && self.traits().fit(&other.traits())
    }

    /// The command by which it goes on as one that is linked, where it seems to be that: of the same
    /// bank, with the same type and digits (where neither has any, the same name), and behind another
    /// login. Linked as a new one beside it, it
    /// would have every row twice.
    pub(super) fn goes_on(
        &self,
        store: &Store,
        family: &Family,
    ) -> Result<Option<String>, StoreError> {
        if self.linked.is_some() || self.kind.is_none() {
            return Ok(None);
        }
        let mut proposed = Vec::new();
        for account in family.accounts.iter().filter(|account| account.closed.is_none()) {
            let Some(kept) = store.account(&family.name, &account.name)? else { continue };
            let known = kept.received.as_ref().is_some_and(|before| self.is_called(before));
            let fits = traits_of(&kept).is_some_and(|before| before.fit(&self.traits()));
            if known && fits && self.is_of_another_login(store, family, &kept)? {
                let id = AccountId::new(&self.id);
                proposed.push(proposal(&family.name, &account.name, &id));
            }
        }
        Ok((!proposed.is_empty()).then(|| proposed.join("; or ")))
    }

    /// Whether digits, or where neither has any, names tell that it may be an account that was there
    /// before.
    fn is_called(&self, before: &ReceivedAccount) -> bool {
        let name = |name: &Option<String>| name.as_deref().map(one_line).unwrap_or_default();
        match (&before.mask, &self.mask) {
            (Some(_), Some(_)) => true,
            (None, None) => name(&before.name).eq_ignore_ascii_case(&name(&self.name)),
            _ => false,
        }
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
    pub(super) fn cells(&self, most: usize) -> [String; 3] {
        let name = text::cut(&self.called(), most);
        let mask = self.mask.as_deref().map(|mask| format!(" …{mask}")).unwrap_or_default();
        let kind = self.kind.as_deref().map_or("type not told".to_owned(), one_line);
        let balance = self.balance.as_deref().map_or("no balance", text::figure);
        let currency = self.currency.as_deref().unwrap_or("");
        let figures = format!("{balance} {currency}").trim_end().to_owned();
        [format!("{name}{mask}"), text::cut(&kind, 14), figures]
    }
}
