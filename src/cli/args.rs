//! What may be typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as Arguments, Parser, Subcommand, ValueEnum};
use secrecy::SecretString;

use crate::domain::{AccountType, BalanceSign, Currency, Day, Format, Name, civil_day};

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
    Init(Init),
    Keygen(Keygen),
    Credentials(Credentials),
    Accounts(Accounts),
    Link(Link),
    Unlink(Unlink),
    Rename(Rename),
    Relink(Relink),
    Connect(Connect),
    Disconnect(Disconnect),
    Check(Check),
    Run(Run),
    Sync(Sync),
    Answer(Answer),
    Export(Export),
    Status(Status),
    Why(Why),
    Reconcile(Reconcile),
}

/// Sets everything up: asks, finds your accounts, and writes the configuration
#[derive(Debug, Arguments)]
pub(super) struct Init {
    /// What the family is called, once and for ever; it names a folder
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(super) family: Option<Name>,
    /// The service's address, instead of the usual one
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
    /// The Sophtron user id
    #[arg(long, value_name = "ID", value_parser = secret)]
    pub(super) user_id: Option<SecretString>,
    /// Reads the access key on stdin
    #[arg(long)]
    pub(super) key_stdin: bool,
    /// Where the files go; one is proposed
    #[arg(long, value_name = "FOLDER")]
    pub(super) output_dir: Option<PathBuf>,
    /// The first day that is asked for; one is proposed
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(super) start_date: Option<Day>,
    /// Asks nothing, and takes what is proposed
    #[arg(long)]
    pub(super) yes: bool,
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

/// The words for the types of accounts.
const TYPES: &str = "depository, credit_card, investment, loan or other; one is proposed";

/// Adds an account to the configuration, and moves nothing else in it
#[derive(Debug, Default, Arguments)]
pub(super) struct Link {
    /// The family
    pub(super) family: String,
    /// The account's id, as `accounts` lists it; without one, you choose
    pub(super) account_id: Option<String>,
    /// What its folder is called, once and for ever; one is proposed
    #[arg(long, value_parser = name)]
    pub(super) name: Option<Name>,
    #[arg(long = "type", help = TYPES, value_name = "TYPE", value_parser = account_type)]
    pub(super) kind: Option<AccountType>,
    /// The account in your ledger; one is proposed
    #[arg(long, value_name = "ACCOUNT")]
    pub(super) ledger: Option<String>,
    /// The first day that is asked for, instead of the family's
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(super) start_date: Option<Day>,
    /// Its currency, such as CAD, where the service names none
    #[arg(long, value_name = "CODE", value_parser = currency)]
    pub(super) currency: Option<Currency>,
    /// owed, signed or auto: what a positive balance of a debt means
    #[arg(long, value_name = "SIGN", value_parser = balance_sign)]
    pub(super) balance_sign: Option<BalanceSign>,
    /// Books no opening balance, since your own journal has it already
    #[arg(long)]
    pub(super) no_opening_entry: bool,
    /// Prints what would be added, and writes nothing
    #[arg(long)]
    pub(super) print: bool,
}

/// Takes an account out of the configuration; what was read of it stays
#[derive(Debug, Arguments)]
pub(super) struct Unlink {
    /// The account
    #[arg(value_name = "FAMILY/NAME")]
    pub(super) account: Target,
}

/// Gives an account another name: its folder moves, and all that names it follows
#[derive(Debug, Arguments)]
pub(super) struct Rename {
    /// The account
    #[arg(value_name = "FAMILY/NAME")]
    pub(super) account: Target,
    /// What it is called from now on
    #[arg(value_parser = name)]
    pub(super) new: Name,
    /// What a daemon is asked for, by this command beside it
    #[arg(long, value_enum, hide = true)]
    pub(super) step: Option<Step>,
}

/// What `rename` and `relink` ask a daemon beside them for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Step {
    /// To keep what is wanted, unless something speaks against it.
    Begin,
    /// To tell when it is done.
    End,
}

