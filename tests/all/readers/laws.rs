//! For all texts, amounts and names: what every program reads is what was meant.
//!
//! Starting a program takes longer than reading a row: each case is a file of many rows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseResult};
use sophtron_sync::domain::{
    AccountType, Booking, Currency, DecimalMark, Money, Name, Statement, Style, parse_decimal,
};

use super::{ReadRow, ledgers, long, meant, ofx, tables, write_family};
use crate::export_files::books::{checking, day, row, style};

/// Rows in one file.
const BATCH: usize = 250;

/// What has a meaning to one of the programs, or looks like white space or nothing to some.
const PIECES: [&str; 84] = [
    ";",
    " ; ",
    "  ",
    "\t",
    "(",
    ")",
    "()",
    "[2020-01-01]",
    "[12]",
    "[=2020/1/1]",
    "date:2020-01-01",
    "date2:2020-01-01",
    "|",
    " | ",
    "=",
    "==",
    "@",
    "@@ 5 USD",
    "{5 USD}",
    "<NAME>",
    "</STMTTRN>",
    "&",
    "&amp;",
    "&lt;",
    "&#65;",
    "<",
    ">",
    "]]>",
    "<!--",
    "<?",
    "\"",
    "\"\"",
    "'",
    "`",
    "\\",
    "\\n",
    "%",
    "%(payee)",
    "$",
    "*",
    "!",
    "* ",
    "! ",
    "#",
    "~",
    "^",
    "_",
    ":",
    "::",
    "a: b",
    ":tag:",
    "UUID: 1",
    "Payee: x",
    "include x",
    "comment",
    "end",
    "2026-01-01",
    "1,234.56",
    "5 USD",
    "Assets:Cash  5 USD",
    ",",
    ",,",
    "\u{FEFF}",
    "\u{200E}",
    "\u{202E}",
    "\u{2067}",
    "\u{2028}",
    "\u{2029}",
    "\u{85}",
    "\u{A0}",
    "\u{3000}",
    "\0",
    "\u{7}",
    "\r\n",
    "\n",
    "é",
    "e\u{301}",
    "日本",
    "\u{1F375}",
    "\u{200B}",
    "\u{AD}",
    "\u{FFFE}",
    "=HYPERLINK(\"x\")",
    "\u{1F468}\u{200D}\u{1F469}",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(select(&PIECES[..]), 0..10).prop_map(|pieces| pieces.concat()),
        2 => any::<String>(),
        1 => "[ -~]{0,60}",
        1 => (select(&PIECES[..]), 1_usize..700).prop_map(|(piece, times)| piece.repeat(times)),
    ]
}

/// Up to 20 digits before the point, up to 8 behind it, trailing zeros among them.
fn amount() -> impl Strategy<Value = String> {
    let whole = prop_oneof!["0", "[1-9][0-9]{0,5}", "[1-9][0-9]{0,19}"];
    let places =
        prop_oneof![4 => "\\.[0-9]{2}", 1 => "\\.[0-9]{1,8}", 1 => "\\.[0-9]{0,4}00", 1 => ""];
    ("-?", whole, places).prop_map(|(sign, whole, places)| sign + &whole + &places)
}

fn booking() -> impl Strategy<Value = Booking> {
    let texts =
        (text(), prop::option::of(text()), prop::option::of(text()), prop::option::of(text()));
    let check = prop::option::weighted(0.3, prop_oneof!["[0-9]{1,14}", text()]);
    (texts, check, amount()).prop_map(
        |((payee, description, category, memo), check_number, amount)| {
            let mut booked = row("", "2026-01-01", "1 USD", "");
            booked.amount.amount = parse_decimal(&amount).expect("a decimal");
            Booking { payee, description, category, memo, check_number, ..booked }
        },
    )
}

/// An account's books, which a failing law does not print: the row that differs is enough.
struct Books(Statement);

impl fmt::Debug for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows in {} of {:?}", self.0.bookings.len(), self.0.currency, self.0.kind)
    }
}

/// Some rows on the days of two years, in the account's currency.
fn books() -> impl Strategy<Value = Books> {
    let code = select(vec!["USD", "CAD", "JPY", "KWD", "CLF"]);
    let kind = select(&AccountType::ALL[..]);
    let rows = prop::collection::vec(booking(), BATCH);
    (code, kind, rows).prop_map(|(code, kind, mut bookings)| {
        let currency = Currency::parse(code).expect("a code");
        for (at, booked) in bookings.iter_mut().enumerate() {
            booked.id = format!("row-{at}");
            booked.day = day("2026-01-01") + chrono::Days::new(2 * at as u64);
            booked.amount = Money { currency: currency.clone(), ..booked.amount.clone() };
        }
        Books(Statement { kind, currency, bookings, ..checking() })
    })
}

