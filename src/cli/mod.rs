//! The commands: arguments in, text or JSON and an exit code out.
//!
//! One file per command. `args` says what may be typed, `world` what is passed in from outside
//! (environment, clock, terminal), `prompts` what is asked of whoever typed it (at a `terminal`,
//! which may show a `picture`, or beforehand by a `code`), `ground` opens configuration, identity,
//! locks and store, or takes what a daemon lends, `found` is what the service lists behind a key,
//! `units` knows where the service manager has its unit.

mod accounts;
mod answer;
mod args;
mod banks;
mod check;
mod code;
mod connect;
mod credentials;
mod disconnect;
mod edit;
mod export;
mod found;
mod ground;
mod init;
mod keygen;
mod link;
mod logs;
mod moving;
mod picture;
mod private;
mod prompts;
mod reconcile;
mod relink;
mod remote;
mod rename;
mod run;
mod status;
mod sync;
mod terminal;
mod text;
mod tried;
mod units;
mod walk;
mod why;
mod world;

use std::ffi::OsString;

use clap::Parser;

pub use private::keep_private;
pub use prompts::Ask;
pub use run::obey;
pub use world::{Shared, World};

use crate::daemon::control::Request;
use crate::domain::{Exit, Fault};
use crate::round::{Failure, worded};
use args::{Args, Command};

/// Runs one command and gives its exit code. All that it says goes to the world's two outputs.
pub fn run(args: impl IntoIterator<Item = OsString>, world: &mut World) -> u8 {
    let typed: Vec<OsString> = args.into_iter().collect();
    let args = match Args::try_parse_from(&typed) {
        Ok(args) => args,
        Err(refusal) => return refused(&refusal, world),
    };
    if world.logs {
        let is_daemon = matches!(args.command, Command::Run(_));
        logs::start(args.verbose, args.log_format, is_daemon, &world.env);
    }
    let typed = code::take(&args.command, typed, world);
    let ended = match remote::forward(&args, &typed, world) {
        Ok(Some(code)) => return code,
        Ok(None) => dispatch(&args, world),
        Err(failure) => Err(failure),
    };
    ended.unwrap_or_else(|failure| failed(&failure, world))
}

/// Runs a command that came over the control socket, inside the daemon that lends to it.
fn daemon_commands(request: &Request, world: &mut World) -> u8 {
    let Some(lent) = world.lent.clone() else { return Exit::Usage.code() };
    let typed = std::iter::once("sophtron-sync").chain(request.args.iter().map(String::as_str));
    let args = match Args::try_parse_from(typed) {
        Ok(args) if remote::is_for_daemon(&args.command) => args,
        Ok(_) => return Exit::Usage.code(),
        Err(refusal) => return refused(&refusal, world),
    };
    let ended = remote::same_configuration(request, &lent).and_then(|()| {
        // What is in force is not what is on disk: who asks should know, and `status` tells itself.
        let tells = !matches!(args.command, Command::Status(_));
        if let Some(error) = lent.config_error.filter(|_| tells) {
            world.complain(&format!("note: the configuration on disk is not in force: {error}"));
        }
        dispatch(&args, world)
    });
    ended.unwrap_or_else(|failure| failed(&failure, world))
}

fn failed(failure: &Failure, world: &mut World) -> u8 {
    world.complain(&failure.to_string());
    failure.exit.code()
}

/// Runs the command that was typed; gives its exit code.
fn dispatch(args: &Args, world: &mut World) -> Result<u8, Failure> {
    let config = args.config.as_deref();
    let exit = match &args.command {
        Command::Init(command) => init::run(command, config, world),
        Command::Keygen(command) => keygen::run(command, config, world),
        Command::Credentials(command) => credentials::run(command, config, world),
        Command::Accounts(command) => accounts::run(command, config, world),
        Command::Link(command) => link::link(command, config, world),
        Command::Unlink(command) => link::unlink(command, config, world),
        Command::Rename(command) => rename::run(command, config, world),
        Command::Relink(command) => relink::run(command, config, world),
        Command::Connect(command) => connect::run(command, config, world),
        Command::Disconnect(command) => disconnect::run(command, config, world),
        Command::Check(command) => Ok(check::run(command, config, world)),
        Command::Run(command) => run::run(command, config, world),
        Command::Sync(command) => sync::run(command, config, world),
        Command::Answer(command) => answer::run(command, config, world),
        Command::Export(command) => export::run(command, config, world),
        Command::Why(command) => why::run(command, config, world),
        Command::Reconcile(command) => reconcile::run(command, config, world),
        // Its codes may be those that monitors know.
        Command::Status(command) => return status::run(command, args.verbose > 0, config, world),
    };
    exit.map(Exit::code)
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
