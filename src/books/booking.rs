//! Which day and which amount a row is booked with, or why it cannot be.

use super::currency::row_currency;
use crate::domain::{
    Account, AccountType, AmountSign, BalanceSign, Currency, Day, KeptAccount, KeptRow, Money,
    ReceivedRow, RowCurrency, Sent, Settled, Standing,
};
use rust_decimal::Decimal;

/// What decides how rows and balances of one account are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The account's kind.
    pub kind: AccountType,
    /// The account's currency.
    pub currency: Currency,
    /// What becomes of rows in another currency.
    pub row_currency: RowCurrency,
    /// How the direction of an amount is told.
    pub amount_sign: AmountSign,
    /// With [`AmountSign::Auto`]: what directs an amount without a usable type, once evidence
    /// settled it.
    pub untyped: Option<AmountSign>,
    /// How a debt's reported balance is meant.
    pub balance_sign: BalanceSign,
    /// The first day that is booked.
    pub start: Day,
}

impl Rules {
    /// The rules of an account as configured, with its currency and first day.
    #[must_use]
    pub fn new(account: &Account, currency: Currency, start: Day) -> Self {
        Self {
            kind: account.kind,
            currency,
            row_currency: account.row_currency,
            amount_sign: account.amount_sign,
            untyped: None,
            balance_sign: account.balance_sign,
            start,
        }
    }

    /// The same rules with the signs that evidence settled, where the configuration leaves them
    /// open.
    #[must_use]
    pub fn proved(mut self, settled: &Settled) -> Self {
        if self.balance_sign == BalanceSign::Auto {
            let proved = settled.balance_sign.as_ref();
            self.balance_sign = proved.map_or(BalanceSign::Auto, |proved| proved.sign);
        }
        if self.amount_sign == AmountSign::Auto {
            self.untyped = settled.amount_sign.as_ref().map(|proved| proved.sign);
        }
        self
    }

    /// The rules of an account as kept: as it was last linked.
    #[must_use]
    pub fn of(kept: &KeptAccount, settled: &Settled) -> Self {
        let linked = &kept.linked;
        let currency = linked.account.currency.as_ref().unwrap_or(&settled.currency);
        Self::new(&linked.account, currency.clone(), linked.start).proved(settled)
    }

    /// A reported balance as booked: what is owed is negative. `None` while a debt's sign is not
    /// settled.
    #[must_use]
    pub fn signed(&self, reported: Decimal) -> Option<Decimal> {
        let owed_is_positive = match (self.kind, self.balance_sign) {
            (AccountType::Depository | AccountType::Investment, _)
            | (_, BalanceSign::Signed)
            | (AccountType::Other, BalanceSign::Auto) => false,
            (_, BalanceSign::Owed) => true,
            (AccountType::CreditCard | AccountType::Loan, BalanceSign::Auto) => return None,
        };
        Some(if owed_is_positive && !reported.is_zero() { -reported } else { reported })
    }
}

/// The day and amount of a row, as booked on its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The booked day.
    pub day: Day,
    /// The amount: negative is out.
    pub amount: Money,
}

/// Why a row is quarantined: shown, booked nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No date was sent.
    #[error("it has no date")]
    NoDay,
    /// The date is none.
    #[error("its date is no date")]
    UnusableDay,
    /// No amount was sent.
    #[error("it has no amount")]
    NoAmount,
    /// The amount is no plain decimal.
    #[error("its amount is no plain decimal of at most 28 digits")]
    UnusableAmount,
    /// Nothing tells the direction.
    #[error("its type is neither DEBIT nor CREDIT: set amount_sign if the number's sign decides")]
    NoDirection,
    /// The number's sign contradicts the type.
    #[error("it is a CREDIT with a negative amount: set amount_sign if the number's sign decides")]
    Contradiction,
    /// The row names another currency.
    #[error("its currency is {0}: set row_currency to ignore or own")]
    ForeignCurrency(Currency),
    /// The row names another currency than one that was only assumed.
    #[error(
        "its currency is {0}: set currency = \"{0}\" if the account is in it, else row_currency to ignore or own"
    )]
    UnstatedCurrency(Currency),
    /// The row's currency is written in a way that is not the account's, and may mean several.
    #[error("its currency is written {0}, which is not the account's: set row_currency to ignore")]
    ForeignSymbol(String),
}

/// Books one row.
///
/// # Errors
/// A [`Refusal`] for a row that cannot be understood; nothing is ever filled in.
pub fn book(row: &ReceivedRow, rules: &Rules) -> Result<Entry, Refusal> {
    let day = match row.day() {
        Sent::Value(day) => day,
        Sent::Nothing => return Err(Refusal::NoDay),
        Sent::Unusable(_) => return Err(Refusal::UnusableDay),
    };
    let amount = match &row.amount {
        Sent::Value(amount) => directed(*amount, row.kind.as_deref(), rules)?,
        Sent::Nothing => return Err(Refusal::NoAmount),
        Sent::Unusable(_) => return Err(Refusal::UnusableAmount),
    };
    let currency = row_currency(row.currency.as_deref(), rules)?;
    Ok(Entry { day, amount: Money { amount, currency } })
}

/// Books a kept row. What the owner booked himself is as he booked it, whatever the settings say
/// of the service's rows.
///
/// # Errors
/// As [`book`].
pub fn book_kept(row: &KeptRow, rules: &Rules) -> Result<Entry, Refusal> {
    if row.standing != Standing::Entry {
        return book(&row.row, rules);
    }
    book(&row.row, &Rules { amount_sign: AmountSign::Signed, ..rules.clone() })
}

