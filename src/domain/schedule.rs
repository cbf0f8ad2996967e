//! `[schedule]`: when rounds begin, and when no bank may be woken. Pure data; `sync::schedule` reads
//! it against a given now.

use std::time::Duration;

use chrono::NaiveTime;
use chrono_tz::Tz;

/// `[schedule]`, validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// When rounds are due.
    pub ticks: Ticks,
    /// By how much a round may begin later than that, so that not everybody asks at once.
    pub jitter: Duration,
    /// When no refresh starts.
    pub quiet: Option<Quiet>,
    /// The zone of `at` and `quiet`. No date in a file depends on it.
    pub zone: Tz,
}

/// When rounds are due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ticks {
    /// So long after the last round.
    Every(Duration),
    /// At these local times of each day: in order, each once, at least one.
    At(Vec<NaiveTime>),
}

/// Local hours in which no refresh starts, which may go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// The first instant of them.
    pub from: NaiveTime,
    /// The first instant after them.
    pub until: NaiveTime,
}

impl Schedule {
    /// The longest time between two rounds, jitter aside.
    #[must_use]
    pub fn longest_gap(&self) -> Duration {
        self.gaps().into_iter().max().unwrap_or_default()
    }

    /// The shortest time between two rounds, jitter aside.
    #[must_use]
    pub fn shortest_gap(&self) -> Duration {
        self.gaps().into_iter().min().unwrap_or_default()
    }

    fn gaps(&self) -> Vec<Duration> {
        const DAY: i64 = 24 * 60 * 60;
        let times = match &self.ticks {
            Ticks::Every(time) => return vec![*time],
            Ticks::At(times) => times,
        };
        let next = times.iter().cycle().skip(1);
        let gap = |(from, until): (&NaiveTime, &NaiveTime)| {
            let seconds = (*until - *from).num_seconds().rem_euclid(DAY);
            Duration::from_secs(if seconds == 0 { DAY } else { seconds }.unsigned_abs())
        };
        times.iter().zip(next).map(gap).collect()
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            ticks: Ticks::Every(Duration::from_hours(6)),
            jitter: Duration::from_mins(10),
            quiet: None,
            zone: Tz::UTC,
        }
    }
}
