//! What is due, as pure functions of what is kept, the settings and a given now.

use std::time::Duration;

use chrono::{DateTime, Datelike, Days, Months, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::books::Span;
use crate::domain::{Account, Again, Condition, Cursor, Day, Fault, Refresh, State, civil_day};

/// How many days behind today are read too: banks date rows ahead.
const AHEAD_DAYS: u64 = 5;

/// The most days that one request asks for: longer answers may be cut off in silence.
const WINDOW_DAYS: u64 = 90;

/// How far back a read goes at least behind the last good one, in days.
const CATCH_UP_DAYS: u64 = 90;

/// No data are older.
const FIRST_YEAR: i32 = 1970;

/// How far ahead of our clock the service's may be.
const MOST_AHEAD: TimeDelta = TimeDelta::days(2);

/// The days that a family without a configured start date begins before its first sync.
const DEFAULT_HISTORY_DAYS: u64 = 120;

/// How long a success holds until the account is due again.
const ROUND: TimeDelta = TimeDelta::hours(6);

/// The waits after one, two, three and four failures in a row; then the last one again.
const BACK_OFF_MINUTES: [i64; 4] = [1, 5, 15, 60];

/// How many refusals in a row are waited out as the service asks; from then on its wait counts only
/// where it is longer than ours.
const BELIEVED_WAITS: u32 = 2;

/// How much longer than that a wait may be, in thousandths: accounts that failed together, and
/// programs that failed together, do not come back together.
const MOST_JITTER: i64 = 100;

/// The start date of a family that configured none, fixed at its first sync.
#[must_use]
pub fn default_start(today: Day) -> Day {
    back(today, DEFAULT_HISTORY_DAYS)
}

/// The span that a read asks for: from the start date or the overlap behind the newest booked
/// day, whichever is later, up to and including the fifth day behind today.
#[must_use]
pub fn span(
    start: Day,
    newest: Option<Day>,
    cursor: &Cursor,
    overlap_days: u32,
    today: Day,
) -> Span {
    let end = today.checked_add_days(Days::new(AHEAD_DAYS + 1)).unwrap_or(Day::MAX);
    let never_read = cursor.read_from.is_none_or(|read_from| start < read_from);
    let from = match newest.max(cursor.read_at.map(caught_up)) {
        Some(day) if !never_read => start.max(back(day, u64::from(overlap_days))),
        _ => start,
    };
    Span { from: from.min(end), end }
}

/// The day that stands for the newest booked one, where that is older, after a good read.
#[must_use]
pub fn caught_up(read_at: DateTime<Utc>) -> Day {
    back(read_at.date_naive(), CATCH_UP_DAYS)
}

/// The span of an account whose rows are not read: no day of it was asked for.
#[must_use]
pub fn no_days(today: Day) -> Span {
    let end = today.checked_add_days(Days::new(AHEAD_DAYS + 1)).unwrap_or(Day::MAX);
    Span { from: end, end }
}

/// Cuts a span into adjoining windows, each short enough for one request.
#[must_use]
pub fn windows(span: Span) -> Vec<Span> {
    let mut windows = Vec::new();
    let mut from = span.from;
    while from < span.end {
        let end =
            from.checked_add_days(Days::new(WINDOW_DAYS)).map_or(span.end, |end| end.min(span.end));
        windows.push(Span { from, end });
        from = end;
    }
    windows
}

/// Whether a login's bank is asked for new data: the service's oldest copy and the last attempt
/// are both older than `refresh`. A copy whose age is not known counts as old.
#[must_use]
pub fn refresh_due(
    refresh: Duration,
    oldest_copy: Option<DateTime<Utc>>,
    tried: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> bool {
    let old = |at: Option<DateTime<Utc>>| at.is_none_or(|at| older(now, at) >= refresh);
    // An attempt in the future was made before the clock was set back: it says nothing.
    old(oldest_copy) && old(tried.filter(|at| *at <= now))
}

/// Whether the budget leaves room for refreshes: they stop at four fifths of it, reads go on.
#[must_use]
pub fn may_refresh(used: u64, budget: u64) -> bool {
    used.saturating_mul(5) < budget.saturating_mul(4)
}

/// Reads `LastUpdated`, which comes without a zone, as UTC. A year before 1970 is what services
/// write that know none.
#[must_use]
pub fn updated_at(text: &str) -> Option<DateTime<Utc>> {
    let zoned = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).ok();
    let read = zoned.or_else(|| {
        let text =
            if text.len() == 10 { format!("{text}T00:00:00") } else { text.replace(' ', "T") };
        Some(NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f").ok()?.and_utc())
    });
    read.filter(|at| at.year() >= FIRST_YEAR)
}

/// The same, where it can be true: what lies well ahead of the clock tells no age.
#[must_use]
pub fn known_update(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    updated_at(text).filter(|at| *at - now <= MOST_AHEAD)
}

/// The day of `LastUpdated`: its first ten characters.
#[must_use]
pub fn updated_on(text: &str) -> Option<Day> {
    civil_day(text).filter(|day| day.year() >= FIRST_YEAR)
}

/// How an attempt ended, as far as state and clock are concerned.
pub enum Attempt<'a> {
    /// Data was read, checked and kept; a note may say what did not go as hoped.
    Good(Option<&'a Fault>),
    /// Nothing was taken.
    Bad(&'a Fault),
}

/// The condition of an account after an attempt. What the program waits by itself is drawn out by
/// up to a tenth, as the seed says.
#[must_use]
pub fn condition(
    before: &Condition,
    attempt: &Attempt,
    now: DateTime<Utc>,
    seed: u64,
) -> Condition {
    let (fault, success) = match attempt {
        Attempt::Good(fault) => (*fault, Some(now)),
        Attempt::Bad(fault) => (Some(*fault), before.last_success),
    };
    let state = fault.map_or(State::Ok, |fault| fault.state);
    let failures = if state == State::Ok { 0 } else { before.failures.saturating_add(1) };
    Condition {
        state,
        message: fault.map(|fault| fault.message.clone()),
        help: fault.map(|fault| fault.help.clone()).filter(|help| !help.is_empty()),
        last_attempt: Some(now),
        last_success: success,
        next_attempt: next_attempt(state, before, fault, now, seed),
        wait_until: asked_to_wait(fault, now),
        failures,
    }
}

fn next_attempt(
    state: State,
    before: &Condition,
    fault: Option<&Fault>,
    now: DateTime<Utc>,
    seed: u64,
) -> Option<DateTime<Utc>> {
    match state {
        State::Closed | State::Paused | State::Rejected | State::Waiting => None,
        State::Ok | State::New | State::Stale => Some(now + ROUND),
        State::Suspect | State::Failed | State::Limited => {
            let failures = before.failures.saturating_add(1);
            let own = now + back_off(failures, seed);
            // A service that asks to wait for some seconds again and again is not taken at its word:
            // that would use up the month's requests in a day or two.
            let is_doubted = before.wait_until.is_some() && failures > BELIEVED_WAITS;
            Some(match (fault.map(|fault| fault.again), asked_to_wait(fault, now)) {
                (Some(Again::NextMonth), _) => next_month(now),
                (_, Some(wished)) if is_doubted => wished.max(own),
                (_, wished) => wished.unwrap_or(own),
            })
        }
    }
}

fn back_off(failures: u32, seed: u64) -> TimeDelta {
    let step = (failures.max(1) as usize - 1).min(BACK_OFF_MINUTES.len() - 1);
    let own = TimeDelta::minutes(BACK_OFF_MINUTES[step]);
    let mut jitter = fastrand::Rng::with_seed(seed.wrapping_add(u64::from(failures)));
    own + TimeDelta::seconds(own.num_seconds() * jitter.i64(0..=MOST_JITTER) / 1000)
}

fn asked_to_wait(fault: Option<&Fault>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let Again::After(wait) = fault?.again else { return None };
    now.checked_add_signed(TimeDelta::from_std(wait).ok()?)
}

/// When the next calendar month begins, in UTC as budgets are counted.
fn next_month(now: DateTime<Utc>) -> DateTime<Utc> {
    let first = now.date_naive().with_day(1).and_then(|day| day.checked_add_months(Months::new(1)));
    first.map_or(now, |day| day.and_time(NaiveTime::MIN).and_utc())
}

/// The state to show: data older than they may be are stale, though reads succeed.
#[must_use]
pub fn shown_state(
    kept: State,
    updated: Option<DateTime<Utc>>,
    max_age: Duration,
    now: DateTime<Utc>,
) -> State {
    let old = updated.is_some_and(|at| older(now, at) > max_age);
    if kept == State::Ok && old { State::Stale } else { kept }
}

/// How old an account's data may be: as stated, else twice the time between refreshes.
#[must_use]
pub fn max_age(account: &Account, general: Refresh) -> Duration {
    account.max_age.unwrap_or(match account.refresh.unwrap_or(general) {
        Refresh::Every(time) => time * 2,
        Refresh::Never => Duration::from_hours(48),
    })
}

/// How long to wait between two looks at a job: three times as long after its first minute.
#[must_use]
pub fn poll_wait(poll: Duration, since_start: Duration) -> Duration {
    if since_start < Duration::from_mins(1) { poll } else { poll * 3 }
}

fn older(now: DateTime<Utc>, at: DateTime<Utc>) -> Duration {
    (now - at).to_std().unwrap_or(Duration::ZERO)
}

fn back(day: Day, days: u64) -> Day {
    day.checked_sub_days(Days::new(days)).unwrap_or(Day::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Exit;

    fn day(text: &str) -> Day {
        civil_day(text).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        updated_at(text).unwrap()
    }

    fn cursor(read_from: &str, read_at: &str) -> Cursor {
        Cursor { read_from: civil_day(read_from), read_at: updated_at(read_at), last_updated: None }
    }

    #[test]
    fn a_first_read_begins_at_the_start_and_a_later_one_at_the_overlap() {
        let today = day("2026-11-25");
        let from = |start, newest: Option<&str>, cursor: &Cursor| {
            span(day(start), newest.map(day), cursor, 45, today).from.to_string()
        };
        assert_eq!(from("2026-01-01", None, &Cursor::default()), "2026-01-01");
        let read = cursor("2026-01-01", "2026-11-24T06:00:00");
        assert_eq!(from("2026-01-01", Some("2026-11-20"), &read), "2026-10-06");
        assert_eq!(
            from("2026-11-01", Some("2026-11-20"), &cursor("2026-11-01", "2026-11-24")),
            "2026-11-01"
        );
        assert_eq!(
            from("2026-01-01", Some("2026-03-01"), &read),
            "2026-07-12",
            "90 days behind the last read"
        );
        assert_eq!(from("2025-06-01", Some("2026-11-20"), &read), "2025-06-01", "days never read");
        assert_eq!(span(today, None, &Cursor::default(), 45, today).end.to_string(), "2026-12-01");
    }

    #[test]
    fn windows_adjoin_and_cover_the_span() {
        let span = Span { from: day("2023-11-25"), end: day("2026-12-01") };
        let windows = windows(span);
        assert_eq!(windows.first().unwrap().from, span.from);
        assert_eq!(windows.last().unwrap().end, span.end);
        assert!(windows.windows(2).all(|pair| pair[0].end == pair[1].from));
        assert!(windows.iter().all(|window| (window.end - window.from).num_days() <= 90));
    }

    #[test]
    fn a_refresh_is_due_when_copy_and_attempt_are_both_old() {
        let hours = Duration::from_hours;
        let now = at("2026-11-25T12:00:00");
        let due = |copy: Option<&str>, tried: Option<&str>| {
            refresh_due(hours(12), copy.map(at), tried.map(at), now)
        };
        assert!(due(None, None));
        assert!(due(Some("2026-11-24T23:00:00"), None));
        assert!(!due(Some("2026-11-25T01:00:00.54"), None));
        assert!(!due(Some("2026-11-20"), Some("2026-11-25T06:00:00")));
        assert!(!due(Some("2026-11-25T13:00:00"), None), "a clock that runs ahead");
    }

    #[test]
    fn old_data_are_stale_only_where_reads_succeed() {
        let now = at("2026-11-25T12:00:00");
        let day = Duration::from_hours(24);
        let shown = |kept, updated: Option<&str>| shown_state(kept, updated.map(at), day, now);
        assert_eq!(shown(State::Ok, Some("2026-11-24T11:00:00")), State::Stale);
        assert_eq!(shown(State::Ok, Some("2026-11-24T13:00:00")), State::Ok);
        assert_eq!(shown(State::Ok, None), State::Ok);
        assert_eq!(shown(State::Failed, Some("2026-11-20")), State::Failed);
    }

    #[test]
    fn a_date_that_cannot_be_true_tells_no_age() {
        let now = at("2026-11-25T12:00:00");
        for text in ["0001-01-01T00:00:00", "1969-12-31", "0001-01-01T00:00:00Z", "soon"] {
            assert_eq!((updated_at(text), updated_on(text)), (None, None), "{text}");
        }
        assert_eq!(updated_on("1970-01-01T00:00:00"), Some(day("1970-01-01")));
        assert_eq!(known_update("2026-11-27T12:00:00", now), updated_at("2026-11-27T12:00:00"));
        assert_eq!(known_update("2026-11-27T12:00:01", now), None);
        assert_eq!(known_update("9999-12-31T23:59:59", now), None);
    }

    #[test]
    fn refreshes_stop_at_four_fifths_of_the_budget() {
        assert!(may_refresh(0, 1) && may_refresh(7_999, 10_000));
        assert!(!may_refresh(8_000, 10_000) && !may_refresh(1, 1));
    }

    fn fault(state: State, again: Again) -> Fault {
        let (message, help) = ("m".to_owned(), "h".to_owned());
        Fault { state, exit: Exit::Trouble, message, help, again }
    }

    #[test]
    fn every_state_that_can_heal_by_itself_has_a_next_attempt() {
        let now = at("2026-11-25T12:00:00");
        let mut before = Condition::default();
        let mut waits = Vec::new();
        for _ in 0..6 {
            let failed = fault(State::Failed, Again::OwnPace);
            before = condition(&before, &Attempt::Bad(&failed), now, 0);
            waits.push((before.next_attempt.unwrap() - now).num_minutes());
        }
        for (wait, own) in waits.iter().zip([1, 5, 15, 60, 60, 60]) {
            assert!((own..=own + own / 10).contains(wait), "{waits:?}");
        }
        assert_eq!(before.last_success, None);
        let limited = fault(State::Limited, Again::After(Duration::from_mins(2)));
        let after = condition(&before, &Attempt::Bad(&limited), now, 0);
        assert_eq!((after.next_attempt.unwrap() - now).num_seconds(), 120);
        assert_eq!(after.wait_until, after.next_attempt);
        let waiting = fault(State::Waiting, Again::OwnPace);
        assert_eq!(condition(&before, &Attempt::Bad(&waiting), now, 0).next_attempt, None);
        let good = condition(&before, &Attempt::Good(None), now, 0);
        assert_eq!((good.state, good.failures, good.last_success), (State::Ok, 0, Some(now)));
    }

    #[test]
    fn a_service_that_asks_for_short_waits_again_and_again_is_asked_ever_less_often() {
        let now = at("2026-11-25T12:00:00");
        let waits = |asked: u64| {
            let limited = fault(State::Limited, Again::After(Duration::from_secs(asked)));
            let mut before = Condition::default();
            let mut next = || {
                before = condition(&before, &Attempt::Bad(&limited), now, 0);
                assert_eq!(before.wait_until, Some(now + TimeDelta::seconds(asked.cast_signed())));
                (before.next_attempt.unwrap() - now).num_seconds()
            };
            (0..5).map(|_| next()).collect::<Vec<_>>()
        };
        let short = waits(1);
        assert_eq!(short[..2], [1, 1]);
        for (wait, own) in short[2..].iter().zip([900, 3600, 3600]) {
            assert!((own..=own + own / 10).contains(wait), "{short:?}");
        }
        assert_eq!(waits(1800)[..3], [1800, 1800, 1800]);
    }

    #[test]
    fn waits_are_drawn_out_by_up_to_a_tenth_and_the_same_seed_gives_the_same() {
        let own = [60, 300, 900, 3600, 3600];
        for (failures, own) in (1..).zip(own) {
            let drawn = |seed| back_off(failures, seed).num_seconds();
            let waits: std::collections::BTreeSet<i64> = (0..500).map(drawn).collect();
            assert_eq!((0..500).map(drawn).collect::<std::collections::BTreeSet<_>>(), waits);
            assert!(waits.iter().all(|wait| (own..=own + own / 10).contains(wait)), "{waits:?}");
            assert!(waits.len() > 5, "they differ: {waits:?}");
        }
    }

    #[test]
    fn an_exhausted_budget_is_tried_again_when_the_next_month_begins() {
        let spent = fault(State::Limited, Again::NextMonth);
        for (now, first) in [
            ("2026-11-25T12:00:00", "2026-12-01"),
            ("2026-12-31T23:59:59", "2027-01-01"),
            ("2027-02-01T00:00:00", "2027-03-01"),
            ("2027-01-31T10:00:00", "2027-02-01"),
        ] {
            let after = condition(&Condition::default(), &Attempt::Bad(&spent), at(now), 7);
            assert_eq!(after.next_attempt, Some(at(first)), "{now}");
            assert_eq!(after.wait_until, None, "a larger budget counts at once");
        }
    }
}
