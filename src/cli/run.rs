//! `run`: the daemon.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Run;
use super::{Shared, World, daemon_commands};
use crate::config;
use crate::daemon::control::{Answers, Request};
use crate::daemon::signals::Signals;
use crate::daemon::systemd::Notifier;
use crate::daemon::{self, Obey, Rim, alarm};
use crate::domain::Exit;
use crate::round::{Failure, Lent};

pub(super) fn run(_: &Run, flag: Option<&Path>, world: &mut World) -> Result<Exit, Failure> {
    let signals = Signals::listen().map_err(|error| {
        let message = format!("signals cannot be listened to: {error}");
        Failure::new(Exit::Io, message, "look at the limits of this user")
    })?;
    daemon::run(Rim {
        path: config::find(flag, &world.env, &world.cwd)?,
        env: world.env.clone(),
        clock: Arc::clone(&world.clock),
        alarm: alarm::real(),
        pace: world.pace.clone(),
        signals,
        notifier: Notifier::from_env(&world.env),
        obey: obey(world),
    })
}

/// Runs the commands that come over the control socket, as if they were typed beside the daemon.
#[must_use]
pub fn obey(world: &World) -> Obey {
    let (env, clock, pace) = (world.env.clone(), Arc::clone(&world.clock), world.pace.clone());
    Arc::new(move |request: Request, answers: Answers, lent: Lent| {
        let asker = answers.clone();
        let mut world = World {
            env: env.clone(),
            cwd: PathBuf::from("/"),
            is_root: false,
            clock: Arc::clone(&clock),
            stdin: Box::new(Cursor::new("")),
            stdin_is_terminal: false,
            stdout: Box::new(answers.out()),
            colour: request.colour,
            stderr: Shared::new(answers.err()),
            stderr_is_terminal: request.watched,
            ask: Box::new(move |question| asker.ask(question)),
            pace: pace.clone(),
            hook_limits: lent.surroundings.limits,
            lent: Some(lent),
            logs: false,
        };
        daemon_commands(&request, &mut world)
    })
}
