//! What must be good before the daemon says that it is ready.

use std::sync::Arc;

use super::Rim;
use super::control::Listener;
use crate::domain::{Exit, Fault};
use crate::round::{Failure, Ground, Household};

/// Opens configuration, identity, credentials, folders, store and socket.
///
/// # Errors
/// The first [`Failure`] that stands in the way.
pub(super) fn start(rim: &Rim) -> Result<(Arc<Household>, Ground, Listener), Failure> {
    let household = Household::load(&rim.path, &rim.env)?;
    if let Some(failure) = no_family_opens(&household) {
        return Err(failure);
    }
    let ground = Ground::take_all(&household.config)?;
    let listener = Listener::bind(&household.config)?;
    Ok((Arc::new(household), ground, listener))
}

/// With no family's credentials there is nothing to do until the owner acts.
fn no_family_opens(household: &Household) -> Option<Failure> {
    let mut faults: Vec<&Fault> = Vec::new();
    for family in &household.config.families {
        match household.keys_of(&family.family.name) {
            Some(Err(fault)) => faults.push(fault),
            Some(Ok(_)) | None => return None,
        }
    }
    let exit = faults.iter().fold(Exit::Good, |exit, fault| exit.worst(fault.exit));
    let problems = faults.into_iter().map(|fault| (fault.message.clone(), fault.help.clone()));
    Failure::all(exit, problems.collect())
}
