//! An account whose bank was connected anew: which one came in its place, and what proves it.

use chrono::Days;

use super::login::Task;
use super::{AccountOutcome, Desk, FamilyOrder, plan};
use crate::books::{RowProof, Rules, Span, Traits};
use crate::domain::{
    AccountId, Day, Family, Fault, KeptAccount, KeptRow, LoginId, Name, ReceivedAccount,
    ReceivedLogin, ReceivedRow, Standing,
};
use crate::sophtron::{Client, Error, Patience};

/// So many of the newest rows are compared, or those of the overlap, if that is more.
const COMPARED: usize = 12;

/// A login, and what it lists.
#[derive(Debug)]
pub struct ListedLogin {
    /// The login.
    pub login: ReceivedLogin,
    /// Its accounts, or why they did not come.
    pub accounts: Result<Vec<ReceivedAccount>, Error>,
}

/// Every login that the service lists, with its accounts.
///
/// # Errors
/// The list of logins did not come, or the service refuses the family.
pub async fn listed_logins(
    client: &Client,
    patience: &Patience,
) -> Result<Vec<ListedLogin>, Error> {
    let mut listed = Vec::new();
    for login in client.logins(patience).await? {
        let accounts = client.accounts(&login.id, patience).await;
        if let Err(error @ (Error::Rejected { .. } | Error::Budget { .. })) = accounts {
            return Err(error);
        }
        listed.push(ListedLogin { login, accounts });
    }
    Ok(listed)
}

/// Every account that the service lists, with its login. A login that it knows nothing of any more has
/// none.
///
/// # Errors
/// The first answer that did not come.
pub async fn listed_accounts(
    client: &Client,
    patience: &Patience,
) -> Result<Vec<(LoginId, ReceivedAccount)>, Error> {
    let mut found = Vec::new();
    for ListedLogin { login, accounts } in listed_logins(client, patience).await? {
        let accounts = match accounts {
            Err(Error::NotFound { .. }) => continue,
            answer => answer?,
        };
        found.extend(accounts.into_iter().map(|account| (login.id.clone(), account)));
    }
    Ok(found)
}

/// What a kept account is told apart by; `None` where it was never received.
#[must_use]
pub fn traits_of(kept: &KeptAccount) -> Option<Traits> {
    let told = Traits::of(kept.received.as_ref()?);
    let stated = kept.linked.account.currency.as_ref();
    let known = stated.or(kept.settled.as_ref().map(|settled| &settled.currency));
    Some(Traits { currency: known.cloned().or(told.currency), ..told })
}

/// The one account among those that are listed which fits one that is gone; `None` where none does,
/// or several.
#[must_use]
pub fn successor<'l>(
    gone: &KeptAccount,
    listed: impl IntoIterator<Item = (&'l AccountId, Traits)>,
) -> Option<&'l AccountId> {
    let before = traits_of(gone)?;
    let mut fitting = listed.into_iter().filter(|(_, now)| before.fit(now)).map(|(id, _)| id);
    fitting.next().filter(|_| fitting.next().is_none())
}

/// Reads the rows of the account that came, over the days of the newest rows of the one that is gone,
/// and compares them.
///
/// # Errors
/// An answer that did not come.
pub async fn compare_rows(
    client: &Client,
    gone: &KeptAccount,
    rows: &[KeptRow],
    id: &AccountId,
    (overlap_days, today): (u32, Day),
) -> Result<RowProof, Error> {
    // What was never read has no rows.
    let Some(settled) = &gone.settled else {
        return Ok(RowProof { before: 0, now: 0, equal: 0 });
    };
    let rules = Rules::of(gone, settled);
    let span = span(gone, rows, overlap_days, today);
    let patience = Patience::new();
    let mut came: Vec<ReceivedRow> = Vec::new();
    for window in plan::windows(span) {
        let answer = client.rows(id, window.from, window.end, &patience).await?;
        let in_window = |row: &ReceivedRow| row.day().value().is_some_and(|day| window.holds(*day));
        came.extend(answer.into_iter().filter(in_window));
    }
    let in_span = |kept: &&KeptRow| kept.row.day().value().is_some_and(|day| span.holds(*day));
    let kept: Vec<KeptRow> = rows.iter().filter(in_span).cloned().collect();
    Ok(RowProof::of(&kept, &came, &rules))
}

/// The days that are compared.
fn span(gone: &KeptAccount, rows: &[KeptRow], overlap_days: u32, today: Day) -> Span {
    let present = rows.iter().filter(|kept| kept.standing == Standing::Present);
    let mut days: Vec<Day> = present.filter_map(|kept| kept.row.day().value().copied()).collect();
    days.sort_unstable();
    let newest = days.last().copied();
    let behind = newest.and_then(|day| day.checked_sub_days(Days::new(u64::from(overlap_days))));
    let compared = days.iter().rev().nth(COMPARED - 1).or(days.first()).copied();
    let whole = plan::span(gone.linked.start, newest, &gone.cursor, overlap_days, today);
    let from = [behind, compared].into_iter().flatten().fold(whole.from, Day::min);
    Span { from: from.max(gone.linked.start), end: whole.end }
}

/// The command that moves an account to its new id, in words.
#[must_use]
pub fn proposal(family: &Name, name: &Name, account: &AccountId) -> String {
    format!("its bank seems connected anew: `sophtron-sync relink {family} {name} {account}`")
}

/// Names the command for each account that is gone, where one came that fits.
pub(super) async fn propose(
    desk: &Desk,
    order: &FamilyOrder,
    client: &Client,
    gone: &[Task],
    outcomes: &mut [AccountOutcome],
) -> Result<(), Fault> {
    let listed = if is_looked_for(desk, order, gone) {
        listed_accounts(client, &Patience::new()).await.ok()
    } else {
        None
    };
    for task in gone {
        let named = |outcome: &&mut AccountOutcome| outcome.account == task.account.name;
        let outcome = outcomes.iter_mut().find(named);
        let Some(Err(fault)) = outcome.map(|outcome| &mut outcome.result) else { continue };
        let before = &task.kept.condition;
        let help = match &listed {
            Some(listed) => proposed(task, &order.family, listed),
            None => before.help.clone().filter(|_| before.message.as_ref() == Some(&fault.message)),
        };
        if let Some(help) = help {
            fault.help.clone_from(&help);
            let key = task.kept.key;
            desk.shelf.with(move |store| store.save_help(key, &help)).await?;
        }
    }
    Ok(())
}

/// Whether what came is looked for, which costs requests: when an account is missed first, then once
/// a day, and whenever the owner asks.
fn is_looked_for(desk: &Desk, order: &FamilyOrder, gone: &[Task]) -> bool {
    let today = desk.now().date_naive();
    let missed_today = |task: &Task| {
        let before = &task.kept.condition;
        before.failures > 0 && before.last_attempt.is_some_and(|last| last.date_naive() == today)
    };
    !gone.is_empty() && (order.manner.looks_at_waiting || !gone.iter().all(missed_today))
}

fn proposed(task: &Task, family: &Family, listed: &[(LoginId, ReceivedAccount)]) -> Option<String> {
    let is_free = |id: &AccountId| family.accounts.iter().all(|account| account.id != *id);
    let free = listed.iter().filter(|(_, account)| is_free(&account.id));
    let free = free.map(|(_, account)| (&account.id, Traits::of(account)));
    let id = successor(&task.kept, free)?;
    Some(proposal(&family.name, &task.account.name, id))
}
