//! What `init` shows: the accounts that it found, and what to type next.

use std::path::{Path, PathBuf};

use super::Picked;
use crate::cli::World;
use crate::cli::found::Found;
use crate::cli::text::{columns, count, cut, figure, quoted, wrap};
use crate::cli::units::Manager;
use crate::config::{self, Config, Env};
use crate::round::Failure;

/// Said before the first question.
pub(super) const WELCOME: &str = "\
This sets up one family: one set of Sophtron keys, with all accounts behind it.
The user id and the access key are in Sophtron's developer profile, under
\"Direct Auth\". Enter alone takes what stands in [ ] or behind the >, which the
arrow keys move. Nothing is written before the last answer; Ctrl-C ends it.
";

/// The columns of a terminal, and of the table with what is between its two.
const WIDTH: usize = 79;
const LEFT: usize = 30;
const RIGHT: usize = 45;

/// What the bank calls an account.
pub(super) fn told(found: &Found) -> String {
    format!("{}: {}", found.bank(), named(found))
}

fn named(found: &Found) -> String {
    let mask = found.mask.as_deref().map(|mask| format!(" …{mask}")).unwrap_or_default();
    // Of a long name the beginning, of the number all that is told.
    let room = LEFT.saturating_sub(2 + mask.chars().count()).max(8);
    format!("{}{mask}", cut(&found.called(), room))
}

/// The accounts, by bank, beside what is proposed for each.
pub(super) fn table(picked: &[Picked]) -> Vec<String> {
    if picked.is_empty() {
        return vec!["No account is behind these credentials yet.".to_owned()];
    }
    let found = count(picked.len(), "account", "accounts");
    let mut rows =
        vec![vec![format!("Found {found}"), "proposed name, type and ledger account".to_owned()]];
    for (at, Picked { found, account }) in picked.iter().enumerate() {
        if at == 0 || picked[at - 1].found.login != found.login {
            rows.push(vec![cut(&found.bank(), LEFT)]);
        }
        let balance = found.balance.as_deref().map_or("no balance", figure);
        let currency = found.currency.as_deref().unwrap_or_default();
        let kind = account.kind.word();
        rows.push(vec![
            format!("  {}", named(found)),
            cut(&format!("{}, {kind}", account.name), RIGHT),
        ]);
        let balance = format!("    {balance} {currency}");
        rows.push(vec![cut(balance.trim_end(), LEFT), cut(&account.ledger, RIGHT)]);
    }
    let mut lines = vec![String::new()];
    lines.extend(columns(&rows));
    lines.push(String::new());
    lines
}

/// The program's name as it must be typed to find a configuration.
pub(super) fn program(path: &Path, world: &World) -> String {
    match config::find(None, &world.env, &world.cwd) {
        Ok(found) if found == path => "sophtron-sync".to_owned(),
        _ => format!("sophtron-sync --config {}", quoted(&path.display().to_string())),
    }
}

/// What was made, and what to type next: a command about the family before the sync, where nothing
/// would be read yet.
pub(super) fn what_next(
    made: &[PathBuf],
    config: &Config,
    first: Option<(&str, &str)>,
    world: &mut World,
) {
    let program = program(&config.path, world);
    let identity = config.identity.display();
    world.say("\nMade:");
    for path in made.iter().filter(|path| path.is_file()) {
        world.say(&format!("  {}", path.display()));
    }
    world.say(&format!(
        "Keep a copy of {identity} elsewhere:\nwithout it nobody can read the key again."
    ));
    world.say("\nNext:");
    for ((command, does), family) in first.iter().zip(&config.families) {
        world.say(&format!("  {program} {command} {}", family.family.name));
        world.say(&format!("      {does}"));
    }
    world.say(&format!("  {program} sync"));
    world.say("      reads your banks and writes the files; a bank may take a minute");
    world.say("\nIn your own journal, once:");
    world.say(&format!("  include {}", config.files.output_dir.join("all.ledger").display()));
    world.say("\nTo keep it in step by itself:");
    for line in service(config, world) {
        world.say(&format!("  {line}"));
    }
}

/// How to run it as a service: the system's, where the configuration is the system's.
fn service(config: &Config, world: &World) -> Vec<String> {
    let manager = Manager::of(&config.path);
    let mut lines = Vec::new();
    if manager.installed(&world.env).is_none() {
        lines.push("(its unit is not installed yet: the README says how)".into());
    }
    let edit = drop_in(config, manager, world);
    let systemctl = manager.systemctl();
    if !edit.is_empty() {
        lines.push(format!("{systemctl} edit sophtron-sync, and write there:"));
        lines.push("    [Service]".to_owned());
        lines.extend(edit.iter().map(|line| format!("    {line}")));
    }
    lines.push(format!("{systemctl} enable --now sophtron-sync"));
    if manager == Manager::User {
        lines.push("loginctl enable-linger      # also while you are not logged in".to_owned());
    }
    lines
}

/// What the unit as it is shipped does not know.
fn drop_in(config: &Config, manager: Manager, world: &World) -> Vec<String> {
    let mut lines = Vec::new();
    if manager == Manager::System {
        if !config.identity_from_systemd {
            lines.push(format!("LoadCredential=identity:{}", config.identity.display()));
        }
        lines.push(format!("ReadWritePaths={}", config.files.output_dir.display()));
        return lines;
    }
    // The user's systemd has the home, and not what a shell sets.
    let home = world.env.get("HOME").map(|home| ("HOME", home));
    let found = config::place_of_first(None, &Env::from_pairs(home), Path::new("/"), false);
    if found.as_ref() != Some(&config.path) {
        let path = config.path.display();
        lines.push(format!("Environment=\"SOPHTRON_SYNC_CONFIG={path}\""));
    }
    lines
}

/// A wrong answer, and what would be right.
pub(super) fn complain(wrong: &Failure, world: &mut World) {
    for line in wrap(&format!("error: {}", wrong.message), WIDTH) {
        world.complain(&line);
    }
    for line in wrap(&wrong.help, WIDTH - 2) {
        world.complain(&format!("  {line}"));
    }
}
