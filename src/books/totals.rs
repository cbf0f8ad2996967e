//! The opening balance, the sums, and whether a reported balance agrees with them.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::{Entry, Rules, book, book_kept, pending_fingerprint};
use crate::domain::{Anchor, Day, KeptRow, ReceivedRow, Standing, Track, exact_sum, tidy};

/// One account's kept rows, booked under its rules.
pub struct Ledger<'a> {
    /// The rules that they are booked under.
    pub rules: &'a Rules,
    /// Booked rows from the start date on, in the kept order.
    pub booked: Vec<(&'a KeptRow, Entry)>,
    /// How many present rows are quarantined.
    pub quarantined: usize,
    /// The sum of the present rows before the start date.
    before_start: Option<Decimal>,
    kept: &'a [KeptRow],
}

/// Whether a row is one that is booked where it can be.
pub(super) fn is_in_books(row: &KeptRow) -> bool {
    matches!(row.standing, Standing::Present | Standing::Entry)
}

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

impl<'a> Ledger<'a> {
    /// Books what can be booked. A row before the start date is neither booked nor quarantined.
    #[must_use]
    pub fn new(kept: &'a [KeptRow], rules: &'a Rules) -> Self {
        let (booked, quarantined) = (Vec::with_capacity(kept.len()), 0);
        let mut ledger = Self { rules, booked, quarantined, before_start: None, kept };
        let mut earlier = Vec::new();
        for row in kept.iter().filter(|row| is_in_books(row)) {
            match book_kept(row, rules) {
                Ok(entry) if entry.day >= rules.start => ledger.booked.push((row, entry)),
                Ok(_) => earlier.push(&row.row),
                Err(_) => ledger.quarantined += 1,
            }
        }
        ledger.before_start = ledger.total(earlier.into_iter());
        ledger
    }

    /// The balance at the beginning of the start date: the anchor's balance less the rows that
    /// it counted, in the form that they had then, and with the rows before the start date in the
    /// form that they have now. `None` while a debt's sign is not settled, and where a sum has
    /// more than 28 digits.
    #[must_use]
    pub fn opening(&self, anchor: &Anchor) -> Option<Decimal> {
        let balance = self.rules.signed(anchor.balance)?;
        let pending =
            if anchor.counts_pending == Some(true) { anchor.pending } else { Decimal::ZERO };
        let counted = self.kept.iter().filter(|row| row.anchored);
        let counted =
            self.total(counted.map(|row| row.at_anchor.as_deref().unwrap_or(&row.row)))?;
        let before = exact_sum(exact_sum(balance, -pending)?, -counted)?;
        exact_sum(before, self.before_start?).map(tidy)
    }

