//! What commands share that change a family's logins: the access, the choice of a bank or login, and
//! the bank's login form.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::ground::{self, Runs};
use super::{World, sync, text};
use crate::books::one_line;
use crate::config::{Config, FamilyConfig};
use crate::domain::{
    BankLogin, Exit, Fault, FormPart, Institution, LoginForm, LoginId, Name, NotAsked,
    ReceivedLogin,
};
use crate::round::{self, Failure, Ground, Household};
use crate::sync::{Logins, Manner, Wanted};

/// The most banks that are shown to choose from.
const MOST_SHOWN: usize = 40;

/// A family's logins, open for a command.
pub(super) struct Open {
    pub(super) logins: Logins,
    pub(super) name: Name,
    household: Arc<Household>,
    pub(super) runs: Runs,
    ground: Ground,
}

impl Open {
    /// Opens a family's access to the service.
    pub(super) fn of(family: &str, config: Config, world: &World) -> Result<Self, Failure> {
        let name = round::family_named(&config, family)?.family.name.clone();
        let household = ground::household(config, world)?;
        let ground = ground::take_state(&household.config, world)?;
        let runs = ground::runtime(world)?;
        let manner = Manner { refresh: true, full: false, accept: false, looks_at_waiting: true };
        let order = household.order(&name, Wanted::All, manner);
        let order = order.ok_or_else(|| Failure::unknown(&format!("family {name}"), &[]))?;
        if order.family.paused {
            let message = format!("{name} is paused: the service is asked nothing for it");
            let help = "take `paused` out of the configuration first";
            return Err(Failure::new(Exit::Usage, message, help));
        }
        let desk = Arc::new(sync::desk(&household.config, &ground.shelf, &ground, world));
        let logins = runs.block_on(Logins::open(&desk, order))?;
        Ok(Self { logins, name, household, runs, ground })
    }

    /// Does some work with the service.
    pub(super) fn wait<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        self.runs.block_on(work)
    }

    /// The family as configured.
    pub(super) fn family(&self) -> Result<&FamilyConfig, Failure> {
        round::family_named(&self.household.config, self.name.as_str())
    }

    /// The login that somebody means among those that the service lists: by its id, an account that
    /// is configured, or the beginning of the id.
    pub(super) fn login_named<'l>(
        &self,
        typed: &str,
        listed: &'l [ReceivedLogin],
    ) -> Result<&'l ReceivedLogin, Failure> {
        let whole = LoginId::new(typed);
        let of_account = self.login_of(typed)?;
        let wanted = of_account.as_ref().unwrap_or(&whole);
        if let Some(login) = listed.iter().find(|login| login.id == *wanted) {
            return Ok(login);
        }
        let begins = |login: &&ReceivedLogin| login.id.as_str().starts_with(whole.as_str());
        match listed.iter().filter(begins).collect::<Vec<_>>()[..] {
            [login] if of_account.is_none() => Ok(login),
            [] | [_] => Err(Failure::new(
                Exit::Usage,
                format!("{} has no login {typed} at the service", self.name),
                known(&self.name, listed),
            )),
            _ => Err(Failure::new(
                Exit::Usage,
                format!("several logins of {} begin with {typed}", self.name),
                known(&self.name, listed),
            )),
        }
    }

    /// The login of an account that is configured.
    fn login_of(&self, typed: &str) -> Result<Option<LoginId>, Failure> {
        let Ok(name) = Name::parse(typed) else { return Ok(None) };
        let accounts = &self.family()?.family.accounts;
        let Some(account) = accounts.iter().find(|account| account.name == name) else {
            return Ok(None);
        };
        let kept = self.ground.with(|store| store.account(&self.name, &name))?;
        Ok(kept.and_then(|kept| kept.login).or_else(|| account.login.clone()))
    }

    /// The bank of a login. One that the service does not tell has no name and the usual form.
    pub(super) fn bank_of(&self, login: &ReceivedLogin) -> Result<Institution, Failure> {
        let id = login.institution_id.clone().unwrap_or_default();
        let known = if id.is_empty() { None } else { self.wait(self.logins.institution(&id))? };
        let nameless = || Institution { id, name: "a bank without a name".to_owned(), form: None };
        Ok(known.unwrap_or_else(nameless))
    }

    /// The accounts of the family that are configured with a login.
    pub(super) fn accounts_of(&self, login: &LoginId) -> Result<Vec<Name>, Failure> {
        let accounts = &self.family()?.family.accounts;
        let mut found = Vec::new();
        for account in accounts {
            if self.login_of(account.name.as_str())?.as_ref() == Some(login) {
                found.push(account.name.clone());
            }
        }
        Ok(found)
    }
}

fn known(family: &Name, listed: &[ReceivedLogin]) -> String {
    let ids: Vec<&str> = listed.iter().map(|login| login.id.as_str()).collect();
    if ids.is_empty() {
        return format!("{family} has none there");
    }
    format!("it has: {}", ids.join(", "))
}

/// The bank that somebody means: by its id, its whole name, or as chosen. The first one that is found
/// is never taken for the one that is meant.
pub(super) fn chosen(
    query: Option<&str>,
    open: &Open,
    world: &mut World,
) -> Result<Institution, Failure> {
    let typed = match query {
        Some(query) => query.trim().to_owned(),
        None => world.ask_text("Which bank", None).map_err(|error| which(error, &open.name))?,
    };
    let bank = if uuid::Uuid::try_parse(&typed).is_ok() {
        by_id(&typed, open)?
    } else {
        by_name(&typed, open, world)?
    };
    if bank.form.is_some() {
        return Ok(bank);
    }
    Ok(open.wait(open.logins.institution(&bank.id))?.unwrap_or(bank))
}

