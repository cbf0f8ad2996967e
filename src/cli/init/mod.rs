//! `init`: from a key to a configuration, asked and verified before anything is written.
//!
//! The requests that it makes are in no budget: that is kept in a store, which the first sync makes.

mod answers;
mod make;
mod owing;
mod shown;

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::args::Init;
use super::found::{Found, Listing, discover};
use super::{World, ground};
use crate::config::{
    self, Config, ConfigError, First, FirstAccount, NewAccount, Proposal, propose,
};
use crate::domain::{
    AccountId, AccountType, BalanceSign, Credentials, Day, Exit, Fault, LoginId, Name,
};
use crate::files;
use crate::round::{Failure, worded};
use crate::sophtron::Error;
use crate::sync::Keys;

/// How often a pair may be typed that the service does not take.
const TRIES: usize = 3;

/// A first configuration in the making.
struct Setup<'w> {
    command: &'w Init,
    world: &'w mut World,
    /// Where the configuration goes.
    path: PathBuf,
    today: Day,
    first: First,
}

/// An account that the service lists, and how it will be configured.
struct Picked {
    found: Found,
    account: NewAccount,
}

pub(super) fn run(command: &Init, flag: Option<&Path>, world: &mut World) -> Result<Exit, Failure> {
    let place = config::place_of_first(flag, &world.env, &world.cwd, world.is_root);
    let path = place.ok_or_else(|| {
        let message = "there is no place for the configuration: HOME is not set";
        Failure::new(Exit::Usage, message, "name a file with --config FILE")
    })?;
    if std::fs::symlink_metadata(&path).is_ok() {
        return Err(there_already(&path, world));
    }
    if command.yes || !world.stdin_is_terminal {
        nothing_is_asked(command)?;
    }
    files::could_make(&path)?;
    let today = (world.clock)().date_naive();
    if !command.yes {
        world.complain(shown::WELCOME);
    }
    let mut setup = Setup::begin(command, path, today, world)?;
    let identity = make::Identity::at(&setup.meaning()?)?;
    let (pair, listing) = setup.keys(&identity)?;
    for fault in listing.faults() {
        let note = worded(&fault, &format!("{}; its accounts are left out", fault.message));
        setup.world.complain(&note);
    }
    let no_bank = listing.logins.is_empty();
    let mut picked = setup.proposed(listing.accounts);
    setup.show(&picked);
    setup.agree(&mut picked)?;
    setup.folder()?;
    setup.start()?;
    setup.kept_by_hand(&mut picked)?;
    setup.debts(&mut picked)?;
    setup.take(&picked);
    let config = setup.meaning()?;
    let made = make::all(&setup.first.text(), &config, &identity, &pair)?;
    let first = match (no_bank, picked.is_empty()) {
        (true, _) => Some(("connect", "connects your first bank")),
        (false, true) => Some(("accounts", "lists the accounts, and says how to link one")),
        (false, false) => None,
    };
    shown::what_next(&made, &config, first, setup.world);
    Ok(Exit::Good)
}

/// Where nothing can be asked, every answer without a proposal must be among the flags.
fn nothing_is_asked(command: &Init) -> Result<(), Failure> {
    let wanted = [
        (!command.yes, "--yes"),
        (command.family.is_none(), "--family NAME"),
        (command.user_id.is_none(), "--user-id ID"),
        (!command.key_stdin, "--key-stdin"),
    ];
    let missing: Vec<&str> =
        wanted.iter().filter(|(missing, _)| *missing).map(|(_, flag)| *flag).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = if command.yes {
        "with --yes nothing is asked, and not everything is said"
    } else {
        "there is no terminal to ask at"
    };
    Err(Failure::new(Exit::Usage, message, format!("pass {} too", missing.join(" "))))
}