    /// The sum of rows that can be booked, in the account's currency, whatever their day.
    fn total<'r>(&self, rows: impl Iterator<Item = &'r ReceivedRow>) -> Option<Decimal> {
        let entries = rows.filter_map(|row| book(row, self.rules).ok());
        total(entries.filter(|entry| self.is_own(entry)).map(|entry| entry.amount.amount))
    }

    /// The sum of the booked rows that a filter takes, in the account's currency.
    #[must_use]
    pub fn sum(&self, takes: impl Fn(&KeptRow, &Entry) -> bool) -> Option<Decimal> {
        let own = self.booked.iter().filter(|(row, entry)| self.is_own(entry) && takes(row, entry));
        total(own.map(|(_, entry)| entry.amount.amount)).map(tidy)
    }

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

    /// The kept rows that an agreement counted: booked ones, and those that stand in the opening.
    /// Where a setting or the bank brings the latter into the books, the opening moves and the
    /// balance does not.
    #[must_use]
    pub fn counted(&self, verdict: Verdict, day: Day) -> HashSet<i64> {
        let counts = |entry: &Entry| verdict == Verdict::AgreesWithAll || entry.day <= day;
        let booked: HashSet<i64> = self.booked.iter().map(|(row, _)| row.key).collect();
        let earlier = |row: &KeptRow| is_in_books(row) && book_kept(row, self.rules).is_ok();
        let in_opening = self
            .kept
            .iter()
            .filter(|row| !booked.contains(&row.key) && (row.anchored || earlier(row)));
        let counted = self.booked.iter().filter(|(_, entry)| counts(entry)).map(|(row, _)| row.key);
        counted.chain(in_opening.map(|row| row.key)).collect()
    }

    /// Which of the rows new in this read are history that came late: of days that were never
    /// asked for before; or older than the earliest row that the opening was computed with (or,
    /// where that had none, not later than its balance's day), while the reported balance did not
    /// move with them.
    #[must_use]
    pub fn late_history(
        &self,
        anchor: &Anchor,
        reported: Option<(Decimal, Day)>,
        pending: &[ReceivedRow],
        asked_since: Option<Day>,
        is_new: impl Fn(&KeptRow) -> bool,
    ) -> HashSet<i64> {
        let unasked = |entry: &Entry| asked_since.is_some_and(|since| entry.day < since);
        let unasked = self.booked.iter().filter(|(row, entry)| is_new(row) && unasked(entry));
        let unasked: HashSet<i64> = unasked.map(|(row, _)| row.key).collect();
        if !unasked.is_empty() {
            return unasked;
        }
        let earliest = self.booked.iter().filter(|(row, _)| row.anchored).map(|(_, e)| e.day).min();
        let is_late =
            |entry: &Entry| earliest.map_or(entry.day <= anchor.day, |day| entry.day < day);
        let late: Vec<_> =
            self.booked.iter().filter(|(row, e)| is_new(row) && is_late(e)).collect();
        let own = late.iter().filter(|(_, entry)| self.is_own(entry));
        let moved = total(own.map(|(_, entry)| entry.amount.amount));
        let (Some(opening), Some((reported, day)), Some(moved)) =
            (self.opening(anchor), reported, moved)
        else {
            return HashSet::new();
        };
        let agrees = |opening: Option<Decimal>| {
            let judged = opening.and_then(|opening| self.judge(opening, reported, day, pending));
            judged.is_some_and(|judged| judged.verdict != Verdict::Drifts)
        };
        let came_late = !agrees(Some(opening)) && agrees(exact_sum(opening, -moved));
        late.into_iter().filter(|_| came_late).map(|(row, _)| row.key).collect()
    }

    /// Tells whether the balance of the first good read counted the rows that were pending then:
    /// `None` while it is not told, or while one of those rows still waits.
    #[must_use]
    pub fn counts_pending(
        &self,
        anchor: &Anchor,
        reported: Decimal,
        day: Day,
        pending: &[ReceivedRow],
    ) -> Option<bool> {
        let still_waits =
            pending.iter().any(|row| anchor.waiting.contains(&pending_fingerprint(row)));
        if anchor.waiting.is_empty() || anchor.counts_pending.is_some() || still_waits {
            return anchor.counts_pending;
        }
        let agrees = |counts| {
            let supposed = Anchor { counts_pending: Some(counts), ..anchor.clone() };
            let judged = self.judge(self.opening(&supposed)?, reported, day, pending)?;
            Some(matches!(judged.verdict, Verdict::AgreesWithAll | Verdict::AgreesToDay))
        };
        match (agrees(false)?, agrees(true)?) {
            (true, false) => Some(false),
            (false, true) => Some(true),
            _ => None,
        }
    }

    /// Whether an entry counts in the account's balance: its currency is the account's.
    #[must_use]
    pub fn is_own(&self, entry: &Entry) -> bool {
        entry.amount.currency == self.rules.currency
    }
}

/// The booked sum of pending rows; what cannot be booked counts nothing.
#[must_use]
pub(super) fn pending_sum(pending: &[ReceivedRow], rules: &Rules) -> Option<Decimal> {
    let entries = pending.iter().filter_map(|row| book(row, rules).ok());
    let own = entries.filter(|entry| entry.amount.currency == rules.currency);
    total(own.map(|entry| entry.amount.amount))
}

/// The anchor of a first good read: what the opening is computed from.
#[must_use]
pub fn anchor(reported: Decimal, day: Day, pending: &[ReceivedRow], rules: &Rules) -> Anchor {
    Anchor {
        balance: reported,
        day,
        pending: pending_sum(pending, rules).unwrap_or_default(),
        waiting: pending.iter().map(pending_fingerprint).collect(),
        counts_pending: None,
    }
}

/// Whether an opening may be asserted: one fixed beside pending rows is provisional.
#[must_use]
pub(super) fn is_provisional(anchor: &Anchor) -> bool {
    !anchor.waiting.is_empty() && anchor.counts_pending.is_none()
}

