//! Families that are worked on: one sync of a family at a time, which a new configuration may end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedMutexGuard, watch};

use crate::domain::{LoginId, Name};

/// One berth a family. Beside it, who answers his bank: that takes minutes, in which the family's
/// other logins are synced as ever.
#[derive(Clone, Default)]
pub struct Berths {
    berths: Arc<Mutex<BTreeMap<Name, Berth>>>,
    answered: Arc<Mutex<BTreeSet<LoginId>>>,
}

/// A login whose bank is being answered, until this is dropped.
pub struct Answered {
    login: LoginId,
    all: Arc<Mutex<BTreeSet<LoginId>>>,
}

impl Drop for Answered {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.login);
    }
}

#[derive(Clone)]
struct Berth {
    /// An async mutex: a second sync of the family waits for the first, however long that takes.
    taken: Arc<tokio::sync::Mutex<()>>,
    /// Tells whoever is in to leave.
    told: Arc<watch::Sender<()>>,
}

/// A berth that is taken until this is dropped.
pub(super) struct Taken {
    _guard: OwnedMutexGuard<()>,
    told: watch::Receiver<()>,
}

impl Berths {
    /// Takes the berth of a family, once it is free.
    pub(super) async fn enter(&self, family: &Name) -> Taken {
        let Berth { taken, told } = self.of(family);
        // From now on, not from when it is in: what is to leave includes whoever waits.
        let told = told.subscribe();
        Taken { _guard: taken.lock_owned().await, told }
    }

    /// Tells whoever works on a family to leave it as it is: what is committed stays. Says whether
    /// anybody was told.
    #[allow(clippy::must_use_candidate, reason = "telling is what it is for")]
    pub fn clear(&self, family: &Name) -> bool {
        self.of(family).told.send(()).is_ok()
    }

    /// Takes the answering of a login, of which each prompt has one try; nothing while somebody
    /// else has it.
    #[must_use]
    pub fn answer(&self, login: &LoginId) -> Option<Answered> {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let free = answered.insert(login.clone());
        free.then(|| Answered { login: login.clone(), all: Arc::clone(&self.answered) })
    }

    fn of(&self, family: &Name) -> Berth {
        let mut berths = self.berths.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Berth { taken: Arc::default(), told: Arc::new(watch::Sender::new(())) };
        berths.entry(family.clone()).or_insert_with(new).clone()
    }
}

impl Taken {
    /// Waits until somebody wants the family for something else.
    pub(super) async fn told_to_leave(&mut self) {
        if self.told.changed().await.is_err() {
            // Nobody is left who could tell.
            std::future::pending::<()>().await;
        }
    }
}
