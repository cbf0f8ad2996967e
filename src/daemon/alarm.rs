//! Sleeps until an instant of the wall clock, right over suspends and changes of the clock.
//!
//! A plain sleep counts the monotonic clock, which stands still while the machine is suspended and
//! knows nothing of a clock that is set. The kernel's timer on the wall clock fires at its
//! instant, late only by a suspend, and says when the clock was set, so that nobody has to look.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::unix::AsyncFd;

use super::descriptor::readable;

/// Why a sleeper woke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// The instant has come.
    Due,
    /// The clock was set, or the machine resumed from a suspend: look at it again, the instant may
    /// have come or be farther off than before.
    ClockSet,
}

/// A sleep that ends when its instant comes or the clock is set.
pub type Sleep = Pin<Box<dyn Future<Output = Woken> + Send>>;

/// Sleeps until an instant; passed in, so that a test's clock can wake the sleeper. One in the
/// past wakes at once. A sleep may be dropped at any time.
pub type Alarm = Arc<dyn Fn(DateTime<Utc>) -> Sleep + Send + Sync>;

/// How long a sleep lasts where the system has no timer left; after it the clock is looked at.
const WITHOUT_TIMER: Duration = Duration::from_mins(1);

/// The real one. It wakes nobody before the instant unless the clock is set. Its sleeps need a
/// tokio runtime with I/O and time.
#[must_use]
pub fn real() -> Alarm {
    Arc::new(|until| Box::pin(sleep(until)))
}

async fn sleep(until: DateTime<Utc>) -> Woken {
    let rung = match set(until) {
        Ok(timer) => rung(&timer).await,
        Err(refused) => Err(refused),
    };
    match rung {
        Ok(woken) => woken,
        Err(refused) => {
            tracing::debug!("no timer of the system ({refused}): the clock is looked at instead");
            tokio::time::sleep(WITHOUT_TIMER).await;
            Woken::ClockSet
        }
    }
}

/// Sets a timer of the kernel: `timerfd_create(2)`.
fn set(until: DateTime<Utc>) -> std::io::Result<AsyncFd<OwnedFd>> {
    let timer =
        timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
    let how = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
    let once = Timespec { tv_sec: 0, tv_nsec: 0 };
    timerfd_settime(&timer, how, &Itimerspec { it_interval: once, it_value: value(until) })?;
    readable(timer)
}

/// The instant as the kernel wants it. Nothing before 1970 is a time there, and zero would switch
/// the timer off.
fn value(until: DateTime<Utc>) -> Timespec {
    let seconds = until.timestamp();
    if seconds < 1 {
        return Timespec { tv_sec: 1, tv_nsec: 0 };
    }
    // A leap second counts on beyond the second's last nanosecond, which the kernel refuses.
    Timespec { tv_sec: seconds, tv_nsec: until.timestamp_subsec_nanos().min(999_999_999).into() }
}

async fn rung(timer: &AsyncFd<OwnedFd>) -> std::io::Result<Woken> {
    loop {
        let mut ready = timer.readable().await?;
        match rustix::io::read(timer, &mut [0_u8; 8]) {
            Ok(_) => return Ok(Woken::Due),
            Err(Errno::CANCELED) => return Ok(Woken::ClockSet),
            Err(Errno::AGAIN) => ready.clear_ready(),
            Err(Errno::INTR) => {}
            Err(refused) => return Err(refused.into()),
        }
    }
}
