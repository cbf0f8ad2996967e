//! When each family is due, as a pure function of `[schedule]`, the stored plan and a given now.
//!
//! A family's plan is the instant at which its last whole round began. From that everything
//! follows, so that a restart neither asks earlier nor puts anything off, and a tick that was
//! missed is made up once.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, MappedLocalTime, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::Wanted;
use crate::domain::{KeptAccount, Name, Schedule, State, Ticks};

/// The longest wait between two attempts after failures, but for a budget that is used up.
const LONGEST_RETRY: TimeDelta = TimeDelta::minutes(70);

/// What decides when it is a family's turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The family.
    pub family: Name,
    /// When the last round began in which it had its part.
    pub last_round: Option<DateTime<Utc>>,
    /// When each account that is in trouble is tried again.
    pub retries: Vec<(Name, DateTime<Utc>)>,
}

impl Turn {
    /// The turn of a family, by what is kept of its open accounts.
    #[must_use]
    pub fn of(
        family: &Name,
        last_round: Option<DateTime<Utc>>,
        accounts: &[KeptAccount],
        now: DateTime<Utc>,
    ) -> Self {
        let retry = |kept: &KeptAccount| Some((kept.name.clone(), retry(kept, now)?));
        let retries = accounts.iter().filter_map(retry).collect();
        Self { family: family.clone(), last_round, retries }
    }
}

/// When an account in trouble is tried again. One whose last attempt lies in the future was tried
/// before the clock was set back: nothing that was counted from there holds.
fn retry(kept: &KeptAccount, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !matches!(kept.condition.state, State::Suspect | State::Failed | State::Limited) {
        return None;
    }
    let next = kept.condition.next_attempt?;
    let set_back = kept.condition.last_attempt.is_some_and(|last| last > now);
    Some(if set_back { next.min(now + LONGEST_RETRY) } else { next })
}

/// What is due, and when to look again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Families that are due now, and which of their accounts.
    pub due: Vec<(Name, Wanted)>,
    /// Families whose last round lies in the future, since the clock was set back: they count from
    /// now on, which is to be kept.
    pub set_back: Vec<Name>,
    /// When the next one is due; `None` where there is nothing to wait for.
    pub wake: Option<DateTime<Utc>>,
}

/// Plans: a family whose tick has come is due as a whole, else those of its accounts whose next
/// attempt has come.
#[must_use]
pub fn plan(schedule: &Schedule, turns: &[Turn], now: DateTime<Utc>) -> Plan {
    let mut plan = Plan::default();
    let mut wakes = Vec::new();
    for turn in turns {
        let family = &turn.family;
        let last = turn.last_round.map(|last| last.min(now));
        if last != turn.last_round {
            plan.set_back.push(family.clone());
        }
        let tick = last.map_or(now, |last| next_tick(schedule, last));
        if tick <= now {
            plan.due.push((family.clone(), Wanted::All));
            continue;
        }
        let (due, later): (Vec<_>, Vec<_>) =
            turn.retries.iter().partition(|(_, next)| *next <= now);
        if !due.is_empty() {
            let names: BTreeSet<Name> = due.into_iter().map(|(name, _)| name.clone()).collect();
            plan.due.push((family.clone(), Wanted::Only(names)));
        }
        wakes.push(tick);
        wakes.extend(later.into_iter().map(|(_, next)| *next));
    }
    plan.wake = wakes.into_iter().min();
    plan
}

/// When the round after one that began at `last` is due. Drawn out by the jitter, which is the
/// same for the same last round, so that a restart does not move it.
#[must_use]
pub fn next_tick(schedule: &Schedule, last: DateTime<Utc>) -> DateTime<Utc> {
    let tick = match &schedule.ticks {
        Ticks::Every(time) => {
            TimeDelta::from_std(*time).ok().and_then(|time| last.checked_add_signed(time))
        }
        Ticks::At(times) => next_local(times, schedule.zone, last),
    };
    let tick = tick.unwrap_or(DateTime::<Utc>::MAX_UTC);
    tick.checked_add_signed(jitter(schedule, last)).unwrap_or(tick)
}

