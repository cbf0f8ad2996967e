//! One sync, from what is due to files on disk.
//!
//! A family's logins run side by side, and families too; the accounts of one login come one after
//! the other. What is due and what it means is decided in `plan` and in `books`; this room only
//! carries it out:
//!
//! 1. `family` has accounts linked to the store (`link`) and finds their logins;
//! 2. `login` has the bank refreshed (`refresh`, which watches a job by `converse`) where that is
//!    `due`, reads the list of accounts,
//!    and of each `account` whose data moved the rows, in windows;
//! 3. `take` commits one account's read: rows, balance, cursor and state in one transaction;
//! 4. `publish` writes a family's files whose bytes differ, `shared` those above them;
//! 5. `overview` gathers how everything stands, `overview_files` writes the status page and the
//!    metrics of it;
//! 6. `events` tells the owner's programs what changed and what needs him;
//! 7. where a bank asked its owner in a refresh, `answer` has him answer.
//!
//! `logins` and `connect` are no part of it: they change the family's logins at the service, with
//! the owner at hand.
//!
//! A fault ends the read of one account, one login or one family, never the sync.

mod account;
mod answer;
mod connect;
mod converse;
mod cost;
mod due;
mod events;
mod family;
mod figures;
mod link;
mod login;
mod logins;
mod moves;
mod outcome;
mod output;
mod overview;
mod overview_files;
pub mod plan;
mod publish;
mod read;
mod reconcile;
mod refresh;
mod relink;
pub mod schedule;
mod shared;
mod shelf;
mod source;
mod surviving;
mod tables;
mod take;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use answer::{Answering, end_fault, let_ask_anew};
pub use connect::{Connection, Standing};
pub use converse::{Again, Conversation, Heard, JobEnd, Talk, Turn};
pub use cost::{Cost, LoginCost};
pub use events::{RoundEnd, Teller, tell_configuration, tell_round};
pub use family::{FamilyOrder, Keys, Manner, Wanted, sync_family};
pub use link::{Clash, check_link, link_accounts};
pub use logins::Logins;
pub use moves::{carry_move, is_under_way};
pub use outcome::{AccountOutcome, FamilyOutcome, Gone, News, fault, store_fault};
pub use output::{Edited, Published};
pub use overview::{Asked, overview};
pub use overview_files::write_overview;
pub use publish::publish_family;
pub use reconcile::{Between, Parting, accept_balance, account_parting};
pub use relink::{
    ListedLogin, compare_rows, listed_accounts, listed_logins, proposal, successor, traits_of,
};
pub use shared::publish_shared;
pub use shelf::Shelf;
pub use source::{account_statement, account_summary};
pub use surviving::surviving;

use crate::domain::{Condition, FileSettings, KeptAccount, Name, Schedule, SyncSettings};
use crate::sophtron::{Gate, Pace};

/// Gives the present time; passed in, so that nothing below reads a clock of its own.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Told what is being done, for whoever watches.
pub type Progress = Arc<dyn Fn(Step) + Send + Sync>;

/// A step of a sync that may last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The bank of some accounts is asked for new data.
    Refreshing {
        /// The family.
        family: Name,
        /// The accounts of the login.
        accounts: Vec<Name>,
    },
    /// A job at a bank is waited for.
    Waiting {
        /// Whose it is.
        whom: String,
        /// For how long.
        waited: Duration,
        /// What its record says of it.
        status: Option<String>,
    },
    /// Rows are read.
    Reading {
        /// The family.
        family: Name,
        /// The account.
        account: Name,
    },
    /// An account is through.
    Done {
        /// The family.
        family: Name,
        /// The account.
        account: Name,
    },
    /// Files are written.
    Writing {
        /// The family.
        family: Name,
    },
}

/// What every part of a sync works with.
pub struct Desk {
    /// The store.
    pub shelf: Shelf,
    /// The store in which requests are counted: another one where this sync is only tried on a
    /// copy.
    pub counter: Shelf,
    /// Bounds the answers in hand, over all families.
    pub gate: Arc<Gate>,
    /// The clock.
    pub clock: Clock,
    /// `[sync]`.
    pub settings: SyncSettings,
    /// `[schedule]`, for its quiet hours.
    pub schedule: Schedule,
    /// `[files]`.
    pub files: FileSettings,
    /// The waits between tries.
    pub pace: Pace,
    /// Who watches.
    pub progress: Progress,
}

impl Desk {
    /// The present time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// The condition of an account after an attempt that ended now.
    fn condition(&self, kept: &KeptAccount, attempt: &plan::Attempt<'_>) -> Condition {
        let seed = self.pace.seed ^ kept.key.cast_unsigned();
        plan::condition(&kept.condition, attempt, self.now(), seed)
    }
}
