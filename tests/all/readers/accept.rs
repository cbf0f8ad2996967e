//! Whole folders: strict readers accept every entry point, and the checks check.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sophtron_sync::domain::{
    AccountType, Assertion, Currency, DecimalMark, DescriptionStyle, Name, Statement, Style,
    parse_decimal,
};

use super::{ledgers, ofx, write_family};
use crate::export_files::books::{checking, day, detached_card, lived_in, row, style};

const ENTRY_POINTS: [&str; 5] =
    ["all.ledger", "2026.journal", "2027.journal", "checks.journal", "joint-checking/2026.ledger"];

fn accepted(folder: &Path, strict: &[&str]) {
    for entry in strict {
        let path = folder.join(entry);
        let told = ledgers::hledger_check(&path).and_then(|()| ledgers::ledger_check(&path));
        assert_eq!(told, Ok(()), "{entry}");
    }
}

/// The checking account with its assertion, a card whose opening stands apart, accounts in yen and
/// dinar.
fn household() -> Vec<Statement> {
    let abroad = |name: &str, code: &str, amount: &str| {
        let booked = row(&format!("{name}-1"), "2026-05-05", amount, "Abroad");
        let total =
            parse_decimal("1000").and_then(|opening| opening.checked_add(booked.amount.amount));
        Statement {
            account: Name::parse(name).expect("a name"),
            kind: AccountType::Loan,
            ledger: format!("Liabilities:{name} (100%)"),
            currency: Currency::parse(code).expect("a code"),
            assertion: Some(Assertion {
                day: day("2026-05-05"),
                amount: total.expect("a sum"),
                agreed_on: day("2026-05-06"),
                agreed: total.expect("a sum"),
                drift: None,
            }),
            bookings: vec![booked],
            ..checking()
        }
    };
    vec![
        lived_in(),
        detached_card(),
        abroad("yen", "JPY", "-300 JPY"),
        abroad("dinar", "KWD", "-1.250 KWD"),
    ]
}

#[test]
fn every_entry_point_is_accepted_in_every_style() {
    let names = ["$", "K.D.", "a b", "€"].map(str::to_owned);
    let codes = ["USD", "KWD", "JPY", "EUR"].map(|code| Currency::parse(code).expect("a code"));
    let commodity: BTreeMap<_, _> = codes.into_iter().zip(names).collect();
    for style in [
        style(),
        Style { description: DescriptionStyle::Payee, ..style() },
        Style { decimal_mark: DecimalMark::Comma, ..style() },
        Style { decimal_mark: DecimalMark::Comma, commodity: commodity.clone(), ..style() },
        Style { commodity, ..style() },
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        write_family(folder.path(), &household(), &style);
        accepted(folder.path(), &ENTRY_POINTS[..4]);
        let all = folder.path().join("all.ledger");
        assert_eq!(ledgers::hledger_balances(&all), ledgers::ledger_balances(&all));
        let dinars: Vec<_> = ledgers::ledger_rows(&all)
            .into_iter()
            .filter(|row| row.id == "dinar-1")
            .map(|row| row.amount)
            .collect();
        assert_eq!(dinars, ["-1.25"], "{style:?}");
    }
}

#[test]
fn a_false_opening_fails_the_checks_in_both_programs() {
    for (account, file) in
        [("joint-checking", "joint-checking/2026.ledger"), ("amex", "checks.journal")]
    {
        let folder = tempfile::tempdir().expect("a folder");
        write_family(folder.path(), &household(), &style());
        let checks = folder.path().join("checks.journal");
        accepted(folder.path(), &["checks.journal"]);
        falsify_opening(&folder.path().join(file));
        for told in [ledgers::hledger_check(&checks), ledgers::ledger_check(&checks)] {
            let told = told.expect_err("the balance is another");
            assert!(told.to_lowercase().contains("balance assertion"), "{account}: {told}");
        }
        accepted(folder.path(), &["all.ledger"]);
    }
}

/// Adds a cent to the first entry of a file, on both sides.
#[allow(clippy::disallowed_methods)]
fn falsify_opening(file: &Path) {
    let text = std::fs::read_to_string(file).expect("a file");
    let text = text.replacen("1000.00 USD", "1000.01 USD", 2).replacen("20.50 USD", "20.51 USD", 2);
    std::fs::write(file, text).expect("a file");
}

