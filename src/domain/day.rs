//! Civil dates. A bank's day has no time of day and no zone, and is never converted.

use chrono::NaiveDate;

/// A civil date: what a bank prints on a statement.
pub type Day = NaiveDate;

/// Reads the civil date that opens a timestamp: its first ten characters, `YYYY-MM-DD`.
///
/// What follows (a time, an offset) is ignored, since converting it could move the day.
/// Gives `None` for a day that does not exist, such as `2026-02-30`.
///
/// ```
/// use sophtron_sync::domain::civil_day;
/// assert_eq!(civil_day("2026-03-02T23:59:59+14:00").unwrap().to_string(), "2026-03-02");
/// assert_eq!(civil_day("2026-02-30"), None);
/// ```
#[must_use]
pub fn civil_day(text: &str) -> Option<Day> {
    let (head, rest) = text.as_bytes().split_first_chunk::<10>()?;
    if head[4] != b'-' || head[7] != b'-' || rest.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let year = number(&head[..4])?;
    NaiveDate::from_ymd_opt(year.try_into().ok()?, number(&head[5..7])?, number(&head[8..])?)
}

/// A number of a few digits and nothing else.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| Some(number * 10 + char::from(*digit).to_digit(10)?))
}

#[cfg(test)]
mod tests {
    use super::civil_day;

    #[test]
    fn only_a_whole_civil_date_is_one() {
        for (text, day) in [
            ("2026-03-02", Some("2026-03-02")),
            ("2026-03-02T00:00:00", Some("2026-03-02")),
            ("2024-02-29 10:00", Some("2024-02-29")),
            ("2026-02-29", None),
            ("2026-3-02", None),
            ("2026-03-021", None),
            ("02/03/2026", None),
            ("", None),
            ("２０２６-03-02", None),
        ] {
            let read = civil_day(text).map(|day| day.to_string());
            assert_eq!(read.as_deref(), day, "{text}");
        }
    }
}
