//! The real program as a service: a process of its own, with the test as its service manager.

use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use rustix::process::{Pid, Signal, kill_process};

use crate::home::Home;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// The real today, which the real program goes by.
pub(crate) fn today() -> NaiveDate {
    now().date_naive()
}

/// The real clock's time, where a program here goes on with what a real process kept.
#[allow(clippy::disallowed_methods, reason = "the real program has the real clock")]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A message to the service manager, and when it came.
pub(crate) type Heard = (Instant, String);

/// The program, running.
pub(crate) struct Service {
    child: Child,
    begun: Instant,
    heard: Arc<Mutex<Vec<Heard>>>,
    over: Arc<AtomicBool>,
    manager: Option<JoinHandle<()>>,
    log: PathBuf,
}

impl Service {
    /// Starts `sophtron-sync run` over the configuration of a home, and waits until it is ready.
    pub(crate) fn start(home: &Home) -> Self {
        let mut service = Self::begin(home, &["run"], &[]);
        service.until_said("READY=1");
        service
    }

    /// Starts the program with arguments and more environment, and waits for nothing.
    pub(crate) fn begin(home: &Home, args: &[&str], env: &[(&str, &str)]) -> Self {
        static NTH: AtomicU32 = AtomicU32::new(0);
        let nth = NTH.fetch_add(1, Ordering::Relaxed);
        let (notify, log) = (home.path(&format!("notify-{nth}")), home.path(&format!("log-{nth}")));
        let manager = UnixDatagram::bind(&notify).expect("a socket");
        let (heard, over) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let begun = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_sophtron-sync"))
            .args(args)
            .current_dir(home.folder.path())
            .env_clear()
            .env("HOME", home.folder.path())
            .env("NOTIFY_SOCKET", &notify)
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(create(&log))
            .spawn()
            .expect("it runs");
        let (told, ends) = (Arc::clone(&heard), Arc::clone(&over));
        let manager = std::thread::spawn(move || manage(&manager, &told, &ends));
        Self { child, begun, heard, over, manager: Some(manager), log }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it told so far.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().expect("whole").clone()
    }

    /// How often it told something that begins so.
    pub(crate) fn count(&self, beginning: &str) -> usize {
        self.heard().iter().filter(|(_, text)| text.starts_with(beginning)).count()
    }

    /// How long after its start it first told something.
    pub(crate) fn said_after(&self, beginning: &str) -> Option<Duration> {
        let heard = self.heard();
        let first = heard.iter().find(|(_, text)| text.starts_with(beginning))?;
        Some(first.0 - self.begun)
    }

    /// Waits until it has told something.
    pub(crate) fn until_said(&mut self, beginning: &str) {
        let heard = Arc::clone(&self.heard);
        let says = move || {
            let heard = heard.lock().expect("whole");
            heard.iter().any(|(_, text)| text.starts_with(beginning))
        };
        self.until(beginning, says);
    }

    /// Waits until something is so.
    pub(crate) fn until(&mut self, what: &str, mut is_so: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            let ended = self.child.try_wait().expect("a child");
            assert_eq!(ended, None, "it ended before {what}: {}", self.log());
            assert!(begun.elapsed() < PATIENCE, "it never came that {what}: {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("an id");
        kill_process(Pid::from_raw(id).expect("an id"), signal).expect("sent");
    }

    /// Waits until it has ended, and gives how.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(ended) = self.child.try_wait().expect("a child") {
                return ended;
            }
            assert!(begun.elapsed() < PATIENCE, "it never ended: {}", self.log());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Ends it by a signal, and gives the code or signal that it ended with, and how long it took.
    pub(crate) fn end_by(&mut self, signal: Signal) -> (Option<i32>, Option<i32>, Duration) {
        let begun = Instant::now();
        self.signal(signal);
        let ended = self.wait();
        (ended.code(), ended.signal(), begun.elapsed())
    }

    /// What it wrote to stderr.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// A figure of its `/proc/PID/status`, such as `VmRSS` in KiB.
    pub(crate) fn figure(&self, name: &str) -> u64 {
        figure(&format!("/proc/{}/status", self.id()), name)
    }

    /// How often its threads went to sleep so far.
    pub(crate) fn naps(&self) -> u64 {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.id())).expect("it runs");
        let status = |task: std::fs::DirEntry| task.path().join("status").display().to_string();
        tasks.flatten().map(|task| figure(&status(task), "voluntary_ctxt_switches")).sum()
    }

    /// How many descriptors it has open.
    pub(crate) fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.id())).expect("it runs").count()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.over.store(true, Ordering::Relaxed);
        if let Some(manager) = self.manager.take() {
            let _ = manager.join();
        }
    }
}

/// A line of a `status` file of the system; 0 where there is none.
pub(crate) fn figure(path: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or_default()
}

fn create(path: &PathBuf) -> std::fs::File {
    std::fs::OpenOptions::new().append(true).create(true).open(path).expect("a file")
}

fn manage(socket: &UnixDatagram, heard: &Mutex<Vec<Heard>>, over: &AtomicBool) {
    socket.set_read_timeout(Some(Duration::from_millis(50))).expect("set");
    let mut buffer = [0; 4096];
    while !over.load(Ordering::Relaxed) {
        if let Ok(length) = socket.recv(&mut buffer) {
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            heard.lock().expect("whole").push((Instant::now(), text));
        }
    }
}
