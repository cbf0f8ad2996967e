//! The time limits of one request and its answer.

use std::time::Duration;

use tokio::time::Instant;

use super::{Error, Pace};

/// Which time limit passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Phase {
    /// Until the connection stands.
    #[error("took no connection")]
    Connect,
    /// Between two bytes.
    #[error("sent not a byte")]
    Silence,
    /// From the request to the last byte.
    #[error("did not finish")]
    Whole,
}

/// Runs from the request to the last byte of its answer, and stands still while the answer waits
/// for a place at the gate.
pub(super) struct Clock {
    began: Instant,
    pace: Pace,
    host: String,
}

impl Clock {
    /// Starts for a request to a host, which is named where a limit passes.
    pub(super) fn start(pace: &Pace, host: &str) -> Self {
        Self { began: Instant::now(), pace: pace.clone(), host: host.to_owned() }
    }

    /// The host and port that are asked.
    pub(super) fn host(&self) -> String {
        self.host.clone()
    }

    /// How long the next byte may take, and which limit that is.
    pub(super) fn limit(&self) -> (Duration, Phase) {
        let left = self.pace.whole.saturating_sub(self.elapsed());
        if left < self.pace.silence {
            (left, Phase::Whole)
        } else {
            (self.pace.silence, Phase::Silence)
        }
    }

    /// The time so far.
    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Leaves out a stretch of time that was not the service's.
    pub(super) fn leave_out(&mut self, stretch: Duration) {
        self.began += stretch;
    }

    /// The error for a limit that passed.
    pub(super) fn timed_out(&self, asked: &'static str, phase: Phase) -> Error {
        let limit = match phase {
            Phase::Connect => self.pace.connect,
            Phase::Silence => self.pace.silence,
            Phase::Whole => self.pace.whole,
        };
        Error::TimedOut { asked, host: self.host(), phase, limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_nearer_limit_counts_and_a_pause_does_not() {
        let second = Duration::from_secs(1);
        let mut clock = Clock::start(&Pace::default(), "h");
        assert_eq!(clock.limit(), (20 * second, Phase::Silence));
        tokio::time::advance(50 * second).await;
        assert_eq!(clock.limit(), (10 * second, Phase::Whole));
        tokio::time::advance(100 * second).await;
        clock.leave_out(100 * second);
        assert_eq!(clock.limit(), (10 * second, Phase::Whole));
        tokio::time::advance(11 * second).await;
        assert_eq!(clock.limit(), (Duration::ZERO, Phase::Whole));
    }
}
