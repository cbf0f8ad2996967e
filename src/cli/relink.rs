//! `relink`: an account whose bank was connected anew goes on under its new id, once it is proved to be
//! the same one.

use std::path::Path;

use super::args::{Relink, Step};
use super::moving::{Plan, account, wait};
use super::{World, ground};
use crate::books::Traits;
use crate::config::{Config, FamilyConfig};
use crate::domain::{
    Account, AccountId, Day, Exit, KeptAccount, KeptRow, KnownBy, LoginId, Move, ReceivedAccount,
};
use crate::round::{self, Failure, Ground};
use crate::sophtron::{self, Client, Patience};
use crate::store::Store;
use crate::sync::{compare_rows, listed_accounts, traits_of};

pub(super) fn run(
    command: &Relink,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let (family, name, id) = (&command.family, &command.name, AccountId::new(&command.new_id));
    let lent = world.lent.clone();
    if let (Some(lent), Some(Step::End)) = (&lent, command.step) {
        return wait(lent, family, |account| account.name == *name && account.id == id);
    }
    let config = ground::configuration(flag, world)?;
    let (family, named) = account(&config, family, name)?;
    is_free(family, named, &id)?;
    let plan = Plan {
        family: &family.family.name,
        from: KnownBy { name: name.clone(), id: named.id.clone() },
        to: KnownBy { name: name.clone(), id: id.clone() },
        asked: vec!["relink", &command.family, name.as_str(), id.as_str()],
    };
    if let Some(lent) = lent {
        let login = begin(&plan, &config, family, &lent.ground, world)?;
        world.say(login.as_ref().map_or("", LoginId::as_str));
        return Ok(Exit::Good);
    }
    let begin = |ground: &Ground, world: &mut World| begin(&plan, &config, family, ground, world);
    let exit = plan.carry_out(&config, begin, world)?;
    let family = &family.family.name;
    world.say(&format!("{family}/{name} is the account {id} now; its rows keep their ids."));
    world.say(&format!("Next: sophtron-sync sync {family}/{name}"));
    Ok(exit)
}

/// Refuses an id that is some account's already.
fn is_free(family: &FamilyConfig, named: &Account, id: &AccountId) -> Result<(), Failure> {
    let family = &family.family;
    let Some(other) = family.accounts.iter().find(|account| account.id == *id) else {
        return Ok(());
    };
    let (name, account) = (&family.name, &other.name);
    let help = if account == &named.name {
        "there is nothing to do".to_owned()
    } else {
        format!("`sophtron-sync unlink {name}/{account}` frees it")
    };
    Err(Failure::new(Exit::Usage, format!("{name}/{account} has that id already"), help))
}

/// Keeps that the account is to have the new id, where that is proved to be the same account; gives
/// the login of the new id.
fn begin(
    plan: &Plan,
    config: &Config,
    family: &FamilyConfig,
    ground: &Ground,
    world: &mut World,
) -> Result<Option<LoginId>, Failure> {
    let (gone, rows) = ground.with(|store| known(store, plan))?;
    let keys = round::keys(family, &*ground::identity(config, world)?)?;
    let client = ground::client(family, &keys, world)?;
    let asked = Asked { plan, config, client: &client, gone: gone.as_ref(), rows: &rows };
    let today = (world.clock)().date_naive();
    let proved = ground::runtime(world)?.block_on(asked.prove(today));
    ground::count_requests(ground, plan.family, client.calls(), world)?;
    let login = proved?;
    if let Some(gone) = gone {
        let open = Move {
            account: gone.key,
            family: plan.family.clone(),
            from: plan.from.clone(),
            to: plan.to.clone(),
            to_login: Some(login.clone()),
        };
        ground.with(|store| store.begin_move(&open))?;
    }
    Ok(Some(login))
}

/// What is known of the account, where it was read; refuses an id with rows of another one.
fn known(store: &mut Store, plan: &Plan) -> Result<(Option<KeptAccount>, Vec<KeptRow>), Failure> {
    let Plan { family, from, to, .. } = plan;
    let mut accounts = store.accounts(family)?;
    accounts.retain(|kept| kept.reads > 0);
    if let Some(other) = accounts.iter().find(|kept| kept.id == to.id) {
        let (id, name) = (&to.id, &other.name);
        let message = format!("{id} is known as {family}/{name}, with rows of its own");
        let help = format!("`sophtron-sync link {family} {id}` links it under that name again");
        return Err(Failure::new(Exit::Usage, message, help));
    }
    let is_it = |kept: &KeptAccount| kept.name == from.name && kept.id == from.id;
    let gone = accounts.into_iter().find(is_it);
    let rows = gone.as_ref().map(|gone| store.rows(gone.key)).transpose()?;
    Ok((gone, rows.unwrap_or_default()))
}

/// What the proof is made from.
struct Asked<'a> {
    plan: &'a Plan<'a>,
    config: &'a Config,
    client: &'a Client,
    gone: Option<&'a KeptAccount>,
    rows: &'a [KeptRow],
}

impl Asked<'_> {
    /// Asks the service for the account that came, and holds it against the one that is gone.
    async fn prove(&self, today: Day) -> Result<LoginId, Failure> {
        let id = &self.plan.to.id;
        let unasked = |error: sophtron::Error| error.fault_of_command(self.plan.family);
        let listed = listed_accounts(self.client, &Patience::new()).await.map_err(unasked)?;
        let found = listed.into_iter().find(|(_, account)| account.id == *id);
        let Some((login, came)) = found else { return Err(self.not_listed()) };
        let Some(gone) = self.gone else { return Ok(login) };
        let mut differences = told_apart(gone, &came);
        if differences.is_empty() {
            let days = (self.config.sync.overlap_days, today);
            let proof = compare_rows(self.client, gone, self.rows, id, days).await;
            let proof = proof.map_err(unasked)?;
            if proof.holds() {
                return Ok(login);
            }
            let (equal, before, now) = (proof.equal, proof.before, proof.now);
            differences.push(format!("{equal} rows equal, of {before} before and {now} now"));
        }
        Err(self.another(&differences))
    }

    fn not_listed(&self) -> Failure {
        let Plan { family, to, .. } = self.plan;
        let help = format!("`sophtron-sync accounts {family}` lists every one");
        Failure::new(Exit::Usage, format!("{family} has no account {}", to.id), help)
    }

    fn another(&self, differences: &[String]) -> Failure {
        let Plan { family, from, to, .. } = self.plan;
        let (name, differences) = (&from.name, differences.join("; "));
        let message = format!("{} is not proved to be {family}/{name}: {differences}", to.id);
        let help = format!(
            "nothing was changed; `sophtron-sync accounts {family}` lists every one; if its rows are still to come, try again later"
        );
        Failure::new(Exit::Trouble, message, help)
    }
}

/// What the records of both tell against their being one.
fn told_apart(gone: &KeptAccount, came: &ReceivedAccount) -> Vec<String> {
    let before = traits_of(gone).unwrap_or_default();
    before.differences(&Traits::of(came)).iter().map(ToString::to_string).collect()
}
