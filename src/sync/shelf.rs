//! The store among tasks that run side by side.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::domain::{Exit, Fault, Name, State};
use crate::sophtron::Permit;
use crate::store::{Store, StoreError};

use super::Clock;
use super::outcome::{fault, store_fault};

/// The one store, shared. Its work runs off the async threads, one piece at a time.
#[derive(Clone)]
pub struct Shelf {
    /// An async mutex: whoever waits for the store keeps no thread waiting, so that there is one
    /// thread at a time that works with it.
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
        let (own, family, clock) = (self.clone(), family.clone(), Arc::clone(clock));
        Arc::new(move || {
            let (own, family) = (own.clone(), family.clone());
            let month = clock().format("%Y-%m").to_string();
            Box::pin(async move {
                let counted = own.with(move |store| {
                    let allowed = store.requests(&family, &month)? < budget;
                    if allowed {
                        store.add_requests(&family, &month, 1)?;
                    }
                    Ok(allowed)
                });
                // A store that cannot count is met, and told, where the answer is to be kept.
                counted.await.unwrap_or(true)
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
        let mut store = Arc::clone(&self.store).lock_owned().await;
        match tokio::task::spawn_blocking(move || work(&mut store)).await {
            Ok(done) => done.map_err(|error| store_fault(&error)),
            // A panic leaves no transaction half done: the store rolls it back.
            Err(_) => Err(stopped()),
        }
    }

    /// Works with the store from a thread that may block, outside of every async task.
    ///
    /// # Errors
    /// What the work gave.
    pub fn blocking<T, E>(&self, work: impl FnOnce(&mut Store) -> Result<T, E>) -> Result<T, E> {
        work(&mut self.store.blocking_lock())
    }
}

fn stopped() -> Fault {
    let message = "work on the store stopped half-way; nothing of it was kept".to_owned();
    fault(State::Failed, Exit::Io, message, "run it again, and report it if it comes back")
}
