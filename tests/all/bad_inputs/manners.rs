//! How every message behaves.

use crate::home::{Home, Ran};

/// Words of the program's own insides, which mean nothing to its owner.
const INSIDE: [&str; 17] = [
    "Err(", "Ok(", "Some(", "None", "unwrap", "panicked", "os error", "src/", ".rs:", "reqwest",
    "hyper", "serde", "rusqlite", "Error {", "Error::", "::", "tokio",
];

/// What never leaves the encrypted file and the wire.
const SECRET: [&str; 5] =
    ["FIApiAUTH", "Authorization", "a.login.name.of.the.bank", "Alex Q. Owner", "hunter2"];

/// The most lines of one message.
const MOST_LINES: usize = 25;

/// What is wrong with how a command spoke.
pub(crate) fn faults(home: &Home, ran: &Ran) -> Vec<String> {
    let said = format!("{}{}", ran.out, ran.err);
    let mut wrong = Vec::new();
    // Who types nothing gets the help, which is no message.
    let is_help = said.contains("Usage: ") && !said.contains("error: ");
    if said.lines().count() > MOST_LINES && !is_help {
        wrong.push(format!("it says {} lines", said.lines().count()));
    }
    let inside = INSIDE.iter().filter(|word| said.contains(*word));
    wrong.extend(inside.map(|word| format!("it says {word:?}")));
    let keys = home.bank.edit(|world| {
        let pairs = world.users.iter().map(|user| [user.id.clone(), user.access_key.clone()]);
        pairs.flatten().collect::<Vec<_>>()
    });
    let identity = std::fs::read_to_string(home.path("identity.txt")).unwrap_or_default();
    let lines = identity.lines().filter(|line| line.starts_with("AGE-SECRET-KEY-1"));
    let keys = keys.into_iter().chain(lines.map(str::to_owned));
    let secret = SECRET.iter().map(ToString::to_string).chain(keys);
    let shown = secret.filter(|word| said.to_lowercase().contains(&word.to_lowercase()));
    wrong.extend(shown.map(|word| format!("it shows the secret {word:?}")));
    wrong.extend(voice(&ran.err));
    wrong
}

/// One voice: `error: ` and a fragment in lower case, then its cure after `help: `.
fn voice(err: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    // What the command line's own reader says ends in its own cure.
    let usage = err.contains("For more information, try '--help'.");
    let mut open = false;
    for line in err.lines() {
        if let Some(message) = line.strip_prefix("error: ").or(line.strip_prefix("note: ")) {
            if open {
                wrong.push(format!("no help before {line:?}"));
            }
            open = true;
            let first = message.chars().next().unwrap_or('A');
            if first.is_uppercase() || message.ends_with('.') {
                wrong.push(format!("no fragment in lower case: {line:?}"));
            }
        } else if let Some(cure) = line.strip_prefix("  help: ") {
            open = false;
            if cure.ends_with('.') && !cure.ends_with("..") || cure.is_empty() {
                wrong.push(format!("no fragment: {line:?}"));
            }
        }
    }
    if open && !usage {
        wrong.push("no help at the end".to_owned());
    }
    wrong
}
