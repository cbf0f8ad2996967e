//! The lines of the result, and whether a limit was missed.

use std::fmt;
use std::time::Duration;

/// One line.
pub(crate) struct Line {
    what: &'static str,
    measured: String,
    beside: String,
    ratio: String,
    target: String,
    verdict: Verdict,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Told,
    Ok,
    AimMissed,
    Missed,
}

impl Line {
    /// A figure that has no target.
    pub(crate) fn told(what: &'static str, measured: Duration) -> Self {
        Self::of(what, shown(measured), String::new(), Verdict::Told)
    }

    /// A time with a limit.
    pub(crate) fn below(what: &'static str, measured: Duration, limit: Duration) -> Self {
        let verdict = if measured < limit { Verdict::Ok } else { Verdict::Missed };
        Self::of(what, shown(measured), format!("< {}", shown(limit)), verdict)
    }

    /// Memory with a limit, in MB of 1,000,000 bytes.
    pub(crate) fn memory(what: &'static str, peak_kib: u64, limit_mb: u64) -> Self {
        let tenths = peak_kib * 1024 / 100_000;
        let verdict = if tenths < limit_mb * 10 { Verdict::Ok } else { Verdict::Missed };
        let measured = format!("{}.{} MB", tenths / 10, tenths % 10);
        Self::of(what, measured, format!("< {limit_mb} MB"), verdict)
    }

    /// A time that may be so many times another one.
    pub(crate) fn at_most(
        what: &'static str,
        ours: Duration,
        beside: (&str, Duration),
        limit: u128,
        aim: u128,
    ) -> Self {
        let tenths = tenths(ours, beside.1);
        let verdict = match tenths {
            _ if tenths <= aim * 10 => Verdict::Ok,
            _ if tenths <= limit * 10 => Verdict::AimMissed,
            _ => Verdict::Missed,
        };
        let line = Self::of(what, shown(ours), format!("<= {limit}x (aim {aim}x)"), verdict);
        line.beside(beside, tenths)
    }

    /// A time that must be so many times shorter than another one.
    pub(crate) fn faster_than(
        what: &'static str,
        ours: Duration,
        beside: (&str, Duration),
        times: u128,
    ) -> Self {
        let tenths = tenths(beside.1, ours);
        let verdict = if tenths >= times * 10 { Verdict::Ok } else { Verdict::Missed };
        Self::of(what, shown(ours), format!(">= {times}x"), verdict).beside(beside, tenths)
    }

    /// A line that could not be measured, which counts as missed.
    pub(crate) fn failed(what: &'static str, why: String) -> Self {
        Self::of(what, why, String::new(), Verdict::Missed)
    }

    fn of(what: &'static str, measured: String, target: String, verdict: Verdict) -> Self {
        Self { what, measured, beside: String::new(), ratio: String::new(), target, verdict }
    }

    fn beside(self, (name, time): (&str, Duration), tenths: u128) -> Self {
        let ratio = format!("{}.{}x", tenths / 10, tenths % 10);
        Self { beside: format!("{name} {}", shown(time)), ratio, ..self }
    }

    /// Whether it missed a limit; an aim is none.
    pub(crate) fn is_missed(&self) -> bool {
        self.verdict == Verdict::Missed
    }
}

/// The names of the columns.
pub(crate) fn head() -> String {
    row(["what", "measured", "beside", "ratio", "target", ""])
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Told => "",
            Verdict::Ok => "ok",
            Verdict::AimMissed => "ok, aim missed",
            Verdict::Missed => "MISSED",
        };
        let cells = [&self.measured, &self.beside, &self.ratio, &self.target].map(String::as_str);
        let [measured, beside, ratio, target] = cells;
        f.write_str(&row([self.what, measured, beside, ratio, target, verdict]))
    }
}

fn row([what, measured, beside, ratio, target, verdict]: [&str; 6]) -> String {
    let text = format!("{what:<38} {measured:>9}  {beside:<21} {ratio:>7}  {target:<16} {verdict}");
    text.trim_end().to_owned()
}

fn shown(time: Duration) -> String {
    let micros = time.as_micros();
    match micros {
        0..100_000 => format!("{}.{} ms", micros / 1000, micros / 100 % 10),
        _ => format!("{} ms", micros / 1000),
    }
}

fn tenths(long: Duration, short: Duration) -> u128 {
    long.as_micros() * 10 / short.as_micros().max(1)
}
