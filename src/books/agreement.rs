//! Whether a reported balance agrees with the books, and which rows an agreement counted.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::totals::{is_in_books, pending_sum};
use super::{Entry, Ledger, Rules, book_kept};
use crate::domain::{Agreement, Anchor, Day, KeptRow, ReceivedRow, Report, exact_sum, tidy};

/// What a reported balance says of the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The sum that it was held against: the nearer of the two booked ones, or, where the balance
    /// counts the pending rows, that with them.
    pub computed: Decimal,
    /// Whether it agrees.
    pub verdict: Verdict,
}

/// Whether a reported balance agrees with the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It equals opening + all booked rows.
    AgreesWithAll,
    /// It equals opening + the rows booked to its day: the bank dates rows after its balance.
    AgreesToDay,
    /// It equals one of the two plus all pending rows: neither agreement nor drift.
    CountsPending,
    /// The books do not explain it.
    Drifts,
}

impl Verdict {
    /// Whether the books explain the balance without the pending rows.
    #[must_use]
    pub fn agrees(self) -> bool {
        matches!(self, Self::AgreesWithAll | Self::AgreesToDay)
    }
}

/// An agreement that was found among the reports of before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// The balance and its day.
    pub agreement: Agreement,
    /// The kept rows that it counted.
    pub counted: HashSet<i64>,
    /// The sum that it equals, where the report is the last one.
    pub computed_last: Option<Decimal>,
}

/// The last report that agrees with the rows that were known with it, for an account whose rows
/// and balances count otherwise since.
#[must_use]
pub fn last_agreed(
    rows: &[KeptRow],
    anchor: &Anchor,
    reports: &[Report],
    pending: &[ReceivedRow],
    rules: &Rules,
) -> Option<Agreed> {
    Ledger::new(rows, rules).opening(anchor)?;
    reports.iter().enumerate().rev().find_map(|(nth, report)| {
        let is_last = nth + 1 == reports.len();
        let known = |row: &&KeptRow| is_last || row.first_read <= report.read || row.anchored;
        let then: Vec<KeptRow> = rows.iter().filter(known).cloned().collect();
        let ledger = Ledger::new(&then, rules);
        let (balance, day) = (report.balance?, report.day);
        let pending = if is_last { pending } else { &[] };
        let judged = ledger.judge(ledger.opening(anchor)?, rules.signed(balance)?, day, pending)?;
        judged.verdict.agrees().then(|| Agreed {
            agreement: Agreement { balance, day },
            counted: ledger.counted(judged.verdict, day),
            computed_last: is_last.then_some(judged.computed),
        })
    })
}

impl Ledger<'_> {
    /// Holds a reported balance (as booked) against opening + rows.
    #[must_use]
    pub fn judge(
        &self,
        opening: Decimal,
        reported: Decimal,
        day: Day,
        pending: &[ReceivedRow],
    ) -> Option<Judgement> {
        let all = exact_sum(opening, self.sum(|_, _| true)?)?;
        let to_day = exact_sum(opening, self.sum(|_, entry| entry.day <= day)?)?;
        let settled = exact_sum(reported, -pending_sum(pending, self.rules)?)?;
        let away = |sum: Decimal| exact_sum(reported, -sum).map(|away| away.abs());
        let nearer = if away(to_day)? < away(all)? { to_day } else { all };
        let (computed, verdict) = if reported == all {
            (all, Verdict::AgreesWithAll)
        } else if reported == to_day {
            (to_day, Verdict::AgreesToDay)
        } else if !pending.is_empty() && [all, to_day].contains(&settled) {
            (reported, Verdict::CountsPending)
        } else {
            (nearer, Verdict::Drifts)
        };
        Some(Judgement { computed: tidy(computed), verdict })
    }

    /// What the books say of an earlier report: the nearer to its balance (as booked) of two sums,
    /// of all rows that were known then, and of those booked to its day. History that came late
    /// counts as known: the opening is without it.
    pub(super) fn computed_then(
        &self,
        opening: Decimal,
        reported: Decimal,
        report: &Report,
    ) -> Option<Decimal> {
        let known = |row: &KeptRow| row.first_read <= report.read || row.anchored;
        let unknown = self.earlier.iter().filter(|(row, _)| !known(row)).map(|(_, entry)| entry);
        let before = exact_sum(opening, -self.total(unknown)?)?;
        let all = exact_sum(before, self.sum(|row, _| known(row))?)?;
        let to_day =
            exact_sum(before, self.sum(|row, entry| known(row) && entry.day <= report.day)?)?;
        let away = |sum: Decimal| exact_sum(reported, -sum).map(|away| away.abs());
        Some(tidy(if away(to_day)? < away(all)? { to_day } else { all }))
    }

    /// The kept rows that an agreement counted: booked ones, and those that stand in the opening.
    /// Where a setting or the bank brings the latter into the books, the opening moves and the
    /// balance does not.
    #[must_use]
    pub fn counted(&self, verdict: Verdict, day: Day) -> HashSet<i64> {
        let counts = |entry: &Entry| verdict == Verdict::AgreesWithAll || entry.day <= day;
        let booked: HashSet<i64> = self.booked.iter().map(|(row, _)| row.key).collect();
        let earlier = |row: &KeptRow| book_kept(row, self.rules).is_ok();
        // A vanished row is none of these: coming back, it moves no opening.
        let aside = self.kept.iter().filter(|row| is_in_books(row) && !booked.contains(&row.key));
        let in_opening = aside.filter(|row| row.anchored || earlier(row));
        let counted = self.booked.iter().filter(|(_, entry)| counts(entry)).map(|(row, _)| row.key);
        counted.chain(in_opening.map(|row| row.key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::totals::samples::{day, kept, money, row, rules};
    use super::*;

    #[test]
    fn a_balance_agrees_to_its_day_or_with_all_or_drifts() {
        let rules = rules();
        let rows = [kept(1, "2026-03-02", "-18.40", true), kept(2, "2026-03-09", "-5", false)];
        let ledger = Ledger::new(&rows, &rules);
        let judge = |reported, pending: &[ReceivedRow]| {
            ledger.judge(money("1000"), money(reported), day("2026-03-04"), pending).unwrap()
        };
        assert_eq!(judge("976.60", &[]).verdict, Verdict::AgreesWithAll);
        assert_eq!(judge("981.60", &[]).verdict, Verdict::AgreesToDay);
        assert_eq!(judge("971.60", &[row("2026-03-10", "-5")]).verdict, Verdict::CountsPending);
        let drift = judge("979.60", &[]);
        assert_eq!((drift.verdict, drift.computed), (Verdict::Drifts, money("981.60")));
    }
}
