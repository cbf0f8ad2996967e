//! Where the running balances that a bank sends with its rows part from the rows themselves.

use rust_decimal::Decimal;

use super::{Entry, Ledger};
use crate::domain::{Day, KeptRow, Standing, exact_sum, tidy};

/// A place where the bank counts something that the rows do not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    /// What the bank counts there beyond the rows, as booked: negative where it counts less.
    pub amount: Decimal,
    /// The key of the row before it; `None` where it lies before the first one.
    pub after: Option<i64>,
    /// The key of the row behind it; `None` where it lies behind the last one.
    pub before: Option<i64>,
    /// The booked day of the row behind it, else of the row before it.
    pub day: Day,
}

/// A row as a step from one running balance to the next, as booked.
struct Step {
    row: i64,
    day: Day,
    start: Decimal,
    end: Decimal,
}

/// Follows the running balances from the opening to the reported balance, which parts from the
/// books by `drift`. Empty where a row of the account has none: then they tell nothing.
///
/// Rows of one day are followed from balance to balance, in whichever order they were sent.
pub(super) fn gaps(ledger: &Ledger, opening: Decimal, drift: Decimal) -> Vec<Gap> {
    follow(ledger, opening, drift).unwrap_or_default()
}

fn follow(ledger: &Ledger, opening: Decimal, drift: Decimal) -> Option<Vec<Gap>> {
    let own = ledger.booked.iter().filter(|(_, entry)| ledger.is_own(entry));
    let sent = own.filter(|(row, _)| row.standing != Standing::Entry);
    let mut steps =
        sent.map(|(row, entry)| step(ledger, row, entry)).collect::<Option<Vec<_>>>()?;
    steps.sort_by_key(|step| step.day);
    // What the owner booked himself stands for gaps of before.
    let booked_for = ledger.sum(|row, _| row.standing == Standing::Entry)?;
    let mut left = exact_sum(drift, booked_for)?;
    let (mut balance, mut last) = (opening, None);
    let mut gaps = Vec::new();
    for of_day in steps.chunk_by(|step, next| step.day == next.day) {
        let mut of_day: Vec<&Step> = of_day.iter().collect();
        while !of_day.is_empty() {
            let step = of_day.remove(next(&of_day, balance));
            let amount = exact_sum(step.start, -balance)?;
            if !amount.is_zero() {
                left = exact_sum(left, -amount)?;
                let after = last.map(|last: &Step| last.row);
                let amount = tidy(amount);
                gaps.push(Gap { amount, after, before: Some(step.row), day: step.day });
            }
            (balance, last) = (step.end, Some(step));
        }
    }
    let last = last?;
    if !left.is_zero() {
        gaps.push(Gap { amount: tidy(left), after: Some(last.row), before: None, day: last.day });
    }
    Some(gaps)
}

fn step(ledger: &Ledger, row: &KeptRow, entry: &Entry) -> Option<Step> {
    let end = ledger.rules.signed(*row.row.balance.value()?)?;
    let start = exact_sum(end, -entry.amount.amount)?;
    Some(Step { row: row.key, day: entry.day, start, end })
}

