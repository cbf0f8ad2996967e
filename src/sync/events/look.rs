//! How accounts stand at the end of a round, as far as anybody is told.

use chrono::SecondsFormat;

use super::RoundEnd;
use crate::domain::{AccountOverview, Day, EventAccount, Exit, Name, Overview, State, plain};
use crate::store::{Store, StoreError};
use crate::sync::{AccountOutcome, Asked, News, overview};

/// How one account stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) family: Name,
    pub(super) name: Name,
    pub(super) state: State,
    pub(super) message: Option<String>,
    pub(super) help: Option<String>,
    /// Attempts in a row that failed.
    pub(super) failures: u32,
    /// Whether the service gave a usable answer in this round; `None` where it was not asked.
    pub(super) reached: Option<bool>,
    pub(super) counts: Counts,
    /// The reported balance as files write it.
    pub(super) balance: Option<String>,
    /// The drift that stands, with its currency, and its first day.
    pub(super) drift: Option<(String, Day)>,
    pub(super) quarantined: usize,
}

/// What a round brought for an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    pub(super) added: usize,
    pub(super) changed: usize,
    pub(super) vanished: usize,
}

impl Counts {
    fn of(news: &News) -> Self {
        let (added, changed) = (news.added + news.returned, news.changed);
        Self { added, changed, vanished: news.vanished.len() }
    }
}

impl Look {
    /// Whether nothing is read of the account, as its owner configured.
    pub(super) fn rests(&self) -> bool {
        matches!(self.state, State::Closed | State::Paused)
    }

    /// The account in an event of its family.
    pub(super) fn entry(&self) -> EventAccount {
        let Counts { added, changed, vanished } = self.counts;
        EventAccount {
            name: self.name.to_string(),
            state: self.state,
            message: self.message.clone(),
            help: self.help.clone(),
            added,
            changed,
            vanished,
            balance: self.balance.clone(),
        }
    }
}

/// How everything stands, as `status` shows it.
pub(super) fn present(store: &Store, end: &RoundEnd) -> Result<Overview, StoreError> {
    let asked = Asked {
        now: end.now,
        daemon: end.daemon.clone(),
        sync: &end.sync,
        schedule: &end.schedule,
        style: &end.files.style,
        keeps: true,
    };
    overview(Some(store), &end.families, &asked)
}

/// Looks at every account.
pub(super) fn looks(
    store: &Store,
    end: &RoundEnd,
    overview: &Overview,
) -> Result<Vec<Look>, StoreError> {
    let accounts = overview.accounts();
    accounts.map(|(family, account)| look(store, end, &family.name, account)).collect()
}

fn look(
    store: &Store,
    end: &RoundEnd,
    family: &Name,
    account: &AccountOverview,
) -> Result<Look, StoreError> {
    let failures = match account.state {
        State::Suspect => store.account(family, &account.name)?.map(|kept| kept.condition.failures),
        _ => None,
    };
    let currency = account.currency.as_ref();
    let money = |amount| Some(plain(amount, currency?));
    let drift = account.drift.as_ref();
    let drift =
        drift.and_then(|it| Some((format!("{} {}", money(it.amount)?, currency?), it.since)));
    let outcome = end.outcome(family).and_then(|outcome| {
        outcome.accounts.iter().find(|outcome| outcome.account == account.name)
    });
    Ok(Look {
        family: family.clone(),
        name: account.name.clone(),
        state: account.state,
        message: account.message.clone().or_else(|| stale_words(account)),
        help: account.help.clone(),
        failures: failures.unwrap_or(0),
        reached: outcome.map(was_reached),
        counts: outcome.and_then(|it| it.result.as_ref().ok()).map(Counts::of).unwrap_or_default(),
        balance: account.balance.and_then(money),
        drift,
        quarantined: account.quarantined,
    })
}

fn was_reached(outcome: &AccountOutcome) -> bool {
    !matches!(&outcome.result, Err(fault) if fault.exit == Exit::Unavailable)
}

/// Stale data come from reads that say nothing of it.
fn stale_words(account: &AccountOverview) -> Option<String> {
    let as_of = account.data_as_of.filter(|_| account.state == State::Stale)?;
    Some(format!("the bank's data are of {}", as_of.to_rfc3339_opts(SecondsFormat::Secs, true)))
}
