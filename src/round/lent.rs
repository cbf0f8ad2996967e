//! What a running daemon lends to a command that is run inside it.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::{Berths, Ground, Household};
use crate::sophtron::Gate;

/// The daemon's own household and ground, so that a command beside it takes nothing twice.
#[derive(Clone)]
pub struct Lent {
    /// The configuration in force.
    pub household: Arc<Household>,
    /// The folders and the store.
    pub ground: Ground,
    /// Who works on which family.
    pub berths: Berths,
    /// Bounds the answers in hand, over all families.
    pub gate: Arc<Gate>,
    /// Where requests run.
    pub runtime: Handle,
}
