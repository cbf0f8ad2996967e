//! `answer`: the owner answers what his bank asks, until the job that it asks in has ended.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::args::{Answer, LoginTarget};
use super::walk::{Over, Walked, Whom, in_words, walk};
use super::{World, ground, sync};
use crate::books::one_line;
use crate::config::Config;
use crate::domain::{Challenge, Exit, KeptLogin, Name, NotAsked};
use crate::round::{self, Failure, Ground, Household, worded};
use crate::sync::{Answering, Desk, FamilyOrder, JobEnd, Manner, Wanted, end_fault, let_ask_anew};

pub(super) fn run(
    command: &Answer,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let config = ground::configuration(flag, world)?;
    if let Some(target) = &command.login {
        round::family_named(&config, target.family.as_str())?;
    }
    let household = ground::household(config, world)?;
    let ground = ground::take_all(&household.config, world)?;
    let logins = logins(&household.config, &ground, command.login.as_ref())?;
    let found = match &command.login {
        Some(LoginTarget { family, login: Some(named) }) => Some(named_one(logins, family, named)?),
        _ => one_that_waits(logins, !command.code.is_empty(), world)?,
    };
    let Some(login) = found else {
        world.say("No bank waits for an answer.");
        return Ok(Exit::Good);
    };
    let Some(_mine) = ground::berths(world).answer(&login.kept.id) else {
        let message = format!("{}: its bank is being answered already", login.target());
        return Err(Failure::new(Exit::TryLater, message, "go on where that was begun"));
    };
    Work { household: &household, ground: &ground, login }.carry_out(world)
}

/// A login of a family, as its owner knows it.
struct Login {
    family: Name,
    kept: KeptLogin,
    /// Its accounts as configured.
    accounts: Vec<Name>,
}

impl Login {
    /// What commands call it.
    fn target(&self) -> String {
        match self.accounts.first() {
            Some(account) => format!("{}/{account}", self.family),
            None => format!("{}/{}", self.family, self.kept.id),
        }
    }

    fn bank(&self) -> String {
        let name = self.kept.institution.as_deref().map(one_line).unwrap_or_default();
        if name.is_empty() { self.target() } else { name }
    }

    fn command(&self) -> String {
        format!("sophtron-sync answer {}", self.target())
    }
}

/// The logins of the families that are asked about, as far as the store knows them.
fn logins(
    config: &Config,
    ground: &Ground,
    target: Option<&LoginTarget>,
) -> Result<Vec<Login>, Failure> {
    let families = config.families.iter().map(|family| &family.family);
    let wanted = families.filter(|family| match target {
        Some(target) => family.name == target.family,
        None => !family.paused,
    });
    let mut logins = Vec::new();
    for family in wanted {
        let name = &family.name;
        let (kept, known) =
            ground.with(|store| Ok::<_, Failure>((store.accounts(name)?, store.logins(name)?)))?;
        for login in known {
            let accounts = family.accounts_of(&login.id, &kept);
            let accounts = accounts.map(|account| account.name.clone()).collect();
            logins.push(Login { family: name.clone(), kept: login, accounts });
        }
    }
    Ok(logins)
}

/// The login that is named: by its id, by one of its accounts, or by how its id begins.
fn named_one(logins: Vec<Login>, family: &Name, named: &str) -> Result<Login, Failure> {
    let id = named.trim().to_ascii_lowercase();
    let exact = |login: &Login| login.kept.id.as_str() == id;
    let account = |login: &Login| login.accounts.iter().any(|name| name.as_str() == named);
    let begins = |login: &Login| !id.is_empty() && login.kept.id.as_str().starts_with(&id);
    let known: Vec<String> = logins.iter().map(Login::target).collect();
    for is_it in [&exact as &dyn Fn(&Login) -> bool, &account, &begins] {
        match logins.iter().filter(|login| is_it(login)).count() {
            0 => {}
            1 => {
                return logins
                    .into_iter()
                    .find(is_it)
                    .ok_or_else(|| unknown(family, named, &known));
            }
            _ => {
                let message = format!("several logins of {family} begin with {named:?}");
                let help = format!("name one of {}", known.join(", "));
                return Err(Failure::new(Exit::Usage, message, help));
            }
        }
    }
    Err(unknown(family, named, &known))
}

fn unknown(family: &Name, named: &str, known: &[String]) -> Failure {
    let help = match known {
        [] => format!("no bank of {family} was asked for anything yet"),
        known => format!("there are: {}", known.join(", ")),
    };
    Failure::new(Exit::Usage, format!("{family} has no login or account {named:?}"), help)
}

/// The only login that waits, or the one of several that is chosen.
fn one_that_waits(
    logins: Vec<Login>,
    is_scripted: bool,
    world: &mut World,
) -> Result<Option<Login>, Failure> {
    let mut waiting: Vec<Login> = logins.into_iter().filter(|login| login.kept.waits()).collect();
    if waiting.len() < 2 {
        return Ok(waiting.pop());
    }
    let items: Vec<String> =
        waiting.iter().map(|login| format!("{} ({})", login.target(), login.bank())).collect();
    let chosen = if is_scripted {
        Err(NotAsked::NoTerminal)
    } else {
        world.ask_choice("Which bank is to be answered", &items, 0)
    };
    let Ok(at) = chosen else {
        let commands: Vec<String> = waiting.iter().map(Login::command).collect();
        let help = format!("name one of them:\n    {}", commands.join("\n    "));
        return Err(Failure::new(Exit::Usage, format!("{} banks wait", waiting.len()), help));
    };
    Ok(Some(waiting.swap_remove(at)))
}

