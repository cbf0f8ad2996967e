//! Amounts are exact or quarantined: never zero, never rounded, never filled in.

use std::collections::BTreeMap;

use sophtron_sync::domain::{Currency, Money, parse_decimal, shortest, tidy};

use super::{day, families, files, settled, status, with_line};
use crate::bank::{Json, World};
use crate::home::Home;
use crate::readers::{ledgers, ofx, tables};

/// An amount as sent, and its digits as booked in the currency; `None` where it is quarantined.
type Case = (&'static str, Option<&'static str>);

const DOLLARS: [Case; 22] = [
    ("-12345678901234567890.12", Some("-12345678901234567890.12")),
    ("98765432109876543210", Some("98765432109876543210.00")),
    ("-9007199254740993.01", Some("-9007199254740993.01")),
    ("-0.1", Some("-0.10")),
    ("0.2", Some("0.20")),
    ("-0.3000", Some("-0.3000")),
    ("1234567.890000", Some("1234567.890000")),
    ("-0.00000100", Some("-0.00000100")),
    ("0.00", Some("0.00")),
    ("\"-18.40\"", Some("-18.40")),
    ("\" 5 \"", Some("5.00")),
    ("null", None),
    ("\"\"", None),
    ("1e2", None),
    ("1.5E+3", None),
    ("\"1,000.00\"", None),
    ("\"$5.00\"", None),
    ("\"(5.00)\"", None),
    ("true", None),
    ("{\"value\":5}", None),
    ("12345678901234567890123456789", None),
    ("0.12345678901234567890123456789", None),
];

const YEN: [Case; 4] =
    [("-1200", Some("-1200")), ("1200.0", Some("1200.0")), ("-7.00", Some("-7.00")), ("1e3", None)];

const DINARS: [Case; 4] = [
    ("-1.5", Some("-1.500")),
    ("12.3456", Some("12.3456")),
    ("-20", Some("-20.000")),
    ("\"1.500 KD\"", None),
];

const ACCOUNTS: [(&str, &str, &[Case]); 3] =
    [("dollars", "USD", &DOLLARS), ("yen", "JPY", &YEN), ("dinars", "KWD", &DINARS)];

fn world() -> World {
    let mut world = World::new(day("2026-03-31"));
    let login = world.add_user("smith").add_login("Sandbox Bank");
    for (name, code, cases) in ACCOUNTS {
        let account = login.add_account(name).currency(Json::text(code));
        account.suggest("depository", &format!("Assets:{name}"), code).opening("100");
        for (nth, (sent, booked)) in cases.iter().enumerate() {
            let digits = booked.unwrap_or("0");
            let row = account.add_row("2026-03-02", digits, &format!("ROW {nth}"));
            row.set("Amount", Json::literal(sent));
            let out = digits.starts_with('-');
            row.set("Type", Json::text(if out { "DEBIT" } else { "CREDIT" }));
            if booked.is_none() {
                row.not_understood();
            }
        }
        account.add_row("2026-03-03", "1", "MISSING").leave_out("Amount").not_understood();
        // What cannot be understood moves no balance that the bank tells.
        let bookable = |text: &str| parse_decimal(text).expect("a decimal");
        let sum = cases
            .iter()
            .filter_map(|(_, booked)| booked.map(bookable))
            .sum::<rust_decimal::Decimal>();
        account.balance(&(sum + bookable("100")).to_string());
    }
    world
}

fn synced() -> Home {
    let home = settled(world(), "2026-03-01");
    home.run(&["sync"]).ends_with(0);
    home
}

/// Text of the row and its digits, of the rows that are booked.
fn booked(cases: &[Case]) -> BTreeMap<String, String> {
    let named = cases
        .iter()
        .enumerate()
        .filter_map(|(nth, (_, booked))| Some((format!("ROW {nth}"), (*booked)?.to_owned())));
    named.collect()
}

#[test]
fn amounts_are_exact_in_every_format_or_quarantined() {
    let home = synced();
    let all = home.path("bank/smith/all.ledger");
    assert_eq!(ledgers::hledger_check(&all), Ok(()));
    for (name, code, cases) in ACCOUNTS {
        let booked = booked(cases);
        let told = status(&home, &format!("smith/{name}"));
        let counts = (&told["transactions"], &told["quarantined"], &told["state"]);
        let odd = cases.len() - booked.len() + 1;
        assert_eq!(counts, (&booked.len().into(), &odd.into(), &"ok".into()), "{name}");
        let folder = home.path("bank/smith").join(name);
        let of = |payee: &str, amount: &str| (payee.to_owned(), amount.to_owned());
        let own = |row: &crate::readers::ReadRow| {
            row.account == format!("Assets:{name}") && !row.id.is_empty()
        };
        let read: BTreeMap<_, _> = ledgers::hledger_rows(&all)
            .iter()
            .filter(|row| own(row))
            .map(|row| of(&row.payee, &row.amount))
            .collect();
        assert_eq!(read, booked, "hledger");
        let read: BTreeMap<_, _> = ledgers::ledger_rows(&all)
            .iter()
            .filter(|row| own(row))
            .map(|row| of(&row.payee, &value(&row.amount)))
            .collect();
        let by_value: BTreeMap<_, _> =
            booked.iter().map(|(payee, digits)| of(payee, &value(digits))).collect();
        assert_eq!(read, by_value, "ledger");
        let read: BTreeMap<_, _> = tables::csv_rows(&folder.join("2026.csv"))
            .iter()
            .map(|row| of(&row.payee, &row.amount))
            .collect();
        assert_eq!(read, booked, "CSV");
        for statement in [
            ofx::ofxtools(&folder.join("2026.ofx"), "UTC"),
            ofx::ofxparse(&folder.join("2026.ofx"), "UTC"),
        ] {
            assert_eq!(statement.currency, code);
            let read: BTreeMap<_, _> =
                statement.rows.iter().map(|row| of(&row.payee, &row.amount)).collect();
            assert_eq!(read, booked, "OFX");
        }
    }
}

