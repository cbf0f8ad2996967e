//! The read of one account of a login: its record in the list, whether its data moved, its rows.

use super::login::{LoginRun, Stop, Task};
use super::outcome::fault;
use super::plan;
use super::read::Read;
use super::take::{aside, take, take_unmoved};
use super::{News, Step};
use crate::books::{
    Alarm, Asked, CurrencyTrouble, Fetched, Reported, Rules, Span, account_currency, gather,
    ofx_identity, reported_balance,
};
use crate::domain::{
    AccountType, Currency, Cursor, Exit, Fault, KeptAccount, Name, ReceivedAccount, ReceivedRow,
    Sent, Settled, State, Track,
};
use crate::sophtron::Patience;

impl LoginRun {
    /// Reads one account, unless its data stand where they stood.
    pub(super) async fn read_one(
        &self,
        task: &Task,
        list: &[ReceivedAccount],
        patience: &Patience,
    ) -> Result<News, Stop> {
        let received = match self.listed(task, list) {
            Ok(received) => received,
            Err(fault) => return Err(self.set_aside(task, fault, list, &[]).await),
        };
        self.keep_login(task).await?;
        let (currency, settled) = match settle_account(task, &received, self.manner.accept) {
            Ok(settled) => settled,
            Err(fault) => return Err(self.set_aside(task, fault, &[received], &[]).await),
        };
        let track = task.account.track.unwrap_or(settled.track);
        let rules = Rules::new(&task.account, currency, task.start).proved(&settled);
        let conflict = balance_note(&reported_balance(&received, task.account.kind, track));
        let unmoved = self.is_unmoved(task, &received, &settled, &rules).await?;
        if unmoved {
            let (key, received) = (task.kept.key, received);
            self.desk.shelf.with(move |store| take_unmoved(store, key, &received)).await?;
            return Ok(News { note: conflict, ..News::default() });
        }
        let (asked, fetched) = match track {
            Track::Value => (plan::no_days(self.desk.now().date_naive()), Fetched::default()),
            Track::Cash | Track::Rows => self.read_rows(task, patience).await?,
        };
        let now = self.desk.now();
        let overlap_days = self.desk.settings.overlap_days;
        let asked = Asked { span: asked, overlap_days, caught_up: plan::caught_up(now) };
        let read = Read {
            account: task.account.clone(),
            kept: task.kept.clone(),
            received,
            settled,
            track,
            rules,
            asked,
            fetched,
            accept: self.manner.accept,
            now,
        };
        Ok(News { note: conflict, ..self.take(read).await? })
    }

    /// Takes a read into the store, or tells which guard refused it.
    async fn take(&self, read: Read) -> Result<News, Stop> {
        let name = read.account.name.clone();
        let store = &self.desk.shelf;
        let taken = store.with(move |store| store.atomically(|store| take(store, &read))).await?;
        taken.map_err(|alarm| refused(&alarm, &self.family, &name).into())
    }

    /// Keeps aside what the owner may want to see of an answer that is refused, and gives what ends
    /// the read.
    async fn set_aside(
        &self,
        task: &Task,
        fault: Fault,
        accounts: &[ReceivedAccount],
        rows: &[ReceivedRow],
    ) -> Stop {
        if fault.state != State::Suspect {
            return Stop::Fault(fault);
        }
        let (key, now, why) = (task.kept.key, self.desk.now(), fault.message.clone());
        let (accounts, rows) = aside(accounts, rows);
        let kept = self
            .desk
            .shelf
            .with(move |store| store.keep_refused(key, now, &why, (&accounts, &rows)));
        Stop::Fault(kept.await.err().unwrap_or(fault))
    }

    /// Keeps that the account is this login's, now that its list says so.
    async fn keep_login(&self, task: &Task) -> Result<(), Fault> {
        if task.kept.login.as_ref() == Some(&self.login) {
            return Ok(());
        }
        let (key, login) = (task.kept.key, self.login.clone());
        self.desk.shelf.with(move |store| store.save_login_of(key, &login)).await
    }

