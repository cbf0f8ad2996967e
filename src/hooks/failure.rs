//! What went wrong with a program, and what to do.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use crate::domain::Program;

/// What went wrong with a program. Its own last words are part of it; what it was told is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// There is no such file.
    #[error("{} is not there", .0.display())]
    Missing(PathBuf),
    /// The file is there, and the interpreter that its first line names is not.
    #[error("{} names an interpreter in its first line that is not there", .0.display())]
    NoInterpreter(PathBuf),
    /// The folder that programs work in is not there.
    #[error("the folder {}, in which programs run, is not there", .0.display())]
    NoFolder(PathBuf),
    /// It may not be run.
    #[error("{} may not be run by this user", .0.display())]
    Forbidden(PathBuf),
    /// It is no program.
    #[error("{} is no program, and has no first line such as #!/bin/sh", .0.display())]
    NoProgram(PathBuf),
    /// Anything else that the system says.
    #[error("{} cannot be started: {why}", path.display())]
    NotStarted {
        /// The program.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// It ended with another status than 0.
    #[error("{} ended with exit status {code}{}", path.display(), quoted(said))]
    Status {
        /// The program.
        path: PathBuf,
        /// The status.
        code: i32,
        /// The last lines that it said.
        said: String,
    },
    /// A signal ended it.
    #[error("{} was ended by signal {signal}{}", path.display(), quoted(said))]
    Signal {
        /// The program.
        path: PathBuf,
        /// The signal's number.
        signal: i32,
        /// The last lines that it said.
        said: String,
    },
    /// It did not end in time, and was ended.
    #[error("{} was ended after {} s{}", path.display(), limit.as_secs_f32(), quoted(said))]
    TimedOut {
        /// The program.
        path: PathBuf,
        /// The time that it had.
        limit: Duration,
        /// The last lines that it said.
        said: String,
    },
    /// It was ended, or not begun, because this program is to stop.
    #[error("{} was not waited for: sophtron-sync was told to stop", .0.display())]
    Stopped(PathBuf),
}

impl Failure {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Missing(_) => "put it there, or correct its path in the configuration",
            Self::NoInterpreter(_) => {
                "correct its first line, or install what it names; look for a line end of Windows"
            }
            Self::NoFolder(_) => "it is the configuration's own folder: put it back",
            Self::Forbidden(_) => {
                "make it executable (chmod +x), in folders that this user may enter"
            }
            Self::NoProgram(_) => "begin a script with a line such as #!/bin/sh",
            Self::NotStarted { .. } => "try it by hand as the same user",
            Self::Status { .. } | Self::Signal { .. } => {
                "try it by hand with an event on its standard input; nothing else is held up by it"
            }
            Self::TimedOut { .. } => {
                "let it do what lasts in the background; nothing else is held up by it"
            }
            Self::Stopped(_) => "nothing to do: what it was to be told comes with the next event",
        }
    }

    /// Why a program could not be started.
    pub(super) fn starting(program: &Program, folder: PathBuf, error: &io::Error) -> Self {
        let path = program.path.clone();
        match (error.kind(), error.raw_os_error()) {
            (io::ErrorKind::NotFound, _) if !folder.is_dir() => Self::NoFolder(folder),
            (io::ErrorKind::NotFound, _) if path.exists() => Self::NoInterpreter(path),
            (io::ErrorKind::NotFound | io::ErrorKind::NotADirectory, _) => Self::Missing(path),
            (io::ErrorKind::PermissionDenied, _) => Self::Forbidden(path),
            (_, Some(code)) if code == rustix::io::Errno::NOEXEC.raw_os_error() => {
                Self::NoProgram(path)
            }
            _ => Self::NotStarted { path, why: error.to_string() },
        }
    }

    /// What an end says; `None` for a good one.
    pub(super) fn of_end(program: &Program, end: ExitStatus, said: String) -> Option<Self> {
        let path = program.path.clone();
        match (end.code(), end.signal()) {
            (Some(0), _) => None,
            (Some(code), _) => Some(Self::Status { path, code, said }),
            (None, signal) => Some(Self::Signal { path, signal: signal.unwrap_or(0), said }),
        }
    }
}

fn quoted(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!("; it said: {said}") }
}
