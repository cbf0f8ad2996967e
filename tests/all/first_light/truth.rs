//! Three years of two families: what every reader reads in the files is what the bank's books say.

use std::path::{Path, PathBuf};
use std::thread;

use rust_decimal::Decimal;
use sophtron_sync::domain::{Booking, Currency, Money, parse_decimal, shortest, tidy};

use super::{day, settled};
use crate::bank::{Entry, Truth, history};
use crate::home::Home;
use crate::readers::{ReadRow, ledgers, long, meant, ofx, tables};

const FROM: &str = "2023-01-01";
const UNTIL: &str = "2025-12-31";

/// One account as its bank means it.
struct Meant {
    family: String,
    name: String,
    ledger: String,
    kind: String,
    currency: Currency,
    /// Before the first row; `None` where no balance is told.
    opening: Option<Decimal>,
    balance: Option<Decimal>,
    rows: Vec<Booking>,
}

fn amount(text: &str) -> Decimal {
    parse_decimal(text).expect("a decimal")
}

/// Every account of a home's bank, its rows in the order of the files.
fn meant_accounts(home: &Home) -> Vec<Meant> {
    home.bank.edit(|world| {
        let accounts = world.users.iter().flat_map(|user| {
            user.accounts().map(|account| {
                let truth = world.truth(&account.id);
                assert!(truth.pending.is_empty() && truth.not_understood.is_empty());
                Meant::new(&user.name, &account.suggestion, &truth)
            })
        });
        accounts.collect()
    })
}

impl Meant {
    fn new(family: &str, told: &crate::bank::Suggestion, truth: &Truth) -> Self {
        let currency = Currency::parse(&told.currency).expect("a code");
        let mut rows: Vec<_> = truth.rows.iter().map(|row| booking(row, &currency)).collect();
        rows.sort_by_key(|row| row.day);
        Self {
            family: family.to_owned(),
            name: told.name.clone(),
            ledger: told.ledger.clone(),
            kind: told.kind.clone(),
            currency,
            opening: truth.balance.as_ref().map(|_| amount(&truth.opening)),
            balance: truth.balance.as_deref().map(amount),
            rows,
        }
    }

    /// Digits of a figure in the account's currency.
    fn digits(&self, figure: Decimal) -> String {
        Money { amount: tidy(figure), currency: self.currency.clone() }.plain()
    }

    /// The balance after each row.
    fn balances(&self) -> Vec<String> {
        let mut running = self.opening;
        let after = self.rows.iter().map(|row| {
            running = running.map(|sum| sum + row.amount.amount);
            running.map(|sum| self.digits(sum)).unwrap_or_default()
        });
        after.collect()
    }

    fn files(&self, home: &Home, extension: &str) -> Vec<PathBuf> {
        let folder = home.path("bank").join(&self.family).join(&self.name);
        let years = (2023..=2025).map(|year| folder.join(format!("{year}.{extension}")));
        years.filter(|file| file.exists()).collect()
    }
}

/// A row as the books must have it.
fn booking(row: &Entry, currency: &Currency) -> Booking {
    let sent = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let value = amount(&row.amount);
    let out = value <= Decimal::ZERO;
    Booking {
        id: row.id.clone(),
        day: row.day,
        amount: Money { amount: value, currency: currency.clone() },
        payee: sent(&row.merchant).unwrap_or_else(|| row.description.clone()),
        description: Some(row.description.clone()),
        category: row.category.clone(),
        memo: row.memo.clone(),
        check_number: row.check_number.clone(),
        posted: Some(row.posted),
        kind: None,
        has_status: true,
        other_side: if out { "Expenses:Unknown" } else { "Income:Unknown" }.to_owned(),
    }
}

#[test]
fn every_reader_reads_what_the_bank_means() {
    for seed in if long() { 1..=5 } else { 7..=7 } {
        let home = settled(history::two_families(seed, day(FROM), day(UNTIL)), FROM);
        home.run(&["sync"]).ends_with(0);
        let meant = meant_accounts(&home);
        assert!(meant.iter().map(|account| account.rows.len()).sum::<usize>() > 3000);
        strict_readers_accept(&home);
        thread::scope(|scope| {
            for family in ["smith", "tremblay"] {
                let (home, meant) = (&home, &meant);
                let of_family = move || meant.iter().filter(move |one| one.family == family);
                scope.spawn(move || {
                    in_ledgers(home, family, &of_family().collect::<Vec<_>>());
                    of_family().for_each(|account| in_csv(home, account));
                    of_family().for_each(|account| in_ofx(home, account));
                });
            }
        });
        in_accounts_csv(&home, &meant);
        assert_eq!(home.bank.violations(), [""; 0]);
    }
}

