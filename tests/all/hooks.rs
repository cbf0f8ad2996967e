//! The owner's programs: how one is run, and what they are told.

mod attention;
mod changes;
mod daemon;
mod harmless;
mod programs;

use serde_json::Value;

use crate::bank::World;
use crate::first_light::settled;
use crate::home::Home;

/// Every hook notes what it reads, on a line of its own.
const ALL: &str = "[hooks]\non_change = [\"./note\"]\non_attention = [\"./note\"]\n";

/// A home with a program `note` beside its configuration, and `[hooks]` as given.
fn home(world: World, start: &str, hooks: &str) -> Home {
    let mut home = settled(world, start);
    home.variables.push(("PATH".to_owned(), "/usr/bin:/bin".to_owned()));
    script(&home, "note", "cat >> noted");
    home.reconfigure(hooks, &crate::first_light::families(&home, start));
    home
}

/// A program of a few lines of shell in the home's folder.
fn script(home: &Home, name: &str, lines: &str) {
    use std::os::unix::fs::PermissionsExt;
    home.write(name, &format!("#!/bin/sh\n{lines}\n"));
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(home.path(name), mode).expect("its mode");
}

/// The events that were noted since the last look.
fn events(home: &Home) -> Vec<Value> {
    let noted = std::fs::read_to_string(home.path("noted")).unwrap_or_default();
    let _ = std::fs::remove_file(home.path("noted"));
    noted.lines().map(|line| serde_json::from_str(line).expect("an event")).collect()
}

/// What an event is, in a few words: `change smith`, `attention smith`, `solved smith`.
fn words(event: &Value) -> String {
    let kind =
        if event["solved"] == true { "solved" } else { event["event"].as_str().expect("it") };
    format!("{kind} {}", event["family"].as_str().unwrap_or("-"))
}

fn all_words(home: &Home) -> Vec<String> {
    events(home).iter().map(words).collect()
}

/// The files of an event, relative to the home.
fn files_of(home: &Home, event: &Value) -> Vec<String> {
    let folder = home.folder.path().canonicalize().expect("a folder");
    let files = event["files"].as_array().expect("a list").iter();
    let below = |file: &Value| {
        let path = std::path::PathBuf::from(file.as_str().expect("a path"));
        path.strip_prefix(&folder).expect("an absolute path").to_string_lossy().into_owned()
    };
    files.map(below).collect()
}

/// A row of the bank whose amount is no plain decimal.
fn odd_row(home: &Home, day: &str) {
    home.bank.edit(|world| {
        let account = world.accounts_mut().next().expect("an account");
        let row = account.add_row(day, "-1.00", "ODD").not_understood();
        row.set("Amount", crate::bank::Json::literal("1e2"));
    });
}