fn directed(amount: Decimal, kind: Option<&str>, rules: &Rules) -> Result<Decimal, Refusal> {
    let negated = |amount: Decimal| if amount.is_zero() { amount } else { -amount };
    match rules.amount_sign {
        AmountSign::Signed => Ok(amount),
        AmountSign::Inverted => Ok(negated(amount)),
        AmountSign::Type | AmountSign::Auto => {
            let kind = kind.unwrap_or("").trim();
            if kind.eq_ignore_ascii_case("debit") {
                Ok(negated(amount.abs()))
            } else if !kind.eq_ignore_ascii_case("credit") {
                match rules.untyped {
                    Some(AmountSign::Inverted) => Ok(negated(amount)),
                    Some(_) => Ok(amount),
                    None => Err(Refusal::NoDirection),
                }
            } else if amount.is_sign_negative() {
                Err(Refusal::Contradiction)
            } else {
                Ok(amount)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{civil_day, parse_decimal};

    fn rules(amount_sign: AmountSign, row_currency: RowCurrency) -> Rules {
        Rules {
            kind: AccountType::Depository,
            currency: Currency::usd(),
            row_currency,
            amount_sign,
            untyped: None,
            balance_sign: BalanceSign::Auto,
            start: civil_day("2026-01-01").unwrap(),
        }
    }

    fn row(amount: &str, kind: Option<&str>) -> ReceivedRow {
        ReceivedRow {
            amount: parse_decimal(amount).map_or(Sent::Unusable(amount.into()), Sent::Value),
            kind: kind.map(str::to_owned),
            transaction_date: Sent::Value(civil_day("2026-03-02").unwrap()),
            ..ReceivedRow::default()
        }
    }

    #[test]
    fn the_direction_is_told_by_the_setting_and_never_guessed() {
        use AmountSign::{Auto, Inverted, Signed, Type};
        for (sign, amount, kind, booked) in [
            (Auto, "18.40", Some("Debit"), Ok("-18.40")),
            (Auto, "-18.40", Some("DEBIT"), Ok("-18.40")),
            (Type, "18.4", Some("credit"), Ok("18.4")),
            (Auto, "-5", Some("CREDIT"), Err(Refusal::Contradiction)),
            (Auto, "-5", None, Err(Refusal::NoDirection)),
            (Type, "5", Some("INTEREST"), Err(Refusal::NoDirection)),
            (Signed, "-5", Some("CREDIT"), Ok("-5")),
            (Inverted, "-5", None, Ok("5")),
            (Inverted, "0.00", None, Ok("0.00")),
            (Auto, "0.00", Some("DEBIT"), Ok("0.00")),
            (Auto, "1e2", Some("DEBIT"), Err(Refusal::UnusableAmount)),
        ] {
            let entry = book(&row(amount, kind), &rules(sign, RowCurrency::Strict));
            let booked = booked.map(str::to_owned);
            assert_eq!(
                entry.map(|e| e.amount.amount.to_string()),
                booked,
                "{sign:?} {amount} {kind:?}"
            );
        }
    }

    #[test]
    fn nothing_missing_is_filled_in() {
        let strict = rules(AmountSign::Auto, RowCurrency::Strict);
        let no_amount = ReceivedRow { amount: Sent::Nothing, ..row("1", Some("DEBIT")) };
        assert_eq!(book(&no_amount, &strict), Err(Refusal::NoAmount));
        let no_day = ReceivedRow { transaction_date: Sent::Nothing, ..row("1", Some("DEBIT")) };
        assert_eq!(book(&no_day, &strict), Err(Refusal::NoDay));
        let bad_day = ReceivedRow {
            transaction_date: Sent::Unusable("soon".into()),
            post_date: Sent::Value(civil_day("2026-03-03").unwrap()),
            ..row("1", Some("DEBIT"))
        };
        assert_eq!(book(&bad_day, &strict), Err(Refusal::UnusableDay));
    }

    #[test]
    fn a_foreign_code_is_quarantined_ignored_or_kept_and_a_symbol_fits() {
        let cad = ReceivedRow { currency: Some("CAD".into()), ..row("1", Some("CREDIT")) };
        let booked = |row: &ReceivedRow, how| {
            book(row, &rules(AmountSign::Auto, how)).map(|entry| entry.amount.currency.to_string())
        };
        let foreign = Refusal::ForeignCurrency(Currency::parse("CAD").unwrap());
        assert_eq!(booked(&cad, RowCurrency::Strict), Err(foreign));
        assert_eq!(booked(&cad, RowCurrency::Ignore), Ok("USD".into()));
        assert_eq!(booked(&cad, RowCurrency::Own), Ok("CAD".into()));
        let symbol = ReceivedRow { currency: Some("$".into()), ..row("1", Some("CREDIT")) };
        assert_eq!(booked(&symbol, RowCurrency::Strict), Ok("USD".into()));
    }

    #[test]
    fn a_debt_is_negative_when_owed_and_unknown_until_settled() {
        let of = |kind, balance_sign| Rules {
            kind,
            balance_sign,
            ..rules(AmountSign::Auto, RowCurrency::Strict)
        };
        let ten = Decimal::TEN;
        assert_eq!(of(AccountType::CreditCard, BalanceSign::Owed).signed(ten), Some(-ten));
        assert_eq!(of(AccountType::Loan, BalanceSign::Signed).signed(-ten), Some(-ten));
        assert_eq!(of(AccountType::Loan, BalanceSign::Auto).signed(ten), None);
        assert_eq!(of(AccountType::Other, BalanceSign::Auto).signed(ten), Some(ten));
        assert_eq!(of(AccountType::Other, BalanceSign::Owed).signed(ten), Some(-ten));
        assert_eq!(of(AccountType::Depository, BalanceSign::Auto).signed(-ten), Some(-ten));
    }
}