fn cases(rows: usize) -> Config {
    let cases = u32::try_from(rows.div_ceil(BATCH)).expect("few");
    Config { cases, max_shrink_iters: 0, failure_persistence: None, ..Config::default() }
}

/// As many rows as a law is tried with.
fn rows() -> usize {
    if long() { 10_000 } else { BATCH }
}

proptest! {
    #![proptest_config(cases(rows()))]

    #[test]
    fn ledger_files_say_what_was_meant(Books(books) in books()) {
        let folder = tempfile::tempdir().expect("a folder");
        write_family(folder.path(), std::slice::from_ref(&books), &style());
        let all = folder.path().join("all.ledger");
        prop_assert_eq!(ledgers::hledger_check(&all), Ok(()));
        let meant: Vec<_> =
            books.bookings.iter().map(|row| meant::in_ledger(row, &books.ledger)).collect();
        let read = ledgers::hledger_rows(&all).split_off(1);
        same_rows("hledger", &read, &meant)?;
        let by_value = |row: &ReadRow| ReadRow { amount: shortest(&row.amount), ..row.clone() };
        let read: Vec<_> = ledgers::ledger_rows(&all).iter().skip(1).map(by_value).collect();
        same_rows("ledger", &read, &meant.iter().map(by_value).collect::<Vec<_>>())?;
    }

    #[test]
    fn csv_files_say_what_was_meant(Books(books) in books()) {
        let folder = tempfile::tempdir().expect("a folder");
        write_family(folder.path(), std::slice::from_ref(&books), &style());
        let read = yearly(folder.path(), "csv", tables::csv_rows);
        let meant: Vec<_> =
            books.bookings.iter().map(|row| meant::in_csv(row, books.account.as_str())).collect();
        same_rows("csv", &read, &meant)?;
    }

    #[test]
    fn ofx_files_say_what_was_meant(Books(books) in books()) {
        let folder = tempfile::tempdir().expect("a folder");
        write_family(folder.path(), std::slice::from_ref(&books), &style());
        let meant: Vec<_> = books.bookings.iter().map(meant::in_ofx).collect();
        let read = |read: fn(&Path, &str) -> ofx::ReadStatement| {
            yearly(folder.path(), "ofx", |file| read(file, "UTC").rows)
        };
        same_rows("ofxtools", &read(ofx::ofxtools), &meant)?;
        same_rows("ofxparse", &read(ofx::ofxparse), &meant)?;
        same_rows("ofxdump", &to_the_cent(read(ofx::ofxdump), &meant), &meant)?;
        let read = yearly(folder.path(), "ofx", ofx::ledger_autosync);
        let meant: Vec<_> = meant.iter().map(in_autosync).collect();
        same_rows("ledger-autosync", &to_the_cent(read, &meant), &meant)?;
    }
}

/// Names that the configuration lets through: no two spaces, no semicolon, no odd white space, no
/// empty segment, no leading `( [ < * !`.
fn account_name() -> impl Strategy<Value = String> {
    let word = "[A-Za-z0-9éß日(){}\\[\\]<>/%&'#@=+*!?.,_~^$\"|\\\\-]{1,8}";
    let words = prop::collection::vec(word, 1..4).prop_map(|words| words.join(" "));
    prop::collection::vec(words, 1..4)
        .prop_map(|segments| segments.join(":"))
        .prop_filter("a leading mark", |name| !name.starts_with(['(', '[', '<', '*', '!']))
}

