//! States of an account, faults with their cure, and the exit codes.

/// The state that an account is in: exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nothing is read any more.
    Closed,
    /// The family rests.
    Paused,
    /// The service refused the credentials.
    Rejected,
    /// The bank asks its owner.
    Waiting,
    /// An answer that a guard refused.
    Suspect,
    /// Another error.
    Failed,
    /// A rate limit or the budget.
    Limited,
    /// Old data although reads succeed.
    Stale,
    /// Good.
    Ok,
    /// Never synced.
    New,
}

impl State {
    /// Every state, in the order in which the first that applies holds.
    pub const ALL: [Self; 10] = [
        Self::Closed,
        Self::Paused,
        Self::Rejected,
        Self::Waiting,
        Self::Suspect,
        Self::Failed,
        Self::Limited,
        Self::Stale,
        Self::Ok,
        Self::New,
    ];

    /// The word that `status` shows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Paused => "paused",
            Self::Rejected => "rejected",
            Self::Waiting => "waiting",
            Self::Suspect => "suspect",
            Self::Failed => "failed",
            Self::Limited => "limited",
            Self::Stale => "stale",
            Self::Ok => "ok",
            Self::New => "new",
        }
    }

    /// The state of a word that [`State::word`] gave.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// How a command ends. Several at once: the one that stands first in [`Exit::worst`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All good.
    Good = 0,
    /// An account ended suspect or failed.
    Trouble = 1,
    /// Wrong usage, unknown family or account.
    Usage = 2,
    /// No usable answer from the service.
    Unavailable = 69,
    /// The state folder, the store, the output folder or a credentials file cannot be used.
    Io = 74,
    /// A rate limit, the budget, or a lock that another process holds.
    TryLater = 75,
    /// Credentials rejected or not decryptable, or the bank waits for its owner.
    Owner = 77,
    /// The configuration or the identity is wrong.
    Config = 78,
}

impl Exit {
    /// The code for the shell.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Of two ends, the one that counts.
    #[must_use]
    pub fn worst(self, other: Self) -> Self {
        let order = [
            Self::Usage,
            Self::Config,
            Self::Io,
            Self::Owner,
            Self::Trouble,
            Self::Unavailable,
            Self::TryLater,
        ];
        let first = order.into_iter().find(|exit| *exit == self || *exit == other);
        first.unwrap_or(Self::Good)
    }
}

/// What went wrong with one account, login or family: what happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The state that it leads to.
    pub state: State,
    /// How a command ends that met it.
    pub exit: Exit,
    /// What happened, in the owner's words, without any secret.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// When it is tried again.
    pub again: Again,
}

/// When something is tried again after it went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Again {
    /// After the program's own wait, which grows with each failure.
    #[default]
    OwnPace,
    /// After the time that the service asked for, which binds a sync by hand too.
    After(std::time::Duration),
    /// When the next calendar month begins: the budget of this one is used up.
    NextMonth,
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_first_that_applies_counts() {
        assert_eq!(Exit::Trouble.worst(Exit::Owner), Exit::Owner);
        assert_eq!(Exit::TryLater.worst(Exit::Unavailable), Exit::Unavailable);
        assert_eq!(Exit::Good.worst(Exit::TryLater), Exit::TryLater);
        assert_eq!(Exit::Io.worst(Exit::Config), Exit::Config);
        assert_eq!(Exit::Good.worst(Exit::Good), Exit::Good);
    }
}
