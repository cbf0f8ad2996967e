//! The sync of one login: refresh if due, the list of accounts, the rows of those that moved.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::outcome::fault;
use super::plan::{self, Attempt};
use super::refresh::{Refreshed, refresh};
use super::take::{Read, take, take_unmoved};
use super::{AccountOutcome, Desk, Manner, News, Step};
use crate::books::{
    Alarm, Asked, Fetched, Reported, Rules, Span, account_currency, gather, ofx_identity,
    reported_balance,
};
use crate::domain::{
    Account, AccountType, Cursor, Day, Exit, Fault, KeptAccount, KeptLogin, LoginId, Name,
    ReceivedAccount, ReceivedRow, Refresh, Sent, Settled, State, Track,
};
use crate::sophtron::{Client, Error, Patience};

/// One linked account that is to be read.
#[derive(Clone)]
pub(super) struct Task {
    /// The account as configured.
    pub account: Account,
    /// The account as kept.
    pub kept: KeptAccount,
    /// The first day that is booked.
    pub start: Day,
}

/// The accounts of one login.
pub(super) struct LoginRun {
    pub desk: Arc<Desk>,
    pub client: Arc<Client>,
    pub family: Name,
    pub login: LoginId,
    pub tasks: Vec<Task>,
    /// The list of its accounts, where looking for logins has just read it.
    pub list: Option<Vec<ReceivedAccount>>,
    /// What the owner asked for.
    pub manner: Manner,
}

/// How a login's run ended.
pub(super) struct LoginEnd {
    pub accounts: Vec<AccountOutcome>,
    /// The service refused the family's credentials.
    pub rejected: bool,
}

impl LoginRun {
    /// Runs it. Each account has its own outcome; what the whole login meets, all of them have.
    pub(super) async fn run(mut self) -> Result<LoginEnd, Fault> {
        let patience = Patience::new();
        let now = self.desk.now();
        let held = self.take_held_back(now);
        if self.tasks.is_empty() {
            return Ok(LoginEnd { accounts: held, rejected: false });
        }
        let mut end = self.run_free(patience).await?;
        end.accounts.extend(held);
        Ok(end)
    }

    /// Runs it for the accounts that nothing holds back.
    async fn run_free(mut self, patience: Patience) -> Result<LoginEnd, Fault> {
        let mut login = self.kept_login().await?;
        self.find_institution(&mut login, &patience).await?;
        let refreshed = match self.refresh_if_due(&mut login, &patience).await {
            Ok(refreshed) => refreshed,
            Err(stop) => return self.stopped(stop).await,
        };
        let note = match refreshed {
            Refreshed::Good => None,
            Refreshed::Noted(fault) => Some(fault),
            Refreshed::Waiting(fault) | Refreshed::Stopped(fault) => {
                return self.stopped(Stop::Fault(fault)).await;
            }
        };
        let list = match self.list.take() {
            Some(list) => list,
            None => match self.client.accounts(&self.login, &patience).await {
                Ok(list) => list,
                Err(error) => return self.stopped(Stop::Error(error)).await,
            },
        };
        self.read_all(&list, note.as_ref(), &patience).await
    }

    /// Takes out the accounts for which a Retry-After still runs: it binds a sync by hand too.
    fn take_held_back(&mut self, now: DateTime<Utc>) -> Vec<AccountOutcome> {
        let tasks = std::mem::take(&mut self.tasks);
        let mut held = Vec::new();
        for task in tasks {
            match held_back(&task, now) {
                None => self.tasks.push(task),
                Some(fault) => {
                    held.push(AccountOutcome { account: task.account.name, result: Err(fault) });
                }
            }
        }
        held
    }

    async fn kept_login(&self) -> Result<KeptLogin, Fault> {
        let (family, id) = (self.family.clone(), self.login.clone());
        let kept = self.desk.shelf.with(move |store| store.login(&family, &id)).await?;
        Ok(kept.unwrap_or_else(|| KeptLogin {
            id: self.login.clone(),
            institution_id: None,
            institution: None,
            job: None,
            refresh_tried: None,
            login_refused: 0,
            blocked: None,
        }))
    }

    /// Looks the bank's name up, once: no record of the service names it beside the account.
    async fn find_institution(
        &self,
        login: &mut KeptLogin,
        patience: &Patience,
    ) -> Result<(), Fault> {
        if login.institution.is_some() {
            return Ok(());
        }
        if login.institution_id.is_none() {
            let Ok(logins) = self.client.logins(patience).await else { return Ok(()) };
            let mine = logins.into_iter().find(|listed| listed.id == self.login);
            login.institution_id = mine.and_then(|listed| listed.institution_id);
        }
        let name = match &login.institution_id {
            Some(id) => self.client.institution_name(id, patience).await,
            None => Ok(None),
        };
        login.institution = match name {
            Ok(name) => Some(name.unwrap_or_default()),
            // It will not be told another time either: what is missing stays empty.
            Err(Error::NotFound { .. } | Error::Forbidden { .. } | Error::Refused { .. }) => {
                Some(String::new())
            }
            Err(_) => None,
        };
        let (family, login) = (self.family.clone(), login.clone());
        self.desk.shelf.with(move |store| store.save_login(&family, &login)).await
    }

