//! Tells the owner's programs how a round or an export ended.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Ended, Exported, Glance};
use crate::config::{Config, Env};
use crate::domain::{Fault, Name};
use crate::hooks::{Bench, Limits, Stop, is_passed_on};
use crate::sync::{
    FamilyOutcome, Published, RoundEnd, Shelf, Teller, tell_configuration, tell_round,
};

/// What programs are run with, whatever is configured.
#[derive(Clone)]
pub struct Surroundings {
    /// The variables that they see.
    pub environment: Vec<(OsString, OsString)>,
    /// The service's runtime folder, where it has one.
    pub runtime_folder: Option<PathBuf>,
    /// How long they may take.
    pub limits: Limits,
    /// Tells when not to wait for them any longer.
    pub stop: Stop,
}

impl Surroundings {
    /// Those of an environment, of a process that waits for every program.
    #[must_use]
    pub fn of(env: &Env, limits: Limits) -> Self {
        // systemd gives a list, of which the first is the main one.
        let runtime_folder = env
            .get("RUNTIME_DIRECTORY")
            .and_then(|list| std::env::split_paths(list).find(|folder| folder.is_absolute()));
        let environment = env.picked(is_passed_on);
        Self { environment, runtime_folder, limits, stop: Stop::never() }
    }

    /// Who is told under a configuration: its programs work in its folder.
    fn teller(&self, config: &Config) -> Teller {
        let bench = Bench {
            environment: self.environment.clone(),
            folder: config.path.parent().unwrap_or(Path::new("/")).to_owned(),
            limits: self.limits,
            stop: self.stop.clone(),
        };
        let (hooks, runtime_folder) = (config.hooks.clone(), self.runtime_folder.clone());
        Teller { hooks, bench, runtime_folder }
    }
}

/// Whom to tell: the owner's programs under one configuration, with the store that keeps what they
/// were told.
pub struct Audience<'a> {
    /// The store.
    pub shelf: &'a Shelf,
    /// The configuration in force, and the present instant.
    pub glance: &'a Glance<'a>,
    /// What programs are run with.
    pub surroundings: &'a Surroundings,
}

impl Audience<'_> {
    /// Tells how a round ended, and waits for the programs. Gives what did not go well, which harms
    /// nothing else.
    pub async fn hear_round(&self, ended: impl IntoIterator<Item = &Ended>) -> Vec<Fault> {
        let (mut outcomes, mut shared) = (Vec::new(), Published::default());
        for end in ended {
            outcomes.push((end.order.family.name.clone(), end.outcome.clone()));
            shared.extend(end.shared.clone());
        }
        self.hear(outcomes, shared, true).await
    }

    /// Tells what an export wrote, as [`Audience::hear_round`] does.
    pub async fn hear_export(&self, exported: Exported) -> Vec<Fault> {
        self.hear(exported.families, exported.shared, false).await
    }

    /// Tells that the configuration on disk is wrong, each problem with its cure, while another one
    /// is in force; or, where there is no problem, that it is right again.
    pub async fn hear_configuration(&self, wrong: Vec<(String, String)>) -> Vec<Fault> {
        let (config, now) = (self.glance.config, self.glance.now);
        let teller = self.surroundings.teller(config);
        tell_configuration(self.shelf, &teller, &config.path, wrong, &config.files, now).await
    }

    async fn hear(
        &self,
        outcomes: Vec<(Name, FamilyOutcome)>,
        shared: Published,
        is_round: bool,
    ) -> Vec<Fault> {
        let Glance { config, daemon, now } = self.glance;
        let end = RoundEnd {
            now: *now,
            families: self.glance.families(),
            sync: config.sync.clone(),
            schedule: config.schedule.clone(),
            files: config.files.clone(),
            daemon: daemon.clone(),
            patience: self.glance.patience(),
            outcomes,
            shared,
            is_round,
        };
        tell_round(self.shelf, &self.surroundings.teller(config), end).await
    }
}
