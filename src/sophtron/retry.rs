//! When a plain read is tried again, and after which wait. What starts something never is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use super::Error;

/// How often a plain read is tried at most.
pub(super) const MOST_TRIES: u32 = 3;

/// The longest Retry-After that is believed; a longer one counts as none.
const LONGEST_SANE_RETRY_AFTER: Duration = Duration::from_hours(1);

/// The waits for the service: between tries, for an answer, and for a refresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// The waits before the second and the third try, before jitter of a quarter up or down.
    pub between_tries: [Duration; 2],
    /// The longest Retry-After that is waited for.
    pub longest_retry_after: Duration,
    /// The limit until a connection stands.
    pub connect: Duration,
    /// The limit between two bytes.
    pub silence: Duration,
    /// The limit from the request to the last byte.
    pub whole: Duration,
    /// How long a refresh is looked at before it is left for the next sync.
    pub refresh: Duration,
    /// How long a job may show what was answered before that counts as asked again.
    pub linger: Duration,
    /// How long a new login, or the end of one, may not be seen everywhere.
    pub settle: Duration,
    /// What the jitter is drawn from.
    pub seed: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            between_tries: [Duration::from_millis(500), Duration::from_secs(2)],
            longest_retry_after: Duration::from_secs(5),
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(20),
            whole: Duration::from_mins(1),
            refresh: Duration::from_mins(10),
            linger: Duration::from_secs(30),
            settle: Duration::from_mins(3),
            seed: 0,
        }
    }
}

impl Pace {
    /// A pace for a service on the same machine: the same rules, but nobody waits long. A
    /// Retry-After is waited for as ever.
    #[must_use]
    pub fn quick() -> Self {
        Self {
            between_tries: [Duration::from_millis(5), Duration::from_millis(20)],
            connect: Duration::from_secs(2),
            silence: Duration::from_secs(2),
            whole: Duration::from_secs(5),
            linger: Duration::from_millis(500),
            settle: Duration::from_millis(300),
            ..Self::default()
        }
    }

    /// The same pace with another jitter, so that several programs do not ask in step.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self { seed, ..self }
    }
}

/// The tries that one login's reads have in one sync: once a read has used all of its own, the
/// others are not tried again. Families and logins side by side have their own.
#[derive(Debug, Default)]
pub struct Patience {
    spent: AtomicBool,
}

impl Patience {
    /// Patience that nothing has tried yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a read has used up its tries.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.spent.load(Ordering::Relaxed)
    }

    pub(super) fn spend(&self) {
        self.spent.store(true, Ordering::Relaxed);
    }
}

/// What to do after a failed try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Try again after this wait.
    After(Duration),
    /// All tries are used: the login's patience is spent.
    Spent,
    /// Another try would not help, or may not be made.
    Stop,
}

/// Decides about the next try after `tried` tries, the last of which ended in `error`.
///
/// `percent` is the jitter: 100 is none.
pub(super) fn next(error: &Error, tried: u32, spent: bool, pace: &Pace, percent: u32) -> Next {
    let asked_for = error.retry_after().unwrap_or_default();
    if !error.is_transient() || asked_for > pace.longest_retry_after {
        return Next::Stop;
    }
    if tried >= MOST_TRIES {
        return Next::Spent;
    }
    if spent {
        return Next::Stop;
    }
    let wait = pace.between_tries[usize::from(tried > 1)];
    Next::After((wait * percent / 100).max(asked_for))
}

/// Reads a `Retry-After` header: seconds, or an HTTP date.
///
/// A date is held against the answer's own `Date` header, so that both ends of the wait are read
/// off the same clock: this machine's may be wrong, and need not be asked. A date without that
/// header, one that is past, and a wait of over an hour count as none.
pub(super) fn retry_after(header: &str, answered_at: Option<&str>) -> Option<Duration> {
    let wait = match header.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => until(http_date(header)?, http_date(answered_at?)?)?,
    };
    (wait <= LONGEST_SANE_RETRY_AFTER).then_some(wait)
}

