//! Syncs some families side by side, and writes what belongs to each as soon as it is through.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;

use super::{Berths, Glance, InForce};
use crate::domain::{DaemonInfo, Exit, Fault, State};
use crate::sync::{
    Desk, FamilyOrder, FamilyOutcome, Published, Step, Wanted, fault, publish_family,
    publish_shared, sync_family,
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
    /// What the status page tells of the daemon.
    pub daemon: DaemonInfo,
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
    /// Whether the store took all of it, so that the schedule may count from it.
    pub counts: bool,
}

/// Runs the families side by side, and tells of each as soon as it is through. At the end the
/// status page and the metrics are written; gives what stood in their way.
pub async fn round(
    round: Arc<Round>,
    orders: Vec<FamilyOrder>,
    mut tell: impl FnMut(Ended),
) -> Vec<Fault> {
    let (mut running, mut order_of) = (JoinSet::new(), HashMap::new());
    for order in orders {
        let task = running.spawn(one(Arc::clone(&round), order.clone()));
        order_of.insert(task.id(), order);
    }
    while let Some(end) = running.join_next_with_id().await {
        match end {
            Ok((_, end)) => tell(end),
            Err(halt) => {
                if let Some(order) = order_of.remove(&halt.id()) {
                    tell(stopped(order, halted()));
                }
            }
        }
    }
    if round.writes { glance(&round).await } else { Vec::new() }
}

/// Writes the status page and the metrics, once for all families; gives what stood in the way.
async fn glance(round: &Arc<Round>) -> Vec<Fault> {
    let own = Arc::clone(round);
    let written = round.desk.shelf.with(move |store| {
        let household = own.in_force.get();
        let (config, daemon) = (&household.config, own.daemon.clone());
        Glance { config, daemon, now: own.desk.now() }.write(store)
    });
    written.await.unwrap_or_else(|fault| vec![fault])
}

async fn one(round: Arc<Round>, order: FamilyOrder) -> Ended {
    let desk = &round.desk;
    let mut berth = round.berths.enter(&order.family.name).await;
    let outcome = tokio::select! {
        outcome = sync_family(desk, &order) => outcome,
        () = berth.told_to_leave() => return stopped(order, left()),
    };
    let counts = outcome.trouble.is_empty();
    let mut end = Ended { order, outcome, shared: Published::default(), counts };
    if round.writes {
        (desk.progress)(Step::Writing { family: end.order.family.name.clone() });
        end = write(&round, end).await;
    }
    look(&round, end).await
}

/// Looks at what stands with the accounts although nothing failed.
async fn look(round: &Arc<Round>, mut end: Ended) -> Ended {
    let own = Arc::clone(round);
    let (name, wanted) = (end.order.family.name.clone(), end.order.wanted.clone());
    let seen = round.desk.shelf.with(move |store| {
        let household = own.in_force.get();
        let (config, daemon) = (&household.config, own.daemon.clone());
        let glance = Glance { config, daemon, now: own.desk.now() };
        let families = household.families();
        let family = families.iter().find(|family| family.name == name);
        family.map_or(Ok(Vec::new()), |family| glance.notices(store, family, &wanted))
    });
    match seen.await {
        Ok(notices) => end.outcome.notices = notices,
        Err(fault) => end.outcome.trouble.push(fault),
    }
    end
}

/// Writes the family's files and what it shares with others, under the household that is in force
/// by now: a family that it has no longer keeps its files as they are.
async fn write(round: &Arc<Round>, mut end: Ended) -> Ended {
    let own = Arc::clone(round);
    let (name, whole) = (end.order.family.name.clone(), end.order.wanted == Wanted::All);
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
            end.outcome.take_published(files);
            end.shared = shared;
        }
        Err(fault) => {
            end.outcome.trouble.push(fault);
            end.counts = false;
        }
    }
    end
}

fn stopped(order: FamilyOrder, fault: Fault) -> Ended {
    let outcome = FamilyOutcome { trouble: vec![fault], ..FamilyOutcome::default() };
    Ended { order, outcome, shared: Published::default(), counts: false }
}

fn halted() -> Fault {
    let message = "the sync stopped half-way; what was read before that is kept".to_owned();
    fault(State::Failed, Exit::Trouble, message, "run it again, and report it if it comes back")
}

fn left() -> Fault {
    let message = "the configuration changed while it was synced; what was read is kept".to_owned();
    let help = "nothing to do: it is synced anew under the new one";
    fault(State::Ok, Exit::TryLater, message, help)
}
