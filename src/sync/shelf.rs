//! The store among tasks that run side by side.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::{Exit, Fault, Name, State};
use crate::sophtron::Permit;
use crate::store::{Store, StoreError};

use super::Clock;
use super::outcome::{fault, store_fault};

/// The one store, shared. Its work runs off the async threads, one piece at a time.
#[derive(Clone)]
pub struct Shelf {
    /// A std mutex, since it is only ever held inside a blocking task and never across an await.
    store: Arc<Mutex<Store>>,
}

impl Shelf {
    /// Takes the store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store: Arc::new(Mutex::new(store)) }
    }

    /// Counts each request of a family on disk before it is sent, in the calendar month of the UTC
    /// day, and allows it while the budget lasts.
    pub(super) fn permit(&self, family: &Name, clock: &Clock, budget: u64) -> Permit {
        let (store, family, clock) = (Arc::clone(&self.store), family.clone(), Arc::clone(clock));
        Arc::new(move || {
            tokio::task::block_in_place(|| {
                let month = clock().format("%Y-%m").to_string();
                let store = store.lock().unwrap_or_else(PoisonError::into_inner);
                let used = store.requests(&family, &month).unwrap_or(0);
                // A store that cannot count is met, and told, where the answer is to be kept.
                used < budget && store.add_requests(&family, &month, 1).is_ok()
            })
        })
    }

    /// Works with the store, on a thread that may block.
    ///
    /// # Errors
    /// What the store cannot do, as a fault of the state folder.
    pub async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Fault> {
        let store = Arc::clone(&self.store);
        let done = tokio::task::spawn_blocking(move || {
            // A panic elsewhere cannot have left a transaction half done: SQLite rolled it back.
            work(&mut store.lock().unwrap_or_else(PoisonError::into_inner))
        });
        match done.await {
            Ok(done) => done.map_err(|error| store_fault(&error)),
            Err(_) => Err(stopped()),
        }
    }
}

fn stopped() -> Fault {
    let message = "work on the store stopped half-way; nothing of it was kept".to_owned();
    fault(State::Failed, Exit::Io, message, "run it again, and report it if it comes back")
}
