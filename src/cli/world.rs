//! What is passed in from outside: environment, clock, terminal. Tests pass in their own.

use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::prompts::Ask;
use super::terminal;
use crate::config::Env;
use crate::hooks::Limits;
use crate::round::Lent;
use crate::sophtron::Pace;
use crate::sync::Clock;

/// An output that several parts of a command write to, a line at a time.
#[derive(Clone)]
pub struct Shared(Arc<Mutex<dyn Write + Send>>);

impl Shared {
    /// Shares an output.
    #[must_use]
    pub fn new(output: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(output)))
    }

    /// Writes to it as it comes.
    pub(super) fn writer(&self) -> impl Write + use<> {
        Whole(Arc::clone(&self.0))
    }

    /// Writes a line. A reader that went away is no failure of the command.
    pub(super) fn line(&self, line: &str) {
        let mut output = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(output, "{line}");
    }
}

struct Whole(Arc<Mutex<dyn Write + Send>>);

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

/// The world that a command sees.
#[allow(clippy::struct_excessive_bools, reason = "each tells of another stream")]
pub struct World {
    /// The environment.
    pub env: Env,
    /// The current folder.
    pub cwd: PathBuf,
    /// Whether root typed the command.
    pub is_root: bool,
    /// The clock.
    pub clock: Clock,
    /// What is typed or piped in.
    pub stdin: Box<dyn Read + Send>,
    /// Whether a person types it.
    pub stdin_is_terminal: bool,
    /// Where answers go.
    pub stdout: Box<dyn Write + Send>,
    /// Whether a person reads the answers, so that colour helps.
    pub colour: bool,
    /// Where complaints and progress go.
    pub stderr: Shared,
    /// Whether a person watches progress.
    pub stderr_is_terminal: bool,
    /// Asks whoever typed the command.
    pub ask: Ask,
    /// The waits between tries.
    pub pace: Pace,
    /// How long the owner's programs may take.
    pub hook_limits: Limits,
    /// What the daemon lends that the command runs inside; nothing where it works alone.
    pub lent: Option<Lent>,
    /// Whether log lines are written, which one process can only set up once.
    pub logs: bool,
}

impl World {
    /// The real one.
    #[must_use]
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place where clock and environment are read"
    )]
    pub fn real() -> Self {
        let env = Env::from_pairs(std::env::vars_os());
        let colour = io::stdout().is_terminal() && env.get("NO_COLOR").is_none();
        Self {
            colour,
            cwd: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
            is_root: rustix::process::geteuid().is_root(),
            clock: Arc::new(chrono::Utc::now),
            stdin: Box::new(io::stdin()),
            stdin_is_terminal: io::stdin().is_terminal(),
            stdout: Box::new(io::stdout()),
            stderr: Shared::new(io::stderr()),
            stderr_is_terminal: io::stderr().is_terminal(),
            ask: terminal::asker(&env),
            pace: Pace::default().seeded(fastrand::u64(..)),
            hook_limits: Limits::default(),
            lent: None,
            logs: true,
            env,
        }
    }

    /// Says a line to whoever asked. A reader that went away is no failure of the command.
    pub(super) fn say(&mut self, line: &str) {
        let _ = writeln!(self.stdout, "{line}");
    }

    /// Says a line of complaint.
    pub(super) fn complain(&mut self, line: &str) {
        self.stderr.line(line);
    }
}
