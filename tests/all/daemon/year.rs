//! A long time of suspends, clocks that are set, and clocks that change by law: never two syncs for
//! one tick, never none, no bank woken in quiet hours, and never more requests than allowed.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use fastrand::Rng;
use sophtron_sync::domain::{Name, Schedule, Ticks};
use sophtron_sync::sync::Wanted;
use sophtron_sync::sync::schedule::{Turn, plan};

use super::live::Daemon;
use super::{families, rounds, world_on};
use crate::bank::{self, Endpoint, Shown};
use crate::config::times;
use crate::home::Home;

const TORONTO: Tz = chrono_tz::America::Toronto;

fn clock(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).expect("a time")
}

/// The instant of a local time, or the first after it that there is.
fn instant(day: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let mut local = day.and_time(time);
    loop {
        if let Some(at) = zone.from_local_datetime(&local).earliest() {
            return at.to_utc();
        }
        local += TimeDelta::minutes(1);
    }
}

/// The first tick after a round, without its jitter.
fn first_tick(schedule: &Schedule, last: DateTime<Utc>) -> DateTime<Utc> {
    match &schedule.ticks {
        Ticks::Every(time) => last + *time,
        Ticks::At(times) => {
            let today = last.with_timezone(&schedule.zone).date_naive() - Days::new(1);
            let days = (0..5).map(|nth| today + Days::new(nth));
            let ticks = days.flat_map(|day| times.iter().map(move |time| (day, *time)));
            let ticks = ticks.map(|(day, time)| instant(day, time, schedule.zone));
            ticks.filter(|tick| *tick > last).min().expect("one")
        }
    }
}

/// Judges one family's standing at an instant, with the round that began there, if one did.
fn judge(schedule: &Schedule, last: DateTime<Utc>, now: DateTime<Utc>, began: bool) {
    let tick = first_tick(schedule, last);
    if began {
        assert!(tick <= now, "a second sync at {now} after {last}, the next tick is {tick}");
    } else {
        let latest = tick + schedule.jitter;
        assert!(now < latest, "none at {now} after {last}, though {tick} was a tick");
    }
}

/// The next instant on the clock: mostly the one that is waited for, else something earlier, the
/// end of a suspend, or a clock that was set.
fn next_now(now: DateTime<Utc>, wake: DateTime<Utc>, rng: &mut Rng) -> DateTime<Utc> {
    match rng.u8(0..100) {
        0..80 => wake,
        80..86 => now + (wake - now) / rng.i32(2..9),
        86..94 => wake + TimeDelta::minutes(rng.i64(1..60 * 60)),
        94..97 => now + TimeDelta::minutes(rng.i64(1..5 * 24 * 60)),
        _ => now - TimeDelta::minutes(rng.i64(1..3 * 24 * 60)),
    }
}

/// Plays the plan alone, and gives how many rounds there were.
fn play(schedule: &Schedule, days: i64, rng: &mut Rng) -> u32 {
    let start = instant(bank::day("2026-02-01"), clock(12, 0), TORONTO);
    let (mut now, mut last, mut rounds) = (start, start, 0);
    let family = Name::parse("smith").expect("a name");
    while now < start + TimeDelta::days(days) {
        let turn = Turn { family: family.clone(), last_round: Some(last), retries: Vec::new() };
        let planned = plan(schedule, &[turn], now);
        assert_eq!(planned.set_back.len(), usize::from(last > now));
        last = last.min(now);
        let began = !planned.due.is_empty();
        judge(schedule, last, now, began);
        if began {
            assert_eq!(planned.due, [(family.clone(), Wanted::All)]);
            (last, rounds) = (now, rounds + 1);
            continue;
        }
        let wake = planned.wake.expect("it waits for something");
        assert!(wake > now && wake <= first_tick(schedule, last) + schedule.jitter);
        now = next_now(now, wake, rng);
    }
    rounds
}

#[test]
fn the_plan_serves_every_tick_once_over_four_hundred_days() {
    let schedule = |ticks, minutes| Schedule {
        ticks,
        jitter: Duration::from_mins(minutes),
        quiet: None,
        zone: TORONTO,
    };
    let at = |times: &[(u32, u32)]| {
        Ticks::At(times.iter().map(|(hour, minute)| clock(*hour, *minute)).collect())
    };
    for seed in 0..times(4, 200).into() {
        let mut rng = Rng::with_seed(seed);
        for schedule in [
            schedule(Ticks::Every(Duration::from_hours(6)), 10),
            schedule(Ticks::Every(Duration::from_mins(15)), 7),
            schedule(Ticks::Every(Duration::from_hours(24 * 7)), 60),
            schedule(at(&[(6, 30), (18, 30)]), 10),
            // These do not exist on one day of the year, and come twice on another.
            schedule(at(&[(1, 30), (2, 0), (2, 30), (3, 0)]), 10),
            schedule(at(&[(0, 0)]), 0),
        ] {
            assert!(play(&schedule, 400, &mut rng) > 30, "seed {seed}: {schedule:?}");
        }
    }
}

