//! The store among tasks that run side by side.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::{Exit, Fault, State};
use crate::store::{Store, StoreError};

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
