//! What a running daemon lends to a command that is run inside it.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::{Berths, Ended, Ground, Household, InForce, Surroundings};
use crate::sophtron::Gate;

/// The daemon's own household and ground, so that a command beside it takes nothing twice.
#[derive(Clone)]
pub struct Lent {
    /// The household as it is in force when the command begins, under which it is done.
    pub household: Arc<Household>,
    /// The one in force when its files are written.
    pub in_force: InForce,
    /// The folders and the store.
    pub ground: Ground,
    /// Who works on which family.
    pub berths: Berths,
    /// What the owner's programs are run with.
    pub surroundings: Surroundings,
    /// Bounds the answers in hand, over all families.
    pub gate: Arc<Gate>,
    /// Where requests run.
    pub runtime: Handle,
    /// Hears how a sync of a family ended.
    pub hears: Arc<dyn Fn(&Ended) + Send + Sync>,
    /// Why the configuration on disk is not the one in force, if it is not.
    pub config_error: Option<String>,
}