proptest! {
    #![proptest_config(cases(rows()))]

    #[test]
    fn account_names_are_read_as_given(
        own in prop::collection::btree_set(account_name(), 5),
        others in prop::collection::btree_set(account_name(), BATCH),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let others: Vec<_> = others.iter().filter(|name| !own.contains(*name)).collect();
        let household: Vec<_> = own.iter().enumerate().map(|(at, ledger)| {
            let bookings = others.iter().skip(at).step_by(own.len()).map(|other| Booking {
                other_side: (*other).clone(),
                ..row(other, "2026-01-05", "-1.00 USD", "Tea")
            });
            let account = Name::parse(&format!("account-{at}")).expect("a name");
            Statement { account, ledger: ledger.clone(), bookings: bookings.collect(), ..checking() }
        }).collect();
        write_family(folder.path(), &household, &style());
        let all = folder.path().join("all.ledger");
        prop_assert_eq!(ledgers::hledger_check(&all), Ok(()));
        prop_assert_eq!(ledgers::ledger_check(&all), Ok(()));
        let meant: BTreeSet<_> = household.iter().flat_map(|books| {
            books.bookings.iter().map(|row| (row.other_side.clone(), books.ledger.clone()))
        }).collect();
        for (reader, rows) in [("hledger", ledgers::hledger_rows(&all)), ("ledger", ledgers::ledger_rows(&all))] {
            let rows = rows.into_iter().filter(|row| !row.id.is_empty());
            let read: BTreeSet<_> = rows.map(|row| (row.other_side, row.account)).collect();
            let differ: Vec<_> = read.symmetric_difference(&meant).collect();
            prop_assert!(differ.is_empty(), "{}: {:?}", reader, differ);
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: if long() { 500 } else { 10 }, ..cases(1) })]

    #[test]
    fn commodities_are_read_as_given(name in "[!#-:<-\\[\\]-~éß€日]([ !#-:<-\\[\\]-~éß€日]{0,8}[!#-:<-\\[\\]-~éß€日])?", point: bool) {
        // ledger counts hours and minutes in seconds.
        prop_assume!(!["s", "m", "h"].contains(&name.as_str()));
        let folder = tempfile::tempdir().expect("a folder");
        let decimal_mark = if point { DecimalMark::Point } else { DecimalMark::Comma };
        let commodity = BTreeMap::from([(Currency::usd(), name.clone())]);
        let bookings = vec![row("1", "2026-01-05", "-1234.50 USD", "Tea"), row("2", "2026-01-06", "7.125 USD", "Tea")];
        let books = Statement { bookings, ..checking() };
        write_family(folder.path(), &[books], &Style { commodity, decimal_mark, ..style() });
        let all = folder.path().join("all.ledger");
        prop_assert_eq!(ledgers::hledger_check(&all), Ok(()));
        for (reader, rows) in [("hledger", ledgers::hledger_rows(&all)), ("ledger", ledgers::ledger_rows(&all))] {
            let read: Vec<_> = rows.iter().map(|row| (shortest(&row.amount), row.currency.as_str())).collect();
            let meant = ["1000", "-1234.5", "7.125"].map(|amount| (amount.to_owned(), name.as_str()));
            prop_assert_eq!(read, meant, "{}", reader);
        }
    }
}

/// The rows of the yearly files of an account, as one.
fn yearly(folder: &Path, extension: &str, read: impl Fn(&Path) -> Vec<ReadRow>) -> Vec<ReadRow> {
    let files =
        ["2026", "2027"].map(|year| folder.join(format!("joint-checking/{year}.{extension}")));
    files.iter().filter(|file| file.exists()).flat_map(|file| read(file)).collect()
}

fn same_rows(reader: &str, read: &[ReadRow], meant: &[ReadRow]) -> TestCaseResult {
    for (read, meant) in read.iter().zip(meant) {
        prop_assert_eq!(read, meant, "{}", reader);
    }
    prop_assert_eq!(read.len(), meant.len(), "{}", reader);
    Ok(())
}

/// What ledger-autosync was asked to print of a row: no memo, and a check number as a number.
fn in_autosync(row: &ReadRow) -> ReadRow {
    let number = row.check_number.trim_start_matches('0');
    let zero = if row.check_number.is_empty() { "" } else { "0" };
    let check_number = if number.is_empty() { zero } else { number }.to_owned();
    ReadRow { description: String::new(), check_number, ..row.clone() }
}

/// Rows of a program that counts in floats: an amount that is right to the cent and to 15 digits
/// is taken for the one that was meant.
fn to_the_cent(mut read: Vec<ReadRow>, meant: &[ReadRow]) -> Vec<ReadRow> {
    let decimal = |digits: &str| parse_decimal(digits).expect("a decimal");
    for (read, meant) in read.iter_mut().zip(meant) {
        let (told, exact) = (decimal(&read.amount), decimal(&meant.amount));
        let slack = decimal("0.005") + exact.abs() * decimal("0.000000000000001");
        if (told - exact).abs() <= slack {
            read.amount.clone_from(&meant.amount);
        }
    }
    read
}

fn shortest(digits: &str) -> String {
    sophtron_sync::domain::shortest(parse_decimal(digits).expect("a decimal"))
}
