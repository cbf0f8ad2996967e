//! What this machine holds: folders, disk, programs, socket, unit, store, and whether the budget of
//! requests fits the schedule. Nothing is made or run.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::World;
use super::super::units::Manager;
use super::finding::Findings;
use crate::config::{Config, FamilyConfig};
use crate::domain::{Exit, KeptAccount, Refresh};
use crate::files;
use crate::hooks;
use crate::round::{self, Failure, Ground};
use crate::store::{Store, StoreError};
use crate::sync::{Cost, LoginCost};

/// Below this many bytes a disk is as good as full.
const LITTLE_ROOM: u64 = 100 * 1024 * 1024;

pub(super) fn look(config: &Config, findings: &mut Findings, world: &World) {
    writable_by_others(config, findings);
    if let Err(failure) = round::output_folders(config) {
        findings.bad("group", failure);
    }
    folders(config, findings);
    programs(config, findings);
    socket(config, findings, world);
    units(findings, world);
}

/// Whoever may write the configuration decides which programs are run.
fn writable_by_others(config: &Config, findings: &mut Findings) {
    if files::others_may_write(&config.path) {
        let path = config.path.display();
        let message = "everybody may write to it, and so have programs run";
        let help = format!("chmod o-w {path}");
        findings.bad(path.to_string(), Failure::new(Exit::Trouble, message, help));
    }
}

/// Whether folders are there, or can be made, and can be written.
fn folders(config: &Config, findings: &mut Findings) {
    let mut places = vec![("state_dir", config.state_dir.clone())];
    places.push(("output_dir", config.files.output_dir.clone()));
    let own = config.families.iter().filter(|family| family.family.own_folder);
    places.extend(own.map(|family| ("output_dir", family.family.output_dir.clone())));
    for (key, folder) in places {
        let parent = folder.parent().is_some_and(Path::is_dir)
            || config.state_dir_is_xdg && key == "state_dir";
        let place = format!("{key} {}", folder.display());
        if folder.is_dir() {
            standing(&folder, &place, findings);
        } else if parent && files::stamp(&folder).is_none() {
            findings.good(place, "it will be made");
        } else {
            let help = "make the folder above it, or mount what should be there";
            let message = "it is no folder and cannot be made";
            findings.bad(place, Failure::new(Exit::Io, message, help));
        }
    }
    for stray in files::strays(&config.state_dir) {
        let owner = config.state_dir.display();
        let message = "it is not for the owner of its folder alone";
        let help = format!("chmod 600 it, and give it to the owner of {owner}");
        let place = stray.display().to_string();
        findings.bad(place, Failure::new(Exit::Io, message, help));
    }
}

fn standing(folder: &Path, place: &str, findings: &mut Findings) {
    if !files::can_write(folder) {
        let message = "nothing can be written in it";
        let help = "mount it for writing, or give it to the user that runs this program";
        findings.bad(place, Failure::new(Exit::Io, message, help));
        return;
    }
    match files::room(folder) {
        Some(room) if room < LITTLE_ROOM => {
            let message = format!("only {} MB are free on its disk", room / 1024 / 1024);
            let help = "free some space; nothing that is kept is lost when it is full";
            findings.bad(place, Failure::new(Exit::Io, message, help));
        }
        _ => findings.good(place, "it is there"),
    }
}

/// Whether the owner's programs are there and may be run: none is run here.
fn programs(config: &Config, findings: &mut Findings) {
    for (key, program) in config.hooks.all() {
        let place = format!("{key} {}", program.path.display());
        match hooks::look(program) {
            Ok(()) => findings.good(place, "it is there"),
            Err(failure) => {
                let (message, help) = (failure.to_string(), failure.help());
                findings.bad(place, Failure::new(Exit::Trouble, message, help));
            }
        }
    }
}

/// Whether a daemon answers, and one that does not yet can make its socket.
fn socket(config: &Config, findings: &mut Findings, world: &World) {
    let socket = &config.control.socket;
    let place = format!("control_socket {}", socket.display());
    if let Some(group) = &config.control.group
        && let Err(error) = files::group_id(group)
    {
        let at = config.place(config.control.group_line, "control_group");
        findings.bad("group", Failure::new(Exit::Config, format!("{at}: {error}"), error.help()));
    }
    if world.lent.is_some() {
        findings.good(place, format!("a daemon answers (process {})", std::process::id()));
        return;
    }
    let parent = socket.parent().unwrap_or(Path::new("/"));
    let made_later = parent == config.state_dir || parent.parent().is_some_and(Path::is_dir);
    if parent.exists() && !parent.is_dir() || !parent.exists() && !made_later {
        let message = "its folder is not there and cannot be made";
        let help = "set control_socket to a place where the daemon can write";
        findings.bad(place, Failure::new(Exit::Io, message, help));
        return;
    }
    let help = "nothing syncs by itself until `sophtron-sync run`, its unit or a timer does it";
    findings.note(place, "no daemon runs", help);
}