fn value(digits: &str) -> String {
    shortest(parse_decimal(digits).expect("a decimal"))
}

#[test]
fn quarantined_rows_are_told_with_their_reason_and_stand_in_no_file() {
    let home = synced();
    let told = home.run(&["status"]).ends_with(0).out;
    let stands = "12 rows are quarantined: booked nowhere";
    assert!(told.contains(stands), "{told}");
    let again = home.run(&["sync"]).ends_with(0);
    assert!(again.out.contains("nothing new") && again.err.contains(stands), "{again:?}");
    assert!(told.contains("no amount") && told.contains("no plain decimal"), "{told}");
    for (name, bytes) in files(&home, "bank") {
        assert!(!String::from_utf8_lossy(&bytes).contains("MISSING"), "{name}");
    }
}

/// The bank's balances agree although odd rows are among its answer, to the last digit.
#[test]
fn openings_and_balances_of_large_amounts_are_exact() {
    let home = synced();
    for (name, code, cases) in ACCOUNTS {
        let currency = Currency::parse(code).expect("a code");
        let sum = cases.iter().filter_map(|(_, booked)| parse_decimal((*booked)?));
        let amount = sum.sum::<rust_decimal::Decimal>() + rust_decimal::Decimal::ONE_HUNDRED;
        let told = status(&home, &format!("smith/{name}"));
        let balance = Money { amount, currency: currency.clone() }.plain();
        assert_eq!(told["balance"], balance.as_str());
        assert!(told["drift"].is_null());
        let opening =
            Money { amount: rust_decimal::Decimal::ONE_HUNDRED, currency: currency.clone() };
        let opening = format!("{} {code}\n    Equity:Opening Balances", opening.plain());
        assert!(home.read(&format!("bank/smith/{name}/2026.ledger")).contains(&opening));
        let asserted = Money { amount: tidy(amount), currency }.plain();
        let asserted = format!(" = {asserted} {code}");
        assert!(home.read("bank/smith/assertions.journal").contains(&asserted), "{asserted}");
    }
    let checks = home.path("bank/smith/checks.journal");
    assert_eq!(ledgers::hledger_check(&checks), Ok(()));
    assert_eq!(ledgers::ledger_check(&checks), Ok(()));
}

#[test]
fn a_balance_that_is_missing_or_no_decimal_is_no_balance() {
    for (key, literal) in [("Balance", "null"), ("Balance", "1e2"), ("Balance", "\"n/a\"")] {
        let mut world = super::one_account();
        world.accounts_mut().for_each(|account| {
            account.set(key, Json::literal(literal));
        });
        let home = settled(world, "2026-01-01");
        home.run(&["sync"]).ends_with(0);
        let told = status(&home, "smith/checking");
        assert!(told["balance"].is_null() && told["drift"].is_null(), "{told}");
        assert_eq!(told["transactions"], 3);
        let names: Vec<_> = files(&home, "bank/smith/checking").into_keys().collect();
        assert_eq!(names, ["2026.csv", "2026.ledger"], "no OFX without a balance");
        assert!(!home.read("bank/smith/checking/2026.ledger").contains("Opening balance"));
        let line = &tables::csv_table(&home.path("bank/accounts.csv"))[0];
        assert_eq!((line["balance"].as_str(), line["balance_date"].as_str()), ("", ""));
        assert!(tables::csv_table(&home.path("bank/smith/balances.csv")).is_empty());
    }
}

#[test]
fn a_row_in_another_currency_is_quarantined_ignored_or_kept_in_its_own() {
    let mut world = super::one_account();
    let account = world.accounts_mut().next().expect("an account");
    account
        .add_row("2026-03-03", "-300", "TEA")
        .set("Currency", Json::text("JPY"))
        .not_understood();
    account.balance("1226.35");
    let home = settled(world, "2026-01-01");
    home.run(&["sync"]).ends_with(0);
    assert_eq!(status(&home, "smith/checking")["quarantined"], 1);
    let start = families(&home, "2026-01-01");
    for (word, amount, currency) in [("ignore", "-300.00", "USD"), ("own", "-300", "JPY")] {
        home.reconfigure("", &with_line(&start, "checking", &format!("row_currency = \"{word}\"")));
        home.run(&["export"]).ends_with(0);
        assert_eq!(status(&home, "smith/checking")["quarantined"], 0);
        let rows = tables::csv_rows(&home.path("bank/smith/checking/2026.csv"));
        let tea = rows.iter().find(|row| row.payee == "TEA").expect("it is booked");
        assert_eq!((tea.amount.as_str(), tea.currency.as_str()), (amount, currency));
        let checks = home.path("bank/smith/checks.journal");
        let told = ledgers::hledger_check(&checks).and_then(|()| ledgers::ledger_check(&checks));
        assert_eq!(told, Ok(()), "{word}");
    }
}

#[test]
fn sums_of_more_than_28_digits_are_told() {
    let mut world = super::one_account();
    world.accounts_mut().for_each(|account| {
        account.add_row("2026-03-02", "9999999999999999999999999999", "LONG");
        account.balance("100.00");
    });
    let home = settled(world, "2026-01-01");
    home.run(&["sync"]).ends_with(0);
    assert!(!home.read("bank/smith/checking/2026.ledger").contains("Opening balance"));
    let told = status(&home, "smith/checking");
    assert!(told["help"].as_str().is_some_and(|help| help.contains("28 digits")), "{told}");
}
