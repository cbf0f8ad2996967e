//! All signals as one stream.
//!
//! One thread sleeps until a signal comes and passes it on; the loop reads them like any other
//! event. A second request to stop does not depend on anybody: the handler itself ends the
//! process, even while every thread is stuck.

use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::flag;
use signal_hook::iterator::{Handle, Signals as Raw};
use tokio::sync::mpsc;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM or SIGINT: finish what is in hand and end.
    Stop,
    /// SIGHUP: read configuration, credentials and identity again.
    Reload,
    /// SIGUSR1: sync now.
    SyncNow,
}

/// How many signals wait for the loop. Of those that come beyond these the kernel keeps one of
/// each kind.
const WAITING: usize = 8;

/// The signals of this process, in the order in which they came.
#[derive(Debug)]
pub struct Signals {
    heard: mpsc::Receiver<Signal>,
    thread: Option<Handle>,
}

impl Signals {
    /// Listens to SIGTERM, SIGINT, SIGHUP and SIGUSR1 from now on.
    ///
    /// A second SIGTERM or SIGINT ends the process at once and by that signal, as if nobody had
    /// listened: a shell sees 143 or 130, and systemd a clean stop. (As process 1 of a container,
    /// which no signal of its own can end, it exits with that number.) This stays so when the
    /// stream is dropped, for what is torn down after the loop may hang as well.
    ///
    /// # Errors
    /// Whatever the system says when it refuses a handler or a thread.
    pub fn listen() -> io::Result<Self> {
        let stopping = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            // This order makes the first one set the flag, and the second one find it set.
            end_if(signal, &stopping)?;
            flag::register(signal, Arc::clone(&stopping))?;
        }
        let mut raw = Raw::new([SIGTERM, SIGINT, SIGHUP, SIGUSR1])?;
        let handle = raw.handle();
        let (tell, heard) = mpsc::channel(WAITING);
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in raw.forever().filter_map(meaning) {
                if tell.blocking_send(signal).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { heard, thread: Some(handle) })
    }

    /// Takes signals from a channel instead of from the system.
    #[must_use]
    pub fn from_channel(heard: mpsc::Receiver<Signal>) -> Self {
        Self { heard, thread: None }
    }

    /// A stream on which nothing ever comes.
    #[must_use]
    pub fn none() -> Self {
        Self::from_channel(mpsc::channel(1).1)
    }

    /// Waits for the next signal; for ever, where none can come any more. Nothing is lost if the
    /// waiting is given up.
    pub async fn next(&mut self) -> Signal {
        match self.heard.recv().await {
            Some(signal) => signal,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        if let Some(thread) = &self.thread {
            thread.close();
        }
    }
}

/// Makes a signal end the process if the flag is set.
fn end_if(signal: i32, flag: &Arc<AtomicBool>) -> io::Result<()> {
    let flag = Arc::clone(flag);
    if process::id() == 1 {
        flag::register_conditional_shutdown(signal, 128 + signal, flag)?;
    } else {
        flag::register_conditional_default(signal, flag)?;
    }
    Ok(())
}

fn meaning(signal: i32) -> Option<Signal> {
    match signal {
        SIGTERM | SIGINT => Some(Signal::Stop),
        SIGHUP => Some(Signal::Reload),
        SIGUSR1 => Some(Signal::SyncNow),
        _ => None,
    }
}