    async fn refresh_if_due(
        &mut self,
        login: &mut KeptLogin,
        patience: &Patience,
    ) -> Result<Refreshed, Stop> {
        let wanted = self.manner.refresh && self.refresh_setting() != Refresh::Never;
        // A job that waits for its owner is looked at all the same: that starts nothing, and
        // until it is answered there is nothing else to ask.
        let waits = login.job.is_some() && login.blocked.is_some();
        if !wanted && !waits {
            return Ok(Refreshed::Good);
        }
        if login.job.is_none()
            && let Some(held_off) = self.held_off(login, patience).await?
        {
            return Ok(held_off);
        }
        self.list = None;
        let accounts = self.tasks.iter().map(|task| task.account.name.clone()).collect();
        (self.desk.progress)(Step::Refreshing { family: self.family.clone(), accounts });
        let ended = refresh(&self.desk, &self.client, &self.family, login, patience).await;
        ended.map_err(Stop::Fault)
    }

    /// What stands against starting a refresh: it is not due, the budget, or the owner's turn.
    async fn held_off(
        &mut self,
        login: &KeptLogin,
        patience: &Patience,
    ) -> Result<Option<Refreshed>, Stop> {
        let Refresh::Every(every) = self.refresh_setting() else {
            return Ok(Some(Refreshed::Good));
        };
        let unknown = |task: &Task| last_updated(task.kept.received.as_ref()).is_none();
        if self.list.is_none() && self.tasks.iter().any(unknown) {
            self.list = Some(self.client.accounts(&self.login, patience).await?);
        }
        if !plan::refresh_due(every, self.oldest_copy(), login.refresh_tried, self.desk.now()) {
            return Ok(Some(Refreshed::Good));
        }
        if let Some(fault) = self.no_room_for_refresh().await? {
            return Ok(Some(Refreshed::Noted(fault)));
        }
        let why = login.blocked.as_ref();
        Ok(why.map(|why| Refreshed::Noted(blocked(why, &self.family))))
    }

    /// Why the month's budget allows no refresh, if it does not.
    async fn no_room_for_refresh(&self) -> Result<Option<Fault>, Fault> {
        let (family, month) = (self.family.clone(), self.desk.now().format("%Y-%m").to_string());
        let used = self.desk.shelf.with(move |store| store.requests(&family, &month)).await?;
        let budget = self.desk.settings.monthly_requests;
        let message = || {
            format!(
                "{used} of {budget} requests are used this month: no bank is asked for new data above 80 %"
            )
        };
        let help =
            "nothing to do: what the service has is read; `monthly_requests` sets the budget";
        Ok((!plan::may_refresh(used, budget))
            .then(|| fault(State::Ok, Exit::Good, message(), help)))
    }

    /// How often the login's bank is asked: the longest of its accounts holds.
    fn refresh_setting(&self) -> Refresh {
        let general = self.desk.settings.refresh;
        let stated = self.tasks.iter().map(|task| task.account.refresh.unwrap_or(general));
        stated.max().unwrap_or(general)
    }

    /// The age of the service's copy: that of the account updated longest ago, as last listed.
    fn oldest_copy(&self) -> Option<DateTime<Utc>> {
        let updated = self.tasks.iter().map(|task| {
            let listed = self
                .list
                .as_ref()
                .and_then(|list| list.iter().find(|sent| sent.id == task.account.id));
            let sent = listed.or(task.kept.received.as_ref());
            last_updated(sent).and_then(plan::updated_at)
        });
        updated.min().flatten()
    }

    async fn read_all(
        self,
        list: &[ReceivedAccount],
        note: Option<&Fault>,
        patience: &Patience,
    ) -> Result<LoginEnd, Fault> {
        let mut end = LoginEnd { accounts: Vec::new(), rejected: false };
        for task in &self.tasks {
            let name = task.account.name.clone();
            let read = if end.rejected {
                Err(Stop::Error(rejected()))
            } else {
                self.read_one(task, list, patience).await
            };
            let result = match read {
                Ok(mut news) => {
                    news.note = news.note.or_else(|| note.cloned());
                    self.settle(task, Attempt::Good(news.note.as_ref())).await?;
                    Ok(news)
                }
                Err(stop) => {
                    end.rejected |= stop.is_rejection();
                    let fault = stop.fault();
                    self.settle(task, Attempt::Bad(&fault)).await?;
                    Err(fault)
                }
            };
            (self.desk.progress)(Step::Done { family: self.family.clone(), account: name.clone() });
            end.accounts.push(AccountOutcome { account: name, result });
        }
        Ok(end)
    }

