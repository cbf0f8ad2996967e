//! What the daemon hears and says, with real files, signals, sockets and timers.

mod alarm;
mod signals;
mod systemd;
mod watch;

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::timeout;

/// Set for the process that [`again`] starts; the plain run of such a test does nothing.
const SECOND: &str = "SOPHTRON_SYNC_TEST_SECOND";

/// Whether this is the process that [`again`] started.
#[allow(clippy::disallowed_methods, reason = "how a test tells its second process what to do")]
fn second() -> bool {
    std::env::var_os(SECOND).is_some()
}

/// Runs this test binary again with the one test, for what touches the whole process.
fn again(test: &str) -> Child {
    Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", &format!("daemon_rim::{test}"), "--nocapture"])
        .env(SECOND, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started")
}

/// A runtime as the daemon has it.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().expect("a runtime").block_on(future)
}

/// What comes within so many milliseconds.
async fn within<T>(millis: u64, future: impl Future<Output = T>) -> Option<T> {
    timeout(Duration::from_millis(millis), future).await.ok()
}
