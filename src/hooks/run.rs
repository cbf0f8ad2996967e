//! Runs one program, in a process group of its own, and ends it where it does not end.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{Mutex, watch};
use tokio::time::{sleep, timeout};

use super::Failure;
use super::said::{Listener, last_lines};
use crate::domain::Program;

/// One program at a time in this process, whoever calls it.
static TURN: Mutex<()> = Mutex::const_new(());

/// How long the last words of a program that ended are waited for: what it left running may hold
/// its pipes for ever.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// How long a program may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From its start to the signal that asks it to end (SIGTERM).
    pub run: Duration,
    /// From then to the one that it cannot refuse (SIGKILL).
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { run: Duration::from_mins(1), grace: Duration::from_secs(2) }
    }
}

/// What every program is run with.
#[derive(Clone)]
pub struct Bench {
    /// Its whole environment.
    pub environment: Vec<(OsString, OsString)>,
    /// The folder in which it runs.
    pub folder: PathBuf,
    /// How long it may take.
    pub limits: Limits,
    /// Tells when not to wait any longer.
    pub stop: Stop,
}

/// Tells that this program is to stop: no program is begun any more, and one that runs is ended.
#[derive(Debug, Clone, Default)]
pub struct Stop(Option<watch::Receiver<bool>>);

impl Stop {
    /// Nobody ever tells.
    #[must_use]
    pub fn never() -> Self {
        Self(None)
    }

    /// Tells when the value turns to true.
    #[must_use]
    pub fn when(told: watch::Receiver<bool>) -> Self {
        Self(Some(told))
    }

    /// Whether it was told.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.0.as_ref().is_some_and(|told| *told.borrow())
    }

    /// Ends when it is told.
    pub async fn told(&self) {
        if let Some(mut told) = self.0.clone()
            && told.wait_for(|stop| *stop).await.is_ok()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}

/// Runs a program with an input, when it is its turn, and waits for its end: at most
/// [`Limits::run`] and [`Limits::grace`]. Then its whole process group is ended; so it is where
/// this future is dropped. What a program that ended well left running goes on.
///
/// # Errors
/// A [`Failure`] with the last lines that it said.
pub async fn run(program: &Program, input: &[u8], bench: &Bench) -> Result<(), Failure> {
    let stopped = || Failure::Stopped(program.path.clone());
    let _turn = tokio::select! {
        biased;
        () = bench.stop.told() => return Err(stopped()),
        turn = TURN.lock() => turn,
    };
    let mut running = Running::start(program, input.to_vec(), bench)?;
    let end = tokio::select! {
        end = timeout(bench.limits.run, running.child.wait()) => end,
        () = bench.stop.told() => {
            running.end(bench.limits.grace).await;
            return Err(stopped());
        }
    };
    let path = program.path.clone();
    match end {
        Ok(Ok(end)) => running.judge(program, end).await,
        Ok(Err(error)) => Err(Failure::NotStarted { path, why: error.to_string() }),
        Err(_) => {
            running.end(bench.limits.grace).await;
            let said = running.said().await;
            Err(Failure::TimedOut { path, limit: bench.limits.run, said })
        }
    }
}

/// A program that runs; dropped before its end, its group is killed.
struct Running {
    child: Child,
    group: Option<Pid>,
    out: Listener,
    err: Listener,
}

impl Running {
    fn start(program: &Program, input: Vec<u8>, bench: &Bench) -> Result<Self, Failure> {
        let started = Command::new(&program.path)
            .args(&program.arguments)
            .env_clear()
            .envs(bench.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&bench.folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child =
            started.map_err(|error| Failure::starting(program, bench.folder.clone(), &error))?;
        let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(stdin) = child.stdin.take() {
            tokio::spawn(give(stdin, input, bench.limits.run));
        }
        let (out, err) = (Listener::to(child.stdout.take()), Listener::to(child.stderr.take()));
        Ok(Self { child, group, out, err })
    }

    async fn judge(&mut self, program: &Program, end: ExitStatus) -> Result<(), Failure> {
        // What it left running is its own affair, and its number may be another's soon.
        self.group = None;
        if end.success() {
            return Ok(());
        }
        let said = self.said().await;
        Failure::of_end(program, end, said).map_or(Ok(()), Err)
    }

    /// Asks the whole group to end, and ends it.
    async fn end(&mut self, grace: Duration) {
        self.signal(Signal::TERM);
        let ended = timeout(grace, self.child.wait()).await;
        // Some of the group may have outlived the program itself.
        self.signal(Signal::KILL);
        self.group = None;
        if ended.is_err() {
            let _ = timeout(grace, self.child.wait()).await;
        }
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // A group that is gone needs no signal.
            let _ = kill_process_group(group, signal);
        }
    }

    /// The last lines that it said.
    async fn said(&mut self) -> String {
        let both = async { tokio::join!(self.out.end(), self.err.end()) };
        let _ = timeout(LAST_WORDS, both).await;
        last_lines(&self.out.last(), &self.err.last())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// Writes the input. A program that does not read it has the right not to.
async fn give(mut stdin: ChildStdin, input: Vec<u8>, limit: Duration) {
    tokio::select! {
        _ = stdin.write_all(&input) => {}
        () = sleep(limit) => {}
    }
}
