//! Tells the service manager how things stand: `sd_notify(3)`, a datagram a message.
//!
//! Where no service manager listens, nothing is said.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::config::Env;

/// How long a service manager that takes no messages may hold us up. Once it has, it is not waited
/// for until it takes one again.
const PATIENCE: Duration = Duration::from_secs(1);

/// The line to the service manager.
#[derive(Debug)]
pub struct Notifier {
    socket: Option<SocketAddr>,
    watchdog: Option<Duration>,
    /// Whether the last message was lost, so that a silent manager is told of once.
    lost: AtomicBool,
}

impl Notifier {
    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    #[must_use]
    pub fn from_env(env: &Env) -> Self {
        let socket =
            env.get("NOTIFY_SOCKET").and_then(|name| address(name).inspect_err(complain).ok());
        Self { socket, watchdog: watchdog(env), lost: AtomicBool::new(false) }
    }

    /// One that has nobody to tell.
    #[must_use]
    pub fn silent() -> Self {
        Self::from_env(&Env::default())
    }

    /// Whether a service manager listens.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.socket.is_some()
    }

    /// How long the service manager waits for [`Notifier::watchdog`] before it takes the program
    /// for stuck: feed it well within half of that. None where it does not wait.
    #[must_use]
    pub fn watchdog_interval(&self) -> Option<Duration> {
        self.watchdog
    }

    /// The start, or a reload, is over.
    pub fn ready(&self) {
        self.tell("READY=1");
    }

    /// A reload begins; it ends with [`Notifier::ready`], taken or refused. The time lets systemd
    /// 253 and later tell this reload from an earlier one (`Type=notify-reload`).
    pub fn reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        let micros = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1_000;
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={micros}"));
    }

    /// The program is ending.
    pub fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// How things stand, for `systemctl status`, in one line; further lines are joined to it.
    pub fn status(&self, text: &str) {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        self.tell(&format!("STATUS={}", lines.join(" ")));
    }

    /// The loop makes progress. Silent where no watchdog waits.
    pub fn watchdog(&self) {
        if self.watchdog.is_some() {
            self.tell("WATCHDOG=1");
        }
    }

    /// Sends a message. A lost one is no reason to end; the first of a row is told in the log.
    fn tell(&self, message: &str) {
        let Some(socket) = &self.socket else { return };
        let lost = self.lost.load(Ordering::Relaxed);
        let sent = send(socket, message, !lost);
        self.lost.store(sent.is_err(), Ordering::Relaxed);
        match sent {
            Ok(()) => {}
            Err(failure) if lost => {
                tracing::debug!("the service manager takes no messages: {failure}");
            }
            Err(failure) => complain(&failure),
        }
    }
}

fn complain(failure: &io::Error) {
    tracing::warn!(
        "the service manager takes no messages at NOTIFY_SOCKET: {failure}; without READY=1 it \
         will stop this service, unless its unit says Type=exec"
    );
}

/// The socket's address: a path, or a name outside the file system after an `@`.
fn address(name: &OsStr) -> io::Result<SocketAddr> {
    match name.as_bytes() {
        [b'/', ..] => SocketAddr::from_pathname(Path::new(name)),
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{} is neither a path nor a name after @", name.display()),
        )),
    }
}

fn send(socket: &SocketAddr, message: &str, patient: bool) -> io::Result<()> {
    let sender = UnixDatagram::unbound()?;
    if patient {
        sender.set_write_timeout(Some(PATIENCE))?;
    } else {
        sender.set_nonblocking(true)?;
    }
    sender.send_to_addr(message.as_bytes(), socket)?;
    Ok(())
}

/// The time within which a watchdog must be fed: `sd_watchdog_enabled(3)`. One that is meant for
/// another process is none.
fn watchdog(env: &Env) -> Option<Duration> {
    let number = |name| env.get(name)?.to_str()?.parse::<u64>().ok();
    let meant =
        env.get("WATCHDOG_PID").is_none() || number("WATCHDOG_PID") == Some(process::id().into());
    let interval = number("WATCHDOG_USEC").filter(|micros| *micros > 0 && meant)?;
    Some(Duration::from_micros(interval))
}
