//! The commands: arguments in, text or JSON and an exit code out.
//!
//! One file per command. `args` says what may be typed, `world` what is passed in from outside
//! (environment, clock, terminal), `ground` opens configuration, identity, locks and store, or
//! takes what a daemon lends.

mod accounts;
mod args;
mod check;
mod credentials;
mod export;
mod ground;
mod keygen;
mod logs;
mod private;
mod reconcile;
mod status;
mod sync;
mod text;
mod why;
mod world;

use std::ffi::OsString;

use clap::Parser;

pub use private::keep_private;
pub use world::{AskHidden, World};

use crate::domain::{Exit, Fault};
use crate::round::{Failure, worded};
use args::{Args, Command};

/// Runs one command and gives its exit code. All that it says goes to the world's two outputs.
pub fn run(args: impl IntoIterator<Item = OsString>, world: &mut World) -> u8 {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(refusal) => return refused(&refusal, world),
    };
    if world.logs {
        logs::start(args.verbose, args.log_format, &world.env);
    }
    match dispatch(&args, world) {
        Ok(exit) => exit.code(),
        Err(failure) => {
            world.complain(&failure.to_string());
            failure.exit.code()
        }
    }
}

fn dispatch(args: &Args, world: &mut World) -> Result<Exit, Failure> {
    let config = args.config.as_deref();
    match &args.command {
        Command::Keygen(command) => keygen::run(command, config, world),
        Command::Credentials(command) => credentials::run(command, config, world),
        Command::Accounts(command) => accounts::run(command, config, world),
        Command::Check(command) => check::run(command, config, world),
        Command::Sync(command) => sync::run(command, config, world),
        Command::Export(command) => export::run(command, config, world),
        Command::Why(command) => why::run(command, config, world),
        Command::Reconcile(command) => reconcile::run(command, config, world),
        Command::Status(command) => status::run(command, args.verbose > 0, config, world),
    }
}

/// Tells what stood in the way, or should be known, and how the command ends for it.
fn told(faults: &[Fault], world: &mut World) -> Exit {
    for fault in faults {
        world.complain(&worded(fault, &fault.message));
    }
    faults.iter().fold(Exit::Good, |exit, fault| exit.worst(fault.exit))
}

/// Help and version are answers; anything else that clap says is wrong usage.
fn refused(refusal: &clap::Error, world: &mut World) -> u8 {
    let text = refusal.render();
    if refusal.use_stderr() {
        world.complain(text.to_string().trim_end());
        Exit::Usage.code()
    } else {
        world.say(text.to_string().trim_end());
        0
    }
}
