//! The sync of one family: its accounts are linked to the store, their logins found, read side
//! by side.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::link::link_accounts;
use super::login::{LoginEnd, LoginRun, Task};
use super::outcome::fault;
use super::plan::Attempt;
use super::relink::propose;
use super::surviving::surviving;
use super::{AccountOutcome, Desk, FamilyOutcome};
use crate::domain::{
    Account, Credentials, Day, Exit, Family, Fault, LoginId, Name, ReceivedAccount, State,
};
use crate::sophtron::{Client, Error, Patience};
use crate::store::{Store, StoreError};

/// A family's key pair, and what tells whether it changed without telling what it is.
#[derive(Clone)]
pub struct Keys {
    /// The key pair.
    pub credentials: Credentials,
    /// The fingerprint of the encrypted credentials and the address that they are for.
    pub fingerprint: String,
}

/// Which accounts of a family are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All of them.
    All,
    /// These.
    Only(BTreeSet<Name>),
}

impl Wanted {
    /// Whether an account is among them.
    #[must_use]
    pub fn takes(&self, name: &Name) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(name),
        }
    }
}

/// How a sync is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Manner {
    /// Whether banks may be asked for new data.
    pub refresh: bool,
    /// Whether every day since the start date is read, whatever `LastUpdated` and the overlap say.
    pub full: bool,
    /// Whether the owner takes an answer that a guard would refuse.
    pub accept: bool,
    /// Whether logins that wait for their owner are looked at too: who asks by hand may have
    /// answered elsewhere, the schedule has not.
    pub looks_at_waiting: bool,
}

/// What is to be done for one family.
#[derive(Clone)]
pub struct FamilyOrder {
    /// The family as configured.
    pub family: Family,
    /// Its keys, or why there are none.
    pub keys: Result<Keys, Fault>,
    /// The accounts that are wanted.
    pub wanted: Wanted,
    /// How it is done.
    pub manner: Manner,
}

/// Syncs one family up to the store; writing its files is a step of its own.
pub async fn sync_family(desk: &Arc<Desk>, order: &FamilyOrder) -> FamilyOutcome {
    if order.family.paused {
        return FamilyOutcome::default();
    }
    match run(desk, order).await {
        Ok(outcome) => outcome,
        Err(fault) => FamilyOutcome { trouble: vec![fault], ..FamilyOutcome::default() },
    }
}

async fn run(desk: &Arc<Desk>, order: &FamilyOrder) -> Result<FamilyOutcome, Fault> {
    let (tasks, mut ended) = link(desk, order).await?;
    if tasks.is_empty() {
        return Ok(in_order(order, ended));
    }
    let (client, keys) = match (open(desk, order).await?, &order.keys) {
        (Ok(client), Ok(keys)) => (client, keys),
        (Err(fault), _) => return all(desk, order, tasks, ended, &fault).await,
        (_, Err(fault)) => return all(desk, order, tasks, ended, fault).await,
    };
    let LoginEnd { accounts: mut outcomes, rejected, gone } =
        read(desk, order, &client, tasks).await?;
    propose(desk, order, &client, &gone, &mut outcomes).await?;
    if rejected {
        keep_rejection(desk, order, keys).await?;
        reject_read(desk, &order.family.name, &mut outcomes).await?;
    }
    ended.extend(outcomes);
    Ok(in_order(order, ended))
}

/// Opens the family's access to the service, or tells why there is none.
pub(super) async fn open(
    desk: &Arc<Desk>,
    order: &FamilyOrder,
) -> Result<Result<Arc<Client>, Fault>, Fault> {
    let (name, base_url) = (&order.family.name, &order.family.base_url);
    let keys = match &order.keys {
        Ok(keys) => keys,
        Err(fault) => return Ok(Err(fault.clone())),
    };
    if let Some(fault) = refused_before(desk, name, keys).await? {
        return Ok(Err(fault));
    }
    let (gate, pace) = (Arc::clone(&desk.gate), desk.pace.clone());
    let permit = desk.counter.permit(name, &desk.clock, desk.settings.monthly_requests);
    let client = Client::new(base_url, keys.credentials.clone(), gate, pace);
    Ok(client.map(|client| Arc::new(client.with_permit(permit))).map_err(|error| error.fault(name)))
}

/// Finds the logins of the tasks and runs them side by side.
async fn read(
    desk: &Arc<Desk>,
    order: &FamilyOrder,
    client: &Arc<Client>,
    tasks: Vec<Task>,
) -> Result<LoginEnd, Fault> {
    let found = find_logins(client, &tasks).await;
    let (known, lost): (Vec<_>, Vec<_>) =
        tasks.into_iter().partition(|task| found.login_of(task).is_some());
    if lost.is_empty() {
        return run_logins(desk, order, client, &found, known).await;
    }
    let fault = found.error.as_ref();
    let fault = fault.map_or_else(no_login, |error| error.fault(&order.family.name));
    let gone = if found.error.is_none() { lost.clone() } else { Vec::new() };
    let mut outcomes = give_up(desk, lost, &fault).await?;
    if matches!(found.error, Some(Error::Rejected { .. })) {
        outcomes.extend(give_up(desk, known, &fault).await?);
        return Ok(LoginEnd { accounts: outcomes, rejected: true, gone });
    }
    let mut end = run_logins(desk, order, client, &found, known).await?;
    end.accounts.extend(outcomes);
    end.gone.extend(gone);
    Ok(end)
}

