//! Syncs some families side by side, and writes what belongs to each as soon as it is through.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;

use super::{Berths, InForce};
use crate::domain::{Again, Exit, Fault, State};
use crate::sync::{
    Desk, FamilyOrder, FamilyOutcome, Published, Step, Wanted, publish_family, publish_shared,
    sync_family,
};

/// What is done in one round.
pub struct Round {
    /// What it works with.
    pub desk: Arc<Desk>,
    /// The household in force when files are written.
    pub in_force: InForce,
    /// Who works on which family.
    pub berths: Berths,
    /// When it began.
    pub at: DateTime<Utc>,
    /// Whether files are written, and the round counts for the schedule.
    pub writes: bool,
}

/// A family that is through.
pub struct Ended {
    /// What was to be done.
    pub order: FamilyOrder,
    /// How it went.
    pub outcome: FamilyOutcome,
    /// What it changed in the files that families share, and what stood in the way there.
    pub shared: Published,
}

/// Runs the families side by side, tells of each that is through, and gives all of them in the
/// order in which they were asked for.
pub async fn round(
    round: Arc<Round>,
    orders: Vec<FamilyOrder>,
    tell: impl Fn(&Ended),
) -> Vec<Ended> {
    let (mut running, mut order_of) = (JoinSet::new(), HashMap::new());
    for (place, order) in orders.into_iter().enumerate() {
        let task = running.spawn(one(Arc::clone(&round), order.clone()));
        order_of.insert(task.id(), (place, order));
    }
    let mut ended = Vec::new();
    while let Some(end) = running.join_next_with_id().await {
        let (id, done) = match end {
            Ok((id, done)) => (id, Some(done)),
            Err(stopped) => (stopped.id(), None),
        };
        let Some((place, order)) = order_of.remove(&id) else { continue };
        let (outcome, shared) = done.unwrap_or_else(|| (stopped(halted()), Published::default()));
        let end = Ended { order, outcome, shared };
        tell(&end);
        ended.push((place, end));
    }
    ended.sort_by_key(|(place, _)| *place);
    ended.into_iter().map(|(_, end)| end).collect()
}

async fn one(round: Arc<Round>, order: FamilyOrder) -> (FamilyOutcome, Published) {
    let desk = &round.desk;
    let mut berth = round.berths.enter(&order.family.name).await;
    let outcome = tokio::select! {
        outcome = sync_family(desk, &order) => outcome,
        () = berth.told_to_leave() => return (stopped(left()), Published::default()),
    };
    if !round.writes {
        return (outcome, Published::default());
    }
    (desk.progress)(Step::Writing { family: order.family.name.clone() });
    write(&round, &order, outcome).await
}

/// Writes the family's files and what it shares with others, under the household that is in force
/// by now: a family that it has no longer keeps its files as they are.
async fn write(
    round: &Arc<Round>,
    order: &FamilyOrder,
    mut outcome: FamilyOutcome,
) -> (FamilyOutcome, Published) {
    let own = Arc::clone(round);
    let (name, whole) = (order.family.name.clone(), order.wanted == Wanted::All);
    let written = round.desk.shelf.with(move |store| {
        if whole {
            store.set_round(&name, own.at)?;
        }
        let household = own.in_force.get();
        let (families, settings) = (household.families(), &household.config.files);
        let files = match families.iter().find(|family| family.name == name) {
            Some(family) => publish_family(store, family, settings)?,
            None => Published::default(),
        };
        Ok((files, publish_shared(store, &families, settings)?))
    });
    match written.await {
        Ok((files, shared)) => {
            outcome.files = files.files;
            outcome.trouble.extend(files.notes);
            (outcome, shared)
        }
        Err(fault) => {
            outcome.trouble.push(fault);
            (outcome, Published::default())
        }
    }
}

fn stopped(fault: Fault) -> FamilyOutcome {
    FamilyOutcome { trouble: vec![fault], ..FamilyOutcome::default() }
}

fn halted() -> Fault {
    Fault {
        state: State::Failed,
        exit: Exit::Trouble,
        message: "the sync stopped half-way; what was read before that is kept".to_owned(),
        help: "run it again, and report it if it comes back".to_owned(),
        again: Again::OwnPace,
    }
}

fn left() -> Fault {
    Fault {
        state: State::Ok,
        exit: Exit::TryLater,
        message: "the configuration changed while it was synced; what was read is kept".to_owned(),
        help: "nothing to do: it is synced anew under the new one".to_owned(),
        again: Again::OwnPace,
    }
}
