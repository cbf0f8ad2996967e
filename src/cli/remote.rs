//! Commands beside a daemon: what is typed is handed to it, and its answer shown.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::World;
use super::args::{Args, Command, CredentialsCommand};
use crate::config;
use crate::daemon::control::{CallError, Request, call};
use crate::domain::{Exit, Name};
use crate::round::{Failure, Lent};

/// How long a daemon may take to obey an edited configuration.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// How often it is looked whether it has.
pub(super) const LOOK: Duration = Duration::from_millis(20);

/// Hands a command to the daemon, where one runs and the command is one for it.
///
/// # Errors
/// A daemon runs, but its answer did not come.
pub(super) fn forward(
    args: &Args,
    typed: &[OsString],
    world: &mut World,
) -> Result<Option<u8>, Failure> {
    let is_whole = is_for_daemon(&args.command) && !begins_here(&args.command);
    if world.lent.is_some() || !is_whole {
        return Ok(None);
    }
    let path = config::find(args.config.as_deref(), &world.env, &world.cwd).ok();
    let socket = config::control_socket(path.as_deref(), &world.env);
    let Some(socket) = socket else { return Ok(None) };
    let typed = typed.iter().skip(1).map(|word| word.to_string_lossy().into_owned());
    let request = Request {
        version: Request::VERSION,
        args: typed.collect(),
        config: path.map(|path| real(&path)),
        colour: world.colour,
        watched: world.stderr_is_terminal,
    };
    let stderr = world.stderr.clone();
    call(&socket, &request, &mut *world.stdout, &mut stderr.writer(), &mut *world.ask)
        .map_err(|error| failure(&error))
}

/// What the daemon prints for a command, where one runs; its complaints are shown as they come.
///
/// # Errors
/// A daemon runs, but its answer did not come, or was a refusal.
pub(super) fn ask(
    config: &Path,
    args: &[&str],
    world: &mut World,
) -> Result<Option<String>, Failure> {
    match through(config, args, world)? {
        None => Ok(None),
        Some((Exit::Good, out)) => Ok(Some(out)),
        Some((exit, _)) => Err(refused(exit)),
    }
}

/// A command that the daemon did not carry out.
pub(super) fn refused(exit: Exit) -> Failure {
    Failure::new(exit, "the daemon refused", "see above for what stood in the way")
}

/// How a command ended that the daemon did, where one runs, and what it printed; its complaints are
/// shown as they come.
///
/// # Errors
/// A daemon runs, but its answer did not come.
pub(super) fn through(
    config: &Path,
    args: &[&str],
    world: &mut World,
) -> Result<Option<(Exit, String)>, Failure> {
    let Some(socket) = config::control_socket(Some(config), &world.env) else { return Ok(None) };
    let request = Request {
        version: Request::VERSION,
        args: args.iter().map(|word| (*word).to_owned()).collect(),
        config: Some(real(config)),
        colour: false,
        watched: world.stderr_is_terminal,
    };
    let (mut out, stderr) = (Vec::new(), world.stderr.clone());
    let code = call(&socket, &request, &mut out, &mut stderr.writer(), &mut *world.ask);
    let Some(code) = code.map_err(|error| failure(&error))? else { return Ok(None) };
    Ok(Some((exit(code), String::from_utf8_lossy(&out).into_owned())))
}

/// Waits until a daemon, where one runs, has taken an edit of the configuration: until it has an
/// account, or has it no more. One that does not take it is told.
pub(super) fn until_taken(
    config: &Path,
    (family, account): (&Name, &Name),
    is_there: bool,
    world: &mut World,
) -> Result<(), Failure> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let Some((_, status)) = through(config, &["status", "--json"], world)? else {
            return Ok(());
        };
        let status: Value = serde_json::from_str(&status).unwrap_or_default();
        let named = |list: &Value, name: &Name| {
            let items = list.as_array().into_iter().flatten();
            items.into_iter().find(|item| item["name"] == name.as_str()).cloned()
        };
        let found = named(&status["families"], family);
        if found.is_some_and(|found| named(&found["accounts"], account).is_some()) == is_there {
            return Ok(());
        }
        std::thread::sleep(LOOK);
    }
    world.complain("note: the daemon has not taken the change yet");
    world.complain("  help: `sophtron-sync status` says what stands in its way");
    Ok(())
}

/// The end that has a code.
fn exit(code: u8) -> Exit {
    use Exit::{Config, Good, Io, Owner, TryLater, Unavailable, Usage};
    let codes = [Good, Config, Io, Owner, TryLater, Unavailable, Usage];
    codes.into_iter().find(|exit| exit.code() == code).unwrap_or(Exit::Trouble)
}

/// Whether a command asks the service, writes the store, or tells of them: all these are the
/// daemon's, where one runs. The owner's own files are edited by whoever calls.
pub(super) fn is_for_daemon(command: &Command) -> bool {
    match command {
        Command::Init(_)
        | Command::Keygen(_)
        | Command::Run(_)
        | Command::Link(_)
        | Command::Unlink(_) => false,
        Command::Credentials(credentials) => {
            matches!(credentials.command, CredentialsCommand::Check { .. })
        }
        Command::Accounts(_)
        | Command::Check(_)
        | Command::Sync(_)
        | Command::Answer(_)
        | Command::Export(_)
        | Command::Status(_)
        | Command::Why(_)
        | Command::Reconcile(_)
        | Command::Connect(_)
        | Command::Disconnect(_)
        | Command::Rename(_)
        | Command::Relink(_) => true,
    }
}

/// Whether a command asks the daemon by itself, since it has a part of its own beside that: what it
/// edits is the caller's.
fn begins_here(command: &Command) -> bool {
    matches!(command, Command::Connect(_) | Command::Rename(_) | Command::Relink(_))
}

/// Refuses a request that means another configuration than the daemon's, which has the same
/// socket.
pub(super) fn same_configuration(request: &Request, lent: &Lent) -> Result<(), Failure> {
    let ours = real(&lent.household.config.path);
    match &request.config {
        Some(theirs) if *theirs != ours => {
            let pid = std::process::id();
            let message = format!("a daemon runs with another configuration (process {pid})");
            let help = format!("name that one with --config {}, or end it", ours.display());
            Err(Failure::new(Exit::TryLater, message, help))
        }
        _ => Ok(()),
    }
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn failure(error: &CallError) -> Failure {
    match error {
        CallError::Forbidden(_) => {
            let help = "run it as the daemon's user, or become a member of control_group";
            Failure::new(Exit::Io, error.to_string(), help)
        }
        CallError::Lost => {
            let help = "run it again; what was kept until then is kept";
            Failure::new(Exit::TryLater, error.to_string(), help)
        }
    }
}
