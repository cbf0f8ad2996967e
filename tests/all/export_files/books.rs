//! Books to write files of.

use std::collections::BTreeMap;

use sophtron_sync::domain::{
    AccountType, Assertion, Booking, Currency, Day, DecimalMark, DescriptionStyle, Drift, Money,
    Name, OfxIdentity, Statement, Style, Track, civil_day, parse_decimal,
};

/// The style of a configuration that says nothing.
pub(crate) fn style() -> Style {
    Style {
        unknown_expense: "Expenses:Unknown".to_owned(),
        unknown_income: "Income:Unknown".to_owned(),
        opening: "Equity:Opening Balances".to_owned(),
        reconciliation: "Equity:Reconciliation".into(),
        description: DescriptionStyle::Tag,
        commodity: BTreeMap::new(),
        decimal_mark: DecimalMark::Point,
        declarations: true,
        spreadsheet_safe: false,
    }
}

/// A day that exists.
pub(crate) fn day(text: &str) -> Day {
    civil_day(text).expect("a day")
}

/// An amount such as `-18.40 USD`.
pub(crate) fn money(text: &str) -> Money {
    let (amount, code) = text.split_once(' ').expect("an amount and a code");
    let amount = parse_decimal(amount).expect("a decimal");
    Money { amount, currency: Currency::parse(code).expect("a code") }
}

/// A row with nothing but a day, an amount and a payee; its description is the same text.
pub(crate) fn row(id: &str, on: &str, amount: &str, payee: &str) -> Booking {
    let amount = money(amount);
    let out = amount.amount.is_sign_negative();
    Booking {
        id: id.to_owned(),
        day: day(on),
        payee: payee.to_owned(),
        description: Some(payee.to_owned()),
        category: None,
        memo: None,
        check_number: None,
        posted: None,
        kind: Some(if out { "DEBIT" } else { "CREDIT" }.to_owned()),
        has_status: true,
        other_side: if out { "Expenses:Unknown" } else { "Income:Unknown" }.to_owned(),
        amount,
    }
}

/// A checking account of the family `smith` without rows, opened with 1000.00 USD.
pub(crate) fn checking() -> Statement {
    Statement {
        family: Name::parse("smith").expect("a name"),
        account: Name::parse("joint-checking").expect("a name"),
        account_id: "a3c9e1d4-1111-4222-8333-444455556666".to_owned(),
        kind: AccountType::Depository,
        track: Track::Cash,
        ledger: "Assets:Bank:Joint Checking".to_owned(),
        currency: Currency::usd(),
        start: day("2026-01-01"),
        opening: parse_decimal("1000"),
        opening_account: "Equity:Opening Balances".to_owned(),
        opening_entry: true,
        bookings: Vec::new(),
        pending: Vec::new(),
        assertion: None,
        ofx: OfxIdentity {
            bank_id: "000000000".to_owned(),
            account_id: "joint-checkin-8744b70f".to_owned(),
            account_type: "CHECKING".to_owned(),
        },
    }
}

/// The checking account with some rows of every kind in two years.
pub(crate) fn lived_in() -> Statement {
    let groceries = Booking {
        payee: "Green Grocer".to_owned(),
        description: Some("POS 0417 GREEN GROCER; 12".to_owned()),
        category: Some("Groceries, Food".to_owned()),
        check_number: Some("1042".to_owned()),
        ..row("0b7e5a52-9c1f-4f7a-8a55-1d2c3b4a5968", "2026-01-05", "-18.4 USD", "")
    };
    let interest = Booking {
        memo: Some("for \"December\"".to_owned()),
        posted: Some(day("2026-02-01")),
        kind: Some("Interest".to_owned()),
        has_status: false,
        ..row("i-2", "2026-01-31", "5.125 USD", "(Bank) <Interest> & more")
    };
    let next_year = Booking {
        posted: Some(day("2027-03-02")),
        description: None,
        ..row("i-3", "2027-03-02", "-100.00 USD", "\u{200E}\n")
    };
    let waiting =
        Booking { has_status: true, ..row("i-4", "2027-03-04", "-7.00 USD", "=Coffee, hot") };
    Statement {
        bookings: vec![groceries, interest, next_year],
        pending: vec![waiting],
        assertion: Some(Assertion {
            day: day("2027-03-02"),
            amount: parse_decimal("886.725").expect("a decimal"),
            agreed_on: day("2027-03-03"),
            agreed: parse_decimal("886.725").expect("a decimal"),
            drift: None,
        }),
        ..checking()
    }
}

/// A card in drift, whose opening stands in the owner's own journal; it has a row in yen.
pub(crate) fn detached_card() -> Statement {
    Statement {
        account: Name::parse("amex").expect("a name"),
        kind: AccountType::CreditCard,
        ledger: "Liabilities:Amex".to_owned(),
        opening: parse_decimal("-20.5"),
        opening_entry: false,
        start: day("2025-12-31"),
        bookings: vec![row("c-1", "2026-02-01", "-1 JPY", "Tea")],
        assertion: Some(Assertion {
            day: day("2026-02-01"),
            amount: parse_decimal("-20.50").expect("a decimal"),
            agreed_on: day("2026-01-30"),
            agreed: parse_decimal("-20.50").expect("a decimal"),
            drift: Some(Drift {
                amount: parse_decimal("-3.00").expect("a decimal"),
                since: day("2026-02-02"),
            }),
        }),
        ..checking()
    }
}
