//! One account's kept rows, booked, and their sums.

use rust_decimal::Decimal;

use super::{Entry, Refusal, Rules, book, book_kept};
use crate::domain::{AmountSign, KeptRow, ReceivedRow, Standing, exact_sum, tidy};

/// One account's kept rows, booked under its rules.
pub struct Ledger<'a> {
    /// The rules that they are booked under.
    pub rules: &'a Rules,
    /// Booked rows from the start date on, in the kept order.
    pub booked: Vec<(&'a KeptRow, Entry)>,
    /// How many present rows are quarantined.
    pub quarantined: usize,
    /// Rows before the start date, which stand in the opening.
    pub(super) earlier: Vec<(&'a KeptRow, Entry)>,
    pub(super) kept: &'a [KeptRow],
}

/// Whether a row is one that is booked where it can be.
pub(super) fn is_in_books(row: &KeptRow) -> bool {
    matches!(row.standing, Standing::Present | Standing::Entry)
}

impl<'a> Ledger<'a> {
    /// Books what can be booked. A row before the start date is neither booked nor quarantined.
    #[must_use]
    pub fn new(kept: &'a [KeptRow], rules: &'a Rules) -> Self {
        let (booked, quarantined) = (Vec::with_capacity(kept.len()), 0);
        let mut ledger = Self { rules, booked, quarantined, earlier: Vec::new(), kept };
        for row in kept.iter().filter(|row| is_in_books(row)) {
            match book_kept(row, rules) {
                Ok(entry) if entry.day >= rules.start => ledger.booked.push((row, entry)),
                Ok(entry) => ledger.earlier.push((row, entry)),
                Err(_) => ledger.quarantined += 1,
            }
        }
        ledger
    }

    /// Whether the rows that the opening counts wait for their sign: it cannot be told without them.
    /// Where most of them have a direction, one that has none is an odd row as any other, and moves
    /// the opening once it is understood.
    #[must_use]
    pub fn waits_for_sign(&self) -> bool {
        let counted = self.kept.iter().filter(|row| row.anchored);
        let then = counted.map(|row| row.at_anchor.as_deref().unwrap_or(&row.row));
        let is_late =
            |row: &&ReceivedRow| row.day().value().is_none_or(|day| *day >= self.rules.start);
        let (mut waiting, mut directed) = (0, 0);
        for row in then.filter(is_late) {
            match book(row, self.rules) {
                Err(Refusal::NoDirection) => waiting += 1,
                Err(_) => {}
                Ok(_) => directed += 1,
            }
        }
        self.rules.amount_sign == AmountSign::Auto && waiting > 0 && waiting >= directed
    }

    /// The sum of entries in the account's currency, whatever their day.
    pub(super) fn total<'e>(&self, entries: impl Iterator<Item = &'e Entry>) -> Option<Decimal> {
        total(entries.filter(|entry| self.is_own(entry)).map(|entry| entry.amount.amount))
    }

    /// The sum of the booked rows that a filter takes, in the account's currency.
    #[must_use]
    pub fn sum(&self, takes: impl Fn(&KeptRow, &Entry) -> bool) -> Option<Decimal> {
        let own = self.booked.iter().filter(|(row, entry)| self.is_own(entry) && takes(row, entry));
        total(own.map(|(_, entry)| entry.amount.amount)).map(tidy)
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

/// The exact sum of amounts; `None` where it has more than 28 digits.
pub(super) fn total(amounts: impl Iterator<Item = Decimal>) -> Option<Decimal> {
    let mut amounts = amounts;
    amounts.try_fold(Decimal::ZERO, exact_sum)
}

/// What the tests of sums, openings and agreements are made of.
#[cfg(test)]
pub(super) mod samples {
    use super::*;
    use crate::domain::{
        AccountType, BalanceSign, Currency, Day, RowCurrency, Sent, civil_day, parse_decimal,
    };

    pub(crate) fn rules() -> Rules {
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

    pub(crate) fn day(text: &str) -> Day {
        civil_day(text).unwrap()
    }

    pub(crate) fn money(text: &str) -> Decimal {
        parse_decimal(text).unwrap()
    }

    pub(crate) fn row(date: &str, amount: &str) -> ReceivedRow {
        ReceivedRow {
            transaction_date: Sent::Value(day(date)),
            amount: Sent::Value(money(amount)),
            description: Some(format!("{date} {amount}")),
            ..ReceivedRow::default()
        }
    }

    pub(crate) fn kept(key: i64, date: &str, amount: &str, anchored: bool) -> KeptRow {
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
}
