//! `[schedule]` as it is meant.

use std::time::Duration;

use chrono::NaiveTime;
use chrono_tz::Tz;

use super::findings::{At, Findings, Wrong, quoted};
use super::raw::RawSchedule;
use super::{Env, values};
use crate::domain::{Quiet, Schedule, Ticks};

/// Rounds come no closer than this, but for a service on the same machine.
const SHORTEST: Duration = Duration::from_mins(15);

/// The jitter where none is configured and rounds do not come closer than [`SHORTEST`].
const JITTER: Duration = Duration::from_mins(10);

/// `[schedule]`, with its defaults. `loopback` tells that every service is on this machine.
pub(super) fn schedule(
    raw: &RawSchedule,
    loopback: bool,
    env: &Env,
    findings: &mut Findings,
) -> Schedule {
    let default = Schedule::default();
    let every = findings.read(raw.every.as_ref(), |text| every(text, loopback));
    let at = findings.read(raw.at.as_ref(), |texts| times(texts));
    if let (Some(_), Some(At { spot, .. })) = (&raw.every, &raw.at) {
        let problem = "`every` and `at` are both given";
        findings.add(spot, Wrong::new(problem, "keep one of the two"));
    }
    let ticks = at.map(Ticks::At).or(every.map(Ticks::Every)).unwrap_or(default.ticks);
    let zone = findings.read(raw.timezone.as_ref(), |text| zone(text));
    let schedule = Schedule {
        ticks,
        jitter: Duration::ZERO,
        quiet: findings.read(raw.quiet.as_ref(), |text| quiet(text)),
        zone: zone.unwrap_or_else(|| system_zone(env)),
    };
    let shortest = schedule.shortest_gap();
    let jitter = findings.read(raw.jitter.as_ref(), |text| jitter(text, shortest));
    let own = if shortest < SHORTEST { Duration::ZERO } else { JITTER.min(shortest / 2) };
    Schedule { jitter: jitter.unwrap_or(own), ..schedule }
}

fn every(text: &str, loopback: bool) -> Result<Duration, Wrong> {
    let time = values::duration(text)?;
    if time >= SHORTEST || loopback {
        return Ok(time);
    }
    let problem = format!("{} is too often", quoted(text));
    Err(Wrong::new(problem, "write at least \"15m\": banks give new data a few times a day"))
}

/// A time, or none at all: at most half of what lies between two rounds.
fn jitter(text: &str, shortest: Duration) -> Result<Duration, Wrong> {
    if matches!(text.trim(), "0" | "0s" | "0m") {
        return Ok(Duration::ZERO);
    }
    let time = values::duration(text)?;
    if time <= shortest / 2 {
        return Ok(time);
    }
    let problem = format!("{} is more than half of the time between two rounds", quoted(text));
    let most = humantime::format_duration(shortest / 2);
    Err(Wrong::new(problem, format!("write at most \"{most}\", or \"0s\"")))
}

/// Times of day, each once.
fn times(texts: &[String]) -> Result<Vec<NaiveTime>, Wrong> {
    let mut times = texts.iter().map(|text| time(text)).collect::<Result<Vec<_>, _>>()?;
    times.sort_unstable();
    if times.is_empty() {
        let cure = "write at = [\"06:30\", \"18:30\"], or leave it out";
        return Err(Wrong::new("there is no time in it", cure));
    }
    if let Some(pair) = times.windows(2).find(|pair| pair[0] == pair[1]) {
        let problem = format!("{} stands twice", pair[0].format("%H:%M"));
        return Err(Wrong::new(problem, "write each time once"));
    }
    Ok(times)
}

fn time(text: &str) -> Result<NaiveTime, Wrong> {
    let typed = NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|_| text.len() == 5);
    typed.ok_or_else(|| {
        let problem = format!("{} is no time of day", quoted(text));
        Wrong::new(problem, "write hours and minutes, such as \"06:30\"")
    })
}

fn quiet(text: &str) -> Result<Quiet, Wrong> {
    let cure = "write from and until, such as \"22:00-07:00\"";
    let (from, until) = text
        .split_once('-')
        .ok_or_else(|| Wrong::new(format!("{} is no span of hours", quoted(text)), cure))?;
    let (from, until) = (time(from.trim())?, time(until.trim())?);
    if from == until {
        return Err(Wrong::new(format!("{} begins when it ends", quoted(text)), cure));
    }
    Ok(Quiet { from, until })
}

fn zone(text: &str) -> Result<Tz, Wrong> {
    text.parse().map_err(|_| {
        let problem = format!("there is no time zone {}", quoted(text));
        Wrong::new(problem, "write its name in the IANA database, such as \"America/Toronto\"")
    })
}

/// The zone of this machine: that of `TZ`, else the system's; UTC where neither has a name.
fn system_zone(env: &Env) -> Tz {
    let named =
        env.get("TZ").and_then(|name| name.to_str()).map(|name| name.trim_start_matches(':'));
    let system = || iana_time_zone::get_timezone().ok()?.parse().ok();
    named.and_then(|name| name.parse().ok()).or_else(system).unwrap_or(Tz::UTC)
}
