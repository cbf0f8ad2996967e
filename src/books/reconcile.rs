//! Where computed and reported balance part, the rows between, and what would explain it.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::booking::book_kept;
use super::doubt::{doubts, explained};
use super::running::{Gap, gaps};
use super::statement::{Source, balance_lines, drift, read_lines};
use super::{Ledger, Unheld, book};
use crate::domain::{BalanceLine, Day, Drift, KeptRow, ReadNumber, ReceivedRow, Standing, plain};

/// How many of the last days that agreed are told.
const AGREED_DAYS: usize = 3;

/// How an account's books stand to what the bank reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// The drift that stands now; `None` where the books agree.
    pub drift: Option<Drift>,
    /// The last days whose reported balance agreed, newest first.
    pub agreed: Vec<BalanceLine>,
    /// The first that did not, of those that stand now.
    pub parted: Option<BalanceLine>,
    /// The booked rows that came or are dated between the two, by the store's key.
    pub between: Vec<i64>,
    /// Where the running balances of the rows part, where the bank sends them.
    pub narrowed: Vec<Narrowed>,
    /// What would explain the drift, in words.
    pub explanations: Vec<String>,
    /// The one of these, where there is one, that further reads decide: to book the difference
    /// meanwhile would make the books wrong.
    pub passing: Option<String>,
    /// Why nothing could be compared, where that is so.
    pub unheld: Option<Unheld>,
}

/// A place at which the bank counts something that the rows do not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowed {
    /// What it counts there beyond the rows.
    pub amount: Decimal,
    /// The id of the row before it, where there is one.
    pub after: Option<String>,
    /// The id of the row behind it, where there is one.
    pub before: Option<String>,
    /// The place in words.
    pub words: String,
}

/// Holds the reported balances against the books. Rows of days before `inside` never vanish.
#[must_use]
pub fn reconcile(source: &Source, inside: Day) -> Reconciliation {
    let drift = drift(&balance_lines(source));
    let lines = read_lines(source);
    let agreed_at =
        lines.iter().rposition(|(_, line)| line.drift.is_some_and(|drift| drift.is_zero()));
    let parted = drift.as_ref().and_then(|_| lines.get(agreed_at.map_or(0, |at| at + 1)));
    let ledger = Ledger::new(source.rows, source.rules);
    let last = agreed_at.map(|at| &lines[at]);
    let between = between(&ledger, last, parted);
    let narrowed =
        drift.as_ref().map(|drift| narrow(source, &ledger, drift.amount, last, &between));
    let known = drift
        .as_ref()
        .map(|drift| explained(&doubts(source, &ledger, inside), -drift.amount, source));
    let known = known.unwrap_or_default();
    let passing = known.iter().find(|known| known.passes).map(|known| known.words.clone());
    let mut explanations: Vec<_> = known.into_iter().map(|known| known.words).collect();
    if let Some(drift) = &drift {
        let is_known = !explanations.is_empty();
        explanations.extend(explain(source, &ledger, drift.amount));
        explanations.extend((!is_known).then(|| unknown(source, drift.amount)));
    }
    Reconciliation {
        agreed: agreed_days(&lines),
        parted: parted.map(|(_, line)| line.clone()),
        narrowed: narrowed.unwrap_or_default(),
        explanations,
        passing,
        unheld: Unheld::of(source, &ledger),
        drift,
        between,
    }
}

fn agreed_days(lines: &[(ReadNumber, BalanceLine)]) -> Vec<BalanceLine> {
    let agreed = lines.iter().rev().map(|(_, line)| line);
    let mut agreed: Vec<BalanceLine> =
        agreed.filter(|line| line.drift.is_some_and(|drift| drift.is_zero())).cloned().collect();
    agreed.dedup_by_key(|line| line.date);
    agreed.truncate(AGREED_DAYS);
    agreed
}

/// The booked rows that came, or are dated, behind an agreement and not behind the parting.
fn between(
    ledger: &Ledger,
    agreed: Option<&(ReadNumber, BalanceLine)>,
    parted: Option<&(ReadNumber, BalanceLine)>,
) -> Vec<i64> {
    let Some((until_read, until)) = parted.map(|(read, line)| (*read, line.date)) else {
        return Vec::new();
    };
    let (since_read, since) = agreed.map_or((0, Day::MIN), |(read, line)| (*read, line.date));
    let came = |row: &KeptRow| since_read < row.first_read && row.first_read <= until_read;
    let dated = |day: Day| since < day && day <= until;
    let rows = ledger.booked.iter().filter(|(row, entry)| came(row) || dated(entry.day));
    rows.map(|(row, _)| row.key).collect()
}

