//! Whether the bank of a login is asked for new data now: what is due, and what stands against it.

use chrono::{DateTime, Utc};

use super::Step;
use super::login::{LoginRun, Stop, Task};
use super::outcome::fault;
use super::plan::{self, updated_at};
use super::refresh::{
    self, Refreshed, Refresher, gives_another_login, last_failure, lets_it_be_asked,
};
use super::schedule::is_quiet;
use crate::domain::{Exit, Fault, KeptLogin, Name, ReceivedAccount, Refresh, State};
use crate::sophtron::Patience;

impl LoginRun {
    /// Asks the bank for new data where that is due, and stays until it has answered.
    pub(super) async fn refresh_if_due(
        &mut self,
        login: &mut KeptLogin,
        patience: &Patience,
    ) -> Result<Refreshed, Stop> {
        let is_asked = self.refresh_setting() != Refresh::Never;
        let wanted = self.manner.refresh && is_asked;
        // A job that waits for its owner is looked at all the same: that starts nothing, and
        // until it is answered there is nothing else to ask.
        if !wanted && !login.waits() {
            // Of a bank that is never asked, no failure is waited out.
            return Ok(if is_asked { Refreshed::Rests } else { Refreshed::Good });
        }
        if login.job.is_none()
            && let Some(held_off) = self.held_off(login, patience).await?
        {
            return Ok(held_off);
        }
        self.list = None;
        let accounts: Vec<Name> = self.tasks.iter().map(|task| task.account.name.clone()).collect();
        let Some(account) = accounts.first().cloned() else { return Ok(Refreshed::Good) };
        (self.desk.progress)(Step::Refreshing { family: self.family.clone(), accounts });
        let Self { desk, client, family, .. } = self;
        let refresher = Refresher { desk, client, family, account: &account };
        refresher.refresh(login, patience).await.map_err(Stop::Fault)
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
            return Ok(Some(Refreshed::Rests));
        }
        if is_quiet(&self.desk.schedule, self.desk.now()) {
            return Ok(Some(Refreshed::Rests));
        }
        if let Some(fault) = self.no_room_for_refresh().await? {
            return Ok(Some(Refreshed::Noted(fault)));
        }
        let (Some(why), Some(task)) = (&login.blocked, self.tasks.first()) else {
            return Ok(None);
        };
        Ok(Some(Refreshed::Noted(blocked(why, login, &self.family, &task.account.name))))
    }

    /// What there is to tell of the last refresh, where none was begun. That it brought nothing is
    /// forgotten where the service has newer data all the same.
    pub(super) async fn of_the_last(
        &self,
        login: &mut KeptLogin,
        list: &[ReceivedAccount],
    ) -> Result<Option<Fault>, Fault> {
        if login.failed.is_none() {
            return Ok(None);
        }
        let mine = |sent: &&ReceivedAccount| self.tasks.iter().any(|it| it.account.id == sent.id);
        let copies =
            list.iter().filter(mine).filter_map(|sent| updated_at(last_updated(Some(sent))?));
        if login.refresh_tried.is_some_and(|tried| copies.max() > Some(tried)) {
            login.failed = None;
        }
        let told = last_failure(login);
        if let Some(failed) = &mut login.failed {
            failed.is_told = true;
        }
        refresh::save(&self.desk, &self.family, login).await?;
        Ok(told)
    }

    /// Why the month's budget allows no refresh, if it does not.
    async fn no_room_for_refresh(&self) -> Result<Option<Fault>, Fault> {
        let (family, month) = (self.family.clone(), self.desk.now().format("%Y-%m").to_string());
        let used = self.desk.counter.with(move |store| store.requests(&family, &month)).await?;
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
            last_updated(sent).and_then(|text| plan::known_update(text, self.desk.now()))
        });
        updated.min().flatten()
    }
}

fn last_updated(sent: Option<&ReceivedAccount>) -> Option<&str> {
    sent.and_then(|sent| sent.last_updated.as_deref())
}

fn blocked(why: &str, login: &KeptLogin, family: &Name, account: &Name) -> Fault {
    let message = format!("the bank is not asked for new data: {why}");
    let help = if login.is_refused() {
        gives_another_login(family, account)
    } else {
        lets_it_be_asked(family, account)
    };
    fault(State::Ok, Exit::Good, message, &help)
}
