//! Booked rows that the bank may count no longer: where they explain a drift, that passes by
//! itself, or is known not to.

use rust_decimal::Decimal;

use super::reconcile::named;
use super::statement::Source;
use super::totals::total;
use super::{Entry, Ledger};
use crate::domain::{Day, KeptRow, Standing, plain};

/// The most rows of which every part is tried.
const MOST_SUMMED: usize = 10;

/// A booked row that the bank may count no longer.
pub(super) struct Doubt<'a> {
    row: &'a KeptRow,
    amount: Decimal,
    why: Why,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The last good read lacked it, and it may vanish.
    Missing,
    /// The last read of its day lacked it, and it is too old to vanish.
    Old,
    /// The bank shows it as pending again.
    Pending,
}

/// Rows that together explain a drift.
pub(super) struct Explained {
    /// What explains it, in words.
    pub words: String,
    /// Whether further reads decide it.
    pub passes: bool,
}

/// The booked rows that the bank may count no longer. Those of days before `inside` never vanish.
pub(super) fn doubts<'a>(source: &Source, ledger: &Ledger<'a>, inside: Day) -> Vec<Doubt<'a>> {
    let unposted =
        |row: &KeptRow| source.held.iter().any(|(key, held)| *key == row.key && held.is_pending());
    let doubt = |row: &'a KeptRow, entry: &Entry| {
        let why = if row.standing != Standing::Present {
            return None;
        } else if row.missed > 0 {
            if entry.day < inside { Why::Old } else { Why::Missing }
        } else if unposted(row) {
            Why::Pending
        } else {
            return None;
        };
        Some(Doubt { row, amount: entry.amount.amount, why })
    };
    let own = ledger.booked.iter().filter(|(_, entry)| ledger.is_own(entry));
    own.filter_map(|(row, entry)| doubt(row, entry)).collect()
}

/// Which of the rows in doubt add up to an amount: each that alone does, else the fewest that do
/// together.
pub(super) fn explained(doubts: &[Doubt], amount: Decimal, source: &Source) -> Vec<Explained> {
    let alone: Vec<_> = doubts.iter().filter(|doubt| doubt.amount == amount).collect();
    let found: Vec<Vec<&Doubt>> = if alone.is_empty() {
        fewest(doubts, amount).into_iter().collect()
    } else {
        alone.into_iter().map(|doubt| vec![doubt]).collect()
    };
    let mut found: Vec<_> = found.iter().map(|rows| told(rows, amount, source)).collect();
    found.sort_by_key(|explained| !explained.passes);
    found
}

fn fewest<'d, 'a>(doubts: &'d [Doubt<'a>], amount: Decimal) -> Option<Vec<&'d Doubt<'a>>> {
    let adds_up = |rows: &Vec<&Doubt>| {
        rows.len() > 1 && total(rows.iter().map(|doubt| doubt.amount)) == Some(amount)
    };
    if doubts.len() > MOST_SUMMED {
        return Some(doubts.iter().collect()).filter(adds_up);
    }
    let part = |mask: u32| -> Vec<&'d Doubt<'a>> {
        let taken = doubts.iter().enumerate().filter(|(nth, _)| mask >> nth & 1 == 1);
        taken.map(|(_, doubt)| doubt).collect()
    };
    let mut masks: Vec<u32> = (1..1_u32 << doubts.len()).collect();
    masks.sort_by_key(|mask| mask.count_ones());
    masks.into_iter().map(part).find(adds_up)
}

fn told(rows: &[&Doubt], amount: Decimal, source: &Source) -> Explained {
    let currency = &source.rules.currency;
    let money = |amount| format!("{} {currency}", plain(amount, currency));
    let passes = rows.iter().any(|doubt| doubt.why != Why::Old);
    let row = |doubt: &&Doubt| {
        let (of, row) = (money(doubt.amount), named(doubt.row));
        format!("a row of {of}, {row}: {}", doubt.why.words())
    };
    let each: Vec<_> = rows.iter().map(row).collect();
    let words = match &each[..] {
        [one] => one.clone(),
        more => format!("rows that are {} together: {}", money(amount), more.join("; ")),
    };
    Explained { words, passes }
}

impl Why {
    fn words(self) -> &'static str {
        match self {
            Self::Missing => {
                "the last read did not have it; after three good reads it is out by itself: wait for them"
            }
            Self::Old => {
                "the last read of its day did not have it; it is older than the overlap and does not vanish by itself: if the bank took it back, book the difference"
            }
            Self::Pending => {
                "the bank shows it as pending again; it stays booked until the bank books or drops it: wait for that"
            }
        }
    }
}