fn jitter(schedule: &Schedule, last: DateTime<Utc>) -> TimeDelta {
    let most = u64::try_from(schedule.jitter.as_millis()).unwrap_or(u64::MAX);
    let drawn = fastrand::Rng::with_seed(last.timestamp_millis().cast_unsigned()).u64(0..=most);
    TimeDelta::milliseconds(i64::try_from(drawn).unwrap_or(i64::MAX))
}

/// The first of some local times of day after an instant.
fn next_local(times: &[NaiveTime], zone: Tz, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let today = after.with_timezone(&zone).date_naive();
    // A zone may leave out a whole day, and a time of today may be over.
    let days = (0..=3).filter_map(|days| today.checked_add_days(Days::new(days)));
    let instants =
        days.flat_map(|day| times.iter().filter_map(move |time| local(zone, day.and_time(*time))));
    instants.filter(|instant| *instant > after).min()
}

/// The instant of a local time: the first of two where clocks are set back, and the first that
/// there is again where they are set forward over it.
fn local(zone: Tz, time: NaiveDateTime) -> Option<DateTime<Utc>> {
    /// Clocks are set forward by whole quarters of an hour, and by less than this.
    const QUARTERS: i32 = 12;
    (0..=QUARTERS).find_map(|quarters| {
        match zone.from_local_datetime(&(time + TimeDelta::minutes(15) * quarters)) {
            MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => Some(at.to_utc()),
            MappedLocalTime::None => None,
        }
    })
}