/// The time from one instant to a later one.
fn until(later: SystemTime, now: SystemTime) -> Option<Duration> {
    later.duration_since(now).ok().filter(|wait| !wait.is_zero())
}

fn http_date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ASKED: &str = "the list of accounts";

    fn failed(status: u16, seconds: Option<u64>) -> Error {
        let retry_after = seconds.map(Duration::from_secs);
        super::super::error::judge(ASKED, status, retry_after).expect_err("no 2xx")
    }

    fn wait(milliseconds: u64) -> Next {
        Next::After(Duration::from_millis(milliseconds))
    }

    #[test]
    fn three_tries_half_a_second_and_two_apart() {
        let pace = Pace::default();
        for (tried, after) in [(1, wait(500)), (2, wait(2000)), (3, Next::Spent)] {
            assert_eq!(next(&failed(500, None), tried, false, &pace, 100), after);
            assert_eq!(next(&failed(429, None), tried, false, &pace, 100), after);
        }
        assert_eq!(next(&failed(500, None), 1, false, &pace, 75), wait(375));
    }

    #[test]
    fn a_retry_after_is_waited_for_up_to_five_seconds() {
        let pace = Pace::default();
        for (seconds, after) in [(0, wait(500)), (3, wait(3000)), (5, wait(5000)), (6, Next::Stop)]
        {
            assert_eq!(next(&failed(429, Some(seconds)), 1, false, &pace, 100), after);
            assert_eq!(next(&failed(503, Some(seconds)), 1, false, &pace, 100), after);
        }
    }

    #[test]
    fn what_will_not_pass_and_spent_patience_end_it() {
        let pace = Pace::default();
        assert_eq!(next(&failed(401, None), 1, false, &pace, 100), Next::Stop);
        assert_eq!(next(&failed(404, None), 1, false, &pace, 100), Next::Stop);
        assert_eq!(next(&failed(500, None), 1, true, &pace, 100), Next::Stop);
    }

    #[test]
    fn retry_after_comes_as_seconds_or_as_a_date() {
        let now = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        let seconds = |n| Some(Duration::from_secs(n));
        for (header, answered_at, wait) in [
            ("0", now, seconds(0)),
            (" 120 ", None, seconds(120)),
            ("3600", None, seconds(3600)),
            ("3601", None, None),
            ("-1", None, None),
            ("1.5", None, None),
            ("99999999999999999999", None, None),
            ("soon", now, None),
            ("", now, None),
            ("Sun, 06 Nov 1994 08:49:40 GMT", now, seconds(3)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", now, None),
            ("Sun, 06 Nov 1994 08:49:36 GMT", now, None),
            ("Sun, 06 Nov 1994 09:49:38 GMT", now, None),
            ("Sun, 06 Nov 1994 08:49:40 GMT", None, None),
            ("Sun, 06 Nov 1994 08:49:40 GMT", Some("yesterday"), None),
        ] {
            assert_eq!(retry_after(header, answered_at), wait, "{header} at {answered_at:?}");
        }
    }

    proptest! {
        #[test]
        fn a_read_ends_after_three_tries_whatever_comes(status in 100u16..600, seconds in proptest::option::of(0u64..4000), percent in 75u32..=125) {
            let pace = Pace::default();
            let Err(error) = super::super::error::judge(ASKED, status, seconds.map(Duration::from_secs)) else {
                return Ok(());
            };
            for tried in 1..=4 {
                if let Next::After(wait) = next(&error, tried, false, &pace, percent) {
                    prop_assert!(tried < MOST_TRIES);
                    prop_assert!(wait <= pace.longest_retry_after);
                    prop_assert!(wait >= error.retry_after().unwrap_or_default());
                }
            }
        }

        #[test]
        fn no_header_panics(header in ".{0,40}", date in proptest::option::of(".{0,40}")) {
            let wait = retry_after(&header, date.as_deref());
            prop_assert!(wait.is_none_or(|wait| wait <= LONGEST_SANE_RETRY_AFTER));
        }
    }
}