/// Whether the units of the service managers are those of this version. Drop-ins stand beside them.
fn units(findings: &mut Findings, world: &World) {
    for manager in [Manager::System, Manager::User] {
        let Some(unit) = manager.installed(&world.env) else { continue };
        let Ok(text) = files::read(&unit) else { continue };
        let place = unit.display().to_string();
        if text == manager.shipped().as_bytes() {
            findings.good(place, "it is the unit of this version");
            continue;
        }
        let systemctl = manager.systemctl();
        let message = "it is not the unit that comes with this version";
        let help = format!(
            "put the one of packaging/ in its place; what is your own belongs in a drop-in \
             (`{systemctl} edit sophtron-sync`), then run `{systemctl} daemon-reload`"
        );
        findings.bad(place, Failure::new(Exit::Trouble, message, help));
    }
}

/// What the store is called.
pub(super) fn store_place(config: &Config) -> String {
    format!("store in {}", config.state_dir.display())
}

/// Whether the store is whole, and fits the configuration.
pub(super) fn store(config: &Config, ground: Option<&Ground>, findings: &mut Findings) {
    let place = store_place(config);
    let looked = match ground {
        Some(ground) => ground.with(|store| looked_at(config, store)),
        None => match round::look(config) {
            Ok(store) => looked_at(config, &store),
            Err(_) if !config.state_dir.join(crate::store::FILE_NAME).exists() => {
                findings.good(place, "there is none yet");
                return;
            }
            Err(failure) => return findings.bad(place, failure),
        },
    };
    match looked {
        Ok((rows, clashes)) => {
            findings.good(&place, format!("it is whole, with {rows} transactions"));
            if let Some(failure) = Failure::all(Exit::Config, clashes) {
                findings.bad("accounts", failure);
            }
        }
        Err(error) => findings.bad(place, Failure::from(error)),
    }
}

type Looked = (u64, Vec<(String, String)>);

fn looked_at(config: &Config, store: &Store) -> Result<Looked, StoreError> {
    store.check()?;
    Ok((store.count_rows()?, round::clashes(config, store)?))
}

/// Whether the month's budget of each family is enough for the schedule, and not used up.
pub(super) fn budgets(
    config: &Config,
    ground: Option<&Ground>,
    findings: &mut Findings,
    world: &World,
) {
    let month = (world.clock)().format("%Y-%m").to_string();
    for family in config.families.iter().filter(|family| !family.family.paused) {
        let name = &family.family.name;
        let kept = |store: &Store| Ok((store.accounts(name)?, store.requests(name, &month)?));
        let kept = match ground {
            Some(ground) => ground.with(|store| kept(store)),
            None => round::look(config).and_then(|store| kept(&store)),
        };
        let (accounts, used) = kept.unwrap_or_default();
        budget(config, family, &accounts, used, findings);
    }
}

fn budget(
    config: &Config,
    family: &FamilyConfig,
    kept: &[KeptAccount],
    used: u64,
    findings: &mut Findings,
) {
    let place = format!("{}: monthly_requests", family.family.name);
    let limit = config.sync.monthly_requests;
    let cost = Cost::of(&logins(config, family, kept), &config.schedule);
    if used >= limit {
        let message = format!("all {limit} requests of this month are used; nothing is read");
        let help = "wait for the next month, or raise it up to what Sophtron lets you ask";
        findings.bad(place, Failure::new(Exit::TryLater, message, help));
    } else if let Some(arithmetic) = cost.above(&config.sync) {
        let help = "raise `every` or `refresh`, or this up to what Sophtron lets you ask";
        findings.bad(place, Failure::new(Exit::Trouble, arithmetic, help));
    } else {
        let month = cost.a_month();
        findings.good(place, format!("{used} of {limit} used, about {month} a month needed"));
    }
}

/// The logins of the family's open accounts. Accounts whose login is not known yet count as one.
fn logins(config: &Config, family: &FamilyConfig, kept: &[KeptAccount]) -> Vec<LoginCost> {
    let mut logins: BTreeMap<Option<String>, LoginCost> = BTreeMap::new();
    for account in family.family.accounts.iter().filter(|account| account.closed.is_none()) {
        let login = account.login_among(kept).map(ToString::to_string);
        let refresh = account.refresh.unwrap_or(config.sync.refresh);
        let none = LoginCost { refresh: Refresh::Every(std::time::Duration::ZERO), accounts: 0 };
        let cost = logins.entry(login).or_insert(none);
        cost.refresh = cost.refresh.max(refresh);
        cost.accounts += 1;
    }
    logins.into_values().collect()
}
