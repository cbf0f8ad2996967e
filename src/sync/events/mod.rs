//! What a round is to be told of, and to whom.
//!
//! 1. `look` gathers how every account stands;
//! 2. `change` makes an event of the files that changed, `attention` decides which troubles call
//!    and which are over, `calls` words those;
//! 3. `tell` runs the programs, one after another, and keeps what was told: an event that reached
//!    nobody comes again.

mod attention;
mod calls;
mod change;
mod look;
mod tell;

use std::path::PathBuf;

use chrono::{DateTime, Utc};

pub use tell::{tell_configuration, tell_round};

use super::{FamilyOutcome, Published};
use crate::domain::{
    About, Call, DaemonInfo, Event, EventKind, Family, FileSettings, HookSettings, Name, Patience,
    Schedule, SyncSettings,
};
use crate::hooks::Bench;
use crate::store::{Store, StoreError, Untold};

/// Who is told, and how.
#[derive(Clone)]
pub struct Teller {
    /// `[hooks]`.
    pub hooks: HookSettings,
    /// What programs are run with.
    pub bench: Bench,
    /// The service's runtime folder, where it has one: `changed.json` and `attention.json` lie
    /// there.
    pub runtime_folder: Option<PathBuf>,
}

impl Teller {
    /// Whether anybody is told of such events.
    fn has_listener(&self, kind: EventKind) -> bool {
        self.hooks.has_program(kind) || (kind != EventKind::Ok && self.runtime_folder.is_some())
    }

    /// Whether an event reaches anybody.
    fn reaches(&self, event: &Event) -> bool {
        let programs = self.hooks.programs(event.kind, event.family.as_ref());
        !programs.is_empty() || self.runtime_folder.is_some()
    }
}

/// How a round ended, and under which settings it ran.
pub struct RoundEnd {
    /// When it ended.
    pub now: DateTime<Utc>,
    /// Every configured family, in the configuration's order.
    pub families: Vec<Family>,
    /// `[sync]`.
    pub sync: SyncSettings,
    /// `[schedule]`.
    pub schedule: Schedule,
    /// `[files]`.
    pub files: FileSettings,
    /// What is known of the daemon.
    pub daemon: DaemonInfo,
    /// What is borne without a word.
    pub patience: Patience,
    /// The families that took part and whose files were written.
    pub outcomes: Vec<(Name, FamilyOutcome)>,
    /// What became of the files that families share.
    pub shared: Published,
    /// Whether it was a round, at whose end `on_ok` runs where nothing is wrong; or an export.
    pub is_round: bool,
}

impl RoundEnd {
    /// How the round ended for a family that took part.
    fn outcome(&self, family: &Name) -> Option<&FamilyOutcome> {
        let (_, outcome) = self.outcomes.iter().find(|(name, _)| name == family)?;
        Some(outcome)
    }
}

/// An event to be told, and what is kept once it was.
struct Due {
    event: Event,
    receipt: Receipt,
}

/// What is kept once an event was told.
enum Receipt {
    /// Nothing.
    None,
    /// A family's hook knows of the event's files.
    Files(Untold),
    /// The owner was told of these troubles.
    Calls(Vec<Call>),
    /// The owner was told that these are over.
    Over(Vec<About>),
}

impl Receipt {
    fn keep(&self, event: &Event, store: &Store) -> Result<(), StoreError> {
        match self {
            Self::None => Ok(()),
            Self::Files(told) => store.drop_untold(event.family.as_ref(), told),
            Self::Calls(calls) => calls.iter().try_for_each(|call| store.save_call(call)),
            Self::Over(abouts) => abouts.iter().try_for_each(|about| store.drop_call(about)),
        }
    }
}