    async fn read_one(
        &self,
        task: &Task,
        list: &[ReceivedAccount],
        patience: &Patience,
    ) -> Result<News, Stop> {
        let received = self.listed(task, list)?;
        self.keep_login(task).await?;
        let settled = settle_account(task, &received)?;
        let track = task.account.track.unwrap_or(settled.track);
        let rules =
            Rules::new(&task.account, settled.currency.clone(), task.start).proved(&settled);
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
        let asked = Asked { span: asked, overlap_days: self.desk.settings.overlap_days };
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
            now: self.desk.now(),
        };
        let store = &self.desk.shelf;
        let taken = store.with(move |store| store.atomically(|store| take(store, &read))).await?;
        let news = taken.map_err(|alarm| refused(&alarm, &self.family, &task.account.name))?;
        Ok(News { note: conflict, ..news })
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
        let (Some(sent), None) = (found.next(), found.next()) else { return Err(not_listed(list)) };
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
        let same = received.last_updated.is_some() && received.last_updated == cursor.last_updated;
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
                return Err(Stop::Fault(foreign()));
            }
            answers.push((window, rows));
        }
        Ok((asked, gather(answers)))
    }

    async fn settle(&self, task: &Task, attempt: Attempt<'_>) -> Result<(), Fault> {
        let condition = self.desk.condition(&task.kept, &attempt);
        let key = task.kept.key;
        self.desk.shelf.with(move |store| store.save_condition(key, &condition)).await
    }

    /// Ends the run with one fault for all of its accounts.
    async fn stopped(self, stop: Stop) -> Result<LoginEnd, Fault> {
        let rejected = stop.is_rejection();
        let fault = stop.fault();
        for task in &self.tasks {
            self.settle(task, Attempt::Bad(&fault)).await?;
        }
        Ok(LoginEnd { rejected, ..self.all(&fault) })
    }

    fn all(&self, fault: &Fault) -> LoginEnd {
        let made = |task: &Task| AccountOutcome {
            account: task.account.name.clone(),
            result: Err(fault.clone()),
        };
        LoginEnd { accounts: self.tasks.iter().map(made).collect(), rejected: false }
    }
}

/// What ends a read: an error of the service, or a fault found here.
enum Stop {
    Error(Error),
    Fault(Fault),
}

impl Stop {
    fn is_rejection(&self) -> bool {
        match self {
            Self::Error(error) => matches!(error, Error::Rejected { .. }),
            Self::Fault(fault) => fault.state == State::Rejected,
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Error(error) => error.fault(),
            Self::Fault(fault) => fault.clone(),
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

fn last_updated(sent: Option<&ReceivedAccount>) -> Option<&str> {
    sent.and_then(|sent| sent.last_updated.as_deref())
}

fn held_back(task: &Task, now: DateTime<Utc>) -> Option<Fault> {
    let until = task.kept.condition.wait_until.filter(|until| *until > now)?;
    let message =
        format!("the service asked to wait until {} UTC", until.format("%Y-%m-%d %H:%M:%S"));
    Some(fault(State::Limited, Exit::TryLater, message, "nothing to do: it is asked again then"))
}

/// What the first good read settles; the currency follows the configuration.
fn settle_account(task: &Task, received: &ReceivedAccount) -> Result<Settled, Fault> {
    let currency = account_currency(task.account.currency.as_ref(), received.currency.as_deref());
    let currency = currency.map_err(|trouble| {
        let help =
            "set `currency` of this account in the configuration to its ISO code, then sync again";
        fault(State::Suspect, Exit::Trouble, trouble.to_string(), help)
    })?;
    if let Some(settled) = &task.kept.settled {
        return Ok(Settled { currency, ..settled.clone() });
    }
    let track = match task.account.kind {
        AccountType::Investment if received.cash == Sent::Nothing => Track::Rows,
        _ => Track::Cash,
    };
    let kept = &task.kept;
    let ofx = ofx_identity(&kept.family, &kept.first_name, &kept.first_id, received);
    Ok(Settled { currency, track, ofx, balance_sign: None, amount_sign: None })
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

fn blocked(why: &str, family: &Name) -> Fault {
    let message = format!("the bank is not asked for new data: {why}");
    let help = format!(
        "look at this login at sophtron.com, then run `sophtron-sync credentials check {family}`, which lets it be asked again"
    );
    fault(State::Ok, Exit::Good, message, &help)
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

fn rejected() -> Error {
    Error::Rejected { asked: "the list of transactions", status: 401 }
}
