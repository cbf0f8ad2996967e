//! `keygen`: makes an age identity.

use std::path::Path;

use super::World;
use super::args::Keygen;
use super::ground;
use crate::config;
use crate::domain::Exit;
use crate::round::Failure;

pub(super) fn run(
    command: &Keygen,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let path = match &command.file {
        Some(file) => world.cwd.join(file),
        None => ground::configuration(flag, world)?.identity,
    };
    let recipient = config::keygen(&path)?;
    world.say(&recipient);
    world.complain(&format!("{} was made.", path.display()));
    world.complain("Keep a copy of it elsewhere: without it no credentials can be decrypted.");
    Ok(Exit::Good)
}
