//! Log lines: one an event, and of a failure that stays seldom one, with a count.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tracing::{info, warn};

use crate::domain::{Fault, Name, NoticeOf};
use crate::round::Ended;
use crate::sync;

/// How often a failure that stays is told again.
const AGAIN: TimeDelta = TimeDelta::hours(24);

/// The log, as the loop and the commands inside the daemon tell how syncs ended.
#[derive(Clone, Default)]
pub(super) struct News(Arc<Mutex<Told>>);

impl News {
    /// Tells how a family's sync ended.
    pub(super) fn ended(&self, end: &Ended, now: DateTime<Utc>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).ended(end, now);
    }
}

/// What was told of what has not ended.
#[derive(Default)]
struct Told {
    failing: HashMap<(Name, Option<Name>), Failing>,
    noted: HashSet<(Name, Name, NoticeOf)>,
}

struct Failing {
    message: String,
    times: u64,
    told: DateTime<Utc>,
}

impl Told {
    fn ended(&mut self, end: &Ended, now: DateTime<Utc>) {
        let family = &end.order.family.name;
        for outcome in &end.outcome.accounts {
            let account = &outcome.account;
            match &outcome.result {
                Ok(news) => {
                    came(family, account, news);
                    match &news.note {
                        Some(note) => self.failed(family, Some(account), note, now),
                        None => self.recovered(family, Some(account)),
                    }
                }
                Err(fault) => self.failed(family, Some(account), fault, now),
            }
        }
        self.stands(end);
        let troubles = end.outcome.trouble.iter().chain(&end.shared.notes);
        for fault in troubles.clone() {
            self.failed(family, None, fault, now);
        }
        if troubles.count() == 0 {
            self.recovered(family, None);
        }
        if !end.outcome.files.is_empty() {
            info!(family = family.as_str(), files = end.outcome.files.len(), "written");
        }
    }

    /// Tells what stands although nothing failed, once when it begins.
    fn stands(&mut self, end: &Ended) {
        let (family, notices) = (&end.order.family.name, &end.outcome.notices);
        let stands = |account: &Name, about: NoticeOf| {
            notices.iter().any(|(name, notice)| name == account && notice.about == about)
        };
        self.noted.retain(|(of, account, about)| {
            of != family
                || !end.counts
                || !end.order.wanted.takes(account)
                || stands(account, *about)
        });
        for (account, notice) in notices {
            if self.noted.insert((family.clone(), account.clone(), notice.about)) {
                let account = account.as_str();
                warn!(family = family.as_str(), account, help = notice.help, "{}", notice.message);
            }
        }
    }

    /// Tells a failure the first time, when it becomes another one, and once a day.
    fn failed(&mut self, family: &Name, account: Option<&Name>, fault: &Fault, now: DateTime<Utc>) {
        let known = self
            .failing
            .entry((family.clone(), account.cloned()))
            .or_insert_with(|| Failing { message: String::new(), times: 0, told: now });
        if known.message == fault.message {
            known.times += 1;
            if now - known.told < AGAIN {
                return;
            }
        } else {
            *known = Failing { message: fault.message.clone(), times: 1, told: now };
        }
        known.told = now;
        let account = account.map(Name::as_str).unwrap_or_default();
        warn!(
            family = family.as_str(),
            account,
            state = fault.state.word(),
            times = known.times,
            help = fault.help,
            "{}",
            fault.message
        );
    }

    fn recovered(&mut self, family: &Name, account: Option<&Name>) {
        let Some(failing) = self.failing.remove(&(family.clone(), account.cloned())) else {
            return;
        };
        let account = account.map(Name::as_str).unwrap_or_default();
        info!(family = family.as_str(), account, times = failing.times, "good again");
    }
}

fn came(family: &Name, account: &Name, news: &sync::News) {
    let (added, changed, vanished) = (news.added, news.changed, news.vanished.len());
    let (returned, quarantined) = (news.returned, news.quarantined);
    if added + changed + vanished + returned + quarantined > 0 {
        info!(
            family = family.as_str(),
            account = account.as_str(),
            added,
            changed,
            vanished,
            returned,
            quarantined,
            "synced"
        );
    }
}