/// The gaps in the running balances that the last agreement did not know.
fn narrow(
    source: &Source,
    ledger: &Ledger,
    drift: Decimal,
    agreed: Option<&(ReadNumber, BalanceLine)>,
    between: &[i64],
) -> Vec<Narrowed> {
    let Some(opening) = source.opening(ledger) else { return Vec::new() };
    let since = agreed.map_or(Day::MIN, |(_, line)| line.date);
    let is_new = |gap: &Gap| {
        let near = [gap.after, gap.before].into_iter().flatten();
        gap.before.is_none()
            || gap.day > since
            || near.into_iter().any(|key| between.contains(&key))
    };
    let gaps = gaps(ledger, opening, drift).into_iter().filter(is_new);
    gaps.map(|gap| told_gap(source, &gap)).collect()
}

fn told_gap(source: &Source, gap: &Gap) -> Narrowed {
    let row = |key: Option<i64>| source.rows.iter().find(|row| Some(row.key) == key);
    let (after, before) = (row(gap.after), row(gap.before));
    let place = match (after.map(named), before.map(named)) {
        (Some(after), Some(before)) => format!("between {after} and {before}"),
        (Some(after), None) => format!("behind {after}"),
        (None, before) => format!("before {}", before.unwrap_or_default()),
    };
    let id = |row: Option<&KeptRow>| row.and_then(|row| row.id.clone());
    let amount = plain(gap.amount, &source.rules.currency);
    Narrowed {
        amount: gap.amount,
        after: id(after),
        before: id(before),
        words: format!("{amount} {} {place}", source.rules.currency),
    }
}

fn explain(source: &Source, ledger: &Ledger, amount: Decimal) -> Vec<String> {
    let currency = &source.rules.currency;
    let money = |amount| format!("{} {currency}", plain(amount, currency));
    let of_standing = |standing| source.rows.iter().filter(move |row| row.standing == standing);
    let fits = |row: &&KeptRow| {
        book(&row.row, source.rules).is_ok_and(|entry| entry.amount.amount == amount)
    };
    let mut words = Vec::new();
    let of = money(amount);
    for row in of_standing(Standing::Vanished).filter(fits) {
        words.push(format!("a vanished row of {of}: {}", named(row)));
    }
    for row in of_standing(Standing::Outside).filter(fits) {
        words.push(format!("a row of {of} outside the days that were asked for: {}", named(row)));
    }
    for row in of_standing(Standing::Present) {
        let odd = book(&row.row, source.rules).is_err();
        let sent = row.row.amount.value().map(Decimal::abs);
        if odd && (sent == Some(amount.abs()) || sent.is_none()) {
            words.push(format!("a quarantined row: {}", named(row)));
        }
    }
    for row in source.pending {
        if book(row, source.rules).is_ok_and(|entry| entry.amount.amount == amount) {
            words.push(format!("a pending row of {of}: {}", said(row)));
        }
    }
    words.extend(
        doubled(ledger, -amount)
            .into_iter()
            .map(|row| format!("a row of {} that is booked twice: {}", money(-amount), named(row))),
    );
    words
}

/// What is left where nothing known explains an amount.
fn unknown(source: &Source, amount: Decimal) -> String {
    let currency = &source.rules.currency;
    format!("a row of {} {currency} that the service did not send", plain(amount, currency))
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

pub(super) fn named(row: &KeptRow) -> String {
    format!("{}, id {}", said(&row.row), row.id.as_deref().unwrap_or("none"))
}

fn said(row: &ReceivedRow) -> String {
    let day = row.day().value().map_or("no day".to_owned(), ToString::to_string);
    let text = row.description.as_deref().unwrap_or("no text");
    format!("{day} {}", super::one_line(text))
}

/// The booked day and amount of a row of the books, for whoever shows it.
#[must_use]
pub fn shown(row: &KeptRow, source: &Source) -> Option<(Day, Decimal)> {
    let entry = book_kept(row, source.rules).ok()?;
    Some((entry.day, entry.amount.amount))
}
