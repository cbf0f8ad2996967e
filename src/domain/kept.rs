//! What the store keeps of an account: the record that the books are derived from.
//!
//! Figures are kept in the service's sign and rows as received, so that a setting changed later
//! (a sign, a currency, a start date) applies to all of it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::{
    Account, AccountId, AmountSign, BalanceSign, Currency, Day, LoginId, Name, OfxIdentity,
    ReceivedAccount, ReceivedRow, State, Track,
};

/// The number of a good read of one account, counted from 1.
pub type ReadNumber = u32;

/// One account as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAccount {
    /// The store's key.
    pub key: i64,
    /// The family's name.
    pub family: Name,
    /// The present id at the service.
    pub id: AccountId,
    /// The id as first linked, which files name for ever.
    pub first_id: AccountId,
    /// The present name.
    pub name: Name,
    /// The name as first linked, which minted ids are made of.
    pub first_name: Name,
    /// Its login, once known.
    pub login: Option<LoginId>,
    /// The account as configured when it was last linked, and the first day that is booked.
    pub linked: Linked,
    /// The list's record as last received.
    pub received: Option<ReceivedAccount>,
    /// What was settled at the first good read.
    pub settled: Option<Settled>,
    /// How many good reads there were; the last one's number.
    pub reads: ReadNumber,
    /// Where reading stands.
    pub cursor: Cursor,
    /// What the opening balance follows from.
    pub anchor: Option<Anchor>,
    /// The last reported balance that agreed with the books.
    pub agreement: Option<Agreement>,
    /// State and attempts.
    pub condition: Condition,
}

/// An account as configured, kept so that its books can still be made when it is linked no
/// longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The account as configured.
    pub account: Account,
    /// The first day that is booked: the account's own, else its family's.
    pub start: Day,
}

/// What the first good read settles for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The currency where the configuration names none.
    pub currency: Currency,
    /// What is tracked where the configuration does not say.
    pub track: Track,
    /// How OFX names the account.
    pub ofx: OfxIdentity,
    /// The sign of a debt's balance, once evidence settled it.
    pub balance_sign: Option<Proved<BalanceSign>>,
    /// The sign of amounts without a type, once evidence settled it.
    pub amount_sign: Option<Proved<AmountSign>>,
}

/// A sign that evidence settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved<S> {
    /// The sign.
    pub sign: S,
    /// The evidence in words.
    pub proof: String,
}

/// Where reading stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The earliest day from which on every day was read.
    pub read_from: Option<Day>,
    /// When the last good read was.
    pub read_at: Option<DateTime<Utc>>,
    /// `LastUpdated` at the last good read.
    pub last_updated: Option<String>,
}

/// The balance of the first good read. The opening is this balance less the rows that it counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The reported balance, in the service's sign.
    pub balance: Decimal,
    /// Its day.
    pub day: Day,
    /// The booked sum of the rows that were pending then.
    pub pending: Decimal,
    /// Fingerprints of the rows that were pending then.
    pub waiting: Vec<String>,
    /// Whether the balance counted those pending rows; `None` while nothing has told.
    pub counts_pending: Option<bool>,
}

/// A reported balance that agreed with the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The reported balance, in the service's sign.
    pub balance: Decimal,
    /// Its day.
    pub day: Day,
}

/// State and attempts of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The state after the last attempt.
    pub state: State,
    /// What happened.
    pub message: Option<String>,
    /// What to do.
    pub help: Option<String>,
    /// When it was last tried.
    pub last_attempt: Option<DateTime<Utc>>,
    /// When data was last read, checked and written.
    pub last_success: Option<DateTime<Utc>>,
    /// When it is tried again.
    pub next_attempt: Option<DateTime<Utc>>,
    /// Until when the service asked to wait, which binds a sync by hand too.
    pub wait_until: Option<DateTime<Utc>>,
    /// Attempts in a row that failed.
    pub failures: u32,
}