/// Nothing that exists is changed; how to go on depends on what is there.
fn there_already(path: &Path, world: &World) -> Failure {
    let message = format!("{} is there already; nothing was changed", path.display());
    let command = shown::program(path, world);
    let help = match config::load(path, &world.env) {
        Err(_) => format!("`{command} check --offline` says what is wrong with it"),
        Ok(config) if config.identity.exists() => match without_credentials(&config) {
            Some(family) => format!("go on with `{command} credentials set {family}`"),
            None => format!(
                "go on with `{command} accounts`, which says how to link one more, or with \
                 `{command} sync`"
            ),
        },
        Ok(_) => format!("go on with `{command} keygen`"),
    };
    Failure::new(Exit::Trouble, message, help)
}

fn without_credentials(config: &Config) -> Option<Name> {
    let lacks = |family: &&config::FamilyConfig| match &family.credentials {
        config::CredentialsSource::File(path) => !path.exists(),
        config::CredentialsSource::Inline(_) => false,
    };
    config.families.iter().find(lacks).map(|family| family.family.name.clone())
}

impl<'w> Setup<'w> {
    /// With what flags say or what is proposed for now, and the family's name.
    fn begin(
        command: &'w Init,
        path: PathBuf,
        today: Day,
        world: &'w mut World,
    ) -> Result<Self, Failure> {
        let family = match &command.family {
            Some(family) => family.clone(),
            None => answers::family(world)?,
        };
        let first = First {
            output_dir: answers::proposed_folder(&path, world),
            family,
            base_url: command.base_url.clone(),
            start_date: command.start_date.unwrap_or_else(|| answers::proposed_start(today)),
            accounts: Vec::new(),
        };
        let setup = Self { command, world, path, today, first };
        setup.fits()?;
        Ok(setup)
    }

    /// What would be configured now.
    fn meaning(&self) -> Result<Config, ConfigError> {
        self.first.meaning(&self.path, &self.world.env)
    }

    /// Whether the answers so far make a configuration; else what is wrong, and what would be right.
    /// There is no file yet that a line could be named of.
    fn fits(&self) -> Result<(), Failure> {
        self.meaning().map(drop).map_err(|error| match error.findings().first() {
            Some(finding) => Failure::new(Exit::Usage, &*finding.problem, &*finding.cure),
            None => error.into(),
        })
    }