    /// The list's record of an account, where it is there and this login's.
    fn listed(&self, task: &Task, list: &[ReceivedAccount]) -> Result<ReceivedAccount, Fault> {
        let mut found = list.iter().filter(|sent| sent.id == task.account.id);
        let Some(sent) = found.next() else { return Err(not_listed(list)) };
        if found.any(|other| !same_record(sent, other)) {
            return Err(listed_twice());
        }
        if sent.login.as_ref().is_some_and(|login| *login != self.login) {
            return Err(foreign());
        }
        if sent.status.as_deref().is_some_and(|word| word.trim().eq_ignore_ascii_case("untracked"))
        {
            return Err(untracked());
        }
        Ok(sent.clone())
    }

    /// Whether the rows are those that were read last: `LastUpdated` stands still, every day since
    /// the start was read, and the reported balance is the one that the books explain.
    async fn is_unmoved(
        &self,
        task: &Task,
        received: &ReceivedAccount,
        settled: &Settled,
        rules: &Rules,
    ) -> Result<bool, Fault> {
        if self.manner.full {
            return Ok(false);
        }
        let cursor = &task.kept.cursor;
        let tells = |text: &str| plan::known_update(text, self.desk.now()).is_some();
        let same = received.last_updated.as_deref().is_some_and(tells)
            && received.last_updated == cursor.last_updated;
        let all_read = cursor.read_from.is_some_and(|read_from| read_from <= task.start);
        let before = task.kept.received.as_ref();
        let figures = |sent: &ReceivedAccount| {
            (sent.balance.clone(), sent.account_balance.clone(), sent.cash.clone())
        };
        let same_figures = before.map(figures) == Some(figures(received));
        if !(same && all_read && same_figures && task.kept.settled.as_ref() == Some(settled)) {
            return Ok(false);
        }
        Ok(!self.drifts(task, rules).await?)
    }

    async fn drifts(&self, task: &Task, rules: &Rules) -> Result<bool, Fault> {
        let (key, rules) = (task.kept.key, rules.clone());
        let reports = self.desk.shelf.with(move |store| store.reports(key)).await?;
        let last =
            reports.last().and_then(|last| Some((rules.signed(last.balance?)?, last.computed?)));
        Ok(last.is_some_and(|(reported, computed)| reported != computed))
    }

    async fn span(&self, task: &Task) -> Result<Span, Fault> {
        let key = task.kept.key;
        let rows = self.desk.shelf.with(move |store| store.newest_day(key)).await?;
        let (overlap, today) = (self.desk.settings.overlap_days, self.desk.now().date_naive());
        let anew = Cursor::default();
        let cursor = if self.manner.full { &anew } else { &task.kept.cursor };
        Ok(plan::span(task.start, rows, cursor, overlap, today))
    }

    async fn read_rows(&self, task: &Task, patience: &Patience) -> Result<(Span, Fetched), Stop> {
        let account = task.account.name.clone();
        (self.desk.progress)(Step::Reading { family: self.family.clone(), account });
        let asked = self.span(task).await?;
        let mut answers = Vec::new();
        for window in plan::windows(asked) {
            let id = &task.account.id;
            let rows = self.client.rows(id, window.from, window.end, patience).await?;
            let ours = |row: &ReceivedRow| {
                row.account_id.as_ref().is_none_or(|account| account == id.as_str())
            };
            if !rows.iter().all(ours) {
                return Err(self.set_aside(task, foreign(), &[], &rows).await);
            }
            answers.push((window, rows));
        }
        Ok((asked, gather(answers)))
    }
}