/// Whether an account with this setting has an opening at all.
#[must_use]
pub fn has_opening(track: Track) -> bool {
    track == Track::Cash
}

fn total(amounts: impl Iterator<Item = Decimal>) -> Option<Decimal> {
    let mut amounts = amounts;
    amounts.try_fold(Decimal::ZERO, exact_sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        AccountType, AmountSign, BalanceSign, Currency, RowCurrency, Sent, civil_day, parse_decimal,
    };

    fn rules() -> Rules {
        Rules {
            kind: AccountType::Depository,
            currency: Currency::usd(),
            row_currency: RowCurrency::Strict,
            amount_sign: AmountSign::Signed,
            untyped: None,
            balance_sign: BalanceSign::Auto,
            start: day("2026-03-01"),
        }
    }

    fn day(text: &str) -> Day {
        civil_day(text).unwrap()
    }

    fn money(text: &str) -> Decimal {
        parse_decimal(text).unwrap()
    }

    fn row(date: &str, amount: &str) -> ReceivedRow {
        ReceivedRow {
            transaction_date: Sent::Value(day(date)),
            amount: Sent::Value(money(amount)),
            description: Some(format!("{date} {amount}")),
            ..ReceivedRow::default()
        }
    }

    fn kept(key: i64, date: &str, amount: &str, anchored: bool) -> KeptRow {
        KeptRow {
            key,
            sequence: key,
            id: Some(key.to_string()),
            service_ids: Vec::new(),
            row: row(date, amount),
            standing: Standing::Present,
            first_read: 1,
            anchored,
            at_anchor: None,
            agreed: anchored,
            missed: 0,
        }
    }

    #[test]
    fn the_opening_is_the_first_balance_less_its_rows_whatever_they_become() {
        let rules = rules();
        let mut rows =
            vec![kept(1, "2026-03-02", "-18.40", true), kept(2, "2026-03-09", "-5", false)];
        let anchor = anchor(money("981.60"), day("2026-03-04"), &[], &rules);
        assert_eq!(Ledger::new(&rows, &rules).opening(&anchor), Some(money("1000")));
        rows[0].at_anchor = Some(Box::new(rows[0].row.clone()));
        rows[0].row = row("2026-03-02", "-20.40");
        assert_eq!(Ledger::new(&rows, &rules).opening(&anchor), Some(money("1000")));
    }

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

    #[test]
    fn history_that_came_late_is_told_from_a_row_that_moved_the_balance() {
        let rules = rules();
        let rows = [kept(1, "2026-03-09", "-5", true), kept(2, "2026-03-02", "-18.40", false)];
        let ledger = Ledger::new(&rows, &rules);
        let anchor = anchor(money("995"), day("2026-03-09"), &[], &rules);
        let late = |reported| {
            ledger.late_history(
                &anchor,
                Some((money(reported), day("2026-03-10"))),
                &[],
                None,
                |row| row.key == 2,
            )
        };
        assert_eq!(late("995"), HashSet::from([2]), "the balance stood still");
        assert_eq!(late("976.60"), HashSet::new(), "the balance moved with it");
    }

    #[test]
    fn a_provisional_opening_is_settled_by_the_read_that_tells() {
        let rules = rules();
        let waiting = [row("2026-03-05", "-7")];
        let anchor = anchor(money("993"), day("2026-03-04"), &waiting, &rules);
        assert!(is_provisional(&anchor));
        let rows: [KeptRow; 0] = [];
        let ledger = Ledger::new(&rows, &rules);
        let told = |reported, pending: &[ReceivedRow]| {
            ledger.counts_pending(&anchor, money(reported), day("2026-03-06"), pending)
        };
        assert_eq!(told("993", &waiting), None, "the same row still waits");
        assert_eq!(told("993", &[]), Some(false), "it went and the balance stood");
        assert_eq!(told("1000", &[]), Some(true), "it went and the balance came back");
        let settled = [kept(1, "2026-03-05", "-7", false)];
        let ledger = Ledger::new(&settled, &rules);
        let told = ledger.counts_pending(&anchor, money("993"), day("2026-03-06"), &[]);
        assert_eq!(told, Some(true), "it was booked and the balance stood");
    }
}
