//! The commands: arguments in, text or JSON and an exit code out.
//!
//! One file per command. `args` says what may be typed, `world` what is passed in from outside
//! (environment, clock, terminal), `ground` opens configuration, identity, locks and store,
//! `failure` is the one place where a failure is worded and its exit code chosen.

mod accounts;
mod args;
mod check;
mod credentials;
mod export;
mod failure;
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

use args::{Args, Command};
use failure::Failure;

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

fn dispatch(args: &Args, world: &mut World) -> Result<crate::domain::Exit, Failure> {
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

/// Help and version are answers; anything else that clap says is wrong usage.
fn refused(refusal: &clap::Error, world: &mut World) -> u8 {
    let text = refusal.render();
    if refusal.use_stderr() {
        world.complain(text.to_string().trim_end());
        crate::domain::Exit::Usage.code()
    } else {
        world.say(text.to_string().trim_end());
        0
    }
}
