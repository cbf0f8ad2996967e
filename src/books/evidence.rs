//! What the signs of an account are, by evidence: how its reported balance moved while rows came.
//!
//! Only the product of the two signs shows. So a balance sign is settled only where the direction
//! of amounts is told, and the sign of untyped amounts only where the balance's is.

use rust_decimal::Decimal;

use super::{Entry, Rules, book};
use crate::domain::{AmountSign, BalanceSign, KeptRow, ReadNumber, Report, Standing, exact_sum};

/// How many independent pieces settle a sign.
const ENOUGH: usize = 2;

/// One change of balance that speaks for one of two signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece<S> {
    /// The sign that it speaks for.
    pub sign: S,
    /// The read that showed it.
    pub read: ReadNumber,
    /// How the reported balance moved.
    pub moved: Decimal,
    /// The sum of the rows that came with it.
    pub rows: Decimal,
}

/// What the evidence says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence<S> {
    /// Not enough pieces yet.
    Open(usize),
    /// Enough pieces, and none against.
    Settled(S, Vec<Piece<S>>),
    /// Pieces for both.
    Contradictory,
}

impl<S: Copy> Evidence<S> {
    /// The evidence in words, for the owner.
    #[must_use]
    pub fn words(&self, word: impl Fn(S) -> &'static str) -> String {
        match self {
            Self::Open(pieces) => format!("{pieces} of {ENOUGH} pieces of evidence so far"),
            Self::Contradictory => "the evidence contradicts itself".to_owned(),
            Self::Settled(sign, pieces) => {
                let told = pieces.iter().take(ENOUGH).map(|piece| {
                    format!("a balance moved by {} with rows of {}", piece.moved, piece.rows)
                });
                format!("{}, proved by {}", word(*sign), told.collect::<Vec<_>>().join(" and "))
            }
        }
    }
}

/// What the moves of a debt's balance say of its sign, under rules that tell the direction of
/// amounts.
#[must_use]
pub fn balance_sign(rows: &[KeptRow], reports: &[Report], rules: &Rules) -> Evidence<BalanceSign> {
    let pieces = moves(reports).filter_map(|step| {
        let came = sum(arrivals(rows, &step), rules)?;
        let sign = told(step.moved, came, BalanceSign::Signed, BalanceSign::Owed)?;
        Some(Piece { sign, read: step.to, moved: step.moved, rows: came })
    });
    weigh(pieces.collect())
}

/// What the moves of a balance whose sign is known say of amounts that no type directs.
#[must_use]
pub fn amount_sign(rows: &[KeptRow], reports: &[Report], rules: &Rules) -> Evidence<AmountSign> {
    let as_sent = Rules { amount_sign: AmountSign::Signed, ..rules.clone() };
    let pieces = moves(reports).filter_map(|step| {
        let moved = exact_sum(rules.signed(step.after)?, -rules.signed(step.before)?)?;
        let is_typed = |row: &&KeptRow| own(row, rules).is_some();
        let typed = sum(arrivals(rows, &step).filter(is_typed), rules)?;
        let untyped = sum(arrivals(rows, &step).filter(|row| !is_typed(row)), &as_sent)?;
        let rest = exact_sum(moved, -typed)?;
        let sign = told(rest, untyped, AmountSign::Signed, AmountSign::Inverted)?;
        Some(Piece { sign, read: step.to, moved: rest, rows: untyped })
    });
    weigh(pieces.collect())
}

/// One step from a reported balance to the next one.
struct Step {
    from: ReadNumber,
    to: ReadNumber,
    before: Decimal,
    after: Decimal,
    moved: Decimal,
}

/// The steps between reported balances, but for those in which a row changed or went: they tell
/// of more than what came.
fn moves(reports: &[Report]) -> impl Iterator<Item = Step> {
    reports.windows(2).filter_map(|pair| {
        let (before, after) = (pair[0].balance?, pair[1].balance?);
        let moved = exact_sum(after, -before)?;
        let step = Step { from: pair[0].read, to: pair[1].read, before, after, moved };
        (!pair[1].disturbed).then_some(step)
    })
}

fn arrivals<'a>(rows: &'a [KeptRow], step: &Step) -> impl Iterator<Item = &'a KeptRow> {
    let (from, to) = (step.from, step.to);
    let came = move |row: &&KeptRow| row.first_read > from && row.first_read <= to;
    rows.iter().filter(came).filter(|row| row.standing == Standing::Present)
}

/// What a row adds to the account's balance; `None` where nobody can tell.
fn own(row: &KeptRow, rules: &Rules) -> Option<Decimal> {
    let entry: Entry = book(&row.row, rules).ok()?;
    let counts = entry.amount.currency == rules.currency && entry.day >= rules.start;
    Some(if counts { entry.amount.amount } else { Decimal::ZERO })
}

fn told<S>(moved: Decimal, rows: Decimal, same: S, opposite: S) -> Option<S> {
    if rows.is_zero() {
        None
    } else if moved == rows {
        Some(same)
    } else if moved == -rows {
        Some(opposite)
    } else {
        None
    }
}

fn weigh<S: PartialEq + Copy>(pieces: Vec<Piece<S>>) -> Evidence<S> {
    let Some(first) = pieces.first().map(|piece| piece.sign) else { return Evidence::Open(0) };
    if pieces.iter().any(|piece| piece.sign != first) {
        Evidence::Contradictory
    } else if pieces.len() < ENOUGH {
        Evidence::Open(pieces.len())
    } else {
        Evidence::Settled(first, pieces)
    }
}

/// A step with a row that cannot be booked proves nothing: the balance may count it.
fn sum<'a>(rows: impl Iterator<Item = &'a KeptRow>, rules: &Rules) -> Option<Decimal> {
    let mut rows = rows;
    rows.try_fold(Decimal::ZERO, |sum, row| exact_sum(sum, own(row, rules)?))
}