/// What is done for one login.
struct Work<'a> {
    household: &'a Arc<Household>,
    ground: &'a Ground,
    login: Login,
}

impl Work<'_> {
    fn carry_out(&self, world: &mut World) -> Result<Exit, Failure> {
        let (family, target) = (&self.login.family, self.login.target());
        let desk = sync::desk(&self.household.config, &self.ground.shelf, self.ground, world);
        let desk = Arc::new(desk);
        let Some(order) = self.order() else { return Ok(Exit::Good) };
        if order.family.paused {
            world.say(&format!("{family}: paused"));
            return Ok(Exit::Good);
        }
        if !self.login.kept.waits() {
            return self.nothing_asked(&desk, world);
        }
        let Over { end, talk } = match self.converse(&desk, &order, world)? {
            Ended::Over(over) => over,
            Ended::WaitsOn => return Ok(Exit::Owner),
        };
        let account = self.login.accounts.first();
        let fault = end_fault(&end, talk, family, account);
        let told = fault.as_ref().map_or(Exit::Good, |fault| fault.exit);
        match &fault {
            Some(fault) => world.complain(&worded(fault, &format!("{target}: {}", fault.message))),
            None => world.say(&format!("{target}: the bank has its answers.")),
        }
        if matches!(end, JobEnd::Unreadable(_)) {
            return Ok(told);
        }
        if account.is_none() {
            world.say(&format!("Next: sophtron-sync accounts {family}"));
            return Ok(told);
        }
        let orders = vec![order];
        Ok(told.worst(sync::carry_out(self.household, self.ground, None, orders, world)?))
    }

    /// An ordinary sync of the login's accounts, which asks no bank.
    fn order(&self) -> Option<FamilyOrder> {
        let manner = Manner { refresh: false, full: false, accept: false, looks_at_waiting: true };
        let wanted: BTreeSet<Name> = self.login.accounts.iter().cloned().collect();
        self.household.order(&self.login.family, Wanted::Only(wanted), manner)
    }

    /// Nothing is asked: where the bank was left alone since something went wrong, it may be asked
    /// anew, since its owner acts.
    fn nothing_asked(&self, desk: &Desk, world: &mut World) -> Result<Exit, Failure> {
        let target = self.login.target();
        if self.login.kept.blocked.is_none() {
            world.say(&format!("{target}: its bank asks nothing."));
            return Ok(Exit::Good);
        }
        let (family, kept) = (&self.login.family, self.login.kept.clone());
        ground::runtime(world)?.block_on(let_ask_anew(desk, family, kept))?;
        world.say(&format!("{target}: its bank asks nothing any more. It may be asked anew."));
        world.say(&format!("Next: sophtron-sync sync {target}"));
        Ok(Exit::Good)
    }

    /// Asks the owner what the bank asks, challenge by challenge.
    fn converse(
        &self,
        desk: &Arc<Desk>,
        order: &FamilyOrder,
        world: &mut World,
    ) -> Result<Ended, Failure> {
        let Some(job) = self.login.kept.job.clone() else { return Ok(Ended::WaitsOn) };
        let runtime = ground::runtime(world)?;
        let (target, kept) = (self.login.target(), self.login.kept.clone());
        let begun = Answering::begin(desk, order, kept, job, target.clone());
        let answering = runtime.block_on(begun)?;
        let (bank, login) = (&self.login.bank(), target.as_str());
        match walk(answering, &runtime, &Whom { bank, login, later: None }, world)? {
            Walked::Over(over) => Ok(Ended::Over(over)),
            Walked::Stopped => Ok(self.waits_on("the daemon stops", world)),
            Walked::Unanswered { challenge, why, given } => {
                self.unanswered(&challenge, why, given, world)
            }
        }
    }

    fn waits_on(&self, why: &str, world: &mut World) -> Ended {
        let (target, command) = (self.login.target(), self.login.command());
        world.complain(&format!("error: {target}: the bank waits on: {why}"));
        world.complain(&format!("  help: go on with `{command}`"));
        Ended::WaitsOn
    }

    /// The owner gave no answer: at all, or to what the bank asks next.
    fn unanswered(
        &self,
        challenge: &Challenge,
        why: NotAsked,
        given: bool,
        world: &mut World,
    ) -> Result<Ended, Failure> {
        if why == NotAsked::Ended {
            return Ok(self.waits_on("nothing was typed", world));
        }
        let asks = format!("{} asks {}", self.login.bank(), in_words(challenge));
        if given {
            return Ok(self.waits_on(&asks, world));
        }
        let (when, code) = match challenge {
            Challenge::Questions(questions) if questions.len() > 1 => {
                (" for each question", "CODE")
            }
            Challenge::Read(_) => (" once it is done", "yes"),
            _ => ("", "CODE"),
        };
        let command = self.login.command();
        let help = format!("run it at a terminal, or with --code{when}: `{command} --code {code}`");
        Err(Failure::new(Exit::Usage, format!("{asks}: {why}"), help))
    }
}

/// How answering ended.
enum Ended {
    /// The job is over, or left.
    Over(Over),
    /// It waits on for its owner.
    WaitsOn,
}
