//! What the owner's programs are told, and what is kept of the calls that were made.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::{Name, State};

/// What kind of event it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Files of a family changed.
    Change,
    /// Something needs the owner, or (solved) needs him no longer.
    Attention,
    /// A round ended with nothing wrong.
    Ok,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Change, Self::Attention, Self::Ok];

    /// The word in the event.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Attention => "attention",
            Self::Ok => "ok",
        }
    }

    /// The key of the configuration that names the program for it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Change => "on_change",
            Self::Attention => "on_attention",
            Self::Ok => "on_ok",
        }
    }
}

/// One event. No secret is ever part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub at: DateTime<Utc>,
    /// Whose it is; `None` for what is no single family's.
    pub family: Option<Name>,
    /// Whether an attention call says that something is over.
    pub solved: bool,
    /// The accounts that it is about.
    pub accounts: Vec<EventAccount>,
    /// Absolute paths of files written or removed.
    pub files: Vec<PathBuf>,
}

/// One account in an event, or a file that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventAccount {
    /// The account's name, with its family's before a slash where the event is no family's; the
    /// absolute path of what is no account: an edited file, the configuration.
    pub name: String,
    /// The state that it is in.
    pub state: State,
    /// What happened.
    pub message: Option<String>,
    /// What to do.
    pub help: Option<String>,
    /// Rows that are new since the last sync.
    pub added: usize,
    /// Rows that say something else now.
    pub changed: usize,
    /// Rows that the bank took back.
    pub vanished: usize,
    /// The reported balance as files write it, owed negative; `None` while it is not known.
    pub balance: Option<String>,
}

/// What lasts: since when, and what the owner was told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What it is about.
    pub about: About,
    /// When it began, as far as this program saw.
    pub since: DateTime<Utc>,
    /// When the owner was told last.
    pub called: Option<DateTime<Utc>>,
    /// When it was looked at last.
    pub looked: DateTime<Utc>,
    /// How it stood at the last look: the state's word, or a count.
    pub seen: String,
    /// Whether the service gave no usable answer at the last attempt.
    pub unreachable: bool,
}

/// What a call is about; at most one call stands for each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct About {
    /// The family; `None` for what is no single family's.
    pub family: Option<Name>,
    /// The account's name, or a path; empty for what is about everything.
    pub subject: String,
    /// What kind of trouble.
    pub trouble: Trouble,
}

/// A kind of trouble that calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trouble {
    /// An account is in a state that is not good.
    State,
    /// The reported balance is not what the rows say.
    Drift,
    /// Rows are booked nowhere.
    Quarantine,
    /// A file was edited, and the edited version lies beside it.
    Edited,
    /// Files cannot be written.
    Files,
    /// The service gives no family a usable answer.
    Network,
    /// The configuration on disk is wrong.
    Configuration,
}

impl Trouble {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::State,
        Self::Drift,
        Self::Quarantine,
        Self::Edited,
        Self::Files,
        Self::Network,
        Self::Configuration,
    ];

    /// The word that is kept.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Drift => "drift",
            Self::Quarantine => "quarantine",
            Self::Edited => "edited",
            Self::Files => "files",
            Self::Network => "network",
            Self::Configuration => "configuration",
        }
    }

    /// The kind of a word that [`Trouble::word`] gave.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.word() == word)
    }
}
