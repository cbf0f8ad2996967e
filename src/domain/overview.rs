//! How everything stands at one instant, as plain values: what `status`, the status page and the
//! metrics show.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::{AccountId, AccountType, Currency, Day, Drift, LoginId, Name, State};

/// All families at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The instant.
    pub now: DateTime<Utc>,
    /// Whether a daemon keeps the schedule.
    pub daemon: DaemonInfo,
    /// The configured families, in the configuration's order.
    pub families: Vec<FamilyOverview>,
}

/// What is known of the daemon.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DaemonInfo {
    /// Whether one runs.
    pub running: bool,
    /// Its process id.
    pub pid: Option<u32>,
    /// Why the configuration on disk is not in force.
    pub config_error: Option<String>,
}

/// One family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyOverview {
    /// Its name.
    pub name: Name,
    /// Whether its files stand in a folder of their own, apart from those of the others.
    pub own_folder: bool,
    /// Whether it rests.
    pub paused: bool,
    /// Its requests of this month.
    pub requests: Requests,
    /// Its accounts, in the configuration's order.
    pub accounts: Vec<AccountOverview>,
    /// Its logins that wait for their owner and have no configured account that could tell it.
    pub waiting: Vec<WaitingLogin>,
}

/// A login whose bank asks its owner something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingLogin {
    /// Its id at the service.
    pub id: LoginId,
    /// The bank's name.
    pub institution: Option<String>,
}

/// The requests of one family in one calendar month (UTC).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requests {
    /// The month, `YYYY-MM`.
    pub month: String,
    /// How many were sent.
    pub used: u64,
    /// How many may be sent.
    pub limit: u64,
}

/// One account. What is not known is `None`, never zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOverview {
    /// Its configured name.
    pub name: Name,
    /// Its id at the service.
    pub id: AccountId,
    /// The configured kind.
    pub kind: AccountType,
    /// The bank's name.
    pub institution: Option<String>,
    /// The state that it is in.
    pub state: State,
    /// What happened.
    pub message: Option<String>,
    /// What to do.
    pub help: Option<String>,
    /// When the service last updated its copy of the bank's data.
    pub data_as_of: Option<DateTime<Utc>>,
    /// How old those data may be.
    pub max_age: Duration,
    /// When it was last tried.
    pub last_attempt: Option<DateTime<Utc>>,
    /// When data was last read, checked and written.
    pub last_success: Option<DateTime<Utc>>,
    /// When it is tried again.
    pub next_attempt: Option<DateTime<Utc>>,
    /// The account's currency.
    pub currency: Option<Currency>,
    /// The latest reported balance, as booked: owed is negative.
    pub balance: Option<Decimal>,
    /// The latest available balance.
    pub available: Option<Decimal>,
    /// Whether two balances were sent that contradict one another, so that none was taken.
    pub balances_differ: bool,
    /// What is missing of its balance, though it was read.
    pub balance_gap: Option<BalanceGap>,
    /// The drift that stands now.
    pub drift: Option<Drift>,
    /// How many rows are booked.
    pub transactions: usize,
    /// How many rows are pending.
    pub pending: usize,
    /// How many rows are quarantined.
    pub quarantined: usize,
    /// What evidence says of the signs that the configuration leaves open, in words.
    pub signs: Vec<String>,
    /// The answer that was refused last, where no good one came since.
    pub refused: Option<RefusedAnswer>,
    /// The reported balances of the last year, as booked: each on the first day on which it was
    /// reported, ascending. The first one may have been reported earlier and stands on the year's
    /// first day.
    pub curve: Vec<(Day, Decimal)>,
}

/// What is missing of a balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BalanceGap {
    /// None was ever sent that could be taken.
    Never,
    /// The last list of accounts had none; the one that is shown was last reported on this day.
    Since(Day),
}

/// What is counted from all rows of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many are booked.
    pub booked: usize,
    /// How many are pending.
    pub pending: usize,
    /// How many are quarantined, newer forms of booked ones among them.
    pub quarantined: usize,
    /// The drift that stands now.
    pub drift: Option<Drift>,
    /// What the owner can set, where something is missing.
    pub hint: Option<String>,
    /// What evidence says of the signs that the configuration leaves open, in words.
    pub signs: Vec<String>,
}

/// An answer that a guard refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedAnswer {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub why: String,
    /// How many of its records of accounts are kept aside.
    pub accounts: usize,
    /// How many of its rows are.
    pub rows: usize,
}

impl Overview {
    /// Every account with its family.
    pub fn accounts(&self) -> impl Iterator<Item = (&FamilyOverview, &AccountOverview)> {
        self.families
            .iter()
            .flat_map(|family| family.accounts.iter().map(move |account| (family, account)))
    }

    /// The instant of the oldest data, of the accounts that are read at all.
    #[must_use]
    pub fn oldest_data(&self) -> Option<DateTime<Utc>> {
        let read = self.accounts().filter(|(_, account)| !account.rests());
        read.filter_map(|(_, account)| account.data_as_of).min()
    }

    /// The next attempt of any account.
    #[must_use]
    pub fn next_attempt(&self) -> Option<DateTime<Utc>> {
        self.accounts().filter_map(|(_, account)| account.next_attempt).min()
    }
}

impl AccountOverview {
    /// Whether nothing is read of it, as its owner configured.
    #[must_use]
    pub fn rests(&self) -> bool {
        matches!(self.state, State::Closed | State::Paused)
    }

    /// How old its data are.
    #[must_use]
    pub fn age(&self, now: DateTime<Utc>) -> Option<Duration> {
        Some((now - self.data_as_of?).to_std().unwrap_or(Duration::ZERO))
    }
}
