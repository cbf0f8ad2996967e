//! A daemon that runs inside the test, with a clock of the test's: nothing waits but for what the
//! bank and the disk take.

use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sophtron_sync::cli::obey;
use sophtron_sync::daemon::alarm::{Alarm, Woken};
use sophtron_sync::daemon::signals::{Signal, Signals};
use sophtron_sync::daemon::systemd::Notifier;
use sophtron_sync::daemon::{End, Rim, run};
use tokio::sync::{mpsc, watch};

use crate::home::Home;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running daemon.
pub(crate) struct Daemon {
    now: Arc<AtomicI64>,
    moved: watch::Sender<()>,
    signals: mpsc::Sender<Signal>,
    thread: Option<JoinHandle<End>>,
}

impl Daemon {
    /// Starts it over the configuration of a home, at the home's time, and waits until it listens.
    pub(crate) fn start(home: &Home) -> Self {
        let daemon = Self::begin(home);
        daemon.until("it listens", || UnixStream::connect(home.path("state/control.sock")).is_ok());
        daemon
    }

    /// Starts it, and waits for nothing.
    pub(crate) fn begin(home: &Home) -> Self {
        let now = Arc::new(AtomicI64::new(home.now.timestamp_millis()));
        let (moved, seen) = watch::channel(());
        let (signals, heard) = mpsc::channel(8);
        let mut world = home.world("");
        world.clock = clock(&now);
        let rim = Rim {
            path: home.path("sophtron-sync.toml"),
            env: world.env.clone(),
            clock: clock(&now),
            alarm: alarm(&now, seen),
            pace: home.pace.clone(),
            signals: Signals::from_channel(heard),
            notifier: Notifier::from_env(&world.env),
            obey: obey(&world),
        };
        let thread = std::thread::spawn(move || run(rim));
        Self { now, moved, signals, thread: Some(thread) }
    }

    /// The time on its clock.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        at(self.now.load(Ordering::SeqCst))
    }

    /// Sets its clock.
    pub(crate) fn set(&self, now: DateTime<Utc>) {
        self.now.store(now.timestamp_millis(), Ordering::SeqCst);
        let _ = self.moved.send(());
    }

    /// Lets time pass on its clock.
    pub(crate) fn pass(&self, time: TimeDelta) {
        self.set(self.now() + time);
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        self.signals.blocking_send(signal).expect("it runs");
    }

    /// Waits until something is so.
    pub(crate) fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            let ended = self.thread.as_ref().is_none_or(JoinHandle::is_finished);
            assert!(!ended, "it ended before {what}");
            assert!(begun.elapsed() < PATIENCE, "it never came that {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Tells it to stop, and gives how it ended and how long that took.
    pub(crate) fn stop(mut self) -> (End, Duration) {
        let begun = Instant::now();
        let _ = self.signals.blocking_send(Signal::Stop);
        (self.join(), begun.elapsed())
    }

    /// Waits until it has ended by itself.
    pub(crate) fn join(&mut self) -> End {
        self.thread.take().expect("not joined before").join().expect("no panic")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.signals.try_send(Signal::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn clock(now: &Arc<AtomicI64>) -> sophtron_sync::sync::Clock {
    let now = Arc::clone(now);
    Arc::new(move || at(now.load(Ordering::SeqCst)))
}

/// Wakes when the test's clock has come to the instant, or was set back.
fn alarm(now: &Arc<AtomicI64>, moved: watch::Receiver<()>) -> Alarm {
    let now = Arc::clone(now);
    Arc::new(move |until| {
        let (now, mut moved) = (Arc::clone(&now), moved.clone());
        Box::pin(async move {
            let begun = now.load(Ordering::SeqCst);
            loop {
                let present = now.load(Ordering::SeqCst);
                if present >= until.timestamp_millis() {
                    return Woken::Due;
                }
                if present < begun {
                    return Woken::ClockSet;
                }
                if moved.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        })
    })
}

fn at(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).expect("a time")
}
