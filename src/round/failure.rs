//! What ends a command, or stands against a configuration: how it is worded, and with which code
//! the program ends.

use std::fmt;

use crate::config::{ConfigError, SecretError};
use crate::domain::{Again, Exit, Fault, Name, State};
use crate::files::{LockError, PathError};
use crate::store::StoreError;

/// What ended a command.
#[derive(Debug)]
pub struct Failure {
    /// The code that it ends with.
    pub exit: Exit,
    /// What happened, and where.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// Further problems, each with its cure.
    more: Vec<(String, String)>,
}

/// How many problems are shown before the rest is only counted: two lines each.
const SHOWN: usize = 12;

impl Failure {
    /// One problem and its cure.
    #[must_use]
    pub fn new(exit: Exit, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { exit, message: message.into(), help: help.into(), more: Vec::new() }
    }

    /// Several problems at once, each with its cure; `None` where there is none.
    #[must_use]
    pub fn all(exit: Exit, problems: Vec<(String, String)>) -> Option<Self> {
        let mut problems = problems.into_iter();
        let (message, help) = problems.next()?;
        Some(Self { exit, message, help, more: problems.collect() })
    }

    /// Each problem with its cure.
    pub fn problems(&self) -> impl Iterator<Item = (&str, &str)> {
        let first = std::iter::once((self.message.as_str(), self.help.as_str()));
        first.chain(self.more.iter().map(|(message, help)| (message.as_str(), help.as_str())))
    }

    /// A family or account that the configuration does not have.
    #[must_use]
    pub fn unknown(what: &str, known: &[&Name]) -> Self {
        let known: Vec<_> = known.iter().map(|name| name.as_str()).collect();
        let help = if known.is_empty() {
            "the configuration has none yet".to_owned()
        } else {
            format!("the configuration has: {}", known.join(", "))
        };
        Self::new(Exit::Usage, format!("there is no {what}"), help)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&problem(&self.message, &self.help))?;
        for (message, help) in self.more.iter().take(SHOWN - 1) {
            write!(f, "\n{}", problem(message, help))?;
        }
        match (self.more.len() + 1).saturating_sub(SHOWN) {
            0 => Ok(()),
            left => write!(f, "\nand {left} more"),
        }
    }
}

/// A problem and its cure, in the one form in which both are printed.
fn problem(message: &str, help: &str) -> String {
    lines("error", message, help)
}

/// A fault in the same form, under a message that says whose it is: a note where the command ends
/// well all the same.
#[must_use]
pub fn worded(fault: &Fault, message: &str) -> String {
    let kind = if fault.exit == Exit::Good { "note" } else { "error" };
    lines(kind, message, &fault.help)
}

/// Something that is told although nothing failed.
#[must_use]
pub fn noted(message: &str, help: &str) -> String {
    lines("note", message, help)
}

fn lines(kind: &str, message: &str, help: &str) -> String {
    let help = if help.is_empty() { String::new() } else { format!("\n  help: {help}") };
    format!("{kind}: {message}{help}")
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let problems = error.problems();
        Self::all(error.exit(), problems).unwrap_or_else(|| Self::new(error.exit(), "", ""))
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        Self::new(error.exit(), error.message(), error.help())
    }
}

impl From<PathError> for Failure {
    fn from(error: PathError) -> Self {
        Self::new(Exit::Io, error.message(), error.help())
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Held { .. } => {
                Self::new(Exit::TryLater, error.to_string(), "wait until it has ended, or end it")
            }
            LockError::Path(error) => error.into(),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(Exit::Io, error.to_string(), error.help())
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::new(fault.exit, fault.message, fault.help)
    }
}

/// What stands between a family and its keys, as a fault of the family: a file that is missing
/// may come back, one that does not decrypt waits for its owner.
#[must_use]
pub fn secret_fault(error: &SecretError, family: &Name) -> Fault {
    let state = if error.exit() == Exit::Io { State::Failed } else { State::Rejected };
    Fault {
        state,
        exit: error.exit(),
        message: error.message(),
        help: error.help_for(family),
        again: Again::OwnPace,
    }
}