/// Runs logins side by side. One that stops half-way takes nothing from the others.
async fn run_logins(
    desk: &Arc<Desk>,
    order: &FamilyOrder,
    client: &Arc<Client>,
    found: &Found,
    tasks: Vec<Task>,
) -> Result<LoginEnd, Fault> {
    let (mut running, mut tasks_of) = (JoinSet::new(), HashMap::new());
    for (login, tasks) in by_login(desk, found, tasks).await? {
        let run = LoginRun {
            desk: Arc::clone(desk),
            client: Arc::clone(client),
            family: order.family.name.clone(),
            list: found.lists.get(&login).cloned(),
            login,
            tasks: tasks.clone(),
            manner: order.manner,
        };
        tasks_of.insert(running.spawn(run.run()).id(), tasks);
    }
    let mut whole = LoginEnd { accounts: Vec::new(), rejected: false, gone: Vec::new() };
    while let Some(ended) = running.join_next_with_id().await {
        let (id, end) = ended.unwrap_or_else(|stopped| (stopped.id(), Err(panicked())));
        match end {
            Ok(end) => {
                whole.accounts.extend(end.accounts);
                whole.rejected |= end.rejected;
                whole.gone.extend(end.gone);
            }
            Err(fault) => {
                let tasks = tasks_of.remove(&id).unwrap_or_default();
                whole.accounts.extend(halted(desk, tasks, &fault).await);
            }
        }
    }
    Ok(whole)
}

/// Ends the accounts of a login that stopped half-way. Where the store is what failed, their
/// state cannot be kept either, and is told all the same.
async fn halted(desk: &Desk, tasks: Vec<Task>, fault: &Fault) -> Vec<AccountOutcome> {
    let ended = |task: &Task| AccountOutcome {
        account: task.account.name.clone(),
        result: Err(fault.clone()),
    };
    let told = tasks.iter().map(ended).collect();
    give_up(desk, tasks, fault).await.unwrap_or(told)
}

/// Where accounts live, as far as it is known.
#[derive(Default)]
struct Found {
    lists: BTreeMap<LoginId, Vec<ReceivedAccount>>,
    error: Option<Error>,
}

impl Found {
    fn login_of(&self, task: &Task) -> Option<LoginId> {
        let known = task.account.login.clone().or_else(|| task.kept.login.clone());
        known.or_else(|| {
            let holds =
                |list: &[ReceivedAccount]| list.iter().any(|sent| sent.id == task.account.id);
            self.lists.iter().find(|(_, list)| holds(list)).map(|(login, _)| login.clone())
        })
    }
}

/// Looks through all logins for the accounts whose login is not known; once, since it is kept.
async fn find_logins(client: &Client, tasks: &[Task]) -> Found {
    let mut found = Found::default();
    if tasks.iter().all(|task| found.login_of(task).is_some()) {
        return found;
    }
    let patience = Patience::new();
    let logins = match client.logins(&patience).await {
        Ok(logins) => logins,
        Err(error) => return Found { error: Some(error), ..found },
    };
    for login in logins {
        match client.accounts(&login.id, &patience).await {
            Ok(list) => {
                found.lists.insert(login.id, list);
            }
            // Another login may hold the account: the error counts only if none does.
            Err(error) => found.error = Some(error),
        }
        if tasks.iter().all(|task| found.login_of(task).is_some()) {
            found.error = None;
            break;
        }
    }
    found
}

async fn by_login(
    desk: &Desk,
    found: &Found,
    tasks: Vec<Task>,
) -> Result<BTreeMap<LoginId, Vec<Task>>, Fault> {
    let mut logins: BTreeMap<LoginId, Vec<Task>> = BTreeMap::new();
    for task in tasks {
        let Some(login) = found.login_of(&task) else { continue };
        // A login that is only configured counts once its list has the account.
        let is_seen = found.lists.contains_key(&login);
        if is_seen && task.kept.login.as_ref() != Some(&login) {
            let (key, login) = (task.kept.key, login.clone());
            desk.shelf.with(move |store| store.save_login_of(key, &login)).await?;
        }
        logins.entry(login).or_default().push(task);
    }
    Ok(logins)
}

/// Links the wanted accounts to the store. An account whose files come from another store is set
/// aside: nothing of it is read.
async fn link(desk: &Desk, order: &FamilyOrder) -> Result<(Vec<Task>, Vec<AccountOutcome>), Fault> {
    let (family, wanted, today) =
        (order.family.clone(), order.wanted.clone(), desk.now().date_naive());
    let linked =
        desk.shelf.with(move |store| link_in_store(store, &family, &wanted, today)).await?;
    let mut tasks = Vec::new();
    let mut ended = Vec::new();
    for (task, lost) in linked {
        match lost {
            None => tasks.push(task),
            Some(fault) => ended.extend(give_up(desk, vec![task], &fault).await?),
        }
    }
    Ok((tasks, ended))
}

