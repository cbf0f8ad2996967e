//! The store among tasks that run side by side.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::domain::{Exit, Fault, State};
use crate::store::{Store, StoreError};

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
}

fn stopped() -> Fault {
    let message = "work on the store stopped half-way; nothing of it was kept".to_owned();
    fault(State::Failed, Exit::Io, message, "run it again, and report it if it comes back")
}
