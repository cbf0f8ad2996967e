//! What `--help` and `--version` say of every command.

use crate::bank;
use crate::home::Home;

/// Every command, what it is for, and what may be typed after it.
const COMMANDS: [(&str, &str, &[&str]); 18] = [
    (
        "",
        "Keeps plain-text accounts in step with your banks, through the Sophtron API",
        &[
            "init",
            "keygen",
            "credentials",
            "accounts",
            "check",
            "sync",
            "export",
            "status",
            "--version",
        ],
    ),
    (
        "init",
        "Sets everything up",
        &[
            "--family <NAME>",
            "--base-url <URL>",
            "--user-id <ID>",
            "--key-stdin",
            "--output-dir <FOLDER>",
            "--start-date <DAY>",
            "--yes",
        ],
    ),
    ("keygen", "Makes an age identity", &["[FILE]"]),
    ("credentials", "Sets or checks a family's Sophtron user id", &["set", "check"]),
    ("credentials set", "Asks for them, or reads the lines", &["<FAMILY>", "user_id = \"…\""]),
    ("credentials check", "Asks the service whether they are good", &["[FAMILY]"]),
    ("accounts", "Lists every account behind the credentials", &["[FAMILY]", "--json"]),
    (
        "link",
        "Adds an account to the configuration",
        &["<FAMILY> [ACCOUNT_ID]", "--name <NAME>", "--ledger <ACCOUNT>", "--print"],
    ),
    ("unlink", "Takes an account out of the configuration", &["<FAMILY/NAME>"]),
    ("rename", "Gives an account another name", &["<FAMILY/NAME> <NEW>"]),
    (
        "connect",
        "Connects a bank at the service",
        &["<FAMILY> [QUERY]", "--update", "--history <DEPTH>", "shallow, transactions, full"],
    ),
    ("disconnect", "Deletes a login at the service", &["<FAMILY/LOGIN>", "--yes"]),
    ("relink", "Moves an account whose bank was connected anew", &["<FAMILY> <NAME> <NEW_ID>"]),
    ("check", "Looks through configuration, credentials", &["--offline", "--json"]),
    ("sync", "Syncs once", &["[FAMILY[/ACCOUNT]]...", "--no-refresh", "--dry-run"]),
    ("answer", "Answers what a bank asks you", &["[FAMILY/LOGIN]", "--code <CODE>", "stdin"]),
    (
        "export",
        "Writes the files from the store",
        &["--stdout <FORMAT> <FAMILY/ACCOUNT>", "--from <DAY>", "--to <DAY>", "ledger, csv or ofx"],
    ),
    ("status", "Shows every account", &["--check", "--max-age <TIME>", "--json"]),
];

/// What every command takes.
const EVERYWHERE: [&str; 4] = ["--config <FILE>", "-v, --verbose", "--log-format <FORM>", "--help"];

#[test]
fn every_command_says_what_it_does_and_takes_in_eighty_columns() {
    let home = Home::beside(bank::World::new(bank::day("2026-06-01")));
    for (command, purpose, takes) in COMMANDS {
        let args: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let ran = home.run(&args).ends_with(0);
        assert_eq!(ran.err, "");
        assert!(ran.out.starts_with(purpose), "{}", ran.out);
        assert!(ran.out.contains(format!("Usage: sophtron-sync {command}").trim()), "{}", ran.out);
        for flag in takes.iter().chain(&EVERYWHERE) {
            assert!(ran.out.contains(flag), "{flag} in\n{}", ran.out);
        }
        for line in ran.out.lines() {
            assert!(line.chars().count() <= 80 && line.trim_end() == line, "{line:?}");
        }
        assert_eq!(home.run(&[&args[..args.len() - 1], &["-h"]].concat()).out, ran.out);
        explained(&ran.out);
    }
}

/// Every flag has words beside or below it, and the command's own stand before those of all.
fn explained(help: &str) {
    let lines: Vec<&str> = help.lines().collect();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.trim().starts_with('-')) {
        let beside = line.trim().split_once("  ").is_some_and(|(_, words)| !words.is_empty());
        let below = lines.get(at + 1).is_some_and(|next| next.starts_with("          "));
        assert!(beside || below, "{line} in\n{help}");
    }
    let place = |flag: &str| lines.iter().position(|line| line.trim().starts_with(flag));
    let own =
        ["--json", "--offline", "--dry-run", "--to", "--code"].into_iter().filter_map(place).max();
    assert!(own < place("--config"), "{help}");
}

#[test]
fn the_program_tells_where_it_looks_how_it_ends_and_its_version() {
    let home = Home::beside(bank::World::new(bank::day("2026-06-01")));
    let help = home.run(&["--help"]).out;
    for place in ["$SOPHTRON_SYNC_CONFIG", "./sophtron-sync.toml", "/etc/sophtron-sync/"] {
        assert!(help.contains(place), "{help}");
    }
    for code in ["0 ", "1 ", "2 ", "69 ", "74 ", "75 ", "77 ", "78 "] {
        assert!(help.contains(code), "{code} in\n{help}");
    }
    let version = format!("sophtron-sync {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(home.run(&["--version"]).ends_with(0).out, version);
    assert_eq!(home.run(&["-V"]).out, version);
}
