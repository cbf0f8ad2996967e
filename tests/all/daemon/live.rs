//! A daemon that runs inside the test, with a clock of the test's: nothing waits but for what the
//! bank and the disk take.

use std::os::unix::net::{UnixDatagram, UnixStream};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sophtron_sync::cli::obey;
use sophtron_sync::config::Env;
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
    /// Holds how often the clock was set back.
    moved: watch::Sender<u64>,
    signals: mpsc::Sender<Signal>,
    armed: Armed,
    /// Hears what it tells the service manager, where a test listens.
    manager: Option<UnixDatagram>,
    status: String,
    thread: Option<JoinHandle<End>>,
}

/// The sleep that it is in: how often the clock had been set back when it began, and until when it
/// lasts.
type Armed = Arc<Mutex<Option<(u64, DateTime<Utc>)>>>;

/// Takes the sleep back when it is over or given up.
struct Disarms(Armed);

impl Drop for Disarms {
    fn drop(&mut self) {
        *self.0.lock().expect("whole") = None;
    }
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
        Self::over(home, &home.world("").env)
    }

    /// Starts it so that [`Daemon::until_it_rests`] can be asked.
    pub(crate) fn watched(home: &Home) -> Self {
        let path = home.path("notify");
        let manager = UnixDatagram::bind(&path).expect("a socket");
        manager.set_nonblocking(true).expect("set");
        let mut daemon = Self::over(home, &Env::from_pairs([("NOTIFY_SOCKET", path)]));
        daemon.manager = Some(manager);
        daemon
    }

    fn over(home: &Home, manager: &Env) -> Self {
        let now = Arc::new(AtomicI64::new(home.now.timestamp_millis()));
        let (moved, seen) = watch::channel(0);
        let (signals, heard) = mpsc::channel(8);
        let (armed, mut world) = (Armed::default(), home.world(""));
        world.clock = clock(&now);
        let rim = Rim {
            path: home.path("sophtron-sync.toml"),
            env: world.env.clone(),
            clock: clock(&now),
            alarm: alarm(&now, seen, &armed),
            pace: home.pace.clone(),
            signals: Signals::from_channel(heard),
            notifier: Notifier::from_env(manager),
            obey: obey(&world),
        };
        let thread = std::thread::spawn(move || run(rim));
        Self {
            now,
            moved,
            signals,
            armed,
            manager: None,
            status: String::new(),
            thread: Some(thread),
        }
    }

    /// The time on its clock.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        at(self.now.load(Ordering::SeqCst))
    }

    /// Sets its clock.
    pub(crate) fn set(&self, now: DateTime<Utc>) {
        let before = self.now.swap(now.timestamp_millis(), Ordering::SeqCst);
        let back = u64::from(now.timestamp_millis() < before);
        self.moved.send_modify(|times| *times += back);
    }

    /// Lets time pass on its clock.
    pub(crate) fn pass(&self, time: TimeDelta) {
        self.set(self.now() + time);
    }

    /// Waits until nothing is due and nothing in hand, and gives until when it then sleeps.
    pub(crate) fn until_it_rests(&mut self) -> DateTime<Utc> {
        let begun = Instant::now();
        loop {
            // It tells how things stand before it goes to sleep.
            let armed = *self.armed.lock().expect("whole");
            self.hear();
            match armed {
                Some((since, until)) if self.rests(since, until) => return until,
                _ => std::thread::sleep(Duration::from_micros(500)),
            }
            let ended = self.thread.as_ref().is_none_or(JoinHandle::is_finished);
            assert!(!ended && begun.elapsed() < PATIENCE, "{armed:?} {}", self.status);
        }
    }

    /// Waits until it tells the service manager something that holds these words.
    pub(crate) fn until_status(&mut self, words: &str) {
        let begun = Instant::now();
        while !self.status.contains(words) {
            assert!(begun.elapsed() < PATIENCE, "{words}: {}", self.status);
            std::thread::sleep(Duration::from_millis(2));
            self.hear();
        }
    }

    fn rests(&self, since: u64, until: DateTime<Utc>) -> bool {
        since == *self.moved.borrow() && until > self.now() && !self.status.contains("syncing now")
    }

    fn hear(&mut self) {
        let mut buffer = [0; 4096];
        let manager = self.manager.as_ref().expect("it is watched");
        while let Ok(length) = manager.recv(&mut buffer) {
            let text = String::from_utf8_lossy(&buffer[..length]);
            if let Some(status) = text.strip_prefix("STATUS=") {
                status.clone_into(&mut self.status);
            }
        }
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
fn alarm(now: &Arc<AtomicI64>, moved: watch::Receiver<u64>, armed: &Armed) -> Alarm {
    let (now, armed) = (Arc::clone(now), Arc::clone(armed));
    Arc::new(move |until| {
        let (now, mut moved, armed) = (Arc::clone(&now), moved.clone(), Arc::clone(&armed));
        Box::pin(async move {
            let set = *moved.borrow_and_update();
            *armed.lock().expect("whole") = Some((set, until));
            let _disarms = Disarms(armed);
            loop {
                // Looked at before the clock, so that what moves in between wakes it again.
                let sets = *moved.borrow_and_update();
                if now.load(Ordering::SeqCst) >= until.timestamp_millis() {
                    return Woken::Due;
                }
                if sets != set {
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
