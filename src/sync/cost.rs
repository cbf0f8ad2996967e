//! What a month of syncs asks of the service, as a pure function of the settings: each call counts
//! against `monthly_requests`, polls included.

use std::time::Duration;

use crate::domain::{Refresh, Schedule, SyncSettings, Ticks};

/// The looks at one refresh job that are reckoned with: at 5 s, a job of a little over a minute.
const LOOKS: u64 = 15;

/// The days of the longest month.
const DAYS: u64 = 31;

const DAY: Duration = Duration::from_hours(24);

/// One login, as far as it costs requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginCost {
    /// How often its bank is asked for new data.
    pub refresh: Refresh,
    /// How many of its accounts are read.
    pub accounts: u64,
}

/// What the logins of a family ask in a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Lists of accounts: one a login and round.
    pub lists: u64,
    /// Refreshes.
    pub refreshes: u64,
    /// Reads of an account's rows: one each time its data moved.
    pub reads: u64,
}

impl Cost {
    /// What some logins ask in a day on which all goes well.
    #[must_use]
    pub fn of(logins: &[LoginCost], schedule: &Schedule) -> Self {
        let rounds = match &schedule.ticks {
            Ticks::Every(time) => times_a_day(*time),
            Ticks::At(times) => times.len() as u64,
        };
        let mut cost = Self::default();
        for login in logins {
            let refreshes = match login.refresh {
                Refresh::Every(time) => times_a_day(time).min(rounds),
                Refresh::Never => 0,
            };
            cost.lists += rounds;
            cost.refreshes += refreshes;
            // The service may have new data though nobody here asked for them.
            cost.reads += login.accounts * refreshes.max(1).min(rounds);
        }
        cost
    }

    /// Requests in a day.
    #[must_use]
    pub fn a_day(&self) -> u64 {
        self.lists + self.refreshes * (1 + LOOKS) + self.reads
    }

    /// Requests in the longest month.
    #[must_use]
    pub fn a_month(&self) -> u64 {
        self.a_day() * DAYS
    }

    /// The arithmetic in words, where a month of it reaches the share of the budget from which on no
    /// bank is asked for new data.
    #[must_use]
    pub fn above(&self, settings: &SyncSettings) -> Option<String> {
        let budget = settings.monthly_requests;
        let Self { lists, refreshes, reads } = self;
        (!super::plan::may_refresh(self.a_month(), budget)).then(|| {
            format!(
                "lists ({lists}), refreshes of {} requests ({refreshes}) and reads ({reads}) are \
                 {} requests a day and {} in 31 days; refreshes stop at {}, 80 % of \
                 monthly_requests = {budget}",
                1 + LOOKS,
                self.a_day(),
                self.a_month(),
                budget.saturating_mul(4).div_ceil(5),
            )
        })
    }
}

fn times_a_day(time: Duration) -> u64 {
    DAY.as_secs().div_ceil(time.as_secs().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(hours: u64) -> Refresh {
        Refresh::Every(Duration::from_hours(hours))
    }

    #[test]
    fn a_day_is_lists_refreshes_with_their_looks_and_reads() {
        let schedule = Schedule::default();
        let of = |logins: &[(Refresh, u64)]| {
            let logins = logins.iter().map(|&(refresh, accounts)| LoginCost { refresh, accounts });
            Cost::of(&logins.collect::<Vec<_>>(), &schedule)
        };
        for (logins, lists, refreshes, reads, a_day) in [
            (vec![], 0, 0, 0, 0),
            (vec![(hours(12), 4)], 4, 2, 8, 44),
            (vec![(hours(1), 1)], 4, 4, 4, 72),
            (vec![(Refresh::Never, 3)], 4, 0, 3, 7),
            (vec![(hours(24 * 7), 1), (hours(12), 2)], 8, 3, 5, 61),
        ] {
            let cost = of(&logins);
            assert_eq!((cost.lists, cost.refreshes, cost.reads), (lists, refreshes, reads));
            assert_eq!((cost.a_day(), cost.a_month()), (a_day, a_day * 31), "{logins:?}");
        }
    }

    #[test]
    fn the_arithmetic_is_told_from_where_refreshes_stop() {
        let cost = Cost { lists: 4, refreshes: 2, reads: 8 };
        let with = |monthly_requests| {
            let settings = SyncSettings {
                refresh: hours(12),
                overlap_days: 45,
                poll: Duration::from_secs(5),
                monthly_requests,
            };
            cost.above(&settings)
        };
        assert_eq!(with(1706), None);
        let told = with(1705).expect("1364 are 80 % of it");
        assert!(
            told.contains("44 requests a day and 1364 in 31 days; refreshes stop at 1364"),
            "{told}"
        );
    }
}
