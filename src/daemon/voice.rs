//! Has the owner's programs told of what the daemon does, beside the loop.

use std::sync::Arc;

use tokio::sync::watch;
use tracing::warn;

use super::Rim;
use crate::domain::{DaemonInfo, Fault};
use crate::hooks::{Limits, Stop};
use crate::round::{Audience, Ended, Exported, Glance, Ground, InForce, Surroundings};
use crate::sync::Clock;

/// Tells under the household that is in force by then.
#[derive(Clone)]
pub(super) struct Voice {
    ground: Ground,
    in_force: InForce,
    clock: Clock,
    /// What programs are run with, also those of a command inside the daemon.
    pub(super) surroundings: Surroundings,
    stop: Arc<watch::Sender<bool>>,
}

impl Voice {
    pub(super) fn new(rim: &Rim, ground: &Ground, in_force: &InForce) -> Self {
        let (stop, told) = watch::channel(false);
        let surroundings = Surroundings::of(&rim.env, Limits::default());
        Self {
            ground: ground.clone(),
            in_force: in_force.clone(),
            clock: Arc::clone(&rim.clock),
            surroundings: Surroundings { stop: Stop::when(told), ..surroundings },
            stop: Arc::new(stop),
        }
    }

    /// Tells how a round ended.
    pub(super) async fn round(self, ended: Vec<Arc<Ended>>, daemon: DaemonInfo) {
        let ended = ended.iter().map(Arc::as_ref);
        self.tell(daemon, async |audience| audience.hear_round(ended).await).await;
    }

    /// Tells what was written from the store.
    pub(super) async fn exported(self, exported: Exported, daemon: DaemonInfo) {
        self.tell(daemon, async |audience| audience.hear_export(exported).await).await;
    }

    /// Tells why the configuration on disk is not in force; or, without a reason, that it is.
    pub(super) async fn configuration(self, daemon: DaemonInfo) {
        let cure = "correct the file: the one before it stays in force until then";
        let wrong = daemon.config_error.clone().map(|error| (error, cure.to_owned()));
        let wrong = wrong.into_iter().collect();
        self.tell(daemon, async |audience| audience.hear_configuration(wrong).await).await;
    }

    /// No program is waited for any more.
    pub(super) fn fall_silent(&self) {
        self.stop.send_replace(true);
    }

    async fn tell(&self, daemon: DaemonInfo, work: impl AsyncFnOnce(Audience<'_>) -> Vec<Fault>) {
        let household = self.in_force.get();
        let glance = Glance { config: &household.config, daemon, now: (self.clock)() };
        let audience = Audience {
            shelf: &self.ground.shelf,
            glance: &glance,
            surroundings: &self.surroundings,
        };
        for note in work(audience).await {
            warn!(help = note.help, "{}", note.message);
        }
    }
}
