//! The program that stays: it keeps the schedule, obeys its files, signals, the service manager and
//! the control socket.
//!
//! There is one loop, `keeper`, and one place in it that handles an event. Nothing that lasts
//! happens there: rounds, reloads and commands are tasks that answer by an event. When to wake next
//! is decided by [`crate::sync::schedule`] from what is stored; what the next round works on, by
//! `agenda`; what a new configuration means for what is in hand, by [`changes`]. The rest is the
//! rim: [`signals`], [`watch`], [`alarm`], [`systemd`], `voice`, and [`control`], at whose other
//! end the commands are.

mod agenda;
pub mod alarm;
mod asked;
pub mod changes;
pub mod control;
mod descriptor;
mod keeper;
mod news;
mod outlook;
mod reload;
pub mod signals;
mod start;
pub mod systemd;
mod voice;
pub mod watch;

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Env;
use crate::domain::Exit;
use crate::round::{Failure, Lent};
use crate::sophtron::Pace;
use crate::sync::Clock;

pub use keeper::run;

/// What the daemon is given from outside.
pub struct Rim {
    /// The configuration file.
    pub path: PathBuf,
    /// The environment.
    pub env: Env,
    /// The clock.
    pub clock: Clock,
    /// Sleeps until an instant of that clock.
    pub alarm: alarm::Alarm,
    /// The waits for the service.
    pub pace: Pace,
    /// What the system, or a test, asks for.
    pub signals: signals::Signals,
    /// The line to the service manager.
    pub notifier: systemd::Notifier,
    /// Runs a command inside the daemon.
    pub obey: Obey,
}

/// Runs a command with what the daemon lends, on a thread that may block, and gives its exit code.
pub type Obey = Arc<dyn Fn(control::Request, control::Answers, Lent) -> u8 + Send + Sync>;

/// How a daemon ends.
pub type End = Result<Exit, Failure>;
