//! `check`, the doctor: what is right, what is wrong, and each cure.
//!
//! `machine` looks at what this machine holds, `family` at credentials and service, `finding` is
//! what they find. Nothing is changed but what every command that asks the service changes: the
//! requests are counted, and a refusal of the credentials is kept or lifted.

mod family;
mod finding;
mod machine;

use std::path::Path;

use super::args::Check;
use super::{World, ground, text};
use crate::config::{Config, Identity};
use crate::domain::Exit;
use crate::round::{Failure, Ground};
use finding::Findings;

pub(super) fn run(command: &Check, flag: Option<&Path>, world: &mut World) -> Exit {
    let mut findings = Findings::default();
    match ground::configuration(flag, world) {
        Ok(config) => {
            // What ends the looking is a finding too, after all that was found until then.
            if let Err(failure) = look(&config, command.offline, &mut findings, world) {
                findings.bad(machine::store_place(&config), failure);
            }
        }
        Err(failure) => findings.bad("configuration", failure),
    }
    findings.print(command.json, world);
    findings.exit()
}

fn look(
    config: &Config,
    offline: bool,
    findings: &mut Findings,
    world: &World,
) -> Result<(), Failure> {
    configuration(config, findings, world);
    machine::look(config, findings, world);
    let identity = match ground::identity(config, world) {
        Ok(identity) => {
            findings.good("identity", config.identity.display().to_string());
            Some(identity)
        }
        Err(failure) => {
            findings.bad("identity", failure);
            None
        }
    };
    let ground = if offline {
        machine::store(config, None, findings);
        None
    } else {
        taken(config, findings, world)
    };
    machine::budgets(config, ground.as_ref(), findings, world);
    family::last_syncs(config, ground.as_ref(), findings);
    let Some(identity) = identity else { return Ok(()) };
    families(config, &identity, ground.as_ref(), findings, world)
}

fn configuration(config: &Config, findings: &mut Findings, world: &World) {
    let accounts: usize = config.families.iter().map(|family| family.family.accounts.len()).sum();
    let families = text::count(config.families.len(), "family", "families");
    let what = format!("{families}, {}", text::count(accounts, "account", "accounts"));
    findings.good(config.path.display().to_string(), what);
    let refused = world.lent.as_ref().and_then(|lent| lent.config_error.clone());
    if let Some(refused) = refused {
        let message = format!("what is on disk is not in force: {refused}");
        let help = "mend it, and the daemon takes it at once";
        findings.bad("configuration", Failure::new(Exit::Config, message, help));
    }
}

/// The state folder, without which the service is not asked, and what the store in it looks like.
/// One that cannot be opened is told once.
fn taken(config: &Config, findings: &mut Findings, world: &World) -> Option<Ground> {
    match ground::take_state(config, world) {
        Ok(ground) => {
            machine::store(config, Some(&ground), findings);
            Some(ground)
        }
        Err(failure) if failure.exit == Exit::Io => {
            findings.bad(machine::store_place(config), failure);
            None
        }
        Err(failure) => {
            findings.bad(format!("state_dir {}", config.state_dir.display()), failure);
            machine::store(config, None, findings);
            None
        }
    }
}

fn families(
    config: &Config,
    identity: &Identity,
    ground: Option<&Ground>,
    findings: &mut Findings,
    world: &World,
) -> Result<(), Failure> {
    let mut opened = Vec::new();
    for family in &config.families {
        let Some(keys) = family::opens(family, identity, findings) else { continue };
        if let Some(ground) = ground {
            family::service(family, &keys, ground, findings, world)?;
        }
        opened.push((&family.family, keys));
    }
    family::shared_keys(&opened, findings);
    Ok(())
}
