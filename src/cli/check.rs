//! `check`: what is right, what is wrong, and each cure.

use std::path::Path;

use serde::Serialize;

use super::accounts::{Found, discover};
use super::args::Check;
use super::credentials::ask_service;
use super::{World, ground, text};
use crate::config::{self, Config, FamilyConfig, Identity};
use crate::domain::{Exit, Fault};
use crate::files;
use crate::hooks;
use crate::round::{self, Failure, Ground};

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    good: bool,
    place: String,
    what: String,
    help: String,
    #[serde(skip)]
    exit: Exit,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u32,
    findings: &'a [Finding],
}

pub(super) fn run(
    command: &Check,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let config = ground::configuration(flag, world)?;
    let mut findings = vec![good(&config.path.display().to_string(), configured(&config))];
    folders(&config, &mut findings);
    programs(&config, &mut findings);
    match ground::identity(&config, world) {
        Ok(identity) => secrets(&config, &identity, command.offline, &mut findings, world)?,
        Err(failure) => findings.push(bad("identity", failure)),
    }
    let exit = findings.iter().fold(Exit::Good, |exit, finding| exit.worst(finding.exit));
    print(&findings, command.json, world);
    Ok(exit)
}

fn configured(config: &Config) -> String {
    let accounts: usize = config.families.iter().map(|family| family.family.accounts.len()).sum();
    let families = text::count(config.families.len(), "family", "families");
    format!("{families}, {}", text::count(accounts, "account", "accounts"))
}

/// Whether folders are there, or can be made, and their groups exist: nothing is made here.
fn folders(config: &Config, findings: &mut Vec<Finding>) {
    if let Err(failure) = round::output_folders(config) {
        findings.push(bad("group", failure));
    }
    let mut places = vec![("state_dir", config.state_dir.clone())];
    places.push(("output_dir", config.files.output_dir.clone()));
    let own = config.families.iter().filter(|family| family.family.own_folder);
    places.extend(own.map(|family| ("output_dir", family.family.output_dir.clone())));
    for (key, folder) in places {
        let parent = folder.parent().is_some_and(Path::is_dir)
            || config.state_dir_is_xdg && key == "state_dir";
        let place = format!("{key} {}", folder.display());
        if folder.is_dir() {
            findings.push(good(&place, "it is there".to_owned()));
        } else if parent && files::stamp(&folder).is_none() {
            findings.push(good(&place, "it will be made".to_owned()));
        } else {
            let help = "make the folder above it, or mount what should be there";
            findings.push(bad(
                &place,
                Failure::new(Exit::Io, "it is no folder and cannot be made", help),
            ));
        }
    }
}

/// Whether the owner's programs are there and may be run: none is run here.
fn programs(config: &Config, findings: &mut Vec<Finding>) {
    for (key, program) in config.hooks.all() {
        let place = format!("{key} {}", program.path.display());
        match hooks::look(program) {
            Ok(()) => findings.push(good(&place, "it is there".to_owned())),
            Err(failure) => {
                let (message, help) = (failure.to_string(), failure.help());
                findings.push(bad(&place, Failure::new(Exit::Trouble, message, help)));
            }
        }
    }
}

fn secrets(
    config: &Config,
    identity: &Identity,
    offline: bool,
    findings: &mut Vec<Finding>,
    world: &World,
) -> Result<(), Failure> {
    findings.push(good("identity", config.identity.display().to_string()));
    let ground = if offline { None } else { Some(ground::take_state(config, world)?) };
    if let Some(ground) = &ground {
        let clashes = ground.with(|store| round::clashes(config, store))?;
        findings.extend(
            clashes
                .into_iter()
                .map(|(message, help)| bad("accounts", Failure::new(Exit::Config, message, help))),
        );
    }
    for family in &config.families {
        let place = family.family.name.to_string();
        if let Err(error) = config::decrypt(&family.credentials, identity) {
            findings.push(bad(&place, error.into()));
        } else {
            findings.push(good(&place, "the credentials decrypt".to_owned()));
            if let Some(ground) = &ground {
                service(family, identity, ground, findings, world)?;
            }
        }
    }
    Ok(())
}

fn service(
    family: &FamilyConfig,
    identity: &Identity,
    ground: &Ground,
    findings: &mut Vec<Finding>,
    world: &World,
) -> Result<(), Failure> {
    let name = &family.family.name;
    if family.family.paused {
        findings.push(good(name.as_str(), "paused: the service is not asked".to_owned()));
        return Ok(());
    }
    if let Err(fault) = ask_service(family, identity, ground, world)? {
        findings.push(bad(name.as_str(), fault.into()));
        return Ok(());
    }
    findings.push(good(name.as_str(), "the service accepts the credentials".to_owned()));
    match list(family, identity, ground, world)? {
        Ok(found) => linked(family, &found, findings),
        Err(fault) => findings.push(bad(name.as_str(), fault.into())),
    }
    Ok(())
}

fn list(
    family: &FamilyConfig,
    identity: &Identity,
    ground: &Ground,
    world: &World,
) -> Result<Result<Vec<Found>, Fault>, Failure> {
    let client =
        match round::keys(family, identity).and_then(|keys| ground::client(family, &keys, world)) {
            Ok(client) => client,
            Err(fault) => return Ok(Err(fault)),
        };
    let found = ground::runtime(world)?.block_on(discover(&client, family));
    ground::count_requests(ground, &family.family.name, client.calls(), world)?;
    Ok(found.map_err(|error| error.fault()))
}

fn linked(family: &FamilyConfig, found: &[Found], findings: &mut Vec<Finding>) {
    let name = &family.family.name;
    for account in &family.family.accounts {
        let place = format!("{name}/{}", account.name);
        let there =
            found.iter().any(|found| found.linked.as_deref() == Some(account.name.as_str()));
        if there {
            findings.push(good(&place, "the service lists it".to_owned()));
        } else if account.closed.is_none() {
            let help = "`sophtron-sync accounts` lists what is there: after connecting the bank anew, ids are new";
            let message = format!("no login lists the account {}", account.id);
            findings.push(bad(&place, Failure::new(Exit::Trouble, message, help)));
        }
    }
    let free = found.iter().filter(|found| found.linked.is_none()).count();
    if free > 0 {
        findings.push(good(
            name.as_str(),
            format!(
                "{} not linked yet; `sophtron-sync accounts` lists what is there",
                text::count(free, "account", "accounts")
            ),
        ));
    }
}

fn good(place: &str, what: String) -> Finding {
    Finding { good: true, place: place.to_owned(), what, help: String::new(), exit: Exit::Good }
}

fn bad(place: &str, failure: Failure) -> Finding {
    let Failure { exit, message, help, .. } = failure;
    Finding { good: false, place: place.to_owned(), what: message, help, exit }
}

fn print(findings: &[Finding], json: bool, world: &mut World) {
    if json {
        let answer = Answer { version: 1, findings };
        world.say(&serde_json::to_string(&answer).unwrap_or_default());
        return;
    }
    for finding in findings {
        let mark = if finding.good { "ok " } else { "BAD" };
        for (nth, line) in
            text::wrap(&format!("{}: {}", finding.place, finding.what), 74).iter().enumerate()
        {
            world.say(&format!("{} {line}", if nth == 0 { mark } else { "   " }));
        }
        for line in text::wrap(&finding.help, 72) {
            world.say(&format!("      {line}"));
        }
    }
}