/// The account's currency, and what the first good read settles. A code that the service sends is
/// settled too; that it falls silent changes nothing. An answer that contradicts the configured
/// currency is taken in that one where its owner takes it.
fn settle_account(
    task: &Task,
    received: &ReceivedAccount,
    accept: bool,
) -> Result<(Currency, Settled), Fault> {
    let (configured, before) = (task.account.currency.as_ref(), task.kept.settled.as_ref());
    let (settled, sent) = (before.map(|before| &before.currency), received.currency.as_deref());
    let currency = match (account_currency(configured, settled, sent), configured) {
        (Ok(currency), _) => currency,
        (Err(_), Some(configured)) if accept => configured.clone(),
        (Err(trouble), _) => return Err(other_currency(task, &trouble)),
    };
    let told = sent.and_then(Currency::parse).or_else(|| settled.cloned());
    let unstated = told.unwrap_or_else(|| currency.clone());
    let kind = task.account.kind;
    if let Some(before) = before {
        // A type that its owner corrects since: only an investment has its rows alone.
        let track = if kind == AccountType::Investment { before.track } else { Track::Cash };
        return Ok((currency, Settled { currency: unstated, track, ..before.clone() }));
    }
    let track = match kind {
        AccountType::Investment if received.cash == Sent::Nothing => Track::Rows,
        _ => Track::Cash,
    };
    let kept = &task.kept;
    let ofx = ofx_identity(&kept.family, &kept.first_name, &kept.first_id, received);
    let settled = Settled { currency: unstated, track, ofx, balance_sign: None, amount_sign: None };
    Ok((currency, settled))
}

fn other_currency(task: &Task, trouble: &CurrencyTrouble) -> Fault {
    let help = if task.account.currency.is_some() {
        let KeptAccount { family, name, .. } = &task.kept;
        format!(
            "correct `currency` of this account in the configuration, or, if the service is wrong, take its answer in the configured one with `sophtron-sync sync {family}/{name} --accept`"
        )
    } else {
        "set `currency` of this account in the configuration to its ISO code, then sync again"
            .to_owned()
    };
    fault(State::Suspect, Exit::Trouble, trouble.to_string(), &help)
}

fn balance_note(reported: &Reported) -> Option<Fault> {
    let message = match reported {
        Reported::Conflict(first, second) => {
            format!(
                "the service sends two balances that differ, {first} and {second}: neither is taken"
            )
        }
        Reported::Unusable => {
            "the service sends a balance that is no plain decimal: it is not taken".to_owned()
        }
        Reported::Nothing | Reported::Value(_) => return None,
    };
    Some(fault(
        State::Ok,
        Exit::Good,
        message,
        "nothing to do unless it lasts: rows are booked as ever",
    ))
}

fn refused(alarm: &Alarm, family: &Name, account: &Name) -> Fault {
    let help = format!(
        "nothing was changed, and it is asked again; if it is right, take it with `sophtron-sync sync {family}/{account} --accept`"
    );
    fault(State::Suspect, Exit::Trouble, alarm.to_string(), &help)
}

fn not_listed(list: &[ReceivedAccount]) -> Fault {
    let message =
        format!("the account is not among the {} that the service lists for its login", list.len());
    let help = "nothing was changed; `sophtron-sync accounts` lists what is there: after connecting the bank anew, ids are new";
    fault(State::Suspect, Exit::Trouble, message, help)
}

/// Whether two records say the same, in whatever order.
fn same_record(one: &ReceivedAccount, other: &ReceivedAccount) -> bool {
    let told = |sent: &ReceivedAccount| ReceivedAccount { raw: String::new(), ..sent.clone() };
    told(one) == told(other)
}

fn listed_twice() -> Fault {
    let message =
        "the service lists the account more than once, and not the same each time".to_owned();
    let help = "nothing was changed; it is asked again at the next sync";
    fault(State::Suspect, Exit::Trouble, message, help)
}

fn foreign() -> Fault {
    let message = "the service answered with data of another account".to_owned();
    fault(
        State::Suspect,
        Exit::Trouble,
        message,
        "nothing was changed; it is asked again at the next sync",
    )
}

fn untracked() -> Fault {
    let message = "the account is marked Untracked at the service: its data stand still".to_owned();
    fault(
        State::Failed,
        Exit::Trouble,
        message,
        "track it again at sophtron.com, or set `closed` to the last day that counts",
    )
}