/// Moves an account whose bank was connected anew to its new id, and doubles nothing
#[derive(Debug, Arguments)]
pub(super) struct Relink {
    /// The family
    pub(super) family: String,
    /// The account's name
    #[arg(value_parser = name)]
    pub(super) name: Name,
    /// Its new id, as `accounts` lists it
    pub(super) new_id: String,
    /// What a daemon is asked for, by this command beside it
    #[arg(long, value_enum, hide = true)]
    pub(super) step: Option<Step>,
}

/// Connects a bank at the service, through all that it asks, and offers to link its accounts
#[derive(Debug, Arguments)]
pub(super) struct Connect {
    /// The family
    pub(super) family: String,
    /// The bank's name or a part of it, or its id; with --update one of the family's logins
    pub(super) query: Option<String>,
    /// Gives a login that there is another name and password, and tries them
    #[arg(long, conflicts_with = "history")]
    pub(super) update: bool,
    /// How much comes: balances alone, recent transactions too, or all that the bank has
    #[arg(long, value_enum, default_value = "transactions", value_name = "DEPTH")]
    pub(super) history: History,
}

/// How much a new login brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum History {
    Shallow,
    Transactions,
    Full,
}

/// Deletes a login at the service; what was read of it stays here
#[derive(Debug, Arguments)]
pub(super) struct Disconnect {
    /// The login: its id, the beginning of it, or one of its accounts
    #[arg(value_name = "FAMILY/LOGIN")]
    pub(super) login: LoginTarget,
    /// Asks nothing; needs the whole id
    #[arg(long)]
    pub(super) yes: bool,
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

/// Answers what a bank asks you, each question in turn, and then takes what it gives
#[derive(Debug, Arguments)]
pub(super) struct Answer {
    /// The login: an account of it, its id, or the id's beginning; none if just one waits
    #[arg(value_name = "FAMILY/LOGIN")]
    pub(super) login: Option<LoginTarget>,
    /// Answers one prompt, without a terminal; `-` takes a line of stdin. Of a choice, the item's
    /// number or its text; where several questions are asked at once, one for each of them
    #[arg(long, value_name = "CODE", allow_hyphen_values = true, value_parser = secret)]
    pub(super) code: Vec<SecretString>,
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

/// A family, or one login of it, by whatever names that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LoginTarget {
    pub(super) family: Name,
    pub(super) login: Option<String>,
}

impl std::str::FromStr for LoginTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (family, login) = match text.split_once('/') {
            None => (text, None),
            Some((_, "")) => return Err("a login follows the `/`".to_owned()),
            Some((family, login)) => (family, Some(login.to_owned())),
        };
        Ok(Self { family: name(family)?, login })
    }
}

#[allow(clippy::unnecessary_wraps, reason = "clap takes readers that may fail")]
fn secret(text: &str) -> Result<SecretString, String> {
    Ok(SecretString::from(text))
}

/// The format that a word names.
pub(super) fn format(word: &str) -> Option<Format> {
    Format::ALL.into_iter().find(|format| format.word() == word)
}

fn name(text: &str) -> Result<Name, String> {
    Name::parse(text).map_err(|error| error.to_string())
}

fn account_type(text: &str) -> Result<AccountType, String> {
    let kind = AccountType::ALL.into_iter().find(|kind| kind.word() == text);
    kind.ok_or_else(|| "write depository, credit_card, investment, loan or other".to_owned())
}

fn currency(text: &str) -> Result<Currency, String> {
    Currency::parse(text).ok_or_else(|| "write a code of three letters, such as CAD".to_owned())
}

fn balance_sign(text: &str) -> Result<BalanceSign, String> {
    let sign = BalanceSign::WORDS.iter().find(|(word, _)| *word == text);
    sign.map(|(_, sign)| *sign).ok_or_else(|| "write owed, signed or auto".to_owned())
}

fn day(text: &str) -> Result<Day, String> {
    let whole = civil_day(text).filter(|_| text.len() == 10);
    whole.ok_or_else(|| "a day is written YYYY-MM-DD".to_owned())
}
