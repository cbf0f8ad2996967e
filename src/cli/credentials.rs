//! `credentials set` and `credentials check`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::args::{Credentials as Arguments, CredentialsCommand};
use super::{World, ground};
use crate::config::{self, Config, CredentialsSource, FamilyConfig};
use crate::domain::{Credentials, Exit, Fault, Name, State};
use crate::files::{self, Access};
use crate::round::{self, Failure, Ground, worded};
use crate::sophtron::Client;
use crate::sync::Keys;

/// More than two lines of keys ever take, in bytes.
const LONGEST: u64 = 64 * 1024;

pub(super) fn run(
    command: &Arguments,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let config = ground::configuration(flag, world)?;
    match &command.command {
        CredentialsCommand::Set { family } => set(&config, family, world),
        CredentialsCommand::Check { family } => check(&config, family.as_deref(), world),
    }
}

/// It is encrypted, and the group of its folder may be the service's, which has to read it.
const READABLE: Access = Access { mode: 0o640, group: None };

fn set(config: &Config, family: &str, world: &mut World) -> Result<Exit, Failure> {
    let family = round::family_named(config, family)?;
    let path = file(family)?;
    let identity = ground::identity(config, world)?;
    let pair = if world.stdin_is_terminal { ask(world)? } else { read(world)? };
    let encrypted = config::encrypt(&pair, &identity)?;
    files::write_whole(&path, &encrypted, &READABLE)?;
    let name = &family.family.name;
    world.say(&format!("{} holds the credentials of {name}, encrypted.", path.display()));
    world.say(&format!("Next: sophtron-sync credentials check {name}"));
    Ok(Exit::Good)
}

fn file(family: &FamilyConfig) -> Result<PathBuf, Failure> {
    match &family.credentials {
        // A link that the owner put there is written through, not replaced.
        CredentialsSource::File(path) => Ok(path.canonicalize().unwrap_or_else(|_| path.clone())),
        CredentialsSource::Inline(_) => {
            let name = &family.family.name;
            let message = format!(
                "the credentials of {name} stand in the configuration, which is yours to edit"
            );
            let help = "use `credentials_file` there instead, or encrypt them with `age -a` to your identity's recipient";
            Err(Failure::new(Exit::Usage, message, help))
        }
    }
}

fn ask(world: &mut World) -> Result<Credentials, Failure> {
    let mut hidden = |question: &str| {
        world.ask_hidden(question).map_err(|error| {
            let help = "or pipe the two lines user_id and access_key in on stdin";
            Failure::new(Exit::Usage, error.to_string(), help)
        })
    };
    let user_id = hidden("Sophtron user id")?;
    let access_key = hidden("Sophtron access key")?;
    Ok(config::pair(&user_id, &access_key)?)
}

fn read(world: &mut World) -> Result<Credentials, Failure> {
    let mut text = Zeroizing::new(String::new());
    let read = (&mut world.stdin).take(LONGEST).read_to_string(&mut text);
    if read.is_err() {
        let help = "pipe in the two lines user_id = \"…\" and access_key = \"…\"";
        return Err(Failure::new(Exit::Usage, "what came on stdin is no text", help));
    }
    Ok(config::credentials_from(&text, "stdin")?)
}

fn check(config: &Config, family: Option<&str>, world: &mut World) -> Result<Exit, Failure> {
    let families = ground::families(config, family)?;
    let identity = ground::identity(config, world)?;
    let ground = ground::take_state(config, world)?;
    let mut exit = Exit::Good;
    for family in families {
        let name = family.family.name.clone();
        let asks = round::keys(family, &identity)
            .and_then(|keys| Ok((ground::client(family, &keys, world)?, keys)));
        let checked = match asks {
            Ok((client, keys)) => ask_service(&client, &keys, &name, &ground, world)?,
            Err(fault) => Err(fault),
        };
        match checked {
            Ok(()) => world.say(&format!("{name}: the service accepts these credentials")),
            Err(fault) => {
                exit = exit.worst(fault.exit);
                world.complain(&worded(&fault, &format!("{name}: {}", fault.message)));
            }
        }
    }
    Ok(exit)
}

/// Asks the service, and keeps or lifts the refusal.
pub(super) fn ask_service(
    client: &Client,
    keys: &Keys,
    name: &Name,
    ground: &Ground,
    world: &World,
) -> Result<Result<(), Fault>, Failure> {
    let before = client.calls();
    let answer = ground::runtime(world)?.block_on(client.check_credentials());
    ground::count_requests(ground, name, client.calls() - before, world)?;
    let answer = answer.map_err(|error| error.fault_of_command(name));
    match &answer {
        Ok(()) => {
            ground.with(|store| {
                store.set_rejected(name, None)?;
                store.unblock_logins(name)
            })?;
        }
        Err(fault) if fault.state == State::Rejected => {
            ground.with(|store| store.set_rejected(name, Some(&keys.fingerprint)))?;
        }
        Err(_) => {}
    }
    Ok(answer)
}