fn by_id(id: &str, open: &Open) -> Result<Institution, Failure> {
    open.wait(open.logins.institution(id))?.ok_or_else(|| {
        let message = format!("the service knows no bank with the id {id}");
        Failure::new(Exit::Usage, message, "search it by its name")
    })
}

fn by_name(typed: &str, open: &Open, world: &mut World) -> Result<Institution, Failure> {
    let mut found = open.wait(open.logins.search(typed))?;
    let is_it = |bank: &Institution| bank.name.to_lowercase() == typed.to_lowercase();
    if found.iter().filter(|bank| is_it(bank)).count() == 1 {
        found.retain(is_it);
        return Ok(found.swap_remove(0));
    }
    if found.is_empty() {
        let message = format!("the service knows no bank whose name has {typed:?} in it");
        return Err(Failure::new(Exit::Usage, message, "try fewer words of its name"));
    }
    if found.len() > MOST_SHOWN {
        let message = format!("{} banks have {typed:?} in their names", found.len());
        return Err(Failure::new(Exit::Usage, message, "say more of the name"));
    }
    let rows = found.iter().map(|bank| vec![shown(&bank.name, 36), bank.id.clone()]);
    let mut items = text::columns(&rows.collect::<Vec<_>>());
    items.push("none of these".to_owned());
    match world.ask_choice("Which of these", &items, 0) {
        Ok(place) if place < found.len() => Ok(found.swap_remove(place)),
        Ok(_) => Err(Failure::new(Exit::Usage, "no bank was chosen", "try another name")),
        Err(error) => {
            if error == NotAsked::NoTerminal {
                for line in &items[..found.len()] {
                    world.complain(line);
                }
            }
            Err(which(error, &open.name))
        }
    }
}

fn which(error: NotAsked, family: &Name) -> Failure {
    let message = match error {
        NotAsked::NoTerminal => "which bank is meant is not said".to_owned(),
        error => error.to_string(),
    };
    let help = format!("pass its id: sophtron-sync connect {family} INSTITUTION_ID");
    Failure::new(Exit::Usage, message, help)
}

/// Asks for what the bank's login form asks for, by the bank's own labels.
pub(super) fn fill(bank: &Institution, world: &mut World) -> Result<BankLogin, Failure> {
    let usual = LoginForm::default();
    let form = bank.form.as_ref().unwrap_or(&usual);
    let name = shown(&bank.name, 40);
    if let Some(field) = form.more.iter().find(|field| field.part.is_none() && !field.optional) {
        let label = shown(&field.label, 40);
        let message = format!("{name} asks for something that cannot be told here: {label}");
        return Err(Failure::new(Exit::Usage, message, "connect this bank at sophtron.com"));
    }
    let mut typist = Typist { bank: &name, world };
    let user_name = typist.seen(&form.user_name, false)?;
    let password = form.password.as_deref().map(|label| typist.hidden(label, false)).transpose()?;
    let mut data =
        BankLogin { user_name: needed(user_name)?, password: None, pin: None, company: None };
    data.password = password.map(needed).transpose()?;
    for field in &form.more {
        let typed = match field.part {
            Some(FormPart::Pin) => typist.hidden(&field.label, field.optional)?,
            Some(FormPart::Company) => typist.seen(&field.label, field.optional)?,
            None => continue,
        };
        let typed = if field.optional { typed } else { Some(needed(typed)?) };
        match field.part {
            Some(FormPart::Pin) => data.pin = typed,
            _ => data.company = typed,
        }
    }
    Ok(data)
}

struct Typist<'w> {
    bank: &'w str,
    world: &'w mut World,
}

impl Typist<'_> {
    fn seen(&mut self, label: &str, optional: bool) -> Result<Option<SecretString>, Failure> {
        let words = self.words(label, optional);
        let typed = self.world.ask_text(&words, optional.then_some("")).map_err(untyped)?;
        Ok(given(typed.into()))
    }

    fn hidden(&mut self, label: &str, optional: bool) -> Result<Option<SecretString>, Failure> {
        let words = self.words(label, optional);
        self.world.ask_hidden(&words).map(given).map_err(untyped)
    }

    fn words(&self, label: &str, optional: bool) -> String {
        let more = if optional { ", if it is needed" } else { "" };
        format!("{}: {}{more}", self.bank, shown(label, 40))
    }
}

fn given(typed: SecretString) -> Option<SecretString> {
    (!typed.expose_secret().is_empty()).then_some(typed)
}

fn needed(typed: Option<SecretString>) -> Result<SecretString, Failure> {
    typed.ok_or_else(|| untyped(NotAsked::Ended))
}

fn untyped(error: NotAsked) -> Failure {
    let help = match error {
        NotAsked::NoTerminal => {
            "run it at a terminal: what a bank's login form asks is typed there, and never taken from a flag"
        }
        _ => "nothing was sent; run it again",
    };
    Failure::new(Exit::Usage, error.to_string(), help)
}

/// A text of the service, fit for a line of a terminal.
pub(super) fn shown(words: &str, most: usize) -> String {
    text::cut(&one_line(words), most)
}
