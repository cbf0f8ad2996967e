//! Single values as they are meant: durations, days, modes, words, ids.

use std::time::Duration;

use chrono::{Datelike, NaiveDate};
use toml::value::Datetime;

use super::findings::{Wrong, quoted};
use super::near::nearest;
use super::table::RawDate;
use crate::domain::{Currency, Day, Format, Name, Refresh};

/// The longest time that any setting may name.
const LONGEST: Duration = Duration::from_hours(24 * 3660);

/// The years in which an account can have a day.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2199;

/// The most characters of an id of the service.
const LONGEST_ID: usize = 64;

/// A time with its unit, such as `6h` or `45d`; more than nothing, at most ten years.
pub(super) fn duration(text: &str) -> Result<Duration, Wrong> {
    let cure = "write a number with its unit, such as \"30s\", \"12h\" or \"45d\"";
    let time = humantime::parse_duration(text)
        .map_err(|_| Wrong::new(format!("{} is no length of time", quoted(text)), cure))?;
    if time.is_zero() {
        return Err(Wrong::new("no time at all is too short", cure));
    }
    if time > LONGEST {
        return Err(Wrong::new(format!("{} is more than ten years", quoted(text)), cure));
    }
    Ok(time)
}

/// A time, or `never`.
pub(super) fn refresh(text: &str) -> Result<Refresh, Wrong> {
    if text == "never" { Ok(Refresh::Never) } else { duration(text).map(Refresh::Every) }
}

/// A number of requests in a month: at least one.
pub(super) fn requests(count: i64) -> Result<u64, Wrong> {
    let count = u64::try_from(count).ok().filter(|count| *count > 0);
    count
        .ok_or_else(|| Wrong::new("no request at all is no budget", "write a number such as 10000"))
}

/// Whole days, at least one.
pub(super) fn days(text: &str) -> Result<u32, Wrong> {
    const DAY: u64 = 24 * 60 * 60;
    let time = duration(text)?;
    let whole = time.as_secs().is_multiple_of(DAY) && time.subsec_nanos() == 0;
    let days = u32::try_from(time.as_secs() / DAY).ok().filter(|_| whole);
    days.ok_or_else(|| {
        let problem = format!("{} is no number of whole days", quoted(text));
        Wrong::new(problem, "write at least one day, such as \"45d\"")
    })
}

/// How often to look: at least a millisecond, at most an hour.
pub(super) fn poll(text: &str) -> Result<Duration, Wrong> {
    let time = duration(text)?;
    if (Duration::from_millis(1)..=Duration::from_hours(1)).contains(&time) {
        return Ok(time);
    }
    Err(Wrong::new(
        format!("{} is no time to wait between two looks", quoted(text)),
        "write some seconds, such as \"5s\"; at most \"1h\"",
    ))
}

/// A civil date of an account, bare or in quotes.
pub(super) fn day(typed: &RawDate) -> Result<Day, Wrong> {
    let day = match typed {
        RawDate::Bare(date) => bare_day(date)?,
        RawDate::Text(text) => NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .filter(|day| day.to_string() == *text)
            .ok_or_else(|| no_day(text))?,
    };
    if YEARS.contains(&day.year()) {
        return Ok(day);
    }
    let problem = format!("the year {} cannot be meant", day.year());
    Err(Wrong::new(problem, "write the year with four digits, such as 2026-01-31"))
}

fn bare_day(date: &Datetime) -> Result<Day, Wrong> {
    let Datetime { date: Some(day), time: None, offset: None } = date else {
        let problem = "a time of day cannot stand here";
        return Err(Wrong::new(problem, "write the date alone, such as 2026-01-31"));
    };
    NaiveDate::from_ymd_opt(i32::from(day.year), u32::from(day.month), u32::from(day.day))
        .ok_or_else(|| no_day(&day.to_string()))
}

fn no_day(text: &str) -> Wrong {
    let problem = format!("{} is no day of the calendar", quoted(text));
    Wrong::new(problem, "write one that exists, such as 2026-01-31")
}

