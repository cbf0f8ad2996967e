//! Families that are worked on: one sync of a family at a time, which a new configuration may end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedMutexGuard, watch};

use crate::domain::Name;

/// One berth a family.
#[derive(Clone, Default)]
pub struct Berths(Arc<Mutex<BTreeMap<Name, Berth>>>);

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

    fn of(&self, family: &Name) -> Berth {
        let mut berths = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
