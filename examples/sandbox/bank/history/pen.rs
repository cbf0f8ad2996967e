//! What writes the rows of one account, day by day, from a seed.

use chrono::{Datelike as _, Days, NaiveDate};
use fastrand::Rng;
use rust_decimal::Decimal;

use super::super::account::Account;
use super::super::ids::guid;
use super::super::json::Json;
use super::super::row::{Row, Shown, decimal};
use super::payees::Payee;
use super::texts::hostile;

/// Writes the rows of one account.
pub struct Pen<'a> {
    account: &'a mut Account,
    rng: Rng,
    checks: u32,
    hostile: usize,
}

/// An amount in cents that depends on its label and the month alone, so that both sides of a
/// transfer know it.
pub fn monthly(label: &str, day: NaiveDate, cents: (i64, i64)) -> i64 {
    let hash = guid(&["monthly", label, &day.format("%Y-%m").to_string()]);
    let number = i64::from_str_radix(&hash[..8], 16).unwrap_or_default();
    cents.0 + number % (cents.1 - cents.0 + 1)
}

impl<'a> Pen<'a> {
    /// A pen for an account; what it writes follows from the account's id.
    pub fn new(account: &'a mut Account) -> Self {
        let seed = u64::from_str_radix(&account.id[..8], 16).unwrap_or_default();
        Self { account, rng: Rng::with_seed(seed), checks: 1000, hostile: 0 }
    }

    /// Writes a row that the service has from its day on.
    pub fn row(&mut self, day: NaiveDate, cents: i64, text: &str) -> &mut Row {
        let amount = self.digits(cents);
        self.row_of(day, &amount, text)
    }

    /// The same, with nothing more to say about it.
    pub fn book(&mut self, day: NaiveDate, cents: i64, text: &str) {
        self.row(day, cents, text);
    }

    /// The same, its amount written as it is sent.
    pub fn row_of(&mut self, day: NaiveDate, amount: &str, text: &str) -> &mut Row {
        self.account.add_row_on(day, amount, text).shown(Shown::From(day))
    }

    /// Pays what is owed on a card, where anything is.
    pub fn pay_off(&mut self, day: NaiveDate, text: &str) {
        let rows = self.account.rows.iter().map(Row::value).sum::<Decimal>();
        let owed = -(decimal(&self.account.opening) + rows);
        if owed > Decimal::ZERO {
            self.row_of(day, &owed.round_dp(2).to_string(), text);
        }
    }

    /// A purchase on so many days of a hundred, posted up to two days later where cards are.
    pub fn purchases(&mut self, payees: &[Payee], day: NaiveDate, percent: u8, posted_later: bool) {
        if self.rng.u8(..100) >= percent {
            return;
        }
        let payee = &payees[self.rng.usize(..payees.len())];
        let cents = self.rng.i64(payee.cents.0..=payee.cents.1);
        let text = self.filled_in(payee.text);
        let later = if posted_later { self.rng.u64(0..=2) } else { 0 };
        let row = self.row(day, -cents, &text);
        row.merchant = payee.merchant.map(str::to_owned);
        row.category = payee.category.map(str::to_owned);
        row.posted(day + Days::new(later));
    }

    /// Two equal coffees on Saturdays: two rows that differ in nothing but their ids.
    pub fn coffees(&mut self, day: NaiveDate, cents: i64, text: &str) {
        if day.weekday() != chrono::Weekday::Sat {
            return;
        }
        let amount = format!("-{}", dollars(cents));
        for _ in 0..2 {
            self.row_of(day, &amount, text).category("Restaurants");
        }
    }

    /// A check, numbered on.
    pub fn check(&mut self, day: NaiveDate, cents: i64, memo: &str) {
        self.checks += 1;
        let number = self.checks.to_string();
        self.row(day, cents, &format!("CHECK {number}")).check_number(&number).memo(memo);
    }

    /// Every ninth day of the year a row with the next hostile texts.
    pub fn hostile(&mut self, day: NaiveDate) {
        if !day.ordinal().is_multiple_of(9) {
            return;
        }
        let at = self.hostile;
        self.hostile += 1;
        let cents = self.rng.i64(-9_999..=9_999);
        let row = self.row(day, cents, &hostile(at));
        match at % 4 {
            0 => row,
            1 => row.memo(&hostile(at + 5)),
            2 => row.merchant(&hostile(at + 11)).check_number("10;42 (x"),
            _ => row.category(&hostile(at + 17)).memo(&hostile(at + 23)),
        };
    }

    /// Once a year a text whose JSON escape is half of a pair, which readers take as U+FFFD.
    pub fn broken_escape(&mut self, day: NaiveDate) {
        if day.ordinal() == 100 {
            let row = self.row(day, -1_234, "POS \u{fffd} HALF AN EMOJI");
            row.set("Description", Json::literal("\"POS \\ud83d HALF AN EMOJI\""));
        }
    }

    /// Writes cents as the bank does: mostly with two places, now and then with fewer or more.
    fn digits(&mut self, cents: i64) -> String {
        let text = dollars(cents);
        match self.rng.u8(..40) {
            0..8 if text.ends_with('0') => {
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
            8 => text + "00",
            _ => text,
        }
    }

    fn filled_in(&mut self, text: &str) -> String {
        // A single mark is a number sign; only a run of them stands for digits.
        let chars: Vec<char> = text.chars().collect();
        let marked = |at: usize| chars.get(at) == Some(&'#');
        let digit = |at: usize| marked(at) && (marked(at + 1) || (at > 0 && marked(at - 1)));
        let mut out = String::new();
        for (at, c) in chars.iter().enumerate() {
            out.push(if digit(at) { self.rng.digit(10) } else { *c });
        }
        out
    }
}

/// Cents as dollars with two places.
pub fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}
