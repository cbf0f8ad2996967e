//! A home in a temporary folder, with a bank beside it, and what is typed in it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use secrecy::SecretString;
use sophtron_sync::cli::{Shared, World, run};
use sophtron_sync::config::Env;
use sophtron_sync::sophtron::Pace;

use crate::bank::{Bank, User, family_toml};

/// Why the demo cannot go on.
pub(crate) struct Failed(pub(crate) String);

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// A home and its bank; both go when this is dropped.
pub(crate) struct Home {
    folder: tempfile::TempDir,
    pub(crate) bank: Bank,
    /// The time that the program is told.
    pub(crate) now: DateTime<Utc>,
    colour: bool,
}

impl Home {
    /// Makes an empty home.
    pub(crate) fn new(bank: Bank, now: DateTime<Utc>, colour: bool) -> Result<Self, Failed> {
        let folder = tempfile::Builder::new().prefix("sophtron-demo-").tempdir()?;
        Ok(Self { folder, bank, now, colour })
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the configuration: every family of the bank with those of its accounts that are named.
    pub(crate) fn configure(&self, start: NaiveDate, accounts: &[&str]) -> Result<(), Failed> {
        let wanted = |block: &&str| {
            let named = |name: &&str| block.contains(&format!("\nname = \"{name}\""));
            block.starts_with("[[family]]") || accounts.iter().any(named)
        };
        let mut text = "output_dir = \"bank\"\nstate_dir = \"state\"\n".to_owned();
        // A bank on the same machine has refreshed at once.
        text += "\n[sync]\npoll = \"50ms\"\n";
        let url = self.bank.base_url();
        self.bank.edit(|world| {
            for user in &world.users {
                let family = family_toml(user, &url, start);
                family.split("\n\n").filter(wanted).for_each(|block| {
                    text += "\n";
                    text += block.trim_end();
                    text += "\n";
                });
            }
        });
        std::fs::create_dir(self.folder().join("credentials"))?;
        #[allow(clippy::disallowed_methods, reason = "an owner's editor does no more")]
        std::fs::write(self.folder().join("sophtron-sync.toml"), text)?;
        Ok(())
    }

    /// Says what comes now.
    pub(crate) fn tell(&self, lines: &[&str]) {
        println!();
        for line in lines {
            println!("{}", self.painted("36", &format!("# {line}")));
        }
    }

    /// Runs a command of the program, which must end well.
    pub(crate) fn run(&self, command: &str) -> Result<(), Failed> {
        println!("\n{}", self.painted("1", &format!("$ sophtron-sync {command}")));
        let args = std::iter::once("sophtron-sync").chain(command.split(' ')).map(OsString::from);
        match run(args, &mut self.world(command)) {
            0 => Ok(()),
            code => Err(Failed(format!("sophtron-sync {command} ended with {code}"))),
        }
    }

    /// Runs a line of shell, which must end well, and gives what it printed.
    pub(crate) fn shell(&self, line: &str) -> Result<String, Failed> {
        println!("\n{}", self.painted("1", &format!("$ {line}")));
        let mut shell = Command::new("sh");
        // With this home for their own, programs find no settings of the one who watches.
        shell.args(["-c", line]).current_dir(self.folder()).env("HOME", self.folder());
        shell.env_remove("XDG_CONFIG_HOME").env_remove("LEDGER_FILE").env("LC_ALL", "C.UTF-8");
        let ran = shell.output()?;
        let printed = String::from_utf8_lossy(&ran.stdout).into_owned();
        print!("{printed}{}", String::from_utf8_lossy(&ran.stderr));
        if ran.status.success() {
            return Ok(printed);
        }
        Err(Failed(format!("`{line}` ended with {}", ran.status)))
    }

    fn painted(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// The world that a command sees: this home, and nothing of the one outside.
    fn world(&self, command: &str) -> World {
        let now = self.now;
        let mut typed = self.typed_for(command);
        World {
            env: Env::from_pairs([("HOME", self.folder())]),
            cwd: PathBuf::from(self.folder()),
            is_root: false,
            clock: Arc::new(move || now),
            stdin: Box::new(io::empty()),
            stdin_is_terminal: true,
            stdout: Box::new(io::stdout()),
            colour: self.colour,
            // In one stream, so that it reads as on a terminal.
            stderr: Shared::new(io::stdout()),
            stderr_is_terminal: false,
            ask: Box::new(move |question| {
                println!("{} (not shown): ", question.words);
                Ok(SecretString::from(typed.pop_front().unwrap_or_default()))
            }),
            pace: Pace::quick(),
            hook_limits: sophtron_sync::hooks::Limits::default(),
            lent: None,
            logs: false,
        }
    }

    /// What the owner of a family types where `credentials set` asks for the key pair.
    fn typed_for(&self, command: &str) -> VecDeque<String> {
        let family = command.strip_prefix("credentials set ").unwrap_or_default();
        let pair = |user: &User| VecDeque::from([user.id.clone(), user.access_key.clone()]);
        self.bank.edit(|world| {
            world.users.iter().find(|user| user.name == family).map(pair).unwrap_or_default()
        })
    }
}