/// A task, and the fault that sets it aside.
type Checked = (Task, Option<Fault>);

fn link_in_store(
    store: &mut Store,
    family: &Family,
    wanted: &Wanted,
    today: Day,
) -> Result<Vec<Checked>, StoreError> {
    store.atomically(|store| {
        link_accounts(store, family, today)?;
        let open = |account: &&Account| account.closed.is_none_or(|closed| closed > today);
        let accounts =
            family.accounts.iter().filter(|account| wanted.takes(&account.name)).filter(open);
        let mut linked = Vec::new();
        for account in accounts {
            let kept =
                store.account(&family.name, &account.name)?.ok_or_else(|| store.lost_a_row())?;
            let lost = surviving(store, &family.output_dir, &kept)?;
            linked.push((Task { account: account.clone(), start: kept.linked.start, kept }, lost));
        }
        Ok(linked)
    })
}

/// Credentials that the service refused stay refused until they, or their check, say otherwise.
async fn refused_before(desk: &Desk, family: &Name, keys: &Keys) -> Result<Option<Fault>, Fault> {
    let (name, fingerprint) = (family.clone(), keys.fingerprint.clone());
    let record = desk.shelf.with(move |store| store.family(&name)).await?;
    let refused = record.rejected.as_ref() == Some(&fingerprint);
    Ok(refused.then(|| {
        let message = "the service refused these credentials before; it is not asked again".to_owned();
        let help = format!("correct them with `sophtron-sync credentials set {family}`, or run `sophtron-sync credentials check {family}`");
        fault(State::Rejected, Exit::Owner, message, &help)
    }))
}

async fn keep_rejection(desk: &Desk, order: &FamilyOrder, keys: &Keys) -> Result<(), Fault> {
    let (name, fingerprint) = (order.family.name.clone(), keys.fingerprint.clone());
    desk.shelf.with(move |store| store.set_rejected(&name, Some(&fingerprint))).await
}

/// Refused credentials are the state of the whole family, also of what was read just before.
async fn reject_read(
    desk: &Desk,
    family: &Name,
    outcomes: &mut [AccountOutcome],
) -> Result<(), Fault> {
    let faults = outcomes.iter().filter_map(|outcome| outcome.result.as_ref().err());
    let mut refusals = faults.filter(|fault| fault.state == State::Rejected);
    let Some(fault) = refusals.next().cloned() else { return Ok(()) };
    for outcome in outcomes {
        let Ok(news) = &mut outcome.result else { continue };
        news.note = Some(fault.clone());
        let (family, account) = (family.clone(), outcome.account.clone());
        let kept = desk.shelf.with(move |store| store.account(&family, &account)).await?;
        let Some(kept) = kept else { continue };
        let condition = desk.condition(&kept, &Attempt::Good(Some(&fault)));
        desk.shelf.with(move |store| store.save_condition(kept.key, &condition)).await?;
    }
    Ok(())
}

async fn all(
    desk: &Desk,
    order: &FamilyOrder,
    tasks: Vec<Task>,
    mut ended: Vec<AccountOutcome>,
    fault: &Fault,
) -> Result<FamilyOutcome, Fault> {
    ended.extend(give_up(desk, tasks, fault).await?);
    Ok(in_order(order, ended))
}

/// Ends some accounts with one fault, which is kept as their state.
async fn give_up(
    desk: &Desk,
    tasks: Vec<Task>,
    fault: &Fault,
) -> Result<Vec<AccountOutcome>, Fault> {
    let mut outcomes = Vec::new();
    for task in tasks {
        let condition = desk.condition(&task.kept, &Attempt::Bad(fault));
        let key = task.kept.key;
        desk.shelf.with(move |store| store.save_condition(key, &condition)).await?;
        outcomes.push(AccountOutcome { account: task.account.name, result: Err(fault.clone()) });
    }
    Ok(outcomes)
}

fn in_order(order: &FamilyOrder, mut ended: Vec<AccountOutcome>) -> FamilyOutcome {
    let place =
        |name: &Name| order.family.accounts.iter().position(|account| account.name == *name);
    ended.sort_by_key(|outcome| place(&outcome.account));
    FamilyOutcome { accounts: ended, ..FamilyOutcome::default() }
}

fn no_login() -> Fault {
    let message = "no login behind these credentials has this account".to_owned();
    let help =
        "`sophtron-sync accounts` lists what is there; after connecting the bank anew, ids are new";
    fault(State::Suspect, Exit::Trouble, message, help)
}

fn panicked() -> Fault {
    let message =
        "the sync of a login stopped half-way; what was read before that is kept".to_owned();
    fault(State::Failed, Exit::Trouble, message, "run it again, and report it if it comes back")
}