fn strict_readers_accept(home: &Home) {
    let accepted = |path: PathBuf| {
        let told = ledgers::hledger_check(&path).and_then(|()| ledgers::ledger_check(&path));
        assert_eq!(told, Ok(()), "{}", path.display());
    };
    accepted(home.path("bank/all.ledger"));
    for family in ["smith", "tremblay"] {
        for entry in ["all.ledger", "checks.journal", "2023.journal", "2024.journal"] {
            accepted(home.path("bank").join(family).join(entry));
        }
        accepted(home.path("bank").join(family).join("2025.journal"));
    }
}

fn in_ledgers(home: &Home, family: &str, meant: &[&Meant]) {
    let all = home.path("bank").join(family).join("all.ledger");
    let by_value = |row: &ReadRow| ReadRow { amount: shortest(amount(&row.amount)), ..row.clone() };
    let (hledger, ledger) = (ledgers::hledger_rows(&all), ledgers::ledger_rows(&all));
    let balances = ledgers::hledger_balances(&all);
    assert_eq!(balances, ledgers::ledger_balances(&all), "{family}");
    for account in meant {
        let wanted = rows_of_ledger(account);
        let own = |row: &&ReadRow| row.account == account.ledger;
        let read: Vec<_> = hledger.iter().filter(own).cloned().collect();
        same("hledger", account, &read, &wanted);
        let read: Vec<_> = ledger.iter().filter(own).map(by_value).collect();
        let wanted: Vec<_> = wanted.iter().map(by_value).collect();
        same("ledger", account, &read, &wanted);
        let key = (account.ledger.clone(), account.currency.code().to_owned());
        let rows: Decimal = account.rows.iter().map(|row| row.amount.amount).sum();
        let sum = account.balance.unwrap_or(rows);
        let read = balances.get(&key).copied().unwrap_or_default();
        assert_eq!(read, sum.normalize(), "{family}/{}", account.name);
    }
}

/// The opening, where there is one, and the rows.
fn rows_of_ledger(account: &Meant) -> Vec<ReadRow> {
    let opening = account.opening.map(|opening| ReadRow {
        day: FROM.to_owned(),
        account: account.ledger.clone(),
        other_side: "Equity:Opening Balances".to_owned(),
        amount: account.digits(opening),
        currency: account.currency.code().to_owned(),
        payee: "Opening balance".to_owned(),
        ..ReadRow::default()
    });
    let rows = account.rows.iter().map(|row| meant::in_ledger(row, &account.ledger));
    opening.into_iter().chain(rows).collect()
}

fn in_csv(home: &Home, account: &Meant) {
    let files = account.files(home, "csv");
    let paths: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    let cells = tables::csv_tables(&paths).concat();
    let read: Vec<_> = cells.iter().map(tables::read_row).collect();
    let wanted: Vec<_> = account.rows.iter().map(|row| meant::in_csv(row, &account.name)).collect();
    same("csv", account, &read, &wanted);
    let balances: Vec<_> = cells.iter().map(|row| row["balance"].clone()).collect();
    assert_eq!(balances, account.balances(), "{}/{}", account.family, account.name);
}

fn in_ofx(home: &Home, account: &Meant) {
    let wanted: Vec<_> = account.rows.iter().map(meant::in_ofx).collect();
    let balances = account.balances();
    let files = account.files(home, "ofx");
    let paths: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    let ofxtools = ofx::ofxtools_each(&paths, "UTC");
    let ofxparse = ofx::ofxparse_each(&paths, "UTC");
    let mut seen = 0;
    for ((file, ofxtools), ofxparse) in files.iter().zip(ofxtools).zip(ofxparse) {
        let year = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let rows: Vec<_> =
            wanted.iter().filter(|row| row.day.starts_with(&year)).cloned().collect();
        seen += rows.len();
        let balance = Some(balances[seen - 1].clone()).filter(|_| account.kind != "investment");
        for (reader, read) in [("ofxtools", ofxtools), ("ofxparse", ofxparse)] {
            same(reader, account, &read.rows, &rows);
            assert_eq!(read.currency, account.currency.code(), "{reader}");
            assert_eq!(read.balance, balance, "{reader} {}", file.display());
        }
        let read = ofx::ofxdump(file, "UTC");
        same("ofxdump", account, &to_the_cent(read.rows, &rows), &rows);
        let cents = balance.map(|text| amount(&text).round_dp(2));
        assert_eq!(read.balance.map(|text| amount(&text)), cents, "ofxdump");
        // It starts once a file: a year of each account is enough where time counts.
        if long() || year == "2025" {
            in_autosync(account, file, rows);
        }
    }
    assert_eq!(seen, wanted.len(), "{}/{}", account.family, account.name);
}

