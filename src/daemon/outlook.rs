//! What the store says of what is due, and of how things stand.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::domain::{KeptAccount, age};
use crate::round::Household;
use crate::store::{Store, StoreError};
use crate::sync::plan::known_update;
use crate::sync::schedule::{Plan, Turn, plan};

/// What the store says.
pub(super) struct Outlook {
    /// What is due, and when the next thing is.
    pub plan: Plan,
    /// How many accounts are linked.
    accounts: usize,
    /// When the oldest of their data is from, where any has a date.
    oldest: Option<DateTime<Utc>>,
}

/// What is due, from what the store has of every family that is not paused.
pub(super) fn outlook(
    store: &mut Store,
    household: &Household,
    now: DateTime<Utc>,
) -> Result<Outlook, StoreError> {
    let rounds = store.rounds()?;
    let (mut turns, mut accounts, mut oldest) = (Vec::new(), 0, None);
    for family in household.families().iter().filter(|family| !family.paused) {
        let open = |kept: &KeptAccount| {
            let mine = family.accounts.iter().find(|account| account.name == kept.name);
            mine.is_some_and(|mine| mine.closed.is_none_or(|closed| closed > now.date_naive()))
        };
        let mut kept = store.accounts(&family.name)?;
        kept.retain(open);
        accounts += family.accounts.len();
        let updated = kept
            .iter()
            .filter_map(|kept| known_update(kept.received.as_ref()?.last_updated.as_deref()?, now));
        oldest = oldest.into_iter().chain(updated).min();
        turns.push(Turn::of(&family.name, rounds.get(&family.name).copied(), &kept, now));
    }
    let plan = plan(&household.config.schedule, &turns, now);
    for family in &plan.set_back {
        store.set_round(family, now)?;
    }
    Ok(Outlook { plan, accounts, oldest })
}

impl Outlook {
    /// How things stand, for `systemctl status`: `12 accounts, oldest data 3 h, next sync 18:30`.
    pub(super) fn in_words(&self, syncing: bool, zone: Tz, now: DateTime<Utc>) -> String {
        let mut words = vec![match self.accounts {
            1 => "1 account".to_owned(),
            accounts => format!("{accounts} accounts"),
        }];
        words.extend(self.oldest.map(|oldest| format!("oldest data {}", age(oldest, now))));
        let next = self.plan.wake.map(|next| next.with_timezone(&zone));
        words.push(match next {
            _ if syncing => "syncing now".to_owned(),
            Some(next) if next.date_naive() == now.with_timezone(&zone).date_naive() => {
                format!("next sync {}", next.format("%H:%M"))
            }
            Some(next) => format!("next sync {}", next.format("%Y-%m-%d %H:%M")),
            None => "nothing to sync".to_owned(),
        });
        words.join(", ")
    }
}
