//! What may be typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as Arguments, Parser, Subcommand, ValueEnum};

use crate::domain::{Day, Format, Name, civil_day};

/// Where the configuration is looked for, and how a command ends.
const AFTER: &str = "\
The configuration is the first that there is of $SOPHTRON_SYNC_CONFIG,
./sophtron-sync.toml, $XDG_CONFIG_HOME/sophtron-sync/sophtron-sync.toml and
/etc/sophtron-sync/sophtron-sync.toml.

Exit codes: 0 all good; 1 an account needs a look; 2 wrong usage; 69 no answer
from the service; 74 a file or folder cannot be used; 75 try later; 77 wrong
credentials, or a bank waits for its owner; 78 wrong configuration.";

/// Keeps plain-text accounts in step with your banks, through the Sophtron API.
#[derive(Debug, Parser)]
#[command(name = "sophtron-sync", version, max_term_width = 80, disable_help_subcommand = true,
    after_help = AFTER)]
pub(super) struct Args {
    /// The configuration file, instead of the one that is found
    #[arg(long, global = true, value_name = "FILE", display_order = 900)]
    pub(super) config: Option<PathBuf>,
    /// Says more on stderr, up to -vvv
    #[arg(short, long, global = true, action = clap::ArgAction::Count, display_order = 901)]
    pub(super) verbose: u8,
    /// How log lines are written
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "text",
        value_name = "FORM",
        display_order = 902
    )]
    pub(super) log_format: LogFormat,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Keygen(Keygen),
    Credentials(Credentials),
    Accounts(Accounts),
    Check(Check),
    Run(Run),
    Sync(Sync),
    Export(Export),
    Status(Status),
    Why(Why),
    Reconcile(Reconcile),
}

/// Makes an age identity, which decrypts the credentials; never overwrites one
#[derive(Debug, Arguments)]
pub(super) struct Keygen {
    /// Where it goes; the configured place where none is given
    pub(super) file: Option<PathBuf>,
}

/// Sets or checks a family's Sophtron user id and access key
#[derive(Debug, Arguments)]
pub(super) struct Credentials {
    #[command(subcommand)]
    pub(super) command: CredentialsCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum CredentialsCommand {
    /// Asks for them, or reads the lines `user_id = "…"` and `access_key = "…"` on stdin
    Set {
        /// The family
        family: String,
    },
    /// Asks the service whether they are good, and lifts an earlier refusal
    Check {
        /// The family; every one where none is given
        family: Option<String>,
    },
}

/// Lists every account behind the credentials, linked or not
#[derive(Debug, Arguments)]
pub(super) struct Accounts {
    /// The family; every one where none is given
    pub(super) family: Option<String>,
    /// Prints JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Looks through configuration, credentials, folders and service, and names each cure
#[derive(Debug, Arguments)]
pub(super) struct Check {
    /// Asks the service nothing
    #[arg(long)]
    pub(super) offline: bool,
    /// Prints JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Stays and keeps everything in step: the daemon
#[derive(Debug, Arguments)]
pub(super) struct Run {}

/// Syncs once: asks the banks where that is due, reads, and writes the files that changed
#[derive(Debug, Arguments)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Sync {
    /// What is synced; everything where nothing is given
    #[arg(value_name = "FAMILY[/ACCOUNT]")]
    pub(super) targets: Vec<Target>,
    /// Reads every day since the start date anew
    #[arg(long)]
    pub(super) full: bool,
    /// Takes an answer that was refused because rows seemed lost in it
    #[arg(long)]
    pub(super) accept: bool,
    /// Only reads what the service has; asks no bank for new data
    #[arg(long)]
    pub(super) no_refresh: bool,
    /// Shows what would come; keeps nothing, writes nothing, asks no bank for new data
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// Writes the files from the store, without asking the service
#[derive(Debug, Arguments)]
pub(super) struct Export {
    /// Prints one account as ledger, csv or ofx instead
    #[arg(long, num_args = 2, value_names = ["FORMAT", "FAMILY/ACCOUNT"])]
    pub(super) stdout: Option<Vec<String>>,
    /// With --stdout: rows from this day on
    #[arg(long, value_name = "DAY", value_parser = day, requires = "stdout")]
    pub(super) from: Option<Day>,
    /// With --stdout: rows up to this day
    #[arg(long, value_name = "DAY", value_parser = day, requires = "stdout")]
    pub(super) to: Option<Day>,
}

/// Shows every account: its state, the age of its data, its balance, and what to do
#[derive(Debug, Arguments)]
pub(super) struct Status {
    /// Prints one line for a monitor; exits 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN
    #[arg(long)]
    pub(super) check: bool,
    /// With --check: how old data may be, such as 36h, instead of what is configured
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, requires = "check")]
    pub(super) max_age: Option<Duration>,
    /// Prints JSON
    #[arg(long, conflicts_with = "check")]
    pub(super) json: bool,
}

/// Tells the whole story of one row
#[derive(Debug, Arguments)]
pub(super) struct Why {
    /// Any id that the row ever had, in the files or at the service
    pub(super) id: String,
    /// Prints JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Shows where computed and reported balance part, and what would explain it
#[derive(Debug, Arguments)]
pub(super) struct Reconcile {
    /// The account
    #[arg(value_name = "FAMILY/ACCOUNT")]
    pub(super) account: Target,
    /// Books the difference, and takes the reported balance as right
    #[arg(long)]
    pub(super) accept: bool,
    /// Prints JSON
    #[arg(long, conflicts_with = "accept")]
    pub(super) json: bool,
}

/// A family, or one account of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) family: Name,
    pub(super) account: Option<Name>,
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.account {
            Some(account) => write!(f, "{}/{account}", self.family),
            None => self.family.fmt(f),
        }
    }
}

impl std::str::FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = |text: &str| Name::parse(text).map_err(|error| error.to_string());
        match text.split_once('/') {
            None => Ok(Self { family: name(text)?, account: None }),
            Some((family, account)) => {
                Ok(Self { family: name(family)?, account: Some(name(account)?) })
            }
        }
    }
}

/// The format that a word names.
pub(super) fn format(word: &str) -> Option<Format> {
    Format::ALL.into_iter().find(|format| format.word() == word)
}

fn day(text: &str) -> Result<Day, String> {
    let whole = civil_day(text).filter(|_| text.len() == 10);
    whole.ok_or_else(|| "a day is written YYYY-MM-DD".to_owned())
}