/// The place of the step of a day to take next: the one that goes on from a balance, else one
/// that goes on from no other.
fn next(of_day: &[&Step], balance: Decimal) -> usize {
    let goes_on = of_day.iter().position(|step| step.start == balance);
    let begins =
        |step: &&Step| !of_day.iter().any(|other| other.end == step.start && other.row != step.row);
    goes_on.or_else(|| of_day.iter().position(begins)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::Rules;
    use crate::domain::{
        AccountType, AmountSign, BalanceSign, Currency, ReceivedRow, RowCurrency, Sent, civil_day,
        parse_decimal,
    };
    use proptest::prelude::*;

    fn rules(kind: AccountType, balance_sign: BalanceSign) -> Rules {
        Rules {
            kind,
            currency: Currency::usd(),
            row_currency: RowCurrency::Strict,
            amount_sign: AmountSign::Signed,
            untyped: None,
            balance_sign,
            start: civil_day("2026-03-01").unwrap(),
        }
    }

    fn row(key: i64, day: u32, amount: i64, balance: Option<i64>) -> KeptRow {
        let sent = |cents: i64| Sent::Value(Decimal::new(cents, 2));
        KeptRow {
            key,
            sequence: key,
            id: Some(key.to_string()),
            service_ids: Vec::new(),
            row: ReceivedRow {
                transaction_date: Sent::Value(civil_day(&format!("2026-03-{day:02}")).unwrap()),
                amount: sent(amount),
                balance: balance.map_or(Sent::Nothing, sent),
                ..ReceivedRow::default()
            },
            standing: Standing::Present,
            first_read: 1,
            anchored: false,
            at_anchor: None,
            agreed: false,
            missed: 0,
        }
    }

    /// Amount of each gap, and the rows around it.
    type Told = Vec<(Decimal, Option<i64>, Option<i64>)>;

    fn told(rows: &[KeptRow], rules: &Rules, opening: &str, drift: &str) -> Told {
        let ledger = Ledger::new(rows, rules);
        let money = |text| parse_decimal(text).unwrap();
        let gaps = gaps(&ledger, money(opening), money(drift));
        gaps.iter().map(|gap| (gap.amount, gap.after, gap.before)).collect()
    }

    #[test]
    fn a_row_that_was_not_sent_lies_between_two_that_were() {
        let rules = rules(AccountType::Depository, BalanceSign::Auto);
        let mut rows = vec![
            row(1, 2, -500, Some(9500)),
            row(2, 3, -1000, Some(8500)),
            row(3, 5, 200, Some(9000)),
        ];
        let three = Decimal::new(300, 2);
        assert_eq!(told(&rows, &rules, "100", "3"), [(three, Some(2), Some(3))]);
        rows[2].row.balance = Sent::Value(Decimal::new(8700, 2));
        assert_eq!(told(&rows, &rules, "100", "3"), [(three, Some(3), None)], "behind the last");
        assert_eq!(told(&rows, &rules, "97", "3"), [(three, None, Some(1))], "before the first");
        assert_eq!(told(&rows, &rules, "100", "0"), []);
        rows[1].row.balance = Sent::Nothing;
        assert_eq!(told(&rows, &rules, "100", "3"), [], "they tell nothing");
    }

    #[test]
    fn a_row_that_is_booked_twice_is_named() {
        let rules = rules(AccountType::Depository, BalanceSign::Auto);
        let rows =
            [row(1, 2, -500, Some(9500)), row(2, 2, -500, Some(9500)), row(3, 3, -100, Some(9400))];
        assert_eq!(told(&rows, &rules, "100", "5"), [(Decimal::new(500, 2), Some(1), Some(2))]);
    }

    #[test]
    fn what_is_owed_may_be_positive() {
        let rules = rules(AccountType::CreditCard, BalanceSign::Owed);
        let rows = [row(1, 2, -500, Some(10500)), row(2, 4, -100, Some(10300))];
        assert_eq!(told(&rows, &rules, "-100", "3"), [(Decimal::new(300, 2), Some(1), Some(2))]);
    }

    proptest! {
        /// Whatever the order within a day, whole running balances have no gap, and one missing
        /// row is one gap of its amount.
        #[test]
        fn only_what_is_missing_is_a_gap(
            steps in proptest::collection::vec((1_u32..6, -900_i64..900), 2..12),
            missing in any::<prop::sample::Index>(),
            reversed in any::<bool>(),
        ) {
            let mut steps = steps;
            steps.sort_by_key(|(day, _)| *day);
            let mut balance = 10_000;
            let mut rows = Vec::new();
            for (key, (day, amount)) in (1..).zip(steps) {
                // Each step of its own size: a sum of others that happens to equal it would be
                // as good an answer.
                let amount = amount * 4096 + (1 << key);
                balance += amount;
                rows.push(row(key, day, amount, Some(balance)));
            }
            if reversed {
                rows.reverse();
            }
            let rules = rules(AccountType::Depository, BalanceSign::Auto);
            prop_assert_eq!(told(&rows, &rules, "100", "0"), []);
            let gone = rows.remove(missing.index(rows.len()));
            let amount = *gone.row.amount.value().unwrap();
            let told = told(&rows, &rules, "100", &amount.to_string());
            prop_assert_eq!(told.len(), 1, "{:?}", told);
            prop_assert_eq!(told[0].0, tidy(amount));
        }
    }
}