/// Whether no refresh may start now.
#[must_use]
pub fn is_quiet(schedule: &Schedule, now: DateTime<Utc>) -> bool {
    let Some(quiet) = schedule.quiet else { return false };
    let time = now.with_timezone(&schedule.zone).time();
    if quiet.from <= quiet.until {
        (quiet.from..quiet.until).contains(&time)
    } else {
        time >= quiet.from || time < quiet.until
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::Quiet;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn clock(text: &str) -> NaiveTime {
        NaiveTime::parse_from_str(text, "%H:%M").unwrap()
    }

    fn times(times: &[&str], zone: &str) -> Schedule {
        Schedule {
            ticks: Ticks::At(times.iter().map(|time| clock(time)).collect()),
            jitter: Duration::ZERO,
            zone: zone.parse().unwrap(),
            ..Schedule::default()
        }
    }

    fn every(time: Duration, jitter: Duration) -> Schedule {
        Schedule { ticks: Ticks::Every(time), jitter, ..Schedule::default() }
    }

    fn turn(last: Option<&str>, retries: &[(&str, &str)]) -> Turn {
        let retries = retries.iter().map(|(name, next)| (Name::parse(name).unwrap(), at(next)));
        Turn {
            family: Name::parse("smith").unwrap(),
            last_round: last.map(at),
            retries: retries.collect(),
        }
    }

    #[test]
    fn local_times_survive_both_changes_of_the_clock() {
        let schedule = times(&["02:30", "18:30"], "America/Toronto");
        let next = |last| next_tick(&schedule, at(last)).to_rfc3339();
        assert_eq!(next("2026-03-07T23:31:00Z"), "2026-03-08T07:00:00+00:00", "02:30 is left out");
        assert_eq!(next("2026-03-08T07:00:00Z"), "2026-03-08T22:30:00+00:00");
        let schedule = times(&["01:30"], "America/Toronto");
        let next = |last| next_tick(&schedule, at(last)).to_rfc3339();
        assert_eq!(next("2026-10-31T23:00:00Z"), "2026-11-01T05:30:00+00:00", "the first 01:30");
        assert_eq!(next("2026-11-01T05:30:00Z"), "2026-11-02T06:30:00+00:00", "not the second");
        let samoa = times(&["12:00"], "Pacific/Apia");
        assert_eq!(
            next_tick(&samoa, at("2011-12-29T22:00:00Z")).to_rfc3339(),
            "2011-12-30T22:00:00+00:00",
            "the 30th did not exist there"
        );
    }

    #[test]
    fn jitter_stays_within_its_bound_and_where_it_was_drawn() {
        let hour = Duration::from_hours(1);
        let schedule = every(hour, Duration::from_mins(10));
        let mut drawn = BTreeSet::new();
        for minute in 0..500 {
            let last = at("2026-03-04T12:00:00Z") + TimeDelta::minutes(minute);
            let late = next_tick(&schedule, last) - last - TimeDelta::hours(1);
            assert!(late >= TimeDelta::zero() && late <= TimeDelta::minutes(10), "{late}");
            assert_eq!(next_tick(&schedule, last), next_tick(&schedule, last));
            drawn.insert(late.num_minutes());
        }
        assert!(drawn.len() >= 10, "spread over the whole of it: {drawn:?}");
    }

    #[test]
    fn what_is_due_follows_from_the_plan_alone() {
        let schedule = every(Duration::from_hours(6), Duration::ZERO);
        let plan = |turn: Turn, now| plan(&schedule, &[turn], at(now));
        let never = plan(turn(None, &[]), "2026-03-04T12:00:00Z");
        assert_eq!(never.due, [(Name::parse("smith").unwrap(), Wanted::All)]);
        let resting = plan(turn(Some("2026-03-04T12:00:00Z"), &[]), "2026-03-04T17:59:59Z");
        assert_eq!((resting.due, resting.wake), (vec![], Some(at("2026-03-04T18:00:00Z"))));
        let missed = plan(turn(Some("2026-02-01T12:00:00Z"), &[]), "2026-03-04T17:59:59Z");
        assert_eq!(missed.due.len(), 1, "however many ticks were missed");
        let retry = [("card", "2026-03-04T12:01:00Z"), ("loan", "2026-03-04T12:30:00Z")];
        let tried = plan(turn(Some("2026-03-04T12:00:00Z"), &retry), "2026-03-04T12:05:00Z");
        let card = BTreeSet::from([Name::parse("card").unwrap()]);
        assert_eq!(tried.due, [(Name::parse("smith").unwrap(), Wanted::Only(card))]);
        assert_eq!(tried.wake, Some(at("2026-03-04T12:30:00Z")));
    }

    #[test]
    fn a_clock_that_was_set_back_puts_nothing_off() {
        let schedule = every(Duration::from_hours(6), Duration::ZERO);
        let now = at("2026-03-01T12:00:00Z");
        let ahead = turn(Some("2026-03-04T12:00:00Z"), &[]);
        let planned = plan(&schedule, &[ahead], now);
        assert_eq!((planned.due.len(), planned.set_back.len()), (0, 1));
        assert_eq!(planned.wake, Some(at("2026-03-01T18:00:00Z")));
    }

    #[test]
    fn quiet_hours_may_go_over_midnight() {
        let mut schedule = times(&["06:30"], "America/Toronto");
        schedule.quiet = Some(Quiet { from: clock("22:00"), until: clock("07:00") });
        for (now, quiet) in [
            ("2026-07-01T02:00:00Z", true),
            ("2026-07-01T01:59:59Z", false),
            ("2026-07-01T10:59:59Z", true),
            ("2026-07-01T11:00:00Z", false),
            ("2026-12-01T11:59:59Z", true),
        ] {
            assert_eq!(is_quiet(&schedule, at(now)), quiet, "{now}");
        }
    }

    #[test]
    fn the_longest_gap_is_what_a_tick_may_take() {
        assert_eq!(times(&["06:30", "18:30"], "UTC").longest_gap(), Duration::from_hours(12));
        assert_eq!(times(&["06:30", "07:30"], "UTC").longest_gap(), Duration::from_hours(23));
        assert_eq!(times(&["06:30"], "UTC").longest_gap(), Duration::from_hours(24));
    }
}