#[test]
fn files_without_declarations_are_read_by_themselves() {
    for decimal_mark in [DecimalMark::Point, DecimalMark::Comma] {
        let style = Style { declarations: false, decimal_mark, ..style() };
        let folder = tempfile::tempdir().expect("a folder");
        write_family(folder.path(), &household(), &style);
        let all = folder.path().join("all.ledger");
        assert_eq!(ledgers::hledger_balances(&all), ledgers::ledger_balances(&all));
        let dinar = ledgers::hledger_rows(&folder.path().join("dinar/2026.ledger"));
        assert_eq!(dinar.last().map(|row| row.amount.trim_end_matches('0')), Some("-1.25"));
    }
}

#[test]
fn a_journal_with_a_decimal_comma_may_include_ours() {
    let folder = tempfile::tempdir().expect("a folder");
    write_family(folder.path(), &[lived_in()], &style());
    let parent = folder.path().join("parent.journal");
    write_parent(&parent);
    let balances = ledgers::hledger_balances(&parent);
    let own = ("Assets:Bank:Joint Checking".to_owned(), "USD".to_owned());
    assert_eq!(balances.get(&own).copied(), parse_decimal("886.725"));
}

#[allow(clippy::disallowed_methods)]
fn write_parent(path: &Path) {
    let text = "commodity USD\n    format 1.000,00 USD\n\ninclude all.ledger\n";
    std::fs::write(path, text).expect("a file");
}

/// Every time zone from UTC-10 to UTC+13 shows the booked day, in winter and in summer.
#[test]
fn ofx_shows_the_booked_day_everywhere() {
    let days = ["2026-01-01", "2026-07-01", "2026-12-31"];
    let rows = days.map(|on| row(on, on, "-1.00 USD", "Tea"));
    let kinds = [AccountType::Depository, AccountType::CreditCard, AccountType::Investment];
    let folders = kinds.map(|kind| {
        let statement = Statement { kind, bookings: rows.to_vec(), ..checking() };
        let folder = tempfile::tempdir().expect("a folder");
        write_family(folder.path(), &[statement], &style());
        folder
    });
    let files = folders.each_ref().map(|folder| folder.path().join("joint-checking/2026.ofx"));
    let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    for zone in ["Pacific/Honolulu", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland"] {
        let ofxdump = files.iter().map(|file| ofx::ofxdump(file, zone)).collect();
        for read in [ofxdump, ofx::ofxtools_each(&files, zone), ofx::ofxparse_each(&files, zone)] {
            assert_eq!(read.len(), kinds.len());
            for (kind, read) in kinds.into_iter().zip(read) {
                let read_days: Vec<_> = read.rows.iter().map(|row| row.day.as_str()).collect();
                assert_eq!(read_days, days, "{kind:?} in {zone}");
                assert_eq!(
                    (read.account.as_str(), read.currency.as_str()),
                    ("joint-checkin-8744b70f", "USD")
                );
                let balance = (kind != AccountType::Investment).then_some("997.00");
                assert_eq!(read.balance.as_deref(), balance, "{kind:?} in {zone}");
            }
        }
    }
}

/// A row in a currency of its own is read as such, beside the account's.
#[test]
fn rows_in_another_currency_are_read_as_such() {
    let tea = row("1", "2026-01-06", "-300 JPY", "Tea");
    let statement = Statement { bookings: vec![tea], ..checking() };
    let folder = tempfile::tempdir().expect("a folder");
    write_family(folder.path(), &[statement], &style());
    accepted(folder.path(), &["all.ledger"]);
    let all = folder.path().join("all.ledger");
    let read = ledgers::hledger_rows(&all);
    let amounts: Vec<_> =
        read.iter().map(|row| format!("{} {}", row.amount, row.currency)).collect();
    assert_eq!(amounts, ["1000.00 USD", "-300 JPY"]);
    assert_eq!(ledgers::ledger_balances(&all), ledgers::hledger_balances(&all));
}
