//! One read of one account: what was asked for, what came, and what it is held against.

use chrono::{DateTime, Utc};

use super::plan::updated_on;
use crate::books::{Asked, Fetched, Rules};
use crate::domain::{Account, Day, KeptAccount, ReadNumber, ReceivedAccount, Settled, Track};

/// One read of one account.
pub(super) struct Read {
    /// The account as configured.
    pub account: Account,
    /// The account as kept before.
    pub kept: KeptAccount,
    /// The list's record of it.
    pub received: ReceivedAccount,
    /// What its first good read settles.
    pub settled: Settled,
    /// What is tracked.
    pub track: Track,
    /// The rules that it is booked under.
    pub rules: Rules,
    /// What was asked for.
    pub asked: Asked,
    /// What came.
    pub fetched: Fetched,
    /// Whether the owner takes what a guard would refuse.
    pub accept: bool,
    /// When.
    pub now: DateTime<Utc>,
}

impl Read {
    pub(super) fn number(&self) -> ReadNumber {
        self.kept.reads + 1
    }

    /// The day of the reported balance: that of `LastUpdated`, else the UTC day of the read.
    pub(super) fn day(&self) -> Day {
        let updated = self.received.last_updated.as_deref().and_then(updated_on);
        updated.unwrap_or_else(|| self.now.date_naive())
    }
}
