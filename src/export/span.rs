//! The rows that stand in one file, with their running balances.

use chrono::Datelike;
use rust_decimal::Decimal;

use crate::domain::{Booking, Day, Format, Statement, exact_sum};

/// Some consecutive rows of one account's books.
#[derive(Debug)]
pub(super) struct Span<'a> {
    /// The books.
    pub(super) statement: &'a Statement,
    /// The first day that the span speaks of.
    pub(super) from: Day,
    /// Its rows.
    pub(super) rows: &'a [Booking],
    /// The balance after each of these rows; `None` where it is not known.
    pub(super) balances: &'a [Option<Decimal>],
    /// Whether the opening entry stands before the rows in ledger files.
    pub(super) opens: bool,
}

impl Span<'_> {
    /// Whether a yearly file of this format exists: it holds a row, or the opening.
    pub(super) fn has_file(&self, format: Format) -> bool {
        !self.rows.is_empty() || (self.opens && format == Format::Ledger)
    }
}

/// The balance after each row: the opening and all rows so far.
///
/// Rows in another currency than the account's count in no balance. `None` as long as no opening
/// is known, and from a sum on that has more digits than a decimal holds.
pub(super) fn running_balances(statement: &Statement) -> Vec<Option<Decimal>> {
    let mut balance = statement.opening;
    let after = |row: &Booking| {
        if row.amount.currency == statement.currency {
            balance = balance.and_then(|sum| exact_sum(sum, row.amount.amount));
        }
        balance
    };
    statement.bookings.iter().map(after).collect()
}

/// The span of each year that has a row, or the opening, ascending.
pub(super) fn years<'a>(
    statement: &'a Statement,
    balances: &'a [Option<Decimal>],
) -> Vec<(i32, Span<'a>)> {
    let mut spans = Vec::new();
    let opens = has_opening_entry(statement);
    let first = statement.bookings.first().map(|row| row.day.year());
    if opens && first != Some(statement.start.year()) {
        let span = Span { statement, from: statement.start, rows: &[], balances: &[], opens };
        spans.push((statement.start.year(), span));
    }
    let mut at = 0;
    for rows in statement.bookings.chunk_by(|one, next| one.day.year() == next.day.year()) {
        let year = rows[0].day.year();
        let balances = &balances[at..at + rows.len()];
        at += rows.len();
        let january = Day::from_ymd_opt(year, 1, 1).unwrap_or(statement.start);
        let opens = opens && year == statement.start.year();
        let span = Span { statement, from: january.max(statement.start), rows, balances, opens };
        spans.push((year, span));
    }
    spans
}

/// The span of the rows between two days, both included.
pub(super) fn between<'a>(
    statement: &'a Statement,
    balances: &'a [Option<Decimal>],
    from: Option<Day>,
    to: Option<Day>,
) -> Span<'a> {
    let start = statement.start;
    let rows = &statement.bookings;
    let first = from.map_or(0, |day| rows.partition_point(|row| row.day < day));
    let end = to.map_or(rows.len(), |day| rows.partition_point(|row| row.day <= day)).max(first);
    let opening_within = from.is_none_or(|day| day <= start) && to.is_none_or(|day| day >= start);
    Span {
        statement,
        from: from.map_or(start, |day| day.max(start)),
        rows: &rows[first..end],
        balances: &balances[first..end],
        opens: opening_within && has_opening_entry(statement),
    }
}

fn has_opening_entry(statement: &Statement) -> bool {
    statement.opening_entry && statement.opening.is_some()
}
