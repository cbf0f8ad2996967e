//! Where computed and reported balance part, the rows between, and what would explain it.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::booking::book_kept;
use super::statement::{Source, balance_lines, drift};
use super::{Ledger, book};
use crate::domain::{BalanceLine, Day, Drift, KeptRow, Standing};

/// How an account's books stand to what the bank reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// The drift that stands now; `None` where the books agree.
    pub drift: Option<Drift>,
    /// The last reported balance that agreed.
    pub agreed: Option<BalanceLine>,
    /// The first that did not, of those that stand now.
    pub parted: Option<BalanceLine>,
    /// The booked rows that came or are dated between the two, by the store's key.
    pub between: Vec<i64>,
    /// What would explain the drift, in words.
    pub explanations: Vec<String>,
}

/// Holds the reported balances against the books.
#[must_use]
pub fn reconcile(source: &Source) -> Reconciliation {
    let lines = balance_lines(source);
    let drift = drift(&lines);
    let agreed_at = lines.iter().rposition(|line| line.drift.is_some_and(|drift| drift.is_zero()));
    let agreed = agreed_at.map(|at| lines[at].clone());
    let parted = drift.as_ref().and_then(|_| lines.get(agreed_at.map_or(0, |at| at + 1))).cloned();
    let ledger = Ledger::new(source.rows, source.rules);
    let since = agreed.as_ref().map_or(source.rules.start, |line| line.date);
    let until = parted.as_ref().map_or(Day::MAX, |line| line.date);
    let between = ledger.booked.iter().filter(|(_, entry)| since < entry.day && entry.day <= until);
    let explanations = drift.as_ref().map(|drift| explain(source, &ledger, drift.amount));
    Reconciliation {
        between: between.map(|(row, _)| row.key).collect(),
        explanations: explanations.unwrap_or_default(),
        drift,
        agreed,
        parted,
    }
}

fn explain(source: &Source, ledger: &Ledger, amount: Decimal) -> Vec<String> {
    let currency = source.rules.currency.code();
    let mut words = Vec::new();
    for row in source.rows.iter().filter(|row| row.standing == Standing::Vanished) {
        if book(&row.row, source.rules).is_ok_and(|entry| entry.amount.amount == amount) {
            words.push(format!("a vanished row of {amount} {currency}: {}", named(row)));
        }
    }
    for row in source.rows.iter().filter(|row| row.standing == Standing::Present) {
        let odd = book(&row.row, source.rules).is_err();
        let sent = row.row.amount.value().map(Decimal::abs);
        if odd && (sent == Some(amount.abs()) || sent.is_none()) {
            words.push(format!("a quarantined row: {}", named(row)));
        }
    }
    words.extend(doubled(ledger, -amount).into_iter().map(|row| {
        format!("a row of {} {currency} that is booked twice: {}", -amount, named(row))
    }));
    words.push(format!("a row of {amount} {currency} that the service did not send"));
    words
}

/// Rows of an amount that stand more than once with one day and text.
fn doubled<'a>(ledger: &Ledger<'a>, amount: Decimal) -> Vec<&'a KeptRow> {
    let mut seen: HashMap<(Day, Option<&str>), &KeptRow> = HashMap::new();
    let mut doubled = Vec::new();
    for (row, entry) in ledger.booked.iter().filter(|(_, entry)| entry.amount.amount == amount) {
        if seen.insert((entry.day, row.row.description.as_deref()), row).is_some() {
            doubled.push(*row);
        }
    }
    doubled
}

fn named(row: &KeptRow) -> String {
    let day = row.row.day().value().map_or("no day".to_owned(), ToString::to_string);
    let text = row.row.description.as_deref().unwrap_or("no text");
    format!("{day} {}, id {}", super::one_line(text), row.id.as_deref().unwrap_or("none"))
}

/// The booked day and amount of a row of the books, for whoever shows it.
#[must_use]
pub fn shown(row: &KeptRow, source: &Source) -> Option<(Day, Decimal)> {
    let entry = book_kept(row, source.rules).ok()?;
    Some((entry.day, entry.amount.amount))
}