/// The mode of files in octal digits: its owner reads and writes, nobody runs, and not everybody
/// writes.
pub(super) fn mode(text: &str) -> Result<u32, Wrong> {
    let digits = (3..=4).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0'..=b'7'));
    let mode = u32::from_str_radix(text, 8).ok().filter(|_| digits);
    let problem = match mode {
        None => format!("{} is no file mode", quoted(text)),
        Some(mode) if mode & 0o600 != 0o600 => {
            format!("with {} the program could not rewrite its own files", quoted(text))
        }
        Some(mode) if mode & 0o7111 != 0 => {
            format!("{} has x or set-id bits, which no such file needs", quoted(text))
        }
        Some(mode) if mode & 0o002 != 0 => format!("{} lets everybody write", quoted(text)),
        Some(mode) => return Ok(mode),
    };
    Err(Wrong::new(problem, "write \"0640\" (the group reads), \"0600\", \"0644\" or \"0660\""))
}

/// The name of a family or an account.
pub(super) fn name(text: &str) -> Result<Name, Wrong> {
    Name::parse(text).map_err(|rule| {
        Wrong::new(format!("{} cannot name a folder", quoted(text)), rule.to_string())
    })
}

/// The name of a group; whether it exists is seen where files are written.
pub(super) fn group(text: &str) -> Result<String, Wrong> {
    let sound = |c: char| c.is_ascii_graphic() && !matches!(c, ':' | '/' | ',');
    if !text.is_empty() && text.chars().all(sound) {
        return Ok(text.to_owned());
    }
    let cure = "write the name of a group as `getent group` lists it, or leave the key out";
    Err(Wrong::new(format!("{} is no group", quoted(text)), cure))
}

/// An id as the service gives it.
pub(super) fn id(text: &str) -> Result<String, Wrong> {
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !text.is_empty() && text.len() <= LONGEST_ID && text.bytes().all(sound) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("{} is no id of the service", quoted(text)),
        "copy it from what `sophtron-sync accounts` lists",
    ))
}

/// An ISO currency code.
pub(super) fn currency(text: &str) -> Result<Currency, Wrong> {
    Currency::parse(text).ok_or_else(|| {
        let problem = format!("{} is no currency code", quoted(text));
        Wrong::new(problem, "write its three letters, such as \"USD\"")
    })
}

/// One of a few words.
pub(super) fn one_of<T: Copy>(text: &str, choices: &[(&str, T)]) -> Result<T, Wrong> {
    if let Some((_, meaning)) = choices.iter().find(|(word, _)| *word == text) {
        return Ok(*meaning);
    }
    let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
    let cure = match nearest(text, &words) {
        Some(word) => format!("did you mean \"{word}\"?"),
        None => format!("write one of \"{}\"", words.join("\", \"")),
    };
    Err(Wrong::new(format!("{} is not known here", quoted(text)), cure))
}

/// The formats of account files: at least one, none twice.
pub(super) fn formats(words: &[String]) -> Result<Vec<Format>, Wrong> {
    let known = Format::ALL.map(|format| (format.word(), format));
    let mut formats = Vec::new();
    for word in words {
        let format = one_of(word, &known)?;
        if formats.contains(&format) {
            return Err(Wrong::new(format!("{} stands twice", quoted(word)), "name it once"));
        }
        formats.push(format);
    }
    if formats.is_empty() {
        let cure = "name at least one, such as [\"ledger\"], or leave the key out";
        return Err(Wrong::new("there is no format in it", cure));
    }
    Ok(formats)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_let_the_program_rewrite_and_nobody_run() {
        for (text, read) in [
            ("0640", Some(0o640)),
            ("600", Some(0o600)),
            ("0664", Some(0o664)),
            ("0666", None),
            ("0440", None),
            ("0750", None),
            ("4640", None),
            ("08", None),
            ("+640", None),
            ("", None),
            ("00640", None),
        ] {
            assert_eq!(mode(text).ok(), read, "{text}");
        }
    }

    #[test]
    fn an_overlap_is_whole_days() {
        for (text, read) in [
            ("45d", Some(45)),
            ("48h", Some(2)),
            ("1 week", Some(7)),
            ("0d", None),
            ("36h", None),
            ("1000y", None),
            ("45", None),
            ("", None),
        ] {
            assert_eq!(days(text).ok(), read, "{text}");
        }
    }

    #[test]
    fn a_day_in_quotes_is_one_that_exists() {
        for (text, good) in [
            ("2026-02-28", true),
            ("2026-02-30", false),
            ("2026-2-3", false),
            ("0026-01-01", false),
        ] {
            assert_eq!(day(&RawDate::Text(text.to_owned())).is_ok(), good, "{text}");
        }
    }
}