/// What one family's daemon is watched for.
struct Watched {
    home: Home,
    daemon: Daemon,
    schedule: Schedule,
    last: BTreeMap<String, DateTime<Utc>>,
    /// Requests of each family in each month of the clock.
    used: BTreeMap<(String, String), u64>,
    heard: std::sync::mpsc::Receiver<bank::Call>,
    refreshes: u32,
}

/// The budget of a month, which a family would use up.
const BUDGET: u64 = 250;

/// The day on which daylight saving ends or begins, less some.
fn watched(ticks: &str, schedule: Schedule, start: &str) -> Watched {
    let home = Home::in_memory(world_on(bank::day(start)));
    let settings = format!(
        "refresh = \"12h\"\nmonthly_requests = {BUDGET}\n[schedule]\n{ticks}\njitter = \"10m\"\n\
         quiet = \"22:00-07:00\"\ntimezone = \"America/Toronto\"\n"
    );
    home.configure_with(&settings, &families(&home, &["smith", "jones"]));
    let heard = home.bank.watch();
    let mut daemon = Daemon::watched(&home);
    daemon.until_it_rests();
    let last = last_rounds(&home);
    let mut watched =
        Watched { home, daemon, schedule, last, used: BTreeMap::new(), heard, refreshes: 0 };
    watched.look_at_calls(2);
    watched
}

fn last_rounds(home: &Home) -> BTreeMap<String, DateTime<Utc>> {
    let parse = |at: String| at.parse().expect("an instant");
    rounds(home).into_iter().map(|(family, at)| (family, parse(at))).collect()
}

impl Watched {
    /// Looks at the requests since the last look, all of which came at the present of the clock.
    fn look_at_calls(&mut self, rounds: usize) {
        let now = self.daemon.now();
        let local = now.with_timezone(&TORONTO).time();
        let is_quiet = local.hour() >= 22 || local.hour() < 7;
        let mut starts = 0;
        for call in self.heard.try_iter() {
            let family = call.user.expect("signed");
            let used = self.used.entry((family, now.format("%Y-%m").to_string())).or_default();
            if call.endpoint == Some(Endpoint::RefreshLogin) {
                assert!(!is_quiet, "a bank was woken at {local}");
                assert!(*used < BUDGET * 8 / 10, "a refresh with {used} used");
                starts += 1;
            }
            *used += 1;
            assert!(*used <= BUDGET, "{now}: {used} requests");
        }
        assert!(starts <= rounds, "{starts} refreshes in {rounds} rounds");
        self.refreshes += u32::try_from(starts).expect("few");
        self.home.bank.forget_calls();
    }

    /// Lets the clock come to an instant, and judges what the daemon did there.
    fn come_to(&mut self, now: DateTime<Utc>) {
        let day = now.date_naive();
        self.home.bank.edit(|world| {
            if day > world.today {
                world.today = day;
                for account in world.accounts_mut() {
                    account.add_row_on(day, "-1.00", "DAILY BREAD").shown(Shown::From(day));
                }
            }
        });
        self.daemon.set(now);
        self.daemon.until_it_rests();
        let after = last_rounds(&self.home);
        let mut count = 0;
        for (family, last) in &mut self.last {
            *last = (*last).min(now);
            let began = after[family] != *last;
            judge(&self.schedule, *last, now, began);
            if began {
                assert_eq!(after[family], now, "{family}");
                (*last, count) = (now, count + 1);
            }
        }
        self.look_at_calls(count);
    }

    fn play(mut self, days: i64, seed: u64) {
        let (start, mut rng) = (self.daemon.now(), Rng::with_seed(seed));
        let mut steps = 0;
        while self.daemon.now() < start + TimeDelta::days(days) {
            let wake = self.daemon.until_it_rests();
            self.come_to(next_now(self.daemon.now(), wake, &mut rng));
            steps += 1;
        }
        println!("{days} days in {steps} steps, {} refreshes", self.refreshes);
        assert!(self.refreshes > 0);
        assert_eq!(self.home.bank.violations(), [""; 0]);
        let (end, _) = self.daemon.stop();
        assert_eq!(end.expect("a good end").code(), 0);
    }
}

#[test]
fn a_daemon_serves_every_tick_once_and_wakes_no_bank_in_quiet_hours() {
    let days = times(7, 400).into();
    for (nth, start) in ["2026-03-05", "2026-10-29"].into_iter().enumerate() {
        let nth = u64::try_from(nth).expect("small");
        let every = Schedule {
            ticks: Ticks::Every(Duration::from_hours(6)),
            jitter: Duration::from_mins(10),
            quiet: None,
            zone: TORONTO,
        };
        let local = Schedule {
            ticks: Ticks::At(vec![clock(2, 30), clock(12, 0), clock(21, 55)]),
            ..every.clone()
        };
        watched("every = \"6h\"", every, start).play(days, nth);
        watched("at = [\"02:30\", \"12:00\", \"21:55\"]", local, start).play(days, nth);
    }
}