/// What ledger-autosync was asked to print of rows: no memo, and a check number as a number.
fn in_autosync(account: &Meant, file: &Path, mut meant: Vec<ReadRow>) {
    drop_comments(&mut meant);
    for row in &mut meant {
        row.description.clear();
        row.check_number = row.check_number.trim_start_matches('0').to_owned();
    }
    let read = ofx::ledger_autosync(file);
    same("ledger-autosync", account, &to_the_cent(read, &meant), &meant);
}

/// ledger-autosync takes a row of 0.00 behind another one of its day for a comment of that one,
/// and leaves it out. No money is lost by that, and no other row.
fn drop_comments(rows: &mut Vec<ReadRow>) {
    let mut day = String::new();
    rows.retain(|row| {
        let is_comment = amount(&row.amount).is_zero() && row.day == day;
        day.clone_from(&row.day);
        !is_comment
    });
}

/// An amount that is right to the cent is taken for the one that was meant: these readers count
/// in floats, and amounts of this history have no more than 15 digits.
fn to_the_cent(mut read: Vec<ReadRow>, meant: &[ReadRow]) -> Vec<ReadRow> {
    for (read, meant) in read.iter_mut().zip(meant) {
        if amount(&read.amount) == amount(&meant.amount).round_dp(2) {
            read.amount.clone_from(&meant.amount);
        }
    }
    read
}

fn in_accounts_csv(home: &Home, meant: &[Meant]) {
    let lines = tables::csv_table(&home.path("bank/accounts.csv"));
    assert_eq!(lines.len(), meant.len());
    for account in meant {
        let mut lines = lines.iter();
        let is_it = |line: &&std::collections::BTreeMap<String, String>| {
            line["family"] == account.family && line["account"] == account.name
        };
        let line = lines.find(is_it).expect("a line");
        let told = account.balance.map(|sum| account.digits(sum)).unwrap_or_default();
        assert_eq!(amount_or_none(&line["balance"]), amount_or_none(&told), "{}", account.name);
        assert_eq!(line["currency"], account.currency.code());
    }
}

fn amount_or_none(cell: &str) -> Option<Decimal> {
    Some(cell).filter(|cell| !cell.is_empty()).map(amount)
}

fn same(reader: &str, account: &Meant, read: &[ReadRow], meant: &[ReadRow]) {
    for (read, meant) in read.iter().zip(meant) {
        assert_eq!(read, meant, "{reader} in {}/{}", account.family, account.name);
    }
    assert_eq!(read.len(), meant.len(), "{reader} in {}/{}", account.family, account.name);
}

#[test]
fn a_falsified_opening_fails_the_checks_in_both_programs_and_is_put_right() {
    let home = super::two_families("2026-05-01", "2026-06-30");
    home.run(&["sync"]).ends_with(0);
    let first = "bank/smith/joint-checking/2026.ledger";
    let (good, checks) = (home.read(first), home.path("bank/smith/checks.journal"));
    home.write(first, &good.replacen("3250.18 USD", "3250.19 USD", 2));
    for told in [ledgers::hledger_check(&checks), ledgers::ledger_check(&checks)] {
        let told = told.expect_err("the bank reported another balance");
        assert!(told.to_lowercase().contains("balance assertion"), "{told}");
    }
    assert_eq!(both_accept(&home.path("bank/all.ledger")), Ok(()), "the owner's own entry point");
    let told = home.run(&["export"]).ends_with(0);
    assert!(told.err.contains("2026.ledger.edited-1"), "{}", told.err);
    assert_eq!(home.read(first), good);
    assert_eq!(both_accept(&checks), Ok(()));
}

fn both_accept(journal: &Path) -> Result<(), String> {
    ledgers::hledger_check(journal).and_then(|()| ledgers::ledger_check(journal))
}
