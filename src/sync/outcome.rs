//! How a sync ended: what came for each account, or what stood in the way.

use std::path::PathBuf;

use super::{Edited, Published};
use crate::domain::{Again, Day, Exit, Fault, Name, Notice, State};
use crate::store::StoreError;

/// What one account's read brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct News {
    /// Rows never seen before.
    pub added: usize,
    /// Rows that say something else now.
    pub changed: usize,
    /// Rows that the bank took back.
    pub vanished: Vec<Gone>,
    /// Vanished rows that came back.
    pub returned: usize,
    /// New rows, and new forms of known ones, that cannot be booked.
    pub quarantined: usize,
    /// Rows that are pending now.
    pub pending: usize,
    /// What did not go as hoped although data came: a refresh that failed or was abandoned, or
    /// balances that contradict one another.
    pub note: Option<Fault>,
}

/// A row that the bank took back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Its id in the files.
    pub id: Option<String>,
    /// Its day, where it had one.
    pub day: Option<Day>,
    /// The bank's text.
    pub description: Option<String>,
}

/// How the sync of one account ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOutcome {
    /// The account.
    pub account: Name,
    /// What came, or what stood in the way.
    pub result: Result<News, Fault>,
}

/// How the sync of one family ended.
#[derive(Debug, Clone, Default)]
pub struct FamilyOutcome {
    /// Each account that was wanted, in the configuration's order.
    pub accounts: Vec<AccountOutcome>,
    /// What stands with them although nothing failed: drift, quarantined rows, data that stand still.
    pub notices: Vec<(Name, Notice)>,
    /// Files written or removed.
    pub files: Vec<PathBuf>,
    /// Those among them whose content is new, and not only put back.
    pub changed: Vec<PathBuf>,
    /// Files that somebody edited.
    pub edited: Vec<Edited>,
    /// What stood in the way of writing files.
    pub trouble: Vec<Fault>,
}

impl FamilyOutcome {
    /// Takes in what writing the family's files did.
    pub fn take_published(&mut self, published: Published) {
        self.files.extend(published.files);
        self.changed.extend(published.changed);
        self.edited.extend(published.edited);
        self.trouble.extend(published.notes);
    }

    /// How a command ends that had this outcome.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let accounts = self.accounts.iter().map(|outcome| match &outcome.result {
            Ok(news) => news.note.as_ref().map_or(Exit::Good, |note| note.exit),
            Err(fault) => fault.exit,
        });
        let troubles = self.trouble.iter().map(|fault| fault.exit);
        accounts.chain(troubles).fold(Exit::Good, Exit::worst)
    }
}

/// A fault that the state folder's store is the place of.
#[must_use]
pub fn store_fault(error: &StoreError) -> Fault {
    Fault {
        state: State::Failed,
        exit: Exit::Io,
        message: error.to_string(),
        help: error.help().to_owned(),
        again: Again::OwnPace,
    }
}

/// A fault of an account's own.
#[must_use]
pub fn fault(state: State, exit: Exit, message: String, help: &str) -> Fault {
    Fault { state, exit, message, help: help.to_owned(), again: Again::OwnPace }
}