impl Default for Condition {
    fn default() -> Self {
        Self {
            state: State::New,
            message: None,
            help: None,
            last_attempt: None,
            last_success: None,
            next_attempt: None,
            wait_until: None,
            failures: 0,
        }
    }
}

/// Whether a kept row is one of the books'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is, where it can be booked.
    Present,
    /// It came with a day outside the span asked for: counted, booked nowhere.
    Outside,
    /// The bank took it back.
    Vanished,
    /// The owner booked it: a reconciliation. No answer of the service is held against it.
    Entry,
}

/// One row as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRow {
    /// The store's key.
    pub key: i64,
    /// The first-seen sequence in its account.
    pub sequence: i64,
    /// The id in the files; none yet for a row that was never bookable and came without one.
    pub id: Option<String>,
    /// Every id that the service ever gave it.
    pub service_ids: Vec<String>,
    /// The row as last received in a form that could be read.
    pub row: ReceivedRow,
    /// Whether it is one of the books'.
    pub standing: Standing,
    /// How many good reads in a row lacked it.
    pub missed: u32,
    /// The read that first brought it.
    pub first_read: ReadNumber,
    /// Whether the opening was computed with it.
    pub anchored: bool,
    /// The form that the opening was computed with, where that is not today's.
    pub at_anchor: Option<Box<ReceivedRow>>,
    /// Whether the last agreement counted it.
    pub agreed: bool,
}

/// One reported balance as kept, in the service's sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The read that brought it.
    pub read: ReadNumber,
    /// Its day: that of `LastUpdated`, else the UTC day of the read.
    pub day: Day,
    /// The balance, where one could be taken.
    pub balance: Option<Decimal>,
    /// The available balance.
    pub available: Option<Decimal>,
    /// Whether a row changed or went with it, so that its move tells of more than what came.
    pub disturbed: bool,
    /// The booked sum that it was held against, where the opening was known.
    pub computed: Option<Decimal>,
}

/// How many failures in a row at the bank's login form count as a refused login.
const REFUSALS_THAT_BLOCK: u32 = 2;

/// A login as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLogin {
    /// Its id at the service.
    pub id: LoginId,
    /// The bank's id at the service.
    pub institution_id: Option<String>,
    /// The bank's name.
    pub institution: Option<String>,
    /// The job that is open.
    pub job: Option<super::JobId>,
    /// When a refresh was last tried.
    pub refresh_tried: Option<DateTime<Utc>>,
    /// How many refreshes in a row failed at the bank's login form.
    pub login_refused: u32,
    /// Why no refresh is started until the owner acts.
    pub blocked: Option<String>,
    /// What was told of the last refresh, where it ended without new data. It holds until one ends
    /// well, the service has newer data all the same, or the owner acts.
    pub failed: Option<FailedRefresh>,
}

/// A refresh that ended without new data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRefresh {
    /// What happened.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Whether a sync ended with it. Those after it read what there is, and only note it.
    pub is_told: bool,
}

impl KeptLogin {
    /// A login of which nothing is known yet.
    #[must_use]
    pub fn new(id: LoginId) -> Self {
        Self {
            id,
            institution_id: None,
            institution: None,
            job: None,
            refresh_tried: None,
            login_refused: 0,
            blocked: None,
            failed: None,
        }
    }

    /// How long ago its bank was last asked, and so the age of the job that is open; nothing where
    /// the clock was set back since.
    #[must_use]
    pub fn tried_ago(&self, now: DateTime<Utc>) -> Duration {
        self.refresh_tried.and_then(|at| (now - at).to_std().ok()).unwrap_or_default()
    }

    /// Whether the bank refused it so often in a row that this is not the bank's own trouble.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.login_refused >= REFUSALS_THAT_BLOCK
    }

    /// Whether its bank waits for its owner, in a job that is open.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.job.is_some() && self.blocked.is_some()
    }
}