    /// The pair, which the service takes, and the accounts that it opens.
    fn keys(&mut self, identity: &make::Identity) -> Result<(Credentials, Listing), Failure> {
        let known = identity.known_pair(&self.meaning()?)?;
        let all_said = self.command.user_id.is_some() && self.command.key_stdin || self.command.yes;
        let mut left = TRIES;
        loop {
            left -= 1;
            let tried = self.pair(known.as_ref());
            let tried = tried.and_then(|pair| Ok((self.discovered(&pair)?, pair)));
            match tried {
                Ok((found, pair)) => return Ok((pair, found)),
                Err(failure)
                    if failure.exit == Exit::Owner && left > 0 && !all_said && known.is_none() =>
                {
                    shown::complain(&failure, self.world);
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// The pair of flags and stdin, of the file that an earlier run left, or as it is typed.
    fn pair(&mut self, known: Option<&Credentials>) -> Result<Credentials, Failure> {
        let said = self.command.user_id.is_some() || self.command.key_stdin;
        if let Some(known) = known.filter(|_| !said) {
            let family = &self.first.family;
            self.world.complain(&format!("The credentials of {family} are there already."));
            return Ok(known.clone());
        }
        let user_id = match &self.command.user_id {
            Some(user_id) => user_id.clone(),
            None => answers::hidden(self.world, "Sophtron user id")?,
        };
        let access_key = self.access_key()?;
        let pair = config::pair(&user_id, &access_key)?;
        match known {
            Some(known)
                if (known.user_id(), known.access_key()) != (pair.user_id(), pair.access_key()) =>
            {
                Err(make::other_pair(&self.meaning()?))
            }
            _ => Ok(pair),
        }
    }

    fn access_key(&mut self) -> Result<SecretString, Failure> {
        if self.command.key_stdin && !self.world.stdin_is_terminal {
            answers::key_on_stdin(self.world)
        } else {
            answers::hidden(self.world, "Sophtron access key")
        }
    }

    /// Asks the service whether the pair is good, and what it opens.
    fn discovered(&mut self, pair: &Credentials) -> Result<Listing, Failure> {
        let config = self.meaning()?;
        let Some(family) = config.families.first() else { return Ok(Listing::default()) };
        let keys = Keys { credentials: pair.clone(), fingerprint: String::new() };
        let client = ground::client(family, &keys, self.world)?;
        if self.world.stderr_is_terminal {
            self.world.complain("Asking the service…");
        }
        let runtime = ground::runtime(self.world)?;
        let found = runtime.block_on(async {
            client.check_credentials().await?;
            discover(&client, family).await
        });
        let listing = found.map_err(|error| {
            let fault = error.fault_of_command(&family.family.name);
            // What else there is to do needs the configuration that is not there yet.
            let help = match error {
                Error::Rejected { .. } | Error::Credentials(_) => {
                    "compare user id and access key with Sophtron's developer profile"
                }
                Error::Forbidden { .. } => "see at sophtron.com what the key may do",
                Error::NotFound { .. } => "check `--base-url`, and run it again in some minutes",
                _ => &fault.help,
            };
            Failure::new(fault.exit, fault.message, format!("{help}; nothing was written"))
        })?;
        // Where some accounts came, those of the other logins can be linked later.
        let fault = listing.faults().next().filter(|_| listing.accounts.is_empty());
        match fault {
            Some(Fault { exit, message, help, .. }) => {
                Err(Failure::new(exit, message, format!("{help}; nothing was written")))
            }
            None => Ok(listing),
        }
    }

    /// Each account with what is proposed for it. What cannot be configured is told and left out.
    fn proposed(&mut self, found: Vec<Found>) -> Vec<Picked> {
        let mut picked: Vec<Picked> = Vec::new();
        for found in found {
            // Two logins may list one account.
            if picked.iter().any(|other| other.found.id == found.id) {
                continue;
            }
            // A bank that was connected anew may list its accounts under both logins: linked twice,
            // one would have every row in the books twice.
            if let Some(twin) = picked.iter().find(|other| other.found.is_twin_of(&found)) {
                let (words, name) = (found.words(), &twin.account.name);
                let login = found.login.as_deref().unwrap_or_default();
                self.world.complain(&format!(
                    "note: {words} of login {login} is left out: it seems to be {name} once more"
                ));
                continue;
            }
            let taken = self.meaning().ok().and_then(|config| config.families.into_iter().next());
            let taken = taken.map(|family| family.family.accounts).unwrap_or_default();
            let Proposal { name, kind, ledger, is_bill } = propose(&found.told(), &taken);
            let account = NewAccount {
                id: AccountId::new(&found.id),
                login: found.login.as_deref().map(LoginId::new),
                name,
                kind,
                ledger,
                currency: None,
                start_date: None,
                balance_sign: if is_bill { Some(BalanceSign::Owed) } else { auto(kind) },
                opening_entry: true,
            };
            picked.push(Picked { found, account });
            self.take(&picked);
            if let Err(wrong) = self.fits() {
                self.world.complain(&format!("note: an account is left out: {}", wrong.message));
                picked.pop();
                self.take(&picked);
            }
        }
        picked
    }

    /// Puts the accounts into the configuration in the making.
    fn take(&mut self, picked: &[Picked]) {
        let account = |picked: &Picked| FirstAccount {
            told: shown::told(&picked.found),
            account: picked.account.clone(),
        };
        self.first.accounts = picked.iter().map(account).collect();
    }

    fn show(&mut self, picked: &[Picked]) {
        for line in shown::table(picked) {
            self.world.complain(&line);
        }
    }
}

/// Only a debt's balance can be meant either way, which its rows will prove.
fn auto(kind: AccountType) -> Option<BalanceSign> {
    kind.is_debt().then_some(BalanceSign::Auto)
}
