//! What the windows of one read brought, taken together.

use std::collections::HashMap;

use crate::domain::{Day, ReceivedRow, Sent};

/// The days of one read or of one window of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first day.
    pub from: Day,
    /// The first day behind it.
    pub end: Day,
}

impl Span {
    /// Whether a day lies in it.
    #[must_use]
    pub fn holds(&self, day: Day) -> bool {
        self.from <= day && day < self.end
    }
}

/// The rows of one read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fetched {
    /// Rows of the span asked for, in the order of the answers, and rows without a usable day.
    pub rows: Vec<ReceivedRow>,
    /// Rows with a day outside the span asked for.
    pub outside: Vec<ReceivedRow>,
}

/// Takes the answers to adjoining windows together.
///
/// Each answer gives the rows of its own window, so that a row on a bound which both neighbours
/// send counts once. What every window sends regardless of its days (rows without a usable day,
/// rows outside the whole span) counts as often as the fullest answer has it.
#[must_use]
pub fn gather(windows: Vec<(Span, Vec<ReceivedRow>)>) -> Fetched {
    let mut fetched = Fetched::default();
    let Some(whole) = whole(&windows) else { return fetched };
    let mut dayless = Fullest::default();
    let mut outside = Fullest::default();
    for (window, rows) in windows {
        for row in rows {
            match row.day() {
                Sent::Value(day) if window.holds(day) => fetched.rows.push(row),
                Sent::Value(day) if whole.holds(day) => {}
                Sent::Value(_) => outside.take(row),
                _ => dayless.take(row),
            }
        }
        dayless.end_answer();
        outside.end_answer();
    }
    fetched.rows.append(&mut dayless.rows);
    fetched.outside = outside.rows;
    fetched
}

fn whole(windows: &[(Span, Vec<ReceivedRow>)]) -> Option<Span> {
    let from = windows.iter().map(|(window, _)| window.from).min()?;
    let end = windows.iter().map(|(window, _)| window.end).max()?;
    Some(Span { from, end })
}

/// Keeps each distinct row as often as the fullest single answer had it.
#[derive(Default)]
struct Fullest {
    rows: Vec<ReceivedRow>,
    kept: HashMap<String, usize>,
    in_answer: HashMap<String, usize>,
}

impl Fullest {
    fn take(&mut self, row: ReceivedRow) {
        let text = format!("{:?}", ReceivedRow { raw: String::new(), ..row.clone() });
        let now = self.in_answer.entry(text.clone()).or_default();
        *now += 1;
        let kept = self.kept.entry(text).or_default();
        if *now > *kept {
            *kept = *now;
            self.rows.push(row);
        }
    }

    fn end_answer(&mut self) {
        self.in_answer.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::civil_day;

    fn row(day: &str, text: &str) -> ReceivedRow {
        ReceivedRow {
            transaction_date: civil_day(day).map_or(Sent::Nothing, Sent::Value),
            description: Some(text.into()),
            ..ReceivedRow::default()
        }
    }

    #[test]
    fn a_row_on_a_bound_counts_once_and_none_is_dropped() {
        let day = |text| civil_day(text).unwrap();
        let first = Span { from: day("2026-01-01"), end: day("2026-02-01") };
        let second = Span { from: day("2026-02-01"), end: day("2026-03-01") };
        let bound = row("2026-02-01", "bound");
        let lost = row("", "no day");
        let early = row("2025-12-31", "early");
        let answers = vec![
            (first, vec![bound.clone(), lost.clone(), early.clone()]),
            (second, vec![bound.clone(), lost.clone(), lost.clone(), early.clone()]),
        ];
        let fetched = gather(answers);
        assert_eq!(fetched.rows, [bound, lost.clone(), lost]);
        assert_eq!(fetched.outside, [early]);
    }
}
